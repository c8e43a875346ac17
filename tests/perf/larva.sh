#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The five matrices of the larva (163 MB of CSV in a zip) are read by pandas.read_csv and by `plexus get`, which also aligns,
# checks and stores them. First the edges of all four kinds, by id, must be equal; then CPU times are printed, best of three
# alternating runs, pandas without its import. Fails below 5 times pandas' CPU speed. Skipped (77) without a python3 that has
# pandas, or without the test data.
# usage: tests/perf/larva.sh [BUILD_DIR [DATA]]
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$here/build/release}
data=${2:-${PLEXUS_TEST_DATA:-$here/../shared/data}}/larva
readonly runs=3 want=5
# shellcheck source=tests/support/python.sh
. "$here/tests/support/python.sh"
python=$(python_with pandas)
[[ -n $python ]] || {
    echo "skipped: no python3 with pandas to compare with" >&2
    exit 77
}
[[ -d $data ]] || {
    echo "skipped: no test data" >&2
    exit 77
}
cmake --build "$build" --target plexus >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/bench.py" <<'EOF'
import pathlib, resource, subprocess, sys, time, zipfile
import numpy as np
import pandas as pd
plexus, data, work, runs, want = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
def read():
    with zipfile.ZipFile(data + "/winding2023/Supplementary-Data-S1.zip") as z:
        return {n.split("/")[1].split("_")[0]: pd.read_csv(z.open(n), index_col=0) for n in z.namelist()
                if n.startswith("Supp") and n.endswith("_connectivity_matrix.csv")}
def get(store):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([plexus, "get", "connectome/winding2023-larva", "--from", data, "--offline", "--store", store],
                   check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
theirs, ours = [], []
for i in range(runs):
    start = time.process_time()
    matrices = read()
    theirs.append(time.process_time() - start)
    ours.append(get(f"{work}/store{i}"))
record = pathlib.Path(subprocess.run([plexus, "path", "connectome/winding2023-larva", "--store", work + "/store0"],
                                     check=True, capture_output=True, text=True).stdout.strip())
column = lambda name: np.load(record / f"{name}.npy")
ends, text = column("nodes/label.offsets"), column("nodes/label.bytes").tobytes()
ids = [int(text[a:b]) for a, b in zip(ends[:-1], ends[1:])]
n_edges = 0
for code, kind in enumerate(["aa", "ad", "da", "dd"]):
    m = matrices[kind]
    m.columns = m.columns.astype(int)
    m = m.loc[ids, ids].to_numpy(float)
    mine = np.zeros_like(m)
    of = column("edges/kind") == code
    mine[column("edges/pre")[of], column("edges/post")[of]] = column("edges/weight")[of]
    assert np.array_equal(m, mine), f"{kind} differs"
    n_edges += int(of.sum())
print(f"equal: {n_edges} edges of 4 matrices")
print(f"CPU s: pandas {min(theirs):.3f}, plexus {min(ours):.3f}, times {min(theirs) / min(ours):.1f}")
sys.exit(min(theirs) / min(ours) < want)
EOF
plexus=$(find "$build" -name plexus -type f -perm -u+x | head -n 1)
"$python" "$work/bench.py" "$plexus" "$data" "$work" "$runs" "$want"

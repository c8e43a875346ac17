#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Three numeric CSV files of 80 to 105 MB (fixed seed) are read by pandas' C reader and by ours: 20 columns of %.6g; the nodes of a
# vessel graph (an id, three positions of four decimals, two small integers); its edges as a program of doubles writes them (12 columns
# of %.17g among integers). First types and values must be equal bit by bit (pandas with float_precision="round_trip", its only exact
# setting); then CPU time, wall time and peak memory of both are printed, best of seven alternating runs, pandas with its defaults and
# without its import. Fails where a file is read below 5 times pandas' CPU speed. Skipped (77) without a python3 that has pandas;
# PLEXUS_PYTHON names another one.
# usage: tests/perf/csv.sh [BUILD_DIR]
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$here/build/release}
readonly runs=7 want=5
# shellcheck source=tests/support/python.sh
. "$here/tests/support/python.sh"
python=$(python_with pandas)
[[ -n $python ]] || {
    echo "skipped: no python3 with pandas to compare with" >&2
    exit 77
}
cmake --build "$build" --target bench_csv >/dev/null
bench=$build/tests/perf/bench_csv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/compare.py" <<'EOF'
import sys
import numpy as np
import pandas as pd
name, separator = sys.argv[1:]
theirs = pd.read_csv(name, sep=separator, float_precision="round_trip")
ours = np.fromfile(name + ".bin", np.uint64).reshape(len(theirs.columns), len(theirs))
kinds = open(name + ".kinds").read().split()
for i, column in enumerate(theirs.columns):
    values = np.ascontiguousarray(theirs[column])
    assert values.dtype == {"i64": np.int64, "f64": np.float64}[kinds[i]], f"column {column} has another type"
    assert np.array_equal(ours[i], values.view(np.uint64)), f"column {column} has other values"
print(f"pandas {pd.__version__}; equal, bit by bit: {len(theirs)} rows, {len(theirs.columns)} columns")
EOF
cat >"$work/read_with_pandas.py" <<'EOF'
import resource, sys, time
import pandas as pd
cpu, wall = time.process_time(), time.perf_counter()
table = pd.read_csv(sys.argv[1], sep=sys.argv[2])
print(len(table), len(table.columns), f"{time.process_time() - cpu:.4f}", f"{time.perf_counter() - wall:.4f}",
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
EOF

best() { sort -g -k3,3 "$1" | head -n 1; }

# measure SHAPE SEPARATOR
measure() {
    local file=$work/$1.csv i their_cpu their_wall their_rss our_cpu our_wall our_rss
    "$bench" --write "$1" "$file"
    "$bench" "$file" "$file.bin" | tail -n 1 >"$file.kinds"
    echo "$1: $(stat -c %s "$file") bytes"
    "$python" -W ignore "$work/compare.py" "$file" "$2"
    rm "$file.bin"
    for ((i = 0; i < runs; i++)); do
        "$python" "$work/read_with_pandas.py" "$file" "$2" >>"$work/$1.pandas"
        "$bench" "$file" >>"$work/$1.plexus"
    done
    read -r _ _ their_cpu their_wall their_rss <<<"$(best "$work/$1.pandas")"
    read -r _ _ our_cpu our_wall our_rss <<<"$(best "$work/$1.plexus")"
    awk -v b="$(stat -c %s "$file")" -v tc="$their_cpu" -v tw="$their_wall" -v tr="$their_rss" -v oc="$our_cpu" -v ow="$our_wall" \
        -v or="$our_rss" -v want="$want" 'BEGIN {
        printf "%-8s %8s %8s %10s %8s\n", "", "CPU s", "wall s", "peak MiB", "MB/s"
        printf "%-8s %8.3f %8.3f %10.1f %8.0f\n", "pandas", tc, tw, tr / 1024, b / tc / 1e6
        printf "%-8s %8.3f %8.3f %10.1f %8.0f\n", "plexus", oc, ow, or / 1024, b / oc / 1e6
        printf "ratio of CPU times %.2f, of peak memory %.2f\n\n", tc / oc, tr / or
        exit tc / oc < want
    }' || slow+=" $1"
}

slow=
measure numbers ,
measure nodes ';'
measure edges ';'
[[ -z $slow ]] || {
    echo "below $want times pandas' CPU speed:$slow" >&2
    exit 1
}

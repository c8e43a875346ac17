#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A numeric CSV of about 100 MB (20 columns of %.6g, fixed seed) is read by pandas' C reader and by ours. First the values must be
# equal bit by bit (pandas with float_precision="round_trip", its only exact setting); then CPU time, wall time and peak memory
# of both are printed, best of five alternating runs, pandas with its defaults and without its import. Fails below 5 times
# pandas' CPU speed. Skipped (77) without a python3 that has pandas.
# usage: tests/perf/csv.sh [BUILD_DIR]
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$here/build/release}
readonly runs=5 want=5
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

"$bench" --write "$work/numbers.csv"
"$bench" "$work/numbers.csv" "$work/ours.bin" >/dev/null
"$python" - "$work" <<'EOF'
import sys
import numpy as np
import pandas as pd
theirs = pd.read_csv(sys.argv[1] + "/numbers.csv", float_precision="round_trip").to_numpy(np.float64)
ours = np.fromfile(sys.argv[1] + "/ours.bin", np.float64).reshape(theirs.shape[1], theirs.shape[0]).T
assert np.array_equal(ours.view(np.uint64), np.ascontiguousarray(theirs).view(np.uint64)), "the values differ"
print(f"pandas {pd.__version__}; equal, bit by bit: {theirs.shape[0]} rows, {theirs.shape[1]} columns")
EOF

cat >"$work/read_with_pandas.py" <<'EOF'
import resource, sys, time
import pandas as pd
cpu, wall = time.process_time(), time.perf_counter()
table = pd.read_csv(sys.argv[1])
print(len(table), len(table.columns), f"{time.process_time() - cpu:.4f}", f"{time.perf_counter() - wall:.4f}",
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
EOF
for ((i = 0; i < runs; i++)); do
    "$python" "$work/read_with_pandas.py" "$work/numbers.csv" >>"$work/pandas.txt"
    "$bench" "$work/numbers.csv" >>"$work/plexus.txt"
done

best() { sort -g -k3,3 "$1" | head -n 1; }
read -r _ _ their_cpu their_wall their_rss <<<"$(best "$work/pandas.txt")"
read -r _ _ our_cpu our_wall our_rss <<<"$(best "$work/plexus.txt")"
bytes=$(stat -c %s "$work/numbers.csv")
awk -v b="$bytes" -v tc="$their_cpu" -v tw="$their_wall" -v tr="$their_rss" -v oc="$our_cpu" -v ow="$our_wall" \
    -v or="$our_rss" -v want="$want" 'BEGIN {
    printf "%-8s %8s %8s %10s %8s\n", "", "CPU s", "wall s", "peak MiB", "MB/s"
    printf "%-8s %8.3f %8.3f %10.1f %8.0f\n", "pandas", tc, tw, tr / 1024, b / tc / 1e6
    printf "%-8s %8.3f %8.3f %10.1f %8.0f\n", "plexus", oc, ow, or / 1024, b / oc / 1e6
    printf "ratio of CPU times %.2f, of peak memory %.2f\n", tc / oc, tr / or
    exit tc / oc < want
}'

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Four data sets of an HDF5 file of 200 MB, chunked and packed by deflate with shuffle (reals, and counts as of a camera), chunked
# only, and in one run, are read whole by h5py and by us, our decoding process included. First the bytes must be equal; then CPU
# time, wall time and peak memory are printed, best of three alternating runs, h5py without its import. Fails when ours takes more
# than two thirds of h5py's CPU time on a packed one. Skipped (77) without a python3 that has h5py.
# usage: tests/perf/h5.sh [BUILD_DIR]
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$here/build/release}
readonly runs=3 want=1.5
# shellcheck source=tests/support/python.sh
. "$here/tests/support/python.sh"
python=$(python_with "h5py, numpy")
[[ -n $python ]] || {
    echo "skipped: no python3 with h5py to compare with" >&2
    exit 77
}
cmake --build "$build" --target bench_h5 >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/make.py" <<'EOF'
import sys
import h5py
import numpy as np

r = np.random.default_rng(1)
walks = np.cumsum(r.normal(size=(4000, 2000)), 0).round(2)
packed = dict(compression="gzip", compression_opts=4, shuffle=True)
with h5py.File(sys.argv[1], "w") as f:
    f.create_dataset("packed_reals", data=walks, chunks=(200, 200), **packed)
    f.create_dataset("packed_counts", data=r.poisson(50, size=(200, 512, 512)).astype("u2"), chunks=(8, 64, 64), **packed)
    f.create_dataset("chunked", data=walks, chunks=(200, 200))
    f.create_dataset("one_run", data=walks)
EOF
cat >"$work/read.py" <<'EOF'
import hashlib, resource, sys, time
import h5py

cpu, wall = time.process_time(), time.monotonic()
with h5py.File(sys.argv[1]) as f:
    a = f[sys.argv[2]][()]
cpu, wall = time.process_time() - cpu, time.monotonic() - wall
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(hashlib.sha256(a.tobytes()).hexdigest(), "%.4f %.4f %d" % (cpu, wall, peak))
EOF
"$python" "$work/make.py" "$work/big.h5"

# best FILE: the run of least CPU time, as "CPU WALL PEAK".
best() {
    sort -g -k 2 "$1" | head -n 1 | cut -d ' ' -f 2-
}
failed=0
printf '%-14s %-8s %8s %8s %10s\n' "data set" reader "CPU s" "wall s" "peak KiB"
for set in packed_reals packed_counts chunked one_run; do
    : >"$work/theirs"
    : >"$work/ours"
    for ((i = 0; i < runs; i++)); do
        "$python" "$work/read.py" "$work/big.h5" "$set" >>"$work/theirs"
        "$build/tests/perf/bench_h5" "$work/big.h5" "$set" >>"$work/ours"
    done
    if [[ $(cut -d ' ' -f 1 "$work/theirs" "$work/ours" | sort -u | wc -l) != 1 ]]; then
        echo "the values of $set differ" >&2
        exit 1
    fi
    read -r a b c <<<"$(best "$work/theirs")"
    printf '%-14s %-8s %8s %8s %10s\n' "$set" h5py "$a" "$b" "$c"
    read -r d e f <<<"$(best "$work/ours")"
    printf '%-14s %-8s %8s %8s %10s   %s times h5py'"'"'s CPU speed\n' "$set" plexus "$d" "$e" "$f" \
        "$(awk -v a="$a" -v d="$d" 'BEGIN { printf "%.2f", a / d }')"
    [[ $set != packed_* ]] || awk -v a="$a" -v d="$d" -v want="$want" 'BEGIN { exit a / d < want }' || failed=1
done
((failed == 0)) || echo "less than $want times h5py's CPU speed on a packed data set" >&2
exit "$failed"

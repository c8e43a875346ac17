#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A real label volume of FISBe (7 x 385 x 685 x 686 bytes, 847 chunks of blosc-zstd, nearly all of them zero) is read by zarr-python
# and by us, each into memory as a whole and chunk by chunk, and its elements are summed. First sum and number of elements that are
# not zero must be equal; then CPU time, wall time and peak memory are printed, best of three alternating runs on one thread, the
# other without its imports. Fails below 1.5 times zarr-python's CPU speed chunk by chunk, or above 64 MiB. Skipped (77) without a
# python3 that has zarr, or without the test data.
# usage: tests/perf/zarr.sh [BUILD_DIR [DATA]]
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$here/build/release}
volume=${2:-${PLEXUS_TEST_DATA:-$here/../shared/data}}/fisbe/evaluate-instance-segmentation/gt/R14A02-20180905_65_A6.zarr
readonly runs=3 want=1.5 most_kib=65536

# shellcheck source=tests/support/python.sh
. "$here/tests/support/python.sh"
python=$(python_with zarr)
[[ -n $python ]] || {
    echo "skipped: no python3 with zarr to compare with" >&2
    exit 77
}
[[ -d $volume ]] || {
    echo "skipped: no test data" >&2
    exit 77
}
cmake --build "$build" --target bench_zarr >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/read.py" <<'PY'
import itertools, os, resource, sys, time
os.environ["BLOSC_NTHREADS"] = "1"
import numcodecs.blosc
import numpy, zarr
numcodecs.blosc.set_nthreads(1)
how, path = sys.argv[1:]
cpu, wall = time.process_time(), time.perf_counter()
a = zarr.open_array(path + "/volumes/gt_instances", mode="r")
nonzero = total = 0
if how == "whole":
    blocks = [a[...]]
else:
    steps = [range(0, n, c) for n, c in zip(a.shape, a.chunks)]
    blocks = (a[tuple(slice(i, i + c) for i, c in zip(at, a.chunks))] for at in itertools.product(*steps))
for block in blocks:
    nonzero += int(numpy.count_nonzero(block))
    total += int(block.sum(dtype="u8"))
print("array", a.size, nonzero, total, sep="\t")
print("cost", f"{time.process_time() - cpu:.4f}", f"{time.perf_counter() - wall:.4f}",
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, sep="\t")
PY
for ((i = 0; i < runs; i++)); do
    for how in whole blocks; do
        "$python" "$work/read.py" "$how" "$volume" >>"$work/zarr.$how"
        "$build/tests/perf/bench_zarr" "$how" "$volume:volumes/gt_instances" >>"$work/plexus.$how"
    done
done
[[ $(cat "$work"/*.whole "$work"/*.blocks | grep ^array | sort -u | wc -l) -eq 1 ]] || {
    echo "they read other values" >&2
    grep -h ^array "$work"/* | sort | uniq -c >&2
    exit 1
}
awk -F'\t' '/^array/ { printf "equal: %d elements, %d not zero, sum %d\n", $2, $3, $4; exit }' "$work/plexus.whole"

# costs FILE: CPU, wall and peak of its best run.
costs() { grep ^cost "$work/$1" | sort -g -k2,2 | head -n 1 | cut -f 2-; }
printf '%-14s %8s %8s %10s\n' "" "CPU s" "wall s" "peak MiB"
for name in zarr.whole plexus.whole zarr.blocks plexus.blocks; do
    read -r cpu wall rss <<<"$(costs "$name")"
    awk -v name="$name" -v c="$cpu" -v w="$wall" -v r="$rss" \
        'BEGIN { printf "%-14s %8.3f %8.3f %10.1f\n", name, c, w, r / 1024 }'
done
read -r theirs _ <<<"$(costs zarr.blocks)"
read -r ours _ peak <<<"$(costs plexus.blocks)"
awk -v t="$theirs" -v o="$ours" -v want="$want" -v p="$peak" -v most="$most_kib" \
    'BEGIN { printf "chunk by chunk: %.1f times\n", t / o; exit t / o < want || p > most }'

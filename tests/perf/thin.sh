#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Lee thinning by scikit-image's skeletonize and by us, one thread each: the seven neurons of R14A02 (scikit-image in the bounding box
# of each), and generated tubes of radius 1, 3 and 5 in 256^3 voxels (in the whole cube). First the skeletons must be the same voxels;
# then CPU times are printed, best of three. Fails below 10 times scikit-image's speed for any neuron or 6 times for any tubes. Skipped
# (77) without a python3 that has scikit-image and zarr, or without test data.
# usage: tests/perf/thin.sh [BUILD_DIR]
set -euo pipefail
export LC_ALL=C OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$here/build/release}
data=${PLEXUS_TEST_DATA:-$here/../shared/data}
truth=$data/fisbe/evaluate-instance-segmentation/gt/R14A02-20180905_65_A6.zarr
readonly runs=3 want_neuron=10 want_tubes=6

# shellcheck source=tests/support/python.sh
. "$here/tests/support/python.sh"
python=$(python_with "skimage, zarr")
[[ -n $python && -d $truth ]] || {
    echo "skipped: no python3 with scikit-image and zarr, or no test data" >&2
    exit 77
}
cmake --build "$build" --target bench_thin >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/thin.py" <<'EOS'
import hashlib, sys, time
import numpy as np
import zarr
from skimage.morphology import skeletonize
truth, work, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
def tubes(radius):
    rng = np.random.default_rng(radius)
    a = np.zeros((256,) * 3, np.uint8)
    ball = np.argwhere(np.ones((2 * radius + 1,) * 3)) - radius
    ball = ball[(ball**2).sum(1) <= radius * radius]
    for _ in range(24):
        at, step = rng.uniform(30, 226, 3), rng.normal(size=3)
        for _ in range(220):
            step += rng.normal(scale=.15, size=3)
            step /= np.linalg.norm(step)
            at = np.clip(at + step, 8, 247)
            v = np.rint(at).astype(int) + ball
            a[tuple(v.T)] = 1
    return a
def measure(name, label, mask, box):
    if box:
        at = np.argwhere(mask)
        lo, hi = at.min(0), at.max(0) + 1
    else:
        lo, hi = np.zeros(3, int), np.array(mask.shape)
    part = np.ascontiguousarray(mask[tuple(slice(a, b) for a, b in zip(lo, hi))]).astype(np.uint8)
    best = 1e9
    for _ in range(runs):
        start = time.process_time()
        s = skeletonize(part, method="lee")
        best = min(best, time.process_time() - start)
    v = np.argwhere(s) + lo
    flat = np.ravel_multi_index(tuple(v.T), mask.shape).astype("<u8")
    print("skeleton", name, label, len(flat), hashlib.sha256(flat.tobytes()).hexdigest(), sep="\t")
    print("cost", name, label, f"{best:.6f}", sep="\t")
g = np.array(zarr.open(truth, mode="r")["volumes/gt_instances"])
for c in range(g.shape[0]):
    measure("neuron", c + 1, g[c] > 0, True)
for radius in (1, 3, 5):
    a = tubes(radius)
    np.save(f"{work}/tubes{radius}.npy", a * radius)
    measure("tubes", radius, a > 0, False)
EOS
"$python" "$work/thin.py" "$truth" "$work" "$runs" >"$work/theirs.txt"
for ((i = 0; i < runs; i++)); do
    "$build/tests/perf/bench_thin" "$truth:volumes/gt_instances" | sed -E 's/^(skeleton|cost)\t/\1\tneuron\t/' >>"$work/ours.txt"
    for radius in 1 3 5; do
        "$build/tests/perf/bench_thin" "$work/tubes$radius.npy" | sed -E 's/^(skeleton|cost)\t/\1\ttubes\t/' >>"$work/ours.txt"
    done
done
diff <(grep ^skeleton "$work/theirs.txt" | sort) <(grep ^skeleton "$work/ours.txt" | sort -u) >&2 || {
    echo "the skeletons differ" >&2
    exit 1
}
echo "the same voxels: $(grep -c ^skeleton "$work/theirs.txt") skeletons"
status=0
printf '%-10s %14s %12s %8s\n' object "scikit-image s" "plexus s" times
while IFS=$'\t' read -r _ name label theirs; do
    ours=$(awk -F'\t' -v n="$name" -v l="$label" '$1 == "cost" && $2 == n && $3 == l { print $4 }' "$work/ours.txt" | sort -g | head -n 1)
    want=$want_neuron
    [[ $name == tubes ]] && want=$want_tubes
    awk -v n="$name $label" -v t="$theirs" -v o="$ours" -v want="$want" 'BEGIN {
        printf "%-10s %14.4f %12.4f %8.1f\n", n, t, o, t / o
        exit t / o < want }' || status=1
done < <(grep ^cost "$work/theirs.txt")
exit $status

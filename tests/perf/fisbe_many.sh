#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# As many generated pairs as the benchmark has test images, each of full size (385 x 685 x 686, 1 to 10 branching tubes in channels that
# overlap; predictions flattened, broken, merged and with specks), stored as the published ones are: zarr with Blosc, zstd and bit
# shuffle, and HDF5 with deflate. Synthetic, made from seeds 1 to N. Scored with -j 2: fails past two minutes on two cores, by half the CPU time on a machine that is busy, or
# past 1 GB.
# The pairs stay in FOLDER when one is named. Skipped (77) without a python3 that has h5py, zarr and numcodecs.
# usage: tests/perf/fisbe_many.sh [BUILD_DIR [FOLDER [N]]]
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$here/build/release}
readonly want_wall=120 want_mib=1024
n=${3:-23}

# shellcheck source=tests/support/python.sh
. "$here/tests/support/python.sh"
python=$(python_with "h5py, zarr, numcodecs")
[[ -n $python ]] || {
    echo "skipped: no python3 with h5py, zarr and numcodecs" >&2
    exit 77
}
cmake --build "$build" --target plexus >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=${2:-$work/pairs}
mkdir -p "$folder/truth" "$folder/pred"

cat >"$work/pairs.py" <<'EOS'
import os, sys
import h5py, numcodecs, numpy as np, zarr
folder, seed = sys.argv[1], int(sys.argv[2])
shape = (385, 685, 686)
rng = np.random.default_rng(seed)
def ball(r):
    b = np.argwhere(np.ones((2 * r + 1,) * 3)) - r
    return b[(b**2).sum(1) <= r * r + 1]
balls = [ball(r) for r in range(1, 5)]
def walk(at, step, length, radius, out):
    top = np.array(shape) - 6
    for i in range(length):
        step = step + rng.normal(scale=.12, size=3)
        step /= np.linalg.norm(step)
        at = np.clip(at + step, 6, top)
        out.append(np.rint(at).astype(np.int64) + balls[radius - 1])
        if length > 60 and rng.random() < .012:
            walk(at.copy(), rng.normal(size=3), length // 4, max(1, radius - 1), out)
def neuron():
    out = []
    walk(rng.uniform(60, np.array(shape) - 60), rng.normal(size=3), int(rng.integers(300, 1100)), int(rng.integers(2, 5)), out)
    v = np.unique(np.ravel_multi_index(tuple(np.concatenate(out).T), shape))
    return v
neurons = [neuron() for _ in range(int(rng.integers(1, 11)))]
name = f"synthetic-{seed:03d}"
path = f"{folder}/truth/{name}.zarr"
if not os.path.exists(path):
    g = np.zeros((len(neurons), *shape), np.uint8)
    for i, v in enumerate(neurons):
        g[i].reshape(-1)[v] = i + 1
    a = zarr.create_array(path, name="volumes/gt_instances", shape=g.shape, chunks=(min(7, len(neurons)), 64, 64, 64),
                          dtype="u1", zarr_format=2, fill_value=0, config={"write_empty_chunks": True},
                          compressors=numcodecs.Blosc(cname="zstd", clevel=3, shuffle=2))
    a[:] = g
    a.attrs["dim_neurons"] = [int(i) + 1 for i in range(len(neurons)) if rng.random() < .3]
p = np.zeros(int(np.prod(shape)), np.int32)
label = 1
for v in neurons:
    if rng.random() < .2:
        continue  # missed
    for part in np.array_split(v, int(rng.integers(1, 4))):
        p[part[rng.random(len(part)) < .97]] = label
        label += rng.random() < .8  # else merged with the next
for _ in range(40):
    at = rng.uniform(10, np.array(shape) - 10).astype(np.int64)
    p[np.ravel_multi_index(tuple((at + balls[1]).T), shape)] = label = label + 1
with h5py.File(f"{folder}/pred/{name}.hdf", "w") as f:
    f.create_dataset("volumes/labels", data=p.reshape(shape), chunks=(13, 43, 43), compression="gzip", compression_opts=4)
EOS
for ((seed = 1; seed <= n; seed++)); do
    [[ -f $folder/pred/$(printf 'synthetic-%03d.hdf' "$seed") ]] || "$python" "$work/pairs.py" "$folder" "$seed"
done
/usr/bin/time -f '%U %S %e %M' -o "$work/time" "$build/plexus" score task:fisbe-instances "$folder/pred:volumes/labels" \
    --truth "$folder/truth" -j 2 >"$work/said" 2>/dev/null
grep -E '^(image|all) ' "$work/said"
awk -v n="$n" -v wall="$want_wall" -v mib="$want_mib" '{
    printf "%d synthetic pairs with -j 2: %.1f wall s, %.1f CPU s, %.0f MiB\n", n, $3, $1 + $2, $4 / 1024
    exit ($3 > wall && ($1 + $2) / 2 > wall) || $4 / 1024 > mib }' "$work/time"

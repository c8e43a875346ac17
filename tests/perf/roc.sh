#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# ROC-AUC of ten million scores by scikit-learn's roc_auc_score and by us, one thread each: doubles, floats, a thousand levels of
# ties, and scores crowded near 0. First the answers must be equal to the last bit; then CPU time, wall time and peak memory (input
# included) are printed, best of three alternating runs. Fails below 8 times scikit-learn's CPU speed for any of them. Skipped (77)
# without a python3 that has scikit-learn.
# usage: tests/perf/roc.sh [BUILD_DIR [N]]
set -euo pipefail
export LC_ALL=C OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$here/build/release}
n=${2:-10000000}
readonly runs=3 want=8 kinds=(float64 float32 tied skewed)

# shellcheck source=tests/support/python.sh
. "$here/tests/support/python.sh"
python=$(python_with sklearn)
[[ -n $python ]] || {
    echo "skipped: no python3 with scikit-learn to compare with" >&2
    exit 77
}
cmake --build "$build" --target bench_roc >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/roc.py" <<'EOS'
import resource, sys, time
import numpy as np
from sklearn.metrics import roc_auc_score
kind, n = sys.argv[1], int(sys.argv[2])
def uniform(stream):
    out = np.empty(n)
    for start in range(0, n, 1 << 20):
        count = min(1 << 20, n - start)
        with np.errstate(over="ignore"):
            z = np.uint64(7) * np.uint64(0xD1342543DE82EF95) + np.uint64(stream) * np.uint64(0xAF251AF3B0F025B5)
            z = z + np.arange(start + 1, start + count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
        out[start:start + count] = (z >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return out
labels = (uniform(1) < 0.5).astype(np.uint8)
scores = 0.7 * uniform(0) + 0.3 * labels
if kind == "tied":
    scores = np.floor(scores * 1000)
elif kind == "skewed":
    scores = scores * scores * scores * scores * scores * scores
elif kind == "float32":
    scores = scores.astype(np.float32)
roc_auc_score(labels[:1000], scores[:1000])
cpu, wall = time.process_time(), time.perf_counter()
value = roc_auc_score(labels, scores)
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
print("value", kind, float(value).hex(), sep="\t")
print("cost", kind, f"{cpu:.4f}", f"{wall:.4f}", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, sep="\t")
EOS
for ((i = 0; i < runs; i++)); do
    for kind in "${kinds[@]}"; do
        "$python" "$work/roc.py" "$kind" "$n" >>"$work/sklearn.txt"
        "$build/tests/perf/bench_roc" "$kind" "$n" >>"$work/plexus.txt"
    done
done

# C prints hexadecimal numbers without trailing zeros, Python with them.
values() { grep ^value "$1" | sed -E 's/0+p/p/' | sort -u; }
diff <(values "$work/sklearn.txt") <(values "$work/plexus.txt") >&2 || {
    echo "the areas differ" >&2
    exit 1
}
echo "equal to the last bit: ${#kinds[@]} areas of $n scores"

# costs FILE KIND: CPU, wall and peak of its best run.
costs() { awk -F'\t' -v kind="$2" '/^cost/ && $2 == kind' "$1" | sort -g -k3,3 | head -n 1 | cut -f 3-; }
status=0
printf '%-10s %-14s %8s %8s %10s %8s\n' scores "" "CPU s" "wall s" "peak MiB" "times"
for kind in "${kinds[@]}"; do
    read -r their_cpu their_wall their_rss <<<"$(costs "$work/sklearn.txt" "$kind")"
    read -r our_cpu our_wall our_rss <<<"$(costs "$work/plexus.txt" "$kind")"
    awk -v kind="$kind" -v c="$their_cpu" -v w="$their_wall" -v r="$their_rss" -v oc="$our_cpu" -v ow="$our_wall" -v or="$our_rss" \
        -v want="$want" 'BEGIN {
            printf "%-10s %-14s %8.3f %8.3f %10.1f\n", kind, "scikit-learn", c, w, r / 1024
            printf "%-10s %-14s %8.3f %8.3f %10.1f %8.1f\n", "", "plexus", oc, ow, or / 1024, c / oc
            exit c / oc < want }' || status=1
done
exit $status

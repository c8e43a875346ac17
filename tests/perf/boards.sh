#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The whole connectome suite: every task on connectomes, every model that answers it, 10 seeds, two threads, into an empty store.
# Prints cells, CPU time, wall time and peak memory of each task, and fails when all of them take over 60 s of wall time on an idle
# machine of two cores: over 120 s of CPU time, which others at work lengthen less than wall time. Skipped (77) without the test
# data; a task whose data are not among them is named and left out.
# usage: tests/perf/boards.sh [BUILD_DIR [DATA]]
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$here/build/release}
data=${2:-${PLEXUS_TEST_DATA:-$here/../shared/data}}
readonly want_wall=60 jobs=2

[[ -d $data/celegans ]] || {
    echo "skipped: no test data" >&2
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PLEXUS_STORE=$work/store
plexus=$build/plexus
mapfile -t tasks < <("$plexus" help tasks | sed -nE 's/^  ((connectome|neuron|structure)-[a-z-]*) .*/\1/p')
((${#tasks[@]} > 0)) || {
    echo "no task was found" >&2
    exit 1
}
mapfile -t refs < <("$plexus" show "${tasks[@]/#/task:}" | grep -oE 'connectome/[a-z0-9]+(-[a-z0-9]+)*' | sort -u)
for ref in "${refs[@]}"; do
    "$plexus" get "$ref" --from "$data" >/dev/null 2>&1 || echo "not at hand: $ref"
done

TIMEFORMAT='%U %S %R'
printf '%-24s %6s %8s %8s\n' task cells "CPU s" "wall s"
for task in "${tasks[@]}"; do
    status=0
    { time "$plexus" run "$task" -j $jobs -q >"$work/out" 2>"$work/err" || status=$?; } 2>"$work/time"
    if ((status)); then
        printf '%-24s left out: %s\n' "$task" "$(head -n 1 "$work/err")"
        continue
    fi
    cells=$(sed -nE 's/.*\(([0-9]+) cells.*/\1/p' "$work/out" | awk '{ n += $1 } END { print n + 0 }')
    awk -v task="$task" -v cells="$cells" '{ printf "%-24s %6d %8.2f %8.2f\n", task, cells, $1 + $2, $3 }' "$work/time" |
        tee -a "$work/all"
done
awk -v want="$want_wall" -v jobs="$jobs" '
    { cells += $2; cpu += $3; wall += $4 }
    END {
        printf "%-24s %6d %8.2f %8.2f\n", "all", cells, cpu, wall
        exit NR == 0 || (wall > want && cpu > want * jobs)
    }' "$work/all"

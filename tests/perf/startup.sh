#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `plexus version` and `plexus ls` start and end within 10 ms of wall time, outside any store, in 50 runs each. The median is what
# counts on a machine with nothing else to do. On a busy one (load above its processors) a run waits for others as long as it works,
# so there the fastest quarter must keep the limit.
# usage: tests/perf/startup.sh [PROGRAM]
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${1:-$here/build/release/plexus}
readonly runs=50 limit_us=10000
[[ -x $program ]] || {
    echo "there is no $program: run ./bootstrap.sh build" >&2
    exit 2
}
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home
unset PLEXUS_STORE PLEXUS_REGISTRY XDG_DATA_HOME

status=0
judged=median at=$((runs / 2))
if [[ -r /proc/loadavg ]] && awk -v n="$(nproc)" '{ exit !($1 > n) }' /proc/loadavg; then
    judged="fastest quarter (busy machine)"
    at=$((runs / 4))
fi
for verb in version ls; do
    "$program" "$verb" >/dev/null
    times_us=()
    for ((i = 0; i < runs; i++)); do
        start=${EPOCHREALTIME/./}
        "$program" "$verb" >/dev/null
        times_us+=($((${EPOCHREALTIME/./} - start)))
    done
    mapfile -t sorted < <(printf '%s\n' "${times_us[@]}" | sort -n)
    median=${sorted[runs / 2]}
    printf 'plexus %-8s median %5.2f ms, fastest %5.2f ms, of %d runs; limit 10 ms for the %s: %5.2f ms\n' "$verb" \
        "${median}e-3" "${sorted[0]}e-3" "$runs" "$judged" "${sorted[at]}e-3"
    ((sorted[at] < limit_us)) || status=1
done
exit "$status"

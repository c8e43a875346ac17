#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `plexus version` and `plexus ls` start and end within 10 ms of wall time: median of 50 runs each, outside any store.
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
    printf 'plexus %-8s median %5.2f ms, fastest %5.2f ms, of %d runs (limit 10 ms)\n' "$verb" \
        "${median}e-3" "${sorted[0]}e-3" "$runs"
    ((median < limit_us)) || status=1
done
exit "$status"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# An interrupted benchmark run goes on: a run of many cells is killed again and again at random cells, and must end with the very
# record of one that nobody disturbed. After each kill the store is sound, and no cell that was committed is gone.
#
# usage: tests/fault/runs.sh [--cells N] [--kills N] [--seed N] [--program FILE]    (2000 cells, 20 kills)
set -euo pipefail
cells=2000 kills=20 seed=1
while (($#)); do
    case $1 in
    --cells) cells=$2 ;;
    --kills) kills=$2 ;;
    --seed) seed=$2 ;;
    --program) program=$(cd "$(dirname "$2")" && pwd)/$(basename "$2") ;;
    *)
        sed -n '/^# usage/s/^# //p' "$0" >&2
        exit 2
        ;;
    esac
    shift 2
done
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[[ -x $program ]] || die "there is no $program: run ./bootstrap.sh build"
make_work

# Five folds for each seed; a model that thinks for a while, in one thread, so that kills come between cells and not after all.
readonly model=multinomial_logistic
run_it() {
    plexus "$1" run neuron-type $model --on demo/micro-connectome --seeds $((cells / 5)) -q "${@:2}"
}
# What a run is, without what was measured: the file's keys are sorted, so the record comes behind `measured`, before the seal.
record() {
    sed -n '/^  "record": {/,$p' "$1"/runs/*/result.json | sed '$d'
}
n_cells() {
    find "$1/runs" -path '*/cells/*.json' 2>/dev/null | wc -l
}
wrong() {
    printf 'FAILED  %s\n' "$*"
    failed=$((failed + 1))
}
same() {
    cmp -s <(record "$work/calm") <(record "$work/struck") || wrong "the record is another one than that of the undisturbed run"
}

plexus "$work/calm" get demo/micro-connectome >/dev/null
cp -a "$work/calm" "$work/struck"
run_it "$work/calm" -j 1 >/dev/null || die "the undisturbed run fails"
[[ $(record "$work/calm" | grep -c '"predictions":') -eq $cells ]] || die "the undisturbed run has not $cells cells"

# Kills come at random counts of cells, spread over what is left. A run that comes to its end before all of them is compared, taken
# away and begun again.
RANDOM=$seed
before=0 struck=0 whole=0 first='' last=''
while ((struck < kills)); do
    target=$((before + 1 + (RANDOM * 32768 + RANDOM) % ((cells - before) / (kills - struck + 1) + 1)))
    "$program" run neuron-type $model --on demo/micro-connectome --seeds $((cells / 5)) -q -j 1 --store "$work/struck" \
        --offline --no-progress </dev/null >/dev/null 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null && (($(n_cells "$work/struck") < target)); do
        sleep 0.002
    done
    kill -KILL "$pid" 2>/dev/null || true
    code=0
    wait "$pid" 2>/dev/null || code=$?
    now=$(n_cells "$work/struck")
    if ((code == 137)); then
        struck=$((struck + 1))
        first=${first:-$now} last=$now
    fi
    report=$(unsound "$work/struck")
    [[ -z $report ]] || wrong "after the kill at $target cells: $report"
    if compgen -G "$work/struck/runs/*/result.json" >/dev/null; then
        # Once there is a result it holds the cells, and their files go.
        same
        ((struck == kills)) || rm -r "$work/struck/runs/"*
        whole=$((whole + 1)) before=0
        continue
    fi
    ((now >= before)) || wrong "after the kill at $target cells, $now are left of $before"
    before=$now
done
run_it "$work/struck" >/dev/null || wrong "the last run fails"
same
report=$(unsound "$work/struck")
[[ -z $report ]] || wrong "at the end: $report"
[[ -z $(ls -A "$work/struck/partial") ]] || wrong "something is left in partial/"
[[ $(n_cells "$work/struck") -eq 0 ]] || wrong "cells are left beside the result"
printf '%s: a run of %d cells, killed %d times, the first at %d cells, the last at %d, in %d runs\n' \
    "$( ((failed)) && echo FAILED || echo passed)" "$cells" "$struck" "$first" "$last" "$((whole + 1))"
((failed == 0))

# shellcheck shell=bash disable=SC2154 # run.sh gives variables
# SPDX-License-Identifier: Apache-2.0
#
# Every task on its published data: it can be divided, nothing leaks, and models answer it.
data=${PLEXUS_TEST_DATA:-$(dirname "$cases")/../../../../shared/data}
[[ -d $data/celegans && -d $data/larva ]] || skip "needs PLEXUS_TEST_DATA"
data=$(realpath "$data")
export PLEXUS_STORE=$PWD/store

mapfile -t tasks < <("$program" help tasks | sed -nE 's/^  ([a-z-]+) .*/\1/p')
holds 'six tasks or more' test ${#tasks[@]} -ge 6
for task in "${tasks[@]}"; do
    run show "task:$task" --json
    mapfile -t sets < <(sed -nE 's/^ *"data": "(.*)",?$/\1/p' "$out" | sed 's/, /\n/g; s/->/\n/g' | grep '^connectome/' | sort -u)
    ((${#sets[@]})) || continue
    run get "${sets[@]}" --from "$data" -q
    is 0
    run lint "$task" --seeds 1
    is 0
    says '^clean'
    run run "$task" random --seeds 2
    is 0
done
run run structure-function distance --seeds 2
is 0
# What is anatomically near responds more often: far from chance, in the direction of the paper.
score=$(sed -nE 's/.*roc_auc 0\.([0-9])[0-9]* .*/\1/p' "$out")
holds 'distance ranks responses well above chance' test "${score:-0}" -ge 7
run board
is 0
says '^ +[0-9] +distance'
run verify
is 0

# shellcheck shell=bash disable=SC2034,SC2154 # campaign.sh sources this: names are shared
# SPDX-License-Identifier: Apache-2.0
#
# Eight processes on one store: each gets, removes, lists, verifies and collects garbage in an order of its own. With locks that
# lie, garbage collection keeps its period of grace: that, not a lock, is what saves an object between its publishing and its ref.

# One process: NUMBER ROUNDS GRACE STORE; prints what may not happen.
one_of_crowd() {
    local number=$1 rounds=$2 grace=$3 store=$4 round status said step
    for ((round = 0; round < rounds; round++)); do
        step=$(((number * 5 + round * 3 + number * round) % 6))
        status=0
        case $step in
        0 | 1) said=$(plexus "$store" get "${crowd_sets[number % ${#crowd_sets[@]}]}" "${crowd_from[@]}" 2>&1) || status=$? ;;
        2) said=$(plexus "$store" rm "${crowd_sets[(number + round) % ${#crowd_sets[@]}]}" 2>&1) || status=$? ;;
        3) said=$(plexus "$store" gc --grace "$grace" 2>&1) || status=$? ;;
        4) said=$(plexus "$store" ls 2>&1) || status=$? ;;
        5) said=$(plexus "$store" verify 2>&1) || status=$? ;;
        esac
        # 3: rm of what another has removed; 6: the store was busy. Damage (4) or anything else is wrong. A verify without locks may
        # see an object go that another process removes just then.
        case $status in
        0 | 6) ;;
        3) ((step == 2)) || printf '%d/%d step %d: exit 3: %s\n' "$number" "$round" "$step" "$(head -c 200 <<<"$said")" ;;
        *) printf '%d/%d step %d: exit %d: %s\n' "$number" "$round" "$step" "$status" "$(head -c 300 <<<"$said")" ;;
        esac
    done
}

# crowd NAME ROUNDS [lie]
crowd() {
    local name=$1 rounds=$2 lie=${3:-} store=$work/crowd number grace=0 set pids=()
    rm -rf "$store" "$work"/said.*
    plexus "$store" init >/dev/null 2>&1
    for ((number = 0; number < 8; number++)); do
        (
            if [[ -n $lie ]]; then
                grace=3600
                export PLX_FAULT_LOCKS=lie LD_PRELOAD=$shim
            fi
            one_of_crowd "$number" "$rounds" "$grace" "$store"
        ) >"$work/said.$number" 2>&1 &
        pids+=($!)
    done
    wait "${pids[@]}"
    bad_lines=$(cat "$work"/said.* | sed 's/^/bad /')
    local wrong
    wrong=$(unsound "$store")
    [[ -z $wrong ]] || bad_lines+=${bad_lines:+$'\n'}"bad afterwards: $wrong"
    for set in "${crowd_sets[@]}"; do
        plexus "$store" get "$set" "${crowd_from[@]}" >"$work/again" 2>&1 ||
            bad_lines+=${bad_lines:+$'\n'}"bad afterwards: get $set: $(head -c 200 "$work/again")"
    done
    plexus "$store" gc --grace 0 >/dev/null 2>&1 || bad_lines+=${bad_lines:+$'\n'}"bad afterwards: gc fails"
    wrong=$(differ "$crowd_alone" "$store")$(leftovers "$store")$(unsound "$store")
    [[ -z $wrong ]] || bad_lines+=${bad_lines:+$'\n'}"bad afterwards: ${wrong//$'\n'/ / }"
    ok_count=$((8 * rounds))
    [[ -z $bad_lines ]] || ok_count=$((ok_count - $(grep -c '^bad [0-9]' <<<"$bad_lines" || true)))
    tally "$name" "runs of 8 processes at once" $((8 * rounds))
}

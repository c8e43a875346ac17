# shellcheck shell=bash disable=SC2034,SC2154 # campaign.sh sources this: names are shared
# SPDX-License-Identifier: Apache-2.0
#
# One verb, disturbed at its k-th call. After each disturbance: verify is clean, the plain run again succeeds and gives the store of
# an undisturbed run, and gc leaves nothing behind.

# Set by campaign before points are spread over workers.
campaign_mode=''
campaign_on=''
campaign_start=''
campaign_end=''
campaign_clean=''
campaign_mends=''
campaign_batch=0
campaign_args=()

# disturbed STORE K REPORT: the verb with the fault; its exit code.
disturbed() {
    {
        env PLX_FAULT_MODE="$campaign_mode" PLX_FAULT_AT="$2" PLX_FAULT_REPORT="$3" ${campaign_on:+PLX_FAULT_ON=1} \
            LD_PRELOAD="$shim" "$program" "${campaign_args[@]}" --store "$1" "${offline[@]}" --no-progress -j 1 </dev/null >"$3.out" 2>"$3.err"
    } 2>/dev/null
}

# fresh_store PATH: the state the campaign starts from.
fresh_store() {
    rm -rf "$1"
    [[ -z $campaign_start ]] || cp -a "$campaign_start" "$1"
}

# settle STORE: what must hold after any disturbance.
settle() {
    local store=$1 status=0 wrong
    if [[ -z $campaign_mends && -e $store/FORMAT ]]; then
        unsound "$store"
    elif [[ -z $campaign_start && -d $store ]]; then
        # No store yet: only what a store is made of may be there.
        find "$store" -mindepth 1 -type f ! -path "$store/partial/*" ! -name lock ! -name '.*' -printf 'stray file %P\n'
    fi
    plexus "$store" "${campaign_args[@]}" >"$store.again" 2>&1 || status=$?
    ((status == 0)) || printf 'again: exit %d: %s' "$status" "$(head -c 300 "$store.again")"
    unsound "$store"
    differ "$campaign_end" "$store"
    wrong=$(plexus "$store" gc --grace 0 2>&1) || printf 'gc: exit %d: %s' $? "$wrong"
    differ "$campaign_clean" "$store"
    [[ -n $campaign_mends ]] || leftovers "$store"
    unsound "$store"
}

point() {
    local store=$work/store.$1 report=$work/report.$1 k=$2 status=0
    fresh_store "$store"
    rm -f "$report"*
    disturbed "$store" "$k" "$report" || status=$?
    grep -q "^fired $k " "$report" || {
        echo "the fault never came (exit $status)"
        return
    }
    case $campaign_mode in
    kill | tear) ((status == 137)) || echo "not killed: exit $status" ;;
    short) ((status == 0)) || echo "short write: exit $status: $(head -c 300 "$report.err")" ;;
    enospc | eio)
        # A batch of which a part failed exits with 1; a source file that cannot be read is a source out of reach.
        if [[ $campaign_mode == eio && $status == 5 ]] && grep -q 'cannot be had' "$report.err"; then
            status=0
        fi
        if ((status != 0 && status != 7 && !(campaign_batch && status == 1))); then
            echo "exit $status, not 7: $(head -c 300 "$report.err")"
        elif ((status != 0)) && [[ ! -s $report.err ]]; then
            echo "exit $status without a word"
        fi
        ;;
    esac
    wrong=$(settle "$store")
    [[ -z $wrong ]] || printf '%s [%s]' "$wrong" "$(grep -m 1 '^fired' "$report" | sed "s|$work/||g")"
}

# campaign NAME START MODE VERB...: START is a prepared store, or - for none; MODE one of kill tear enospc eio short, or
# enospc+ eio+ short+ for a fault that stays.
campaign() {
    local name=$1 counted
    campaign_start=$2
    [[ $campaign_start != - ]] || campaign_start=''
    campaign_mode=${3%+}
    campaign_on=''
    [[ $3 == "$campaign_mode" ]] || campaign_on=1
    shift 3
    campaign_args=("$@")
    campaign_batch=0
    [[ "$1 ${3:--}" != "get "[!-]* ]] || campaign_batch=1
    campaign_mends=''
    [[ $1 != repair ]] || campaign_mends=1
    campaign_end=$work/end
    campaign_clean=$work/clean
    fresh_store "$campaign_end"
    rm -f "$work"/{end,clean}.rows
    rm -f "$work"/count*
    PLX_FAULT_MODE=count PLX_FAULT_FOR=$campaign_mode PLX_FAULT_REPORT=$work/count LD_PRELOAD=$shim \
        "$program" "$@" --store "$campaign_end" "${offline[@]}" --no-progress -j 1 </dev/null >"$work/count.out" 2>&1 || {
        bad_lines="bad 0: the undisturbed run fails: $(head -c 300 "$work/count.out")"
        ok_count=0
        tally "$name" points 0
        return
    }
    counted=$(sed -n 's/^calls //p' "$work/count")
    rm -rf "$campaign_clean"
    cp -a "$campaign_end" "$campaign_clean"
    plexus "$campaign_clean" gc --grace 0 >/dev/null 2>&1 || true
    local list
    mapfile -t list < <(sample "$counted")
    spread point "${list[@]}"
    tally "$name" "of $counted calls" "${#list[@]}"
}

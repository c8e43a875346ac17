# shellcheck shell=bash disable=SC2034,SC2154 # campaign.sh sources this: names are shared
# SPDX-License-Identifier: Apache-2.0
#
# What a trace of calls must show: the shim sees what the kernel sees, a kill by strace leaves what a kill by the shim leaves, files
# are on disk before they get their name. And: records do not depend on -j.

# strace sees all system calls of the verb that change files; the shim must have counted as many of each.
strace_agrees() {
    local calls=write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,mkdir,mkdirat,ftruncate
    if ! strace -o /dev/null true 2>/dev/null; then
        skip "strace agrees" "strace is missing or may not trace here"
        return
    fi
    local -A class=([renameat]=rename [renameat2]=rename [linkat]=link [unlinkat]=unlink [rmdir]=unlink [mkdirat]=mkdir)
    local store=$work/traced name seen counted
    ok_count=0
    bad_lines=''
    cp -a "$work/has_one" "$store"
    strace -f -o "$work/strace" -e trace="$calls" "$program" get "$two" --store "$store" --offline --no-progress -j 1 \
        >"$work/strace.out" 2>&1 || bad_lines="bad 0: get under strace fails: $(head -c 200 "$work/strace.out")"
    rm -rf "$store"
    cp -a "$work/has_one" "$store"
    rm -f "$work/log"
    PLX_FAULT_MODE=count PLX_FAULT_LOG=$work/log LD_PRELOAD=$shim "$program" get "$two" --store "$store" --offline --no-progress -j 1 \
        >/dev/null 2>&1 || bad_lines="bad 0: get under the shim fails"
    # What goes to the terminal is not the store's.
    seen=$(grep -oE '^[0-9]+ +[a-z0-9_]+\([^,)]*' "$work/strace" | awk '{ sub(/\(/, " ", $2); print $2 }' FS=' +' |
        awk '!/^write [012]$/ { print $1 }' | while read -r name; do echo "${class[$name]:-$name}"; done | sort | uniq -c)
    counted=$(awk -v root="$store/" '$2 == "write" && index($3, root) != 1 { next }
        $2 !~ /^(open|openat|close)$/ { print $2 }' "$work/log" | sort | uniq -c)
    if [[ $seen == "$counted" && -n $seen ]]; then
        ok_count=1
    else
        bad_lines+="bad calls: strace saw ${seen//$'\n'/,} and the shim ${counted//$'\n'/,}"
    fi
    tally "strace and shim agree" "trace of $(awk '{ n += $1 } END { print n }' <<<"$seen") calls" 1

    # The same kill from outside: asserted by exit 137, and a store as sound as after the shim's.
    local call n total=0
    ok_count=0
    bad_lines=''
    campaign_start=$work/has_one
    campaign_mode='kill'
    campaign_mends=''
    campaign_args=(get "$two")
    campaign_end=$work/traced
    campaign_clean=$work/traced.clean
    rm -rf "$campaign_clean"
    cp -a "$campaign_end" "$campaign_clean"
    plexus "$campaign_clean" gc --grace 0 >/dev/null 2>&1
    for call in fsync renameat2 write mkdir unlink,unlinkat,rmdir pwrite64; do
        n=$(grep -cE "^[0-9]+ +(${call//,/|})\(" "$work/strace" || true)
        ((n > 0)) || continue
        local k
        for k in 1 $(((n + 1) / 2)) "$n"; do
            total=$((total + 1))
            fresh_store "$work/store.0"
            local status=0
            { strace -f -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$k" "$program" "${campaign_args[@]}" \
                --store "$work/store.0" --offline --no-progress -j 1 </dev/null >/dev/null 2>&1; } 2>/dev/null || status=$?
            local wrong=''
            ((status == 137)) || wrong="exit $status, not 137: the kill never came"
            wrong+=$(settle "$work/store.0")
            if [[ -z $wrong ]]; then
                ok_count=$((ok_count + 1))
            else
                bad_lines+="${bad_lines:+$'\n'}bad $call $k: ${wrong//$'\n'/ / }"
            fi
        done
    done
    tally "get another, killed by strace" "points" "$total"
}

# Each file that gets its final name by a rename was written, then synced, and not written again; and the folder it was put into is
# synced before a ref or the catalog is renamed. A kill cannot show what only a power cut would.
sync_order() {
    local store=$work/ordered report
    rm -rf "$store" "$work/log"
    cp -a "$work/has_one" "$store"
    PLX_FAULT_MODE=count PLX_FAULT_LOG=$work/log LD_PRELOAD=$shim "$program" get "$two" --store "$store" --offline --no-progress -j 1 \
        >/dev/null 2>&1 || true
    report=$(awk -v root="$store/" '
        index($3, root) != 1 { next }
        { path = substr($3, length(root) + 1) }
        $2 == "write" || $2 == "pwrite64" { dirty[path] = $1 }
        $2 == "ftruncate" { dirty[path] = $1 }
        $2 == "fsync" || $2 == "fdatasync" { delete dirty[path]; delete moved[path]; n_sync++ }
        $2 == "rename" {
            to = substr($4, length(root) + 1)
            n_rename++
            for (file in dirty) {
                if (file == path || index(file, path "/") == 1) { print "bad " $1 ": " file " is renamed before it is synced" }
            }
            if (to ~ /^refs\//) {
                for (folder in moved) { print "bad " $1 ": " to " names what lies in " folder ", which is not synced" }
            }
            folder = to
            sub(/\/[^\/]*$/, "", folder)
            if (to ~ /^(blobs|records)\//) { moved[folder] = $1 }
        }
        END { print "renames " n_rename + 0 ", syncs " n_sync + 0 }' "$work/log")
    bad_lines=$(grep '^bad ' <<<"$report" || true)
    local renames
    renames=$(sed -n 's/^renames \([0-9]*\),.*/\1/p' <<<"$report")
    ok_count=$renames
    [[ -z $bad_lines ]] || ok_count=$((renames - $(wc -l <<<"$bad_lines")))
    tally "synced before renamed" "renames" "$renames"
}

same_for_any_jobs() {
    local jobs wrong
    ok_count=0
    bad_lines=''
    for jobs in 1 2 8; do
        rm -rf "$work/jobs.$jobs"
        plexus "$work/jobs.$jobs" get "${crowd_sets[@]}" "${crowd_from[@]}" -j "$jobs" >/dev/null 2>&1 || true
        wrong=$(differ "$crowd_alone" "$work/jobs.$jobs")
        if [[ -z $wrong ]]; then
            ok_count=$((ok_count + 1))
        else
            bad_lines+="${bad_lines:+$'\n'}bad -j $jobs: ${wrong//$'\n'/ / }"
        fi
    done
    tally "same store for any -j" "settings of -j" 3
}

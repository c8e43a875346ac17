# shellcheck shell=bash disable=SC2034,SC2154 # campaign.sh sources this: names are shared
# SPDX-License-Identifier: Apache-2.0
#
# The same faults while files come over the network, from the test server on 127.0.0.1: a large file with a journal, a small one, one
# of unknown digest, one that breaks off on the way, and a part that an earlier process left.

: "${serve:=$(dirname "$program")/tests/plx_serve}"
readonly large=3300000 small=20000 unknown=1500000


start_server() {
    local to_server from_server
    mkfifo "$work/to_server" "$work/from_server"
    "$serve" "$work" <"$work/to_server" >"$work/from_server" &
    server_pid=$!
    exec {server_in}>"$work/to_server"
    read -r server_port <"$work/from_server"
    rm "$work/to_server" "$work/from_server"
}

# manifest FAMILY/NAME FILE...: each file is "name behaviour size [sha256]".
manifest() {
    local set=$1 name behaviour size sha256 file
    shift
    mkdir -p "$work/registry/${set%/*}"
    {
        printf 'schema: manifest/1\nname: %s\nversion: "1"\ntitle: "Over the network"\ndescription: x\nkind: connectome\n' "$set"
        printf 'licence: MIT\ningester: none\nlayout: x\nfiles:\n'
        for file in "$@"; do
            read -r name behaviour size sha256 <<<"$file"
            printf '  - name: %s\n    urls: ["http://127.0.0.1:%s/%s/%s/%s"]\n' "$name" "$server_port" "$behaviour" "$size" "$name"
            [[ -z $sha256 ]] || printf '    bytes: %s\n    sha256: %s\n' "$size" "$sha256"
        done
    } >"$work/registry/$set.yaml"
}

# What the server's files hash to, learned by a first use.
digest_of() {
    manifest "learn/$1" "$1 ok $2"
    plexus "$work/learn" get --files-only "learn/$1" >/dev/null 2>&1 || die "the test server does not give $1"
    sed -n 's/.*"sha256": "\([0-9a-f]*\)".*/\1/p' "$work/learn/refs/learn/$1/1.strict.json" | head -n 1
}

# A store with a part of the large file that a killed process left. A write of a MiB or more comes before it.
leave_part() {
    local store=$1 at
    for ((at = 20; at < 400; at += 7)); do
        rm -rf "$store"
        plexus "$store" init >/dev/null 2>&1
        {
            PLX_FAULT_MODE=kill PLX_FAULT_AT=$at PLX_FAULT_REPORT=$work/leave LD_PRELOAD=$shim \
                "$program" get --files-only net/large --store "$store" --no-progress -j 1 </dev/null >/dev/null 2>&1
        } 2>/dev/null || true
        [[ -z $(find "$store/partial" -name journal) ]] || return 0
    done
    die "no part was left"
}

network_crowd() {
    local number pids=() sent want
    rm -rf "$work/net_crowd"
    plexus "$work/net_crowd" init >/dev/null 2>&1
    exec {stats}<>"/dev/tcp/127.0.0.1/$server_port"
    printf 'GET /stats HTTP/1.1\r\n\r\n' >&"$stats"
    read -r -t 5 -u "$stats" _
    exec {stats}>&-
    for ((number = 0; number < 8; number++)); do
        plexus "$work/net_crowd" get --files-only net/large >"$work/said.$number" 2>&1 &
        pids+=($!)
    done
    bad_lines=''
    for number in "${!pids[@]}"; do
        wait "${pids[number]}" || bad_lines+="bad $number: $(tail -n 3 "$work/said.$number")"$'\n'
    done
    bad_lines=${bad_lines%$'\n'}
    exec {stats}<>"/dev/tcp/127.0.0.1/$server_port"
    printf 'GET /stats HTTP/1.1\r\n\r\n' >&"$stats"
    sent=$(timeout 5 sed -n '/^\r$/{n;p;q}' <&"$stats" | cut -d ' ' -f 2)
    exec {stats}>&-
    want=$large
    ((sent >= want && sent <= want * 5 / 4)) || bad_lines+=${bad_lines:+$'\n'}"bad 8: the server sent $sent bytes of $want"
    ok_count=$((8 - $(grep -c '^bad' <<<"$bad_lines" || true)))
    tally "8 processes, one file over the network" "processes; $sent bytes sent of $want" 8
}

network() {
    [[ -x $serve ]] || {
        skip "network" "there is no $serve: build the target plx_serve"
        return 0
    }
    start_server
    offline=()
    export PLEXUS_REGISTRY=$work/registry
    plexus "$work/learn" init >/dev/null 2>&1
    local sha_large sha_small mode label
    mkdir -p "$work/registry"
    sha_large=$(digest_of large.bin $large)
    sha_small=$(digest_of small.bin $small)
    manifest net/large "large.bin ok $large $sha_large"
    manifest net/files "large.bin drop-often $large $sha_large" "small.bin ok $small $sha_small" "unknown.bin ok $unknown"
    plexus "$work/net_empty" init >/dev/null 2>&1
    leave_part "$work/net_part"
    network_crowd
    while read -r mode label; do
        campaign "download, $label" "$work/net_empty" "$mode" get --files-only net/files
        campaign "resumed download, $label" "$work/net_part" "$mode" get --files-only net/large
    done <<'MODES'
kill killed
tear torn write, killed
enospc ENOSPC once
enospc+ ENOSPC for good
short+ short writes
eio EIO once
eio+ EIO for good
MODES
    offline=(--offline)
    unset PLEXUS_REGISTRY
    stop_server
}

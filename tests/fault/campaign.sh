#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The promise "a path in the store is absent, or complete and verified", tried by force. docs/testing.md says what each line means.
#
# Real data take part where they are (PLEXUS_TEST_DATA, or ../shared/data beside the source tree).
#
# usage: tests/fault/campaign.sh [--all | --points N] [--only WORDS] [--program FILE] [--workers N]
#   --points N   points tried in each campaign, spread evenly over all of its calls (default 24)
#   --all        every point of every campaign, every byte of the store: half an hour on two idle cores
#   --only WORDS groups to run: kill space io flips crowd lies jobs order strace network (default: all)
set -euo pipefail
only='kill space io flips crowd lies jobs strace order network'
while (($#)); do
    case $1 in
    --all) points=0 ;;
    --points)
        points=$2
        shift
        ;;
    --only)
        only=$2
        shift
        ;;
    --program)
        program=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
        shift
        ;;
    --workers)
        workers=$2
        shift
        ;;
    *)
        sed -n '/^# usage/,/^set/s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    esac
    shift
done
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/fault/points.sh
. "$fault_dir/points.sh"
# shellcheck source=tests/fault/flips.sh
. "$fault_dir/flips.sh"
# shellcheck source=tests/fault/crowd.sh
. "$fault_dir/crowd.sh"
# shellcheck source=tests/fault/traces.sh
. "$fault_dir/traces.sh"
# shellcheck source=tests/fault/network.sh
. "$fault_dir/network.sh"

[[ -x $program ]] || die "there is no $program: run ./bootstrap.sh build"
[[ -f $shim ]] || die "there is no $shim: build the target plx_fault_shim"
make_work

wants() {
    [[ " $only " == *" $1 "* ]]
}

# The stores every campaign starts from. `one` and `two` are built-in demonstration sets: offline, small, through the real readers;
# the second is one that a task can be run on.
one=demo/micro-atlas
two=demo/micro-connectome
# Two sets of our own: one with a record per unit, one that nothing reads.
export PLEXUS_REGISTRY=$work/known
prepare_manifests() {
    mkdir -p "$work/known/lab" "$work/files"
    printf 'cell\nAVAL\nAVAR\n' >"$work/files/cells.csv"
    printf 'pre,post,type,synapses\nAVAL,AVAR,chemical,1\n' >"$work/files/a.csv"
    printf 'pre,post,type,synapses\nAVAR,AVAL,chemical,2\n' >"$work/files/b.csv"
    cat >"$work/known/lab/many.yaml" <<'END'
schema: manifest/1
name: lab/many
version: "1"
title: Two worms
description: One record each.
kind: connectome
licence: CC0-1.0
ingester: edge_table
options: {weight_unit: synapses, node_files: cells.csv, node_column: cell}
files:
  - {name: cells.csv}
  - {name: a.csv, unit: A}
  - {name: b.csv, unit: B}
expect:
  strict: {units: 2, all_edges: 2}
END
    sed 's,^name: .*,name: lab/unread,; s/^ingester: .*/ingester: none/; s/^options.*/layout: tables/' \
        "$work/known/lab/many.yaml" >"$work/known/lab/unread.yaml"
}
prepare_manifests
prepare_stores() {
    plexus "$work/empty" init
    plexus "$work/has_one" get "$one"
    cp -a "$work/has_one" "$work/has_unit"
    plexus "$work/has_unit" get 'lab/many#A' --from "$work/files"
    cp -a "$work/has_one" "$work/has_both"
    plexus "$work/has_both" get "$two"
    cp -a "$work/has_both" "$work/has_orphans"
    plexus "$work/has_orphans" rm "$two"
    mkdir -p "$work/has_orphans/partial/999999999.left.behind"
    echo torn >"$work/has_orphans/partial/999999999.left.behind/member.npy"
    cp -a "$work/has_both" "$work/lost_catalog"
    rm "$work/lost_catalog/catalog.db"
    cp -a "$work/has_both" "$work/torn_catalog"
    chmod u+w "$work/torn_catalog/catalog.db"
    printf 'torn' | dd of="$work/torn_catalog/catalog.db" bs=1 seek=4100 conv=notrunc status=none
}
prepare_stores >"$work/prepare.log" 2>&1 || die "could not prepare the stores: $(tail -n 5 "$work/prepare.log")"

# verbs MODE LABEL: all verbs under one kind of fault.
verbs() {
    campaign "get, no store, $2" - "$1" get "$one"
    campaign "get two at once, $2" "$work/empty" "$1" get "$one" "$two"
    campaign "get another, $2" "$work/has_one" "$1" get "$two"
    campaign "get the other unit, $2" "$work/has_unit" "$1" get 'lab/many#B' --from "$work/files"
    campaign "keep files only, $2" "$work/has_one" "$1" get lab/unread --from "$work/files" --files-only
    campaign "rm, $2" "$work/has_both" "$1" rm "$two"
    campaign "run, $2" "$work/has_both" "$1" run connectome-link random --on demo/micro-connectome --seeds 3
    case $1 in
    tear | short*) ;; # gc writes nothing
    *) campaign "gc, $2" "$work/has_orphans" "$1" gc --grace 0 ;;
    esac
    campaign "repair lost catalog, $2" "$work/lost_catalog" "$1" repair
    campaign "repair torn catalog, $2" "$work/torn_catalog" "$1" repair
    if [[ -d $data/celegans ]]; then
        campaign "get connectome, $2" "$work/has_one" "$1" get connectome/white1986-jse --from "$data/celegans"
    fi
}

if wants kill; then
    verbs kill "killed"
    verbs tear "torn write, killed"
fi
if wants space; then
    verbs enospc "ENOSPC once"
    verbs enospc+ "ENOSPC for good"
    verbs short+ "short writes"
fi
if wants io; then
    verbs eio "EIO once"
    verbs eio+ "EIO for good"
fi
if wants flips; then
    if ((points == 0)); then
        flips "$work/has_both" 1
    else
        flips "$work/has_both" $((1 + $(du -sb "$work/has_both" | cut -f 1) / (points * 8)))
    fi
fi

crowd_sets=("$one" "$two" demo/micro-nemanode)
crowd_from=()
if [[ -d $data/celegans ]]; then
    crowd_sets+=(connectome/white1986-jse)
    crowd_from=(--from "$data/celegans")
fi
crowd_alone=$work/alone
if wants crowd || wants lies || wants jobs; then
    # shellcheck disable=SC2046 # no blanks in references
    plexus "$crowd_alone" get "${crowd_sets[@]}" "${crowd_from[@]}" >"$work/alone.log" 2>&1 ||
        die "get of ${crowd_sets[*]} fails: $(tail -n 3 "$work/alone.log")"
fi
rounds=$((points == 0 ? 40 : 8))
wants crowd && crowd "crowd" "$rounds"
wants lies && crowd "crowd, locks that lie" "$rounds" lie
wants jobs && same_for_any_jobs
wants order && sync_order
wants strace && strace_agrees
wants network && network

printf '%d campaigns passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0))

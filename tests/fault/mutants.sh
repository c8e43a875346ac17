#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Damaged copies of HDF5 and xls files, whose decoders are libraries that a hostile file can bring down, are given to `plexus check`
# and `plexus dump`. Each file must be read, or be named as input that cannot be read (8), that asks for too much (7) or that is
# refused (9); the program itself must never die, hang or say anything else. Real files take part where they are
# (PLEXUS_TEST_DATA, or ../shared/data beside the source tree).
#
# usage: tests/fault/mutants.sh [--copies N] [--program FILE] [FILE...]
#   --copies N  damaged copies of each file (default 2500); FILEs instead of the usual ones
set -euo pipefail
copies=2500
files=()
while (($#)); do
    case $1 in
    --copies)
        copies=$2
        shift
        ;;
    --program)
        program=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
        shift
        ;;
    -*)
        sed -n '/^# usage/,/^set/s/^# \{0,1\}//p' "$0" >&2
        exit 2
        ;;
    *) files+=("$1") ;;
    esac
    shift
done
# shellcheck source=tests/fault/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
mutants=$(dirname "$program")/tests/fault/mutants
readonly batch=50
[[ -x $program ]] || die "there is no $program: run ./bootstrap.sh build"
[[ -x $mutants ]] || die "there is no $mutants: build the target plx_mutants"
make_work

if ((${#files[@]} == 0)); then
    files=("$source_dir/tests/golden/files/small.h5" "$source_dir/tests/golden/files/small.xls")
    for name in em/em_erl/vol_gt.h5 celegans/dag2023/original/2022-07-27-45-data.h5 \
        celegans/kato2015/KatoEtAl2018.WT_Stim.0.nwb celegans/wormneuroatlas/aconnectome_default.h5 \
        celegans/worm-data-preprocess/OpenWorm_CElegansNeuronTables.xls \
        celegans/worm-data-preprocess/Chklovskii_NeuronConnect.xls; do
        [[ ! -f $data/$name ]] || files+=("$data/$name")
    done
fi

# fail WHAT: said, counted, and the batch is kept for a look.
fail() {
    failed=$((failed + 1))
    printf '  %s\n' "$1"
}

# One process for a batch of copies: `check` goes on past what is damaged and says of each file what it is.
check_batch() {
    local status=0 n=$1 known
    (cd "$work/copies" && HOME=$work/home timeout 600 "$program" check --json --as "$format" $(seq 0 $((n - 1)))) \
        >"$work/out" 2>"$work/err" || status=$?
    ((n > 1 && status <= 1 || n == 1)) || fail "check of copies $first to $((first + n - 1)) ends with $status: $(head -c 300 "$work/err")"
    known=$(grep -cE '"(ok": true|code": "(format|truncated|unsupported|limit|nomem|policy)")' "$work/out" || true)
    ((known == n)) || fail "of copies $first to $((first + n - 1)) only $known are accounted for: $(head -c 300 "$work/err")"
    grep -oE '"(ok": true|code": "[a-z]+")' "$work/out" >>"$work/codes" || true
}

# One process per copy: the exit code of the verb itself.
dump_one() {
    local status=0
    HOME=$work/home timeout 600 "$program" dump --as "$format" "$work/copies/0" >/dev/null 2>"$work/err" || status=$?
    case $status in
    0 | 7 | 8 | 9) printf 'dump %d\n' "$status" >>"$work/codes" ;;
    *) fail "dump of copy $first ends with $status: $(head -c 300 "$work/err")" ;;
    esac
}

total=0
for file in "${files[@]}"; do
    case $file in
    *.xls) format=xls ;;
    *) format=h5 ;;
    esac
    : >"$work/codes"
    start=$SECONDS
    for ((first = 1; first <= copies; first += batch)); do
        n=$((copies - first + 1 < batch ? copies - first + 1 : batch))
        rm -rf "$work/copies"
        mkdir "$work/copies"
        "$mutants" "$file" "$first" "$n" "$work/copies"
        check_batch "$n"
        dump_one
    done
    total=$((total + copies))
    printf '%-36s %5d copies %4d s: %s\n' "$(basename "$file")" "$copies" $((SECONDS - start)) \
        "$(sed -E 's/"ok": true/read/; s/"code": "([a-z]+)"/\1/' "$work/codes" | sort | uniq -c | awk '{ printf "%s%d %s%s", s, $1, $2, (NF > 2 ? " " $3 : ""); s = ", " }')"
done
printf '%d damaged copies of %d files, %d failures\n' "$total" "${#files[@]}" "$failed"
((failed == 0))

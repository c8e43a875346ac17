#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Libraries define nothing global but plx_*, and no state that can change (the allocation hook of tests apart).
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ -n $build_dir ]] || skip "no build folder given"
if ! command -v nm >/dev/null || ! command -v objdump >/dev/null; then
    skip "no binutils"
fi
readonly made_by_compilers='^(__|\.|asan\.|tsan\.|llvm|gcov)'
n=0
for part in "${parts[@]}" benchmarks/kernels; do
    library=$build_dir/$part/libplx_${part##*/}.a
    [[ -f $library ]] || continue
    n=$((n + 1))
    while read -r _ _ name; do
        [[ $name == plx_* || $name =~ $made_by_compilers ]] || complain "$library: global symbol $name lacks the plx_ prefix"
    done < <(nm -g --defined-only "$library" 2>/dev/null | awk 'NF == 3')
    # Sanitizers and gcov put tables of their own where state would be.
    if nm "$library" 2>/dev/null | grep -qE '__(asan|tsan|gcov)_'; then
        continue
    fi
    while read -r object name; do
        [[ $part/$object == core/alloc.c.o ]] || complain "$library($object): $name is mutable state"
    done < <(objdump -t "$library" 2>/dev/null | awk '
        /file format/ { object = $1; sub(/:$/, "", object) }
        / O \.(bss|data|tbss|tdata)[ \t]/ { print object, $NF }
        / O \*COM\*/ { print object, $NF }')
done
((n > 0)) || complain "no library below $build_dir"
finish "$n libraries: names and state"

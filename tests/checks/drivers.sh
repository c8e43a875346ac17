#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Driver lists: every name has its file and its struct, every driver file is listed, names are unique and sorted (verbs stand in
# the order of the help instead).
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

n=0
while IFS= read -r list; do
    folder=$(dirname "$list")
    macros=$(sed -nE 's/^(PLX_[A-Z]+)\(.*/\1/p' "$list" | sort -u)
    [[ $(wc -l <<<"$macros") -eq 1 && -n $macros ]] || {
        complain "$list: holds lines of more than one kind: ${macros//$'\n'/ }"
        continue
    }
    # What stands before the name in the file's name, and the struct's.
    case $macros in
    PLX_COMMAND) prefix=cmd_ struct=plx_cmd_ ;;
    PLX_INGESTER) prefix=ingest_ struct=plx_ingester_ ;;
    *)
        prefix=$(tr '[:upper:]' '[:lower:]' <<<"${macros#PLX_}")_
        struct=plx_$prefix
        ;;
    esac
    names=$(sed -nE 's/^PLX_[A-Z]+\(([a-z0-9_]+)\).*/\1/p' "$list")
    while IFS= read -r line; do
        complain "$list: not understood: $line"
    done < <(grep -vE '^(PLX_[A-Z]+\([a-z0-9_]+\)( */\*.*\*/)?|/\*.*\*/|[[:space:]]*)$' "$list" || true)
    while IFS= read -r name; do
        n=$((n + 1))
        file=$folder/$prefix$name.c
        if [[ ! -f $file ]]; then
            complain "$list: $name has no file $file"
        elif ! grep -qE "^const [a-z_]+ (${struct}|plx_command_)$name = " "$file"; then
            complain "$file: defines no const struct ${struct}$name"
        fi
    done <<<"$names"
    while IFS= read -r twice; do
        complain "$list: $twice is listed twice"
    done < <(sort <<<"$names" | uniq -d)
    if [[ $macros != PLX_COMMAND ]] && ! sort -c <<<"$names" 2>/dev/null; then
        complain "$list: names are not sorted"
    fi
    while IFS= read -r file; do
        name=${file#"$folder/$prefix"}
        name=${name%.c}
        grep -qxF "$name" <<<"$names" || complain "$file: no line $macros($name) in $list"
    done < <(files "$folder/$prefix*.c")
done < <(files '*.def')
((n > 0)) || complain "no driver list was found"
finish "$n drivers, their files and their lists"

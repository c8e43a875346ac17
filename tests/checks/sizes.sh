#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A file that grows past 700 lines (a header of a part past 200) holds two things. From 400 lines on it is named, not refused.
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

n=0
while IFS= read -r file; do
    n=$((n + 1))
    lines=$(wc -l <"$file")
    limit=700
    [[ $file != *.h || $file == tests/* ]] || limit=200
    if ((lines > limit)); then
        complain "$file: $lines lines, over the limit of $limit: look for the second noun in it"
    elif ((lines > 400)); then
        printf 'note: %s has %d lines\n' "$file" "$lines"
    fi
done < <(part_files '[ch]'; files 'tests/*.[ch]' 'tests/*.sh')
((n > 0)) || complain "no source was found"
finish "$n files against the limits of length"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every function declared in a header belongs to a block that says something: a block is lines without an empty one between them,
# so that one comment may cover a pair (open and close). A function whose declaration is its whole meaning is excused by name.
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

n=0
while IFS= read -r header; do
    n=$((n + 1))
    while IFS= read -r hit; do
        complain "$header:$hit"
    done < <(awk '
        function flush(   i) {
            if (!commented) {
                for (i = 0; i < n; i++) { print at[i] ": says nothing of " name[i] }
            }
            n = 0
            commented = 0
        }
        /^[ \t]*$/ { flush(); next }
        /\/\*/ { commented = 1 }
        /^[a-z].*[ *]plx_[a-z0-9_]+\(/ && !/^(typedef|static|extern|#)/ {
            match($0, /plx_[a-z0-9_]+\(/)
            name[n] = substr($0, RSTART, RLENGTH - 1)
            at[n++] = NR
        }
        END { flush() }' "$header")
done < <(part_files h)
((n > 0)) || complain "no header was found"
finish "$n headers: every function is explained"

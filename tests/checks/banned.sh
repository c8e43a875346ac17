#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Functions that are never called, or only where one file wraps them.
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# pattern of called names | where they are allowed (shell pattern) | why
readonly rules='
strcpy|strcat|sprintf|vsprintf|strtok|gets|strncpy|strncat|stpcpy	-	no length is checked: use core/str.h or snprintf
atoi|atol|atoll|atof|sscanf|scanf|fscanf	-	errors and overflow pass unseen: use core/num.h
setlocale|uselocale|newlocale	-	numbers never depend on a locale
alloca|__builtin_alloca	-	the stack has no limit check
system|popen|execvp|execlp	-	no shell is run
rand|srand|random|drand48|rand_r	-	use core/rng.h
strtod|strtof|strtold	core/num*.c	use core/num.h
malloc|calloc|realloc|reallocarray|free|strdup|strndup|posix_memalign|aligned_alloc	core/alloc.c	use core/alloc.h
printf|vprintf|puts|putchar|perror	cli/*.c	libraries never print
exit|_exit|_Exit|quick_exit|abort	cli/*.c	libraries never end the process
strerror	-	not thread-safe: use plx_fail_sys
localtime|gmtime|asctime|ctime	-	not thread-safe, and results hold no times
'
any=$(cut -f 1 <<<"$rules" | grep . | paste -sd '|')
n=0
while IFS= read -r file; do
    n=$((n + 1))
    stripped=$(strip_c "$file")
    # One look for all of them; the rules one by one only where something is called.
    grep -qE "(^|[^A-Za-z0-9_>.])($any) *\(|stdout|stderr" <<<"$stripped" || continue
    while IFS=$'\t' read -r names where why; do
        [[ -n $names ]] || continue
        # shellcheck disable=SC2053 # the right side is a pattern
        [[ $file != $where ]] || continue
        # What open_memstream returns can only be freed.
        [[ $stripped != *open_memstream* ]] || names=${names//|free|/|}
        while IFS=: read -r line text; do
            [[ -n $line ]] || continue
            complain "$file:$line: $why:$text"
        done < <(grep -nE "(^|[^A-Za-z0-9_>.])($names) *\(" <<<"$stripped" || true)
    done <<<"$rules"
    if [[ $file != cli/* ]]; then
        while IFS=: read -r line text; do
            [[ -n $line ]] || continue
            complain "$file:$line: libraries are handed a stream, they take none:$text"
        done < <(grep -nE '(^|[^A-Za-z0-9_])(stdout|stderr)([^A-Za-z0-9_]|$)' <<<"$stripped" || true)
    fi
done < <(part_files '[ch]')
((n > 0)) || complain "no source was found"
finish "$n files against the list of banned functions"

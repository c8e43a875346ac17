#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What no file of the tree may hold: paths of the machine it was written on, tabs and trailing blanks in code, CR line ends, bytes
# that are not UTF-8, marks of an unfinished merge or thought; and each source starts with its licence.
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Captured bytes that tests feed to parsers are not ours to tidy; neither is the licence.
mine() {
    grep -vE '^(tests/golden/|tests/fuzz/corpus/|tests/.*/corpus/|LICENSE$)' || true
}

each_hit() {
    local why=$1 file line rest
    while IFS=: read -r file line rest; do
        complain "$file:$line: $why: ${rest:0:100}"
    done
}

all=$(files '*' | mine)
code=$(grep -E '\.(c|h|def|sh|py|cmake|awk|sql|yaml|md)$|CMakeLists.txt$|^\.ci/' <<<"$all" || true)
[[ -n $all && -n $code ]] || complain "no file was found"

# The brackets keep these patterns from finding themselves.
each_hit "path of a machine" < <(xargs -r grep -IHnE '(^|[^A-Za-z0-9._/<-])/([w]ork|[r]oot|[h]ome/[a-z]|[U]sers/)[A-Za-z0-9_/.-]*' <<<"$all" || true)
each_hit "left undone" < <(xargs -r grep -IHnwE '[T]ODO|[F]IXME|[X]XX' <<<"$code" || true)
each_hit "unfinished merge" < <(xargs -r grep -IHnE '^(<{7}|>{7}) ' <<<"$all" || true)
each_hit "CR at the end of a line" < <(xargs -r grep -IHn $'\r$' <<<"$code" || true)
each_hit "blank at the end of a line" < <(xargs -r grep -IHnE '[ 	]$' <<<"$code" || true)
each_hit "tab" < <(grep -E '\.[ch]$' <<<"$code" | xargs -r grep -IHn $'\t' || true)
each_hit "bytes that are not UTF-8" < <(LC_ALL=C.UTF-8 xargs -r grep -aHnvx '.*' <<<"$code" || true)
while IFS= read -r file; do
    [[ ! -s $file || -z $(tail -c 1 "$file") ]] || complain "$file: does not end with a line end"
done <<<"$code"
while IFS= read -r file; do
    complain "$file: no licence line"
done < <(grep -E '\.([ch]|sh|py|awk)$|^\.ci/run$' <<<"$code" | xargs -r grep -L 'SPDX-License-Identifier: Apache-2.0' || true)
finish "$(wc -l <<<"$all") files"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Links between the pages lead somewhere, anchors included, and docs/index.md leads to every page.
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Anchors of a page the way forges make them from headings: lower case, punctuation dropped, blanks to dashes.
anchors() {
    awk '/^```/ { code = !code } !code && /^#+ / { sub(/^#+ +/, ""); print }' "$1" |
        tr '[:upper:]' '[:lower:]' | sed -E 's/`//g; s/[^a-z0-9 _-]//g; s/ /-/g'
}

n=0
while IFS= read -r page; do
    while IFS= read -r target; do
        [[ -n $target ]] || continue
        case $target in
        http://* | https://* | mailto:*) continue ;;
        esac
        n=$((n + 1))
        path=${target%%#*}
        anchor=
        [[ $target != *#* ]] || anchor=${target#*#}
        file=$page
        [[ -z $path ]] || file=$(dirname "$page")/$path
        if [[ ! -e $file ]]; then
            complain "$page: $target leads nowhere"
        elif [[ -n $anchor && $file == *.md ]] && ! anchors "$file" | grep -qxF "$anchor"; then
            complain "$page: $target: no such heading"
        fi
    done < <(awk '/^```/ { code = !code } !code' "$page" | grep -oE '\]\([^) ]+\)' | sed -E 's/^\]\(//; s/\)$//')
done < <(files '*.md')
if [[ -f docs/index.md ]]; then
    while IFS= read -r page; do
        [[ $page == docs/index.md ]] || grep -qE "\\(${page#docs/}[)#]" docs/index.md || complain "docs/index.md does not lead to $page"
    done < <(files 'docs/*.md')
else
    complain "there is no docs/index.md"
fi
finish "$n links"

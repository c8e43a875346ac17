#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The pages of docs/families/ name every data set of registry/datasets/, as `family/name` or `name`; and where any page writes a
# `family/name` of a family there is, that data set exists. `family/name-*` stands for all that begin so, and one must.
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

known=$(files 'registry/datasets/*/*.yaml' | sed -E 's|^registry/datasets/||; s|\.yaml$||')
[[ -n $known ]] || skip "no data sets"
families=$(cut -d / -f 1 <<<"$known" | sort -u | paste -sd'|')
# shellcheck disable=SC2016 # the pages' own marks
quoted=$(files 'docs/families/*.md' | xargs -r grep -hoE '`[a-z0-9]+(/[a-z0-9-]+|[a-z0-9-]*)`' | tr -d '`' | sort -u)
while IFS= read -r name; do
    complain "registry/datasets/$name.yaml: no page of docs/families/ names it"
done < <(comm -23 <(sort <<<"$known") <({
    cat <<<"$quoted"
    awk -v quoted="$quoted" -F/ 'BEGIN { n = split(quoted, q, "\n"); for (i = 1; i <= n; i++) have[q[i]] = 1 } $2 in have' <<<"$known"
} | sort -u))
while IFS=: read -r page line name; do
    stem=${name%\*}
    if [[ $name == *\* ]]; then
        grep -qF "$stem" <<<"$known" || complain "$page:$line: there is no data set $name"
    else
        grep -qxF "$name" <<<"$known" || complain "$page:$line: there is no data set $name"
    fi
done < <(files 'README.md' 'docs/*.md' 'docs/families/*.md' | xargs -r grep -HnoE "\`($families)/[a-z0-9-]+\*?" | tr -d '`')
finish "$(wc -l <<<"$known") data sets and the pages that name them"

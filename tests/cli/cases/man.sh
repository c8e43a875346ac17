# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# Man pages of the program and of every verb are clean under mandoc.
command -v mandoc >/dev/null || skip "no mandoc"

run help
mapfile -t verbs < <(sed -n '/^Options that mean/q; s/^  \([a-z]\{2,\}\)  .*/\1/p' "$out")
for verb in '' "${verbs[@]}"; do
    run help --man ${verb:+"$verb"}
    is 0
    tells_nothing
    says '^\.TH "PLEXUS'
    cp "$out" page.1
    ran="mandoc -T lint of plexus help --man $verb"
    mandoc -T lint -W warning page.1 >"$out" 2>"$err"
    code=$?
    is 0
    mandoc -T utf8 page.1 | col -b >"$out" 2>"$err"
    says "^ *plexus${verb:+-$verb} - "
    if [[ -n $verb ]]; then
        says '^EXAMPLES$'
        says '^DESCRIPTION$'
    fi
done
refused 2 'there is no help on references' help --man references

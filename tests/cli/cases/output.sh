# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# Where output goes: -o appears whole or not at all, failed writes are errors, a closed pipe is none.

run version -o report.txt
is 0
says_nothing
holds "the report is there" grep -q '^plexus ' report.txt
holds "and nothing else" test "$(ls -A)" = report.txt

# A verb that fails leaves the old report alone, and no temporary file.
echo old >report.txt
refused 3 'there is no store' status --store none -o report.txt
holds "the old report is kept" test "$(cat report.txt)" = old
refused 2 'there is no help on nothing-like-it' help nothing-like-it -o report.txt
holds "the old report is kept" test "$(cat report.txt)" = old
holds "and nothing else" test "$(ls -A)" = report.txt
run version -o report.txt
is 0
holds "the report is replaced" grep -q '^plexus ' report.txt
holds "and nothing else" test "$(ls -A)" = report.txt

refused 3 'no/such/folder' version -o no/such/folder/report.txt
run version -o -
is 0
says '^plexus '
run version -o /dev/null
is 0
says_nothing
mkdir folder
run version -o folder
holds "a folder is refused" test "$code" -ne 0

# A symbolic link stays one.
echo old >real.txt
ln -s real.txt link.txt
run version -o link.txt
is 0
holds "the link is still a link" test -L link.txt
holds "what it names is replaced" grep -q '^plexus ' real.txt

if [[ -w /dev/full ]]; then
    ran='plexus version >/dev/full'
    "$program" version >/dev/full 2>"$err"
    code=$?
    : >"$out"
    is 7
    tells '^plexus: cannot write'
    ran='plexus version --json >/dev/full'
    "$program" version --json >/dev/full 2>"$err"
    code=$?
    is 7
fi

# The reader goes away: 141, and not a word.
for words in 'help' 'version' 'version --json' 'help --man' 'completion bash'; do
    ran="plexus $words | true"
    read -ra list <<<"$words"
    { sleep 0.1 && "$program" "${list[@]}" 2>"$err"; echo $? >code; } | true
    code=$(<code)
    : >"$out"
    is 141
    tells_nothing
done

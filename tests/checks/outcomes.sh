#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# docs/exit-codes.md is true: its preparation runs, each command of its table ends with the code given there, and each verb of the
# program has a row. An exit code other than 0 and 1 comes with a message on standard error.
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ -n $build_dir && -x $build_dir/plexus ]] || skip "the program is not built"
command -v flock >/dev/null || skip "flock is not installed"
PATH=$(cd "$build_dir" && pwd):$PATH
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
export HOME=$scratch PATH PLEXUS_STORE=store
unset PLEXUS_REGISTRY XDG_DATA_HOME
page=$source_dir/docs/exit-codes.md

cd "$scratch"
# shellcheck disable=SC2016 # the quotes are Markdown's
bash -euc "$(sed -n '/^```sh$/,/^```$/p' "$page" | grep -v '^```')" >prepare.log 2>&1 ||
    complain "the preparation fails: $(tail -n 3 prepare.log)"
n=0
# shellcheck disable=SC2016
rows=$(sed -nE 's/^\| ([a-z]+) \| `([^`]+)` \| ([0-9]+) \|.*/\1\t\2\t\3/p' "$page")
declare -A tried=()
while IFS=$'\t' read -r verb command expected; do
    [[ -n $verb ]] || continue
    n=$((n + 1))
    tried[$verb]=1
    status=0
    bash -c "$command" </dev/null >out 2>err || status=$?
    ((status == expected)) || complain "'$command' ends with $status, not $expected: $(head -n 3 err)"
    ((status <= 1)) || [[ -s err || $verb == verify ]] || complain "'$command' ends with $status without a word"
done <<<"$rows"
((n > 0)) || complain "docs/exit-codes.md has no table of commands"
while IFS= read -r verb; do
    [[ -n ${tried[$verb]:-} ]] || complain "docs/exit-codes.md has no row for $verb"
done < <(sed -nE 's/^PLX_COMMAND\(([a-z0-9_]+)\).*/\1/p' "$source_dir/cli/commands.def")
finish "$n commands and their exit codes"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The README shows what the program prints: each command of its ```console blocks is run, in order, in one scratch folder, and must
# print what follows it there (both streams). "..." stands for anything: within a line, or alone for any number of lines.
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[[ -n $build_dir && -x $build_dir/plexus ]] || skip "the program is not built"
PATH=$(cd "$build_dir" && pwd):$PATH
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
export HOME=$scratch PATH
unset PLEXUS_STORE PLEXUS_REGISTRY XDG_DATA_HOME COLUMNS
n=0
command=
expected=

# Text to a pattern that matches it alone, "..." apart.
pattern_of() {
    sed -e 's/[][\\*?]/\\&/g' -e 's/\.\.\./*/g' <<<"$1"
}

run_one() {
    [[ -n $command ]] || return 0
    local actual pattern
    n=$((n + 1))
    actual=$(cd "$scratch" && bash -c "$command" 2>&1 </dev/null) || true
    pattern=$(pattern_of "${expected%$'\n'}")
    # shellcheck disable=SC2053 # the right side is a pattern
    if [[ $actual != $pattern ]]; then
        complain "README.md: '$command' prints something else:"
        diff <(printf '%s\n' "${expected%$'\n'}") <(printf '%s\n' "$actual") | head -n 20 || true
    fi
    command=
    expected=
}

inside=0
while IFS= read -r line; do
    case $inside:$line in
    '0:```console') inside=1 ;;
    '1:```')
        run_one
        inside=0
        ;;
    '1:$ '*)
        run_one
        command=${line#'$ '}
        ;;
    1:*) expected+=$line$'\n' ;;
    esac
done <README.md
((n > 0)) || complain "README.md shows no command"
finish "$n commands of the README and what they print"

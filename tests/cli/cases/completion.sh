# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# The completion scripts are sound, and the one for bash completes.

for shell in bash zsh fish; do
    run completion "$shell"
    is 0
    tells_nothing
    cp "$out" "$shell.txt"
    ran="plexus completion $shell"
    if command -v "$shell" >/dev/null; then
        holds "$shell reads it" "$shell" -n "$shell.txt"
    fi
    holds "it knows the verbs" grep -q completion "$shell.txt"
done

# shellcheck source=/dev/null
. ./bash.txt
completes() {
    local expected=$1
    shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _plexus
    ran="completing: $*"
    code=0
    printf '%s\n' "${COMPREPLY[@]}" >"$out"
    : >"$err"
    holds "$expected was expected" grep -qxF -- "$expected" "$out"
}
completes version plexus ver
completes status plexus --store somewhere stat
completes --sources plexus path --so
completes --json plexus path --js
completes jsonl plexus ls -O js
completes never plexus version --color n
completes exit-codes plexus help ex
completes fish plexus completion ''
completes demo/micro-connectome plexus show demo/micro-c
completes demo plexus ls de
completes bash.txt plexus version -o ba

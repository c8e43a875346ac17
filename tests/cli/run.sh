#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs one file of cases against the program: `run.sh PROGRAM CASES.sh`. A case file is bash that calls the functions below. It
# starts in an empty folder of its own, with a home and a store path below it. Ends with 0, 1 (a check failed) or 77 (skipped).
set -uo pipefail
export LC_ALL=C

program=$(realpath "${1:?program}")
[[ -x $program ]] || { printf "%s is not a program\n" "$program" && exit 1; }
cases=$(realpath "${2:?file of cases}")
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
mkdir "$scratch/home" "$scratch/cwd" "$scratch/talk"
cd "$scratch/cwd" || exit 1
unset PLEXUS_STORE PLEXUS_REGISTRY NO_COLOR CLICOLOR_FORCE XDG_DATA_HOME
export HOME=$scratch/home TERM=dumb COLUMNS=100 TMPDIR=$scratch
PATH=$(dirname "$program"):$PATH
checks=0 failures=0 code=0 ran=''
out=$scratch/talk/out err=$scratch/talk/err

# run ARGUMENTS...: the program; what it says goes to $out and $err, its exit code to $code.
run() {
    ran="plexus $*"
    "$program" "$@" >"$out" 2>"$err" </dev/null
    code=$?
}

complain() {
    failures=$((failures + 1))
    printf '%s: %s\n' "$ran" "$1"
    printf '  exit code %s\n' "$code"
    sed 's/^/  out: /' "$out" | head -n 20
    sed 's/^/  err: /' "$err" | head -n 20
}

# is CODE: the exit code.
is() {
    checks=$((checks + 1))
    ((code == $1)) || complain "exit code $1 was expected"
}

# says PATTERN / tells PATTERN: a line of standard output / standard error matches (extended regular expression).
says() {
    checks=$((checks + 1))
    grep -qE -- "$1" "$out" || complain "standard output has no /$1/"
}
tells() {
    checks=$((checks + 1))
    grep -qE -- "$1" "$err" || complain "standard error has no /$1/"
}

# says_nothing / tells_nothing: the stream is empty.
says_nothing() {
    checks=$((checks + 1))
    [[ ! -s $out ]] || complain "standard output was to be empty"
}
tells_nothing() {
    checks=$((checks + 1))
    [[ ! -s $err ]] || complain "standard error was to be empty"
}

# holds MESSAGE COMMAND...: the command succeeds.
holds() {
    checks=$((checks + 1))
    local what=$1
    shift
    "$@" || complain "$what"
}

# refused CODE PATTERN ARGUMENTS...: the program ends with CODE, says nothing on standard output, and one error that matches.
refused() {
    local expected=$1 pattern=$2
    shift 2
    run "$@"
    is "$expected"
    says_nothing
    tells "^plexus: "
    tells "$pattern"
}

skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}

# shellcheck source=/dev/null
. "$cases"
if ((failures)); then
    printf '%d of %d checks failed\n' "$failures" "$checks"
    exit 1
fi
((checks)) || { printf 'nothing was checked\n' && exit 1; }
printf 'fine: %d checks\n' "$checks"

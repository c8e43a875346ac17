# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# What all verbs share: how words are understood, and what is said when they are not.

# With nothing to do, it teaches.
run
is 0
says '^Start here$'
says '^  plexus get [a-z]+/[a-z0-9-]+$'
tells_nothing
run --help
is 0
says '^  -j, --jobs N '
run -h
is 0
run --version
is 0
says '^plexus [0-9]+\.[0-9]+\.[0-9]+'
run --version --json
is 0
says '"version": "[0-9.]+"'

# Global options stand before or after the verb; --help wins over everything the verb would do.
run --json version
is 0
says '^  "version": '
run version -O json
is 0
says '^  "version": '
run -qO jsonl version
is 0
says '^\{.*"store_format":1.*\}$'
run path --help
is 0
says '^Usage$'
run --store nowhere status --help
is 0
run -- version
is 0

# Unknown verbs, options and values: exit code 2, the nearest name, and where to read more.
refused 2 'there is no verb verison$' verison
tells '^  why:   did you mean version\?$'
tells '^  next:  plexus help version$'
refused 2 'there is no verb zzzzzzzz$' zzzzzzzz
tells '^  next:  plexus help$'
refused 2 'unknown option --josn$' version --josn
tells '^  why:   did you mean --json\?$'
tells '^  next:  plexus help version$'
refused 2 'unknown option --sources$' --sources path x
tells '^  why:   options of a verb come after the verb$'
refused 2 'unknown option -Z$' version -Z
refused 2 '--format cannot be jsno$' version -O jsno
tells 'did you mean json\?'
refused 2 '--jobs cannot be lots$' version -j lots
refused 2 '--jobs is a number from 0 to 1024$' version -j 5000
refused 2 '--max-rss cannot be much$' version --max-rss much
refused 2 '--wait cannot be later$' version --wait later
refused 2 'option --store needs a value$' version --store
refused 2 '--json and -O csv contradict each other$' version --json -O csv
refused 2 'plexus version does not print html$' version -O html
tells '^  why:   it prints text, json, jsonl$'
refused 2 'one argument too many: b$' init a b
refused 2 'plexus path needs an argument$' path
tells '^  why:   it is used as: plexus path REF'
refused 2 'there is no help on verison$' help verison
refused 2 'there is no completion for tcsh$' completion tcsh
run init --store "$PWD/s"
is 0
refused 2 'is not a reference' path 'a b' --store "$PWD/s"

# With --json an error is still text, and on standard error alone.
refused 3 'there is no store at' status --json --store "$PWD/none"
tells '^  next:  plexus init --store '

# Colour only where it is wanted.
run verison --color always
is 2
holds "the error is coloured" grep -q $'\033' "$err"
NO_COLOR=1 CLICOLOR_FORCE=1 run verison
holds "NO_COLOR is respected" test -z "$(grep $'\033' "$err")"
CLICOLOR_FORCE=1 run verison
holds "CLICOLOR_FORCE is respected" grep -q $'\033' "$err"
run help
holds "no colour into a file" test -z "$(grep $'\033' "$out")"

# Control characters of the user's words do not reach the terminal.
run $'ver\033[2Jison'
is 2
holds "escapes are escaped" test -z "$(grep $'\033' "$err")"

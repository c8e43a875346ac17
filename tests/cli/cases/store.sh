# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# init, status, doctor and path.

# Where the store is: the flag, else the variable, else XDG, else home.
run init
is 0
says "$HOME/.local/share/plexus\$"
holds "at home" test -f "$HOME/.local/share/plexus/FORMAT"
XDG_DATA_HOME=$PWD/xdg run init
holds "below XDG_DATA_HOME" test -f xdg/plexus/FORMAT
PLEXUS_STORE=$PWD/variable XDG_DATA_HOME=$PWD/xdg2 run init
holds "PLEXUS_STORE" test -f variable/FORMAT -a ! -e xdg2
PLEXUS_STORE=$PWD/variable2 run init --store "$PWD/flag"
holds "--store" test -f flag/FORMAT -a ! -e variable2
run init argument/below
holds "an argument" test -f argument/below/FORMAT
refused 2 'named twice' init a --store b

export PLEXUS_STORE=$PWD/store
run init -n
is 0
says '^would make'
holds "nothing was made" test ! -e store
refused 3 "there is no store at $PWD/store" status
tells '^  next:  plexus init --store '
refused 3 'there is no store' path demo/micro-connectome
run init
is 0
says '^made an empty store at '
run init --json
is 0
says '"existed": true'
mkdir full && touch full/thing
refused 9 'full' init full
holds "what was there is kept" test "$(ls -A full)" = thing

run status
is 0
says '^data sets    0$'
says '^format       1$'
run status --json
is 0
says '^  "datasets": 0,$'
says '^  "catalog": "(missing|current)",$'
holds "JSON ends in one line end" test "$(tail -c 2 "$out")" = '}'

run doctor
is 0
for probe in plexus system processor clock 'open files' manifests store 'file system' 'free space' fsync publish locks; do
    says "^(ok|warn) +$probe "
done
holds "nothing is left behind" test -z "$(ls -A store/partial)"
run doctor --json
is 0
says '"health": "ok"'
run doctor --store "$PWD/not/yet"
is 0
holds "nothing was made" test ! -e not
holds "nothing was left" test -z "$(compgen -G '.plexus-doctor*')"
printf 'x' >>store/FORMAT
run doctor
is 1
says '^fail +store '
run init again
is 0
mkdir manifests && mkdir manifests/bad && echo 'name: [' >manifests/bad/broken.yaml
run doctor --store "$PWD/again" --registry "$PWD/manifests"
is 1
says '^fail +manifests '

# path, on a micro-set that is built in
export PLEXUS_STORE=$PWD/again
refused 3 'demo/micro-connectome@1:strict is not in the store' path demo/micro-connectome
tells '^  next:  plexus get demo/micro-connectome@1:strict$'
refused 3 'no data set named demo/nonsense' path demo/nonsense
run get demo/micro-connectome
is 0
run path micro-connectome
is 0
folder=$(<"$out")
holds "the record is there" test -f "$folder/record.json"
run path demo/micro-connectome@1:strict --json
is 0
says "\"path\": \"$folder\""
hex=${folder#*/sha256/}
hex=${hex/\//}
run path "sha256:$hex"
is 0
says "^$folder\$"
run path "sha256:${hex:0:10}"
is 0
says "^$folder\$"
refused 3 'nothing in the store has the digest' path sha256:0123456789ab
refused 3 'nearest: demo/micro-connectome' path demo/micro-conectome
refused 3 'not known in version 7' path demo/micro-connectome@7
refused 3 'has no unit "x"' path 'demo/micro-connectome#x'
run path micro-connectome --sources
is 0
file=$(<"$out")
ran='sha256sum of a source'
holds "a blob is named by its digest" test "$(sha256sum <"$file" | cut -c1-64)" = "$(tr -d / <<<"${file#*/sha256/}")"
run status --json
says '"datasets": 2,'
says '"catalog": "current"'
chmod -R u+w "$folder" && rm -r "$folder"
run path micro-connectome
is 4
tells 'is missing from the store'

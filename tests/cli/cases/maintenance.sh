# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# verify, repair, rm and gc, on micro-sets that are built in.

export PLEXUS_STORE=$PWD/store
for verb in verify repair gc; do
    refused 3 'there is no store' "$verb"
    tells '^  next:  plexus init --store '
done
refused 3 'there is no store' rm demo/micro-connectome
holds "none was made" test ! -e store

run get demo/micro-connectome demo/micro-nemanode
is 0
run verify
is 0
says '^clean: [0-9]+ blobs, [0-9]+ records, [0-9]+ refs, .* hashed, every catalog row derived again$'
run verify --quick
is 0
says 'nothing was hashed$'
run verify demo/micro-connectome
is 0
says '^clean: [0-9]+ blobs, [12] records, 1 refs'
run verify --json
is 0
says '^  "clean": true,$'
says '^  "findings": \[\],$'
refused 3 'the store has no data set demo/nonsense' verify demo/nonsense
refused 2 '' verify 'de mo'

# rm: all words before the first file
refused 3 'demo/micro-conectome' rm demo/micro-nemanode demo/micro-conectome
tells 'micro-connectome'
tells '^  kept:  nothing was removed$'
refused 2 'no data set as a whole' rm demo/micro-nemanode#x
refused 2 'no data set as a whole' rm task:anything
run rm -n demo/micro-nemanode
is 0
says '^would remove demo/micro-nemanode@1:strict$'
run rm micro-nemanode
is 0
says '^removed demo/micro-nemanode@1:strict$'
tells '^plexus gc gives back'
run rm demo/micro-nemanode
is 0
says '^demo/micro-nemanode is not stored$'
run rm --json demo/micro-nemanode
is 0
says '"not_stored": \['
run ls --present
holds "it is not listed" test -z "$(grep micro-nemanode "$out")"

# gc: grace, dry run, and then for good
run verify
is 0
says 'objects \(.*\) are not in use: plexus gc$'
run gc
is 0
says '^removed 0 objects, 0 B; kept [0-9]+ that are young \(--grace 0 takes them\)$'
run gc -n --grace 0
is 0
says '^(blobs|records)/sha256/'
says '^would remove [0-9]+ objects'
refused 2 'forever' gc --grace forever
run gc --grace 0
is 0
says '^removed [1-9][0-9]* objects'
run gc --grace 0 --json
is 0
says '"objects": 0,'
run verify
is 0
holds "nothing is left over" test "$(wc -l <"$out")" = 1

# damage: found, located, kept, mended
blob=$(cd store && find blobs -type f | sort | head -n 1)
chmod u+w "store/$blob"
cp "store/$blob" "$PWD/sound"
printf 'x' >>"store/$blob"
run verify
is 4
says "^damaged: $blob\$"
says '^  what:   sha256 differs$'
says '^  digest: sha256:[0-9a-f]{64}$'
says '^  for:    [a-z]+/'
says '^  next:   plexus repair$'
says '^1 damaged: '
run verify --json
is 4
says '^      "kind": "blob",$'
run verify -O jsonl
is 4
holds "a line for the finding and one for the sum" test "$(wc -l <"$out")" = 2
run repair -n
is 1
says "^damaged: $blob\$"
says '^  next:   plexus repair$'
says 'nothing was changed'
holds "it is still there" test -e "store/$blob"
run repair
is 1
says "^moved away: $blob\$"
says '^  next:   plexus get [a-z]+/.* --from DIR$'
printf 'x' >>sound
holds "every byte is kept" cmp sound "store/quarantine/${blob//\//\~}"
holds "with the reason" grep -q '^why: sha256 differs$' "store/quarantine/${blob//\//\~}.reason.txt"
run verify
is 4
says "^missing: $blob\$"
run get demo/micro-atlas demo/micro-connectome
is 0
run verify
is 0
run repair
is 0
says 'nothing was damaged'

# damaged refs: nothing is collected while it is not known what is needed
run rm demo/micro-connectome
ref=$(cd store && find refs -name '*.json' | head -n 1)
printf 'x' >>"store/$ref"
refused 9 'nothing is removed while the store is damaged' gc --grace 0
tells '^  next:  plexus repair$'
run repair
is 1
says "^moved away: $ref\$"
run gc --grace 0
is 0
run verify
is 0

# FORMAT: read-only verbs go on, writing ones do not
run get demo/micro-connectome
printf 'x' >>store/FORMAT
refused 4 'FORMAT is damaged' get demo/micro-nemanode
tells '^  next:  plexus repair --store '
run verify
is 4
says '^damaged: FORMAT$'
run repair
is 0
run verify
is 0
printf 'plexus store 2\n' >next && printf 'sha256 %s\n' "$(sha256sum next | cut -d ' ' -f 1)" >>next
cp next store/FORMAT
for verb in verify repair gc "get demo/micro-connectome"; do
    # shellcheck disable=SC2086 # several words
    refused 10 'newer plexus' $verb
done

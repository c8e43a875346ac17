# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# export: whole or not at all, never over anything, the same bytes each time.

export PLEXUS_STORE=$PWD/store
run get demo/micro-nemanode demo/micro-atlas
is 0
readonly notes=(CITATION.bib LICENCE.txt README.txt changes.csv provenance.json)
folder_is() { # DIR FILES...: exactly these and the notes
    local dir=$1
    shift
    [[ $(cd "$dir" && find . -type f -printf '%P\n' | LC_ALL=C sort) == $(printf '%s\n' "${notes[@]}" "$@" | LC_ALL=C sort) ]]
}
run export demo/micro-nemanode -o csv/
is 0
says '^csv  demo/micro-nemanode@1:strict as csv, 7 files, '
holds "tables" folder_is csv nodes.csv edges.csv
holds "edges name cells and kinds" grep -qx 'avbl,VB10,gap,2.0,1' csv/edges.csv
holds "each change is listed" grep -q '^drop,,0,micro_nemanode.json,13,.*,zero-weight,DD1->VB02 chemical$' csv/changes.csv
holds "the licence" grep -qx '  licence   Apache-2.0' csv/LICENCE.txt
run cite demo/micro-nemanode
holds "what to cite" cmp -s "$out" csv/CITATION.bib
run export demo/micro-nemanode -O graphml -o graphml
is 0
holds "a graph" folder_is graphml graph.graphml
run export demo/micro-nemanode -O npz -o npz
is 0
holds "matrices" folder_is npz nodes.npz edges.npz chemical.npz gap.npz
run export demo/micro-nemanode -O npy -o npy
is 0
holds "arrays" test -f npy/nodes/label.npy -a -f npy/edges/weight.npy
run export demo/micro-nemanode -O json -o json --json
is 0
says '"as": "json"'
holds "a document" folder_is json record.json
run export micro-atlas -o atlas
is 0
holds "another kind" folder_is atlas neurons.csv

# The same bytes again, also by digest; what is there already stays.
mkdir again
for form in csv graphml npz npy json; do
    run export demo/micro-nemanode -O "$form" -o "again/$form" -j 3
    is 0
    holds "the same bytes" diff -r "$form" "again/$form"
done
run path demo/micro-nemanode --json
digest=$(grep -o '"sha256": "[0-9a-f]*"' "$out" | grep -o '[0-9a-f]\{64\}')
run export "sha256:$digest" -o by-digest
is 0
holds "the same by digest" diff -r csv by-digest
run export demo/micro-nemanode -o csv
is 0
says 'was there already$'
mkdir empty
run export demo/micro-nemanode -o empty
is 0
says '^empty  '
refused 9 'csv is there already and holds other things' export demo/micro-nemanode -O json -o csv
echo mine >>csv/README.txt
refused 9 'csv is there already' export demo/micro-nemanode -o csv
holds "and is kept" grep -qx mine csv/README.txt
echo mine >file
refused 9 'file is there already' export demo/micro-nemanode -o file
holds "and is kept" test "$(cat file)" = mine

# Refused, and nothing left behind.
refused 8 'is no graph' export micro-atlas -O graphml -o no
refused 2 'needs a folder' export micro-atlas
refused 2 'cannot be xlsx' export micro-atlas -O xlsx -o no
refused 3 'cannot make a folder beside' export micro-atlas -o nowhere/no
refused 3 'is not in the store' export demo/micro-connectome -o no
refused 3 'no data set named' export demo/nothing -o no
refused 2 'no name for a new folder' export micro-atlas -o .
run export micro-atlas -o no -n
is 0
says '^would make no  demo/micro-atlas@1:strict as csv$'
holds "nothing is left" test -z "$(find . -name '*.tmp-*' -o -name no)"

# Full disk or not, unreadable record or not: no half of a folder.
chmod -R u+w store
printf x >>"$(find store/records -path '*edges/weight.npy' | head -n 1)"
refused 4 'is damaged' export demo/micro-nemanode -o no
holds "nothing is left" test -z "$(find . -name '*.tmp-*' -o -name no)"

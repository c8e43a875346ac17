# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# Data sets of many records: one at a time, several, the rest; with a reader and without.
export PLEXUS_STORE=$PWD/store PLEXUS_REGISTRY=$PWD/known
mkdir -p known/lab files
printf 'cell\nAVAL\nAVAR\n' >files/cells.csv
for worm in a b c; do
    printf 'pre,post,type,synapses\nAVAL,AVAR,chemical,1\n' >"files/$worm.csv"
done
printf 'pre,post,type,synapses\nAVAL,AVAR,chemical,1\nAVAR,AVAL,chemical,7\n' >files/b.csv
cat >known/lab/worms.yaml <<'END'
schema: manifest/1
name: lab/worms
version: "1"
title: Three worms
description: Of a test.
kind: connectome
licence: CC0-1.0
ingester: edge_table
options: {weight_unit: synapses, node_files: cells.csv, node_column: cell}
files:
  - {name: cells.csv}
  - {name: a.csv, unit: A-1}
  - {name: b.csv, unit: B-2}
  - {name: c.csv, unit: C-3}
expect:
  strict: {units: 3, all_edges: 4}
END
sed 's,^name: .*,name: lab/unread,; s/^ingester: .*/ingester: none/; s/^options.*/layout: tables/' known/lab/worms.yaml >known/lab/unread.yaml

run get lab/worms#B-2 -n
is 0
says '^ +unknown  cells.csv  from nowhere known$'
says '^ +unknown  b.csv  from nowhere known$'
holds "no file of another worm" bash -c "! grep -q 'a.csv' '$out'"
refused 3 'lab/worms has no unit "B-3"' get lab/worms#B-3 --from files
tells 'did you mean'
run get lab/worms#B-2 --from files
is 0
says '^lab/worms@1:strict +ingested .*; asked for B-2; 2 files fetched \(80 B\)$'
run show lab/worms
is 0
says '^Counts$'
says '^  records +1 of 3 are in the store; plexus get brings the others$'
run get lab/worms#C-3 lab/worms#A-1 --from files
is 0
says 'in the first of 3 records; asked for C-3, A-1; 2 files fetched'
run show lab/worms
is 0
says '^Records: 3$'
run path lab/worms#B-2
is 0
record=$(head -n 1 "$out")
holds "its own file is an input" grep -q '"b.csv"' "$record/record.json"
holds "those of other worms are none" bash -c "! grep -q '\"a.csv\"' '$record/record.json'"
run get lab/worms --from files
is 0
says '^lab/worms@1:strict +present '
run verify
is 0
says '^clean: '
cp -r store in-parts
run rm lab/worms
run gc --grace 0
run get lab/worms --from files
is 0
holds "all at once gives the same ref" cmp store/refs/lab/worms/1.strict.json in-parts/refs/lab/worms/1.strict.json
holds "and the same records" diff -r store/records in-parts/records

run check known/lab/worms.yaml --from files
is 0
says '#B-2: connectome '
sed 's/all_edges: 4/all_edges: 5/' known/lab/worms.yaml >off.yaml
run check off.yaml --from files
is 8
tells 'all_edges'
run rm lab/worms
sed -i 's/all_edges: 4/all_edges: 5/' known/lab/worms.yaml
refused 8 'all_edges' get lab/worms --from files

run get lab/unread#A-1 --files-only --from files
is 0
says '^lab/unread@1:strict +fetched +2 files kept, none read'
run get lab/unread#B-2 --files-only --from files
is 0
says '^lab/unread@1:strict +fetched +3 files kept, none read'
run show lab/unread
is 0
says '^  records +2 of 3 are in the store'
run show lab/unread --json
says '"units_known": 3'
says '"units_here": 2'
run get lab/unread --files-only --from files
is 0
says '^lab/unread@1:strict +fetched +4 files kept, none read'
run get lab/unread#C-3 --files-only
is 0
says '^lab/unread@1:strict +present +4 files kept, none read'

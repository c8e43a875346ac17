# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# Manifests from local files: who reads them is found out, folders are walked, and what is printed passes check.
export PLEXUS_STORE=$PWD/store
mkdir -p worms/deep empty
printf 'Source,Target,Type,Weight\nAVAL,AVAR,chemical,1\n' >'worms/run 1.csv'
printf 'Source,Target,Type,Weight\nAVAL,AVAR,chemical,2\nAVAR,AVAL,chemical,2\n' >worms/deep/run2.csv
printf 'hidden\n' >worms/.hidden
printf '[{"pre": "AVAL", "post": "AVAR", "typ": 0, "syn": [1]}]' >net.json
printf '\001\002\003' >scan.bin

run add worms --as lab/worms --set weight_unit=synapses -n -o made.yaml
is 0
tells '^reads like edge_table: '
holds "it has the options that were found out" grep -q '^  pre_column: Source$' made.yaml
holds "names are relative to the folder" grep -q '^  - name: deep/run2.csv$' made.yaml
holds "media types are said" grep -q '^    media: text/csv$' made.yaml
holds "hidden files are left out" bash -c '! grep -q hidden made.yaml'
run check made.yaml
is 0
says 'sound manifest, lab/worms@1, 2 files$'
run add worms --as lab/worms --set weight_unit=synapses --set weight_column=Weight --set pre_column=Target -n -q
is 0
tells_nothing
says '^  pre_column: Target$'
refused 8 'weight_unit is required' add worms --as lab/worms -q -n
run add net.json --as lab/net --set weight_unit=synapses -n
is 0
says '^ingester: nemanode_json$'

run add worms --as lab/worms --set weight_unit=synapses --unit-per-file
is 0
says '^lab/worms@1: added, 2 records, 0 changes recorded$'
run show lab/worms
says '^  run2 +sha256:'
says '^  run_1 +sha256:'
run show lab/worms#run2
is 0

run add scan.bin --as lab/scan -n -o scan.yaml
is 0
tells 'the manifest has none$'
holds "nobody reads it" grep -q '^ingester: none$' scan.yaml
holds "its layout is begun" grep -q 'scan.bin: of no format that is read here' scan.yaml
run check scan.yaml
is 0
says 'no reader$'
refused 2 'which ingester reads the files\?' add scan.bin --as lab/scan
tells 'or none, to keep the files as they are'
refused 2 'there is no ingester nobody' add scan.bin --as lab/scan --ingester nobody
run add scan.bin --as lab/scan --ingester none
is 0
says '^lab/scan@1: added, 1 file kept, none read$'
run add scan.bin --as lab/scan --ingester none
is 0
says '^lab/scan@1: already there, 1 file kept, none read$'
run ls lab
says '^lab/scan +files +3 B +files +lab/scan \(added here\)$'
run verify
is 0
refused 3 'there are no files in empty' add empty --as lab/empty -n
refused 3 'nowhere' add nowhere --as lab/empty -n -q

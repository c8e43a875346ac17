# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# get, show and diff on the demo sets: outside a store, in one, and with words that are off.

# A dry run needs no store and makes none.
run get demo/ -n --store store
is 0
says '^demo/micro-nemanode  licence Apache-2\.0$'
says '^ +698 B  micro_nemanode\.json  from builtin:micro_nemanode\.json$'
tells '5 files to fetch'
holds "no store is made" test ! -e store
run get demo/ -n --store store -O csv
says '^demo/micro-atlas,micro_atlas\.csv,'
run get --all -n --store store
holds "demo sets are no part of --all" test -z "$(grep demo/ "$out")"
says '^connectome/emmons2015  licence none-stated$'
run get connectome/:compat -n --store store
says '^connectome/white1986-jse:compat  licence none-stated$'
holds "no compat mode, no line" test -z "$(grep emmons "$out")"

# What is not in the store is shown from its manifest.
run show connectome/emmons2015 --store store
is 0
says '^  licence +none-stated '
says '^    commit  [0-9a-f]{40}$'
says 'pinned in the manifest$'
says '^  gap_sum +8649$'
says 'plexus get connectome/emmons2015@1:strict$'
run show connectome/emmons2015 --store store --json
says '"in_store": false'
says '"counts": null'
says '"counts": "it is not in the store"'

export PLEXUS_STORE=$PWD/store
run get micro-connectome
is 0
says '^demo/micro-atlas@1:strict +ingested +13 neurons, 7 classes, 1 change; 1 file fetched .*; others use it$'
says '^demo/micro-connectome@1:strict +ingested +13 nodes, 28 edges, 0 changes; 1 file fetched '
run get micro-connectome
is 0
says '^demo/micro-connectome@1:strict +present '
run get demo/ 'demo/*:compat' demo/micro-connectome
is 0
holds "one line for each data set and mode" test "$(wc -l <"$out")" = 10
says '^demo/micro-atlas@1:compat +skipped '
run get demo/micro-nemanode --force -j 3
is 0
says '^demo/micro-nemanode@1:strict +ingested '
run get demo/ --json
is 0
says '"outcome": "present"'
says '"gap_pairs": 5'
run get demo/ -O csv
is 2

# Words that are off, and sources that cannot be had.
refused 2 'which data set' get
refused 3 'no data set named demo/micro-conectome' get demo/micro-conectome
tells 'nearest: demo/micro-connectome'
refused 3 'no data set belongs to dmo/' get dmo/
tells 'plexus get demo/'
refused 3 'not known in version 9' get demo/micro-atlas@9
refused 3 'has no compat mode' get demo/micro-atlas:compat
refused 3 'has no unit "u"' get 'demo/micro-atlas#u'
refused 2 'no data set; only' get metric:auc
refused 2 'strict or compat' get demo/micro-atlas:fast
refused 3 'cannot look for files in nowhere' get connectome/white1986-jse --from nowhere
run get connectome/white1986-jse demo/micro-atlas --offline
is 1
says '^demo/micro-atlas@1:strict +present '
tells 'neuron_master_sheet\.csv of atlas/celegans-neurons cannot be had'
tells '^  next:  plexus get connectome/white1986-jse --from DIR'
holds "told once" test "$(grep -c 'cannot be had' "$err")" = 1
tells 'data sets failed:.* connectome/white1986-jse@1:strict'
run get connectome/white1986-jse --offline
is 5
run get connectome/white1986-jse --offline --json
is 5
says '"code": "net"'
run verify
is 0

# A data set on a page.
run show demo/micro-nemanode
is 0
says '^demo/micro-nemanode@1:strict$'
says '^A demo set: '
says '^ +canonical neurons +all cells$'
says '^gap_sum +11 +11 '
says '^chemical_sum +3 +9 '
says '^Changes made at ingest: 10$'
says '^ +1  average, rule gap-unequal: '
says 'such as VB02: "VB02" -> "VB2"  \(micro_nemanode\.json line 2\)$'
says '^    url     builtin:micro_nemanode\.json$'
says 'verified: it is the one the manifest pins$'
says '^  import pathlib, numpy as np$'
run show demo/micro-nemanode --changes
says '^  drop zero-weight  DD1->VB02 chemical: "0" -> ""  \(micro_nemanode\.json line 13\)$'
run show demo/micro-nemanode:compat --json
is 0
says '"gap_directed": 3'
says '"upstream": "ConnectomeBasePreprocessor"'
record=$(grep -o '"record": "[0-9a-f]*"' "$out" | grep -o '[0-9a-f]\{64\}')
run show "sha256:${record:0:12}"
is 0
says '^sha256:'
says "^  record  sha256:$record\$"
run show demo/micro-atlas demo/micro-connectome -O jsonl
is 0
holds "one line each" test "$(wc -l <"$out")" = 2
run show demo/micro-atlas demo/micro-connectome --json
says '^\[$'
refused 3 'nothing in the store has the digest 000000' show sha256:000000
refused 3 'no metric' show metric:nothing
refused 3 'no unit "x"' show 'demo/micro-atlas#x'
refused 3 'nobody' show demo/nobody

# Differences.
run diff demo/micro-nemanode demo/micro-nemanode
is 0
says '^no difference$'
run diff demo/micro-nemanode demo/micro-nemanode:compat
is 1
says '^cells: 5 in both, 3 only in A, 0 only in B$|^cells: [0-9]+ in both'
says '^edges: 2 the same, 6 only in A, 0 only in B, 0 with another weight$'
says '^  gap +AVBL -- VB10  2$'
run diff demo/micro-nemanode demo/micro-nemanode:compat --max 1
says '^  \.\.\. and 5 more '
run diff demo/micro-nemanode demo/micro-connectome --json
is 1
says '"same": false'
says '"cost_of_neurons_only_b": '
run diff demo/micro-nemanode demo/micro-connectome --sort weight --max 2
is 1
says '^Neurons only in A: 3$'
says '^  with them B lacks: 3 chemical edges of weight 8, of these 1 between neurons, of weight 3$'
says '^  VB2 +4 edges, weight 9$'
says '^Other cells only in A: 3$'
run diff demo/micro-nemanode demo/micro-connectome --sort size
is 2
run diff demo/micro-atlas demo/micro-connectome
is 1
says '^member +edges/weight\.npy +- '
refused 3 'is not in the store' diff demo/micro-atlas connectome/white1986-n2u
tells 'plexus get connectome/white1986-n2u'
run diff demo/micro-atlas
is 2

# What was added from local files is known to the store alone: named, listed, cited and replaced like anything else.
printf 'pre,post,type,synapses\nAVAL,AVAR,chemical,3\n' >own.csv
own=(add own.csv --as lab/own --ingester edge_table --set weight_unit=synapses)
run "${own[@]}"
is 0
says '^lab/own@1: added, 1 record'
run cite lab/own
is 0
says '^@misc\{own,'
run ls lab
says '^lab/own +connectome +44 B +strict +lab/own \(added here\)$'
run search own.csv
says 'lab/own'
run path own
is 0
refused 3 'no data set named lab/onw' show lab/onw
tells 'nearest: lab/own$'
refused 3 'lab/own is not known in version 4' path lab/own@4
printf 'pre,post,type,synapses\nAVAL,AVAR,chemical,9\n' >own.csv
run "${own[@]}"
is 0
says '^lab/own@1: replaced, 1 record'
run "${own[@]}"
says '^lab/own@1: already there'
# A file that turns out to be no good leaves not even itself behind.
printf 'pre,post,type,synapses\nAVAL,AVAR,chemical,two\n' >bad.csv
find "$PLEXUS_STORE" -type f -exec sha256sum {} + | sort >before
refused 8 'the weight "two" is not a number' add bad.csv --as lab/bad --ingester edge_table --set weight_unit=synapses
tells 'kept:  the store is as it was$'
find "$PLEXUS_STORE" -type f -exec sha256sum {} + | sort >after
holds "the store is as it was" cmp before after
printf 'title: mine\ningester: edge_table\n' >poor.yaml
refused 8 'breaks the schema' check poor.yaml
mkdir folder.csv
refused 3 'there are no files in folder.csv' add folder.csv --as lab/f --ingester edge_table
refused 9 'is a file, and a store is a folder' status --store own.csv
run help formats
says '^    weight_unit \(required\) '

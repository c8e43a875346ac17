# shellcheck shell=bash disable=SC2154 # run.sh gives variables
# SPDX-License-Identifier: Apache-2.0
#
# Questions about a connectome: cells, classes, ways, degrees, symmetry; the same through the views of sql; near names.

export PLEXUS_STORE=$PWD/store
run get demo/micro-connectome
is 0
micro=demo/micro-connectome

run show "$micro#AVM"
is 0
says '^AVM  sensory neuron of class AVM, transmitter Glu'
says '^chemical, sends to 4 cells: 4 '
says '^gap, joined to 3 cells: 3 '
run show "$micro" --cell avm --kind gap --max 1
is 0
says '^  \.\.\. and 2 more \(--max 0 lists all\)$'
holds "gap junctions only" test "$(grep -c '^chemical' "$out")" = 0
run show "$micro#PLML" --json
is 0
says '"homologue": "PLMR"'
says '"mirrored": 1.0'
run show "$micro#AVM" -O csv
is 0
says '^kind,direction,cell,class,type,weight'
says '^chemical,out,AVBL,AVB,inter,1'
says '^gap,both,AVDL,AVD,inter,1'

run show "$micro#PVC" --class
is 0
says '^PVCL  inter neuron of class PVC'
says '^chemical +out +AVB +4 +4$'
says '^chemical +in +ALM +2 +2$'
run show "$micro#PVCR" --class --json
is 0
says '"class": "PVC"'

run show "$micro" --path AVM,AVAL
is 0
says '^AVM to AVAL: 2 ways of up to 3 hops'
says '^   3 +1  AVM -\(chemical 1\)-> PVCR -\(gap 1\)-> PLMR -\(chemical 1\)-> AVAL$'
says '^   2 +1  AVM -\(gap 1\)-> AVDL -\(chemical 1\)-> AVAL$'
run show "$micro" --path AVM AVAL --hops 1
is 0
says '^AVM to AVAL: no way of up to 1 hops; the shortest has 2 hops$'
run show "$micro" --path AVBL --path AVM --json
is 0
says '"shortest": null'
says '"found": 0'
run show "$micro" --path AVM,AVAL --kind chemical
is 0
says 'nor a longer one$'

run show "$micro" --degrees --max 1
is 0
says '^AVM +AVM +sensory +0 +0 +4 +4 +3 +3$'
run show "$micro" --degrees -O csv
is 0
holds "every cell" test "$(wc -l <"$out")" = 14
run show "$micro" --symmetry
is 0
says '^chemical +11 +7 +4 +0.6364'
says '^PLMR +AVAL +1 +0$'

refused 3 'demo/micro-nemanode@1:strict is not in the store' show demo/micro-nemanode#AVM
refused 3 'nearest: AVAL' show "$micro#AVLA"
refused 3 'nearest: AVA' show "$micro#AVAX" --class
refused 3 'its kinds: chemical, gap' show "$micro#AVM" --kind electrical
refused 2 'two ends' show "$micro" --path AVM
refused 2 'from one cell to another' show "$micro" --path AVM,AVM
refused 2 'questions of their own' show "$micro" --degrees --symmetry
refused 2 'needs a cell or a class' show "$micro" --class
refused 2 'goes with a cell' show "$micro" --kind gap
refused 2 'is no table' show "$micro" -O csv
run get demo/micro-atlas
refused 3 'without units' show demo/micro-atlas#AVM
refused 8 'no connectome' show demo/micro-atlas --degrees

run sql "SELECT direction, count(*), sum(weight) FROM partner WHERE cell = 'AVM' GROUP BY 1" -O csv
is 0
says '^both,3,3.0$'
says '^out,4,4.0$'
run sql "SELECT n_out, weight_out, n_in FROM degree WHERE label = 'AVM' AND kind = 'gap'" -O csv
is 0
says '^3,3.0,3$'
run sql "SELECT weight, edges FROM class_synapse WHERE pre = 'PVC' AND post = 'AVB'" -O csv
is 0
says '^4.0,4$'
run sql "SELECT count(*), sum(mirrored > 0), sum(mirrored = 0) FROM mirror WHERE kind = 'chemical'" -O csv
is 0
says '^18,14,4$'

# The same of a published one: numbers by pandas and networkx.
data=${PLEXUS_TEST_DATA:-$(dirname "$cases")/../../../../shared/data}
if [[ -d $data/celegans ]]; then
    run get connectome/cook2019 connectome/winding2023-larva --from "$data"
    is 0
    run show connectome/cook2019#AVAL
    is 0
    says '^chemical, sends to 44 cells: 259 EM sections$'
    says '^chemical, receives from 65 cells: 667 EM sections$'
    says '^gap, joined to 45 cells: 230 EM sections$'
    run show connectome/cook2019#AVA --class
    is 0
    says '^chemical +out +VA +145 +22$'
    for hops in '2 14' '3 304' '4 6302'; do
        run show connectome/cook2019 --path ASHL,AVAL --hops "${hops% *}"
        is 0
        says "^ASHL to AVAL: ${hops#* } ways of up to ${hops% *} hops"
    done
    run show connectome/cook2019 --symmetry
    is 0
    says '^chemical +2247 +909 +1338 +0.478 +0.8227$'
    says '^gap +635 +216 +419 +0.359 +0.9216$'
    run sql "SELECT count(*), sum(mirrored > 0), sum(mirrored = 0) FROM mirror WHERE kind = 'chemical' AND ref LIKE '%cook%'" -O csv
    is 0
    says '^3156,1818,1338$'
    # More edges than the catalog copies: asked of the record's files.
    run show connectome/winding2023-larva#8980589 --kind aa
    is 0
    says '^aa, sends to 38 cells: 179 synapses$'
    says '^aa, receives from 35 cells: 116 synapses$'
fi

# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Predictions from files: what is asked, what is refused and how it is told, comparing, replaying, leaks.
# shellcheck disable=SC2154
# shellcheck source=tests/support/python.sh
. "$(dirname "$cases")/../../support/python.sh"
python=$(python_with "numpy")
export PLEXUS_STORE=$PWD/store
readonly on=demo/micro-connectome unit=demo.micro-connectome

# Two files by one metric need no store.
printf 'score\n0.1\n0.4\n0.35\n0.8\n' >scores.csv
printf 'label\n0\n0\n1\n1\n' >labels.csv
run score metric:roc_auc --pred scores.csv --truth labels.csv
is 0
says '^roc_auc +0\.75$'
run score metric:roc_auc --pred scores.csv --truth labels.csv -O json
says '"roc_auc": 0\.75'
run score metric:hits --set k=1 --pred scores.csv --truth labels.csv
is 0
says '^hits +0\.5$'
printf 'label\n0\n1\n' >short.csv
refused 8 'do not fit together' score metric:roc_auc --pred scores.csv --truth short.csv
printf 'label\n0\n0\n0\n0\n' >zeros.csv
run score metric:roc_auc --pred scores.csv --truth zeros.csv
is 0
says '^roc_auc +not defined: '
printf 'p,n1,n2\n0.9,0.1,0.2\n0.3,0.5,0.1\n' >ranks.csv
run score metric:mrr --pred ranks.csv
is 0
says '^mrr +0\.75$'
printf 'x,y\n0.2,0.8\n0.6,0.4\n' >proba.csv && printf 'label\n1\n1\n' >ones.csv
run score metric:accuracy --pred proba.csv --truth ones.csv
is 0
says '^accuracy +0\.5$'
refused 3 'cannot|no such' score metric:roc_auc --pred nothing.csv --truth labels.csv
refused 2 'go with metric' score folder --pred scores.csv
[[ ! -e store ]] || complain 'scoring two files made a store'

run get $on
run predict connectome-link --on $on --seeds 2 -o mine
is 0
says '2 cells of connectome-link'
holds 'files to learn from and to score' test -s mine/$unit/seed-0.train.csv -a -s mine/$unit/seed-1.test.csv -a -s mine/$unit/seed-0.graph.csv
holds 'no label of the test' bash -c "! head -1 mine/$unit/seed-0.test.csv | grep -q label"
refused 9 'there already' predict connectome-link --on $on -o mine
refused 8 'model.name is empty' score mine
sed -i 's/"name": ""/"name": "mine"/' mine/submission.json

# Everything wrong is told together.
rows=$(($(wc -l <mine/$unit/seed-0.test.csv) - 1))
sed -e '1s/$/,score/' -e '2,$s/$/,0.5/' mine/$unit/seed-0.test.csv >good.csv
sed -e '3d' -e '4s/0.5$/nan/' good.csv >mine/$unit/seed-0.csv
sed -n 2p good.csv >>mine/$unit/seed-0.csv
echo 'NOBODY,AVAL,1' >>mine/$unit/seed-0.csv
cp good.csv mine/$unit/seed-7.csv
run score mine
is 8
tells 'seed-1.npy \(or .csv\) is missing'
tells 'seed-0.csv lacks 1 of'
tells 'seed-0.csv line [0-9]+: NOBODY,AVAL is not asked about'
tells 'seed-0.csv line [0-9]+: .* is there twice'
tells 'seed-0.csv: 1 of [0-9]+ items has a score that is not a finite number: '
tells 'seed-7.csv belongs to no cell'
tells 'nothing was scored'
says_nothing
run board
is 1
rm mine/$unit/seed-7.csv
cp good.csv mine/$unit/seed-0.csv

# Rows in any order, either way round.
sed -e '1s/$/,score/' -e '2,$s/$/,0.5/' mine/$unit/seed-1.test.csv | awk -F, 'NR == 1 { print; next } { print $2 "," $1 "," $3 }' | { read -r head && echo "$head" && sort -r; } >mine/$unit/seed-1.csv
run score mine
is 0
says '^mine on connectome-link: 2 cells'
says '^  roc_auc +0\.5000 '
run score mine
is 0
run board
says '^ +1  mine \(from files\) +0\.5000'
run show "run:$("$program" sql "SELECT substr(run, 5, 12) AS hex FROM run" -O csv | tail -n 1)"
is 0
says '^  status +complete'

# Arrays: shapes and types.
if [[ -n $python ]]; then
    rm mine/$unit/seed-*.csv && "$program" predict connectome-link --on $on --seeds 2 -o again && cp again/$unit/*.csv mine/$unit/
    "$python" -c "import numpy as n; n.save('mine/$unit/seed-0.npy', n.zeros($rows + 1)); n.save('mine/$unit/seed-1.npy', n.array(['a'] * $rows))"
    run score mine
    is 8
    tells "seed-0.npy is float64 .*, expected reals \($rows,\)"
    tells 'seed-1.npy: '
    "$python" -c "import numpy as n; x = n.ones($rows); x[2:] = n.inf; n.save('mine/$unit/seed-0.npy', x)"
    run score mine
    is 8
    tells "seed-0.npy: $((rows - 2)) of $rows items have a score that is not a finite number, first [A-Z]+,[A-Z]+ \\(row 2, from 0\\)"
    "$python" -c "import numpy as n; [n.save('mine/$unit/seed-%d.npy' % i, n.ones($rows, 'f4')) for i in (0, 1)]"
    run score mine
    is 0
    says '^  roc_auc +0\.5000 '
    # The ten lines of docs/benchmarks.md.
    rm -rf mine && "$program" predict connectome-link --on $on -o mine
    # shellcheck disable=SC2016 # the quotes are Markdown's
    sed -n '/^```python$/,/^```$/p' "$(dirname "$cases")/../../../docs/benchmarks.md" | grep -v '^```' >ten.py
    holds 'ten lines' test "$(wc -l <ten.py)" -le 10
    holds 'the example of the page runs' "$python" ten.py
    run score mine
    is 0
    says '^degree-product on connectome-link: 10 cells'
fi

# A model's predictions score as the model does.
run predict connectome-link random --on $on -o theirs
is 0
run score theirs
is 0
score=$(grep roc_auc "$out")
run run connectome-link random --on $on
says "$(sed -E 's/^ +roc_auc +//; s/\+/\\+/g' <<<"$score")"
run compare connectome-link random random
is 0
says '^random +random +roc_auc +\+0\.0000'
refused 3 'there is no model randon' compare connectome-link random randon
tells 'did you mean random'
refused 8 'does not answer the task' compare connectome-link random majority
refused 3 'no board of connectome-link has complete runs' compare connectome-link random jaccard --metrics strict
tells 'plexus run connectome-link random jaccard --metrics strict$'
# A name is the run whose parameters were chosen on validation, whatever another has scored.
run run connectome-link svd --on $on
run run connectome-link svd --on $on --set rank=2 --set values=binary
refused 2 'rank is set twice' run connectome-link svd --on $on --set rank=2 --set rank=4
run compare connectome-link svd random -O json
chosen=$(sed -nE 's|^ *"mean_a": (.*),|\1|p' "$out")
holds 'the run without parameters set by hand' test "$chosen" = "$("$program" sql "SELECT mean FROM result JOIN run ON run.run = result.run WHERE run.model = 'svd' AND params = '' AND score = 'roc_auc' AND unit = ''" -O csv | tail -n 1)"
run compare connectome-link random random --all -O json
says '"p_sign_flip": 1\.0'
hex=$("$program" sql "SELECT run FROM run WHERE external = 0" -O csv | tail -n 1)
run replay "$hex"
is 0
says 'the same: 10 of 10'
run run connectome-link random --on $on --seeds 3
other=$("$program" sql "SELECT run FROM run WHERE external = 0 AND n_cells = 3" -O csv | tail -n 1)
refused 9 'not comparable: they differ in splits' compare "$hex" "$other"
refused 2 'no run' replay task:connectome-link
external=$("$program" sql "SELECT run FROM run WHERE external = 1" -O csv | tail -n 1)
refused 8 'scored from files' replay "$external"

# Splits that are not those of the submission.
sed -i 's/"board": "..../"board": "0000/' theirs/submission.json
refused 8 'other splits' score theirs
sed -i 's/"n_seeds": 10/"n_seeds": "x"/' theirs/submission.json
refused 8 'n_seeds' score theirs
printf '{' >theirs/submission.json
refused 8 '' score theirs

# Leaks.
printf 'a,b,label\nAVAL,AVBL,1\nAVAR,AVBR,0\nPVCL,PVCR,0\n' >train.csv
printf 'a,b,label\nAVBL,AVAL,0\nALML,ALMR,1\nALML,ALMR,1\nAVDL,AVDR,0\n' >test.csv
printf 'AVAL\nAVBL\nALML\nALMR\nAVAR\nAVBR\nPVCL\nPVCR\nAVDL\n' >seen.txt
run lint --train train.csv --test test.csv --observable seen.txt
is 1
says '^test-in-training +1: .* AVAL - AVBL'
says '^both-labels +1'
says '^twice +1: .* ALML - ALMR'
says '^unobservable-negative +1: .* AVDL - AVDR'
run lint --train train.csv --test test.csv --directed -O json
is 1
says '"mirror-in-training"'
printf 'a,b,label\nALML,ALMR,1\n' >test.csv
run lint --train train.csv --test test.csv
is 0
says '^clean'
run lint connectome-link --on $on
is 0
refused 2 'go without one' lint connectome-link --directed
run verify
is 0

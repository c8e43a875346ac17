# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Tasks, models and metrics explain themselves; runs, boards and what they refuse.
# shellcheck disable=SC2154
export PLEXUS_STORE=$PWD/store
readonly on=demo/micro-connectome

run show task:connectome-link
is 0
says '^  question +Which pairs'
says '^  negatives +As many'
says '^roc_auc +roc_auc +higher'
run show model:random metric:roc_auc
is 0
says '^  answers +connectome-link'
says '^  reference +scikit-learn'
run show task:connectome-link -O json
is 0
says '"question": "Which pairs'
refused 3 'did you mean connectome-link' show task:conectome-link
refused 3 'there is no metric' show metric:nothing
for topic in tasks models metrics; do
    run help $topic
    is 0
    says '^  [a-z]+'
done
run help tasks
says connectome-transfer

# Every task's page under docs/ is what the program says.
pages=$(dirname "$cases")/../../../docs/tasks
while IFS= read -r task; do
    run show "task:$task" -O md
    is 0
    holds "docs/tasks/$task.md is what plexus show task:$task -O md prints" cmp -s "$out" "$pages/$task.md"
done < <("$program" help tasks | sed -nE 's/^  ([a-z-]+) .*/\1/p')

refused 3 'no store' run connectome-link random
run get $on
is 0
refused 3 'it names a task' diff task:connectome-link $on
refused 3 'missing: connectome/cook2019' run connectome-link random
tells 'next: +plexus get connectome/cook2019 connectome/white1986-n2u'
refused 3 'did you mean random' run connectome-link randon
refused 2 'no unit of connectome-transfer' run connectome-transfer random --on $on
refused 2 'named twice' run connectome-link random --on $on --on $on
refused 2 'seeds' run connectome-link random --on $on --seeds -1
refused 2 'for one model' run connectome-link random random --on $on --set a=1
run run connectome-link random --on $on -n
is 0
says '10 cells for each model'
run board
is 1
says 'nothing was run'

run run connectome-link random --on $on -j 1
is 0
says '^random +roc_auc 0\.[0-9]+ \+- 0\.[0-9]+  \(10 cells\)  run:[0-9a-f]{12}$'
hex=$(sed -nE 's/.*run:([0-9a-f]+)$/\1/p' "$out")
run run connectome-link random --on $on
is 0
says 'all there before'
run show "run:$hex"
is 0
says '^  status +complete'
says '^roc_auc +all +10 +0\.'
run show "run:$hex" -O json
says '"status": "complete"'
refused 3 'no run' show run:000000
refused 2 'hex' show run:12
run run connectome-link random --on $on --metrics strict
is 0
run board
is 0
says '^connectome-link, version 1, reference metrics'
says '^connectome-link, version 1, strict metrics'
says '^ +1  random '
run board connectome-link --metrics strict -O json
is 0
says '"metric_mode": "strict"'
holds 'one board' test "$(grep -c '"board":' "$out")" = 1
run board -O csv
is 0
says '^task,task_version,metrics,board,rank,model'
says ',roc_auc,,10,0\.'
run board -O md
says '^## connectome-link'
says '^\| 1 \| random \|'
run board -O html -o board.html
is 0
holds 'a page without scripts or links elsewhere' bash -c '! sed "s|xmlns=\"http://www.w3.org/2000/svg\"||" board.html | grep -qi "<script\|http" && grep -q "<table>" board.html'
holds 'a picture of each model' grep -q '>random: 0\.[0-9]* +- 0\.[0-9]*</title>' board.html

# Other threads, the same record.
run sql "SELECT run FROM run WHERE metric_mode = 'reference'"
record() { python3 -c 'import json,sys; t=open(sys.argv[1]).read().rsplit("sha256 ",1)[0]; print(json.dumps(json.loads(t)["record"],sort_keys=True))' "$1"; }
if command -v python3 >/dev/null; then
    path=$(echo store/runs/"$hex"*/result.json)
    record "$path" >one
    mkdir second && PLEXUS_STORE=second/store run get $on && PLEXUS_STORE=second/store run run connectome-link random --on $on -j 4
    is 0
    record second/"$path" >four
    holds 'the same record with -j 1 and -j 4' cmp -s one four
fi
run verify
is 0
rm -f "$path"
run board
is 0
says '^ +- +random .* 0 of 10 '
run run connectome-link random --on $on
is 0
run verify
is 0
run rm "run:$hex" -n
is 0
says '^would remove run:'
run rm "run:$hex"
is 0
says '^removed run:'
refused 3 'there is no run' rm "run:$hex"
run sql "SELECT count(*) AS n FROM run_cell WHERE run LIKE 'run:$hex%'" -O csv
says '^0$'
run verify
is 0

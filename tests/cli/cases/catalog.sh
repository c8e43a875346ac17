# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# ls, search, sql and cite: outside a store, in one, and with words that are off.

export PLEXUS_STORE=$PWD/store

# Outside any store, ls lists what is known.
run ls
is 0
says '^name +kind +size +state +title$'
says '^connectome/white1986-n2u +connectome +41\.9 kB +C\. elegans'
says '^demo/micro-connectome +connectome +509 B +Demo: '
holds "families stand apart" test "$(grep -c '^$' "$out")" -ge 2
tells_nothing
run ls -l demo
says '^name +kind +size +files +licence +reader +state +title$'
says '^demo/micro-connectome +connectome +509 B +1 .* edge_table +Demo: '
run ls --licence cc0 --json
is 0
holds "only that licence" bash -c "! grep '\"licence\"' '$out' | grep -qv CC0"
run ls --licence none-stated connectome
says '^connectome/premaratne '
run ls connectome -O csv
is 0
says '^name,kind,size,state,title$'
run ls connectom
is 3
says_nothing
tells 'did you mean connectome\?'
tells 'plexus ls connectome'
run ls --present --missing
is 2
run ls -O md
says '^\| *name '
run ls -O html
says '<table'
run sql "SELECT 1"
is 3
tells 'plexus init'
run cite connectome/premaratne
is 0
says '^% connectome/premaratne@1: '
says '^%   licence: none-stated$'
says '^% atlas/celegans-neurons@1: '
says '^@article\{cook2019,$'
holds "each key once" test "$(grep -c '^@article{cook2019,' "$out")" = 1
run cite premaratne connectome/premaratne atlas/celegans-neurons --json
is 0
says '"key": "cook2019"'
run cite connectome/premaratn
is 3
tells 'connectome/premaratne'
run cite metric:roc_auc
is 2
run search hermaphrodite
is 0
run search JSE tail
is 0
says '^connectome/white1986-jse +data set '
run search qqqqzzzz
is 1
says_nothing
tells 'nothing found'
run search '"' 'AND' '('
holds "syntax of the index is only text" test "$code" -le 1
run search elegans --limit 0
is 2

# In a store.
run get demo/micro-connectome
is 0
run ls demo --present
is 0
says '^demo/micro-connectome +connectome +509 B +strict '
holds "micro-nemanode is not there" bash -c "! grep -q micro-nemanode '$out'"
run ls demo --missing -O jsonl
says '"name":"demo/micro-nemanode"'
run sql
is 0
says '^synapse +view +ref unit pre post kind weight$'
says '^example: plexus sql '
run sql "SELECT ref, kind FROM datasets ORDER BY ref" -O csv
is 0
says '^demo/micro-connectome@1:strict,connectome$'
run sql "SELECT count(*) AS n FROM dataset WHERE name = ?" micro-connectome --json
is 0
says '"n": 1'
run sql "SELECT ref FROM dataset WHERE 0"
is 0
says '^ref$'
run sql "SELECT ref FROM dataset WHERE 0" --json
is 0
says '^\[\]$'
for write in "DELETE FROM dataset" "DROP TABLE dataset" "CREATE TABLE x (a)" "ATTACH 'x.db' AS x" "PRAGMA user_version=9" \
    "VACUUM INTO 'x.db'"; do
    run sql "$write"
    is 9
    tells 'only reading is allowed'
done
holds "no file was made" test ! -e x.db
run sql "SELECT 1; SELECT 2"
is 2
tells 'one statement at a time'
run sql "SELECT * FROM neurons"
is 2
tells 'did you mean neuron\?'
run sql "SELEC 1"
is 2
tells 'character 1'
run sql "SELECT ?"
is 2
run sql "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n" --limit-time 0.2s
is 7
tells 'stopped after 0\.2 s'
run search AVM
is 0
says '^demo/micro-atlas@1:strict +cell +AVM +\[AVM\], neuron, '
run cite demo/micro-connectome
is 0
says '^%   a demonstration set: not for results$'

# A catalog that is gone, cut or overwritten: gone is made again; damage is told, and mended.
db=$PLEXUS_STORE/catalog.db
rm -f "$db"
run sql "SELECT count(*) FROM edge"
is 0
printf 'This is not a database at all, only a line of text that is long enough.' >"$db"
run sql "SELECT count(*) FROM edge"
is 4
tells 'plexus repair'
run verify
is 4
run repair
is 0
run sql "SELECT count(*) FROM edge"
is 0
run verify
is 0

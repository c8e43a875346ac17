# shellcheck shell=bash disable=SC2154 # run.sh gives variables
# SPDX-License-Identifier: Apache-2.0
#
# dump: the tree of a file, values of an item, the same as JSON and CSV, and items that are not there.

printf 'pre,post,w\nAVAL,AVAR,1.5\nAVBL,AVAL,2\n' >edges.csv
printf '{"worm": {"x": [[1, 2], [3, 4]], "name": "N2"}, "odd:name": 1}' >a.json
cp a.json 'b:c.json'

run dump edges.csv
is 0
says '^item +type +shape +what$'
says '^/ +table +2 x 3'
says '^  pre +str +2 +such as "AVAL"$'
says '^  w +f64 +2 +1.5 to 2$'
tells_nothing
run dump edges.csv:/ --limit 1
is 0
says '^1 +AVAL +AVAR +1.5$'
holds "one row" test "$(wc -l <"$out")" = 2
tells '^1 of 2 shown'
run dump edges.csv:/ -O csv
is 0
says '^2,AVBL,AVAL,2.0$'
run dump edges.csv:w
is 0
says '^1 +2.0$'

run dump a.json
is 0
says '^    x +i64 +2 x 2$'
says '^    name +str +"N2"$'
run dump a.json:/worm/x
is 0
says '^ +0 +1$'
says '^1 +3 +4$'
run dump a.json:/worm/x/1/0
is 0
says '^worm/x/1/0 +i64 +3$'
run dump a.json --depth 1
is 0
says '^  \.\.\. 2 more$'
run dump b:c.json:/odd:name --json
is 0
says '"value": 1'
says '"item": "odd:name"'
run dump a.json edges.csv --json
is 0
says '"format": "json"'
says '"format": "csv"'
run dump a.json edges.csv
is 0
says '^a.json: json$'
says '^edges.csv: csv$'

refused 3 'did you mean "worm"' dump a.json:/wrm
refused 3 'nothing.csv' dump nothing.csv:/x
refused 2 'not below 0' dump a.json --limit=-1
refused 2 'there is no format' dump a.json --as words
printf '{"a": [1,' >cut.json
refused 8 'cut.json' dump cut.json

# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# docs/read_store.py opens every kind of record there is, and its figures are those of `show`.

# shellcheck source=tests/support/python.sh
. "$(dirname "$cases")/../../support/python.sh"
python=$(python_with "sys, numpy, sqlite3; sys.exit(sys.version_info < (3, 9))")
[[ -n $python ]] || skip "docs/read_store.py needs Python 3.9 or later with numpy"
script=$(dirname "$cases")/../../../docs/read_store.py
store=$PWD/store

# read ARGUMENTS...: the script; like run.
read_it() {
    ran="read_store.py $*"
    "$python" "$script" "$@" >"$out" 2>"$err" </dev/null
    code=$?
}
value() {
    sed -n "s/^ *\"$1\": \([0-9.]*\),\{0,1\}\$/\1/p" | head -n 1
}

run get demo/micro-atlas demo/micro-connectome demo/micro-nemanode --store "$store"
is 0
read_it "$store"
is 0
says '^demo/micro-atlas@1:strict  neuron_atlas  '
says '^demo/micro-connectome@1:strict  connectome  '
for ref in demo/micro-connectome demo/micro-nemanode; do
    run show "$ref" --json --store "$store"
    is 0
    nodes=$(sed -n '/"counts": {/,/}/p' "$out" | value nodes)
    sum=$(sed -n '/"counts_all": {/,/}/p' "$out" | value chemical_sum)
    holds "show gives counts" test -n "$nodes" -a -n "$sum"
    read_it "$store" "$ref@1:strict"
    is 0
    says "^$ref@1:strict  connectome\$"
    says "^nodes: $nodes\$"
    says "^matrix chemical: ([0-9]+) x \\1, sum $sum\$"
    says '^table nodes: [0-9]+ rows of category, class, in_source, label, name, '
    says '^table edges: [0-9]+ rows of kind, n_rows, post, pre, weight$'
    says '^table changes: [0-9]+ rows of action, after, before, file, line, reason, rule, subject$'
    says '^damaged: nothing$'
done
run path demo/micro-atlas --store "$store"
folder=$(cat "$out")
read_it "$folder"
is 0
says '^demo/micro-atlas@1:strict  neuron_atlas$'
says '^table neurons: [0-9]+ rows of class, embryonic, '
says '^damaged: nothing$'

# Volumes: one in its own zip, one inside the published file. Without zarr the script says so.
run get demo/fisbe-like demo/micro-fisbe --store "$store"
is 0
for ref in 'demo/fisbe-like#seed-1' 'demo/micro-fisbe#made-up-7'; do
    read_it "$store" "$ref"
    is 0
    says '  volume$'
    says '^instances: 3$'
    says '^table instances: 3 rows of array, channel, dim, label, shared_voxels, voxels$'
    says '^volume raw: (uint16 \(3, [0-9]+, [0-9]+, [0-9]+\), sum [1-9]|u16 .*and no zarr)'
    says '^volume instances: (uint8 \(3, [0-9]+, [0-9]+, [0-9]+\), sum [1-9]|u8 .*and no zarr)'
    says '^damaged: nothing$'
done

# The script notices what verify notices, and leaves the store as it was.
chmod u+w "$folder/neurons/slot.npy"
printf '\001' | dd of="$folder/neurons/slot.npy" bs=1 seek=130 conv=notrunc status=none
read_it "$folder"
says '^damaged: neurons/slot.npy$'
run verify demo/micro-atlas --store "$store"
is 4
says 'neurons/slot\.npy$'
read_it "$store" demo/nonsense
is 1
tells 'stands for 0 records'
holds "no file of sqlite is left" test -z "$(compgen -G "$store/catalog.db-*")"

# Every kind that the program knows is opened above.
kinds=$(sed -n 's/^PLX_KIND(\(.*\))$/\1/p' "$(dirname "$script")/../schemas/kinds.def" | sort | paste -sd ' ')
holds "a kind without its test here: $kinds" test "$kinds" = 'connectome neuron_atlas volume'

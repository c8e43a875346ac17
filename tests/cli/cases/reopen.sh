# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# What export writes, opened by the programs it is written for; skipped without them. Real data where there are test data.

# shellcheck source=tests/support/python.sh
. "$(dirname "$cases")/../../support/python.sh"
python=$(python_with "networkx, scipy, pandas")
[[ -n $python ]] || skip "no python3 with networkx, scipy and pandas"
export PLEXUS_STORE=$PWD/store
tests=$(dirname "$cases")/..
data=${PLEXUS_TEST_DATA:-$tests/../../../shared/data}/celegans
refs=(demo/micro-connectome demo/micro-nemanode)
from=()
if [[ -d $data ]]; then
    refs+=(connectome/white1986-n2u connectome/cook2019 connectome/randi2023 connectome/bentley2016)
    from=(--from "$data")
else
    printf 'no test data: only the demo sets\n'
fi
run get "${refs[@]}" "${from[@]}"
is 0
for ref in "${refs[@]}"; do
    name=${ref#*/}
    mkdir "$name"
    run show "$ref" --json
    is 0
    cp "$out" "$name.json"
    for form in csv graphml npz npy json; do
        run export "$ref" -O "$form" -o "$name/$form"
        is 0
    done
    ran="reopen.py $name"
    "$python" "$tests/reopen.py" "$name.json" "$name" >"$out" 2>"$err"
    code=$?
    is 0
    says " in five forms\$"
done

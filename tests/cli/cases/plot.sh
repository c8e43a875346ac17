# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# plot: both layouts as SVG and PNG, the same bytes each time, nothing left where it is refused.

export PLEXUS_STORE=$PWD/store
run get demo/micro-connectome
is 0
for layout in matrix circle; do
    for form in svg png; do
        run plot demo/micro-connectome --layout "$layout" -o "$layout.$form"
        is 0
        says_nothing
        run plot demo/micro-connectome --layout "$layout" -O "$form" -o again
        is 0
        holds "the same bytes" cmp -s again "$layout.$form"
    done
    holds "PNG" test "$(head -c 8 "$layout.png" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a
    holds "the data set is named" grep -q '>demo/micro-connectome@1:strict</text>' "$layout.svg"
    holds "numbers" grep -q '>18 chemical edges</text>' "$layout.svg"
    holds "a junction counts once" grep -q '>5 gap junctions</text>' "$layout.svg"
    holds "what to cite" grep -q '>Cite: chalfie1985, white1986</text>' "$layout.svg"
    if command -v xmllint >/dev/null; then
        holds "well-formed" xmllint --noout "$layout.svg"
    fi
done
holds "a square per edge" test "$(grep -c ' to .*: chemical 1.0</title>' matrix.svg)" = 18
holds "in both directions" test "$(grep -c ' to .*: gap 1.0</title>' matrix.svg)" = 10
holds "a chord per edge" test "$(grep -c '<path ' circle.svg)" = 23
run plot demo/micro-connectome
is 0
holds "SVG on standard output" cmp -s "$out" matrix.svg

refused 2 'neither in .svg nor in .png' plot demo/micro-connectome -o a.gif
refused 2 'cannot be spiral' plot demo/micro-connectome --layout spiral -o a.svg
refused 8 'only connectomes can be drawn' plot demo/micro-atlas -o a.svg
refused 3 'is not in the store' plot demo/micro-nemanode -o a.svg
holds "nothing is left" test -z "$(find . -name 'a.*' -o -name '.tmp-*')"

# Responses may be negative: they have a colour of their own, and no line has a width that is no number.
data=${PLEXUS_TEST_DATA:-$(dirname "$cases")/../../../../shared/data}
if [[ -d $data/celegans ]]; then
    run get connectome/randi2023 --from "$data"
    is 0
    for layout in matrix circle; do
        run plot connectome/randi2023 --layout "$layout" -o "randi-$layout.svg"
        is 0
        holds "negative ones are told" grep -q '>76 of them negative</text>' "randi-$layout.svg"
        holds "every number is one" test "$(grep -ciE '"(-?nan|-?inf)' "randi-$layout.svg")" = 0
    done

    # Thousands of cells: no labels, and a picture that fits a screen.
    run get connectome/winding2023-larva --from "$data"
    is 0
    run plot connectome/winding2023-larva --layout circle -o larva.svg
    is 0
    holds "a chord per edge that is no loop" test "$(grep -c '<path ' larva.svg)" = 116356
    holds "no room for labels" test "$(grep -c '<text ' larva.svg)" -lt 40
    holds "not too large" grep -qE '^<svg [^>]* width="[1-3][0-9]{3}(\.[0-9]+)?" ' larva.svg
fi

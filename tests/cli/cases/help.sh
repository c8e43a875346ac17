# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# Every verb and topic explains itself, the same way wherever it is asked.

run help
is 0
mapfile -t verbs < <(sed -n '/^Options that mean/q; s/^  \([a-z]\{2,\}\)  .*/\1/p' "$out")
ran="plexus help: ${verbs[*]}"
holds "at least ten verbs are listed" test "${#verbs[@]}" -ge 10
for verb in "${verbs[@]}"; do
    run help "$verb"
    is 0
    tells_nothing
    says "^plexus $verb: .{10,}"
    says "^  .*plexus $verb( |\$)"
    says '^Usage$'
    says "^  plexus $verb"
    ran="plexus help $verb"
    # Summary, examples and usage aside there must be words that explain.
    holds "there is a text of some length" test "$(sed '1,/^Usage$/d' "$out" | wc -w)" -ge 25
    # shellcheck disable=SC2016 # a pattern
    holds "no line is wider than the terminal" test "$(sed '/^  plexus /d; /^  [a-z$(].*plexus/d; /^ *-/d' "$out" | wc -L)" -le 100
    cp "$out" "$scratch/talk/page"
    run "$verb" --help
    is 0
    holds "plexus $verb --help is the same page" cmp -s "$out" "$scratch/talk/page"
done

run help
mapfile -t topics < <(sed -n 's/^  plexus help \([a-z-]*\) .*/\1/p' "$out")
ran="plexus help: ${topics[*]}"
holds "the topics are there" test "${topics[*]}" = "references exit-codes store downloads formats tasks models metrics"
for topic in "${topics[@]}"; do
    run help "$topic"
    is 0
    ran="plexus help $topic"
    holds "it says something" test "$(wc -w <"$out")" -ge 60
done
run help exit-codes
for number in 0 1 2 3 4 5 6 7 8 9 10 70 130 141; do
    says "^  $number +[a-z]"
done
run help formats
says '^  csv '
says '^  connectome '

# Wrapped to the width there is, or not at all when nobody says how wide it is.
COLUMNS=50 run help store
holds "50 columns" test "$(grep -v '^  ' "$out" | wc -L)" -le 50
COLUMNS='' run help store
holds "unbounded" test "$(wc -L <"$out")" -gt 200

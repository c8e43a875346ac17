#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every verb explains itself: in the pages under docs/ or the README, and in the program (help with an example, exit 0).
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

mapfile -t verbs < <(sed -nE 's/^PLX_COMMAND\(([a-z0-9_]+)\).*/\1/p' cli/commands.def)
((${#verbs[@]} > 0)) || complain "cli/commands.def lists no verb"
mapfile -t pages < <(files 'docs/*.md' 'README.md')
((${#pages[@]} > 0)) || complain "there are no pages"
program=$build_dir/plexus
for verb in "${verbs[@]}"; do
    grep -qE "plexus $verb([^a-z]|\$)" "${pages[@]}" || complain "no page mentions plexus $verb"
    if [[ -x $program ]]; then
        text=$("$program" help "$verb" 2>&1) || complain "plexus help $verb fails: $text"
        grep -qE "plexus $verb([^a-z]|\$)" <<<"$text" || complain "plexus help $verb shows no example"
    fi
done
finish "${#verbs[@]} verbs"

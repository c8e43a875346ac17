#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Shell scripts pass shellcheck.
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

command -v shellcheck >/dev/null || skip "shellcheck is not installed"
mapfile -t scripts < <(files '*.sh' '.ci/run')
((${#scripts[@]} > 0)) || complain "no script was found"
shellcheck -x "${scripts[@]}" || complain "shellcheck found fault"
finish "${#scripts[@]} scripts"

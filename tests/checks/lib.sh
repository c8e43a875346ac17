# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the checks share. A check is called as `check.sh SOURCE_DIR [BUILD_DIR]`, prints one line per problem and ends with
# 0 (fine), 1 (problems) or 77 (cannot be checked here: skipped).
set -euo pipefail
export LC_ALL=C

source_dir=$(cd "${1:?source folder}" && pwd)
# shellcheck disable=SC2034 # used by the checks that look at built files
build_dir=${2:-}
checks_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly source_dir checks_dir
# shellcheck disable=SC2034 # used by the checks
readonly parts=(core schemas formats registry ingest benchmarks cli)
problems=0
cd "$source_dir"

complain() {
    printf '%s\n' "$*"
    problems=$((problems + 1))
}

skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}

# finish "what was looked at": the closing line and the exit code.
finish() {
    if ((problems)); then
        printf '%d problem(s): %s\n' "$problems" "$*"
        exit 1
    fi
    printf 'fine: %s\n' "$*"
    exit 0
}

# Files of the source tree, relative, that match any of the given shell patterns: what git tracks or would track, or without git
# everything outside build/.
files() {
    local all pattern
    if [[ $(git rev-parse --show-toplevel 2>/dev/null) == "$source_dir" ]]; then
        all=$(git ls-files --cached --others --exclude-standard)
    else
        all=$(find . -path ./build -prune -o -path ./.git -prune -o -type f -print | sed 's|^\./||')
    fi
    while IFS= read -r file; do
        [[ -f $file ]] || continue
        for pattern in "$@"; do
            # shellcheck disable=SC2053 # the right side is a pattern
            if [[ $file == $pattern ]]; then
                printf '%s\n' "$file"
                break
            fi
        done
    done <<<"$all" | sort -u
}

# C sources and headers of the parts themselves.
part_files() {
    local part list=()
    for part in "${parts[@]}"; do
        list+=("$part/*.$1")
    done
    files "${list[@]}"
}

# A C file with comments, strings and character constants blanked; line numbers stay.
strip_c() {
    awk -f "$checks_dir/strip_c.awk" "$1"
}

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every header compiles alone, and twice in one file.
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

compiler=${CC:-cc}
command -v "$compiler" >/dev/null || skip "no C compiler ($compiler)"
flags=(-std=c17 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow
    -Wconversion -Wstrict-prototypes -Wundef -Werror -I. -Itests)
# hdf5.h has a folder of its own.
if hdf5=$(pkg-config --cflags-only-I hdf5-serial 2>/dev/null || pkg-config --cflags-only-I hdf5 2>/dev/null); then
    for folder in $hdf5; do
        flags+=(-isystem "${folder#-I}")
    done
fi
n=0
while IFS= read -r header; do
    n=$((n + 1))
    name=${header#tests/}
    own=()
    [[ $name == "$header" ]] || own=(-D_GNU_SOURCE) # tests may rest on more than POSIX
    if ! printf '#include "%s"\n#include "%s"\nextern int plx_not_empty;\n' "$name" "$name" |
        "$compiler" "${flags[@]}" "${own[@]}" -x c - 2>&1; then
        complain "$header: does not compile alone"
    fi
done < <(part_files h; files 'tests/*.h')
((n > 0)) || complain "no header was found"
finish "$n headers compiled alone, twice"

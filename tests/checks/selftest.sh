#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The checks can fail: each is shown a small tree with one fault in it and must name the file, and the same tree without it and
# must be content.
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
n=0

fresh() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree"/{core,formats,cli,docs/families,registry/datasets/lab,build/core}
    printf '/* SPDX-License-Identifier: Apache-2.0 */\n#ifndef A_H\n#define A_H\n/* Twice a number. */\nint plx_a(int x);\n#endif\n' \
        >"$tree/core/a.h"
    printf '/* SPDX-License-Identifier: Apache-2.0 */\n#include "core/a.h"\n\nint plx_a(int x)\n{\n    return x + x; /* free(x) */\n}\n' \
        >"$tree/core/a.c"
    printf 'PLX_FORMAT(one)\nPLX_FORMAT(two)\n' >"$tree/formats/formats.def"
    local name
    for name in one two; do
        printf '/* SPDX-License-Identifier: Apache-2.0 */\nconst plx_format plx_format_%s = {0};\n' $name >"$tree/formats/format_$name.c"
    done
    printf 'PLX_COMMAND(ls)\n' >"$tree/cli/commands.def"
    printf '/* SPDX-License-Identifier: Apache-2.0 */\nconst plx_command plx_cmd_ls = {0};\n' >"$tree/cli/cmd_ls.c"
    printf '# Pages\n\n[two](two.md#a-b), [lab](families/lab.md)\n' >"$tree/docs/index.md"
    # shellcheck disable=SC2016 # the page's own marks
    printf '# Lab\n\n`lab/one` and its second part, `two`.\n' >"$tree/docs/families/lab.md"
    touch "$tree/registry/datasets/lab/one.yaml" "$tree/registry/datasets/lab/two.yaml"
    printf '# Two\n\n## A b\n\n    plexus ls\n' >"$tree/docs/two.md"
    printf '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\necho fine\n' >"$tree/a.sh"
}

# content CHECK: it finds nothing. faulty CHECK WORD: it fails and its report holds WORD.
content() {
    local report
    n=$((n + 1))
    report=$("$checks_dir/$1.sh" "$tree" "$tree/build" 2>&1) || complain "$1 refuses a good tree: $report"
}

faulty() {
    local report status=0
    n=$((n + 1))
    report=$("$checks_dir/$1.sh" "$tree" "$tree/build" 2>&1) || status=$?
    if ((status != 1)); then
        complain "$1 overlooks a fault (exit $status): $report"
    elif [[ $report != *"$2"* ]]; then
        complain "$1 does not name $2: $report"
    fi
    fresh
}

compile() {
    "${CC:-cc}" -I"$tree" -c "$1" -o "$tree/build/a.o" &&
        ar rcs "$tree/build/core/libplx_core.a" "$tree/build/a.o"
}

fresh
for check in layering headers banned sizes drivers datasets text doc_comments verbs links; do
    content $check
done

echo '#include "formats/b.h"' >>"$tree/core/a.c"
faulty layering core/a.c:8
echo '#include "a.h"' >>"$tree/core/a.c"
faulty layering core/a.c:8
mkdir -p "$tree/benchmarks/kernels"
printf '/* SPDX-License-Identifier: Apache-2.0 */\n#include "core/a.h"\n#include "benchmarks/task.h"\n' >"$tree/benchmarks/kernels/a.c"
faulty layering benchmarks/kernels/a.c:3
mkdir -p "$tree/benchmarks/models"
printf '/* SPDX-License-Identifier: Apache-2.0 */\n#include "core/a.h"\n#include "benchmarks/task.h"\n' >"$tree/benchmarks/models/model_a.c"
faulty layering benchmarks/models/model_a.c:3
echo '#include <sqlite3.h>' >>"$tree/core/a.c"
faulty layering sqlite3.h

echo 'int plx_b(size_t n);' >>"$tree/core/a.h"
faulty headers core/a.h

for call in 'strcpy(a, b);' 'x = atoi(s);' 'free(p);' 'y = strtod(s, 0);' 'printf("");' 'abort();' 'fputs(s, stderr);' 'system("");'; do
    printf 'void f(void)\n{\n    %s\n}\n' "$call" >>"$tree/core/a.c"
    faulty banned core/a.c:10
done

seq -f 'int x%g;' 701 >>"$tree/core/a.c"
faulty sizes core/a.c
seq -f '/* %g */' 200 >>"$tree/core/a.h"
faulty sizes core/a.h

rm "$tree/formats/format_two.c"
faulty drivers format_two.c
printf 'PLX_FORMAT(two)\nPLX_FORMAT(one)\n' >"$tree/formats/formats.def"
faulty drivers sorted
printf 'PLX_FORMAT(one)\n' >"$tree/formats/formats.def"
faulty drivers format_two.c
printf 'PLX_FORMAT(one)\nPLX_FORMAT(one)\nPLX_FORMAT(two)\n' >"$tree/formats/formats.def"
faulty drivers twice
printf '/* SPDX-License-Identifier: Apache-2.0 */\n' >"$tree/formats/format_two.c"
faulty drivers format_two.c

touch "$tree/registry/datasets/lab/three.yaml"
faulty datasets lab/three
# shellcheck disable=SC2016 # the page's own marks
printf 'See `lab/four@1`.\n' >>"$tree/docs/two.md"
faulty datasets docs/two.md:6

slash=/
printf 'see %swork/data\n' "$slash" >>"$tree/docs/two.md"
faulty text docs/two.md:6
printf '/* TO%s */\n' DO >>"$tree/core/a.c"
faulty text core/a.c:8
printf 'int x; \n' >>"$tree/core/a.c"
faulty text core/a.c:8
printf '\tint x;\n' >>"$tree/core/a.c"
faulty text core/a.c:8
printf 'int x;\r\n' >>"$tree/core/a.c"
faulty text core/a.c:8
printf '/* \377 */\n' >>"$tree/core/a.c"
faulty text core/a.c
printf 'int x;\n' >"$tree/core/a.c"
faulty text core/a.c

printf '\nint plx_b(int x);\n' >>"$tree/core/a.h"
faulty doc_comments plx_b

printf 'PLX_COMMAND(rm)\n' >>"$tree/cli/commands.def"
faulty verbs "plexus rm"

printf '[lost](three.md)\n' >>"$tree/docs/two.md"
faulty links three.md
printf '[lost](index.md#nowhere)\n' >>"$tree/docs/two.md"
faulty links nowhere
printf '# Three\n' >"$tree/docs/three.md"
faulty links three.md

if command -v "${CC:-cc}" >/dev/null && command -v objdump >/dev/null; then
    compile "$tree/core/a.c"
    content symbols
    printf 'int other(void);\nint other(void) { return 1; }\n' >>"$tree/core/a.c"
    compile "$tree/core/a.c"
    faulty symbols other
    printf 'static int state;\nint plx_next(void);\nint plx_next(void) { return state++; }\n' >>"$tree/core/a.c"
    mkdir -p "$tree/build/core"
    compile "$tree/core/a.c"
    faulty symbols state
fi
if command -v shellcheck >/dev/null; then
    content scripts
    # shellcheck disable=SC2016 # the fault is the text itself
    printf 'rm $1\n' >>"$tree/a.sh"
    faulty scripts a.sh
fi
finish "$n trees shown to the checks"

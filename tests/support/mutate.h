/* SPDX-License-Identifier: Apache-2.0
 *
 * What every reader of files must stand: damaged copies of a sound file (mutate_bytes.h), and memory that runs out.
 * PLEXUS_MUTATIONS in the environment asks for more copies than a test makes by default.
 */
#ifndef PLX_TESTS_MUTATE_H
#define PLX_TESTS_MUTATE_H

#include "core/alloc.h"
#include "core/buf.h"
#include "core/ctx.h"
#include "support/mutate_bytes.h"
#include "support/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

typedef bool (*mutate_read)(const plx_ctx *ctx, const char *path, plx_err *err);

/* Each copy is read or refused as input that cannot be read; memory is given back. */
static inline void mutate_all(const char *source, mutate_read read, unsigned copies)
{
    const char *more = getenv("PLEXUS_MUTATIONS");
    copies = more ? (unsigned)strtoul(more, NULL, 10) : copies;
    plx_buf sound;
    plx_err err = {0};
    ck_assert_msg(plx_buf_read_file(source, 64 << 20, &sound, &err), "%s", plx_test_err(&err));
    uint8_t *bytes = malloc(sound.len);
    plx_ctx ctx = plx_ctx_default();
    ctx.limits.memory_bytes = 256 << 20;
    unsigned n_read = 0, n_refused = 0;
    size_t live = plx_alloc_live();
    for (unsigned k = 0; k < copies; k++) {
        uint64_t state = k + 1;
        size_t len = sound.len;
        memcpy(bytes, sound.ptr, len);
        mutate_bytes(bytes, &len, &state);
        plx_err_clear(&err);
        bool ok = read(&ctx, plx_test_file("mutant", bytes, len), &err);
        n_read += ok;
        n_refused += !ok;
        ck_assert_msg(ok || err.code == PLX_E_LIMIT || err.code == PLX_E_NOMEM || err.code == PLX_E_POLICY ||
                          plx_code_exit(err.code) == 8,
                      "copy %u: %s", k, plx_test_err(&err));
        ck_assert_msg(plx_alloc_live() == live, "copy %u leaks", k);
    }
    ck_assert_msg(copies < 100 || (n_read > 0 && n_refused > 0), "%u read, %u refused", n_read, n_refused);
    if (more) {
        printf("%s: %u copies, %u read, %u refused\n", source, copies, n_read, n_refused);
    }
    free(bytes);
    plx_buf_free(&sound);
}

/* Reading a sound file with the k-th allocation failing, for every k: out of memory is said, and all is given back. At
 * least `least` allocations are expected. */
static inline void fail_each_allocation(const char *path, mutate_read read, size_t least)
{
    plx_ctx ctx = plx_ctx_default();
    size_t live = plx_alloc_live();
    bool ok = false;
    size_t k = 0;
    for (; !ok; k++) {
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        ok = read(&ctx, path, &err);
        plx_test_alloc_ok();
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
    ck_assert_uint_gt(k, least);
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Members picked out of a zip: what is read through to its end has the size and CRC of the directory, and no byte
 * outside the range that was promised is asked for.
 */
#include "fuzz/fuzz.h"

#include "formats/zip_pick.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MOST = 1 << 20, MEMBERS = 64 };

typedef struct window {
    plx_ranged base;
    const uint8_t *bytes;
    uint64_t from, to;
} window;

static bool read_window(plx_ranged *self, uint64_t offset, void *out, size_t n, plx_err *err)
{
    const window *w = (window *)self;
    if (offset > self->size || n > self->size - offset) {
        return plx_fail(err, PLX_E_TRUNCATED, "the zip ends early");
    }
    PLX_FUZZ_EXPECT(offset >= w->from && offset + n <= w->to);
    if (n) {
        memcpy(out, w->bytes + offset, n);
    }
    return true;
}

static void read_member(const plx_ctx *ctx, const plx_zip_index *index, const plx_zip_pick *pick, window *w)
{
    plx_source *source = NULL;
    plx_err err = {0};
    uint8_t block[4096];
    size_t got = 1;
    uint64_t size = 0;
    uLong crc = crc32(0, NULL, 0);
    w->from = pick->from;
    w->to = pick->to;
    bool ok = plx_zip_pick_open(ctx, index, pick, &w->base, &source, &err);
    while (ok && got > 0 && size < MOST) {
        ok = source->read(source, block, sizeof block, &got, &err);
        crc = ok ? crc32(crc, block, (uInt)got) : crc;
        size += ok ? got : 0;
    }
    PLX_FUZZ_EXPECT(ok || err.code != PLX_OK);
    PLX_FUZZ_EXPECT(!ok || got > 0 || (size == pick->size && crc == pick->crc));
    plx_source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plx_ctx ctx = plx_fuzz_ctx();
    plx_err err = {0};
    plx_zip_index *index = NULL;
    window w = {.base = {.name = "input", .size = size, .read_at = read_window}, .bytes = data, .to = size};
    if (!plx_zip_index_read(&ctx, &w.base, &index, &err)) {
        PLX_FUZZ_EXPECT(err.code != PLX_OK && err.what[0]);
        return 0;
    }
    for (size_t i = 0; i < plx_zip_index_count(index) && i < MEMBERS; i++) {
        plx_zip_pick pick;
        plx_zip_index_at(index, i, &pick);
        PLX_FUZZ_EXPECT(pick.from <= size && pick.name);
        if (pick.is_file && pick.to >= pick.from) {
            read_member(&ctx, index, &pick, &w);
        }
    }
    plx_zip_index_free(index);
    return 0;
}

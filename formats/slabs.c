/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/slabs.h"

#include "core/alloc.h"

#include <string.h>

static void next_extent(plx_slabs *s)
{
    size_t left = s->info.ndim ? s->info.shape[0] - s->row : 1;
    size_t n = left < s->rows ? left : s->rows;
    if (s->info.ndim) {
        size_t row = s->slab.shape[0] ? s->slab.buf.len / s->slab.shape[0] : 0;
        s->slab.shape[0] = n;
        s->slab.buf.len = n * row;
    }
    s->used = 0;
    s->dirty = false;
}

bool plx_slabs_begin(const plx_ctx *ctx, plx_slabs *s, size_t rows, plx_err *err)
{
    size_t shape[PLX_MAX_DIMS], bytes = plx_dtype_size(s->info.dtype);
    bool fits = true;
    memcpy(shape, s->info.shape, sizeof shape);
    s->rows = rows ? rows : 1;
    if (s->info.ndim && s->rows < shape[0]) {
        shape[0] = s->rows;
    }
    for (int d = 0; d < s->info.ndim; d++) {
        fits = plx_mul_ok(bytes, shape[d], &bytes) && fits;
    }
    uint64_t most = plx_limits_of(ctx).memory_bytes;
    if (!fits || bytes > most) {
        plx_fail(err, PLX_E_LIMIT, "one part of %s is larger than what may be held in memory", s->info.path);
        return plx_err_why(err, "%llu bytes are allowed", (unsigned long long)most);
    }
    return plx_array_new(s->info.dtype, s->info.ndim, shape, &s->slab, err);
}

static bool hand_on(plx_slabs *s, plx_err *err)
{
    size_t start[PLX_MAX_DIMS] = {s->row};
    if ((s->dirty || !s->skip_zero) && !s->each(s->payload, start, &s->slab, err)) {
        return false;
    }
    if (s->info.ndim) {
        s->row += s->slab.shape[0];
    }
    bool was_dirty = s->dirty;
    next_extent(s);
    if (was_dirty) {
        memset(s->slab.buf.ptr, 0, s->slab.buf.len);
    }
    return true;
}

bool plx_slabs_put(plx_slabs *s, const uint8_t *bytes, size_t len, plx_err *err)
{
    while (len > 0) {
        size_t room = s->slab.buf.len - s->used;
        size_t n = len < room ? len : room;
        if (n == 0) {
            return plx_fail(err, PLX_E_FORMAT, "%s holds more than its shape says", s->info.path);
        }
        if (bytes) {
            memcpy(s->slab.buf.ptr + s->used, bytes, n);
            bytes += n;
            s->dirty = true;
        }
        s->used += n;
        len -= n;
        if (s->used == s->slab.buf.len && !hand_on(s, err)) {
            return false;
        }
    }
    return true;
}

void plx_slabs_free(plx_slabs *s)
{
    plx_array_free(&s->slab);
    s->slab = (plx_array){0};
}

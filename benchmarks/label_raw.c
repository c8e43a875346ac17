/* SPDX-License-Identifier: Apache-2.0
 *
 * Projections of images.
 */
#include "benchmarks/label_raw.h"

#include "core/alloc.h"
#include "core/table.h"
#include "formats/volume.h"

#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 3, LEVELS = 32 };

typedef struct projection {
    plx_label_layout layout;
    plx_dtype dtype;
    size_t n;   /* pixels */
    float *top; /* [channels][n] */
} projection;

static double value_at(plx_dtype dtype, const uint8_t *at)
{
    plx_column one = {.dtype = dtype, .n = 1, .values = plx_buf_view(at, plx_dtype_size(dtype))};
    return plx_column_f64(&one, 0);
}

static bool add_block(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    projection *p = payload;
    const plx_label_layout *l = &p->layout;
    size_t at[4] = {0}, n[4] = {1, 1, 1, 1}, size = plx_dtype_size(p->dtype), i = 0;
    (void)err;
    for (int k = 0; k < 4; k++) {
        if (l->axis[k] >= 0) {
            at[k] = start[l->axis[k]];
            n[k] = block->shape[l->axis[k]];
        }
    }
    for (size_t c = 0; c < n[0]; c++) {
        for (size_t z = 0; z < n[1]; z++) {
            for (size_t y = 0; y < n[2]; y++) {
                float *row = p->top + (at[0] + c) * p->n + (at[2] + y) * l->shape[2] + at[3];
                for (size_t x = 0; x < n[3]; x++, i++) {
                    float v = (float)value_at(p->dtype, block->buf.ptr + i * size);
                    row[x] = v > row[x] ? v : row[x];
                }
            }
        }
    }
    return true;
}

static int by_value(const void *a, const void *b)
{
    const float *p = a, *q = b;
    return *p < *q ? -1 : *p > *q;
}

/* The value that a thousandth of the pixels exceed. */
static float brightest(const float *top, size_t n, float *scratch)
{
    memcpy(scratch, top, n * sizeof *scratch);
    qsort(scratch, n, sizeof *scratch, by_value);
    float v = scratch[n - 1 - n / 1000];
    return v > 0 ? v : 1;
}

static void to_pixels(const projection *p, float *scratch, uint32_t *pixels)
{
    size_t n_channels = p->layout.n_channels;
    memset(pixels, 0, p->n * sizeof *pixels);
    for (size_t c = 0; c < n_channels; c++) {
        float max = brightest(p->top + c * p->n, p->n, scratch);
        for (size_t i = 0; i < p->n; i++) {
            float share = p->top[c * p->n + i] / max;
            unsigned level = (unsigned)((share > 1 ? 1 : share > 0 ? share : 0) * (LEVELS - 1));
            uint32_t v = level * 255 / (LEVELS - 1);
            pixels[i] |= n_channels == 1 ? v << 16 | v << 8 | v : v << (16 - 8 * c);
        }
    }
}

static bool project(const plx_ctx *ctx, const plx_volume *volume, const plx_label_pair *pair, projection *p,
                    uint32_t *pixels, plx_err *err)
{
    const plx_volume_info *info = plx_volume_about(volume);
    if (!plx_label_layout_of(info->ndim, info->shape, pair->spatial, false, &p->layout, err)) {
        return false;
    }
    for (int k = 0; k < 3; k++) {
        if (p->layout.shape[k] != pair->truth.shape[k]) {
            return plx_fail(err, PLX_E_FORMAT, "the image is %zu x %zu x %zu, and the labels are %zu x %zu x %zu",
                            p->layout.shape[0], p->layout.shape[1], p->layout.shape[2], pair->truth.shape[0],
                            pair->truth.shape[1], pair->truth.shape[2]);
        }
    }
    if (p->layout.n_channels > CHANNELS) {
        return plx_fail(err, PLX_E_FORMAT, "an image has one to three channels, and this one %zu",
                        p->layout.n_channels);
    }
    if (info->dtype >= PLX_C64) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "an image of %s cannot be shown", plx_dtype_name(info->dtype));
    }
    p->dtype = info->dtype;
    p->n = p->layout.shape[1] * p->layout.shape[2];
    p->top = plx_alloc_zero(p->layout.n_channels * p->n, sizeof *p->top);
    float *scratch = plx_realloc_array(NULL, p->n, sizeof *scratch);
    bool ok = (p->top && scratch) || plx_fail_nomem(err, p->n * sizeof *scratch);
    ok = ok && plx_volume_each(ctx, volume, true, add_block, p, err);
    if (ok) {
        to_pixels(p, scratch, pixels);
    }
    plx_free(scratch);
    plx_free(p->top);
    return ok;
}

bool plx_label_raw(const plx_ctx *ctx, const char *spec, const plx_label_pair *pair, uint32_t *pixels, plx_err *err)
{
    plx_volume *volume;
    projection p = {0};
    if (!plx_volume_open(ctx, spec, &volume, err)) {
        return false;
    }
    bool ok = project(ctx, volume, pair, &p, pixels, err) || plx_note(err, "in %s", spec);
    plx_volume_close(volume);
    return ok;
}

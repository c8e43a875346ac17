/* SPDX-License-Identifier: Apache-2.0
 *
 * The first pass marks places with one and with two or more instances, the second counts.
 */
#include "ingest/volume_instances.h"

#include "core/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 20 };

typedef struct counter {
    const plx_ctx *ctx;
    const plx_volume_spec *spec;
    plx_volume_instances *out;
    uint64_t *once, *twice; /* a bit for each place */
    bool count;             /* the second pass */
    size_t last;            /* where the last label was found */
} counter;

static bool value_at(const plx_array *block, size_t i, uint64_t *out)
{
    const uint8_t *p = block->buf.ptr + i * plx_dtype_size(block->dtype);
    int64_t s = 0;
    uint64_t u = 0;
    switch (plx_dtype_size(block->dtype)) {
    case 1:
        u = *p;
        s = *p < 128 ? *p : -1; /* only its sign matters */
        break;
    case 2: {
        uint16_t v;
        memcpy(&v, p, sizeof v);
        u = v;
        s = (int16_t)v;
        break;
    }
    case 4: {
        uint32_t v;
        memcpy(&v, p, sizeof v);
        u = v;
        s = (int32_t)v;
        break;
    }
    default:
        memcpy(&u, p, sizeof u);
        s = (int64_t)u;
        break;
    }
    bool is_signed = block->dtype >= PLX_I8 && block->dtype <= PLX_I64;
    *out = u;
    return !is_signed || s >= 0;
}

static bool before(const plx_volume_instance *a, uint32_t channel, uint64_t label)
{
    return a->channel != channel ? a->channel < channel : a->label < label;
}

/* The instance, made where it is new. */
static plx_volume_instance *find(counter *c, uint32_t channel, uint64_t label, plx_err *err)
{
    plx_volume_instances *all = c->out;
    if (c->last < all->n && all->items[c->last].channel == channel && all->items[c->last].label == label) {
        return &all->items[c->last];
    }
    size_t low = 0, high = all->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (before(&all->items[middle], channel, label)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    c->last = low;
    if (low < all->n && all->items[low].channel == channel && all->items[low].label == label) {
        return &all->items[low];
    }
    if (all->n == MOST) {
        plx_fail(err, PLX_E_LIMIT, "the labels have more than %d instances", MOST);
        return NULL;
    }
    if (!plx_grow(&all->items, &all->cap, all->n + 1, sizeof *all->items)) {
        plx_fail_nomem(err, all->n * sizeof *all->items);
        return NULL;
    }
    memmove(all->items + low + 1, all->items + low, (all->n - low) * sizeof *all->items);
    all->items[low] = (plx_volume_instance){.channel = channel, .label = label, .dim = -1};
    all->n++;
    return &all->items[low];
}

static bool add_voxel(counter *c, uint32_t channel, size_t place, uint64_t label, plx_err *err)
{
    uint64_t bit = (uint64_t)1 << (place & 63);
    if (!c->count) {
        c->twice[place >> 6] |= c->once[place >> 6] & bit;
        c->once[place >> 6] |= bit;
        return true;
    }
    plx_volume_instance *i = find(c, channel, label, err);
    if (i) {
        i->voxels++;
        i->shared += (c->twice[place >> 6] & bit) != 0;
    }
    return i != NULL;
}

static bool look(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    counter *c = payload;
    size_t n = plx_array_count(block), size = plx_dtype_size(block->dtype), row = block->shape[block->ndim - 1];
    static const uint8_t zeros[64];
    for (size_t i = 0; i < n; i++) {
        /* Most of a block is zero. */
        if (n - i >= 64 / size && memcmp(block->buf.ptr + i * size, zeros, 64) == 0) {
            i += 64 / size - 1;
            continue;
        }
        uint64_t label;
        if (!value_at(block, i, &label)) {
            return plx_fail(err, PLX_E_FORMAT, "the labels hold a negative value");
        }
        if (label == 0) {
            continue;
        }
        size_t rest = i / row, place = 0, step = 1;
        uint32_t channel = 0;
        place = start[block->ndim - 1] + i % row;
        step = c->spec->shape[block->ndim - 1];
        for (int d = block->ndim - 2; d >= 0; d--) {
            size_t at = start[d] + rest % block->shape[d];
            rest /= block->shape[d];
            if (c->spec->axes[d] == 'c') {
                channel = (uint32_t)at;
            } else {
                place += at * step;
                step *= c->spec->shape[d];
            }
        }
        if (!add_voxel(c, channel, place, label, err)) {
            return false;
        }
    }
    return plx_ctx_go_on(c->ctx, err);
}

bool plx_volume_instances_count(const plx_ctx *ctx, const plx_volume *volume, const plx_volume_spec *spec,
                                plx_volume_instances *out, plx_err *err)
{
    counter c = {.ctx = ctx, .spec = spec, .out = out};
    size_t n = 1;
    *out = (plx_volume_instances){0};
    for (int d = 0; d < spec->ndim; d++) {
        n *= spec->axes[d] == 'c' ? 1 : spec->shape[d];
    }
    size_t words = n / 64 + 1;
    c.once = plx_alloc_zero(words, sizeof *c.once);
    c.twice = plx_alloc_zero(words, sizeof *c.twice);
    bool ok = (c.once && c.twice) || plx_fail_nomem(err, words * sizeof *c.once);
    ok = ok && plx_volume_each(ctx, volume, true, look, &c, err);
    c.count = true;
    ok = ok && plx_volume_each(ctx, volume, true, look, &c, err);
    for (size_t i = 0; ok && i < words; i++) {
        out->overlap += (uint64_t)__builtin_popcountll(c.twice[i]);
    }
    plx_free(c.once);
    plx_free(c.twice);
    if (!ok) {
        plx_volume_instances_free(out);
    }
    return ok;
}

void plx_volume_instances_free(plx_volume_instances *instances)
{
    plx_free(instances->items);
    *instances = (plx_volume_instances){0};
}

static bool add_column(plx_table *table, const char *name, plx_dtype dtype, size_t n, void *out, plx_err *err)
{
    plx_column *column = NULL;
    if (!plx_table_add(table, name, "", dtype, n, &column, err)) {
        return false;
    }
    memcpy(out, &column->values.ptr, sizeof column->values.ptr);
    return true;
}

bool plx_volume_instances_table(const plx_volume_instances *instances, const char *array, plx_table *out, plx_err *err)
{
    size_t n = instances->n;
    uint32_t *channel = NULL;
    uint64_t *label = NULL, *voxels = NULL, *shared = NULL;
    int8_t *dim = NULL;
    plx_strcol names = {0};
    *out = (plx_table){0};
    for (size_t i = 0; i < n; i++) {
        plx_strcol_add(&names, plx_slice_of(array));
    }
    bool ok =
        plx_strcol_finish(&names, out, "array", err) && add_column(out, "channel", PLX_U32, n, &channel, err) &&
        add_column(out, "label", PLX_U64, n, &label, err) && add_column(out, "voxels", PLX_U64, n, &voxels, err) &&
        add_column(out, "shared_voxels", PLX_U64, n, &shared, err) && add_column(out, "dim", PLX_I8, n, &dim, err);
    for (size_t i = 0; ok && i < n; i++) {
        channel[i] = instances->items[i].channel;
        label[i] = instances->items[i].label;
        voxels[i] = instances->items[i].voxels;
        shared[i] = instances->items[i].shared;
        dim[i] = instances->items[i].dim;
    }
    if (!ok) {
        plx_table_free(out);
    }
    return ok;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * From blocks of labels to instances: runs of equal values are noted as they come, then sorted by instance and joined
 * where blocks met.
 */
#include "benchmarks/kernels/instances.h"

#include "core/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { C, Z, Y, X };

typedef struct piece {
    size_t channel;
    int64_t label;
    plx_run run;
} piece;

struct plx_instance_builder {
    plx_label_layout layout;
    plx_dtype dtype;
    size_t max_runs;
    piece *pieces;
    size_t n, cap;
    uint64_t n_negative;
};

void plx_instances_free(plx_instances *instances)
{
    plx_free(instances->items);
    plx_free(instances->runs);
    *instances = (plx_instances){0};
}

plx_mask plx_instance_mask(const plx_instances *instances, size_t i)
{
    const plx_instance *it = &instances->items[i];
    return (plx_mask){
        {instances->shape[0], instances->shape[1], instances->shape[2]}, instances->runs + it->first_run, it->n_runs};
}

void plx_instances_keep(plx_instances *instances, const bool *keep)
{
    size_t n = 0;
    for (size_t i = 0; i < instances->n; i++) {
        if (keep[i]) {
            instances->items[n++] = instances->items[i];
        }
    }
    instances->n = n;
}

bool plx_instance_builder_new(const plx_label_layout *layout, plx_dtype dtype, size_t max_runs,
                              plx_instance_builder **out, plx_err *err)
{
    if (dtype != PLX_B1 && (dtype < PLX_I8 || dtype > PLX_U64)) {
        plx_fail(err, PLX_E_UNSUPPORTED, "labels must be integers, and these are %s", plx_dtype_name(dtype));
        return plx_err_why(err, "a label is compared for equality and sorted; fractions have no meaning");
    }
    *out = plx_alloc_zero(1, sizeof **out);
    if (!*out) {
        return plx_fail_nomem(err, sizeof **out);
    }
    (*out)->layout = *layout;
    (*out)->dtype = dtype;
    (*out)->max_runs = max_runs;
    return true;
}

void plx_instance_builder_free(plx_instance_builder *builder)
{
    if (builder) {
        plx_free(builder->pieces);
        plx_free(builder);
    }
}

static bool label_at(plx_dtype dtype, const uint8_t *at, int64_t *label)
{
    switch (dtype) {
    case PLX_B1:
        *label = *at != 0;
        return true;
    case PLX_U8:
        *label = *at;
        return true;
    case PLX_I8:
        *label = *at < 128 ? *at : *at - 256;
        return true;
    case PLX_U16: {
        uint16_t v;
        memcpy(&v, at, sizeof v);
        *label = v;
        return true;
    }
    case PLX_I16: {
        int16_t v;
        memcpy(&v, at, sizeof v);
        *label = v;
        return true;
    }
    case PLX_U32: {
        uint32_t v;
        memcpy(&v, at, sizeof v);
        *label = v;
        return true;
    }
    case PLX_I32: {
        int32_t v;
        memcpy(&v, at, sizeof v);
        *label = v;
        return true;
    }
    case PLX_I64:
        memcpy(label, at, sizeof *label);
        return true;
    case PLX_U64:
        memcpy(label, at, sizeof *label);
        return *label >= 0;
    case PLX_F16:
    case PLX_F32:
    case PLX_F64:
    case PLX_C64:
    case PLX_C128:
    case PLX_STR:
    case PLX_N_DTYPES:
        break;
    }
    return false;
}

/* First of bytes [i, n) that is not zero, or n. */
static size_t skip_zeros(const uint8_t *bytes, size_t i, size_t n)
{
    for (; i + 8 <= n; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof word);
        if (word) {
            break;
        }
    }
    while (i < n && bytes[i] == 0) {
        i++;
    }
    return i;
}

static bool add_run(plx_instance_builder *b, size_t channel, const uint8_t *at, uint64_t start, uint64_t len,
                    plx_err *err)
{
    int64_t label;
    if (!label_at(b->dtype, at, &label)) {
        return plx_fail(err, PLX_E_FORMAT, "a label is above 9223372036854775807");
    }
    if (label < 0) {
        b->n_negative += len;
        return true;
    }
    if (b->n >= b->max_runs) {
        plx_fail(err, PLX_E_LIMIT, "the labels are in more than %zu runs of equal voxels", b->max_runs);
        return plx_err_why(err, "each run is kept in memory; --max-rss raises the bound");
    }
    if (!plx_grow(&b->pieces, &b->cap, b->n + 1, sizeof *b->pieces)) {
        return plx_fail_nomem(err, (b->n + 1) * sizeof *b->pieces);
    }
    b->pieces[b->n++] = (piece){channel, label, {start, len}};
    return true;
}

/* n elements of a row, the first of which is voxel `voxel` of the part that counts. */
static bool add_row(plx_instance_builder *b, size_t channel, const uint8_t *row, size_t n, uint64_t voxel, plx_err *err)
{
    size_t size = plx_dtype_size(b->dtype), bytes = n * size;
    for (size_t at = skip_zeros(row, 0, bytes); at < bytes; at = skip_zeros(row, at, bytes)) {
        size_t i = at / size, end = i + 1;
        while (end < n && memcmp(row + end * size, row + i * size, size) == 0) {
            end++;
        }
        if (!add_run(b, channel, row + i * size, voxel + i, end - i, err)) {
            return false;
        }
        at = end * size;
    }
    return true;
}

/* The overlap of [start, start + n) with the part that counts, along one axis. */
static bool clip(const plx_label_layout *l, int k, size_t start, size_t n, size_t *from, size_t *to)
{
    size_t lo = l->crop_lo[k], hi = lo + l->crop_n[k];
    *from = start > lo ? start : lo;
    *to = start + n < hi ? start + n : hi;
    return *from < *to;
}

bool plx_instance_builder_add(plx_instance_builder *builder, const size_t *start, const plx_array *block, plx_err *err)
{
    const plx_label_layout *l = &builder->layout;
    size_t at[4] = {0}, n[4] = {1, 1, 1, 1};
    for (int k = 0; k < 4; k++) {
        if (l->axis[k] >= 0) {
            at[k] = start[l->axis[k]];
            n[k] = block->shape[l->axis[k]];
        }
    }
    size_t from[3], to[3], size = plx_dtype_size(builder->dtype);
    for (int k = 0; k < 3; k++) {
        if (!clip(l, k, at[k + 1], n[k + 1], &from[k], &to[k])) {
            return true;
        }
    }
    for (size_t c = 0; c < n[C]; c++) {
        for (size_t z = from[0]; z < to[0]; z++) {
            for (size_t y = from[1]; y < to[1]; y++) {
                size_t row = ((c * n[Z] + z - at[Z]) * n[Y] + y - at[Y]) * n[X] + from[2] - at[X];
                uint64_t voxel = ((uint64_t)(z - l->crop_lo[0]) * l->crop_n[1] + y - l->crop_lo[1]) * l->crop_n[2] +
                                 from[2] - l->crop_lo[2];
                if (!add_row(builder, at[C] + c, block->buf.ptr + row * size, to[2] - from[2], voxel, err)) {
                    return false;
                }
            }
        }
    }
    return true;
}

static int by_instance(const void *a, const void *b)
{
    const piece *p = a, *q = b;
    if (p->channel != q->channel) {
        return p->channel < q->channel ? -1 : 1;
    }
    if (p->label != q->label) {
        return p->label < q->label ? -1 : 1;
    }
    return p->run.start < q->run.start ? -1 : p->run.start > q->run.start;
}

static void gather(const plx_instance_builder *b, plx_instances *out)
{
    size_t n_runs = 0, row = b->layout.crop_n[2];
    for (size_t i = 0; i < b->n; i++) {
        const piece *p = &b->pieces[i];
        plx_instance *it = out->n ? &out->items[out->n - 1] : NULL;
        if (!it || it->channel != p->channel || it->label != p->label) {
            it = &out->items[out->n++];
            *it = (plx_instance){p->channel, p->label, 0, n_runs, 0};
        }
        plx_run *last = it->n_runs ? &out->runs[n_runs - 1] : NULL;
        if (last && last->start + last->len == p->run.start && p->run.start % row != 0) {
            last->len += p->run.len;
        } else {
            out->runs[n_runs++] = p->run;
            it->n_runs++;
        }
        it->n_voxels += p->run.len;
    }
}

bool plx_instance_builder_finish(plx_instance_builder *builder, plx_instances *out, plx_err *err)
{
    *out = (plx_instances){.n_channels = builder->layout.n_channels, .dtype = builder->dtype};
    memcpy(out->shape, builder->layout.crop_n, sizeof out->shape);
    out->n_negative = builder->n_negative;
    size_t n = 0;
    if (builder->n > 0) {
        qsort(builder->pieces, builder->n, sizeof *builder->pieces, by_instance);
    }
    for (size_t i = 0; i < builder->n; i++) {
        const piece *p = &builder->pieces[i];
        n += i == 0 || p[-1].channel != p->channel || p[-1].label != p->label;
    }
    out->items = plx_realloc_array(NULL, n, sizeof *out->items);
    out->runs = plx_realloc_array(NULL, builder->n, sizeof *out->runs);
    bool ok = out->items && out->runs;
    if (ok) {
        gather(builder, out);
    } else {
        plx_instances_free(out);
        plx_fail_nomem(err, builder->n * sizeof(plx_run));
    }
    plx_instance_builder_free(builder);
    return ok;
}

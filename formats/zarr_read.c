/* SPDX-License-Identifier: Apache-2.0
 *
 * Unpacking chunks, by several threads at a time; each writes to a part of the result that no other touches.
 */
#include "core/alloc.h"
#include "core/pool.h"
#include "formats/zarr_open.h"

#include <stdlib.h>
#include <string.h>

typedef struct box {
    size_t start[PLX_MAX_DIMS], count[PLX_MAX_DIMS];
} box;

typedef struct job {
    const plx_ctx *ctx;
    const plx_zarr *z;
    box region;
    size_t first[PLX_MAX_DIMS], grid[PLX_MAX_DIMS]; /* chunks that touch the region */
    plx_array *out;                                 /* of a region read */
    /* Packed bytes of a chunk that unpacked to zeros only: label volumes have thousands that are equal to it. Set once,
     * by whoever is first. */
    plx_buf *zero;
    /* of plx_zarr_each */
    bool skip_zero;
    plx_zarr_block each;
    void *payload;
    plx_array *ring;
    size_t n_ring;
} job;

static void place_of(const job *j, size_t i, size_t *index)
{
    for (int k = j->z->meta.ndim - 1; k >= 0; k--) {
        index[k] = j->first[k] + i % j->grid[k];
        i /= j->grid[k];
    }
}

static bool chunk_key(const plx_zarr *z, const size_t *index, char *key, size_t cap, plx_err *err)
{
    int n = snprintf(key, cap, "%s", z->path);
    size_t used = n < 0 ? cap : (size_t)n;
    if (z->meta.ndim == 0) {
        used += used < cap ? (size_t)snprintf(key + used, cap - used, "0") : 0;
    }
    for (int k = 0; k < z->meta.ndim && used < cap; k++) {
        char separator[2] = {k ? z->meta.separator : '\0', '\0'};
        used += (size_t)snprintf(key + used, cap - used, "%s%zu", separator, index[k]);
    }
    return used < cap || plx_fail(err, PLX_E_ARG, "the path of %s is too long", z->name);
}

static bool all_zero(const uint8_t *bytes, size_t n)
{
    return n == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0);
}

static void swap_bytes(const plx_zarr_meta *m, uint8_t *bytes, size_t n)
{
    size_t size = plx_dtype_size(m->dtype);
    size_t word = m->dtype == PLX_C64 || m->dtype == PLX_C128 ? size / 2 : size;
    for (size_t at = 0; at + word <= n; at += word) {
        for (size_t i = 0; i < word / 2; i++) {
            uint8_t b = bytes[at + i];
            bytes[at + i] = bytes[at + word - 1 - i];
            bytes[at + word - 1 - i] = b;
        }
    }
}

static void keep_zero(job *j, plx_buf *packed)
{
    plx_buf *none = NULL;
    plx_buf *mine = plx_alloc(sizeof *mine);
    if (!mine) {
        return; /* it only saves work */
    }
    *mine = *packed;
    if (__atomic_compare_exchange_n(&j->zero, &none, mine, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        *packed = (plx_buf){0};
    } else {
        plx_free(mine);
    }
}

/* Bytes of the chunk at `index`; *bytes empty when it is not there or, with j->zero in use, holds zeros only. */
static bool unpack(job *j, const char *key, bool *there, plx_buf *bytes, plx_err *err)
{
    const plx_zarr_meta *m = &j->z->meta;
    plx_buf packed = {0};
    /* A codec may make a chunk a little longer than it was, and never by more than this. */
    uint64_t limit = (uint64_t)m->chunk_bytes + m->chunk_bytes / 16 + 65536;
    *bytes = (plx_buf){0};
    if (!plx_zarr_store_get(j->ctx, j->z->store, key, limit, there, &packed, err)) {
        return false;
    }
    if (!*there) {
        return true;
    }
    const plx_buf *zero = __atomic_load_n(&j->zero, __ATOMIC_ACQUIRE);
    if (zero && zero->len == packed.len && memcmp(zero->ptr, packed.ptr, packed.len) == 0) {
        plx_buf_free(&packed);
        return true;
    }
    bool ok = true;
    if (!m->codec) {
        if (packed.len != m->chunk_bytes) {
            ok = plx_fail(err, packed.len < m->chunk_bytes ? PLX_E_TRUNCATED : PLX_E_FORMAT,
                          "it has %zu bytes, and a chunk has %zu", packed.len, m->chunk_bytes);
        }
        *bytes = packed;
        packed = (plx_buf){0};
    } else {
        ok = plx_buf_alloc(m->chunk_bytes, bytes, err) &&
             m->codec->decode(&m->state, packed.ptr, packed.len, bytes->ptr, m->chunk_bytes, err);
    }
    bool zeros = ok && all_zero(bytes->ptr, m->chunk_bytes);
    if (zeros && !zero && packed.ptr) {
        keep_zero(j, &packed);
    }
    plx_buf_free(&packed);
    if (!ok || zeros) {
        plx_buf_free(bytes);
        *bytes = (plx_buf){0};
    } else if (m->swap) {
        swap_bytes(m, bytes->ptr, m->chunk_bytes);
    } else if (m->dtype == PLX_B1) {
        for (size_t i = 0; i < m->chunk_bytes; i++) {
            bytes->ptr[i] = bytes->ptr[i] != 0;
        }
    }
    return ok;
}

/* A chunk that cannot be read: which one. The sentence so far says what is wrong with "it". */
static bool say_chunk(const plx_zarr *z, const char *key, plx_err *err)
{
    if (err && (err->code == PLX_E_FORMAT || err->code == PLX_E_TRUNCATED)) {
        plx_note(err, "chunk %s of %s", key + strlen(z->path), z->name);
    }
    return false;
}

typedef struct plane {
    uint8_t *to;
    const uint8_t *from; /* NULL: the element `fill` everywhere */
    const uint8_t *fill;
    size_t size;
} plane;

/* `count` elements per axis; the last axis is the innermost. */
static void copy_box(plane p, int ndim, const size_t *count, const ptrdiff_t *to, const ptrdiff_t *from)
{
    if (ndim == 0) {
        memcpy(p.to, p.from ? p.from : p.fill, p.size);
        return;
    }
    size_t n = count[0];
    if (ndim > 1) {
        for (size_t i = 0; i < n; i++) {
            copy_box(p, ndim - 1, count + 1, to + 1, from + 1);
            p.to += to[0];
            p.from = p.from ? p.from + from[0] : NULL;
        }
        return;
    }
    if (p.from && to[0] == from[0] && to[0] == (ptrdiff_t)p.size) {
        memcpy(p.to, p.from, n * p.size);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(p.to, p.from ? p.from : p.fill, p.size);
        p.to += to[0];
        p.from = p.from ? p.from + from[0] : NULL;
    }
}

/* Copy what chunk `index` and the region share into `out`, whose first element is region.start. */
static void place_chunk(const plx_zarr_meta *m, const box *region, const size_t *index, const uint8_t *bytes,
                        const plx_array *out)
{
    size_t size = plx_dtype_size(m->dtype), count[PLX_MAX_DIMS] = {0};
    ptrdiff_t from[PLX_MAX_DIMS] = {0};
    plane p = {.to = out->buf.ptr, .from = bytes, .fill = m->fill, .size = size};
    ptrdiff_t step = (ptrdiff_t)size;
    for (int i = 0; i < m->ndim; i++) {
        int k = m->fortran ? i : m->ndim - 1 - i;
        from[k] = step;
        step *= (ptrdiff_t)m->chunk[k];
    }
    for (int k = 0; k < m->ndim; k++) {
        size_t begin = index[k] * m->chunk[k], end = begin + m->chunk[k];
        size_t low = begin > region->start[k] ? begin : region->start[k];
        size_t high = region->start[k] + region->count[k];
        high = end < high ? end : high;
        count[k] = high - low;
        p.to += (ptrdiff_t)(low - region->start[k]) * out->stride[k];
        p.from = p.from ? p.from + (ptrdiff_t)(low - begin) * from[k] : NULL;
    }
    copy_box(p, m->ndim, count, out->stride, from);
}

static bool read_chunk(void *payload, size_t i, plx_err *err)
{
    job *j = payload;
    const plx_zarr_meta *m = &j->z->meta;
    size_t index[PLX_MAX_DIMS];
    char key[PLX_PATH];
    plx_buf bytes;
    bool there;
    place_of(j, i, index);
    if (!chunk_key(j->z, index, key, sizeof key, err)) {
        return false;
    }
    if (!unpack(j, key, &there, &bytes, err)) {
        return say_chunk(j->z, key, err);
    }
    if (bytes.ptr || (!there && !m->fill_is_zero)) { /* the result is zero from the start */
        place_chunk(m, &j->region, index, bytes.ptr, j->out);
    }
    plx_buf_free(&bytes);
    return true;
}

/* Which chunks touch the region; 0 when it is empty. */
static size_t cover(job *j)
{
    const plx_zarr_meta *m = &j->z->meta;
    size_t n = 1;
    for (int k = 0; k < m->ndim; k++) {
        if (j->region.count[k] == 0) {
            return 0;
        }
        j->first[k] = j->region.start[k] / m->chunk[k];
        j->grid[k] = (j->region.start[k] + j->region.count[k] - 1) / m->chunk[k] - j->first[k] + 1;
        n *= j->grid[k];
    }
    return n;
}

static void free_zero(job *j)
{
    if (j->zero) {
        plx_buf_free(j->zero);
        plx_free(j->zero);
    }
}

bool plx_zarr_read(const plx_ctx *ctx, const plx_zarr *array, const size_t *start, const size_t *count, plx_array *out,
                   plx_err *err)
{
    const plx_zarr_meta *m = &array->meta;
    job j = {.ctx = ctx, .z = array, .out = out};
    uint64_t most = plx_limits_of(ctx).memory_bytes;
    size_t bytes = plx_dtype_size(m->dtype);
    *out = (plx_array){0};
    for (int k = 0; k < m->ndim; k++) {
        j.region.start[k] = start ? start[k] : 0;
        j.region.count[k] = count ? count[k] : m->shape[k];
        if (j.region.start[k] > m->shape[k] || j.region.count[k] > m->shape[k] - j.region.start[k]) {
            plx_fail(err, PLX_E_ARG, "the part of %s that is asked for lies outside of it", array->name);
            return plx_err_why(err, "axis %d has %zu elements", k, m->shape[k]);
        }
        if (!plx_mul_ok(bytes, j.region.count[k], &bytes)) {
            bytes = SIZE_MAX;
            break;
        }
    }
    if (bytes > most) {
        plx_fail(err, PLX_E_LIMIT, "what is asked for of %s is larger than what may be held in memory", array->name);
        return plx_err_why(err, "%llu bytes are allowed", (unsigned long long)most);
    }
    if (!plx_array_new(m->dtype, m->ndim, j.region.count, out, err)) {
        return false;
    }
    bool ok = plx_pool_map(ctx, cover(&j), read_chunk, NULL, &j, err);
    free_zero(&j);
    if (!ok) {
        plx_array_free(out);
        *out = (plx_array){0};
    }
    return ok;
}

static void block_of(const plx_zarr_meta *m, const size_t *index, box *out)
{
    for (int k = 0; k < m->ndim; k++) {
        out->start[k] = index[k] * m->chunk[k];
        size_t left = m->shape[k] - out->start[k];
        out->count[k] = left < m->chunk[k] ? left : m->chunk[k];
    }
}

static bool each_work(void *payload, size_t i, plx_err *err)
{
    job *j = payload;
    const plx_zarr_meta *m = &j->z->meta;
    plx_array *slot = &j->ring[i % j->n_ring];
    size_t index[PLX_MAX_DIMS];
    char key[PLX_PATH];
    plx_buf bytes;
    bool there;
    *slot = (plx_array){0};
    place_of(j, i, index);
    if (!chunk_key(j->z, index, key, sizeof key, err)) {
        return false;
    }
    if (!unpack(j, key, &there, &bytes, err)) {
        return say_chunk(j->z, key, err);
    }
    if (!bytes.ptr && j->skip_zero && (there || m->fill_is_zero)) {
        return true;
    }
    box b;
    block_of(m, index, &b);
    if (bytes.ptr && !m->fortran && memcmp(b.count, m->chunk, (size_t)m->ndim * sizeof *b.count) == 0) {
        *slot = plx_array_view(m->dtype, m->ndim, b.count, bytes.ptr); /* a whole chunk as it is */
        slot->buf = bytes;
        return true;
    }
    bool ok = plx_array_new(m->dtype, m->ndim, b.count, slot, err);
    if (ok && (bytes.ptr || (!there && !m->fill_is_zero))) {
        place_chunk(m, &b, index, bytes.ptr, slot);
    }
    plx_buf_free(&bytes);
    return ok;
}

static bool each_done(void *payload, size_t i, bool ok, const plx_err *err_i, plx_err *err)
{
    job *j = payload;
    plx_array *slot = &j->ring[i % j->n_ring];
    if (!ok) {
        if (err) {
            *err = *err_i;
        }
        return false;
    }
    if (!slot->buf.ptr) {
        return true;
    }
    size_t index[PLX_MAX_DIMS];
    box b;
    place_of(j, i, index);
    block_of(&j->z->meta, index, &b);
    ok = j->each(j->payload, b.start, slot, err);
    plx_array_free(slot);
    *slot = (plx_array){0};
    return ok;
}

bool plx_zarr_each(const plx_ctx *ctx, const plx_zarr *array, bool skip_zero, plx_zarr_block each, void *payload,
                   plx_err *err)
{
    job j = {.ctx = ctx, .z = array, .skip_zero = skip_zero, .each = each, .payload = payload};
    memcpy(j.region.count, array->meta.shape, sizeof j.region.count);
    j.n_ring = 2 * (size_t)(ctx->jobs > 1 ? ctx->jobs : 1);
    j.ring = plx_alloc_zero(j.n_ring, sizeof *j.ring);
    if (!j.ring) {
        return plx_fail_nomem(err, j.n_ring * sizeof *j.ring);
    }
    bool ok = plx_pool_map(ctx, cover(&j), each_work, each_done, &j, err);
    for (size_t i = 0; i < j.n_ring; i++) {
        plx_array_free(&j.ring[i]);
    }
    plx_free(j.ring);
    free_zero(&j);
    return ok;
}

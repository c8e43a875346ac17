/* SPDX-License-Identifier: Apache-2.0
 *
 * See h5_chunks.h. Every chunk is one job: read, unpack, unshuffle, and copy what of it belongs to the part.
 */
#include "formats/h5_chunks.h"

#include "core/alloc.h"
#include "core/pool.h"
#include "formats/deflate.h"
#include "formats/lzf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CHUNKS = 1 << 22, MOST_PACKED = 2 };

struct plx_h5_chunks {
    const plx_ctx *ctx;
    const char *path;
    plx_h5_layout layout;
    plx_array *array;
    uint64_t first[PLX_MAX_DIMS], n[PLX_MAX_DIMS]; /* chunks that the part touches along each axis */
    uint64_t count, bytes;                         /* chunks; bytes of one when unpacked */
    plx_h5_chunk *list;
    size_t n_list;
    int fd;
};

static bool impossible(const plx_h5_chunks *c, const char *what, plx_err *err)
{
    return plx_fail(err, PLX_E_FORMAT, "%s is damaged: %s", c->path, what);
}

static bool check_layout(plx_h5_chunks *c, plx_err *err)
{
    const plx_h5_layout *l = &c->layout;
    if (l->ndim < 1 || l->ndim > PLX_MAX_DIMS || (int)l->ndim != c->array->ndim ||
        l->size != plx_dtype_size(c->array->dtype) || l->size > PLX_H5_FILL || l->n_filters > PLX_H5_MAX_FILTERS) {
        return impossible(c, "the layout of its chunks contradicts itself", err);
    }
    c->count = 1;
    c->bytes = l->size;
    for (uint32_t i = 0; i < l->ndim; i++) {
        uint64_t end, shape = c->array->shape[i];
        if (l->chunk[i] == 0 || shape == 0 || __builtin_add_overflow(l->start[i], shape, &end) ||
            __builtin_mul_overflow(c->bytes, l->chunk[i], &c->bytes)) {
            return impossible(c, "the layout of its chunks contradicts itself", err);
        }
        c->first[i] = l->start[i] / l->chunk[i];
        c->n[i] = (end - 1) / l->chunk[i] - c->first[i] + 1;
        if (__builtin_mul_overflow(c->count, c->n[i], &c->count)) {
            return impossible(c, "the layout of its chunks contradicts itself", err);
        }
    }
    if (c->count > MOST_CHUNKS || c->bytes > plx_limits_of(c->ctx).memory_bytes) {
        return plx_fail(err, PLX_E_LIMIT, "%s has more chunks, or larger ones, than are read", c->path);
    }
    return true;
}

bool plx_h5_chunks_new(const plx_ctx *ctx, const char *path, const plx_h5_layout *layout, plx_array *array,
                       plx_h5_chunks **out, plx_err *err)
{
    plx_h5_chunks *c = plx_alloc_zero(1, sizeof *c);
    *out = NULL;
    if (!c) {
        return plx_fail_nomem(err, sizeof *c);
    }
    *c = (plx_h5_chunks){.ctx = ctx, .path = path, .layout = *layout, .array = array, .fd = -1};
    bool ok = check_layout(c, err);
    c->list = ok ? plx_alloc_zero((size_t)c->count, sizeof *c->list) : NULL;
    if (ok && !c->list) {
        ok = plx_fail_nomem(err, (size_t)c->count * sizeof *c->list);
    }
    if (!ok) {
        plx_h5_chunks_free(c);
        return false;
    }
    *out = c;
    return true;
}

void plx_h5_chunks_free(plx_h5_chunks *chunks)
{
    if (chunks) {
        plx_free(chunks->list);
    }
    plx_free(chunks);
}

uint64_t plx_h5_chunks_count(const plx_h5_chunks *chunks)
{
    return chunks->count;
}

bool plx_h5_chunks_add(plx_h5_chunks *chunks, const void *list, size_t n, plx_err *err)
{
    if (n > chunks->count - chunks->n_list) {
        return impossible(chunks, "it lists more chunks than it has", err);
    }
    if (n > 0) {
        memcpy(chunks->list + chunks->n_list, list, n * sizeof *chunks->list);
    }
    chunks->n_list += n;
    return true;
}

/* --- one chunk --- */

static bool read_at(const plx_h5_chunks *c, uint64_t address, uint64_t bytes, uint8_t *out, plx_err *err)
{
    for (uint64_t done = 0; done < bytes;) {
        uint64_t at = address + done;
        ssize_t got = at <= INT64_MAX ? pread(c->fd, out + done, (size_t)(bytes - done), (off_t)at) : 0;
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return plx_fail_sys(err, errno, "%s cannot be read", c->path);
        }
        if (got == 0) {
            return plx_fail(err, PLX_E_TRUNCATED, "%s ends before a chunk of it does", c->path);
        }
        done += (uint64_t)got;
    }
    return true;
}

/* Byte j of all elements stands together: put the elements together again. */
static void unshuffle(const uint8_t *in, size_t n, size_t size, uint8_t *out)
{
    const uint8_t *restrict a = in, *restrict b = in + n;
    if (size == 2) {
        for (size_t i = 0; i < n; i++) {
            out[2 * i] = a[i];
            out[2 * i + 1] = b[i];
        }
    } else if (size == 4) {
        const uint8_t *restrict c = in + 2 * n, *restrict d = in + 3 * n;
        for (size_t i = 0; i < n; i++) {
            uint32_t x = (uint32_t)a[i] | (uint32_t)b[i] << 8 | (uint32_t)c[i] << 16 | (uint32_t)d[i] << 24;
            memcpy(out + 4 * i, &x, 4);
        }
    } else if (size == 8) {
        for (size_t i = 0; i < n; i++) {
            uint64_t x = 0;
            for (size_t j = 0; j < 8; j++) {
                x |= (uint64_t)in[j * n + i] << 8 * j;
            }
            memcpy(out + 8 * i, &x, 8);
        }
    } else {
        for (size_t j = 0; j < size; j++) {
            for (size_t i = 0; i < n; i++) {
                out[i * size + j] = in[j * n + i];
            }
        }
    }
}

/* Undo the filters in turn, last one first. Either buffer holds a whole chunk; *held is the one with the bytes. */
static bool unpack(const plx_h5_chunks *c, const plx_h5_chunk *chunk, const uint8_t *packed, uint8_t *buffers[2],
                   const uint8_t **held, plx_err *err)
{
    const plx_h5_layout *l = &c->layout;
    uint64_t len = chunk->bytes;
    int next = 0;
    *held = packed;
    for (uint32_t i = l->n_filters; i-- > 0;) {
        if (chunk->skipped & 1U << i) {
            continue;
        }
        uint8_t *out = buffers[next];
        if (l->filters[i] == PLX_H5_DEFLATE) {
            if (!plx_deflate_decode(false, *held, (size_t)len, out, (size_t)c->bytes, err)) {
                return false;
            }
            len = c->bytes;
        } else if (l->filters[i] == PLX_H5_LZF) {
            if (!plx_lzf_decode(*held, (size_t)len, out, (size_t)c->bytes, err)) {
                return false;
            }
            len = c->bytes;
        } else if (len == c->bytes) {
            unshuffle(*held, (size_t)(len / l->size), l->size, out);
        }
        *held = out;
        next = !next;
    }
    return len == c->bytes || l->whole_rows || impossible(c, "a chunk has another size than its layout says", err);
}

/* Where chunk and part meet, row by row along the last axis. */
static void copy_part(const plx_h5_chunks *c, const uint64_t *place, const uint8_t *bytes)
{
    const plx_h5_layout *l = &c->layout;
    uint64_t from[PLX_MAX_DIMS] = {0}, to[PLX_MAX_DIMS] = {0}, at[PLX_MAX_DIMS] = {0};
    int last = (int)l->ndim - 1;
    for (uint32_t i = 0; i < l->ndim; i++) { /* in coordinates of the data set */
        uint64_t low = place[i] * l->chunk[i], high = low + l->chunk[i];
        uint64_t end = l->start[i] + c->array->shape[i];
        from[i] = at[i] = low > l->start[i] ? low : l->start[i];
        to[i] = high < end ? high : end;
    }
    size_t run = (size_t)(to[last] - from[last]);
    for (bool more = true; more;) {
        uint64_t source = 0, target = 0;
        for (uint32_t i = 0; i < l->ndim; i++) {
            source = source * l->chunk[i] + (at[i] - place[i] * l->chunk[i]);
            target = target * c->array->shape[i] + (at[i] - l->start[i]);
        }
        uint8_t *out = c->array->buf.ptr + target * l->size;
        if (bytes) {
            memcpy(out, bytes + source * l->size, run * l->size);
        } else {
            for (size_t k = 0; k < run; k++) {
                memcpy(out + k * l->size, l->fill, l->size);
            }
        }
        int axis = last - 1;
        for (; axis >= 0 && ++at[axis] == to[axis]; axis--) {
            at[axis] = from[axis];
        }
        more = axis >= 0;
    }
}

/* Unpacked bytes that stand in the array as they do in the file go there at once: a chunk of whole rows of the part. */
static bool read_rows(const plx_h5_chunks *c, const plx_h5_chunk *chunk, uint64_t place, bool *read, plx_err *err)
{
    const plx_h5_layout *l = &c->layout;
    uint64_t row = l->size;
    *read = l->n_filters == 0;
    for (uint32_t i = 1; i < l->ndim; i++) {
        *read = *read && l->start[i] == 0 && l->chunk[i] == c->array->shape[i];
        row *= l->chunk[i];
    }
    uint64_t low = place * l->chunk[0], end = l->start[0] + c->array->shape[0];
    uint64_t from = low > l->start[0] ? low : l->start[0];
    uint64_t to = low + l->chunk[0] < end ? low + l->chunk[0] : end;
    *read = *read && (to - low) * row <= chunk->bytes;
    return !*read || read_at(c, chunk->address + (from - low) * row, (to - from) * row,
                             c->array->buf.ptr + (from - l->start[0]) * row, err);
}

static bool read_chunk(const plx_h5_chunks *c, const plx_h5_chunk *chunk, const uint64_t *place, plx_err *err)
{
    if (chunk->address == UINT64_MAX) {
        copy_part(c, place, NULL);
        return true;
    }
    bool read;
    if (!read_rows(c, chunk, place[0], &read, err) || read) {
        return read;
    }
    /* Deflate of what cannot be packed makes a little more of it. */
    if (chunk->bytes > c->bytes * MOST_PACKED + 1024) {
        return impossible(c, "a chunk is larger than it can be", err);
    }
    size_t packed = (size_t)(chunk->bytes > c->bytes ? chunk->bytes : c->bytes), plain = (size_t)c->bytes;
    size_t n_filters = c->layout.n_filters;
    uint8_t *memory = plx_alloc(packed + n_filters * plain);
    if (!memory) {
        return plx_fail_nomem(err, packed + n_filters * plain);
    }
    memset(memory + chunk->bytes, 0, packed - (size_t)chunk->bytes);
    uint8_t *buffers[2] = {memory + packed, memory + packed + (n_filters > 1 ? plain : 0)};
    const uint8_t *held;
    bool ok = read_at(c, chunk->address, chunk->bytes, memory, err) && unpack(c, chunk, memory, buffers, &held, err);
    if (ok) {
        copy_part(c, place, held);
    }
    plx_free(memory);
    return ok;
}

static bool work(void *payload, size_t i, plx_err *err)
{
    const plx_h5_chunks *c = payload;
    uint64_t place[PLX_MAX_DIMS] = {0}, left = i;
    for (int axis = (int)c->layout.ndim - 1; axis >= 0; axis--) {
        place[axis] = c->first[axis] + left % c->n[axis];
        left /= c->n[axis];
    }
    return read_chunk(c, &c->list[i], place, err) || plx_note(err, "in chunk %zu, counted from 0", i);
}

bool plx_h5_chunks_read(plx_h5_chunks *chunks, plx_err *err)
{
    if (chunks->n_list != chunks->count) {
        return impossible(chunks, "it lists fewer chunks than it has", err);
    }
    chunks->fd = open(chunks->path, O_RDONLY | O_CLOEXEC);
    if (chunks->fd < 0) {
        return plx_fail_sys(err, errno, "%s cannot be opened", chunks->path);
    }
    bool ok = plx_pool_map(chunks->ctx, chunks->n_list, work, NULL, chunks, err);
    close(chunks->fd);
    chunks->fd = -1;
    return ok;
}

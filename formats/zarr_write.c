/* SPDX-License-Identifier: Apache-2.0
 *
 * Elements come in C order, chunks are boxes: what is held is a band, all chunks that share their place along the axes
 * up to the first one with chunks longer than 1. A full band is cut into its chunks, which are packed in parallel and
 * handed on in order.
 */
#include "formats/zarr_write.h"

#include "core/alloc.h"
#include "core/fs.h"
#include "core/pool.h"
#include "formats/codec.h"
#include "formats/json.h"
#include "formats/zarr.h"

#include <string.h>

struct plx_zarr_writer {
    const plx_ctx *ctx;
    plx_zarr_out out;
    plx_zarr_layout layout;
    char *path; /* "" or with a slash at its end */
    const plx_codec *codec;
    plx_codec_state state;
    size_t item, chunk_bytes;
    int axis;                   /* along which the band is one chunk long; before it chunks are 1 long */
    size_t place[PLX_MAX_DIMS]; /* of the band, in chunks, along axes 0..axis */
    size_t grid[PLX_MAX_DIMS];
    size_t band_chunks; /* chunks of one band */
    uint8_t *band;
    size_t band_rows, row_bytes; /* extent of the band along `axis`, and bytes of one step along it */
    size_t used;
    uint64_t left; /* bytes still to come */
    plx_buf *ring; /* packed chunks that wait for their turn */
    size_t n_ring;
};

/* --- where keys go --- */

static bool put_file(void *payload, const char *key, const void *bytes, size_t len, plx_err *err)
{
    char path[PLX_PATH], folder[PLX_PATH];
    if (!plx_path_join(path, payload, key, err)) {
        return false;
    }
    snprintf(folder, sizeof folder, "%.*s", (int)(plx_path_base(path) - path - 1), path);
    return plx_fs_mkdirs(folder, err) && plx_fs_replace(path, bytes, len, err);
}

plx_zarr_out plx_zarr_out_dir(const char *dir)
{
    plx_zarr_out out = {.put = put_file};
    memcpy(&out.payload, &dir, sizeof dir); /* only read */
    return out;
}

static bool put_member(void *payload, const char *key, const void *bytes, size_t len, plx_err *err)
{
    return plx_zip_add(payload, key, bytes, len, err);
}

plx_zarr_out plx_zarr_out_zip(plx_zip_writer *zip)
{
    return (plx_zarr_out){put_member, zip};
}

static bool put_json(const plx_zarr_out *out, const char *path, const char *leaf, const plx_value *value, plx_err *err)
{
    plx_sb key = {0}, text = {0};
    plx_sb_printf(&key, "%s%s%s", path, *path && path[strlen(path) - 1] != '/' ? "/" : "", leaf);
    bool ok = plx_json_write(value, true, &text, err);
    if (ok) {
        ok = key.failed || text.failed ? plx_fail_nomem(err, text.len)
                                       : out->put(out->payload, plx_sb_str(&key), plx_sb_str(&text), text.len, err);
    }
    plx_sb_free(&key);
    plx_sb_free(&text);
    return ok;
}

bool plx_zarr_put_group(const plx_zarr_out *out, const char *path, const plx_value *attributes, plx_err *err)
{
    plx_arena *arena = plx_arena_new(0);
    plx_value *group = arena ? plx_v_obj(arena) : NULL;
    bool ok = (group && plx_v_set(arena, group, "zarr_format", plx_v_i64(arena, 2))) || plx_fail_nomem(err, 0);
    ok = ok && put_json(out, path, ".zgroup", group, err) &&
         (!attributes || put_json(out, path, ".zattrs", attributes, err));
    plx_arena_free(arena);
    return ok;
}

/* --- the array --- */

static plx_value *extent(plx_arena *arena, int n, const size_t *values)
{
    plx_value *list = plx_v_arr(arena);
    for (int i = 0; list && i < n; i++) {
        list = plx_v_push(arena, list, plx_v_u64(arena, values[i])) ? list : NULL;
    }
    return list;
}

static const char *type_code(const plx_zarr_layout *l, char out[8])
{
    snprintf(out, 8, "%s", plx_dtype_numpy(l->dtype));
    if (l->swap && plx_dtype_size(l->dtype) > 1) {
        out[0] = out[0] == '<' ? '>' : '<';
    }
    return out;
}

static plx_value *describe(plx_arena *arena, const plx_zarr_layout *l)
{
    static const char order[2][2] = {"C", "F"};
    char separator[2] = {l->separator, '\0'}, code[8];
    plx_value *v = plx_v_obj(arena);
    plx_value *fill = l->dtype == PLX_B1    ? plx_v_bool(arena, false)
                      : l->dtype >= PLX_F16 ? plx_v_f64(arena, 0)
                                            : plx_v_i64(arena, 0);
    if (l->dtype == PLX_C64 || l->dtype == PLX_C128) {
        fill = plx_v_arr(arena);
        fill = fill && plx_v_push(arena, fill, plx_v_f64(arena, 0)) && plx_v_push(arena, fill, plx_v_f64(arena, 0))
                   ? fill
                   : NULL;
    }
    bool ok = v && plx_v_set(arena, v, "zarr_format", plx_v_i64(arena, 2)) &&
              plx_v_set(arena, v, "shape", extent(arena, l->ndim, l->shape)) &&
              plx_v_set(arena, v, "chunks", extent(arena, l->ndim, l->chunk)) &&
              plx_v_set(arena, v, "dtype", plx_v_str(arena, type_code(l, code))) &&
              plx_v_set(arena, v, "order", plx_v_str(arena, order[l->fortran])) &&
              plx_v_set(arena, v, "fill_value", fill) && plx_v_set(arena, v, "filters", plx_v_null(arena)) &&
              plx_v_set(arena, v, "dimension_separator", plx_v_str(arena, separator));
    return ok ? v : NULL;
}

/* The settings are only read: a shallow copy may stand in the tree. */
static bool add_compressor(plx_arena *arena, plx_value *v, const plx_value *settings)
{
    plx_value *copy = plx_v_null(arena);
    if (copy && settings) {
        *copy = *settings;
    }
    return plx_v_set(arena, v, "compressor", copy);
}

static bool begin(plx_zarr_writer *w, const plx_value *attributes, plx_err *err)
{
    plx_arena *arena = plx_arena_new(0);
    plx_value *json = arena ? describe(arena, &w->layout) : NULL;
    plx_zarr_meta meta;
    bool ok = (json && add_compressor(arena, json, w->layout.compressor)) || plx_fail_nomem(err, 0);
    /* What cannot be read back is not written. */
    ok = ok && plx_zarr_parse(w->ctx, w->path, json, &meta, err);
    ok = ok && put_json(&w->out, w->path, ".zarray", json, err) &&
         (!attributes || put_json(&w->out, w->path, ".zattrs", attributes, err));
    if (ok) {
        w->codec = meta.codec;
        w->state = meta.state;
        w->chunk_bytes = meta.chunk_bytes;
        memcpy(w->grid, meta.grid, sizeof w->grid);
    }
    plx_arena_free(arena);
    return ok;
}

static bool measure(plx_zarr_writer *w, plx_err *err)
{
    const plx_zarr_layout *l = &w->layout;
    w->item = plx_dtype_size(l->dtype);
    w->axis = 0;
    while (w->axis + 1 < l->ndim && l->chunk[w->axis] == 1) {
        w->axis++;
    }
    w->row_bytes = w->item;
    w->band_chunks = 1;
    w->left = w->item;
    for (int d = 0; d < l->ndim; d++) {
        w->left *= l->shape[d];
        if (d > w->axis) {
            w->row_bytes *= l->shape[d];
            w->band_chunks *= w->grid[d];
        }
    }
    w->band_rows = l->ndim ? (l->chunk[w->axis] < l->shape[w->axis] ? l->chunk[w->axis] : l->shape[w->axis]) : 1;
    uint64_t most = plx_limits_of(w->ctx).memory_bytes;
    size_t bytes;
    if (!plx_mul_ok(w->band_rows, w->row_bytes, &bytes) || bytes > most) {
        plx_fail(err, PLX_E_LIMIT, "%s: one row of chunks is larger than what may be held in memory", w->path);
        return plx_err_why(err, "%llu bytes are allowed; shorter chunks along axis %d need less",
                           (unsigned long long)most, w->axis);
    }
    w->n_ring = 2 * (size_t)(w->ctx->jobs > 1 ? w->ctx->jobs : 1);
    w->band = plx_alloc(bytes);
    w->ring = plx_alloc_zero(w->n_ring, sizeof *w->ring);
    return (w->band && w->ring) || plx_fail_nomem(err, bytes);
}

bool plx_zarr_writer_new(const plx_ctx *ctx, const plx_zarr_out *out, const char *path, const plx_zarr_layout *layout,
                         const plx_value *attributes, plx_zarr_writer **writer, plx_err *err)
{
    if (layout->ndim < 0 || layout->ndim > PLX_MAX_DIMS || layout->dtype >= PLX_STR) {
        return plx_fail(err, PLX_E_ARG, "an array has numbers as elements and at most %d axes", PLX_MAX_DIMS);
    }
    plx_zarr_writer *w = plx_alloc_zero(1, sizeof *w);
    if (!w) {
        return plx_fail_nomem(err, sizeof *w);
    }
    w->ctx = ctx;
    w->out = *out;
    w->layout = *layout;
    w->layout.separator = layout->separator ? layout->separator : '.';
    plx_sb sb = {0};
    plx_sb_printf(&sb, "%s%s", path, *path ? "/" : "");
    w->path = plx_sb_take(&sb);
    bool ok = w->path || plx_fail_nomem(err, strlen(path));
    ok = ok && begin(w, attributes, err) && measure(w, err);
    if (!ok) {
        plx_zarr_writer_free(w);
        return false;
    }
    *writer = w;
    return true;
}

void plx_zarr_writer_free(plx_zarr_writer *writer)
{
    if (!writer) {
        return;
    }
    for (size_t i = 0; writer->ring && i < writer->n_ring; i++) {
        plx_buf_free(&writer->ring[i]);
    }
    plx_free(writer->ring);
    plx_free(writer->band);
    plx_free(writer->path);
    plx_free(writer);
}

/* --- a band --- */

static void index_of(const plx_zarr_writer *w, size_t i, size_t *index)
{
    memcpy(index, w->place, sizeof w->place);
    for (int d = w->layout.ndim - 1; d > w->axis; d--) {
        index[d] = i % w->grid[d];
        i /= w->grid[d];
    }
}

typedef struct cut {
    const plx_zarr_layout *l;
    int axis;
    const size_t *count;
    const ptrdiff_t *to, *from;
    size_t item;
} cut;

static void copy_axis(const cut *c, int d, uint8_t *to, const uint8_t *from)
{
    if (d == c->l->ndim) {
        memcpy(to, from, c->item);
        return;
    }
    if (d == c->l->ndim - 1 && c->to[d] == (ptrdiff_t)c->item) {
        memcpy(to, from, c->count[d] * c->item);
        return;
    }
    for (size_t i = 0; i < c->count[d]; i++) {
        copy_axis(c, d + 1, to, from);
        to += c->to[d];
        from += c->from[d];
    }
}

/* Chunk `index` of the band; what lies past the array's edge is zero. */
static void cut_chunk(const plx_zarr_writer *w, const size_t *index, uint8_t *chunk)
{
    const plx_zarr_layout *l = &w->layout;
    size_t count[PLX_MAX_DIMS] = {0};
    ptrdiff_t to[PLX_MAX_DIMS] = {0}, from[PLX_MAX_DIMS] = {0}, step = (ptrdiff_t)w->item;
    const uint8_t *at = w->band;
    for (int i = 0; i < l->ndim; i++) {
        int d = l->fortran ? i : l->ndim - 1 - i;
        to[d] = step;
        step *= (ptrdiff_t)l->chunk[d];
    }
    step = (ptrdiff_t)w->item;
    for (int d = l->ndim - 1; d >= 0; d--) {
        size_t begin = index[d] * l->chunk[d], rest = l->shape[d] - begin;
        count[d] = rest < l->chunk[d] ? rest : l->chunk[d];
        from[d] = step;
        if (d > w->axis) {
            at += (ptrdiff_t)begin * step;
            step *= (ptrdiff_t)l->shape[d];
        }
    }
    memset(chunk, 0, w->chunk_bytes);
    cut c = {.l = l, .axis = w->axis, .count = count, .to = to, .from = from, .item = w->item};
    copy_axis(&c, 0, chunk, at);
}

static void swap_bytes(const plx_zarr_writer *w, uint8_t *bytes)
{
    plx_dtype t = w->layout.dtype;
    size_t word = t == PLX_C64 || t == PLX_C128 ? w->item / 2 : w->item;
    for (size_t at = 0; at + word <= w->chunk_bytes; at += word) {
        for (size_t i = 0; i < word / 2; i++) {
            uint8_t b = bytes[at + i];
            bytes[at + i] = bytes[at + word - 1 - i];
            bytes[at + word - 1 - i] = b;
        }
    }
}

static bool pack(void *payload, size_t i, plx_err *err)
{
    plx_zarr_writer *w = payload;
    size_t index[PLX_MAX_DIMS];
    plx_buf chunk = {0}, *slot = &w->ring[i % w->n_ring];
    *slot = (plx_buf){0};
    if (!plx_buf_alloc(w->chunk_bytes, &chunk, err)) {
        return false;
    }
    index_of(w, i, index);
    cut_chunk(w, index, chunk.ptr);
    bool zero = chunk.len == 0 || (chunk.ptr[0] == 0 && memcmp(chunk.ptr, chunk.ptr + 1, chunk.len - 1) == 0);
    if (zero && !w->layout.keep_zero) {
        plx_buf_free(&chunk);
        return true;
    }
    if (w->layout.swap) {
        swap_bytes(w, chunk.ptr);
    }
    if (!w->codec) {
        *slot = chunk;
        return true;
    }
    bool ok = w->codec->encode(&w->state, chunk.ptr, chunk.len, slot, err);
    plx_buf_free(&chunk);
    return ok;
}

static bool hand_on(void *payload, size_t i, bool ok, const plx_err *err_i, plx_err *err)
{
    plx_zarr_writer *w = payload;
    plx_buf *slot = &w->ring[i % w->n_ring];
    if (!ok) {
        if (err) {
            *err = *err_i;
        }
        return false;
    }
    if (!slot->ptr) {
        return true;
    }
    size_t index[PLX_MAX_DIMS];
    index_of(w, i, index);
    plx_sb key = {0};
    plx_sb_text(&key, w->path);
    for (int d = 0; d < w->layout.ndim; d++) {
        char separator[2] = {d ? w->layout.separator : '\0', '\0'};
        plx_sb_printf(&key, "%s%zu", separator, index[d]);
    }
    plx_sb_text(&key, w->layout.ndim ? "" : "0");
    ok = key.failed ? plx_fail_nomem(err, key.len)
                    : w->out.put(w->out.payload, plx_sb_str(&key), slot->ptr, slot->len, err);
    plx_sb_free(&key);
    plx_buf_free(slot);
    *slot = (plx_buf){0};
    return ok;
}

/* Bytes of the band at w->place: the last one along its axis may be shorter. */
static size_t band_bytes(const plx_zarr_writer *w)
{
    const plx_zarr_layout *l = &w->layout;
    if (l->ndim == 0) {
        return w->row_bytes;
    }
    size_t rest = l->shape[w->axis] - w->place[w->axis] * l->chunk[w->axis];
    return (rest < w->band_rows ? rest : w->band_rows) * w->row_bytes;
}

static bool flush(plx_zarr_writer *w, plx_err *err)
{
    bool ok = plx_pool_map(w->ctx, w->band_chunks, pack, hand_on, w, err);
    w->used = 0;
    for (int d = w->axis; ok && d >= 0 && w->layout.ndim; d--) {
        if (++w->place[d] < w->grid[d]) {
            break;
        }
        w->place[d] = d ? 0 : w->place[d];
    }
    return ok;
}

bool plx_zarr_writer_put(plx_zarr_writer *writer, const void *bytes, size_t len, plx_err *err)
{
    plx_zarr_writer *w = writer;
    const uint8_t *p = bytes;
    if (len > w->left) {
        return plx_fail(err, PLX_E_ARG, "the array %s is given more elements than its shape holds", w->path);
    }
    w->left -= len;
    while (len > 0) {
        size_t whole = band_bytes(w), room = whole - w->used;
        size_t n = len < room ? len : room;
        memcpy(w->band + w->used, p, n);
        w->used += n;
        p += n;
        len -= n;
        if (w->used == whole && !flush(w, err)) {
            return false;
        }
    }
    return true;
}

bool plx_zarr_writer_finish(plx_zarr_writer *writer, plx_err *err)
{
    if (writer->left == 0) {
        return true;
    }
    plx_fail(err, PLX_E_ARG, "the array %s is given fewer elements than its shape holds", writer->path);
    return plx_err_why(err, "%llu bytes are missing", (unsigned long long)writer->left);
}

/* --- all metadata in one key --- */

typedef struct gather {
    const plx_ctx *ctx;
    const plx_zarr_store *store;
    plx_arena *arena;
    plx_value *list;
} gather;

static bool gather_key(void *payload, const char *key, plx_err *err)
{
    gather *g = payload;
    const char *leaf = plx_path_base(key);
    const plx_json_opts opts = {.allow_nan = true};
    if (strcmp(leaf, ".zarray") != 0 && strcmp(leaf, ".zgroup") != 0 && strcmp(leaf, ".zattrs") != 0) {
        return true;
    }
    plx_buf text;
    bool there;
    plx_value *value;
    if (!plx_zarr_store_get(g->ctx, g->store, key, PLX_ZARR_META_MAX, &there, &text, err)) {
        return false;
    }
    bool ok = plx_json_parse(g->ctx, g->arena, key, (const char *)text.ptr, text.len, &opts, &value, err);
    plx_buf_free(&text);
    return ok && (plx_v_set(g->arena, g->list, key, value) || plx_fail_nomem(err, text.len));
}

bool plx_zarr_consolidate_dir(const plx_ctx *ctx, const char *dir, plx_err *err)
{
    plx_zarr_store *store = NULL;
    gather g = {.ctx = ctx, .arena = plx_arena_new((size_t)plx_limits_of(ctx).memory_bytes)};
    plx_value *root = g.arena ? plx_v_obj(g.arena) : NULL;
    g.list = root ? plx_v_obj(g.arena) : NULL;
    bool ok = (g.list && plx_v_set(g.arena, root, "metadata", g.list) &&
               plx_v_set(g.arena, root, "zarr_consolidated_format", plx_v_i64(g.arena, 1))) ||
              plx_fail_nomem(err, 0);
    ok = ok && plx_zarr_store_open(ctx, &dir, 1, NULL, NULL, &store, err);
    g.store = store;
    plx_zarr_out out = plx_zarr_out_dir(dir);
    ok = ok && plx_zarr_store_walk(ctx, store, gather_key, &g, err) && put_json(&out, "", ".zmetadata", root, err);
    plx_zarr_store_close(store);
    plx_arena_free(g.arena);
    return ok;
}

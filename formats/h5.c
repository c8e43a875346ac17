/* SPDX-License-Identifier: Apache-2.0
 *
 * The two ends of an isolated decode: `decode` and below run in the child and call libhdf5, the take_* functions run in
 * the parent, which never does. Descriptions travel as JSON and go through the same parser as a file from outside;
 * values travel as one BEGIN message and the bytes, or, where chunks can be read here, the places of the chunks.
 */
#include "formats/h5.h"

#include "core/alloc.h"
#include "core/utf8.h"
#include "formats/h5_read.h"
#include "formats/json.h"

#include <stdlib.h>
#include <string.h>

enum { NODE, BEGIN, BLOCK, ZEROS, INFO, LAYOUT, CHUNKS, UNREAD };
enum { PIECE = 1 << 20, RETRIED = 64 };
enum { READ_ONLY = 0 }; /* H5F_ACC_RDONLY, whose macro calls into a linked library */

typedef struct begin {
    uint32_t dtype, ndim;
    uint64_t shape[PLX_MAX_DIMS];
} begin;

typedef struct task {
    const plx_ctx *ctx;
    plx_h5_lib lib;
    const char *path, *dataset; /* dataset NULL: the tree, or a check */
    const plx_h5_part *part;
    bool check;
    bool places; /* chunks that the parent can read itself are told by their places */
} task;

/* --- in the child --- */

typedef struct teller {
    const task *t;
    plx_h5_open h;
    plx_isolate_out *out;
    plx_h5_info info;
    bool numbers;
} teller;

static bool tell_node(void *payload, const char *path, hid_t node, H5I_type_t kind, const char *target, plx_err *err)
{
    teller *w = payload;
    plx_arena *arena = plx_arena_new((size_t)w->h.memory);
    const plx_value *value = arena ? plx_h5_describe(w->h.lib, w->h.file, path, node, kind, target, arena) : NULL;
    plx_sb text = {0};
    bool ok = value ? plx_json_write(value, false, &text, err) : plx_fail_nomem(err, 0);
    ok = ok && plx_isolate_send(w->out, NODE, plx_sb_str(&text), text.len, err);
    plx_sb_free(&text);
    plx_arena_free(arena);
    return ok;
}

static bool tell_begin(void *payload, const plx_h5_type *type, int ndim, const hsize_t *shape, plx_err *err)
{
    teller *w = payload;
    begin b = {.dtype = type->dtype, .ndim = (uint32_t)ndim};
    w->numbers = type->sort == PLX_H5_NUMBER;
    for (int i = 0; i < ndim; i++) {
        b.shape[i] = shape[i];
    }
    return plx_isolate_send(w->out, BEGIN, &b, sizeof b, err);
}

/* Label volumes are zero nearly everywhere, and the pipe is the narrow place: of zeros only the number is sent. */
static bool tell_block(void *payload, const void *bytes, size_t len, plx_err *err)
{
    teller *w = payload;
    const uint8_t *b = bytes;
    if (w->numbers && len > 64 && b[0] == 0 && memcmp(b, b + 1, len - 1) == 0) {
        uint64_t n = len;
        return plx_isolate_send(w->out, ZEROS, &n, sizeof n, err);
    }
    return plx_isolate_send(w->out, BLOCK, bytes, len, err);
}

static bool tell_layout(void *payload, const plx_h5_layout *layout, plx_err *err)
{
    teller *w = payload;
    return plx_isolate_send(w->out, LAYOUT, layout, sizeof *layout, err);
}

static bool tell_chunks(void *payload, const plx_h5_chunk *list, size_t n, plx_err *err)
{
    teller *w = payload;
    return plx_isolate_send(w->out, CHUNKS, list, n * sizeof *list, err);
}

static bool count_begin(void *payload, const plx_h5_type *type, int ndim, const hsize_t *shape, plx_err *err)
{
    (void)payload, (void)type, (void)ndim, (void)shape, (void)err;
    return true;
}

static bool count_block(void *payload, const void *bytes, size_t len, plx_err *err)
{
    (void)bytes;
    teller *w = payload;
    w->info.n_bytes += len;
    return plx_ctx_go_on(w->t->ctx, err);
}

static bool check_node(void *payload, const char *path, hid_t node, H5I_type_t kind, const char *target, plx_err *err)
{
    teller *w = payload;
    if (target || (kind != H5I_DATASET && kind != H5I_GROUP)) {
        return true;
    }
    /* Attributes are read for the description. */
    plx_arena *arena = plx_arena_new((size_t)w->h.memory);
    bool ok = arena && plx_h5_describe(w->h.lib, w->h.file, path, node, kind, target, arena);
    plx_arena_free(arena);
    if (!ok) {
        return plx_fail_nomem(err, 0);
    }
    if (kind == H5I_GROUP) {
        w->info.n_groups++;
        return true;
    }
    w->info.n_datasets++;
    plx_h5_sink sink = {.begin = count_begin, .block = count_block, .payload = w};
    plx_err problem;
    plx_err_clear(&problem);
    if (plx_h5_read_values(&w->h, path, NULL, &sink, &problem)) {
        return true;
    }
    if (problem.code == PLX_E_UNSUPPORTED) {
        return ++w->info.n_unread > RETRIED || plx_isolate_send(w->out, UNREAD, path, strlen(path) + 1, err);
    }
    if (err) {
        *err = problem;
    }
    return false;
}

static bool open_file(teller *w, plx_err *err)
{
    const plx_h5_lib *lib = w->h.lib;
    unsigned major = 0, minor = 0, release = 0;
    /* Files on shared file systems and read-only ones cannot be locked; what is read here is not written meanwhile. */
    (void)setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
    if (lib->H5open() < 0 || lib->H5get_libversion(&major, &minor, &release) < 0 || major != 1 || minor != 10) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "HDF5 files need libhdf5 1.10, here is %u.%u.%u", major, minor,
                        release);
    }
    snprintf(w->h.version, sizeof w->h.version, "%u.%u.%u", major, minor, release);
    (void)lib->H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    (void)lib->H5PLset_loading_state(0); /* no code from plug-in folders */
    w->h.file = lib->H5Fopen(w->t->path, READ_ONLY, H5P_DEFAULT);
    if (w->h.file < 0) {
        plx_fail(err, PLX_E_FORMAT, "%s is not a sound HDF5 file, or of a newer version than libhdf5 %s reads",
                 w->t->path, w->h.version);
        return false;
    }
    return true;
}

static bool decode(plx_isolate_out *out, void *arg, plx_err *err)
{
    const task *t = arg;
    teller w = {.t = t, .out = out};
    w.h.lib = &t->lib;
    w.h.name = t->path;
    w.h.memory = plx_limits_of(t->ctx).memory_bytes;
    if (!open_file(&w, err)) {
        return false;
    }
    if (t->dataset) {
        plx_h5_sink sink = {.begin = tell_begin, .block = tell_block, .payload = &w};
        if (t->places) {
            sink.layout = tell_layout;
            sink.chunks = tell_chunks;
        }
        return plx_h5_read_values(&w.h, t->dataset, t->part, &sink, err);
    }
    return plx_h5_walk(&t->lib, t->ctx, t->path, w.h.file, t->check ? check_node : tell_node, &w, err) &&
           (!t->check || plx_isolate_send(out, INFO, &w.info, sizeof w.info, err));
}

/* --- in the parent --- */

static bool run(task *t, bool (*take)(void *, uint32_t, const uint8_t *, size_t, plx_err *), void *payload,
                plx_err *err)
{
    if (!plx_h5_load(&t->lib, err)) {
        return false;
    }
    plx_isolate_job job = {.path = t->path, .decode = decode, .arg = t, .take = take, .payload = payload};
    return plx_isolate(t->ctx, &job, err);
}

typedef struct tree {
    const task *t;
    plx_arena *arena;
    plx_value *list;
} tree;

static bool take_node(void *payload, uint32_t kind, const uint8_t *bytes, size_t len, plx_err *err)
{
    tree *w = payload;
    plx_value *node;
    if (kind != NODE) {
        return plx_isolate_garbled(w->t->path, err);
    }
    if (!plx_json_parse(w->t->ctx, w->arena, w->t->path, (const char *)bytes, len, NULL, &node, err)) {
        return plx_note(err, "in the description of what the file holds");
    }
    if (!plx_v_get_text(node, "path") || !plx_v_get_text(node, "kind")) {
        return plx_isolate_garbled(w->t->path, err);
    }
    return plx_v_push(w->arena, w->list, node) || plx_fail_nomem(err, 0);
}

bool plx_h5_tree(const plx_ctx *ctx, const char *path, plx_arena *arena, plx_value **out, plx_err *err)
{
    task t = {.ctx = ctx, .path = path};
    tree w = {.t = &t, .arena = arena, .list = plx_v_arr(arena)};
    if (!w.list) {
        return plx_fail_nomem(err, 0);
    }
    *out = w.list;
    return run(&t, take_node, &w, err);
}

typedef struct receiver {
    const task *t;
    plx_array *array; /* one of the three */
    plx_strcol *strings;
    const plx_h5_stream *stream;
    plx_dtype dtype;
    bool begun;
    uint64_t n, want;      /* bytes, or strings */
    plx_h5_chunks *chunks; /* NULL: the values come in blocks */
} receiver;

static bool take_begin(receiver *r, const uint8_t *bytes, size_t len, plx_err *err)
{
    begin b;
    if (r->begun || len != sizeof b) {
        return plx_isolate_garbled(r->t->path, err);
    }
    memcpy(&b, bytes, sizeof b);
    if (b.ndim > PLX_MAX_DIMS || b.dtype >= PLX_N_DTYPES) {
        return plx_isolate_garbled(r->t->path, err);
    }
    r->begun = true;
    bool is_text = b.dtype == PLX_STR;
    if (is_text != (r->strings != NULL)) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "data set %s of %s holds %s", r->t->dataset, r->t->path,
                        is_text ? "text, not numbers" : "numbers, not text");
    }
    size_t shape[PLX_MAX_DIMS];
    uint64_t size = is_text ? 1 : plx_dtype_size((plx_dtype)b.dtype);
    bool fits = true;
    for (uint32_t i = 0; i < b.ndim; i++) {
        shape[i] = (size_t)b.shape[i];
        fits = !__builtin_mul_overflow(size, b.shape[i], &size) && fits;
    }
    r->want = size;
    r->dtype = (plx_dtype)b.dtype;
    if (is_text) {
        return true;
    }
    if (fits && r->stream) {
        return r->stream->begin(r->stream->payload, r->dtype, (int)b.ndim, shape, err);
    }
    if (!fits || size > plx_limits_of(r->t->ctx).memory_bytes) {
        plx_fail(err, PLX_E_LIMIT, "data set %s of %s is larger than what may be held in memory", r->t->dataset,
                 r->t->path);
        return plx_err_why(err, "%llu bytes are allowed", (unsigned long long)plx_limits_of(r->t->ctx).memory_bytes);
    }
    return plx_array_new((plx_dtype)b.dtype, (int)b.ndim, shape, r->array, err);
}

static bool take_values(void *payload, uint32_t kind, const uint8_t *bytes, size_t len, plx_err *err)
{
    receiver *r = payload;
    if (kind == BEGIN) {
        return take_begin(r, bytes, len, err);
    }
    if (kind == LAYOUT && r->begun && r->array && !r->chunks && r->n == 0 && len == sizeof(plx_h5_layout)) {
        plx_h5_layout layout;
        memcpy(&layout, bytes, sizeof layout);
        return plx_h5_chunks_new(r->t->ctx, r->t->path, &layout, r->array, &r->chunks, err);
    }
    if (kind == CHUNKS && r->chunks && len % sizeof(plx_h5_chunk) == 0) {
        return plx_h5_chunks_add(r->chunks, bytes, len / sizeof(plx_h5_chunk), err);
    }
    if ((kind != BLOCK && (kind != ZEROS || r->strings)) || !r->begun || r->chunks) {
        return plx_isolate_garbled(r->t->path, err);
    }
    if (kind == ZEROS) {
        uint64_t n = 0;
        memcpy(&n, bytes, len == sizeof n ? len : 0);
        if (n == 0 || n > r->want - r->n) {
            return plx_isolate_garbled(r->t->path, err);
        }
        r->n += n; /* an array is zero from the start */
        return !r->stream || r->stream->piece(r->stream->payload, NULL, (size_t)n, err);
    }
    if (r->strings) {
        if (plx_utf8_valid_prefix((const char *)bytes, len) != len) {
            plx_fail(err, PLX_E_FORMAT, "data set %s of %s holds text that is not UTF-8", r->t->dataset, r->t->path);
            return plx_note(err, "element %llu, counted from 0", (unsigned long long)r->n);
        }
        if (r->strings->bytes.len > plx_limits_of(r->t->ctx).memory_bytes) {
            return plx_fail(err, PLX_E_LIMIT, "data set %s of %s holds more text than is allowed", r->t->dataset,
                            r->t->path);
        }
        plx_strcol_add(r->strings, (plx_slice){(const char *)bytes, len});
        r->n++;
        return !r->strings->failed || plx_fail_nomem(err, len);
    }
    if (len > r->want - r->n) {
        return plx_isolate_garbled(r->t->path, err);
    }
    if (r->stream) {
        r->n += len;
        return r->stream->piece(r->stream->payload, bytes, len, err);
    }
    memcpy(r->array->buf.ptr + r->n, bytes, len);
    r->n += len;
    return true;
}

static bool receive_once(task *t, receiver *r, plx_err *err)
{
    r->t = t;
    bool ok = run(t, take_values, r, err);
    if (ok && r->chunks) {
        ok = plx_h5_chunks_read(r->chunks, err);
    } else if (ok && (!r->begun || r->n != r->want)) {
        ok = plx_isolate_garbled(t->path, err);
    }
    for (size_t i = 0; ok && r->array && r->dtype == PLX_B1 && i < r->want; i++) {
        r->array->buf.ptr[i] = r->array->buf.ptr[i] != 0;
    }
    plx_h5_chunks_free(r->chunks);
    if (!ok && r->array) {
        plx_array_free(r->array);
        *r->array = (plx_array){0};
    }
    return ok;
}

/* What goes wrong with chunks that are read here, libhdf5 is to judge: it is what a sound file is measured by. */
static bool receive(task *t, const receiver *empty, plx_err *err)
{
    receiver r = *empty;
    t->places = r.array != NULL;
    plx_err here;
    plx_err_clear(&here);
    bool ok = receive_once(t, &r, &here);
    if (!ok && r.chunks && plx_code_exit(here.code) == 8) {
        plx_err theirs;
        plx_err_clear(&theirs);
        r = *empty;
        t->places = false;
        ok = receive_once(t, &r, &theirs);
        here = theirs.code == PLX_E_UNSUPPORTED ? here : theirs; /* lzf is not theirs to judge */
    }
    if (!ok && err) {
        *err = here;
    }
    return ok;
}

bool plx_h5_read(const plx_ctx *ctx, const char *path, const char *dataset, plx_array *out, plx_err *err)
{
    *out = (plx_array){0};
    task t = {.ctx = ctx, .path = path, .dataset = dataset};
    return receive(&t, &(receiver){.array = out}, err);
}

static bool receive_part(task *t, int ndim, const uint64_t *start, const uint64_t *count, const receiver *r,
                         plx_err *err)
{
    if (ndim < 0 || ndim > PLX_MAX_DIMS) {
        return plx_fail(err, PLX_E_ARG, "a part of a data set has 0 to %d axes, not %d", PLX_MAX_DIMS, ndim);
    }
    plx_h5_part part = {.ndim = ndim};
    for (int i = 0; i < ndim; i++) {
        part.start[i] = start[i];
        part.count[i] = count[i];
    }
    t->part = &part;
    return receive(t, r, err);
}

bool plx_h5_read_slab(const plx_ctx *ctx, const char *path, const char *dataset, int ndim, const uint64_t *start,
                      const uint64_t *count, plx_array *out, plx_err *err)
{
    *out = (plx_array){0};
    task t = {.ctx = ctx, .path = path, .dataset = dataset};
    return receive_part(&t, ndim, start, count, &(receiver){.array = out}, err);
}

bool plx_h5_read_strings_slab(const plx_ctx *ctx, const char *path, const char *dataset, int ndim,
                              const uint64_t *start, const uint64_t *count, plx_strcol *out, plx_err *err)
{
    task t = {.ctx = ctx, .path = path, .dataset = dataset};
    return receive_part(&t, ndim, start, count, &(receiver){.strings = out}, err);
}

static bool each_of_whole(const plx_ctx *ctx, const char *path, const char *dataset, const plx_h5_stream *stream,
                          plx_err *err)
{
    plx_array a;
    if (!plx_h5_read(ctx, path, dataset, &a, err)) {
        return false;
    }
    bool ok = stream->begin(stream->payload, a.dtype, a.ndim, a.shape, err);
    for (size_t at = 0; ok && at < a.buf.len; at += PIECE) {
        ok = stream->piece(stream->payload, a.buf.ptr + at, a.buf.len - at < PIECE ? a.buf.len - at : PIECE, err);
    }
    plx_array_free(&a);
    return ok;
}

bool plx_h5_each(const plx_ctx *ctx, const char *path, const char *dataset, const plx_h5_stream *stream, plx_err *err)
{
    task t = {.ctx = ctx, .path = path, .dataset = dataset};
    plx_err problem;
    plx_err_clear(&problem);
    bool ok = receive(&t, &(receiver){.stream = stream}, &problem);
    /* What libhdf5 has no filter for may still be read here. */
    if (!ok && problem.code == PLX_E_UNSUPPORTED) {
        return each_of_whole(ctx, path, dataset, stream, err);
    }
    if (!ok && err) {
        *err = problem;
    }
    return ok;
}

bool plx_h5_read_strings(const plx_ctx *ctx, const char *path, const char *dataset, plx_strcol *out, plx_err *err)
{
    task t = {.ctx = ctx, .path = path, .dataset = dataset};
    return receive(&t, &(receiver){.strings = out}, err);
}

typedef struct checking {
    const char *path;
    plx_h5_info *out;
    bool told;
    plx_sb unread; /* names, each with its end */
    size_t n_names;
} checking;

static bool take_info(void *payload, uint32_t kind, const uint8_t *bytes, size_t len, plx_err *err)
{
    checking *c = payload;
    if (kind == UNREAD && len > 0 && bytes[len - 1] == 0 && c->n_names++ < RETRIED) {
        plx_sb_bytes(&c->unread, bytes, len);
        return !c->unread.failed || plx_fail_nomem(err, len);
    }
    if (kind != INFO || len != sizeof *c->out || c->told) {
        return plx_isolate_garbled(c->path, err);
    }
    memcpy(c->out, bytes, len);
    c->told = true;
    return true;
}

/* What libhdf5 has no filter for may still be read here. */
static bool retry(const plx_ctx *ctx, const checking *c, plx_err *err)
{
    for (const char *name = c->unread.ptr; name && name < c->unread.ptr + c->unread.len; name += strlen(name) + 1) {
        plx_array a;
        plx_err problem;
        plx_err_clear(&problem);
        if (plx_h5_read(ctx, c->path, name, &a, &problem)) {
            c->out->n_unread -= c->out->n_unread > 0;
            c->out->n_bytes += a.buf.len;
            plx_array_free(&a);
        } else if (problem.code != PLX_E_UNSUPPORTED) {
            if (err) {
                *err = problem;
            }
            return false;
        }
    }
    return true;
}

bool plx_h5_check(const plx_ctx *ctx, const char *path, plx_h5_info *out, plx_err *err)
{
    *out = (plx_h5_info){0};
    task t = {.ctx = ctx, .path = path, .check = true};
    checking c = {.path = path, .out = out};
    bool ok = run(&t, take_info, &c, err) && (c.told || plx_isolate_garbled(path, err)) && retry(ctx, &c, err);
    plx_sb_free(&c.unread);
    return ok;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing a record's members into a private folder, hashed on the way. record_commit.c makes it a record.
 */
#include "registry/record_sink.h"

#include "core/alloc.h"
#include "formats/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Names become file names and parts of the catalog's keys: letters, digits, '_' and '-', folders with '/'. */
static bool check_path(const char *path, plx_err *err)
{
    size_t len = strlen(path);
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/";
    if (len > 0 && len < 200 && strspn(path, allowed) == len && plx_path_is_safe(path)) {
        return true;
    }
    plx_fail(err, PLX_E_SCHEMA, "\"%.80s\" cannot be the name of a member", path);
    return plx_err_why(err, "letters, digits, '_' and '-' are allowed, 200 in all");
}

static bool is_known(const plx_kind *kind, const char *path)
{
    static const char changes[] = "changes/";
    if (strncmp(path, changes, sizeof changes - 1) == 0) {
        return true;
    }
    for (const plx_member_spec *spec = kind->members; spec->path; spec++) {
        size_t len = strlen(spec->path);
        if (strcmp(spec->path, path) == 0 ||
            (len > 2 && strcmp(spec->path + len - 2, "/*") == 0 && strncmp(spec->path, path, len - 1) == 0)) {
            return true;
        }
    }
    return false;
}

static bool has_member(const plx_record_sink *s, const char *file)
{
    for (size_t i = 0; i < s->members->u.arr.n; i++) {
        const char *have = plx_v_get_text(s->members->u.arr.items[i], "path");
        if (have && strcmp(have, file) == 0) {
            return true;
        }
    }
    return false;
}

static plx_value *one_axis(plx_record_sink *s, const char *name, const char *unit)
{
    plx_value *axis = plx_v_obj(s->arena);
    bool ok = axis && plx_v_set(s->arena, axis, "name", plx_v_str(s->arena, name ? name : "")) &&
              plx_v_set(s->arena, axis, "unit", plx_v_str(s->arena, unit ? unit : ""));
    return ok ? axis : NULL;
}

static plx_value *axes_value(plx_record_sink *s, const plx_axis *axes, int n)
{
    plx_value *list = plx_v_arr(s->arena);
    for (int i = 0; list && axes && i < n; i++) {
        if (!plx_v_push(s->arena, list, one_axis(s, axes[i].name, axes[i].unit))) {
            return NULL;
        }
    }
    return list;
}

/* Open "<path><suffix>" and write its .npy header. */
static bool stream_open(plx_record_sink *s, const char *path, const char *suffix, plx_dtype dtype, int ndim,
                        const size_t *shape, const plx_axis *axes, const char *unit, plx_err *err)
{
    plx_stream *t = &s->stream;
    size_t count = 1, bytes;
    if (!check_path(path, err)) {
        return false;
    }
    if (dtype == PLX_STR || dtype >= PLX_N_DTYPES || ndim < 0 || ndim > PLX_MAX_DIMS) {
        return plx_fail(err, PLX_E_SCHEMA, "%s: arrays are numeric and have at most %d axes", path, PLX_MAX_DIMS);
    }
    for (int i = 0; i < ndim; i++) {
        if (!plx_mul_ok(count, shape[i], &count)) {
            return plx_fail(err, PLX_E_LIMIT, "%s is too big", path);
        }
        t->shape[i] = shape[i];
    }
    if (!plx_mul_ok(count, plx_dtype_size(dtype), &bytes)) {
        return plx_fail(err, PLX_E_LIMIT, "%s is too big", path);
    }
    t->path = plx_arena_printf(s->arena, "%s%s", path, suffix);
    t->unit = plx_arena_strdup(s->arena, unit ? unit : "");
    t->axes = axes_value(s, axes, ndim);
    if (!t->path || !t->unit || !t->axes) {
        return plx_fail_nomem(err, 256);
    }
    if (has_member(s, t->path)) {
        return plx_fail(err, PLX_E_SCHEMA, "the record has two members %s", path);
    }
    t->dtype = dtype;
    t->ndim = ndim;
    t->expected = bytes;
    t->got = 0;
    char file[PLX_PATH], folder[PLX_PATH];
    if (!plx_path_join(file, s->dir, t->path, err)) {
        return false;
    }
    snprintf(folder, sizeof folder, "%.*s", (int)(plx_path_base(file) - file - 1), file);
    plx_sb header = {0};
    bool ok = plx_fs_mkdirs(folder, err) && plx_npy_header_text(dtype, ndim, shape, &header, err) &&
              plx_hash_file_open(&t->file, file, err);
    t->is_open = ok;
    ok = ok && plx_hash_file_write(&t->file, header.ptr, header.len, err);
    plx_sb_free(&header);
    return ok;
}

static bool stream_piece(plx_record_sink *s, const void *bytes, size_t len, plx_err *err)
{
    plx_stream *t = &s->stream;
    if (len > t->expected - t->got) {
        return plx_fail(err, PLX_E_SCHEMA, "%s is given more values than its shape holds", t->path);
    }
    t->got += len;
    return plx_hash_file_write(&t->file, bytes, len, err);
}

static plx_value *shape_value(plx_record_sink *s, const plx_stream *t)
{
    plx_value *list = plx_v_arr(s->arena);
    for (int i = 0; list && i < t->ndim; i++) {
        if (!plx_v_push(s->arena, list, plx_v_u64(s->arena, t->shape[i]))) {
            return NULL;
        }
    }
    return list;
}

bool plx_record_add_member(plx_record_sink *s, const plx_stream *file, const plx_digest *digest, uint64_t bytes,
                           plx_err *err)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(digest, hex);
    if (has_member(s, file->path)) {
        return plx_fail(err, PLX_E_SCHEMA, "the record has two members %s", file->path);
    }
    plx_arena *a = s->arena;
    plx_value *m = plx_v_obj(a);
    bool ok = m && plx_v_set(a, m, "path", plx_v_str(a, file->path)) &&
              plx_v_set(a, m, "dtype", plx_v_str(a, plx_dtype_name(file->dtype))) &&
              plx_v_set(a, m, "shape", shape_value(s, file)) && plx_v_set(a, m, "axes", file->axes) &&
              plx_v_set(a, m, "unit", plx_v_str(a, file->unit)) && plx_v_set(a, m, "sha256", plx_v_str(a, hex)) &&
              plx_v_set(a, m, "bytes", plx_v_u64(a, bytes)) && plx_v_push(a, s->members, m);
    return ok || plx_fail_nomem(err, 512);
}

static bool stream_close(plx_record_sink *s, plx_err *err)
{
    plx_stream *t = &s->stream;
    plx_digest digest;
    uint64_t bytes;
    if (t->got != t->expected) {
        plx_fail(err, PLX_E_SCHEMA, "%s is given fewer values than its shape holds", t->path);
        return plx_err_why(err, "expected %llu bytes, got %llu", (unsigned long long)t->expected,
                           (unsigned long long)t->got);
    }
    t->is_open = false; /* closing frees the file, also when it fails */
    if (!plx_hash_file_close(&t->file, s->store != NULL, &digest, &bytes, err)) {
        return false;
    }
    return plx_record_add_member(s, t, &digest, bytes, err);
}

static bool write_whole(plx_record_sink *s, const char *path, const char *suffix, const plx_array *array,
                        const plx_axis *axes, const char *unit, plx_err *err)
{
    return stream_open(s, path, suffix, array->dtype, array->ndim, array->shape, axes, unit, err) &&
           stream_piece(s, array->buf.ptr, (size_t)s->stream.expected, err) && stream_close(s, err);
}

static void check_known(plx_record_sink *s, const char *path)
{
    if (!is_known(s->kind, path)) {
        plx_violation(&s->found, "%.120s is not a member of kind %s", path, s->kind->name);
    }
}

static bool write_column(plx_record_sink *s, const char *path, const char *table, const plx_column *column,
                         plx_err *err)
{
    const plx_axis row = {table, ""}, byte = {"byte", ""};
    size_t n = column->n;
    check_known(s, path);
    if (column->dtype != PLX_STR) {
        plx_array values = plx_array_view(column->dtype, 1, &n, column->values.ptr);
        return write_whole(s, path, ".npy", &values, &row, column->unit, err);
    }
    static const uint64_t none = 0; /* a column of no rows may come without offsets */
    bool empty = n == 0 && !column->offsets.ptr;
    size_t n_offsets = n + 1, n_bytes = column->values.len;
    plx_array offsets = plx_array_view(PLX_U64, 1, &n_offsets, empty ? (const void *)&none : column->offsets.ptr);
    plx_array bytes = plx_array_view(PLX_U8, 1, &n_bytes, column->values.ptr);
    return write_whole(s, path, ".offsets.npy", &offsets, &row, "", err) &&
           write_whole(s, path, ".bytes.npy", &bytes, &byte, "", err);
}

bool plx_record_write_table(plx_record_sink *s, const char *name, const plx_table *table, plx_err *err)
{
    for (size_t i = 0; i < table->n_cols; i++) {
        char path[256];
        int n = snprintf(path, sizeof path, "%s/%s", name, table->cols[i].name);
        if (n < 0 || (size_t)n >= sizeof path || strchr(table->cols[i].name, '/')) {
            return plx_fail(err, PLX_E_SCHEMA, "\"%.80s\" cannot be the name of a column", table->cols[i].name);
        }
        if (table->cols[i].n != table->n_rows) {
            return plx_fail(err, PLX_E_SCHEMA, "column %s has %zu rows, its table %zu", path, table->cols[i].n,
                            table->n_rows);
        }
        if (!write_column(s, path, name, &table->cols[i], err)) {
            return false;
        }
    }
    return true;
}

/* Every way in: a record must be open, no array half given, nothing failed before. */
static bool ready(plx_record_sink *s, bool streaming, plx_err *err)
{
    if (!s->dir[0] || s->broken || (s->stream.is_open || s->volume.writer) != streaming) {
        s->broken = true;
        return plx_fail(err, PLX_E_BUG, "a record was given its parts in the wrong order");
    }
    return true;
}

static bool done(plx_record_sink *s, bool ok)
{
    s->broken = s->broken || !ok;
    return ok;
}

static bool sink_table(plx_sink *sink, const char *name, const plx_table *table, plx_err *err)
{
    plx_record_sink *s = sink->self;
    return ready(s, false, err) && done(s, plx_record_write_table(s, name, table, err));
}

static bool sink_array(plx_sink *sink, const char *path, const plx_array *array, const plx_axis *axes, const char *unit,
                       plx_err *err)
{
    plx_record_sink *s = sink->self;
    if (!ready(s, false, err)) {
        return false;
    }
    check_known(s, path);
    if (plx_array_is_c_order(array)) {
        return done(s, write_whole(s, path, ".npy", array, axes, unit, err));
    }
    plx_array copy;
    if (!plx_array_to_c_order(array, &copy, err)) {
        return done(s, false);
    }
    bool ok = write_whole(s, path, ".npy", &copy, axes, unit, err);
    plx_array_free(&copy);
    return done(s, ok);
}

static bool sink_open(plx_sink *sink, const char *path, plx_dtype dtype, int ndim, const size_t *shape,
                      const plx_axis *axes, const char *unit, plx_err *err)
{
    plx_record_sink *s = sink->self;
    if (!ready(s, false, err)) {
        return false;
    }
    check_known(s, path);
    return done(s, stream_open(s, path, ".npy", dtype, ndim, shape, axes, unit, err));
}

static bool sink_piece(plx_sink *sink, const void *bytes, size_t len, plx_err *err)
{
    plx_record_sink *s = sink->self;
    return ready(s, true, err) &&
           done(s, s->volume.writer ? plx_record_volume_piece(s, bytes, len, err) : stream_piece(s, bytes, len, err));
}

static bool sink_close(plx_sink *sink, plx_err *err)
{
    plx_record_sink *s = sink->self;
    return ready(s, true, err) && done(s, s->volume.writer ? plx_record_volume_close(s, err) : stream_close(s, err));
}

static bool sink_volume(plx_sink *sink, const plx_volume_spec *spec, plx_err *err)
{
    plx_record_sink *s = sink->self;
    return ready(s, false, err) && done(s, plx_record_volume_begin(s, spec, err));
}

static bool sink_volume_in_blob(plx_sink *sink, const plx_volume_spec *spec, plx_err *err)
{
    plx_record_sink *s = sink->self;
    return ready(s, false, err) && done(s, plx_record_volume_in_blob(s, spec, err));
}

static plx_value *copy_value(plx_arena *a, const plx_value *v)
{
    plx_value *out = NULL;
    if (v->kind == PLX_V_ARR) {
        out = plx_v_arr(a);
        for (size_t i = 0; out && i < v->u.arr.n; i++) {
            out = plx_v_push(a, out, copy_value(a, v->u.arr.items[i])) ? out : NULL;
        }
    } else if (v->kind == PLX_V_OBJ) {
        out = plx_v_obj(a);
        for (size_t i = 0; out && i < v->u.obj.n; i++) {
            const plx_member *m = &v->u.obj.members[i];
            out = plx_v_set(a, out, m->key.ptr, copy_value(a, m->value)) ? out : NULL;
        }
    } else if (v->kind == PLX_V_STR) {
        out = plx_v_strn(a, v->u.str.ptr, v->u.str.len);
    } else if ((out = plx_v_null(a))) {
        *out = *v;
    }
    return out;
}

static bool sink_attribute(plx_sink *sink, const char *key, const plx_value *value, plx_err *err)
{
    plx_record_sink *s = sink->self;
    if (!ready(s, false, err)) {
        return false;
    }
    bool ok = plx_v_set(s->arena, s->attributes, key, copy_value(s->arena, value));
    return done(s, ok || plx_fail_nomem(err, strlen(key)));
}

static bool add_change(plx_record_sink *s, const plx_change *change, plx_err *err)
{
    const char *texts[PLX_CHANGE_TEXTS] = {change->action, change->rule,   change->subject, change->before,
                                           change->after,  change->reason, change->file};
    if (!change->action || !change->rule || !change->rule[0]) {
        return plx_fail(err, PLX_E_BUG, "a change is reported without action or rule");
    }
    bool ok = plx_grow(&s->lines, &s->lines_cap, s->n_changes + 1, sizeof *s->lines);
    for (int i = 0; i < PLX_CHANGE_TEXTS && ok; i++) {
        plx_strcol_add(&s->texts[i], plx_slice_of(texts[i] ? texts[i] : ""));
        ok = !s->texts[i].failed;
    }
    const plx_value *before = plx_v_get(s->by_rule, change->rule);
    int64_t n = before ? before->u.i64 : 0;
    if (!ok || !plx_v_set(s->arena, s->by_rule, change->rule, plx_v_i64(s->arena, n + 1))) {
        return plx_fail_nomem(err, 256);
    }
    s->lines[s->n_changes++] = change->line;
    return true;
}

static bool sink_change(plx_sink *sink, const plx_change *change, plx_err *err)
{
    plx_record_sink *s = sink->self;
    return ready(s, false, err) && done(s, add_change(s, change, err));
}

/* Without a store the files go to the system's folder for temporary ones. */
static bool make_partial(plx_record_sink *s, plx_err *err)
{
    if (s->store) {
        return plx_store_partial(s->store, s->partial, err);
    }
    const char *tmp = getenv("TMPDIR");
    if (!plx_path_join(s->partial, tmp && tmp[0] ? tmp : "/tmp", "plexus-check-XXXXXX", err)) {
        return false;
    }
    if (!mkdtemp(s->partial)) {
        s->partial[0] = '\0';
        return plx_fail(err, PLX_E_IO, "cannot make a temporary folder in %s", tmp && tmp[0] ? tmp : "/tmp");
    }
    return true;
}

static bool start_meta(plx_record_sink *s, const char *unit, plx_err *err)
{
    plx_arena *a = s->arena;
    const plx_record_origin *o = s->origin;
    s->meta = plx_v_obj(a);
    s->members = plx_v_arr(a);
    s->attributes = plx_v_obj(a);
    s->by_rule = plx_v_obj(a);
    bool ok = s->meta && plx_v_set(a, s->meta, "schema", plx_v_str(a, "record/1")) &&
              plx_v_set(a, s->meta, "kind", plx_v_str(a, s->kind->name)) &&
              plx_v_set(a, s->meta, "dataset", plx_v_str(a, o->dataset)) &&
              plx_v_set(a, s->meta, "version", plx_v_str(a, o->version)) &&
              plx_v_set(a, s->meta, "mode", plx_v_str(a, plx_mode_name(o->mode))) &&
              plx_v_set(a, s->meta, "unit", plx_v_str(a, unit)) &&
              plx_v_set(a, s->meta, "demo", plx_v_bool(a, o->demo)) &&
              plx_v_set(a, s->meta, "provenance", o->provenance ? copy_value(a, o->provenance) : plx_v_obj(a)) &&
              plx_v_set(a, s->meta, "attributes", s->attributes) && plx_v_set(a, s->meta, "members", s->members) &&
              plx_v_set(a, s->meta, "n_changes", s->by_rule);
    return ok || plx_fail_nomem(err, 1024);
}

static bool sink_begin(plx_sink *sink, const char *kind, const char *unit, plx_err *err)
{
    plx_record_sink *s = sink->self;
    if (s->dir[0]) {
        s->broken = true;
        return plx_fail(err, PLX_E_BUG, "a record was begun before the last one ended");
    }
    s->kind = plx_kind_find(kind);
    if (!s->kind) {
        return plx_fail(err, PLX_E_SCHEMA, "there is no record kind \"%.40s\"", kind);
    }
    if ((!s->partial[0] && !make_partial(s, err)) || !plx_path_join(s->dir, s->partial, "record", err)) {
        return false;
    }
    s->arena = plx_arena_new(0);
    s->broken = false;
    memset(&s->found, 0, sizeof s->found);
    bool ok =
        (s->arena || plx_fail_nomem(err, 0)) && plx_fs_mkdirs(s->dir, err) && start_meta(s, unit ? unit : "", err);
    if (!ok) {
        plx_record_abort(sink);
    }
    return ok;
}

void plx_record_abort(plx_sink *sink)
{
    plx_record_sink *s = sink->self;
    if (s->stream.is_open) {
        plx_hash_file_abort(&s->stream.file);
        s->stream.is_open = false;
    }
    plx_record_volume_abort(s);
    if (s->dir[0]) {
        plx_fs_remove_tree(s->dir, NULL);
        s->dir[0] = '\0';
    }
    for (int i = 0; i < PLX_CHANGE_TEXTS; i++) {
        plx_strcol_free(&s->texts[i]);
        memset(&s->texts[i], 0, sizeof s->texts[i]);
    }
    plx_free(s->lines);
    s->lines = NULL;
    s->n_changes = s->lines_cap = 0;
    plx_arena_free(s->arena);
    s->arena = NULL;
    s->meta = s->members = s->attributes = s->by_rule = NULL;
}

bool plx_record_sink_new(const plx_ctx *ctx, plx_store *store, const plx_record_origin *origin, plx_sink **out,
                         plx_err *err)
{
    plx_record_sink *s = plx_alloc_zero(1, sizeof *s);
    if (!s) {
        return plx_fail_nomem(err, sizeof *s);
    }
    s->base = (plx_sink){.self = s,
                         .begin = sink_begin,
                         .table = sink_table,
                         .array = sink_array,
                         .open = sink_open,
                         .piece = sink_piece,
                         .close = sink_close,
                         .volume = sink_volume,
                         .volume_in_blob = sink_volume_in_blob,
                         .attribute = sink_attribute,
                         .change = sink_change,
                         .commit = plx_record_commit,
                         .abort = plx_record_abort};
    s->ctx = ctx;
    s->store = store;
    s->origin = origin;
    *out = &s->base;
    return true;
}

void plx_record_sink_free(plx_sink *sink)
{
    if (!sink) {
        return;
    }
    plx_record_sink *s = sink->self;
    plx_record_abort(sink);
    if (s->partial[0]) {
        plx_fs_remove_tree(s->partial, NULL);
    }
    plx_free(s);
}

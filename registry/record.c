/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading records: record.json and the arrays it lists, mapped when asked for. A damaged or hostile record gives
 * errors, never reads outside its files; that its values are the published ones is what plx_record_verify tells.
 */
#include "registry/record.h"

#include "core/alloc.h"
#include "formats/json.h"
#include "formats/npy.h"
#include "registry/record_members.h"

#include <stdio.h>
#include <string.h>

typedef struct table_slot {
    struct table_slot *next;
    const char *name;
    plx_table table;
} table_slot;

struct plx_record {
    plx_arena *arena;
    const plx_value *meta;
    plx_digest digest;
    plx_member_file *members;
    size_t n_members;
    table_slot *tables;
    plx_record_view view;
    char dir[PLX_PATH];
};

static bool parse_shape(const plx_value *shape, plx_member_file *out)
{
    if (!shape || shape->kind != PLX_V_ARR || shape->u.arr.n > PLX_MAX_DIMS) {
        return false;
    }
    out->ndim = (int)shape->u.arr.n;
    for (size_t i = 0; i < shape->u.arr.n; i++) {
        int64_t n;
        if (!plx_v_as_i64(shape->u.arr.items[i], &n) || n < 0) {
            return false;
        }
        out->shape[i] = (size_t)n;
    }
    return true;
}

static bool parse_member(const plx_value *item, plx_member_file *out, plx_err *err)
{
    const char *dtype = plx_v_get_text(item, "dtype");
    const char *sha = plx_v_get_text(item, "sha256");
    const char *unit = plx_v_get_text(item, "unit");
    int64_t bytes = -1;
    out->path = plx_v_get_text(item, "path");
    out->unit = unit ? unit : "";
    if (!out->path || !plx_path_is_safe(out->path)) {
        return plx_fail(err, PLX_E_SCHEMA, "record.json lists a member without a usable path");
    }
    if (!dtype || !plx_dtype_from_name(dtype, &out->dtype) || out->dtype == PLX_STR) {
        return plx_fail(err, PLX_E_SCHEMA, "record.json gives %s an unknown dtype", out->path);
    }
    if (!parse_shape(plx_v_get(item, "shape"), out) || !sha || !plx_digest_parse(sha, strlen(sha), &out->sha256) ||
        !plx_v_as_i64(plx_v_get(item, "bytes"), &bytes) || bytes < 0) {
        return plx_fail(err, PLX_E_SCHEMA, "record.json does not give shape, bytes and sha256 of %s", out->path);
    }
    out->bytes = (uint64_t)bytes;
    return true;
}

bool plx_members_parse(plx_arena *arena, const plx_value *meta, plx_member_file **out, size_t *n, plx_err *err)
{
    const plx_value *list = plx_v_get(meta, "members");
    const char *schema = plx_v_get_text(meta, "schema");
    if (!schema || strcmp(schema, "record/1") != 0) {
        plx_fail(err, schema ? PLX_E_NEWER : PLX_E_SCHEMA, "record.json is not a record of a schema known here");
        return plx_err_why(err, "expected \"record/1\", got \"%.40s\"", schema ? schema : "");
    }
    if (!list || list->kind != PLX_V_ARR) {
        return plx_fail(err, PLX_E_SCHEMA, "record.json has no list of members");
    }
    plx_member_file *files = plx_arena_zero(arena, list->u.arr.n + 1, sizeof *files);
    if (!files) {
        return plx_fail_nomem(err, list->u.arr.n * sizeof *files);
    }
    for (size_t i = 0; i < list->u.arr.n; i++) {
        if (!parse_member(list->u.arr.items[i], &files[i], err)) {
            return false;
        }
    }
    *out = files;
    *n = list->u.arr.n;
    return true;
}

static bool map_member(plx_record *record, plx_member_file *m, plx_err *err)
{
    char path[PLX_PATH];
    plx_buf file = {0};
    if (m->is_mapped) {
        return true;
    }
    if (!plx_path_join(path, record->dir, m->path, err) || !plx_buf_map(path, &file, err)) {
        return plx_note(err, "record %s", record->dir);
    }
    if (file.len != m->bytes) {
        plx_fail(err, PLX_E_DIGEST, "%s is damaged", path);
        plx_err_why(err, "expected %llu bytes, got %zu", (unsigned long long)m->bytes, file.len);
        plx_buf_free(&file);
        return plx_err_next(err, "plexus verify");
    }
    if (!plx_npy_view(m->path, &file, &m->array, err)) {
        plx_buf_free(&file);
        return plx_note(err, "record %s", record->dir);
    }
    bool same = m->array.dtype == m->dtype && m->array.ndim == m->ndim && plx_array_is_c_order(&m->array);
    for (int i = 0; i < m->ndim && same; i++) {
        same = m->array.shape[i] == m->shape[i];
    }
    if (!same) {
        plx_array_free(&m->array);
        plx_fail(err, PLX_E_DIGEST, "%s has another dtype or shape than record.json says", path);
        return plx_err_next(err, "plexus verify");
    }
    m->is_mapped = true;
    return true;
}

static plx_member_file *find(const plx_record *record, const char *path, const char *suffix)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < record->n_members; i++) {
        const char *have = record->members[i].path;
        if (strncmp(have, path, len) == 0 && strcmp(have + len, suffix) == 0) {
            return &record->members[i];
        }
    }
    return NULL;
}

static bool view_array(const plx_record_view *view, const char *path, const plx_array **out, plx_err *err)
{
    plx_record *record = view->self;
    plx_member_file *m = find(record, path, ".npy");
    *out = NULL;
    if (!m) {
        return true;
    }
    if (!map_member(record, m, err)) {
        return false;
    }
    *out = &m->array;
    return true;
}

/* Offsets must ascend from 0 to the number of bytes; only then may rows be cut out of the text. */
static bool check_offsets(const plx_member_file *offsets, const plx_member_file *bytes, plx_err *err)
{
    const uint64_t *at = (const void *)offsets->array.buf.ptr;
    size_t n = offsets->dtype == PLX_U64 && offsets->ndim == 1 ? offsets->shape[0] : 0;
    bool ok = n > 0 && bytes->dtype == PLX_U8 && bytes->ndim == 1 && at[0] == 0 && at[n - 1] == bytes->shape[0];
    for (size_t i = 1; i < n && ok; i++) {
        ok = at[i] >= at[i - 1];
    }
    if (!ok) {
        plx_fail(err, PLX_E_DIGEST, "the offsets in %s do not fit its text", offsets->path);
        return plx_err_next(err, "plexus verify");
    }
    return true;
}

/* The column whose file is members[i], or *is_column false when that file starts none (text bytes, 2-D arrays). */
static bool make_column(plx_record *record, plx_member_file *m, const char *name, plx_column *out, bool *is_column,
                        plx_err *err)
{
    static const char off[] = ".offsets.npy", num[] = ".npy", text[] = ".bytes.npy";
    bool is_text = plx_ends_with(name, off);
    *is_column = is_text || (!plx_ends_with(name, text) && m->ndim == 1);
    if (!*is_column) {
        return true;
    }
    size_t len = strlen(name) - (is_text ? sizeof off - 1 : sizeof num - 1);
    memset(out, 0, sizeof *out);
    if (!map_member(record, m, err)) {
        return false;
    }
    out->dtype = is_text ? PLX_STR : m->dtype;
    out->n = m->shape[0];
    if (is_text) {
        char path[PLX_PATH];
        size_t stem = strlen(m->path) - (sizeof off - 1);
        snprintf(path, sizeof path, "%.*s", (int)stem, m->path);
        plx_member_file *bytes = find(record, path, text);
        if (!bytes) {
            return plx_fail(err, PLX_E_SCHEMA, "record.json lists %s without its text", m->path);
        }
        if (!map_member(record, bytes, err) || !check_offsets(m, bytes, err)) {
            return false;
        }
        out->n = m->shape[0] - 1;
        out->offsets = plx_buf_view(m->array.buf.ptr, m->array.buf.len);
        out->values = plx_buf_view(bytes->array.buf.ptr, bytes->array.buf.len);
    } else {
        out->values = plx_buf_view(m->array.buf.ptr, m->array.buf.len);
    }
    out->unit = plx_strdup(m->unit);
    out->name = plx_alloc(len + 1);
    if (!out->name || !out->unit) {
        plx_column_free(out);
        return plx_fail_nomem(err, len + 1);
    }
    memcpy(out->name, name, len);
    out->name[len] = '\0';
    return true;
}

static bool fill_table(plx_record *record, const char *name, plx_table *table, plx_err *err)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < record->n_members; i++) {
        plx_member_file *m = &record->members[i];
        plx_column column;
        bool is_column;
        if (strncmp(m->path, name, len) != 0 || m->path[len] != '/' || strchr(m->path + len + 1, '/') ||
            !plx_ends_with(m->path, ".npy")) {
            continue;
        }
        if (!make_column(record, m, m->path + len + 1, &column, &is_column, err)) {
            return false;
        }
        if (!is_column) {
            continue;
        }
        if (table->n_cols > 0 && column.n != table->n_rows) {
            plx_fail(err, PLX_E_SCHEMA, "the columns of table %s have different lengths", name);
            plx_err_why(err, "%s has %zu rows, %s has %zu", table->cols[0].name, table->n_rows, column.name, column.n);
            plx_column_free(&column);
            return false;
        }
        if (!plx_table_take(table, &column, err)) {
            plx_column_free(&column);
            return false;
        }
    }
    return true;
}

static bool view_table(const plx_record_view *view, const char *name, const plx_table **out, plx_err *err)
{
    plx_record *record = view->self;
    *out = NULL;
    for (table_slot *slot = record->tables; slot; slot = slot->next) {
        if (strcmp(slot->name, name) == 0) {
            *out = slot->table.n_cols ? &slot->table : NULL;
            return true;
        }
    }
    table_slot *slot = plx_arena_zero(record->arena, 1, sizeof *slot);
    if (!slot || !(slot->name = plx_arena_strdup(record->arena, name))) {
        return plx_fail_nomem(err, sizeof *slot);
    }
    if (!fill_table(record, name, &slot->table, err)) {
        plx_table_free(&slot->table);
        return false;
    }
    slot->next = record->tables;
    record->tables = slot;
    *out = slot->table.n_cols ? &slot->table : NULL;
    return true;
}

bool plx_record_from_meta(plx_arena *arena, const char *dir, const plx_value *meta, const plx_digest *digest,
                          plx_record **out, plx_err *err)
{
    plx_record *record = plx_alloc_zero(1, sizeof *record);
    if (!record) {
        plx_arena_free(arena);
        return plx_fail_nomem(err, sizeof *record);
    }
    record->arena = arena;
    record->meta = meta;
    record->digest = *digest;
    record->view = (plx_record_view){record, plx_v_get(meta, "attributes"), view_table, view_array};
    if (!plx_path_join(record->dir, dir, "record.json", err) ||
        !plx_members_parse(arena, meta, &record->members, &record->n_members, err)) {
        plx_record_close(record);
        return plx_note(err, "record %s", dir);
    }
    snprintf(record->dir, sizeof record->dir, "%s", dir);
    *out = record;
    return true;
}

static bool open_dir(const plx_ctx *ctx, const char *dir, const plx_digest *expect, plx_record **out, plx_err *err)
{
    char path[PLX_PATH];
    plx_buf text = {0};
    if (!plx_path_join(path, dir, "record.json", err) || !plx_buf_read_file(path, PLX_RECORD_JSON_MAX, &text, err)) {
        return false;
    }
    plx_digest digest = plx_sha256_of(text.ptr, text.len);
    if (expect && !plx_digest_eq(expect, &digest)) {
        char got[PLX_SHA256_HEX + 1];
        plx_digest_hex(&digest, got);
        plx_buf_free(&text);
        plx_fail(err, PLX_E_DIGEST, "%s is damaged: its SHA-256 is not the record's name", path);
        plx_err_why(err, "it has sha256 %s", got);
        return plx_err_next(err, "plexus verify");
    }
    plx_arena *arena = plx_arena_new(0);
    plx_value *meta = NULL;
    bool ok = arena != NULL || plx_fail_nomem(err, 0);
    ok = ok && plx_json_parse(ctx, arena, path, (const char *)text.ptr, text.len, NULL, &meta, err);
    plx_buf_free(&text);
    if (!ok) {
        plx_arena_free(arena);
        return false;
    }
    return plx_record_from_meta(arena, dir, meta, &digest, out, err);
}

bool plx_record_open(const plx_ctx *ctx, const plx_store *store, const plx_digest *digest, plx_record **out,
                     plx_err *err)
{
    char dir[PLX_PATH];
    if (!plx_store_object_path(store, "records", digest, dir, err)) {
        return false;
    }
    if (!plx_fs_exists(dir)) {
        plx_fail(err, PLX_E_DIGEST, "%s is missing from the store", plx_store_rel(store, dir));
        return plx_err_next(err, "plexus verify");
    }
    return open_dir(ctx, dir, digest, out, err);
}

bool plx_record_open_dir(const plx_ctx *ctx, const char *dir, plx_record **out, plx_err *err)
{
    return open_dir(ctx, dir, NULL, out, err);
}

void plx_record_close(plx_record *record)
{
    if (!record) {
        return;
    }
    for (table_slot *slot = record->tables; slot; slot = slot->next) {
        plx_table_free(&slot->table);
    }
    for (size_t i = 0; i < record->n_members; i++) {
        if (record->members[i].is_mapped) {
            plx_array_free(&record->members[i].array);
        }
    }
    plx_arena_free(record->arena);
    plx_free(record);
}

const plx_value *plx_record_meta(const plx_record *record)
{
    return record->meta;
}

const char *plx_record_kind(const plx_record *record)
{
    const char *kind = plx_v_get_text(record->meta, "kind");
    return kind ? kind : "";
}

const plx_digest *plx_record_digest(const plx_record *record)
{
    return &record->digest;
}

const char *plx_record_dir(const plx_record *record)
{
    return record->dir;
}

const plx_record_view *plx_record_as_view(const plx_record *record)
{
    return &record->view;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * One record as rows: its members, attributes, counts, changes, and, where there are few enough, its nodes and edges.
 */
#include "core/alloc.h"
#include "formats/json.h"
#include "registry/catalog_put.h"
#include "registry/record.h"

#include <math.h>

enum { COLS_MAX = 16 };

static int64_t record_id(const char *key, const char *unit)
{
    plx_sha256 hash;
    plx_sha256_init(&hash);
    plx_sha256_update(&hash, key, strlen(key));
    plx_sha256_update(&hash, "#", 1);
    plx_sha256_update(&hash, unit, strlen(unit));
    plx_digest digest = plx_sha256_final(&hash);
    uint64_t id = 0;
    for (size_t i = 0; i < 8; i++) {
        id = id << 8 | digest.bytes[i];
    }
    return (int64_t)(id >> 1);
}

static bool put_json(plx_catalog_rows *rows, plx_row_table table, plx_cell *cells, size_t n, const plx_value *value,
                     plx_err *err)
{
    plx_sb text = {0};
    bool ok = plx_json_write(value, false, &text, err);
    if (ok && text.failed) {
        ok = plx_fail_nomem(err, text.len);
    }
    if (ok) {
        cells[n - 1] = plx_cell_text(plx_sb_str(&text));
        ok = plx_catalog_put(rows, table, cells, n, err);
    }
    plx_sb_free(&text);
    return ok;
}

static bool add_members(plx_catalog_rows *rows, int64_t id, const plx_value *meta, plx_err *err)
{
    plx_value *const *items = NULL;
    size_t n = plx_list_of(meta, "members", &items);
    for (size_t i = 0; i < n; i++) {
        plx_digest sha256;
        plx_sb shape = {0};
        const plx_value *dims = plx_v_get(items[i], "shape");
        bool ok =
            dims ? plx_json_write(dims, false, &shape, err) : plx_fail(err, PLX_E_SCHEMA, "a member has no shape");
        plx_cell cells[] = {plx_cell_int(id),
                            plx_cell_of_text(items[i], "path"),
                            plx_cell_of_text(items[i], "dtype"),
                            plx_cell_text(plx_sb_str(&shape)),
                            plx_cell_of_text(items[i], "unit"),
                            plx_cell_of_digest(items[i], "sha256", &sha256),
                            plx_cell_of_int(items[i], "bytes")};
        ok = ok && (!shape.failed || plx_fail_nomem(err, shape.len)) && PLX_CATALOG_PUT(rows, ROW_MEMBER, cells, err);
        plx_sb_free(&shape);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool add_attributes(plx_catalog_rows *rows, int64_t id, const plx_value *meta, plx_err *err)
{
    const plx_value *attributes = plx_v_get(meta, "attributes");
    if (!attributes || attributes->kind != PLX_V_OBJ) {
        return true;
    }
    for (size_t i = 0; i < attributes->u.obj.n; i++) {
        const plx_member *attribute = &attributes->u.obj.members[i];
        plx_cell cells[3] = {plx_cell_int(id), plx_cell_slice(attribute->key)};
        if (!put_json(rows, ROW_ATTRIBUTE, cells, 3, attribute->value, err)) {
            return false;
        }
    }
    return true;
}

static bool add_counts(plx_catalog_rows *rows, int64_t id, const char *scope, const plx_value *counts, plx_err *err)
{
    for (size_t i = 0; counts && counts->kind == PLX_V_OBJ && i < counts->u.obj.n; i++) {
        const plx_member *count = &counts->u.obj.members[i];
        int64_t n;
        double x;
        plx_cell value;
        if (plx_v_as_i64(count->value, &n)) {
            value = plx_cell_int(n);
        } else if (plx_v_as_f64(count->value, &x) && !isnan(x)) {
            value = plx_cell_real(x);
        } else {
            continue;
        }
        plx_cell cells[] = {plx_cell_int(id), plx_cell_text(scope), plx_cell_slice(count->key), value};
        if (!PLX_CATALOG_PUT(rows, ROW_COUNT, cells, err)) {
            return false;
        }
    }
    return true;
}

/* Value of a column, NULL without one, for NaN, and for text where a number belongs (and the other way round). */
static plx_cell cell_of(const plx_column *column, size_t row, bool text)
{
    if (!column || (column->dtype == PLX_STR) != text || column->dtype == PLX_C64 || column->dtype == PLX_C128) {
        return plx_cell_null();
    }
    if (text) {
        return plx_cell_slice(plx_column_str(column, row));
    }
    double x = plx_column_f64(column, row);
    if (column->dtype == PLX_F16 || column->dtype == PLX_F32 || column->dtype == PLX_F64) {
        return isnan(x) ? plx_cell_null() : plx_cell_real(x);
    }
    /* Beyond SQLite's integers: only a damaged record has a line number or a slot like that. */
    return x < 9223372036854775808.0 ? plx_cell_int((int64_t)x) : plx_cell_real(x);
}

typedef struct column_map {
    const char *name;
    bool text;
} column_map;

/* *out NULL when there is none, or it is too long to be copied. */
static bool small_table(const plx_record *record, const char *name, const plx_table **out, plx_err *err)
{
    const plx_record_view *view = plx_record_as_view(record);
    if (!view->table(view, name, out, err)) {
        return false;
    }
    if (*out && (*out)->n_rows > PLX_CATALOG_ROWS_MAX) {
        *out = NULL;
    }
    return true;
}

/* One row per table row: id, index, then the columns of `map` in order. */
static bool add_table(plx_catalog_rows *rows, int64_t id, plx_row_table to, const plx_table *table,
                      const column_map *map, size_t n, plx_err *err)
{
    const plx_column *columns[COLS_MAX];
    for (size_t c = 0; c < n; c++) {
        columns[c] = plx_table_find(table, map[c].name);
    }
    plx_cell cells[COLS_MAX + 2] = {plx_cell_int(id)};
    for (size_t row = 0; row < table->n_rows; row++) {
        cells[1] = plx_cell_int((int64_t)row);
        for (size_t c = 0; c < n; c++) {
            cells[c + 2] = cell_of(columns[c], row, map[c].text);
        }
        if (!plx_catalog_put(rows, to, cells, n + 2, err)) {
            return false;
        }
    }
    return true;
}

static bool add_nodes(plx_catalog_rows *rows, int64_t id, const plx_record *record, plx_err *err)
{
    /* An atlas calls its cells by their canonical names. */
    static const column_map cell_columns[] = {
        {"label", true}, {"name", true},  {"slot", false},       {"category", true},
        {"class", true}, {"type", true},  {"transmitter", true}, {"x_um", false},
        {"y_um", false}, {"z_um", false}, {"observable", false}, {"in_source", false},
    };
    static const column_map atlas_columns[] = {
        {"name", true},  {"name", true},  {"slot", false},       {"category", true},
        {"class", true}, {"type", true},  {"transmitter", true}, {"x_um", false},
        {"y_um", false}, {"z_um", false}, {"observable", false}, {"in_source", false},
    };
    const size_t n = sizeof cell_columns / sizeof cell_columns[0];
    const plx_table *nodes = NULL, *neurons = NULL;
    if (!small_table(record, "nodes", &nodes, err) || !small_table(record, "neurons", &neurons, err)) {
        return false;
    }
    if (nodes && plx_table_find(nodes, "label")) {
        return add_table(rows, id, ROW_NODE, nodes, cell_columns, n, err);
    }
    return !neurons || !plx_table_find(neurons, "name") ||
           add_table(rows, id, ROW_NODE, neurons, atlas_columns, n, err);
}

static bool add_edges(plx_catalog_rows *rows, int64_t id, const plx_record *record, plx_err *err)
{
    const plx_table *edges = NULL;
    if (!small_table(record, "edges", &edges, err)) {
        return false;
    }
    const plx_column *kind = edges ? plx_table_find(edges, "kind") : NULL;
    if (!kind || kind->dtype == PLX_STR) {
        return true;
    }
    const plx_column *pre = plx_table_find(edges, "pre"), *post = plx_table_find(edges, "post");
    const plx_column *weight = plx_table_find(edges, "weight"), *n_rows = plx_table_find(edges, "n_rows");
    plx_value *const *names = NULL;
    size_t n_names = plx_list_of(plx_v_get(plx_record_meta(record), "attributes"), "edge_kinds", &names);
    for (size_t row = 0; row < edges->n_rows; row++) {
        double code = plx_column_f64(kind, row);
        if (!(code >= 0 && code < (double)n_names) || names[(size_t)code]->kind != PLX_V_STR) {
            return plx_fail(err, PLX_E_SCHEMA, "edge %zu has a kind that edge_kinds does not name", row);
        }
        plx_cell cells[] = {plx_cell_int(id),
                            plx_cell_int((int64_t)row),
                            cell_of(pre, row, false),
                            cell_of(post, row, false),
                            plx_cell_slice(names[(size_t)code]->u.str),
                            cell_of(weight, row, false),
                            cell_of(n_rows, row, false)};
        if (!PLX_CATALOG_PUT(rows, ROW_EDGE, cells, err)) {
            return false;
        }
    }
    return true;
}

static bool add_changes(plx_catalog_rows *rows, int64_t id, const plx_record *record, plx_err *err)
{
    static const column_map columns[] = {
        {"action", true}, {"rule", true},   {"subject", true}, {"before", true},
        {"after", true},  {"reason", true}, {"file", true},    {"line", false},
    };
    const plx_record_view *view = plx_record_as_view(record);
    const plx_table *changes = NULL;
    if (!view->table(view, "changes", &changes, err)) {
        return false;
    }
    for (size_t row = 0; changes && row < changes->n_rows; row++) {
        plx_cell cells[] = {plx_cell_int(id), cell_of(plx_table_find(changes, "action"), row, true),
                            cell_of(plx_table_find(changes, "rule"), row, true), plx_cell_int(1)};
        if (!PLX_CATALOG_PUT(rows, ROW_CHANGE_SUMMARY, cells, err)) {
            return false;
        }
    }
    return !changes || changes->n_rows > PLX_CATALOG_ROWS_MAX ||
           add_table(rows, id, ROW_CHANGE, changes, columns, sizeof columns / sizeof columns[0], err);
}

bool plx_catalog_record_add(plx_catalog_rows *rows, const char *key, const plx_value *unit, plx_err *err)
{
    const char *name = plx_v_get_text(unit, "unit"), *hex = plx_v_get_text(unit, "record");
    plx_digest digest;
    if (!name || !hex || !plx_digest_parse(hex, strlen(hex), &digest)) {
        return plx_fail(err, PLX_E_SCHEMA, "a unit is named without its record");
    }
    plx_record *record = NULL;
    if (!plx_record_open(rows->ctx, rows->store, &digest, &record, err)) {
        return false;
    }
    const plx_value *meta = plx_record_meta(record);
    plx_value *const *members = NULL;
    size_t n = plx_list_of(meta, "members", &members);
    int64_t total = 0, bytes = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        ok = plx_v_as_i64(plx_v_get(members[i], "bytes"), &bytes) && !__builtin_add_overflow(total, bytes, &total);
    }
    ok = ok || plx_fail(err, PLX_E_SCHEMA, "the sizes of the members make no sense");
    int64_t id = record_id(key, name);
    plx_cell cells[] = {plx_cell_int(id),
                        plx_cell_text(key),
                        plx_cell_text(name),
                        plx_cell_text(plx_record_kind(record)),
                        plx_cell_blob(digest.bytes, sizeof digest.bytes),
                        plx_cell_int(total)};
    ok = ok && PLX_CATALOG_PUT(rows, ROW_RECORD, cells, err) && add_members(rows, id, meta, err) &&
         add_attributes(rows, id, meta, err) && add_counts(rows, id, "canonical", plx_v_get(meta, "counts"), err) &&
         add_counts(rows, id, "all", plx_v_get(meta, "counts_all"), err) && add_changes(rows, id, record, err) &&
         add_nodes(rows, id, record, err) && add_edges(rows, id, record, err);
    plx_record_close(record);
    return ok || plx_note(err, "record %s", hex);
}

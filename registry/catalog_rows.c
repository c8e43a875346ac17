/* SPDX-License-Identifier: Apache-2.0
 *
 * The mapping from refs and records to rows. Every value written here comes from the content of those files alone: no
 * time, no order of arrival, no path of this machine, so that rows built twice are equal. Raise the number of
 * migrations when it changes.
 */
#include "registry/catalog_rows.h"

#include "core/alloc.h"
#include "core/log.h"
#include "formats/json.h"
#include "registry/record.h"

#include <math.h>

enum { COLS_MAX = 16 };

typedef enum row_table {
    ROW_DATASET,
    ROW_FILE,
    ROW_CITATION,
    ROW_USES,
    ROW_RECORD,
    ROW_MEMBER,
    ROW_COUNT,
    ROW_ATTRIBUTE,
    ROW_CHANGE_SUMMARY,
    ROW_CHANGE,
    ROW_NODE,
    ROW_EDGE,
    N_ROW_TABLES
} row_table;

static const char *const inserts[N_ROW_TABLES] = {
    [ROW_DATASET] = "INSERT INTO dataset VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [ROW_FILE] = "INSERT INTO file VALUES (?,?,?,?,?,?,?,?)",
    [ROW_CITATION] = "INSERT INTO citation VALUES (?,?,?,?)",
    [ROW_USES] = "INSERT INTO uses VALUES (?,?,?)",
    [ROW_RECORD] = "INSERT INTO record VALUES (?,?,?,?,?,?)",
    [ROW_MEMBER] = "INSERT INTO member VALUES (?,?,?,?,?,?,?)",
    [ROW_COUNT] = "INSERT INTO \"count\" VALUES (?,?,?,?)",
    [ROW_ATTRIBUTE] = "INSERT INTO attribute VALUES (?,?,?)",
    [ROW_CHANGE_SUMMARY] = ("INSERT INTO change_summary VALUES (?,?,?,?) "
                            "ON CONFLICT (record_id, action, rule) DO UPDATE SET n = n + excluded.n"),
    [ROW_CHANGE] = "INSERT INTO change VALUES (?,?,?,?,?,?,?,?,?,?)",
    [ROW_NODE] = "INSERT INTO node VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [ROW_EDGE] = "INSERT INTO edge VALUES (?,?,?,?,?,?,?)",
};

struct plx_catalog_rows {
    const plx_ctx *ctx;
    const plx_store *store;
    plx_sql *sql;
    plx_stmt *remove;
    plx_stmt *insert[N_ROW_TABLES];
};

bool plx_catalog_rows_new(const plx_ctx *ctx, const plx_store *store, plx_sql *sql, plx_catalog_rows **out,
                          plx_err *err)
{
    plx_catalog_rows *rows = plx_alloc_zero(1, sizeof *rows);
    if (!rows) {
        return plx_fail_nomem(err, sizeof *rows);
    }
    *rows = (plx_catalog_rows){.ctx = ctx, .store = store, .sql = sql};
    bool ok = plx_stmt_new(sql, "DELETE FROM dataset WHERE ref = ?", &rows->remove, err);
    for (size_t i = 0; ok && i < N_ROW_TABLES; i++) {
        ok = plx_stmt_new(sql, inserts[i], &rows->insert[i], err);
    }
    if (!ok) {
        plx_catalog_rows_free(rows);
        return false;
    }
    *out = rows;
    return true;
}

void plx_catalog_rows_free(plx_catalog_rows *rows)
{
    if (rows) {
        plx_stmt_free(rows->remove);
        for (size_t i = 0; i < N_ROW_TABLES; i++) {
            plx_stmt_free(rows->insert[i]);
        }
        plx_free(rows);
    }
}

void plx_catalog_key(const plx_ref *ref, char out[PLX_REF_TEXT])
{
    plx_ref key = *ref;
    key.has_mode = true;
    key.unit[0] = 0;
    plx_ref_print(&key, out);
}

bool plx_catalog_rows_remove(plx_catalog_rows *rows, const char *ref, plx_err *err)
{
    plx_cell key = plx_cell_text(ref);
    return plx_stmt_put(rows->remove, &key, 1, err);
}

static bool put(plx_catalog_rows *rows, row_table table, const plx_cell *cells, size_t n, plx_err *err)
{
    return plx_stmt_put(rows->insert[table], cells, n, err);
}

#define PUT(rows, table, cells, err) put(rows, table, cells, sizeof(cells) / sizeof(cells)[0], err)

/* Text of a key, or "". */
static plx_cell text_of(const plx_value *object, const char *key)
{
    const plx_value *value = plx_v_get(object, key);
    return plx_cell_slice(value && value->kind == PLX_V_STR ? value->u.str : plx_slice_of(""));
}

static plx_cell int_of(const plx_value *object, const char *key)
{
    int64_t n;
    return plx_v_as_i64(plx_v_get(object, key), &n) ? plx_cell_int(n) : plx_cell_null();
}

/* A digest as 32 bytes in *store, or NULL. */
static plx_cell digest_of(const plx_value *object, const char *key, plx_digest *store)
{
    const char *hex = plx_v_get_text(object, key);
    return hex && plx_digest_parse(hex, strlen(hex), store) ? plx_cell_blob(store->bytes, sizeof store->bytes)
                                                            : plx_cell_null();
}

static size_t list_of(const plx_value *object, const char *key, plx_value *const **items)
{
    const plx_value *list = plx_v_get(object, key);
    if (!list || list->kind != PLX_V_ARR) {
        return 0;
    }
    *items = list->u.arr.items;
    return list->u.arr.n;
}

static bool add_dataset(plx_catalog_rows *rows, const char *key, const plx_ref *ref, const plx_value *content,
                        const plx_digest *seal, const char *problem, plx_err *err)
{
    plx_digest manifest;
    const plx_value *demo = plx_v_get(content, "demo");
    const plx_value *ingester = plx_v_get(content, "ingester");
    plx_cell cells[] = {
        plx_cell_text(key),
        plx_cell_text(ref->family),
        plx_cell_text(ref->name),
        plx_cell_text(ref->version),
        plx_cell_text(plx_mode_name(ref->mode)),
        text_of(content, "kind"),
        text_of(content, "title"),
        text_of(content, "licence"),
        text_of(content, "homepage"),
        plx_cell_int(demo && demo->kind == PLX_V_BOOL && demo->u.b),
        text_of(ingester, "name"),
        int_of(ingester, "version"),
        digest_of(content, "manifest", &manifest),
        text_of(content, "derivation"),
        plx_cell_blob(seal->bytes, sizeof seal->bytes),
        plx_cell_text(problem),
    };
    return PUT(rows, ROW_DATASET, cells, err);
}

static bool add_sources(plx_catalog_rows *rows, const char *key, const plx_value *content, plx_err *err)
{
    plx_value *const *items = NULL;
    size_t n = list_of(content, "files", &items);
    for (size_t i = 0; i < n; i++) {
        plx_digest sha256;
        const char *commit = plx_v_get_text(items[i], "commit");
        plx_cell cells[] = {plx_cell_text(key),
                            plx_cell_int((int64_t)i),
                            text_of(items[i], "name"),
                            text_of(items[i], "url"),
                            digest_of(items[i], "sha256", &sha256),
                            int_of(items[i], "bytes"),
                            text_of(items[i], "trust"),
                            plx_cell_text(commit)};
        if (!PUT(rows, ROW_FILE, cells, err)) {
            return false;
        }
    }
    n = list_of(content, "citations", &items);
    for (size_t i = 0; i < n; i++) {
        plx_cell cells[] = {plx_cell_text(key), plx_cell_int((int64_t)i), text_of(items[i], "key"),
                            text_of(items[i], "bibtex")};
        if (!PUT(rows, ROW_CITATION, cells, err)) {
            return false;
        }
    }
    n = list_of(content, "uses", &items);
    for (size_t i = 0; i < n; i++) {
        plx_cell cells[] = {plx_cell_text(key), plx_cell_int((int64_t)i), text_of(items[i], "ref")};
        if (!PUT(rows, ROW_USES, cells, err)) {
            return false;
        }
    }
    return true;
}

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

static bool put_json(plx_catalog_rows *rows, row_table table, plx_cell *cells, size_t n, const plx_value *value,
                     plx_err *err)
{
    plx_sb text = {0};
    bool ok = plx_json_write(value, false, &text, err);
    if (ok && text.failed) {
        ok = plx_fail_nomem(err, text.len);
    }
    if (ok) {
        cells[n - 1] = plx_cell_text(plx_sb_str(&text));
        ok = put(rows, table, cells, n, err);
    }
    plx_sb_free(&text);
    return ok;
}

static bool add_members(plx_catalog_rows *rows, int64_t id, const plx_value *meta, plx_err *err)
{
    plx_value *const *items = NULL;
    size_t n = list_of(meta, "members", &items);
    for (size_t i = 0; i < n; i++) {
        plx_digest sha256;
        plx_sb shape = {0};
        const plx_value *dims = plx_v_get(items[i], "shape");
        bool ok =
            dims ? plx_json_write(dims, false, &shape, err) : plx_fail(err, PLX_E_SCHEMA, "a member has no shape");
        plx_cell cells[] = {plx_cell_int(id),           text_of(items[i], "path"),
                            text_of(items[i], "dtype"), plx_cell_text(plx_sb_str(&shape)),
                            text_of(items[i], "unit"),  digest_of(items[i], "sha256", &sha256),
                            int_of(items[i], "bytes")};
        ok = ok && (!shape.failed || plx_fail_nomem(err, shape.len)) && PUT(rows, ROW_MEMBER, cells, err);
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
        if (!PUT(rows, ROW_COUNT, cells, err)) {
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
static bool add_table(plx_catalog_rows *rows, int64_t id, row_table to, const plx_table *table, const column_map *map,
                      size_t n, plx_err *err)
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
        if (!put(rows, to, cells, n + 2, err)) {
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
    size_t n_names = list_of(plx_v_get(plx_record_meta(record), "attributes"), "edge_kinds", &names);
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
        if (!PUT(rows, ROW_EDGE, cells, err)) {
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
        if (!PUT(rows, ROW_CHANGE_SUMMARY, cells, err)) {
            return false;
        }
    }
    return !changes || changes->n_rows > PLX_CATALOG_ROWS_MAX ||
           add_table(rows, id, ROW_CHANGE, changes, columns, sizeof columns / sizeof columns[0], err);
}

static bool add_record(plx_catalog_rows *rows, const char *key, const plx_value *unit, plx_err *err)
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
    size_t n = list_of(meta, "members", &members);
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
    ok = ok && PUT(rows, ROW_RECORD, cells, err) && add_members(rows, id, meta, err) &&
         add_attributes(rows, id, meta, err) && add_counts(rows, id, "canonical", plx_v_get(meta, "counts"), err) &&
         add_counts(rows, id, "all", plx_v_get(meta, "counts_all"), err) && add_changes(rows, id, record, err) &&
         add_nodes(rows, id, record, err) && add_edges(rows, id, record, err);
    plx_record_close(record);
    return ok || plx_note(err, "record %s", hex);
}

static bool is_damage(plx_code code)
{
    return code == PLX_E_DIGEST || code == PLX_E_FORMAT || code == PLX_E_SCHEMA || code == PLX_E_NOTFOUND ||
           code == PLX_E_TRUNCATED || code == PLX_E_UNSUPPORTED || code == PLX_E_NEWER || code == PLX_E_LIMIT;
}

/* All records or, when one cannot be read, none: *bad is its unit's position, or SIZE_MAX. */
static bool add_records(plx_catalog_rows *rows, const char *key, const plx_value *content, size_t *bad, plx_code *code,
                        plx_err *err)
{
    plx_value *const *units = NULL;
    size_t n = list_of(content, "units", &units);
    *bad = SIZE_MAX;
    for (size_t i = 0; i < n && *bad == SIZE_MAX; i++) {
        plx_err why;
        plx_err_clear(&why);
        if (add_record(rows, key, units[i], &why)) {
            continue;
        }
        if (!is_damage(why.code)) {
            if (err) {
                *err = why;
            }
            return false;
        }
        *bad = i;
        *code = why.code;
        plx_logf(rows->ctx, PLX_LOG_WARN, "catalog", "%s has a record that cannot be read: %s; next: plexus verify",
                 key, why.what);
    }
    return true;
}

bool plx_catalog_rows_add(plx_catalog_rows *rows, const plx_ref *ref, const plx_value *content, const plx_digest *seal,
                          bool *ok, plx_err *err)
{
    char key[PLX_REF_TEXT], problem[160] = "";
    plx_catalog_key(ref, key);
    size_t bad = SIZE_MAX;
    plx_code code = PLX_OK;
    if (!plx_sql_run(rows->sql, "SAVEPOINT one", err) || !add_dataset(rows, key, ref, content, seal, "", err) ||
        !add_sources(rows, key, content, err) || !add_records(rows, key, content, &bad, &code, err)) {
        return plx_note(err, "catalog rows of %s", key);
    }
    *ok = bad == SIZE_MAX;
    if (*ok) {
        return plx_sql_run(rows->sql, "RELEASE one", err);
    }
    plx_value *const *units = NULL;
    size_t n = list_of(content, "units", &units);
    const char *hex = bad < n ? plx_v_get_text(units[bad], "record") : NULL;
    snprintf(problem, sizeof problem, "record %.64s cannot be read (%s)", hex ? hex : "", plx_code_name(code));
    return plx_sql_run(rows->sql, "ROLLBACK TO one; RELEASE one", err) &&
           add_dataset(rows, key, ref, content, seal, problem, err) && add_sources(rows, key, content, err);
}

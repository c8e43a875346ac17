/* SPDX-License-Identifier: Apache-2.0
 *
 * The mapping from refs and records to rows. Every value written here comes from the content of those files alone: no
 * time, no order of arrival, no path of this machine, so that rows built twice are equal. Raise the number of
 * migrations when it changes.
 */
#include "registry/catalog_rows.h"

#include "core/alloc.h"
#include "core/log.h"
#include "registry/catalog_put.h"

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
    [ROW_RUN] = "INSERT INTO run VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [ROW_RUN_INPUT] = "INSERT INTO run_input VALUES (?,?,?,?)",
    [ROW_RUN_CELL] = "INSERT INTO run_cell VALUES (?,?,?,?,?,?,?,?,?)",
    [ROW_CELL_SCORE] = "INSERT OR IGNORE INTO cell_score VALUES (?,?,?,?,?)",
    [ROW_SCORE] = "INSERT OR IGNORE INTO score VALUES (?,?,?,?,?,?)",
};

bool plx_catalog_rows_new(const plx_ctx *ctx, const plx_store *store, plx_sql *sql, plx_catalog_rows **out,
                          plx_err *err)
{
    plx_catalog_rows *rows = plx_alloc_zero(1, sizeof *rows);
    if (!rows) {
        return plx_fail_nomem(err, sizeof *rows);
    }
    *rows = (plx_catalog_rows){.ctx = ctx, .store = store, .sql = sql};
    bool ok = plx_stmt_new(sql, "DELETE FROM dataset WHERE ref = ?", &rows->remove, err) &&
              plx_stmt_new(sql, "DELETE FROM run WHERE run = ?", &rows->remove_run, err);
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
        plx_stmt_free(rows->remove_run);
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
    return plx_stmt_put(plx_starts_with(ref, "run:") ? rows->remove_run : rows->remove, &key, 1, err);
}

bool plx_catalog_put(plx_catalog_rows *rows, plx_row_table table, const plx_cell *cells, size_t n, plx_err *err)
{
    return plx_stmt_put(rows->insert[table], cells, n, err);
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
        plx_cell_of_text(content, "kind"),
        plx_cell_of_text(content, "title"),
        plx_cell_of_text(content, "licence"),
        plx_cell_of_text(content, "homepage"),
        plx_cell_int(demo && demo->kind == PLX_V_BOOL && demo->u.b),
        plx_cell_of_text(ingester, "name"),
        plx_cell_of_int(ingester, "version"),
        plx_cell_of_digest(content, "manifest", &manifest),
        plx_cell_of_text(content, "derivation"),
        plx_cell_blob(seal->bytes, sizeof seal->bytes),
        plx_cell_text(problem),
    };
    return PLX_CATALOG_PUT(rows, ROW_DATASET, cells, err);
}

static bool add_sources(plx_catalog_rows *rows, const char *key, const plx_value *content, plx_err *err)
{
    plx_value *const *items = NULL;
    size_t n = plx_list_of(content, "files", &items);
    for (size_t i = 0; i < n; i++) {
        plx_digest sha256;
        const char *commit = plx_v_get_text(items[i], "commit");
        plx_cell cells[] = {plx_cell_text(key),
                            plx_cell_int((int64_t)i),
                            plx_cell_of_text(items[i], "name"),
                            plx_cell_of_text(items[i], "url"),
                            plx_cell_of_digest(items[i], "sha256", &sha256),
                            plx_cell_of_int(items[i], "bytes"),
                            plx_cell_of_text(items[i], "trust"),
                            plx_cell_text(commit)};
        if (!PLX_CATALOG_PUT(rows, ROW_FILE, cells, err)) {
            return false;
        }
    }
    n = plx_list_of(content, "citations", &items);
    for (size_t i = 0; i < n; i++) {
        plx_cell cells[] = {plx_cell_text(key), plx_cell_int((int64_t)i), plx_cell_of_text(items[i], "key"),
                            plx_cell_of_text(items[i], "bibtex")};
        if (!PLX_CATALOG_PUT(rows, ROW_CITATION, cells, err)) {
            return false;
        }
    }
    n = plx_list_of(content, "uses", &items);
    for (size_t i = 0; i < n; i++) {
        plx_cell cells[] = {plx_cell_text(key), plx_cell_int((int64_t)i), plx_cell_of_text(items[i], "ref")};
        if (!PLX_CATALOG_PUT(rows, ROW_USES, cells, err)) {
            return false;
        }
    }
    return true;
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
    size_t n = plx_list_of(content, "units", &units);
    *bad = SIZE_MAX;
    for (size_t i = 0; i < n && *bad == SIZE_MAX; i++) {
        plx_err why;
        plx_err_clear(&why);
        if (plx_catalog_record_add(rows, key, units[i], &why)) {
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
    size_t n = plx_list_of(content, "units", &units);
    const char *hex = bad < n ? plx_v_get_text(units[bad], "record") : NULL;
    snprintf(problem, sizeof problem, "record %.64s cannot be read (%s)", hex ? hex : "", plx_code_name(code));
    return plx_sql_run(rows->sql, "ROLLBACK TO one; RELEASE one", err) &&
           add_dataset(rows, key, ref, content, seal, problem, err) && add_sources(rows, key, content, err);
}

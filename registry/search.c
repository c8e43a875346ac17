/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite's FTS5 in memory. Every user word becomes one quoted prefix phrase, so that nothing a user types is read as
 * FTS5 syntax.
 */
#include "registry/search.h"

#include "core/log.h"
#include "registry/catalog.h"
#include "registry/sql.h"

typedef struct index_maker {
    const plx_ctx *ctx;
    plx_stmt *insert;
} index_maker;

static bool add(index_maker *m, const char *ref, const char *what, const char *title, const char *body, plx_err *err)
{
    plx_cell cells[] = {plx_cell_text(ref), plx_cell_text(what), plx_cell_text(title), plx_cell_text(body)};
    return plx_stmt_put(m->insert, cells, 4, err);
}

static bool add_manifest(index_maker *m, const plx_manifest *manifest, plx_err *err)
{
    plx_sb body = {0};
    char ref[256];
    snprintf(ref, sizeof ref, "%s/%s", manifest->family, manifest->name);
    plx_sb_printf(&body, "%s\n%s", ref, manifest->description);
    for (size_t i = 0; i < manifest->n_citations; i++) {
        plx_sb_printf(&body, "\n%s", manifest->citations[i]);
    }
    for (size_t i = 0; i < manifest->n_files; i++) {
        plx_sb_printf(&body, "\n%s", manifest->files[i].name);
    }
    bool ok =
        body.failed ? plx_fail_nomem(err, body.len) : add(m, ref, "data set", manifest->title, plx_sb_str(&body), err);
    plx_sb_free(&body);
    return ok;
}

static bool add_manifests(index_maker *m, plx_registry *registry, plx_err *err)
{
    for (size_t i = 0; i < plx_registry_count(registry); i++) {
        const plx_manifest *manifest = NULL;
        plx_err why;
        plx_err_clear(&why);
        if (!plx_registry_get(registry, i, &manifest, &why)) {
            if (why.code == PLX_E_NOMEM) {
                return plx_fail_nomem(err, 0);
            }
            plx_logf(m->ctx, PLX_LOG_WARN, "search", "%s is left out: %s", plx_registry_name(registry, i), why.what);
            continue;
        }
        if (!add_manifest(m, manifest, err)) {
            return false;
        }
    }
    return true;
}

/* One document per label: the same cell in ten data sets is one hit. */
static const char cells_query[] =
    "SELECT min(ref), label, max(coalesce(category, '')), max(coalesce(class, '')), max(coalesce(type, '')), "
    "max(coalesce(transmitter, '')), count(DISTINCT ref) FROM neuron GROUP BY label ORDER BY label";

static bool add_cell(void *payload, size_t n_cols, const char *const *names, const plx_cell *cells, plx_err *err)
{
    (void)n_cols;
    (void)names;
    index_maker *m = payload;
    if (!cells) {
        return true;
    }
    plx_sb ref = {0}, title = {0}, body = {0};
    plx_sb_bytes(&ref, cells[0].text.ptr, cells[0].text.len);
    plx_sb_bytes(&title, cells[1].text.ptr, cells[1].text.len);
    plx_sb_bytes(&body, title.ptr, title.len);
    for (size_t i = 2; i < 6; i++) {
        if (cells[i].text.len > 0 && !plx_slice_eq(cells[i].text, cells[1].text)) {
            plx_sb_text(&body, ", ");
            plx_sb_bytes(&body, cells[i].text.ptr, cells[i].text.len);
        }
    }
    long long n = cells[6].i64;
    plx_sb_printf(&body, ", in %lld data set%s", n, n == 1 ? "" : "s");
    bool ok = ref.failed || title.failed || body.failed
                  ? plx_fail_nomem(err, body.len)
                  : add(m, plx_sb_str(&ref), "cell", plx_sb_str(&title), plx_sb_str(&body), err);
    plx_sb_free(&ref);
    plx_sb_free(&title);
    plx_sb_free(&body);
    return ok;
}

/* Data sets that somebody added: the registry's own are in the index already, by their manifests. */
static const char added_query[] = "SELECT d.family || '/' || d.name, min(d.title), group_concat(f.name, ' ') "
                                  "FROM dataset AS d LEFT JOIN file AS f ON f.ref = d.ref GROUP BY 1 ORDER BY 1";

typedef struct added_sets {
    index_maker *maker;
    plx_registry *registry;
} added_sets;

static bool is_known(const plx_registry *registry, plx_slice name)
{
    for (size_t i = 0; i < plx_registry_count(registry); i++) {
        if (plx_slice_is(name, plx_registry_name(registry, i))) {
            return true;
        }
    }
    return false;
}

static bool add_set(void *payload, size_t n_cols, const char *const *names, const plx_cell *cells, plx_err *err)
{
    (void)n_cols;
    (void)names;
    added_sets *sets = payload;
    if (!cells || is_known(sets->registry, cells[0].text)) {
        return true;
    }
    plx_sb ref = {0}, title = {0}, body = {0};
    plx_sb_bytes(&ref, cells[0].text.ptr, cells[0].text.len);
    plx_sb_bytes(&title, cells[1].text.ptr, cells[1].text.len);
    plx_sb_bytes(&body, ref.ptr, ref.len);
    plx_sb_text(&body, "\n");
    plx_sb_bytes(&body, cells[2].text.ptr, cells[2].text.len);
    bool ok = ref.failed || title.failed || body.failed
                  ? plx_fail_nomem(err, body.len)
                  : add(sets->maker, plx_sb_str(&ref), "data set", plx_sb_str(&title), plx_sb_str(&body), err);
    plx_sb_free(&ref);
    plx_sb_free(&title);
    plx_sb_free(&body);
    return ok;
}

static bool add_stored(index_maker *m, plx_registry *registry, plx_store *store, plx_err *err)
{
    plx_catalog *catalog = NULL;
    added_sets sets = {m, registry};
    bool ok = plx_catalog_open(m->ctx, store, &catalog, err) &&
              plx_catalog_query(catalog, added_query, NULL, 0, 0, add_set, &sets, err) &&
              plx_catalog_query(catalog, cells_query, NULL, 0, 0, add_cell, m, err);
    plx_catalog_close(catalog);
    return ok;
}

/* "worm ava" -> "worm"* "ava"*, each quoted. */
static bool fts_query(const char *const *words, size_t n, plx_sb *out, plx_err *err)
{
    for (size_t i = 0; i < n; i++) {
        for (const char *p = words[i]; *p;) {
            p += strspn(p, " \t\n");
            size_t len = strcspn(p, " \t\n");
            if (len == 0) {
                break;
            }
            plx_sb_text(out, out->len ? " \"" : "\"");
            for (size_t k = 0; k < len; k++) {
                plx_sb_text(out, p[k] == '"' ? "\"" : "");
                plx_sb_char(out, p[k]);
            }
            plx_sb_text(out, "\"*");
            p += len;
        }
    }
    if (out->failed) {
        return plx_fail_nomem(err, out->len);
    }
    return out->len > 0 || plx_fail(err, PLX_E_ARG, "there is no word to search for");
}

static bool copy_text(plx_arena *arena, const plx_stmt *stmt, size_t col, const char **out)
{
    plx_slice text = plx_stmt_cell(stmt, col).text;
    *out = plx_arena_strndup(arena, text.ptr ? text.ptr : "", text.len);
    return *out != NULL;
}

static bool run(plx_sql *sql, const char *query, size_t limit, plx_hit_each each, void *payload, plx_err *err)
{
    plx_stmt *stmt = NULL;
    plx_arena *arena = plx_arena_new(0);
    plx_cell cells[] = {plx_cell_text(query), plx_cell_int(limit > INT32_MAX ? INT32_MAX : (int64_t)limit)};
    bool row = false;
    bool ok = (arena || plx_fail_nomem(err, sizeof(void *))) &&
              plx_stmt_new(sql,
                           "SELECT ref, what, title, replace(snippet(doc, 3, '[', ']', '...', 12), char(10), ' '), "
                           "-bm25(doc, 0, 0, 10, 1) "
                           "FROM doc WHERE doc MATCH ? ORDER BY 5 DESC, ref, title LIMIT ?",
                           &stmt, err) &&
              plx_stmt_bind(stmt, cells, 2, err) && plx_stmt_step(stmt, &row, err);
    while (ok && row) {
        plx_hit hit = {.score = plx_stmt_cell(stmt, 4).f64};
        ok = copy_text(arena, stmt, 0, &hit.ref) && copy_text(arena, stmt, 1, &hit.what) &&
             copy_text(arena, stmt, 2, &hit.title) && copy_text(arena, stmt, 3, &hit.snippet);
        ok = (ok || plx_fail_nomem(err, 0)) && each(payload, &hit, err) && plx_stmt_step(stmt, &row, err);
    }
    plx_stmt_free(stmt);
    plx_arena_free(arena);
    return ok;
}

bool plx_search(const plx_ctx *ctx, plx_registry *registry, plx_store *store, const char *const *words, size_t n_words,
                size_t limit, plx_hit_each each, void *payload, plx_err *err)
{
    plx_sb query = {0};
    plx_sql *sql = NULL;
    index_maker m = {.ctx = ctx};
    bool ok = fts_query(words, n_words, &query, err) && plx_sql_open(NULL, PLX_SQL_MEMORY, &sql, err) &&
              plx_sql_run(sql,
                          "CREATE VIRTUAL TABLE doc USING fts5(ref UNINDEXED, what UNINDEXED, title, body, "
                          "tokenize='unicode61 remove_diacritics 2'); BEGIN",
                          err) &&
              plx_stmt_new(sql, "INSERT INTO doc VALUES (?, ?, ?, ?)", &m.insert, err) &&
              add_manifests(&m, registry, err) && (!store || add_stored(&m, registry, store, err));
    plx_stmt_free(m.insert);
    ok = ok && plx_sql_run(sql, "COMMIT", err) && run(sql, plx_sb_str(&query), limit, each, payload, err);
    plx_sql_close(sql);
    plx_sb_free(&query);
    return ok;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening, syncing and querying the catalog. catalog.db is only ever replaced as a whole: a new one is written in a
 * private folder without journal or locks, fsynced and renamed over it. After the rename the writer compares it with
 * refs/ again, so whoever renames last repairs what its own older view left out. A catalog of an older schema is built
 * again rather than migrated, since all of it is derived.
 */
#include "registry/catalog.h"

#include "core/alloc.h"
#include "core/log.h"
#include "registry/catalog_build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { SYNC_ROUNDS = 1000, OPEN_ROUNDS = 4 };

struct plx_catalog {
    const plx_ctx *ctx;
    plx_sql *sql;
};

static bool catalog_path(const plx_store *store, char out[PLX_PATH], plx_err *err)
{
    return plx_path_join(out, store->root, "catalog.db", err);
}

bool plx_catalog_open_file(const plx_store *store, plx_sql **out, plx_err *err)
{
    char path[PLX_PATH];
    *out = NULL;
    if (!catalog_path(store, path, err)) {
        return false;
    }
    if (!plx_fs_exists(path)) {
        return true;
    }
    plx_sql *sql = NULL;
    int64_t application = 0, version = 0;
    bool ok = plx_sql_open(path, PLX_SQL_SNAPSHOT, &sql, err) &&
              plx_sql_int(sql, "PRAGMA application_id", &application, err) &&
              plx_sql_int(sql, "PRAGMA user_version", &version, err);
    if (ok && application != PLX_CATALOG_APPLICATION_ID) {
        ok = plx_fail(err, PLX_E_FORMAT, "%s is not a catalog of this program", path);
    } else if (ok && version > plx_catalog_version()) {
        ok = plx_fail(err, PLX_E_NEWER, "%s was written by a newer program", path);
        plx_err_why(err, "its schema is %lld, this program knows up to %lld", (long long)version,
                    (long long)plx_catalog_version());
    }
    if (!ok || version < plx_catalog_version()) {
        plx_sql_close(sql);
        return ok;
    }
    *out = sql;
    return true;
}

/* Damage that building it again from the files mends. */
static bool is_damage(plx_code code)
{
    return code == PLX_E_FORMAT || code == PLX_E_ARG || code == PLX_E_BUG || code == PLX_E_SCHEMA;
}

static bool fail_damaged(plx_err *err)
{
    if (err && is_damage(err->code)) {
        err->code = PLX_E_DIGEST;
        plx_err_why(err, "catalog.db is damaged; it is only an index of refs/ and records/");
        plx_err_kept(err, "blobs, records and refs are not touched");
        plx_err_next(err, "plexus repair");
    }
    return false;
}

/* Current catalog and what it lacks; on damage (with `mend`) an empty start. */
static bool look(const plx_ctx *ctx, const plx_store *store, bool mend, bool retry, plx_sql **base,
                 plx_catalog_ops *ops, plx_err *err)
{
    plx_err why;
    plx_err_clear(&why);
    bool whole = true;
    *base = NULL;
    bool ok = plx_catalog_open_file(store, base, &why) && (!*base || plx_catalog_is_whole(*base, &whole, &why));
    if (ok && !whole) {
        ok = plx_fail(&why, PLX_E_FORMAT, "catalog.db does not agree with itself");
    }
    if (ok && plx_catalog_ops_find(ctx, store, *base, retry && *base, ops, &why)) {
        return true;
    }
    plx_sql_close(*base);
    *base = NULL;
    if (mend && is_damage(why.code)) {
        plx_logf(ctx, PLX_LOG_WARN, "catalog", "catalog.db is damaged (%s) and built again", why.what);
        return plx_catalog_ops_find(ctx, store, NULL, false, ops, err);
    }
    if (err) {
        *err = why;
    }
    return fail_damaged(err);
}

static bool sync_file(const char *path, plx_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) {
        int sys = errno;
        if (fd >= 0) {
            close(fd);
        }
        return plx_fail_sys(err, sys, "cannot flush %s", path);
    }
    close(fd);
    return true;
}

/* Deleted rows leave free pages behind; when they are a quarter of the file it is packed. */
static bool pack(plx_sql *sql, plx_err *err)
{
    int64_t n_free = 0, n = 0;
    return plx_sql_int(sql, "PRAGMA freelist_count", &n_free, err) && plx_sql_int(sql, "PRAGMA page_count", &n, err) &&
           (n_free * 4 <= n || plx_sql_run(sql, "VACUUM", err));
}

static bool build_once(const plx_ctx *ctx, const plx_store *store, plx_sql *base, const plx_catalog_ops *ops,
                       const char *path, size_t *n_problems, plx_sql **out, plx_err *err)
{
    plx_sql *sql = NULL;
    bool ok = plx_sql_open(path, path ? PLX_SQL_PRIVATE : PLX_SQL_MEMORY, &sql, err) &&
              (!base || plx_sql_copy(base, sql, err)) && plx_catalog_migrate(sql, err) &&
              plx_catalog_ops_apply(ctx, store, ops, sql, n_problems, err);
    if (!ok) {
        plx_sql_close(sql);
        return false;
    }
    *out = sql;
    return true;
}

/* `base` with the difference applied, in a new file or (path NULL) in memory. Rows that cannot be added may be the
 * fault of the old catalog, where left-overs take their place; then everything is built from the files. */
static bool build(const plx_ctx *ctx, const plx_store *store, plx_sql *base, const plx_catalog_ops *ops,
                  const char *path, plx_sql **out, plx_err *err)
{
    size_t n_problems = 0;
    plx_sql *sql = NULL;
    if (!build_once(ctx, store, base, ops, path, &n_problems, &sql, err)) {
        return false;
    }
    if (base && n_problems > 0) {
        plx_sql_close(sql);
        sql = NULL;
        plx_catalog_ops all = {0};
        bool ok = (!path || plx_fs_remove_tree(path, err)) &&
                  plx_catalog_ops_find(ctx, store, NULL, false, &all, err) &&
                  build_once(ctx, store, NULL, &all, path, &n_problems, &sql, err);
        plx_catalog_ops_free(&all);
        if (!ok) {
            return false;
        }
    }
    *out = sql;
    return true;
}

static bool write_file(const plx_ctx *ctx, const plx_store *store, plx_sql *base, const plx_catalog_ops *ops,
                       const char *path, plx_err *err)
{
    plx_sql *sql = NULL;
    bool ok = build(ctx, store, base, ops, path, &sql, err) && pack(sql, err);
    plx_sql_close(sql);
    return ok && sync_file(path, err);
}

/* Build beside, rename over. */
static bool replace(const plx_ctx *ctx, plx_store *store, plx_sql *base, const plx_catalog_ops *ops, plx_err *err)
{
    char folder[PLX_PATH], fresh[PLX_PATH], path[PLX_PATH];
    if (!catalog_path(store, path, err) || !plx_store_partial(store, folder, err)) {
        return false;
    }
    bool ok = plx_path_join(fresh, folder, "catalog.db", err) && write_file(ctx, store, base, ops, fresh, err);
    if (ok && rename(fresh, path) != 0) {
        ok = plx_fail_sys(err, errno, "cannot put a new catalog at %s", path);
    }
    ok = ok && plx_fs_sync_dir(store->root, err);
    plx_fs_remove_tree(folder, NULL);
    if (!ok) {
        plx_err_kept(err, "the catalog is as it was; the next command brings it up to date");
    }
    return ok;
}

static bool converge(const plx_ctx *ctx, plx_store *store, bool from_scratch, plx_err *err)
{
    for (int round = 0; round < SYNC_ROUNDS; round++) {
        plx_sql *base = NULL;
        plx_catalog_ops ops = {0};
        bool fresh = from_scratch && round == 0;
        /* Unreadable records are tried again once; if they stay so the rows come out the same. */
        if (!look(ctx, store, true, round == 0, &base, &ops, err)) {
            return false;
        }
        if (fresh) {
            plx_catalog_ops_free(&ops);
            plx_sql_close(base);
            base = NULL;
            if (!plx_catalog_ops_find(ctx, store, NULL, false, &ops, err)) {
                return false;
            }
        }
        bool done = base && ops.n == 0;
        plx_err why;
        plx_err_clear(&why);
        bool ok = done || replace(ctx, store, base, &ops, &why);
        if (!ok && base &&
            is_damage(why.code)) { /* the old one is damaged where it was not looked at: leave it behind */
            plx_catalog_ops_free(&ops);
            plx_err_clear(&why);
            ok = plx_catalog_ops_find(ctx, store, NULL, false, &ops, &why) && replace(ctx, store, NULL, &ops, &why);
        }
        if (!ok && err) {
            *err = why;
        }
        plx_catalog_ops_free(&ops);
        plx_sql_close(base);
        if (!ok || done) {
            return ok;
        }
    }
    return plx_fail(err, PLX_E_BUSY, "the catalog could not catch up: other processes kept changing the store");
}

bool plx_catalog_sync(const plx_ctx *ctx, plx_store *store, plx_err *err)
{
    return converge(ctx, store, false, err);
}

bool plx_catalog_rebuild(const plx_ctx *ctx, plx_store *store, plx_err *err)
{
    return converge(ctx, store, true, err);
}

bool plx_catalog_open(const plx_ctx *ctx, plx_store *store, plx_catalog **out, plx_err *err)
{
    plx_catalog *catalog = plx_alloc_zero(1, sizeof *catalog);
    if (!catalog) {
        return plx_fail_nomem(err, sizeof *catalog);
    }
    catalog->ctx = ctx;
    bool ok = true, writable = store->writable;
    for (int round = 0; ok && !catalog->sql; round++) {
        plx_sql *base = NULL;
        plx_catalog_ops ops = {0};
        ok = look(ctx, store, false, round == 0, &base, &ops, err);
        if (ok && base && ops.n == 0) {
            catalog->sql = base;
            base = NULL;
        } else if (ok && writable && round < OPEN_ROUNDS) {
            plx_err why;
            plx_err_clear(&why);
            writable = plx_catalog_sync(ctx, store, &why);
            if (!writable) {
                plx_logf(ctx, PLX_LOG_WARN, "catalog", "the catalog could not be saved: %s", why.what);
            }
        } else if (ok) {
            ok = build(ctx, store, base, &ops, NULL, &catalog->sql, err) || fail_damaged(err);
        }
        plx_catalog_ops_free(&ops);
        plx_sql_close(base);
    }
    if (!ok) {
        plx_free(catalog);
        return false;
    }
    *out = catalog;
    return true;
}

void plx_catalog_close(plx_catalog *catalog)
{
    if (catalog) {
        plx_sql_close(catalog->sql);
        plx_free(catalog);
    }
}

/* "no such table: neurons" -> the nearest table, view or column. */
static void suggest(plx_catalog *catalog, plx_err *err)
{
    enum { NAMES = 256 };
    const char *colon = err ? strstr(err->what, "no such ") : NULL;
    colon = colon ? strstr(colon, ": ") : NULL;
    plx_arena *arena = colon ? plx_arena_new(0) : NULL;
    plx_stmt *stmt = NULL;
    static const char query[] =
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') UNION SELECT p.name FROM "
        "sqlite_schema AS m, pragma_table_info(m.name) AS p WHERE m.type IN ('table', 'view')";
    if (arena && plx_stmt_new(catalog->sql, query, &stmt, NULL)) {
        const char *names[NAMES];
        size_t n = 0;
        bool row = false;
        while (n < NAMES && plx_stmt_step(stmt, &row, NULL) && row) {
            plx_slice text = plx_stmt_cell(stmt, 0).text;
            names[n] = plx_arena_strndup(arena, text.ptr ? text.ptr : "", text.len);
            n += names[n] != NULL;
        }
        const char *dot = strrchr(colon, '.');
        const char *near = plx_nearest(dot ? dot + 1 : colon + 2, names, n);
        if (near) {
            plx_err_why(err, "did you mean %s?", near);
        }
        plx_err_next(err, "plexus sql");
    }
    plx_stmt_free(stmt);
    plx_arena_free(arena);
}

static bool each_row(plx_stmt *stmt, plx_row row, void *payload, plx_err *err)
{
    size_t n = plx_stmt_cols(stmt);
    const char **names = plx_alloc_zero(n ? n : 1, sizeof *names);
    plx_cell *cells = plx_alloc_zero(n ? n : 1, sizeof *cells);
    bool ok = names && cells ? true : plx_fail_nomem(err, n * sizeof *cells);
    for (size_t i = 0; ok && i < n; i++) {
        names[i] = plx_stmt_name(stmt, i);
    }
    bool more = ok, stopped = false;
    for (size_t n_rows = 0; more && !stopped; n_rows++) {
        ok = plx_stmt_step(stmt, &more, err);
        more = more && ok;
        for (size_t i = 0; more && i < n; i++) {
            cells[i] = plx_stmt_cell(stmt, i);
        }
        if (more || (ok && n_rows == 0)) {
            plx_err why;
            plx_err_clear(&why);
            stopped = !row(payload, n, names, more ? cells : NULL, &why);
            if (stopped && why.code != PLX_OK) {
                ok = false;
                if (err) {
                    *err = why;
                }
            }
        }
    }
    plx_free(names);
    plx_free(cells);
    return ok;
}

bool plx_catalog_query(plx_catalog *catalog, const char *sql, const char *const *params, size_t n_params,
                       double seconds, plx_row row, void *payload, plx_err *err)
{
    plx_err why;
    plx_err_clear(&why);
    plx_stmt *stmt = NULL;
    plx_cell *cells = plx_alloc_zero(n_params ? n_params : 1, sizeof *cells);
    if (!cells) {
        return plx_fail_nomem(err, n_params * sizeof *cells);
    }
    for (size_t i = 0; i < n_params; i++) {
        cells[i] = plx_cell_text(params[i]);
    }
    bool ok = plx_sql_guard(catalog->sql, catalog->ctx, seconds, &why) &&
              plx_stmt_new(catalog->sql, sql, &stmt, &why) && plx_stmt_is_single_read(stmt, &why) &&
              plx_stmt_bind(stmt, cells, n_params, &why) && each_row(stmt, row, payload, &why);
    plx_stmt_free(stmt);
    plx_sql_unguard(catalog->sql);
    plx_free(cells);
    if (!ok && why.code == PLX_E_FORMAT) {
        fail_damaged(&why);
    } else if (!ok && why.code == PLX_E_ARG && !why.why[0]) {
        suggest(catalog, &why);
    }
    if (!ok && err) {
        *err = why;
    }
    return ok;
}

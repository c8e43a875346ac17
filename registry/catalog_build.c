/* SPDX-License-Identifier: Apache-2.0
 *
 * The difference between refs/, runs/ and a catalog. Every ref file ends in a seal, the digest of its content, and the
 * catalog keeps the seal of the file its rows come from: comparing the two takes one short read per ref, and only refs
 * that differ are parsed. Runs likewise.
 */
#include "registry/catalog_build.h"

#include "core/alloc.h"
#include "core/embed.h"
#include "core/log.h"
#include "registry/refs.h"
#include "registry/refs_list.h"
#include "registry/runs.h"

extern const plx_embedded plx_migrations[];

int64_t plx_catalog_version(void)
{
    int64_t n = 0;
    while (plx_migrations[n].name) {
        n++;
    }
    return n;
}

bool plx_catalog_migrate(plx_sql *sql, plx_err *err)
{
    int64_t version = 0;
    if (!plx_sql_int(sql, "PRAGMA user_version", &version, err)) {
        return false;
    }
    for (int64_t i = version; plx_migrations[i].name; i++) {
        char finish[128];
        snprintf(finish, sizeof finish, "PRAGMA application_id=%d; PRAGMA user_version=%lld; COMMIT",
                 PLX_CATALOG_APPLICATION_ID, (long long)i + 1);
        if (!plx_sql_run(sql, "BEGIN", err) || !plx_sql_run(sql, (const char *)plx_migrations[i].bytes, err) ||
            !plx_sql_run(sql, finish, err)) {
            return plx_note(err, "migration %s", plx_migrations[i].name);
        }
    }
    return true;
}

void plx_catalog_ops_free(plx_catalog_ops *ops)
{
    plx_arena_free(ops->arena);
    plx_free(ops->items);
    *ops = (plx_catalog_ops){0};
}

static bool add_op(plx_catalog_ops *ops, plx_catalog_op op, plx_err *err)
{
    if (!plx_grow(&ops->items, &ops->cap, ops->n + 1, sizeof *ops->items)) {
        return plx_fail_nomem(err, sizeof *ops->items);
    }
    ops->items[ops->n++] = op;
    return true;
}

static bool is_damaged_file(plx_code code)
{
    return code == PLX_E_DIGEST || code == PLX_E_FORMAT || code == PLX_E_TRUNCATED || code == PLX_E_SCHEMA;
}

/* A ref whose rows must be made (again). A damaged one has no rows; `verify` tells what is wrong with it. */
static bool add_ref(const plx_ctx *ctx, const plx_store *store, plx_catalog_ops *ops, const plx_ref_file *found,
                    bool in_catalog, plx_err *err)
{
    plx_catalog_op op = {.key = found->key, .remove = in_catalog, .ref = found->ref, .seal = found->seal};
    plx_err why;
    plx_err_clear(&why);
    if (!plx_refs_read(ctx, store, &found->ref, ops->arena, &op.content, &why)) {
        if (!is_damaged_file(why.code)) {
            if (err) {
                *err = why;
            }
            return false;
        }
        op.content = NULL;
        plx_logf(ctx, PLX_LOG_WARN, "catalog", "%s is left out: %s; next: plexus verify", found->key, why.what);
    }
    return (!op.remove && !op.content) || add_op(ops, op, err);
}

/* Merge the sorted list from disk with the sorted rows of the catalog. */
static bool merge(const plx_ctx *ctx, const plx_store *store, const plx_ref_file *files, size_t n_files, plx_stmt *rows,
                  bool retry, plx_catalog_ops *ops, plx_err *err)
{
    size_t i = 0;
    bool row = rows != NULL;
    bool ok = !rows || plx_stmt_step(rows, &row, err);
    while (ok && (i < n_files || row)) {
        plx_slice key = row ? plx_stmt_cell(rows, 0).text : (plx_slice){0};
        int order = !row ? -1 : i == n_files ? 1 : plx_slice_cmp(plx_slice_of(files[i].key), key);
        if (order < 0) {
            ok = add_ref(ctx, store, ops, &files[i++], false, err);
            continue;
        }
        if (order > 0) {
            const char *copy = plx_arena_strndup(ops->arena, key.ptr ? key.ptr : "", key.len);
            ok = copy ? add_op(ops, (plx_catalog_op){.key = copy, .remove = true}, err) : plx_fail_nomem(err, key.len);
        } else {
            plx_cell seal = plx_stmt_cell(rows, 1);
            bool same =
                seal.text.len == PLX_SHA256_BYTES && memcmp(seal.text.ptr, files[i].seal.bytes, seal.text.len) == 0;
            bool again = retry && plx_stmt_cell(rows, 2).text.len > 0;
            ok = (same && !again) || add_ref(ctx, store, ops, &files[i], true, err);
            i++;
        }
        ok = ok && plx_stmt_step(rows, &row, err);
    }
    return ok;
}

/* A run whose rows must be made (again). */
static bool add_run(const plx_ctx *ctx, const plx_store *store, plx_catalog_ops *ops, const plx_run_listed *found,
                    bool in_catalog, plx_err *err)
{
    plx_catalog_op op = {
        .key = found->key, .remove = in_catalog, .is_run = true, .n_done = found->n_cells, .seal = found->state};
    plx_err why;
    plx_err_clear(&why);
    if (!plx_runs_read(ctx, store, &found->run, found->complete ? PLX_RUN_RESULT : PLX_RUN_PLAN, ops->arena,
                       &op.content, &why)) {
        if (!is_damaged_file(why.code)) {
            if (err) {
                *err = why;
            }
            return false;
        }
        op.content = NULL;
        plx_logf(ctx, PLX_LOG_WARN, "catalog", "%s is left out: %s; next: plexus verify", found->key, why.what);
    }
    return (!op.remove && !op.content) || add_op(ops, op, err);
}

/* The same merge for runs. */
static bool merge_runs(const plx_ctx *ctx, const plx_store *store, const plx_run_listed *runs, size_t n, plx_stmt *rows,
                       plx_catalog_ops *ops, plx_err *err)
{
    size_t i = 0;
    bool row = rows != NULL;
    bool ok = !rows || plx_stmt_step(rows, &row, err);
    while (ok && (i < n || row)) {
        plx_slice key = row ? plx_stmt_cell(rows, 0).text : (plx_slice){0};
        int order = !row ? -1 : i == n ? 1 : plx_slice_cmp(plx_slice_of(runs[i].key), key);
        if (order < 0) {
            ok = add_run(ctx, store, ops, &runs[i++], false, err);
            continue;
        }
        if (order > 0) {
            const char *copy = plx_arena_strndup(ops->arena, key.ptr ? key.ptr : "", key.len);
            ok = copy ? add_op(ops, (plx_catalog_op){.key = copy, .remove = true}, err) : plx_fail_nomem(err, key.len);
        } else {
            plx_slice state = plx_stmt_cell(rows, 1).text;
            bool same = state.len == PLX_SHA256_BYTES && memcmp(state.ptr, runs[i].state.bytes, state.len) == 0;
            ok = same || add_run(ctx, store, ops, &runs[i], true, err);
            i++;
        }
        ok = ok && plx_stmt_step(rows, &row, err);
    }
    return ok;
}

static bool find_runs(const plx_ctx *ctx, const plx_store *store, plx_sql *have, plx_catalog_ops *out, plx_err *err)
{
    plx_run_listed *runs = NULL;
    size_t n = 0;
    plx_stmt *rows = NULL;
    bool ok = plx_runs_list(store, out->arena, &runs, &n, err) &&
              (!have || plx_stmt_new(have, "SELECT run, state FROM run ORDER BY run", &rows, err)) &&
              merge_runs(ctx, store, runs, n, rows, out, err);
    plx_stmt_free(rows);
    return ok;
}

bool plx_catalog_ops_find(const plx_ctx *ctx, const plx_store *store, plx_sql *have, bool retry, plx_catalog_ops *out,
                          plx_err *err)
{
    *out = (plx_catalog_ops){.arena = plx_arena_new(0)};
    if (!out->arena) {
        return plx_fail_nomem(err, sizeof(void *));
    }
    plx_ref_file *files = NULL;
    size_t n_files = 0;
    plx_stmt *rows = NULL;
    bool ok = plx_refs_list(store, out->arena, &files, &n_files, err) &&
              (!have || plx_stmt_new(have, "SELECT ref, seal, problem FROM dataset ORDER BY ref", &rows, err)) &&
              merge(ctx, store, files, n_files, rows, retry, out, err) && find_runs(ctx, store, have, out, err);
    plx_stmt_free(rows);
    if (!ok) {
        plx_catalog_ops_free(out);
    }
    return ok;
}

static bool hash_rows(plx_sql *sql, const char *query, plx_sha256 *hash, plx_err *err)
{
    plx_stmt *stmt = NULL;
    bool row = false;
    bool ok = plx_stmt_new(sql, query, &stmt, err) && plx_stmt_step(stmt, &row, err);
    while (ok && row) {
        plx_slice key = plx_stmt_cell(stmt, 0).text;
        plx_sha256_update(hash, key.ptr, key.len);
        plx_sha256_update(hash, "\n", 1);
        plx_slice seal = plx_stmt_cell(stmt, 1).text;
        plx_sha256_update(hash, seal.ptr, seal.len);
        plx_slice problem = plx_stmt_cell(stmt, 2).text;
        plx_sha256_update(hash, problem.ptr, problem.len);
        ok = plx_stmt_step(stmt, &row, err);
    }
    plx_stmt_free(stmt);
    return ok;
}

static bool seals_digest(plx_sql *sql, plx_digest *out, plx_err *err)
{
    plx_sha256 hash;
    plx_sha256_init(&hash);
    bool ok = hash_rows(sql, "SELECT ref, seal, problem FROM dataset ORDER BY ref", &hash, err) &&
              hash_rows(sql, "SELECT run, state, '' FROM run ORDER BY run", &hash, err);
    *out = plx_sha256_final(&hash);
    return ok;
}

static bool write_seals(plx_sql *sql, plx_err *err)
{
    plx_digest digest;
    plx_stmt *stmt = NULL;
    bool ok =
        seals_digest(sql, &digest, err) && plx_stmt_new(sql, "INSERT OR REPLACE INTO source VALUES (1, ?)", &stmt, err);
    plx_cell cell = plx_cell_blob(digest.bytes, sizeof digest.bytes);
    ok = ok && plx_stmt_put(stmt, &cell, 1, err);
    plx_stmt_free(stmt);
    return ok;
}

bool plx_catalog_is_whole(plx_sql *sql, bool *whole, plx_err *err)
{
    plx_digest digest;
    plx_stmt *stmt = NULL;
    bool row = false;
    bool ok = seals_digest(sql, &digest, err) && plx_stmt_new(sql, "SELECT seals FROM source", &stmt, err) &&
              plx_stmt_step(stmt, &row, err);
    *whole = false;
    if (ok && row) {
        plx_slice seals = plx_stmt_cell(stmt, 0).text;
        *whole = seals.len == sizeof digest.bytes && memcmp(seals.ptr, digest.bytes, seals.len) == 0;
    }
    plx_stmt_free(stmt);
    return ok;
}

bool plx_catalog_ops_apply(const plx_ctx *ctx, const plx_store *store, const plx_catalog_ops *ops, plx_sql *sql,
                           size_t *n_problems, plx_err *err)
{
    plx_catalog_rows *rows = NULL;
    *n_problems = 0;
    bool ok = plx_catalog_rows_new(ctx, store, sql, &rows, err) && plx_sql_run(sql, "BEGIN", err);
    for (size_t i = 0; ok && i < ops->n; i++) {
        const plx_catalog_op *op = &ops->items[i];
        bool complete = true;
        ok = plx_ctx_go_on(ctx, err) && (!op->remove || plx_catalog_rows_remove(rows, op->key, err)) &&
             (!op->content ||
              (op->is_run ? plx_catalog_rows_add_run(rows, op->key, op->content, op->n_done, &op->seal, err)
                          : plx_catalog_rows_add(rows, &op->ref, op->content, &op->seal, &complete, err)));
        *n_problems += !complete;
    }
    plx_catalog_rows_free(rows);
    return ok && write_seals(sql, err) && plx_sql_run(sql, "COMMIT", err);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing: private file, fsync, rename, fsync of the folder, as everywhere in the store.
 */
#include "registry/runs.h"

#include "core/buf.h"
#include "core/num.h"
#include "formats/json.h"
#include "registry/sealed.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { RUN_MAX_BYTES = 256 << 20, INDEX_DIGITS = 6 };

static const char *const schemas[] = {
    [PLX_RUN_PLAN] = "run/1", [PLX_RUN_CELL] = "cell/1", [PLX_RUN_RESULT] = "result/1"};

bool plx_runs_of_path(const char *rel, plx_digest *run, plx_run_file *file, uint32_t *index)
{
    const char *rest = strchr(rel, '/');
    char hex[PLX_SHA256_HEX + 1];
    *index = 0;
    if (!rest || !plx_digest_parse(rel, (size_t)(rest - rel), run)) {
        return false;
    }
    plx_digest_hex(run, hex);
    if (strncmp(hex, rel, PLX_SHA256_HEX) != 0) { /* upper case */
        return false;
    }
    rest++;
    if (strcmp(rest, "run.json") == 0 || strcmp(rest, "result.json") == 0) {
        *file = rest[1] == 'u' ? PLX_RUN_PLAN : PLX_RUN_RESULT;
        return true;
    }
    uint64_t number;
    if (!plx_starts_with(rest, "cells/") || strlen(rest) != strlen("cells/") + INDEX_DIGITS + strlen(".json") ||
        !plx_ends_with(rest, ".json") || !plx_parse_u64(rest + strlen("cells/"), INDEX_DIGITS, &number)) {
        return false;
    }
    *file = PLX_RUN_CELL;
    *index = (uint32_t)number;
    return true;
}

bool plx_runs_name(const plx_value *identity, plx_digest *run, plx_err *err)
{
    plx_sb text = {0};
    bool ok = plx_json_write(identity, false, &text, err);
    if (ok) {
        *run = plx_sha256_of(plx_sb_str(&text), text.len);
    }
    plx_sb_free(&text);
    return ok;
}

bool plx_runs_check(const plx_digest *run, plx_run_file file, uint32_t index, const plx_value *content, plx_err *err)
{
    char hex[PLX_SHA256_HEX + 1];
    const char *schema = plx_v_get_text(content, "schema");
    const char *of = plx_v_get_text(content, "run");
    plx_digest name;
    int64_t at = -1;
    plx_digest_hex(run, hex);
    if (!schema || strcmp(schema, schemas[file]) != 0) {
        plx_fail(err, PLX_E_SCHEMA, "it is not of the schema %s", schemas[file]);
        return plx_err_why(err, "it says %.40s", schema ? schema : "nothing");
    }
    if (file == PLX_RUN_PLAN) {
        const plx_value *identity = plx_v_get(content, "identity");
        if (!identity || identity->kind != PLX_V_OBJ) {
            return plx_fail(err, PLX_E_SCHEMA, "it has no identity");
        }
        return plx_runs_name(identity, &name, err) &&
               (plx_digest_eq(&name, run) || plx_fail(err, PLX_E_SCHEMA, "it belongs to another run"));
    }
    if (!of || strcmp(of, hex) != 0) {
        return plx_fail(err, PLX_E_SCHEMA, "it belongs to another run");
    }
    if (file == PLX_RUN_CELL && (!plx_v_as_i64(plx_v_get(content, "index"), &at) || at != (int64_t)index)) {
        return plx_fail(err, PLX_E_SCHEMA, "it is another cell");
    }
    const plx_value *body = plx_v_get(content, file == PLX_RUN_CELL ? "cell" : "record");
    return (body && body->kind == PLX_V_OBJ) ||
           plx_fail(err, PLX_E_SCHEMA, "it holds no %s", file == PLX_RUN_CELL ? "cell" : "record");
}

static bool run_dir(const plx_store *store, const plx_digest *run, char out[PLX_PATH], plx_err *err)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(run, hex);
    int n = snprintf(out, PLX_PATH, "%s/runs/%s", store->root, hex);
    return (n > 0 && n < PLX_PATH - 32) ||
           plx_fail(err, PLX_E_ARG, "the store's path %.80s... is too long", store->root);
}

static bool seal(const plx_value *content, plx_sb *text, plx_err *err)
{
    if (!plx_json_write(content, true, text, err)) {
        return false;
    }
    plx_sealed_add(text);
    return !text->failed || plx_fail_nomem(err, text->len);
}

/* `folder` is fsynced after the rename and must be there. */
static bool commit(plx_run_writer *w, const char *folder, const char *name, const plx_value *content, plx_err *err)
{
    char temp[PLX_PATH], path[PLX_PATH];
    plx_sb text = {0};
    bool ok = seal(content, &text, err) && plx_path_join(temp, w->partial, "file", err) &&
              plx_path_join(path, folder, name, err) && plx_fs_replace(temp, text.ptr, text.len, err);
    plx_sb_free(&text);
    if (ok && rename(temp, path) != 0) {
        ok = plx_fail_sys(err, errno, "cannot put %s in place", path);
    }
    return ok && plx_fs_sync_dir(folder, err);
}

bool plx_run_writer_open(plx_store *store, const plx_value *identity, plx_run_writer *out, plx_err *err)
{
    char path[PLX_PATH];
    *out = (plx_run_writer){.store = store};
    if (!plx_runs_name(identity, &out->run, err) || !run_dir(store, &out->run, out->dir, err) ||
        !plx_path_join(path, out->dir, "run.json", err) || !plx_fs_mkdirs(out->dir, err) ||
        !plx_store_partial(store, out->partial, err)) {
        return false;
    }
    if (plx_fs_exists(path)) {
        return true;
    }
    plx_arena *arena = plx_arena_new(0);
    plx_value *content = arena ? plx_v_obj(arena) : NULL;
    plx_value *inner = arena ? plx_v_null(arena) : NULL;
    bool ok = inner && plx_v_set(arena, content, "schema", plx_v_str(arena, schemas[PLX_RUN_PLAN]));
    if (ok) {
        *inner = *identity;
        ok = plx_v_set(arena, content, "identity", inner);
    }
    ok = (ok || plx_fail_nomem(err, sizeof *content)) && commit(out, out->dir, "run.json", content, err);
    plx_arena_free(arena);
    if (!ok) {
        plx_run_writer_close(out);
    }
    return ok;
}

void plx_run_writer_close(plx_run_writer *writer)
{
    if (writer->partial[0]) {
        plx_fs_remove_tree(writer->partial, NULL);
        writer->partial[0] = '\0';
    }
}

/* {schema, run, index?, <key>: body, measured} */
static bool commit_body(plx_run_writer *w, plx_run_file file, const uint32_t *index, const plx_value *body,
                        const plx_value *measured, const char *folder, const char *name, plx_err *err)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_arena *arena = plx_arena_new(0);
    plx_value *content = arena ? plx_v_obj(arena) : NULL;
    plx_value *copy = arena ? plx_arena_zero(arena, 2, sizeof *copy) : NULL;
    plx_digest_hex(&w->run, hex);
    bool ok = copy && plx_v_set(arena, content, "schema", plx_v_str(arena, schemas[file])) &&
              plx_v_set(arena, content, "run", plx_v_str(arena, hex)) &&
              (!index || plx_v_set(arena, content, "index", plx_v_i64(arena, *index)));
    if (ok) {
        copy[0] = *body;
        copy[1] = *measured;
        ok = plx_v_set(arena, content, file == PLX_RUN_CELL ? "cell" : "record", &copy[0]) &&
             plx_v_set(arena, content, "measured", &copy[1]);
    }
    ok = (ok || plx_fail_nomem(err, sizeof *content)) && commit(w, folder, name, content, err);
    plx_arena_free(arena);
    return ok;
}

bool plx_run_writer_cell(plx_run_writer *w, uint32_t index, const plx_value *cell, const plx_value *measured,
                         plx_err *err)
{
    char folder[PLX_PATH], name[32];
    snprintf(name, sizeof name, "%06u.json", (unsigned)index);
    return plx_path_join(folder, w->dir, "cells", err) && (plx_fs_exists(folder) || plx_fs_mkdirs(folder, err)) &&
           commit_body(w, PLX_RUN_CELL, &index, cell, measured, folder, name, err);
}

bool plx_run_writer_result(plx_run_writer *w, const plx_value *record, const plx_value *measured, plx_err *err)
{
    char cells[PLX_PATH];
    return plx_path_join(cells, w->dir, "cells", err) &&
           commit_body(w, PLX_RUN_RESULT, NULL, record, measured, w->dir, "result.json", err) &&
           plx_fs_remove_tree(cells, err);
}

bool plx_runs_clean(const plx_store *store, const plx_digest *run, plx_err *err)
{
    char dir[PLX_PATH], path[PLX_PATH];
    if (!run_dir(store, run, dir, err) || !plx_path_join(path, dir, "result.json", err)) {
        return false;
    }
    return !plx_fs_exists(path) ||
           (plx_path_join(path, dir, "cells", err) && (!plx_fs_exists(path) || plx_fs_remove_tree(path, err)));
}

static bool read_file(const plx_ctx *ctx, const plx_store *store, const char *path, const plx_digest *run,
                      plx_run_file file, uint32_t index, plx_arena *arena, const plx_value **out, plx_err *err)
{
    plx_buf text;
    plx_value *content;
    plx_digest digest;
    size_t body;
    const char *name = plx_store_rel(store, path);
    if (!plx_buf_read_file(path, RUN_MAX_BYTES, &text, err)) {
        return false;
    }
    bool ok = plx_sealed_check(name, text.ptr, text.len, &body, &digest, err) &&
              plx_json_parse(ctx, arena, name, (const char *)text.ptr, body, NULL, &content, err) &&
              (plx_runs_check(run, file, index, content, err) || plx_note(err, "%s", name));
    plx_buf_free(&text);
    *out = ok ? content : NULL;
    return ok;
}

bool plx_runs_read(const plx_ctx *ctx, const plx_store *store, const plx_digest *run, plx_run_file file,
                   plx_arena *arena, const plx_value **out, plx_err *err)
{
    char dir[PLX_PATH], path[PLX_PATH];
    plx_err seen;
    plx_err_clear(&seen);
    *out = NULL;
    if (!run_dir(store, run, dir, err) ||
        !plx_path_join(path, dir, file == PLX_RUN_RESULT ? "result.json" : "run.json", err)) {
        return false;
    }
    if (read_file(ctx, store, path, run, file, 0, arena, out, &seen) || seen.code == PLX_E_NOTFOUND) {
        return true;
    }
    if (err) {
        *err = seen;
    }
    return seen.code == PLX_E_DIGEST || seen.code == PLX_E_SCHEMA ? plx_err_next(err, "plexus repair") : false;
}

bool plx_runs_read_cells(const plx_ctx *ctx, const plx_store *store, const plx_digest *run, plx_arena *arena,
                         const plx_value **cells, size_t n, size_t *n_done, plx_err *err)
{
    char dir[PLX_PATH], path[PLX_PATH], name[48];
    *n_done = 0;
    if (!run_dir(store, run, dir, err)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        plx_err seen;
        plx_err_clear(&seen);
        snprintf(name, sizeof name, "cells/%06zu.json", i);
        cells[i] = NULL;
        if (!plx_ctx_go_on(ctx, err) || !plx_path_join(path, dir, name, err)) {
            return false;
        }
        if (read_file(ctx, store, path, run, PLX_RUN_CELL, (uint32_t)i, arena, &cells[i], &seen)) {
            *n_done += 1;
        } else if (seen.code != PLX_E_NOTFOUND && seen.code != PLX_E_DIGEST && seen.code != PLX_E_SCHEMA &&
                   seen.code != PLX_E_FORMAT && seen.code != PLX_E_TRUNCATED) {
            if (err) {
                *err = seen;
            }
            return false;
        }
    }
    return true;
}

bool plx_runs_remove(plx_store *store, const plx_digest *run, bool *was_there, plx_err *err)
{
    char dir[PLX_PATH], runs[PLX_PATH], partial[PLX_PATH], away[PLX_PATH];
    *was_there = false;
    if (!run_dir(store, run, dir, err) || !plx_path_join(runs, store->root, "runs", err)) {
        return false;
    }
    if (!plx_fs_exists(dir)) {
        return true;
    }
    if (!plx_store_partial(store, partial, err)) {
        return false;
    }
    /* Out of sight with one rename: no half of a run is ever seen. */
    bool ok = plx_path_join(away, partial, "run", err);
    if (ok && rename(dir, away) == 0) {
        *was_there = true;
        ok = plx_fs_sync_dir(runs, err);
    } else if (ok && errno != ENOENT) {
        ok = plx_fail_sys(err, errno, "cannot remove %s", dir);
    }
    plx_fs_remove_tree(partial, NULL);
    return ok;
}

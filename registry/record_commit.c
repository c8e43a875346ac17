/* SPDX-License-Identifier: Apache-2.0
 *
 * From a folder of members to a record: changes, validation, record.json, its digest, and one rename.
 */
#include "registry/record_sink.h"

#include "core/alloc.h"
#include "formats/json.h"
#include "registry/object.h"
#include "registry/record_members.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool write_changes(plx_record_sink *s, plx_err *err)
{
    static const char *const names[PLX_CHANGE_TEXTS] = {"action", "rule",   "subject", "before",
                                                        "after",  "reason", "file"};
    plx_table table = {0};
    bool ok = true;
    for (int i = 0; i < PLX_CHANGE_TEXTS && ok; i++) {
        ok = plx_strcol_finish(&s->texts[i], &table, names[i], err);
    }
    plx_column *line;
    ok = ok && plx_table_add(&table, "line", "", PLX_U64, s->n_changes, &line, err);
    if (ok && s->n_changes > 0) {
        memcpy(line->values.ptr, s->lines, s->n_changes * sizeof *s->lines);
    }
    ok = ok && plx_record_write_table(s, "changes", &table, err);
    plx_table_free(&table);
    return ok;
}

static int by_path(const void *a, const void *b)
{
    const plx_value *const *x = a, *const *y = b;
    return strcmp(plx_v_get_text(*x, "path"), plx_v_get_text(*y, "path"));
}

/* All that is wrong goes into one error: the first few as its places, more in its reason. */
static bool violations_error(const plx_record_sink *s, const plx_violations *v, plx_err *err)
{
    enum { AS_NOTES = 4 };
    const char *unit = plx_v_get_text(s->meta, "unit");
    plx_fail(err, PLX_E_SCHEMA, "the record %s%s%s breaks the rules of kind %s: %zu violation%s", s->origin->dataset,
             unit && unit[0] ? "#" : "", unit ? unit : "", s->kind->name, v->n, v->n == 1 ? "" : "s");
    for (size_t i = 0; i < v->shown && i < AS_NOTES; i++) {
        plx_note(err, "%s", v->text[i]);
    }
    plx_sb more = {0};
    for (size_t i = AS_NOTES; i < v->shown; i++) {
        plx_sb_printf(&more, "%s%s", i > AS_NOTES ? "; " : "also ", v->text[i]);
    }
    if (more.len) {
        plx_err_why(err, "%s", plx_sb_str(&more));
    }
    plx_sb_free(&more);
    return plx_err_kept(err, "the record was not stored");
}

static bool validate(plx_record_sink *s, const plx_record *record, plx_err *err)
{
    plx_violations *found = &s->found;
    if (!plx_kind_validate(s->ctx, s->kind, plx_record_as_view(record), found, err)) {
        return false;
    }
    return found->n == 0 || violations_error(s, found, err);
}

static bool add_counts(plx_record_sink *s, const plx_record *record, plx_err *err)
{
    plx_arena *a = s->arena;
    if (s->kind->counts && !s->kind->counts(s->ctx, plx_record_as_view(record), a, s->meta, err)) {
        return false;
    }
    static const char *const keys[] = {"counts", "counts_all"};
    for (size_t i = 0; i < 2; i++) {
        if (!plx_v_get(s->meta, keys[i]) && !plx_v_set(a, s->meta, keys[i], plx_v_obj(a))) {
            return plx_fail_nomem(err, 64);
        }
    }
    return true;
}

static bool write_json(plx_record_sink *s, plx_digest *digest, plx_err *err)
{
    char path[PLX_PATH];
    plx_sb text = {0};
    plx_hash_file file;
    bool ok = plx_json_write(s->meta, true, &text, err) && plx_path_join(path, s->dir, "record.json", err) &&
              plx_hash_file_open(&file, path, err);
    if (ok) {
        ok = plx_hash_file_write(&file, text.ptr, text.len, err) &&
             plx_hash_file_close(&file, s->store != NULL, digest, NULL, err);
        plx_hash_file_abort(&file);
    }
    plx_sb_free(&text);
    return ok;
}

/* The folders that hold members; their paths come sorted, so equal ones are neighbours. */
static bool sync_folders(const plx_record_sink *s, plx_err *err)
{
    char folder[PLX_PATH], last[PLX_PATH] = "";
    for (size_t i = 0; i < s->members->u.arr.n; i++) {
        const char *path = plx_v_get_text(s->members->u.arr.items[i], "path");
        for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
            int n = snprintf(folder, sizeof folder, "%s/%.*s", s->dir, (int)(slash - path), path);
            if (n < 0 || (size_t)n >= sizeof folder) {
                return plx_fail(err, PLX_E_ARG, "the path %.80s... is too long", s->dir);
            }
            if (strcmp(folder, last) != 0 && !plx_fs_sync_dir(folder, err)) {
                return false;
            }
            memcpy(last, folder, (size_t)n + 1);
        }
    }
    return plx_fs_sync_dir(s->dir, err);
}

/* Which folder stands at `path` now; zeros when none does. */
static struct stat standing_at(const char *path)
{
    struct stat st = {0};
    return lstat(path, &st) == 0 ? st : (struct stat){0};
}

static bool publish(plx_record_sink *s, const plx_digest *digest, plx_err *err)
{
    char path[PLX_PATH];
    if (!plx_store_object_path(s->store, "records", digest, path, err)) {
        return false;
    }
    int bad_looks = 0;
    for (int tries = 0; tries < 16; tries++) { /* more than once only while another process moves the same record */
        bool present = false, good = false, existed;
        struct stat before = standing_at(path);
        bool there = before.st_ino != 0;
        if (there && !plx_record_has(s->ctx, s->store, digest, &good, err)) {
            return false;
        }
        if (good && (!plx_object_touch(path, &present, err) || present)) {
            return present;
        }
        /* One that gc took away while it was looked into, or that was published since, is not called bad; nor is one
         * that gc took away and put back, which only the time of its last change and a second look can tell. */
        struct stat after = standing_at(path);
        bool same = after.st_ino == before.st_ino && after.st_dev == before.st_dev &&
                    after.st_ctim.tv_sec == before.st_ctim.tv_sec && after.st_ctim.tv_nsec == before.st_ctim.tv_nsec;
        if (there && !good && (same ? bad_looks++ < 2 : after.st_ino != 0)) {
            continue;
        }
        if (there && !good && same &&
            !plx_store_quarantine(s->store, path, "a file of the record is missing or has the wrong size", err)) {
            return false;
        }
        if (!plx_object_publish(s->dir, path, &existed, err)) {
            return false;
        }
        if (!existed) {
            return true;
        }
    }
    return plx_fail(err, PLX_E_BUSY, "other processes keep changing %s", plx_store_rel(s->store, path));
}

static bool commit(plx_record_sink *s, plx_digest *out, plx_err *err)
{
    if (!s->dir[0] || s->broken || s->stream.is_open || s->volume.writer) {
        return plx_fail(err, PLX_E_BUG, "a record was committed after one of its parts failed");
    }
    if (!plx_ctx_go_on(s->ctx, err) || !write_changes(s, err)) {
        return false;
    }
    qsort(s->members->u.arr.items, s->members->u.arr.n, sizeof(plx_value *), by_path);
    plx_digest none = {{0}};
    plx_record *record;
    plx_arena *view_arena = plx_arena_new(0);
    if (!view_arena) {
        return plx_fail_nomem(err, 0);
    }
    if (!plx_record_from_meta(view_arena, s->dir, s->meta, &none, &record, err)) {
        return false;
    }
    const plx_record_origin *o = s->origin;
    bool ok =
        validate(s, record, err) && add_counts(s, record, err) && (!o->review || o->review(o->payload, s->meta, err));
    plx_record_close(record);
    return ok && write_json(s, out, err) && (!s->store || (sync_folders(s, err) && publish(s, out, err)));
}

bool plx_record_commit(plx_sink *sink, plx_digest *out, plx_err *err)
{
    plx_record_sink *s = sink->self;
    bool ok = commit(s, out, err);
    plx_record_abort(sink); /* what was published has left the folder; the rest goes */
    return ok;
}

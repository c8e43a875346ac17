/* SPDX-License-Identifier: Apache-2.0
 *
 * The folder: everything is written beside it under a name of its own, synced, and put in place by one rename.
 */
#include "registry/export_job.h"

#include "core/alloc.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[] = {"csv", "graphml", "npz", "npy", "json"};

bool plx_export_parse(const char *name, plx_export_as *out)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (plx_export_as)i;
            return true;
        }
    }
    return false;
}

bool plx_export_file(const plx_export_job *job, const char *name, plx_export_fill fill, const void *payload,
                     plx_err *err)
{
    char path[PLX_PATH];
    if (!plx_ctx_go_on(job->ctx, err)) {
        return false;
    }
    if (!plx_path_is_safe(name)) {
        return plx_fail(err, PLX_E_POLICY, "the record has a part called \"%s\", which is no safe file name", name);
    }
    if (!plx_path_join(path, job->dir, name, err)) {
        return false;
    }
    char *slash = strrchr(path, '/');
    if (strchr(name, '/')) {
        *slash = '\0';
        if (!plx_fs_mkdirs(path, err)) {
            return false;
        }
        *slash = '/';
    }
    FILE *to = fopen(path, "wxe");
    if (!to) {
        return plx_fail_sys(err, errno, "cannot make %s", name);
    }
    bool ok = fill(job, payload, to, err);
    if (ok && (fflush(to) != 0 || ferror(to))) {
        ok = plx_fail_sys(err, errno ? errno : EIO, "cannot write %s", name);
    }
    ok = ok && plx_fs_sync_fd(fileno(to), name, err);
    if (fclose(to) != 0 && ok) {
        ok = plx_fail_sys(err, errno, "cannot write %s", name);
    }
    return ok || plx_note(err, "%s", name);
}

static bool write_all(const plx_export_job *job, plx_err *err)
{
    bool ok = false;
    switch (job->as) {
    case PLX_EXPORT_CSV:
        ok = plx_export_csv(job, err);
        break;
    case PLX_EXPORT_GRAPHML:
        ok = plx_export_graphml(job, err);
        break;
    case PLX_EXPORT_NPZ:
        ok = plx_export_npz(job, err);
        break;
    case PLX_EXPORT_NPY:
        ok = plx_export_npy(job, err);
        break;
    case PLX_EXPORT_JSON:
        ok = plx_export_json(job, err);
        break;
    }
    return ok && plx_export_changes(job, err) && plx_export_notes(job, err);
}

/* A walk over the files just made; with `other`, whether each is there with the same bytes. */
typedef struct comparison {
    const char *made, *other;
    bool same;
    size_t n;
    uint64_t bytes;
} comparison;

static bool count_file(void *payload, const char *rel, uint64_t bytes, bool is_link, plx_err *err)
{
    comparison *c = payload;
    (void)rel;
    (void)is_link;
    (void)err;
    c->n++;
    c->bytes += bytes;
    return true;
}

static bool compare_file(void *payload, const char *rel, uint64_t bytes, bool is_link, plx_err *err)
{
    comparison *c = payload;
    char path[2][PLX_PATH];
    plx_buf file[2] = {{0}, {0}};
    if (is_link || !c->same) {
        c->same = false;
        return true;
    }
    if (!plx_path_join(path[0], c->made, rel, err) || !plx_path_join(path[1], c->other, rel, err) ||
        !plx_buf_read_file(path[0], (size_t)bytes, &file[0], err)) {
        return false;
    }
    /* What cannot be read, is missing or is larger is not the same. */
    c->same = plx_buf_read_file(path[1], (size_t)bytes, &file[1], NULL) && file[0].len == file[1].len &&
              (file[0].len == 0 || memcmp(file[0].ptr, file[1].ptr, file[0].len) == 0);
    plx_buf_free(&file[0]);
    plx_buf_free(&file[1]);
    return true;
}

static bool settle_existing(const char *made, const char *dir, plx_exported *out, plx_err *err)
{
    comparison c = {.made = made, .other = dir, .same = plx_fs_is_dir(dir)};
    comparison there = {.made = dir};
    if (c.same && (!plx_fs_walk(dir, count_file, &there, err) || there.n != out->n_files ||
                   !plx_fs_walk(made, compare_file, &c, err))) {
        c.same = false;
    }
    if (c.same) {
        out->was_there = true;
        return true;
    }
    plx_fail(err, PLX_E_POLICY, "%s is there already and holds other things", dir);
    plx_err_why(err, "an export never writes into or over what is there");
    return plx_err_next(err, "ls -la %s", dir);
}

static bool sync_dirs(const plx_export_job *job, plx_err *err)
{
    char **entries = NULL, path[PLX_PATH];
    size_t n = 0;
    bool ok = plx_fs_names(job->dir, &entries, &n, err);
    for (size_t i = 0; ok && i < n; i++) {
        ok = plx_path_join(path, job->dir, entries[i], err) && (!plx_fs_is_dir(path) || plx_fs_sync_dir(path, err));
    }
    plx_fs_names_free(entries, n);
    return ok && plx_fs_sync_dir(job->dir, err);
}

static bool make_and_publish(plx_export_job *job, plx_exported *out, plx_err *err)
{
    comparison c = {.made = job->dir};
    bool existed = false;
    if (!plx_export_load(job, err) || !write_all(job, err) || !plx_fs_walk(job->dir, count_file, &c, err) ||
        !sync_dirs(job, err)) {
        return false;
    }
    out->n_files = c.n;
    out->bytes = c.bytes;
    rmdir(out->dir); /* only an empty folder goes; one that stays is looked at below */
    if (!plx_ctx_go_on(job->ctx, err) || !plx_fs_publish(job->dir, out->dir, &existed, err)) {
        return false;
    }
    return !existed || (settle_existing(job->dir, out->dir, out, err) && plx_fs_remove_tree(job->dir, err));
}

/* `dir` without slashes at its end, and a name beside it that nobody has. */
static bool name_folders(const char *dir, plx_exported *out, char temp[PLX_PATH], plx_err *err)
{
    uint64_t random;
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/') {
        len--;
    }
    if (len == 0 || len >= sizeof out->dir) {
        return plx_fail(err, PLX_E_ARG, "\"%.80s\" names no folder", dir);
    }
    memcpy(out->dir, dir, len);
    out->dir[len] = '\0';
    const char *base = plx_path_base(out->dir);
    if (!*base || strcmp(base, ".") == 0 || strcmp(base, "..") == 0 || strcmp(base, "/") == 0) {
        return plx_fail(err, PLX_E_ARG, "%s is no name for a new folder", dir);
    }
    if (!plx_fs_random(&random, err)) {
        return false;
    }
    int n = snprintf(temp, PLX_PATH, "%.*s.tmp-%ld-%016llx", (int)(base - out->dir), out->dir, (long)getpid(),
                     (unsigned long long)random);
    return (n > 0 && n < PLX_PATH) || plx_fail(err, PLX_E_ARG, "the path %.80s... is too long", dir);
}

bool plx_export(const plx_ctx *ctx, plx_record *record, const char *ref, const plx_bibliography *cited,
                plx_export_as as, const char *dir, plx_exported *out, plx_err *err)
{
    char temp[PLX_PATH];
    *out = (plx_exported){0};
    if (!name_folders(dir, out, temp, err)) {
        return false;
    }
    if (mkdir(temp, 0777) != 0) {
        return plx_fail_sys(err, errno, "cannot make a folder beside %s", out->dir);
    }
    plx_export_job job = {
        .ctx = ctx, .record = record, .cited = cited, .ref = ref, .as = as, .dir = temp, .arena = plx_arena_new(0)};
    bool ok = job.arena ? make_and_publish(&job, out, err) : plx_fail_nomem(err, 0);
    plx_arena_free(job.arena);
    if (!ok) {
        plx_fs_remove_tree(temp, NULL);
    }
    return ok;
}

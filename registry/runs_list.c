/* SPDX-License-Identifier: Apache-2.0
 *
 * Which runs there are and how far each is, from names and last lines alone: quick enough for every start of the
 * program.
 */
#include "registry/runs.h"
#include "registry/sealed.h"

#include "core/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Last line of a sealed file. *there false when there is no such file; a broken one gives zeros. */
static bool read_seal(const char *path, plx_digest *out, bool *there, plx_err *err)
{
    char line[PLX_SEAL_LINE];
    memset(out, 0, sizeof *out);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *there = fd >= 0;
    if (fd < 0) {
        return errno == ENOENT || errno == ENOTDIR || plx_fail_sys(err, errno, "cannot read %s", path);
    }
    off_t size = lseek(fd, 0, SEEK_END);
    ssize_t got = size >= (off_t)sizeof line ? pread(fd, line, sizeof line, size - (off_t)sizeof line) : 0;
    close(fd);
    if (got == (ssize_t)sizeof line && memcmp(line, "sha256 ", 7) == 0 &&
        !plx_digest_parse(line + 7, PLX_SHA256_HEX, out)) {
        memset(out, 0, sizeof *out);
    }
    return true;
}

/* Complete: the seal of result.json. Else a digest over the plan's seal and the names of the cells. */
static bool read_state(const char *dir, plx_run_listed *out, bool *there, plx_err *err)
{
    char path[PLX_PATH];
    char **names;
    size_t n;
    if (!plx_path_join(path, dir, "result.json", err) || !read_seal(path, &out->state, &out->complete, err)) {
        return false;
    }
    *there = true;
    if (out->complete) {
        return true;
    }
    plx_digest plan;
    if (!plx_path_join(path, dir, "run.json", err) || !read_seal(path, &plan, there, err) ||
        !plx_path_join(path, dir, "cells", err) || !plx_fs_names(path, &names, &n, err)) {
        return false;
    }
    plx_sha256 hash;
    plx_sha256_init(&hash);
    plx_sha256_update(&hash, plan.bytes, sizeof plan.bytes);
    for (size_t i = 0; i < n; i++) {
        plx_sha256_update(&hash, names[i], strlen(names[i]) + 1);
        out->n_cells += plx_ends_with(names[i], ".json");
    }
    plx_fs_names_free(names, n);
    out->state = plx_sha256_final(&hash);
    return true;
}

bool plx_runs_list(const plx_store *store, plx_arena *arena, plx_run_listed **out, size_t *n_out, plx_err *err)
{
    char runs[PLX_PATH], dir[PLX_PATH];
    char **names;
    size_t n = 0;
    *n_out = 0;
    *out = NULL;
    if (!plx_path_join(runs, store->root, "runs", err) || !plx_fs_names(runs, &names, &n, err)) {
        return false;
    }
    plx_run_listed *items = plx_arena_zero(arena, n ? n : 1, sizeof *items);
    bool ok = items ? true : plx_fail_nomem(err, n * sizeof *items);
    for (size_t i = 0; ok && i < n; i++) {
        plx_run_listed *item = &items[*n_out];
        char hex[PLX_SHA256_HEX + 1];
        bool there = false;
        *item = (plx_run_listed){0};
        if (!plx_digest_parse(names[i], strlen(names[i]), &item->run)) {
            continue;
        }
        plx_digest_hex(&item->run, hex);
        ok = plx_path_join(dir, runs, names[i], err) && read_state(dir, item, &there, err);
        if (ok && there && strcmp(hex, names[i]) == 0) {
            item->key = plx_arena_printf(arena, "run:%s", hex);
            ok = item->key ? true : plx_fail_nomem(err, sizeof hex);
            *n_out += ok;
        }
    }
    plx_fs_names_free(names, n);
    *out = items;
    return ok;
}

bool plx_runs_find(const plx_store *store, const char *hex, plx_digest *out, plx_err *err)
{
    enum { SHORTEST = 6 };
    size_t len = strlen(hex);
    if (len < SHORTEST || len > PLX_SHA256_HEX || strspn(hex, "0123456789abcdef") != len) {
        plx_fail(err, PLX_E_ARG, "run:%.80s does not name a run", hex);
        return plx_err_why(err, "expected from %d to %d hexadecimal digits", SHORTEST, PLX_SHA256_HEX);
    }
    plx_arena *arena = plx_arena_new(0);
    plx_run_listed *items;
    size_t n, n_found = 0;
    if (!arena) {
        return plx_fail_nomem(err, 0);
    }
    bool ok = plx_runs_list(store, arena, &items, &n, err);
    for (size_t i = 0; ok && i < n; i++) {
        if (strncmp(items[i].key + strlen("run:"), hex, len) == 0) {
            *out = items[i].run;
            n_found++;
        }
    }
    plx_arena_free(arena);
    if (ok && n_found != 1) {
        plx_fail(err, PLX_E_NOTFOUND, n_found ? "several runs start with %s" : "there is no run %s", hex);
        return plx_err_next(err, "plexus board");
    }
    return ok;
}

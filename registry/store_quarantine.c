/* SPDX-License-Identifier: Apache-2.0
 *
 * Damaged things are moved to quarantine/ with a file that says why; nothing is deleted. FORMAT is copied there and
 * written again.
 */
#include "registry/store.h"

#include "core/buf.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

/* quarantine/blobs~sha256~ab~cdef, or with ".2", ".3", ... when that name is taken. */
static bool quarantine_name(const plx_store *store, const char *path, unsigned n, char out[PLX_PATH], plx_err *err)
{
    char name[512];
    const char *rel = plx_store_rel(store, path);
    size_t used = strlen(rel);
    if (used >= 240) {
        rel += used - 240; /* the end tells more than the start, and file names end at 255 bytes */
        used = 240;
    }
    for (size_t i = 0; i < used; i++) {
        name[i] = rel[i] == '/' ? '~' : rel[i];
    }
    name[used] = '\0';
    if (n > 1) {
        snprintf(name + used, sizeof name - used, ".%u", n);
    }
    char dir[PLX_PATH];
    return plx_path_join(dir, store->root, "quarantine", err) && plx_fs_mkdirs(dir, err) &&
           plx_path_join(out, dir, name, err);
}

static bool write_reason(const plx_store *store, const char *target, const char *path, const char *reason, plx_err *err)
{
    char file[PLX_PATH];
    plx_sb text = {0};
    int n = snprintf(file, sizeof file, "%s.reason.txt", target);
    if (n < 0 || (size_t)n >= sizeof file) {
        return plx_fail(err, PLX_E_ARG, "the path %.80s... is too long", target);
    }
    plx_sb_printf(&text, "was: %s\nwhy: %s\n", plx_store_rel(store, path), reason);
    bool ok = text.failed ? plx_fail_nomem(err, 256) : plx_store_replace(store, file, text.ptr, text.len, err);
    plx_sb_free(&text);
    return ok;
}

bool plx_store_quarantine(const plx_store *store, const char *path, const char *reason, plx_err *err)
{
    for (unsigned n = 1; n < 10000; n++) {
        char target[PLX_PATH];
        struct stat st;
        if (!quarantine_name(store, path, n, target, err)) {
            return false;
        }
        if (lstat(path, &st) != 0) {
            return errno == ENOENT || plx_fail_sys(err, errno, "cannot look at %s", path);
        }
        if (lstat(target, &st) == 0) {
            continue;
        }
        /* The reason goes first: killed in between, the next repair finds the name still free and writes it again. */
        bool existed;
        plx_err seen;
        plx_err_clear(&seen);
        if (!write_reason(store, target, path, reason, err)) {
            return false;
        }
        if (!plx_fs_publish(path, target, &existed, &seen)) {
            if (seen.code == PLX_E_NOTFOUND) {
                return true;
            }
            if (err) {
                *err = seen;
            }
            return false;
        }
        if (!existed) {
            return true;
        }
    }
    return plx_fail(err, PLX_E_LIMIT, "quarantine/ holds too many copies of %s", plx_store_rel(store, path));
}

bool plx_store_mend_format(const plx_store *store, plx_err *err)
{
    char path[PLX_PATH], kept[PLX_PATH];
    plx_sb text = {0};
    plx_buf old;
    plx_err seen;
    plx_err_clear(&seen);
    if (plx_store_check_format(store->root, &seen)) {
        return true;
    }
    if (seen.code != PLX_E_DIGEST && seen.code != PLX_E_NOTFOUND) { /* newer, or unreadable: not ours to write over */
        if (err) {
            *err = seen;
        }
        return false;
    }
    if (!plx_path_join(path, store->root, "FORMAT", err) || !quarantine_name(store, path, 1, kept, err) ||
        !plx_store_format_text(&text, err)) {
        plx_sb_free(&text);
        return false;
    }
    /* A copy, not a move: there is no moment without FORMAT. */
    bool ok = true;
    if (plx_buf_read_file(path, 1 << 20, &old, NULL)) {
        ok = plx_store_replace(store, kept, old.ptr, old.len, err) &&
             write_reason(store, kept, path, "its seal was broken", err);
        plx_buf_free(&old);
    }
    ok = ok && plx_store_replace(store, path, text.ptr, text.len, err);
    plx_sb_free(&text);
    return ok;
}

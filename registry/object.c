/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects under blobs/ and records/, whatever they hold.
 */
#include "registry/object.h"

#include "core/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool parent_of(const char *path, char out[PLX_PATH])
{
    size_t len = (size_t)(plx_path_base(path) - path);
    if (len < 2 || len >= PLX_PATH) {
        return false;
    }
    memcpy(out, path, len - 1);
    out[len - 1] = '\0';
    return true;
}

bool plx_object_publish(const char *from, const char *to, bool *existed, plx_err *err)
{
    char dir[PLX_PATH];
    if (!parent_of(to, dir)) {
        return plx_fail(err, PLX_E_BUG, "%s is no object's path", to);
    }
    return plx_fs_mkdirs(dir, err) && plx_fs_publish(from, to, existed, err);
}

bool plx_object_touch(const char *path, bool *present, plx_err *err)
{
    char dir[PLX_PATH];
    *present = true;
    if (utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) {
            *present = false;
            return true;
        }
        if (errno != EACCES && errno != EPERM && errno != EROFS) { /* another user's object: its age is then its own */
            return plx_fail_sys(err, errno, "cannot touch %s", path);
        }
    }
    /* Whoever published it may have died before syncing its folders; a ref is about to rely on them. */
    if (!parent_of(path, dir)) {
        return plx_fail(err, PLX_E_BUG, "%s is no object's path", path);
    }
    char above[PLX_PATH];
    return plx_fs_sync_dir(dir, err) && (!parent_of(dir, above) || plx_fs_sync_dir(above, err));
}

bool plx_object_unreadable(const plx_err *err)
{
    return err->code == PLX_E_IO && err->sys != EISDIR && err->sys != ENOTDIR && err->sys != ELOOP;
}

typedef struct list {
    plx_arena *arena;
    plx_object *items;
    size_t n, cap;
} list;

static bool add(list *to, const char *rel, bool odd, const plx_digest *digest, plx_err *err)
{
    if (!plx_grow(&to->items, &to->cap, to->n + 1, sizeof *to->items)) {
        return plx_fail_nomem(err, sizeof *to->items);
    }
    const char *text = plx_arena_strdup(to->arena, rel);
    if (!text) {
        return plx_fail_nomem(err, strlen(rel));
    }
    to->items[to->n++] = (plx_object){.digest = *digest, .rel = text, .odd = odd};
    return true;
}

static bool is_lower_hex(const char *text, size_t len)
{
    return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

/* One fan-out folder "ab". */
static bool list_fan(const plx_store *store, const char *area, const char *fan, list *to, plx_err *err)
{
    char rel[PLX_PATH], dir[PLX_PATH];
    char **names;
    size_t n;
    plx_digest digest = {{0}};
    snprintf(rel, sizeof rel, "%s/sha256/%s", area, fan);
    if (!plx_path_join(dir, store->root, rel, err)) {
        return false;
    }
    if (!is_lower_hex(fan, 2) || !plx_fs_is_dir(dir)) {
        return add(to, rel, true, &digest, err);
    }
    if (!plx_fs_names(dir, &names, &n, err)) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        char hex[PLX_SHA256_HEX + 1];
        bool odd = !is_lower_hex(names[i], PLX_SHA256_HEX - 2);
        if (!odd) {
            snprintf(hex, sizeof hex, "%.2s%.62s", fan, names[i]);
            odd = !plx_digest_parse(hex, PLX_SHA256_HEX, &digest);
        }
        int used = snprintf(rel, sizeof rel, "%s/sha256/%s/%s", area, fan, names[i]);
        ok = (used > 0 && (size_t)used < sizeof rel) ? add(to, rel, odd, &digest, err)
                                                     : plx_fail(err, PLX_E_LIMIT, "a name in %s is too long", dir);
    }
    plx_fs_names_free(names, n);
    return ok;
}

bool plx_objects_list(const plx_store *store, const char *area, plx_arena *arena, plx_object **out, size_t *n,
                      plx_err *err)
{
    list to = {.arena = arena};
    char rel[64], dir[PLX_PATH];
    char **names = NULL;
    size_t n_names = 0;
    plx_digest none = {{0}};
    bool ok = plx_path_join(dir, store->root, area, err) && plx_fs_names(dir, &names, &n_names, err);
    for (size_t i = 0; i < n_names && ok; i++) { /* beside "sha256" there is nothing */
        char path[PLX_PATH];
        if (strcmp(names[i], "sha256") != 0) {
            ok = plx_path_join(path, area, names[i], err) && add(&to, path, true, &none, err);
        }
    }
    plx_fs_names_free(names, n_names);
    names = NULL;
    n_names = 0;
    snprintf(rel, sizeof rel, "%s/sha256", area);
    ok = ok && plx_path_join(dir, store->root, rel, err) && plx_fs_names(dir, &names, &n_names, err);
    for (size_t i = 0; i < n_names && ok; i++) {
        ok = list_fan(store, area, names[i], &to, err);
    }
    plx_fs_names_free(names, n_names);
    plx_object *items = ok ? plx_arena_alloc(arena, (to.n + 1) * sizeof *items) : NULL;
    if (ok && !items) {
        ok = plx_fail_nomem(err, to.n * sizeof *items);
    }
    if (ok && to.n > 0) {
        memcpy(items, to.items, to.n * sizeof *items);
    }
    plx_free(to.items);
    *out = items;
    *n = ok ? to.n : 0;
    return ok;
}

static bool add_bytes(void *payload, const char *rel_path, uint64_t bytes, bool is_link, plx_err *err)
{
    (void)rel_path;
    (void)is_link;
    (void)err;
    *(uint64_t *)payload += bytes;
    return true;
}

uint64_t plx_object_bytes(const plx_store *store, const char *rel)
{
    char path[PLX_PATH];
    struct stat st;
    uint64_t total = 0;
    if (!plx_path_join(path, store->root, rel, NULL) || lstat(path, &st) != 0) {
        return 0;
    }
    if (!S_ISDIR(st.st_mode)) {
        return (uint64_t)st.st_size;
    }
    return plx_fs_walk(path, add_bytes, &total, NULL) ? total : 0;
}

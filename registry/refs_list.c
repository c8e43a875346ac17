/* SPDX-License-Identifier: Apache-2.0
 *
 * A ref file ends in its seal, so one short read says whether it is the one seen before; its content is not looked at.
 */
#include "registry/refs_list.h"

#include "core/alloc.h"
#include "registry/refs.h"
#include "registry/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct listing {
    const plx_store *store;
    plx_arena *arena;
    plx_ref_file *items;
    size_t n, cap;
} listing;

static bool read_seal(const char *path, plx_digest *out, bool *gone, plx_err *err)
{
    char line[PLX_SEAL_LINE];
    memset(out, 0, sizeof *out);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *gone = fd < 0 && errno == ENOENT;
    if (fd < 0) {
        return *gone || plx_fail_sys(err, errno, "cannot read %s", path);
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

static bool visit(void *payload, const char *rel_path, uint64_t bytes, bool is_link, plx_err *err)
{
    (void)bytes;
    listing *list = payload;
    plx_ref_file file = {0};
    if (is_link || !plx_refs_of_path(rel_path, &file.ref)) {
        return true;
    }
    char path[PLX_PATH], key[PLX_REF_TEXT];
    int len = snprintf(path, sizeof path, "%s/refs/%s", list->store->root, rel_path);
    if (len < 0 || (size_t)len >= sizeof path) {
        return plx_fail(err, PLX_E_ARG, "the store's path %.80s... is too long", list->store->root);
    }
    bool gone = false;
    if (!read_seal(path, &file.seal, &gone, err) || gone) {
        return gone;
    }
    plx_ref_print(&file.ref, key);
    file.key = plx_arena_strdup(list->arena, key);
    if (!file.key || !plx_grow(&list->items, &list->cap, list->n + 1, sizeof *list->items)) {
        return plx_fail_nomem(err, sizeof file);
    }
    list->items[list->n++] = file;
    return true;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const plx_ref_file *)a)->key, ((const plx_ref_file *)b)->key);
}

bool plx_refs_list(const plx_store *store, plx_arena *arena, plx_ref_file **out, size_t *n, plx_err *err)
{
    listing list = {.store = store, .arena = arena};
    char refs[PLX_PATH];
    *out = NULL;
    *n = 0;
    bool ok =
        plx_path_join(refs, store->root, "refs", err) && (!plx_fs_is_dir(refs) || plx_fs_walk(refs, visit, &list, err));
    if (ok && list.n > 0) {
        qsort(list.items, list.n, sizeof *list.items, by_key);
        *out = plx_arena_zero(arena, list.n, sizeof **out);
        ok = *out ? true : plx_fail_nomem(err, list.n * sizeof **out);
    }
    if (ok && list.n > 0) {
        memcpy(*out, list.items, list.n * sizeof **out);
        *n = list.n;
    }
    plx_free(list.items);
    return ok;
}

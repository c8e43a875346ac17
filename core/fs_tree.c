/* SPDX-License-Identifier: Apache-2.0
 *
 * Folders as a whole: listing, walking in sorted order, removing. Descends by file descriptor, so a folder swapped for
 * a symbolic link on the way is an error and never followed.
 */
#define _GNU_SOURCE /* O_DIRECTORY, fdopendir, AT_SYMLINK_NOFOLLOW for fchmodat */
#include "core/alloc.h"
#include "core/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DEPTH = 128 }; /* one open file per level */

static const char too_deep[] = "%s has more than 128 levels of folders";

static bool is_dots(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* A directory stream of its own on a folder; NULL with errno set. */
static DIR *open_dir_at(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    DIR *dir = fdopendir(fd);
    if (!dir) {
        int sys = errno;
        close(fd);
        errno = sys;
    }
    return dir;
}

static bool remove_at(int at, const char *name, const char *shown, int depth, plx_err *err);

/* One pass over a folder; *n_removed counts what went. */
static bool remove_entries(DIR *dir, const char *shown, int depth, size_t *n_removed, plx_err *err)
{
    *n_removed = 0;
    for (;;) {
        errno = 0;
        struct dirent *item = readdir(dir);
        if (!item) {
            return errno == 0 || plx_fail_sys(err, errno, "cannot read the folder %s", shown);
        }
        if (is_dots(item->d_name)) {
            continue;
        }
        if (!remove_at(dirfd(dir), item->d_name, shown, depth + 1, err)) {
            return false;
        }
        ++*n_removed;
    }
}

static bool remove_dir_at(int at, const char *name, const char *shown, int depth, plx_err *err)
{
    if (depth > MAX_DEPTH) {
        return plx_fail(err, PLX_E_LIMIT, too_deep, shown);
    }
    DIR *dir = open_dir_at(at, name);
    if (!dir && errno == EACCES && fchmodat(at, name, 0700, AT_SYMLINK_NOFOLLOW) == 0) {
        dir = open_dir_at(at, name);
    }
    if (!dir) {
        return errno == ENOENT || plx_fail_sys(err, errno, "cannot open the folder %s below %s", name, shown);
    }
    struct stat st;
    if (fstat(dirfd(dir), &st) == 0 && (st.st_mode & 0700) != 0700) {
        fchmod(dirfd(dir), 0700); /* a failure shows when the first entry cannot be removed */
    }
    size_t n_removed;
    bool ok;
    do { /* some file systems skip entries while others are being removed */
        ok = remove_entries(dir, shown, depth, &n_removed, err);
        rewinddir(dir);
    } while (ok && n_removed > 0);
    closedir(dir);
    if (ok && unlinkat(at, name, AT_REMOVEDIR) != 0 && errno != ENOENT) {
        ok = plx_fail_sys(err, errno, "cannot remove the folder %s below %s", name, shown);
    }
    return ok;
}

static bool remove_at(int at, const char *name, const char *shown, int depth, plx_err *err)
{
    struct stat st;
    if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT || plx_fail_sys(err, errno, "cannot look at %s below %s", name, shown);
    }
    if (S_ISDIR(st.st_mode)) {
        return remove_dir_at(at, name, shown, depth, err);
    }
    return unlinkat(at, name, 0) == 0 || errno == ENOENT ||
           plx_fail_sys(err, errno, "cannot remove %s below %s", name, shown);
}

bool plx_fs_remove_tree(const char *path, plx_err *err)
{
    return remove_at(AT_FDCWD, path, path, 0, err);
}

typedef struct entry {
    char *name;
    uint64_t bytes;
    enum { ENTRY_FILE, ENTRY_DIR, ENTRY_OTHER } kind;
} entry;

typedef struct listing {
    entry *entries;
    size_t n, cap;
} listing;

static void listing_free(listing *list)
{
    for (size_t i = 0; i < list->n; i++) {
        plx_free(list->entries[i].name);
    }
    plx_free(list->entries);
    *list = (listing){0};
}

/* By the path below it: a folder sorts as its name with '/' behind it. */
static int entry_order(const void *pa, const void *pb)
{
    const entry *a = pa, *b = pb;
    const char *p = a->name, *q = b->name;
    while (*p && *p == *q) {
        p++;
        q++;
    }
    unsigned char x = (unsigned char)(*p ? *p : a->kind == ENTRY_DIR ? '/' : 0);
    unsigned char y = (unsigned char)(*q ? *q : b->kind == ENTRY_DIR ? '/' : 0);
    return x < y ? -1 : x > y;
}

static bool list_add(listing *list, int at, const char *name, plx_err *err)
{
    struct stat st;
    if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT || plx_fail_sys(err, errno, "cannot look at %s", name);
    }
    if (!plx_grow(&list->entries, &list->cap, list->n + 1, sizeof *list->entries)) {
        return plx_fail_nomem(err, (list->n + 1) * sizeof *list->entries);
    }
    char *copy = plx_strdup(name);
    if (!copy) {
        return plx_fail_nomem(err, strlen(name) + 1);
    }
    list->entries[list->n++] = (entry){
        .name = copy,
        .bytes = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0,
        .kind = S_ISREG(st.st_mode)   ? ENTRY_FILE
                : S_ISDIR(st.st_mode) ? ENTRY_DIR
                                      : ENTRY_OTHER,
    };
    return true;
}

static bool list_dir(DIR *dir, listing *list, plx_err *err)
{
    for (;;) {
        errno = 0;
        struct dirent *item = readdir(dir);
        if (!item) {
            if (errno != 0) {
                return plx_fail_sys(err, errno, "cannot read the folder");
            }
            if (list->n > 0) {
                qsort(list->entries, list->n, sizeof *list->entries, entry_order);
            }
            return true;
        }
        if (!is_dots(item->d_name) && !list_add(list, dirfd(dir), item->d_name, err)) {
            return false;
        }
    }
}

typedef struct walk {
    plx_fs_visit visit;
    void *payload;
    const char *root;
    char rel[PLX_PATH];
} walk;

static bool walk_dir(walk *w, int at, const char *name, size_t rel_len, int depth, plx_err *err)
{
    if (depth > MAX_DEPTH) {
        return plx_fail(err, PLX_E_LIMIT, too_deep, w->root);
    }
    DIR *dir = open_dir_at(at, name);
    if (!dir) {
        return plx_fail_sys(err, errno, "cannot open the folder %s%s%s", w->root, rel_len ? "/" : "", w->rel);
    }
    listing list = {0};
    bool ok = list_dir(dir, &list, err) || plx_note(err, "%s%s%s", w->root, rel_len ? "/" : "", w->rel);
    for (size_t i = 0; ok && i < list.n; i++) {
        const entry *e = &list.entries[i];
        int n = snprintf(w->rel + rel_len, PLX_PATH - rel_len, "%s%s", rel_len ? "/" : "", e->name);
        if (n < 0 || (size_t)n >= PLX_PATH - rel_len) {
            ok = plx_fail(err, PLX_E_LIMIT, "a path below %s is longer than %d bytes", w->root, PLX_PATH - 1);
        } else if (e->kind == ENTRY_DIR) {
            ok = walk_dir(w, dirfd(dir), e->name, rel_len + (size_t)n, depth + 1, err);
        } else {
            ok = w->visit(w->payload, w->rel, e->bytes, e->kind == ENTRY_OTHER, err);
        }
    }
    w->rel[rel_len] = '\0';
    listing_free(&list);
    closedir(dir);
    return ok;
}

bool plx_fs_walk(const char *dir, plx_fs_visit visit, void *payload, plx_err *err)
{
    walk w = {.visit = visit, .payload = payload, .root = dir};
    char real[PLX_PATH];
    /* The root itself may be a symbolic link the user gave; what is below may not. */
    return plx_path_join(real, dir, ".", err) && walk_dir(&w, AT_FDCWD, real, 0, 0, err);
}

static int name_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool plx_fs_names(const char *dir, char ***names, size_t *n, plx_err *err)
{
    *names = NULL;
    *n = 0;
    DIR *d = opendir(dir);
    if (!d) {
        return errno == ENOENT || plx_fail_sys(err, errno, "cannot open the folder %s", dir);
    }
    size_t cap = 0;
    bool ok = true;
    while (ok) {
        errno = 0;
        struct dirent *item = readdir(d);
        if (!item) {
            ok = errno == 0 || plx_fail_sys(err, errno, "cannot read the folder %s", dir);
            break;
        }
        if (is_dots(item->d_name)) {
            continue;
        }
        char *copy = plx_grow(names, &cap, *n + 1, sizeof **names) ? plx_strdup(item->d_name) : NULL;
        if (!copy) {
            ok = plx_fail_nomem(err, strlen(item->d_name) + 1);
            break;
        }
        (*names)[(*n)++] = copy;
    }
    closedir(d);
    if (!ok) {
        plx_fs_names_free(*names, *n);
        *names = NULL;
        *n = 0;
    } else if (*n > 0) {
        qsort(*names, *n, sizeof **names, name_order);
    }
    return ok;
}

void plx_fs_names_free(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        plx_free(names[i]);
    }
    plx_free(names);
}

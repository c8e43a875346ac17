/* SPDX-License-Identifier: Apache-2.0
 *
 * zip: our own directory (archive_zip_dir.c) says what is there and has been checked; libarchive's seekable reader
 * unpacks and checks each CRC. Both go by offset, so the k-th of one is the k-th of the other.
 */
#include "formats/archive_walk.h"
#include "formats/archive_zip_dir.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 1 << 16 };

typedef struct zip {
    plx_walk *walk;
    struct archive *lib;
    const plx_zip_member *member;
} zip;

static bool pull_member(void *state, void *out, size_t cap, size_t *got, plx_err *err)
{
    zip *z = state;
    la_ssize_t n = archive_read_data(z->lib, out, cap);
    *got = n > 0 ? (size_t)n : 0;
    return n >= 0 || plx_walk_fail_lib(z->walk, z->lib, false, z->member->name.ptr, err);
}

static plx_item_kind kind_of(const plx_zip_member *m)
{
    if (S_ISLNK(m->mode)) {
        return PLX_ITEM_SYMLINK;
    }
    if (S_ISFIFO(m->mode) || S_ISCHR(m->mode) || S_ISBLK(m->mode) || S_ISSOCK(m->mode)) {
        return PLX_ITEM_SPECIAL;
    }
    bool dir = m->name.len && m->name.ptr[m->name.len - 1] == '/';
    return dir || S_ISDIR(m->mode) ? PLX_ITEM_DIR : PLX_ITEM_FILE;
}

static bool visit(zip *z, const plx_zip_member *m, struct archive_entry *entry, plx_err *err)
{
    z->member = m;
    plx_walk_item item = {.name = m->name,
                          .kind = kind_of(m),
                          .size = (int64_t)m->size,
                          .packed = m->packed,
                          .pull = pull_member,
                          .state = z};
    if (m->size > INT64_MAX) {
        return plx_walk_fail(z->walk, PLX_E_FORMAT, m->name.ptr, err, "its size is impossible");
    }
    if (item.kind == PLX_ITEM_FILE &&
        (archive_entry_filetype(entry) != AE_IFREG || archive_entry_size(entry) != item.size)) {
        return plx_walk_fail(z->walk, PLX_E_FORMAT, m->name.ptr, err, "its headers can be read in two ways");
    }
    item.target = plx_slice_of(item.kind == PLX_ITEM_SYMLINK ? archive_entry_symlink(entry) : NULL);
    return plx_walk_member(z->walk, &item, err);
}

/* The only warning that is no damage: a name the locale cannot show. Names come from our own directory. */
static bool is_harmless(struct archive *lib)
{
    const char *text = archive_error_string(lib);
    return text && strstr(text, "current locale");
}

static bool walk_entries(zip *z, const plx_zip_dir *dir, plx_err *err)
{
    for (size_t i = 0; i <= dir->n; i++) {
        struct archive_entry *entry = NULL;
        int r = archive_read_next_header(z->lib, &entry);
        if (r == ARCHIVE_EOF && i == dir->n) {
            return true;
        }
        if (r == ARCHIVE_EOF || i == dir->n) {
            return plx_walk_fail(z->walk, PLX_E_FORMAT, NULL, err, "its number of members can be read in two ways");
        }
        if (r != ARCHIVE_OK && !(r == ARCHIVE_WARN && is_harmless(z->lib))) {
            return plx_walk_fail_lib(z->walk, z->lib, false, dir->members[i].name.ptr, err);
        }
        if (!visit(z, &dir->members[i], entry, err)) {
            return false;
        }
        if (z->walk->stop) {
            break;
        }
    }
    return true;
}

static bool walk_fd(plx_walk *walk, int fd, plx_arena *arena, plx_err *err)
{
    plx_zip_dir dir = {0};
    if (!plx_zip_read_dir(walk, fd, arena, &dir, err)) {
        return false;
    }
    if (dir.n == 0) {
        return true; /* libarchive does not take an empty zip for one */
    }
    zip z = {.walk = walk, .lib = archive_read_new()};
    if (!z.lib) {
        return plx_fail_nomem(err, 0);
    }
    /* Only the seekable reader: the streaming one believes local headers. */
    bool ok = archive_read_support_format_zip_seekable(z.lib) == ARCHIVE_OK &&
              archive_read_open_fd(z.lib, fd, BLOCK) == ARCHIVE_OK;
    ok = ok ? walk_entries(&z, &dir, err) : plx_walk_fail_lib(walk, z.lib, false, NULL, err);
    archive_read_free(z.lib);
    return ok;
}

bool plx_walk_zip(plx_walk *walk, plx_err *err)
{
    int fd = open(walk->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return plx_fail_sys(err, errno, "%s cannot be opened", walk->path);
    }
    plx_arena *arena = plx_arena_new(walk->names.max_bytes);
    bool ok = arena ? walk_fd(walk, fd, arena, err) : plx_fail_nomem(err, 0);
    plx_arena_free(arena);
    close(fd);
    return ok;
}

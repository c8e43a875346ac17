/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole members by libdeflate, which is more than twice as fast as streaming and fine where the size is known.
 */
#include "formats/zip_load.h"

#include "core/alloc.h"
#include "formats/archive_zip_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RATIO_GRACE = 1 << 20, READ_MOST = 1 << 30 };

struct plx_zip_file {
    plx_arena *arena;
    plx_walk walk; /* path and limits, for the directory reader */
    plx_zip_dir dir;
    const plx_zip_member **by_name;
    struct libdeflate_decompressor *inflate; /* of plx_zip_load; parts bring their own */
    uint64_t unpacked;                       /* by all loads so far */
    int fd;
};

static int compare_names(const void *a, const void *b)
{
    const plx_zip_member *const *x = a, *const *y = b;
    int order = plx_slice_cmp((*x)->name, (*y)->name);
    return order ? order : ((*x)->offset > (*y)->offset) - ((*x)->offset < (*y)->offset);
}

static bool sort_names(plx_zip_file *zip, plx_err *err)
{
    size_t n = zip->dir.n;
    zip->by_name = plx_arena_zero(zip->arena, n ? n : 1, sizeof *zip->by_name);
    if (!zip->by_name) {
        return plx_fail_nomem(err, n * sizeof *zip->by_name);
    }
    for (size_t i = 0; i < n; i++) {
        zip->by_name[i] = &zip->dir.members[i];
    }
    qsort(zip->by_name, n, sizeof *zip->by_name, compare_names);
    return true;
}

bool plx_zip_open(const plx_ctx *ctx, const char *path, const char *name, plx_zip_file **out, plx_err *err)
{
    plx_zip_file *zip = plx_alloc_zero(1, sizeof *zip);
    if (!zip) {
        return plx_fail_nomem(err, sizeof *zip);
    }
    zip->walk.ctx = ctx;
    zip->walk.limits = plx_limits_of(ctx);
    zip->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    zip->arena = plx_arena_new((size_t)zip->walk.limits.memory_bytes);
    zip->walk.path = zip->arena ? plx_arena_strdup(zip->arena, name ? name : path) : NULL;
    zip->inflate = libdeflate_alloc_decompressor();
    bool ok;
    if (zip->fd < 0) {
        ok = plx_fail_sys(err, errno, "%s cannot be opened", name ? name : path);
    } else if (!zip->walk.path || !zip->inflate) {
        ok = plx_fail_nomem(err, 0);
    } else {
        ok = plx_zip_read_dir(&zip->walk, zip->fd, zip->arena, &zip->dir, err) && sort_names(zip, err);
    }
    if (!ok) {
        plx_zip_close(zip);
        return false;
    }
    *out = zip;
    return true;
}

void plx_zip_close(plx_zip_file *zip)
{
    if (!zip) {
        return;
    }
    if (zip->fd >= 0) {
        close(zip->fd);
    }
    libdeflate_free_decompressor(zip->inflate);
    plx_arena_free(zip->arena);
    plx_free(zip);
}

/* Of several members of one name, which zarr's own zip writer makes, the last counts, as for Python's zipfile. */
static const plx_zip_member *find(const plx_zip_file *zip, const char *name)
{
    plx_slice key = plx_slice_of(name);
    size_t low = 0, high = zip->dir.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (plx_slice_cmp(zip->by_name[middle]->name, key) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && plx_slice_eq(zip->by_name[low - 1]->name, key) ? zip->by_name[low - 1] : NULL;
}

size_t plx_zip_count(const plx_zip_file *zip)
{
    return zip->dir.n;
}

const char *plx_zip_name(const plx_zip_file *zip, size_t i)
{
    return zip->by_name[i]->name.ptr;
}

bool plx_zip_has(const plx_zip_file *zip, const char *name)
{
    return find(zip, name) != NULL;
}

static bool read_at(int fd, uint8_t *to, uint64_t len, uint64_t offset)
{
    while (len > 0) {
        ssize_t n = pread(fd, to, len < READ_MOST ? (size_t)len : READ_MOST, (off_t)offset);
        if (n <= 0) {
            if (n < 0 && errno == EINTR) {
                continue;
            }
            return false;
        }
        to += n;
        len -= (uint64_t)n;
        offset += (uint64_t)n;
    }
    return true;
}

static bool check_budget(const plx_zip_file *zip, const plx_zip_member *m, plx_err *err)
{
    const plx_limits *limits = &zip->walk.limits;
    const char *why = NULL;
    if (m->size > limits->file_bytes || m->size > limits->memory_bytes || m->packed > limits->memory_bytes ||
        m->size >= PTRDIFF_MAX) {
        why = "it unpacks to more than is allowed for one part";
    } else if (m->size > limits->total_bytes || zip->unpacked > limits->total_bytes - m->size) {
        why = "together the parts unpack to more than is allowed";
    } else if (m->size > RATIO_GRACE && m->size / limits->ratio > m->packed) {
        why = "it would unpack to far more bytes than it takes in the file, as zip bombs do";
    }
    if (why) {
        plx_fail(err, PLX_E_LIMIT, "%s: member \"%s\" is too large", zip->walk.path, m->name.ptr);
        plx_err_why(err, "%s", why);
    }
    return !why;
}

static bool unpack(const plx_zip_file *zip, struct libdeflate_decompressor *inflate, const plx_zip_member *m,
                   const uint8_t *packed, plx_buf *out, plx_err *err)
{
    if (m->method == 0) {
        if (m->packed != m->size) {
            return plx_walk_fail(&zip->walk, PLX_E_FORMAT, m->name.ptr, err, "a stored member has two sizes");
        }
    } else {
        size_t used = 0, made = 0;
        enum libdeflate_result r = libdeflate_deflate_decompress_ex(inflate, packed, (size_t)m->packed, out->ptr,
                                                                    (size_t)m->size, &used, &made);
        if (r != LIBDEFLATE_SUCCESS || used != m->packed || made != m->size) {
            return plx_walk_fail(&zip->walk, PLX_E_FORMAT, m->name.ptr, err, "its compressed data are damaged");
        }
    }
    if (libdeflate_crc32(0, out->ptr, (size_t)m->size) != m->crc) {
        return plx_walk_fail(&zip->walk, PLX_E_FORMAT, m->name.ptr, err, "its CRC does not match");
    }
    return true;
}

static bool load(const plx_zip_file *zip, struct libdeflate_decompressor *inflate, const plx_zip_member *m,
                 plx_buf *out, plx_err *err)
{
    bool stored = m->method == 0 && m->packed == m->size; /* read where it is wanted */
    plx_buf packed = {0}, whole = {0};
    bool ok =
        (stored || plx_buf_alloc((size_t)m->packed, &packed, err)) && plx_buf_alloc((size_t)m->size + 1, &whole, err);
    if (ok && !read_at(zip->fd, stored ? whole.ptr : packed.ptr, m->packed, m->end - m->packed)) {
        ok = plx_walk_fail(&zip->walk, PLX_E_TRUNCATED, m->name.ptr, err, "the file ends inside it");
    }
    ok = ok && unpack(zip, inflate, m, packed.ptr, &whole, err);
    plx_buf_free(&packed);
    if (!ok) {
        plx_buf_free(&whole);
        return false;
    }
    whole.ptr[m->size] = '\0';
    whole.len = (size_t)m->size;
    *out = whole;
    return true;
}

bool plx_zip_load(const plx_ctx *ctx, plx_zip_file *zip, const char *name, plx_buf *out, plx_err *err)
{
    const plx_zip_member *m = find(zip, name);
    if (!m) {
        plx_fail(err, PLX_E_NOTFOUND, "there is no part %s", name);
        return plx_note(err, "%s", zip->walk.path);
    }
    if (!plx_ctx_go_on(ctx, err) || !check_budget(zip, m, err) || !load(zip, zip->inflate, m, out, err)) {
        return false;
    }
    zip->unpacked += m->size;
    return true;
}

bool plx_zip_load_part(const plx_ctx *ctx, const plx_zip_file *zip, const char *name, uint64_t limit, bool *there,
                       plx_buf *out, plx_err *err)
{
    const plx_zip_member *m = find(zip, name);
    *there = m != NULL;
    if (!m) {
        return true;
    }
    if (m->size > limit || m->packed > limit || m->size >= PTRDIFF_MAX) {
        plx_fail(err, PLX_E_LIMIT, "%s: member \"%s\" is too large", zip->walk.path, name);
        return plx_err_why(err, "it has %llu bytes, and %llu are allowed", (unsigned long long)m->size,
                           (unsigned long long)limit);
    }
    struct libdeflate_decompressor *inflate = m->method ? libdeflate_alloc_decompressor() : NULL;
    bool ok = !m->method || inflate || plx_fail_nomem(err, 0);
    ok = ok && plx_ctx_go_on(ctx, err) && load(zip, inflate, m, out, err);
    libdeflate_free_decompressor(inflate);
    return ok;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Zip's directory (APPNOTE.TXT 6.3.10, sections 4.3 and 4.4) read strictly: one end record, a central directory that
 * fills the space it claims, local headers that say the same, and data ranges that do not overlap. Readers that differ
 * on any of these see different archives in one file, so a file where they could differ is refused. Not read:
 * encryption, several disks, methods other than stored and deflate, bytes before the archive.
 */
#include "formats/archive_zip_dir.h"

#include "core/alloc.h"

#include <stdlib.h>

enum {
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    CENTRAL_SIZE = 46,
    LOCAL_SIZE = 30,
    TAIL = 16384, /* libarchive looks no further back for the end record */
    FLAG_ENCRYPTED = 1,
    FLAG_SIZES_LATER = 8,
    FLAG_PATCH = 0x20,
    FLAG_MASKED = 0x2000,
    ZIP64_EXTRA = 1,
};

typedef struct dir_reader {
    const plx_walk *walk;
    plx_ranged *from;
    plx_arena *arena;
    uint64_t file_size;
    uint64_t n, offset, size; /* of the central directory */
    plx_err *err;
} dir_reader;

/* The analyzer does not see that a function behind a pointer fills what it is given. */
static uint16_t u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8); /* NOLINT(clang-analyzer-core.UndefinedBinaryOperatorResult) */
}

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)u16(p) | (uint32_t)u16(p + 2) << 16;
}

static uint64_t u64(const uint8_t *p)
{
    return (uint64_t)u32(p) | (uint64_t)u32(p + 4) << 32;
}

static bool damaged(dir_reader *r, const char *member, const char *why)
{
    return plx_walk_fail(r->walk, PLX_E_FORMAT, member, r->err, why);
}

static bool read_at(dir_reader *r, uint64_t offset, void *out, size_t n)
{
    if (offset > r->file_size || n > r->file_size - offset) {
        return plx_walk_fail(r->walk, PLX_E_TRUNCATED, NULL, r->err, "a record lies past the end of the file");
    }
    return r->from->read_at(r->from, offset, out, n, r->err);
}

static bool check_end64(dir_reader *r, const uint8_t *end, uint64_t at, uint64_t *dir_end)
{
    uint8_t locator[LOCATOR_SIZE];
    uint8_t e[END64_SIZE];
    *dir_end = at;
    bool needed = r->n == 0xFFFF || r->size == 0xFFFFFFFF || r->offset == 0xFFFFFFFF;
    bool room = at >= LOCATOR_SIZE;
    if (room && !read_at(r, at - LOCATOR_SIZE, locator, sizeof locator)) {
        return false;
    }
    if (!room || memcmp(locator, "PK\6\7", 4) != 0) {
        return !needed || damaged(r, NULL, "its zip64 record is missing");
    }
    uint64_t at64 = u64(locator + 8);
    if (u32(locator + 4) != 0 || u32(locator + 16) > 1) {
        return plx_fail(r->err, PLX_E_UNSUPPORTED, "%s is split over several disks", r->walk->path);
    }
    if (at64 > at - LOCATOR_SIZE || at - LOCATOR_SIZE - at64 < END64_SIZE) {
        return damaged(r, NULL, "its zip64 record is not where it should be");
    }
    if (!read_at(r, at64, e, sizeof e)) {
        return false;
    }
    if (memcmp(e, "PK\6\6", 4) != 0 || u64(e + 4) != at - LOCATOR_SIZE - at64 - 12) {
        return damaged(r, NULL, "its zip64 record is malformed");
    }
    uint64_t n = u64(e + 32);
    uint64_t size = u64(e + 40);
    uint64_t offset = u64(e + 48);
    if (u32(e + 16) || u32(e + 20) || u64(e + 24) != n) {
        return plx_fail(r->err, PLX_E_UNSUPPORTED, "%s is split over several disks", r->walk->path);
    }
    if ((u16(end + 10) != 0xFFFF && r->n != n) || (u32(end + 12) != 0xFFFFFFFF && r->size != size) ||
        (u32(end + 16) != 0xFFFFFFFF && r->offset != offset)) {
        return damaged(r, NULL, "its two end records disagree");
    }
    r->n = n;
    r->size = size;
    r->offset = offset;
    *dir_end = at64;
    return true;
}

static bool find_end(dir_reader *r)
{
    uint8_t tail[TAIL];
    size_t n = r->file_size < TAIL ? (size_t)r->file_size : TAIL;
    uint64_t base = r->file_size - n;
    if (!read_at(r, base, tail, n)) {
        return false;
    }
    /* libarchive takes the last signature. An earlier one counts when its comment also ends with the file: another
     * reader would then see another archive. (A stored zip inside this one has an end record too, but it ends sooner.)
     */
    size_t reaching = 0;
    size_t at = n;
    for (size_t i = 0; n >= END_SIZE && i <= n - END_SIZE; i++) {
        if (memcmp(tail + i, "PK\5\6", 4) == 0) {
            at = i;
            reaching += i + END_SIZE + u16(tail + i + 20) == n;
        }
    }
    if (at == n) {
        return plx_walk_fail(r->walk, PLX_E_TRUNCATED, NULL, r->err, "the end of its directory is missing");
    }
    const uint8_t *end = tail + at;
    size_t end_of_comment = at + END_SIZE + u16(end + 20);
    if (reaching > 1) {
        return damaged(r, NULL, "it has more than one end record");
    }
    if (end_of_comment != n) {
        return plx_walk_fail(r->walk, end_of_comment > n ? PLX_E_TRUNCATED : PLX_E_FORMAT, NULL, r->err,
                             "its end record is not at the end of the file");
    }
    if (u16(end + 4) || u16(end + 6) || u16(end + 8) != u16(end + 10)) {
        return plx_fail(r->err, PLX_E_UNSUPPORTED, "%s is split over several disks", r->walk->path);
    }
    r->n = u16(end + 10);
    r->size = u32(end + 12);
    r->offset = u32(end + 16);
    uint64_t dir_end = 0;
    if (!check_end64(r, end, base + at, &dir_end)) {
        return false;
    }
    if (r->offset > dir_end || dir_end - r->offset != r->size) {
        return damaged(r, NULL, "its central directory is not where its end record says");
    }
    return true;
}

/* Sizes and offset of 0xFFFFFFFF are found in the zip64 extra field, in this order, each only if it is needed. */
static bool apply_zip64(const uint8_t *extra, size_t n, uint64_t **wanted, size_t n_wanted)
{
    size_t at = 0;
    while (n - at >= 4) {
        size_t len = u16(extra + at + 2);
        if (len > n - at - 4) {
            return false;
        }
        if (u16(extra + at) == ZIP64_EXTRA) {
            size_t used = 0;
            for (size_t i = 0; i < n_wanted; i++) {
                if (*wanted[i] != 0xFFFFFFFF) {
                    continue;
                }
                if (len - used < 8) {
                    return false;
                }
                *wanted[i] = u64(extra + at + 4 + used);
                used += 8;
            }
            n_wanted = 0;
        }
        at += 4 + len;
    }
    for (size_t i = 0; i < n_wanted; i++) {
        if (*wanted[i] == 0xFFFFFFFF) {
            return false;
        }
    }
    return true;
}

static bool check_kind(dir_reader *r, const plx_zip_member *m)
{
    if (m->flags & (FLAG_ENCRYPTED | FLAG_MASKED)) {
        return plx_fail(r->err, PLX_E_UNSUPPORTED, "%s: member \"%s\" is encrypted", r->walk->path, m->name.ptr);
    }
    if ((m->method != 0 && m->method != 8) || (m->flags & FLAG_PATCH)) {
        plx_fail(r->err, PLX_E_UNSUPPORTED, "%s: member \"%s\" is packed with zip method %u", r->walk->path,
                 m->name.ptr, m->method);
        return plx_err_why(r->err, "stored (0) and deflate (8) are read");
    }
    if (m->method == 0 && m->packed != m->size) {
        return damaged(r, m->name.ptr, "it is stored, yet its packed and unpacked sizes differ");
    }
    return true;
}

/* One central record at p[0..n); *used is its length. */
static bool read_central(dir_reader *r, const uint8_t *p, size_t n, plx_zip_member *m, size_t *used)
{
    if (n < CENTRAL_SIZE || memcmp(p, "PK\1\2", 4) != 0) {
        return damaged(r, NULL, "its central directory is malformed");
    }
    size_t name = u16(p + 28);
    size_t extra = u16(p + 30);
    *used = CENTRAL_SIZE + name + extra + u16(p + 32);
    if (*used > n) {
        return damaged(r, NULL, "a record runs past its central directory");
    }
    const char *text = plx_arena_strndup(r->arena, (const char *)p + CENTRAL_SIZE, name);
    if (!text) {
        return plx_fail_nomem(r->err, name);
    }
    *m = (plx_zip_member){.name = {text, name},
                          .offset = u32(p + 42),
                          .packed = u32(p + 20),
                          .size = u32(p + 24),
                          .crc = u32(p + 16),
                          .mode = u32(p + 38) >> 16,
                          .method = u16(p + 10),
                          .flags = u16(p + 8)};
    if (memchr(text, 0, name)) {
        return plx_fail(r->err, PLX_E_POLICY, "%s: a member's name holds a NUL character: \"%s\"", r->walk->path, text);
    }
    uint64_t *wanted[] = {&m->size, &m->packed, &m->offset};
    if (!apply_zip64(p + CENTRAL_SIZE + name, extra, wanted, 3)) {
        return damaged(r, text, "its extra fields are malformed");
    }
    if (u16(p + 34) != 0) {
        return plx_fail(r->err, PLX_E_UNSUPPORTED, "%s is split over several disks", r->walk->path);
    }
    return check_kind(r, m);
}

static bool check_local(dir_reader *r, plx_zip_member *m)
{
    uint8_t p[LOCAL_SIZE];
    uint8_t rest[0x20000];
    const char *name = m->name.ptr;
    if (m->offset > r->offset || r->offset - m->offset < LOCAL_SIZE) {
        return damaged(r, name, "its local header lies outside the archive");
    }
    if (!read_at(r, m->offset, p, sizeof p)) {
        return false;
    }
    size_t n_name = u16(p + 26);
    size_t n_extra = u16(p + 28);
    uint64_t data = m->offset + LOCAL_SIZE + n_name + n_extra;
    if (memcmp(p, "PK\3\4", 4) != 0 || data > r->offset || m->packed > r->offset - data) {
        return damaged(r, name, "its local header or data lie outside the archive");
    }
    if (!read_at(r, m->offset + LOCAL_SIZE, rest, n_name + n_extra)) {
        return false;
    }
    if (n_name != m->name.len || (n_name && memcmp(rest, name, n_name) != 0)) {
        return damaged(r, name, "its local header has another name");
    }
    uint64_t packed = u32(p + 18);
    uint64_t size = u32(p + 22);
    uint64_t *wanted[] = {&size, &packed};
    if (!apply_zip64(rest + n_name, n_extra, wanted, 2)) {
        return damaged(r, name, "its local extra fields are malformed");
    }
    /* With the sizes after the data each of these may be left 0; macOS fills in one of them. */
    bool later = m->flags & FLAG_SIZES_LATER;
    uint32_t crc = u32(p + 14);
    bool same = (packed == m->packed || (later && packed == 0)) && (size == m->size || (later && size == 0)) &&
                (crc == m->crc || (later && crc == 0));
    if (u16(p + 6) != m->flags || u16(p + 8) != m->method || !same) {
        return damaged(r, name, "its local header disagrees with the central directory");
    }
    m->end = data + m->packed;
    return true;
}

static int by_offset(const void *a, const void *b)
{
    const plx_zip_member *x = a;
    const plx_zip_member *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* The records themselves, by offset. */
static bool read_records(dir_reader *r, const uint8_t *bytes, plx_zip_dir *out)
{
    size_t at = 0;
    size_t n = (size_t)r->size;
    for (size_t i = 0; i < out->n; i++) {
        size_t used = 0;
        plx_zip_member *m = &out->members[i];
        if (!read_central(r, bytes + at, n - at, m, &used)) {
            return false;
        }
        if (m->offset > r->offset || r->offset - m->offset < LOCAL_SIZE ||
            m->packed > r->offset - m->offset - LOCAL_SIZE) {
            return damaged(r, m->name.ptr, "its local header or data lie outside the archive");
        }
        at += used;
    }
    if (at != n) {
        return damaged(r, NULL, "its central directory is longer than its entries");
    }
    if (out->n > 1) {
        qsort(out->members, out->n, sizeof *out->members, by_offset);
    }
    return true;
}

static bool check_locals(dir_reader *r, plx_zip_dir *out)
{
    uint64_t end = 0;
    for (size_t i = 0; i < out->n; i++) {
        plx_zip_member *m = &out->members[i];
        if ((i & 1023) == 0 && !plx_ctx_go_on(r->walk->ctx, r->err)) {
            return false;
        }
        if (i == 0 ? m->offset != 0 : m->offset < end) {
            return damaged(r, m->name.ptr, i ? "it overlaps another member" : "there are bytes before the archive");
        }
        if (!check_local(r, m)) {
            return false;
        }
        end = m->end;
    }
    return true;
}

static bool list(dir_reader *r, plx_zip_dir *out)
{
    const plx_walk *walk = r->walk;
    if (!find_end(r)) {
        return false;
    }
    if (r->n > walk->limits.entries) {
        plx_fail(r->err, PLX_E_LIMIT, "%s has too many members", walk->path);
        return plx_err_why(r->err, "%llu, of which at most %u are read", (unsigned long long)r->n,
                           walk->limits.entries);
    }
    if (r->size > walk->limits.memory_bytes) {
        return plx_fail(r->err, PLX_E_LIMIT, "the directory of %s is too large", walk->path);
    }
    if (r->size / CENTRAL_SIZE < r->n) {
        return damaged(r, NULL, "its central directory is shorter than its entries");
    }
    out->n = (size_t)r->n;
    out->offset = r->offset;
    out->members = plx_arena_zero(r->arena, out->n ? out->n : 1, sizeof *out->members);
    uint8_t *bytes = plx_alloc((size_t)r->size);
    if (!out->members || !bytes) {
        plx_free(bytes);
        return plx_fail_nomem(r->err, (size_t)r->size);
    }
    bool ok = read_at(r, r->offset, bytes, (size_t)r->size) && read_records(r, bytes, out);
    plx_free(bytes);
    return ok;
}

bool plx_zip_read_dir(const plx_walk *walk, int fd, plx_arena *arena, plx_zip_dir *out, plx_err *err)
{
    plx_ranged_file file;
    if (!plx_ranged_from_fd(fd, walk->path, 0, &file, err)) {
        return false;
    }
    dir_reader r = {.walk = walk, .from = &file.base, .arena = arena, .file_size = file.base.size, .err = err};
    return list(&r, out) && check_locals(&r, out);
}

bool plx_zip_list(const plx_walk *walk, plx_ranged *zip, plx_arena *arena, plx_zip_dir *out, plx_err *err)
{
    dir_reader r = {.walk = walk, .from = zip, .arena = arena, .file_size = zip->size, .err = err};
    return list(&r, out);
}

bool plx_zip_locate(const plx_walk *walk, plx_ranged *bytes, const plx_zip_dir *dir, plx_zip_member *member,
                    plx_err *err)
{
    dir_reader r = {.walk = walk, .from = bytes, .file_size = bytes->size, .offset = dir->offset, .err = err};
    return check_local(&r, member);
}

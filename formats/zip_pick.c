/* SPDX-License-Identifier: Apache-2.0
 *
 * The directory through archive_zip_dir.c, the data through zlib, which takes them as they come.
 */
#include "formats/zip_pick.h"

#include "core/alloc.h"
#include "formats/archive_zip_dir.h"

#include <string.h>
#include <zlib.h>

enum {
    PACKED_CHUNK = 64 * 1024,
    RATIO_GRACE = 1 << 20,
    HEADER_LEAST = 30,
    HEADER_MOST = 30 + 2 * 65535,
    DESCRIPTOR = 24
};

struct plx_zip_index {
    plx_arena *arena;
    plx_walk walk; /* path and limits, for the directory reader */
    plx_zip_dir dir;
};

bool plx_zip_index_read(const plx_ctx *ctx, plx_ranged *zip, plx_zip_index **out, plx_err *err)
{
    plx_zip_index *index = plx_alloc_zero(1, sizeof *index);
    if (!index) {
        return plx_fail_nomem(err, sizeof *index);
    }
    index->walk.ctx = ctx;
    index->walk.limits = plx_limits_of(ctx);
    index->arena = plx_arena_new((size_t)index->walk.limits.memory_bytes);
    index->walk.path = index->arena ? plx_arena_strdup(index->arena, zip->name) : NULL;
    bool ok =
        index->walk.path ? plx_zip_list(&index->walk, zip, index->arena, &index->dir, err) : plx_fail_nomem(err, 0);
    index->walk.ctx = NULL; /* of this call only */
    if (!ok) {
        plx_zip_index_free(index);
        return false;
    }
    *out = index;
    return true;
}

void plx_zip_index_free(plx_zip_index *index)
{
    if (index) {
        plx_arena_free(index->arena);
        plx_free(index);
    }
}

size_t plx_zip_index_count(const plx_zip_index *index)
{
    return index->dir.n;
}

void plx_zip_index_at(const plx_zip_index *index, size_t i, plx_zip_pick *out)
{
    const plx_zip_member *m = &index->dir.members[i];
    uint64_t next = i + 1 < index->dir.n ? index->dir.members[i + 1].offset : index->dir.offset;
    uint64_t most = m->offset + HEADER_MOST + DESCRIPTOR;
    uint32_t kind = m->mode & 0170000;
    if (__builtin_add_overflow(most, m->packed, &most) || most > next) {
        most = next;
    }
    *out = (plx_zip_pick){.name = m->name.ptr,
                          .index = i,
                          .from = m->offset,
                          .to = most,
                          .packed = m->packed,
                          .size = m->size,
                          .crc = m->crc,
                          .is_file =
                              m->name.len > 0 && m->name.ptr[m->name.len - 1] != '/' && (kind == 0 || kind == 0100000)};
}

bool plx_zip_pick_check(const plx_zip_index *index, const plx_zip_pick *pick, plx_err *err)
{
    if (pick->to - pick->from >= HEADER_LEAST && pick->packed <= pick->to - pick->from - HEADER_LEAST) {
        return true;
    }
    plx_fail(err, PLX_E_FORMAT, "%s is damaged", index->walk.path);
    plx_note(err, "member \"%s\"", pick->name);
    return plx_err_why(err, "it overlaps another member");
}

bool plx_zip_index_find(const plx_zip_index *index, const char *name, plx_zip_pick *out, plx_err *err)
{
    size_t found = index->dir.n;
    for (size_t i = 0; i < index->dir.n; i++) {
        if (!plx_slice_is(index->dir.members[i].name, name)) {
            continue;
        }
        if (found < index->dir.n) {
            return plx_fail(err, PLX_E_FORMAT, "%s holds two members \"%s\"", index->walk.path, name);
        }
        found = i;
    }
    if (found == index->dir.n) {
        return plx_fail(err, PLX_E_NOTFOUND, "%s has no member \"%s\"", index->walk.path, name);
    }
    plx_zip_index_at(index, found, out);
    return (out->is_file || plx_fail(err, PLX_E_FORMAT, "\"%s\" in %s is no file", name, index->walk.path)) &&
           plx_zip_pick_check(index, out, err);
}

typedef struct pick_source {
    plx_source base;
    plx_ctx ctx;
    plx_ranged *bytes;
    uint64_t at, end; /* packed bytes not read yet */
    uint64_t size, done;
    uint32_t crc, want;
    bool stored, ended;
    z_stream z;
    uint8_t chunk[PACKED_CHUNK];
    char name[];
} pick_source;

static voidpf zlib_alloc(voidpf opaque, uInt items, uInt size)
{
    (void)opaque;
    return plx_alloc_zero(items, size);
}

static void zlib_free(voidpf opaque, voidpf ptr)
{
    (void)opaque;
    plx_free(ptr);
}

static bool damaged(const pick_source *s, const char *why, plx_err *err)
{
    plx_fail(err, PLX_E_FORMAT, "%s is damaged", s->base.name);
    return plx_err_why(err, "%s", why);
}

static bool refill(pick_source *s, plx_err *err)
{
    uint64_t left = s->end - s->at;
    size_t n = left < sizeof s->chunk ? (size_t)left : sizeof s->chunk;
    if (s->z.avail_in > 0 || n == 0) {
        return true;
    }
    if (!plx_ctx_go_on(&s->ctx, err) || !s->bytes->read_at(s->bytes, s->at, s->chunk, n, err)) {
        return false;
    }
    s->at += n;
    s->z.next_in = s->chunk;
    s->z.avail_in = (uInt)n;
    return true;
}

static bool inflate_some(pick_source *s, uint8_t *out, size_t cap, size_t *got, plx_err *err)
{
    s->z.next_out = out;
    s->z.avail_out = cap < UINT32_MAX ? (uInt)cap : UINT32_MAX;
    uInt room = s->z.avail_out;
    while (s->z.avail_out == room && !s->ended) {
        if (!refill(s, err)) {
            return false;
        }
        bool last = s->z.avail_in == 0;
        int rc = inflate(&s->z, Z_NO_FLUSH);
        s->ended = rc == Z_STREAM_END;
        if (rc == Z_MEM_ERROR) {
            return plx_fail_nomem(err, 0);
        }
        if ((rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) || (last && !s->ended && s->z.avail_out == room)) {
            return damaged(s, "its compressed data are damaged", err);
        }
    }
    *got = room - s->z.avail_out;
    return true;
}

static bool copy_some(pick_source *s, uint8_t *out, size_t cap, size_t *got, plx_err *err)
{
    uint64_t left = s->end - s->at;
    *got = left < cap ? (size_t)left : cap;
    if (*got > 0 && (!plx_ctx_go_on(&s->ctx, err) || !s->bytes->read_at(s->bytes, s->at, out, *got, err))) {
        return false;
    }
    s->at += *got;
    s->ended = s->at == s->end;
    return true;
}

static bool pick_read(plx_source *self, void *out, size_t cap, size_t *got, plx_err *err)
{
    pick_source *s = (pick_source *)self;
    *got = 0;
    if (!s->ended && cap > 0 && !(s->stored ? copy_some(s, out, cap, got, err) : inflate_some(s, out, cap, got, err))) {
        return false;
    }
    s->crc = (uint32_t)crc32_z(s->crc, out, *got);
    s->done += *got;
    if (s->done > s->size || (s->ended && s->done < s->size)) {
        return damaged(s, "it does not unpack to the size its directory gives", err);
    }
    if (s->ended && s->crc != s->want) {
        return damaged(s, "its CRC does not match", err);
    }
    if (s->ended && !s->stored && (s->z.avail_in > 0 || s->at < s->end)) {
        return damaged(s, "its compressed data end before they should", err);
    }
    return true;
}

static void pick_close(plx_source *self)
{
    pick_source *s = (pick_source *)self;
    if (!s->stored) {
        inflateEnd(&s->z);
    }
    plx_free(s);
}

static bool check_budget(const plx_ctx *ctx, const char *name, const plx_zip_member *m, plx_err *err)
{
    plx_limits limits = plx_limits_of(ctx);
    const char *why = NULL;
    if (m->size > limits.file_bytes) {
        why = "it unpacks to more than is allowed for one file";
    } else if (m->size > RATIO_GRACE && m->size / limits.ratio > m->packed) {
        why = "it would unpack to far more bytes than it takes in the file, as zip bombs do";
    }
    if (why) {
        plx_fail(err, PLX_E_LIMIT, "%s is too large", name);
        plx_err_why(err, "%s", why);
    }
    return !why;
}

bool plx_zip_pick_open(const plx_ctx *ctx, const plx_zip_index *index, const plx_zip_pick *pick, plx_ranged *bytes,
                       plx_source **out, plx_err *err)
{
    plx_walk walk = index->walk;
    plx_zip_member m = index->dir.members[pick->index];
    size_t room = strlen(index->walk.path) + m.name.len + 2;
    pick_source *s = plx_alloc_zero(1, sizeof *s + room);
    if (!s) {
        return plx_fail_nomem(err, sizeof *s + room);
    }
    snprintf(s->name, room, "%s!%s", index->walk.path, m.name.ptr);
    walk.ctx = ctx;
    if (!check_budget(ctx, s->name, &m, err) || !plx_zip_locate(&walk, bytes, &index->dir, &m, err)) {
        plx_free(s);
        return false;
    }
    s->ctx = *ctx;
    s->bytes = bytes;
    s->at = m.end - m.packed;
    s->end = m.end;
    s->size = m.size;
    s->want = m.crc;
    s->stored = m.method == 0;
    s->ended = s->stored && m.packed == 0;
    s->base = (plx_source){s->name, (int64_t)m.size, pick_read, pick_close, NULL};
    s->z.zalloc = zlib_alloc;
    s->z.zfree = zlib_free;
    if (!s->stored && inflateInit2(&s->z, -MAX_WBITS) != Z_OK) {
        plx_free(s);
        return plx_fail_nomem(err, 0);
    }
    *out = &s->base;
    return true;
}

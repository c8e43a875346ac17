/* SPDX-License-Identifier: Apache-2.0
 *
 * Byte sources: regular files, memory, gzip (RFC 1952) over another source.
 * gzip: zlib checks CRC and length of every member; zero padding between and after members is skipped, as gzip(1) does.
 * Not supported: zlib and raw deflate streams, pipes and devices.
 */
#include "formats/source.h"

#include "core/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    PACKED_CHUNK = 64 * 1024,
    RATIO_FREE = 1024 * 1024,      /* unpacked bytes before the ratio counts */
    SLURP_FIRST = 64 * 1024,       /* first block when the size is unknown */
    SLURP_TRUST = 64 * 1024 * 1024 /* a stated size is believed up to here */
};

void plx_source_close(plx_source *source)
{
    if (source) {
        source->close(source);
    }
}

/* ---- files ---- */

typedef struct file_source {
    plx_source base;
    int fd;
    char name[];
} file_source;

static bool file_read(plx_source *self, void *out, size_t cap, size_t *got, plx_err *err)
{
    file_source *f = (file_source *)self;
    *got = 0;
    ssize_t n;
    do {
        n = read(f->fd, out, cap < SSIZE_MAX ? cap : SSIZE_MAX);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return plx_fail_sys(err, errno, "cannot read %s", self->name);
    }
    *got = (size_t)n;
    return true;
}

static bool file_rewind(plx_source *self, plx_err *err)
{
    if (lseek(((file_source *)self)->fd, 0, SEEK_SET) < 0) {
        return plx_fail_sys(err, errno, "cannot go back to the start of %s", self->name);
    }
    return true;
}

static void file_close(plx_source *self)
{
    close(((file_source *)self)->fd);
    plx_free(self);
}

/* Non-blocking so that a pipe without a writer is refused instead of waited for. */
static bool open_regular(const char *path, int *out_fd, int64_t *size, plx_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        int sys = errno;
        struct stat st;
        if (sys == ENXIO && stat(path, &st) == 0) { /* a socket cannot be opened at all */
            return plx_fail(err, PLX_E_POLICY, "%s is not a regular file", path);
        }
        if (sys == ENOTDIR) {
            return plx_fail(err, PLX_E_NOTFOUND, "there is no file %s", path);
        }
        return plx_fail_sys(err, sys, "cannot open %s", path);
    }
    struct stat st;
    if (fstat(fd, &st) != 0) {
        plx_fail_sys(err, errno, "cannot open %s", path);
    } else if (S_ISDIR(st.st_mode)) {
        plx_fail(err, PLX_E_ARG, "%s is a folder, and a file is needed", path);
    } else if (!S_ISREG(st.st_mode)) {
        plx_fail(err, PLX_E_POLICY, "%s is a pipe or a device; only regular files are read", path);
    } else {
        *out_fd = fd;
        *size = (int64_t)st.st_size;
        return true;
    }
    close(fd);
    return false;
}

static bool starts_with_gzip(int fd)
{
    uint8_t magic[3];
    return pread(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic && magic[0] == 0x1f && magic[1] == 0x8b &&
           magic[2] == 8;
}

bool plx_source_file(const plx_ctx *ctx, const char *path, bool sniff_gzip, plx_source **out, plx_err *err)
{
    *out = NULL;
    int fd;
    int64_t size;
    if (!open_regular(path, &fd, &size, err)) {
        return false;
    }
    size_t name_bytes = strlen(path) + 1;
    file_source *f = plx_alloc(sizeof *f + name_bytes);
    if (!f) {
        close(fd);
        return plx_fail_nomem(err, sizeof *f + name_bytes);
    }
    memcpy(f->name, path, name_bytes);
    f->fd = fd;
    f->base = (plx_source){f->name, size, file_read, file_close, file_rewind};
    if (sniff_gzip && starts_with_gzip(fd)) {
        return plx_source_gzip(ctx, &f->base, out, err);
    }
    *out = &f->base;
    return true;
}

/* ---- memory ---- */

typedef struct mem_source {
    plx_source base;
    const uint8_t *bytes;
    size_t len, pos;
    char name[];
} mem_source;

static bool mem_read(plx_source *self, void *out, size_t cap, size_t *got, plx_err *err)
{
    (void)err;
    mem_source *m = (mem_source *)self;
    size_t n = m->len - m->pos < cap ? m->len - m->pos : cap;
    if (n > 0) {
        memcpy(out, m->bytes + m->pos, n);
    }
    m->pos += n;
    *got = n;
    return true;
}

static bool mem_rewind(plx_source *self, plx_err *err)
{
    (void)err;
    ((mem_source *)self)->pos = 0;
    return true;
}

static void mem_close(plx_source *self)
{
    plx_free(self);
}

bool plx_source_mem(const char *name, const void *bytes, size_t len, plx_source **out, plx_err *err)
{
    *out = NULL;
    size_t name_bytes = strlen(name) + 1;
    mem_source *m = plx_alloc(sizeof *m + name_bytes);
    if (!m) {
        return plx_fail_nomem(err, sizeof *m + name_bytes);
    }
    memcpy(m->name, name, name_bytes);
    m->bytes = bytes;
    m->len = len;
    m->pos = 0;
    m->base = (plx_source){m->name, (int64_t)len, mem_read, mem_close, mem_rewind};
    *out = &m->base;
    return true;
}

/* ---- gzip ---- */

typedef struct gzip_source {
    plx_source base;
    plx_ctx ctx;
    plx_source *packed;
    z_stream z;
    uint64_t in, out; /* bytes taken from `packed`, bytes handed out */
    uint64_t max_out;
    uint32_t ratio;
    bool packed_ended;
    bool in_member; /* between the first byte of a header and the end of its trailer */
    bool any_member;
    uint8_t chunk[PACKED_CHUNK];
} gzip_source;

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

/* Offset in the packed file of the next byte zlib has not seen. */
static unsigned long long packed_offset(const gzip_source *g)
{
    return (unsigned long long)(g->in - g->z.avail_in);
}

static bool gzip_refill(gzip_source *g, plx_err *err)
{
    if (g->z.avail_in > 0 || g->packed_ended) {
        return true;
    }
    size_t got;
    if (!plx_ctx_go_on(&g->ctx, err) || !g->packed->read(g->packed, g->chunk, sizeof g->chunk, &got, err)) {
        return false;
    }
    g->packed_ended = got == 0;
    g->in += got;
    g->z.next_in = g->chunk;
    g->z.avail_in = (uInt)got;
    return true;
}

/* Stand at the first byte of the next member, or at the end of the input (avail_in 0). */
static bool gzip_next_member(gzip_source *g, plx_err *err)
{
    for (;;) {
        if (!gzip_refill(g, err)) {
            return false;
        }
        if (g->z.avail_in == 0) {
            if (!g->any_member) {
                return plx_fail(err, PLX_E_TRUNCATED, "%s is empty, and a gzip stream was expected", g->base.name);
            }
            return true;
        }
        if (g->z.next_in[0] != 0 || !g->any_member) {
            break;
        }
        g->z.next_in++;
        g->z.avail_in--;
    }
    if (g->z.next_in[0] != 0x1f) {
        plx_fail(err, PLX_E_FORMAT, g->any_member ? "%s goes on after its gzip stream ends" : "%s is not a gzip stream",
                 g->base.name);
        return plx_note(err, "byte %llu of the packed file", packed_offset(g));
    }
    if (g->any_member && inflateReset(&g->z) != Z_OK) {
        return plx_fail(err, PLX_E_BUG, "the inflater of %s cannot be reset", g->base.name);
    }
    g->in_member = true;
    g->any_member = true;
    return true;
}

static bool gzip_check_limits(const gzip_source *g, plx_err *err)
{
    if (g->out > g->max_out) {
        plx_fail(err, PLX_E_LIMIT, "%s unpacks to more than the limit of %llu bytes", g->base.name,
                 (unsigned long long)g->max_out);
        return plx_note(err, "byte %llu of the packed file", packed_offset(g));
    }
    uint64_t used = g->in - g->z.avail_in;
    if (g->out > RATIO_FREE && g->out / g->ratio > used) {
        plx_fail(err, PLX_E_LIMIT, "%s unpacks to more than %u times its size", g->base.name, g->ratio);
        return plx_err_why(err, "%llu packed bytes gave %llu bytes so far", (unsigned long long)used,
                           (unsigned long long)g->out);
    }
    return true;
}

static bool gzip_damaged(const gzip_source *g, int status, plx_err *err)
{
    if (status == Z_MEM_ERROR) {
        return plx_fail_nomem(err, 32 * 1024);
    }
    plx_fail(err, PLX_E_FORMAT, "the gzip stream of %s is damaged", g->base.name);
    plx_note(err, "byte %llu of the packed file, byte %llu unpacked", packed_offset(g), (unsigned long long)g->out);
    return plx_err_why(err, "%s", g->z.msg ? g->z.msg : "it asks for a dictionary");
}

static bool gzip_read(plx_source *self, void *out, size_t cap, size_t *got, plx_err *err)
{
    gzip_source *g = (gzip_source *)self;
    *got = 0;
    uInt room = cap < UINT_MAX ? (uInt)cap : UINT_MAX;
    g->z.next_out = out;
    g->z.avail_out = room;
    while (g->z.avail_out > 0) {
        if (!g->in_member) {
            if (!gzip_next_member(g, err)) {
                return false;
            }
            if (!g->in_member) {
                break;
            }
        }
        if (!gzip_refill(g, err)) {
            return false;
        }
        if (g->packed_ended && g->z.avail_in == 0) {
            plx_fail(err, PLX_E_TRUNCATED, "the gzip stream of %s ends early", self->name);
            return plx_note(err, "byte %llu of the packed file, byte %llu unpacked", packed_offset(g),
                            (unsigned long long)g->out);
        }
        uInt before = g->z.avail_out;
        int status = inflate(&g->z, Z_NO_FLUSH);
        g->out += before - g->z.avail_out;
        if (status == Z_STREAM_END) {
            g->in_member = false;
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            return gzip_damaged(g, status, err);
        }
        if (!gzip_check_limits(g, err)) {
            return false;
        }
    }
    *got = room - g->z.avail_out;
    return true;
}

static bool gzip_rewind(plx_source *self, plx_err *err)
{
    gzip_source *g = (gzip_source *)self;
    if (!g->packed->rewind(g->packed, err)) {
        return false;
    }
    if (inflateReset(&g->z) != Z_OK) {
        return plx_fail(err, PLX_E_BUG, "the inflater of %s cannot be reset", self->name);
    }
    g->z.avail_in = 0;
    g->in = g->out = 0;
    g->packed_ended = g->in_member = g->any_member = false;
    return true;
}

static void gzip_close(plx_source *self)
{
    gzip_source *g = (gzip_source *)self;
    inflateEnd(&g->z);
    plx_source_close(g->packed);
    plx_free(g);
}

bool plx_source_gzip(const plx_ctx *ctx, plx_source *packed, plx_source **out, plx_err *err)
{
    *out = NULL;
    gzip_source *g = plx_alloc_zero(1, sizeof *g);
    if (!g) {
        plx_source_close(packed);
        return plx_fail_nomem(err, sizeof *g);
    }
    plx_limits defaults = plx_limits_default();
    g->ctx = *ctx;
    g->packed = packed;
    g->max_out = ctx->limits.file_bytes ? ctx->limits.file_bytes : defaults.file_bytes;
    g->ratio = ctx->limits.ratio ? ctx->limits.ratio : defaults.ratio;
    g->z.zalloc = zlib_alloc;
    g->z.zfree = zlib_free;
    g->base = (plx_source){packed->name, -1, gzip_read, gzip_close, packed->rewind ? gzip_rewind : NULL};
    int status = inflateInit2(&g->z, 15 + 16); /* largest window, gzip wrapping only */
    if (status != Z_OK) {
        plx_source_close(packed);
        plx_free(g);
        return status == Z_MEM_ERROR ? plx_fail_nomem(err, 8 * 1024)
                                     : plx_fail(err, PLX_E_BUG, "zlib cannot start: status %d", status);
    }
    *out = &g->base;
    return true;
}

/* ---- everything at once ---- */

static bool slurp_limit(const plx_source *source, uint64_t limit, plx_err *err)
{
    return plx_fail(err, PLX_E_LIMIT, "%s is longer than the limit of %llu bytes", source->name,
                    (unsigned long long)limit);
}

bool plx_source_slurp(plx_source *source, uint64_t limit, plx_buf *out, plx_err *err)
{
    *out = (plx_buf){0};
    size_t most = limit < SIZE_MAX / 2 ? (size_t)limit : SIZE_MAX / 2;
    size_t cap = SLURP_FIRST;
    if (source->size >= 0) {
        cap = source->size < SLURP_TRUST ? (size_t)source->size : SLURP_TRUST;
    }
    cap = cap < most ? cap : most;
    cap += 1; /* room to notice the end without growing */
    uint8_t *bytes = plx_alloc(cap);
    if (!bytes) {
        return plx_fail_nomem(err, cap);
    }
    size_t len = 0;
    for (;;) {
        if (len == cap && !plx_grow(&bytes, &cap, cap + 1, 1)) {
            plx_fail_nomem(err, cap * 2);
            break;
        }
        size_t got;
        if (!source->read(source, bytes + len, cap - len, &got, err)) {
            break;
        }
        if (got == 0) {
            *out = plx_buf_own(bytes, len);
            return true;
        }
        len += got;
        if (len > most) {
            slurp_limit(source, limit, err);
            break;
        }
    }
    plx_free(bytes);
    return false;
}

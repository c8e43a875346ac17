/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal is text, appended to and never synced: it is believed only where the SHA-256 it gives for the bytes up to
 * an offset is that of the bytes which are there. So neither lost pages nor a torn line can do harm, and taking over
 * costs one pass over the bytes, which rebuilds the state of the hashes on the way.
 *
 *   plexus part 1
 *   key <64 hex>
 *   from <16 hex of the address' hash> <validator>
 *   at <offset> <first 32 hex of the SHA-256 of all bytes before it>
 */
#include "registry/part.h"

#include "core/alloc.h"
#include "core/aside.h"
#include "core/buf.h"
#include "core/num.h"
#include "core/progress.h"
#include "registry/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 256 * 1024, SHORT_HEX = 32, WORTH_KEEPING = PLX_PART_SMALL, MAX_JOURNAL = 64 << 20 };
enum {
    BESIDE_FROM = 4 << 20,
    EARLY = 8 << 20
}; /* at which multiple another thread begins to hash; how much is synced early */

/* The thread that hashes, and what it has in hand. */
struct plx_part_beside {
    plx_aside *thread;
    bool pending; /* `part->sha` and `md5` do not have it yet */
    plx_sha256 sha;
    plx_md5 md5;
    bool with_md5;
    uint8_t *bytes;
    size_t len;
    uint64_t end;   /* where in the file they end */
    uint8_t *other; /* the buffer that is not `part->buf`: that of `bytes` once there are any */
    int fd;
};

static const char head[] = "plexus part 1\nkey ";

static void hash_url(const char *url, char out[17])
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest digest = plx_sha256_of(url, strlen(url));
    plx_digest_hex(&digest, hex);
    memcpy(out, hex, 16);
    out[16] = '\0';
}

static void begin_hashes(plx_part *part)
{
    plx_sha256_init(&part->sha);
    plx_md5_init(&part->md5);
    part->bytes = 0;
    part->used = 0;
}

static void hash(plx_part *part, const void *bytes, size_t len)
{
    plx_sha256_update(&part->sha, bytes, len);
    if (part->with_md5) {
        plx_md5_update(&part->md5, bytes, len);
    }
}

plx_digest plx_part_digest(const plx_part *part, char *md5)
{
    plx_sha256 sha = part->sha;
    if (md5) {
        plx_md5 copy = part->md5;
        plx_md5_final(&copy, md5);
    }
    return plx_sha256_final(&sha);
}

static void stop_beside(plx_part *part)
{
    if (part->beside) {
        plx_aside_free(part->beside->thread);
        plx_free(part->beside->other);
        plx_free(part->beside);
        part->beside = NULL;
    }
}

static void close_all(plx_part *part)
{
    stop_beside(part);
    if (part->fd >= 0) {
        close(part->fd);
    }
    if (part->journal >= 0) {
        close(part->journal);
    }
    part->fd = part->journal = -1;
    plx_free(part->buf);
    part->buf = NULL;
    part->used = 0;
}

void plx_part_drop(plx_part *part)
{
    close_all(part);
    if (part->dir[0]) {
        plx_fs_remove_tree(part->dir, NULL);
        part->dir[0] = part->path[0] = '\0';
    }
}

static bool open_bytes(plx_part *part, plx_err *err)
{
    if (!plx_path_join(part->path, part->dir, "blob", err)) {
        return false;
    }
    part->buf = plx_alloc(BLOCK);
    if (!part->buf) {
        return plx_fail_nomem(err, BLOCK);
    }
    part->fd = open(part->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    return part->fd >= 0 || plx_fail_sys(err, errno, "cannot make %s", part->path);
}

static bool say(plx_part *part, const char *text, size_t len, plx_err *err)
{
    char path[PLX_PATH];
    if (part->journal < 0) {
        char first[PLX_SHA256_HEX + PLX_PART_VALIDATOR + 64];
        int n = snprintf(first, sizeof first, "%s%s\nfrom %s %s\n", head, part->key,
                         part->url[0] ? part->url : "0000000000000000", part->validator);
        if (!plx_path_join(path, part->dir, "journal", err)) {
            return false;
        }
        part->journal = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (part->journal < 0) {
            return plx_fail_sys(err, errno, "cannot make %s", path);
        }
        if (!plx_fs_write_all(part->journal, first, (size_t)n, path, err)) {
            return false;
        }
    }
    return plx_fs_write_all(part->journal, text, len, "the journal of a download", err);
}

static bool mark(plx_part *part, uint64_t offset, plx_err *err)
{
    char line[128], hex[PLX_SHA256_HEX + 1];
    plx_digest digest = plx_part_digest(part, NULL);
    plx_digest_hex(&digest, hex);
    int n = snprintf(line, sizeof line, "at %llu %.*s\n", (unsigned long long)offset, SHORT_HEX, hex);
    return say(part, line, (size_t)n, err);
}

/* Take back what the other thread has hashed. */
static bool settle(plx_part *part, plx_err *err)
{
    struct plx_part_beside *b = part->beside;
    if (!b || !b->pending) {
        return true;
    }
    plx_aside_wait(b->thread);
    b->pending = false;
    part->sha = b->sha;
    part->md5 = b->md5;
    return b->end % PLX_PART_STEP != 0 || mark(part, b->end, err);
}

static void work_beside(void *payload)
{
    struct plx_part_beside *b = payload;
    plx_sha256_update(&b->sha, b->bytes, b->len);
    if (b->with_md5) {
        plx_md5_update(&b->md5, b->bytes, b->len);
    }
    if (b->end % EARLY == 0) { /* the last block may still be on its way */
        plx_fs_start_sync(b->fd, b->end - EARLY - (b->end > EARLY ? BLOCK : 0), EARLY);
    }
}

/* Hash in another thread from here on, if one can be had. */
static void begin_beside(plx_part *part)
{
    struct plx_part_beside *b = plx_alloc_zero(1, sizeof *b);
    if (!b) {
        return;
    }
    b->other = plx_alloc(BLOCK);
    b->thread = b->other ? plx_aside_new(work_beside, b) : NULL;
    part->beside = b;
    if (!b->thread) {
        stop_beside(part);
    }
}

bool plx_part_from(plx_part *part, const char *url, const char *validator, plx_err *err)
{
    char hex[17], line[PLX_PART_VALIDATOR + 64];
    if (!settle(part, err)) {
        return false;
    }
    hash_url(url, hex);
    bool fits = strlen(validator) < sizeof part->validator;
    if (strcmp(hex, part->url) == 0 && strcmp(fits ? validator : "", part->validator) == 0) {
        return true;
    }
    memcpy(part->url, hex, sizeof hex);
    snprintf(part->validator, sizeof part->validator, "%s", fits ? validator : "");
    if (part->journal < 0) {
        return true;
    }
    int n = snprintf(line, sizeof line, "from %s %s\n", part->url, part->validator);
    return say(part, line, (size_t)n, err);
}

bool plx_part_is_from(const plx_part *part, const char *url)
{
    char hex[17];
    hash_url(url, hex);
    return strcmp(hex, part->url) == 0;
}

/* What `part->buf` holds, a block or the rest of one, hashed and written; `part->bytes` counts it already. */
static bool put(plx_part *part, plx_err *err)
{
    size_t len = part->used;
    part->used = 0;
    if (!part->beside && part->bytes % BESIDE_FROM == 0) {
        begin_beside(part);
    }
    struct plx_part_beside *b = part->beside;
    if (!b) {
        hash(part, part->buf, len);
        return plx_fs_write_all(part->fd, part->buf, len, part->path, err) &&
               (part->bytes % PLX_PART_STEP != 0 || mark(part, part->bytes, err));
    }
    if (!settle(part, err)) {
        return false;
    }
    b->sha = part->sha;
    b->md5 = part->md5;
    b->with_md5 = part->with_md5;
    b->bytes = part->buf;
    b->len = len;
    b->end = part->bytes;
    b->fd = part->fd;
    b->pending = true;
    part->buf = b->other;
    b->other = b->bytes;
    plx_aside_start(b->thread);
    return plx_fs_write_all(part->fd, b->bytes, len, part->path, err);
}

bool plx_part_flush(plx_part *part, plx_err *err)
{
    return (part->used == 0 || put(part, err)) && settle(part, err);
}

bool plx_part_write(plx_part *part, const void *bytes, size_t len, plx_err *err)
{
    const uint8_t *at = bytes;
    if (part->beside && part->beside->pending && !plx_aside_is_busy(part->beside->thread) && !settle(part, err)) {
        return false; /* its mark should not wait until a slow server has filled another block */
    }
    while (len > 0) {
        size_t room = BLOCK - (size_t)(part->bytes % BLOCK); /* blocks end at multiples, and so do marks */
        size_t n = len < room ? len : room;
        memcpy(part->buf + part->used, at, n);
        part->used += n;
        part->bytes += n;
        if (n == room && !put(part, err)) {
            return false;
        }
        at += n;
        len -= n;
    }
    return true;
}

bool plx_part_restart(plx_part *part, plx_err *err)
{
    char path[PLX_PATH];
    stop_beside(part);
    begin_hashes(part);
    part->resumed = 0;
    part->mixed = false;
    part->url[0] = part->validator[0] = '\0';
    if (part->journal >= 0) {
        close(part->journal);
        part->journal = -1;
    }
    if (!plx_path_join(path, part->dir, "journal", err)) {
        return false;
    }
    if (unlink(path) != 0 && errno != ENOENT) {
        return plx_fail_sys(err, errno, "cannot remove %s", path);
    }
    return (ftruncate(part->fd, 0) == 0 && lseek(part->fd, 0, SEEK_SET) == 0) ||
           plx_fail_sys(err, errno, "cannot empty %s", part->path);
}

bool plx_part_publish(plx_part *part, const plx_digest *digest, plx_err *err)
{
    bool ok = plx_part_flush(part, err);
    ok = ok && (fchmod(part->fd, 0444) == 0 || plx_fail_sys(err, errno, "cannot make %s read-only", part->path));
    ok = ok && plx_fs_sync_fd(part->fd, part->path, err);
    close_all(part);
    ok = ok && plx_blob_publish(part->store, part->path, digest, part->bytes, err);
    plx_part_drop(part);
    return ok;
}

void plx_part_leave(plx_part *part)
{
    if (part->fd < 0 || part->bytes < WORTH_KEEPING || !plx_part_flush(part, NULL) || !mark(part, part->bytes, NULL)) {
        plx_part_drop(part);
        return;
    }
    close_all(part);
    plx_store_leave_partial(part->store, part->dir);
    part->dir[0] = part->path[0] = '\0';
}

/* One line of a journal. */
typedef struct reader {
    const char *at, *end;
} reader;

static bool next_line(reader *r, plx_slice *line)
{
    const char *stop = r->at < r->end ? memchr(r->at, '\n', (size_t)(r->end - r->at)) : NULL;
    if (!stop) {
        return false; /* what has no end was torn */
    }
    *line = (plx_slice){r->at, (size_t)(stop - r->at)};
    r->at = stop + 1;
    return true;
}

static bool read_from(plx_slice line, plx_part *part)
{
    if (line.len < 22 || memcmp(line.ptr, "from ", 5) != 0 || line.ptr[21] != ' ' ||
        line.len - 22 >= PLX_PART_VALIDATOR) {
        return false;
    }
    memcpy(part->url, line.ptr + 5, 16);
    part->url[16] = '\0';
    memcpy(part->validator, line.ptr + 22, line.len - 22);
    part->validator[line.len - 22] = '\0';
    return true;
}

static bool read_at(plx_slice line, uint64_t *offset, plx_slice *hex)
{
    const char *blank =
        line.len > 3 && memcmp(line.ptr, "at ", 3) == 0 ? memchr(line.ptr + 3, ' ', line.len - 3) : NULL;
    if (!blank || (size_t)(line.ptr + line.len - blank) != SHORT_HEX + 1) {
        return false;
    }
    *hex = (plx_slice){blank + 1, SHORT_HEX};
    return plx_parse_u64(line.ptr + 3, (size_t)(blank - line.ptr - 3), offset);
}

/* Hash the bytes up to `to`. *whole false when they end before. */
static bool hash_up_to(const plx_ctx *ctx, plx_part *part, uint64_t to, uint8_t *buf, bool *whole, plx_err *err)
{
    *whole = true;
    while (part->bytes < to) {
        uint64_t left = to - part->bytes;
        ssize_t n = plx_ctx_go_on(ctx, err)
                        ? pread(part->fd, buf, left < BLOCK ? (size_t)left : BLOCK, (off_t)part->bytes)
                        : -2;
        if (n == -2) {
            return false;
        }
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            *whole = false;
            return true;
        }
        hash(part, buf, (size_t)n);
        part->bytes += (uint64_t)n;
    }
    return true;
}

/* Follow the journal as far as the bytes agree, and cut off what is beyond. */
static bool follow(const plx_ctx *ctx, plx_part *part, plx_slice journal, uint8_t *buf, plx_err *err)
{
    reader r = {journal.ptr, journal.ptr + journal.len};
    plx_slice line, hex;
    plx_part good = *part;
    size_t kept = 0;
    for (int n = 0; next_line(&r, &line); n++) {
        uint64_t offset = 0;
        bool whole = false;
        char got[PLX_SHA256_HEX + 1];
        if (n < 2) {
            continue; /* the head, looked at before */
        }
        if (read_from(line, part)) {
            continue;
        }
        if (!read_at(line, &offset, &hex) || offset < part->bytes) {
            break;
        }
        if (!hash_up_to(ctx, part, offset, buf, &whole, err)) {
            return false;
        }
        plx_digest digest = plx_part_digest(part, NULL);
        plx_digest_hex(&digest, got);
        if (!whole || memcmp(got, hex.ptr, SHORT_HEX) != 0) {
            break;
        }
        good = *part;
        kept = (size_t)(r.at - journal.ptr);
    }
    *part = good;
    part->resumed = part->bytes;
    if (part->bytes == 0) {
        return plx_part_restart(part, err);
    }
    char path[PLX_PATH];
    if (!plx_path_join(path, part->dir, "journal", err)) {
        return false;
    }
    part->journal = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    return (part->journal >= 0 && ftruncate(part->journal, (off_t)kept) == 0 &&
            lseek(part->journal, 0, SEEK_END) >= 0 && ftruncate(part->fd, (off_t)part->bytes) == 0 &&
            lseek(part->fd, (off_t)part->bytes, SEEK_SET) >= 0) ||
           plx_fail_sys(err, errno, "cannot take over %s", part->path);
}

static bool take_over(const plx_ctx *ctx, plx_part *part, plx_err *err)
{
    char path[PLX_PATH];
    plx_buf journal = {0};
    if (!plx_path_join(path, part->dir, "journal", err) || !open_bytes(part, err)) {
        return false;
    }
    uint8_t *buf = plx_alloc(BLOCK);
    bool ok = buf != NULL || plx_fail_nomem(err, BLOCK);
    plx_err why;
    plx_err_clear(&why);
    if (ok && plx_buf_read_file(path, MAX_JOURNAL, &journal, &why)) {
        ok = follow(ctx, part, (plx_slice){(const char *)journal.ptr, journal.len}, buf, err);
    } else if (ok && why.code == PLX_E_NOMEM) {
        ok = plx_fail_nomem(err, 0);
    } else if (ok) {
        ok = plx_part_restart(part, err);
    }
    plx_buf_free(&journal);
    plx_free(buf);
    return ok;
}

/* Does the folder of a dead process hold a part with our key? */
static bool fits(void *payload, const char *dir)
{
    const plx_part *part = payload;
    char path[PLX_PATH], text[sizeof head + PLX_SHA256_HEX];
    if (!plx_path_join(path, dir, "journal", NULL)) {
        return false;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text) : -1;
    if (fd >= 0) {
        close(fd);
    }
    return n == (ssize_t)sizeof text && memcmp(text, head, sizeof head - 1) == 0 &&
           memcmp(text + sizeof head - 1, part->key, PLX_SHA256_HEX) == 0 && text[sizeof text - 1] == '\n';
}

bool plx_part_open(const plx_ctx *ctx, const plx_store *store, const char *key, bool with_md5, bool small,
                   plx_part *out, plx_err *err)
{
    *out = (plx_part){.store = store, .fd = -1, .journal = -1, .with_md5 = with_md5};
    snprintf(out->key, sizeof out->key, "%s", key);
    begin_hashes(out);
    bool found = false;
    char dir[PLX_PATH];
    if (!small && !plx_store_adopt_partial(store, fits, out, dir, &found, err)) {
        return false;
    }
    if (!found && !plx_store_partial(store, dir, err)) {
        return false;
    }
    memcpy(out->dir, dir, sizeof dir);
    bool ok = found ? take_over(ctx, out, err) : open_bytes(out, err);
    if (!ok && found) {
        close_all(out);
        plx_store_leave_partial(store, out->dir); /* as it was found */
    } else if (!ok) {
        plx_part_drop(out);
    }
    return ok;
}

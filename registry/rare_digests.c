/* SPDX-License-Identifier: Apache-2.0
 *
 * A file is read from its first byte on, block by block; what it feeds is told apart by two functions.
 */
#include "registry/rare_digests.h"

#include "core/alloc.h"
#include "core/md5.h"
#include "core/num.h"
#include "core/sha1.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 256 * 1024, MAX_PARTS = 10000 };
static const uint64_t default_part = 64u << 20, max_object = (uint64_t)5 << 40;

typedef struct etag {
    plx_md5 part, all;
    uint64_t part_bytes, in_part, n_parts;
} etag;

static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void end_part(etag *e)
{
    char hex[PLX_MD5_HEX + 1];
    uint8_t raw[PLX_MD5_BYTES];
    plx_md5_final(&e->part, hex);
    for (size_t i = 0; i < sizeof raw; i++) {
        raw[i] = (uint8_t)(digit(hex[2 * i]) * 16 + digit(hex[2 * i + 1]));
    }
    plx_md5_update(&e->all, raw, sizeof raw);
    plx_md5_init(&e->part);
    e->in_part = 0;
    e->n_parts++;
}

static void add_to_etag(void *state, const uint8_t *bytes, size_t len)
{
    etag *e = state;
    while (len > 0) {
        uint64_t room = e->part_bytes - e->in_part;
        size_t n = len < room ? len : (size_t)room;
        plx_md5_update(&e->part, bytes, n);
        e->in_part += n;
        if (e->in_part == e->part_bytes) {
            end_part(e);
        }
        bytes += n;
        len -= n;
    }
}

static void add_to_sha1(void *state, const uint8_t *bytes, size_t len)
{
    plx_sha1_update(state, bytes, len);
}

static bool each_block(const plx_ctx *ctx, int fd, uint64_t bytes,
                       void (*add)(void *state, const uint8_t *bytes, size_t len), void *state, plx_err *err)
{
    uint8_t *buf = plx_alloc(BLOCK);
    bool ok = buf != NULL || plx_fail_nomem(err, BLOCK);
    for (uint64_t at = 0; ok && at < bytes;) {
        ssize_t n = pread(fd, buf, bytes - at < BLOCK ? (size_t)(bytes - at) : BLOCK, (off_t)at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            ok = plx_fail_sys(err, n < 0 ? errno : EIO, "cannot read what was downloaded");
            break;
        }
        add(state, buf, (size_t)n);
        at += (uint64_t)n;
        ok = plx_ctx_go_on(ctx, err);
    }
    plx_free(buf);
    return ok;
}

uint64_t plx_dandi_part_bytes(uint64_t bytes)
{
    if (bytes == 0 || bytes > max_object) {
        return 0;
    }
    uint64_t n = (bytes + default_part - 1) / default_part;
    return n >= MAX_PARTS ? (bytes + MAX_PARTS - 1) / MAX_PARTS : default_part;
}

bool plx_dandi_etag(const plx_ctx *ctx, int fd, uint64_t bytes, char out[PLX_ETAG_TEXT], plx_err *err)
{
    etag e = {.part_bytes = plx_dandi_part_bytes(bytes)};
    char hex[PLX_MD5_HEX + 1];
    plx_md5_init(&e.part);
    plx_md5_init(&e.all);
    if (e.part_bytes == 0 && bytes > 0) {
        return plx_fail(err, PLX_E_LIMIT, "%llu bytes are more than DANDI can have", (unsigned long long)bytes);
    }
    if (!each_block(ctx, fd, bytes, add_to_etag, &e, err)) {
        return false;
    }
    if (e.in_part > 0) {
        end_part(&e);
    }
    plx_md5_final(&e.all, hex);
    snprintf(out, PLX_ETAG_TEXT, "%s-%u", hex, (unsigned)(e.n_parts & 0x3fff)); /* 10,000 at most */
    return true;
}

bool plx_git_sha1(const plx_ctx *ctx, int fd, uint64_t bytes, char out[PLX_GIT_SHA1_HEX + 1], plx_err *err)
{
    char head[32];
    plx_sha1 sha1;
    plx_sha1_init(&sha1);
    int n = snprintf(head, sizeof head, "blob %llu", (unsigned long long)bytes);
    plx_sha1_update(&sha1, head, (size_t)n + 1);
    if (!each_block(ctx, fd, bytes, add_to_sha1, &sha1, err)) {
        return false;
    }
    plx_sha1_final(&sha1, out);
    return true;
}

static size_t n_hex(const char *text)
{
    return strspn(text, "0123456789abcdef");
}

bool plx_is_dandi_etag(const char *text)
{
    uint64_t n = 0;
    size_t len = strlen(text);
    return len > PLX_MD5_HEX + 1 && len < PLX_ETAG_TEXT && n_hex(text) == PLX_MD5_HEX && text[PLX_MD5_HEX] == '-' &&
           plx_parse_u64(text + PLX_MD5_HEX + 1, len - PLX_MD5_HEX - 1, &n);
}

bool plx_is_git_sha1(const char *text)
{
    return strlen(text) == PLX_GIT_SHA1_HEX && n_hex(text) == PLX_GIT_SHA1_HEX;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "support/make_archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void put(plx_sb *out, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        plx_sb_char(out, (char)(v >> (8 * i) & 0xFF));
    }
}

static void zeros(plx_sb *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        plx_sb_char(out, 0);
    }
}

static void deflate_into(plx_sb *out, const void *bytes, uint64_t len, bool gzip)
{
    z_stream z = {0};
    unsigned char packed[16384];
    unsigned char in[65536] = {0};
    if (deflateInit2(&z, 9, Z_DEFLATED, gzip ? 31 : -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        abort();
    }
    uint64_t at = 0;
    int status = Z_OK;
    while (status != Z_STREAM_END) {
        if (z.avail_in == 0 && at < len) {
            size_t n = len - at < sizeof in ? (size_t)(len - at) : sizeof in;
            if (bytes) {
                memcpy(in, (const unsigned char *)bytes + at, n);
            }
            z.next_in = in;
            z.avail_in = (uInt)n;
            at += n;
        }
        z.next_out = packed;
        z.avail_out = sizeof packed;
        status = deflate(&z, at == len ? Z_FINISH : Z_NO_FLUSH);
        plx_sb_bytes(out, packed, sizeof packed - z.avail_out);
    }
    deflateEnd(&z);
}

void make_deflated(plx_sb *out, const void *bytes, size_t len, bool gzip)
{
    deflate_into(out, bytes, len, gzip);
}

void make_gzip_zeros(plx_sb *out, uint64_t len)
{
    deflate_into(out, NULL, len, true);
}

typedef struct placed {
    uint64_t offset, packed, size;
    uint32_t crc;
} placed;

static size_t name_len(const zip_part *p)
{
    return p->name_len ? p->name_len : strlen(p->name);
}

static uint16_t method(const zip_part *p)
{
    return p->method ? p->method : p->deflate ? 8 : 0;
}

static uint16_t flags(const zip_part *p)
{
    return (uint16_t)(p->flags | (p->later ? 8 : 0));
}

static void put_local(plx_sb *out, const zip_part *p, placed *at)
{
    plx_sb packed = {0};
    if (p->deflate) {
        make_deflated(&packed, p->data, p->len, false);
    } else if (p->len) {
        plx_sb_bytes(&packed, p->data, p->len);
    }
    at->offset = out->len;
    at->crc = (uint32_t)crc32(0, p->len ? p->data : (const void *)"", (uInt)p->len) + p->crc_change;
    at->size = p->size ? p->size : p->len;
    at->packed = p->packed ? p->packed : packed.len;
    const char *local = p->local_name ? p->local_name : p->name;
    size_t len = p->local_name ? strlen(local) : name_len(p);
    plx_sb_bytes(out, "PK\3\4", 4);
    put(out, 20, 2);
    put(out, (uint64_t)(flags(p) ^ p->local_flags_change), 2);
    put(out, method(p), 2);
    put(out, 0x58210000, 4);
    put(out, p->later ? 0 : at->crc + p->local_crc_change, 4);
    put(out, p->later ? 0 : p->zip64 ? 0xFFFFFFFF : at->packed, 4);
    put(out, p->later && !p->later_size ? 0 : p->zip64 ? 0xFFFFFFFF : at->size + p->local_size_change, 4);
    put(out, len, 2);
    put(out, p->zip64 && !p->later ? 20 : 0, 2);
    plx_sb_bytes(out, local, len);
    if (p->zip64 && !p->later) {
        put(out, 1, 2);
        put(out, 16, 2);
        put(out, at->size + p->local_size_change, 8);
        put(out, at->packed, 8);
    }
    plx_sb_bytes(out, packed.ptr ? packed.ptr : "", packed.len);
    if (p->later) {
        plx_sb_bytes(out, "PK\7\10", 4);
        put(out, at->crc, 4);
        put(out, at->packed, 4);
        put(out, at->size, 4);
    }
    plx_sb_free(&packed);
}

static void put_central(plx_sb *out, const zip_part *p, const placed *at, const placed *first)
{
    plx_sb_bytes(out, "PK\1\2", 4);
    put(out, 3 << 8 | 20, 2); /* made on Unix */
    put(out, 20, 2);
    put(out, flags(p), 2);
    put(out, method(p), 2);
    put(out, 0x58210000, 4);
    put(out, at->crc, 4);
    put(out, p->zip64 ? 0xFFFFFFFF : at->packed, 4);
    put(out, p->zip64 ? 0xFFFFFFFF : at->size, 4);
    put(out, name_len(p), 2);
    put(out, p->zip64 ? 20 : p->extra_len, 2);
    put(out, 0, 2);
    put(out, 0, 4);
    put(out, (uint64_t)p->mode << 16, 4);
    put(out, p->offset ? p->offset : p->reuse_offset ? first->offset : at->offset, 4);
    plx_sb_bytes(out, p->name, name_len(p));
    if (p->zip64) {
        put(out, 1, 2);
        put(out, 16, 2);
        put(out, at->size, 8);
        put(out, at->packed, 8);
    } else if (p->extra_len) {
        plx_sb_bytes(out, p->extra, p->extra_len);
    }
}

static void put_end(plx_sb *out, size_t n, uint64_t offset, uint64_t size, const zip_lies *l, int comment)
{
    plx_sb_bytes(out, "PK\5\6", 4);
    put(out, l->disk, 2);
    put(out, l->disk, 2);
    put(out, l->zip64 ? 0xFFFF : n + (size_t)l->n_change, 2);
    put(out, l->zip64 ? 0xFFFF : n + (size_t)l->n_change, 2);
    put(out, l->zip64 ? 0xFFFFFFFF : size + (uint64_t)l->size_change, 4);
    put(out, l->zip64 ? 0xFFFFFFFF : offset + (uint64_t)l->offset_change, 4);
    put(out, (uint64_t)(comment + l->comment_change), 2);
}

void make_zip(plx_sb *out, const zip_part *parts, size_t n, const zip_lies *lies)
{
    static const zip_lies none;
    const zip_lies *l = lies ? lies : &none;
    placed *at = calloc(n ? n : 1, sizeof *at);
    if (!at) {
        abort();
    }
    zeros(out, l->prefix);
    for (size_t i = 0; i < n; i++) {
        put_local(out, &parts[i], &at[i]);
    }
    uint64_t offset = out->len;
    for (size_t i = 0; i < n; i++) {
        put_central(out, &parts[i], &at[i], &at[0]);
    }
    uint64_t size = out->len - offset;
    if (l->zip64) {
        uint64_t end64 = out->len;
        plx_sb_bytes(out, "PK\6\6", 4);
        put(out, 44, 8);
        put(out, 45 | 45 << 16, 4);
        put(out, 0, 8);
        put(out, l->zip64_n ? l->zip64_n : n, 8);
        put(out, l->zip64_n ? l->zip64_n : n, 8);
        put(out, size, 8);
        put(out, offset, 8);
        plx_sb_bytes(out, "PK\6\7", 4);
        put(out, 0, 4);
        put(out, end64, 8);
        put(out, 1, 4);
    }
    zeros(out, l->gap);
    put_end(out, n, offset, size, l, l->comment_end ? 22 : 0);
    if (l->comment_end) {
        put_end(out, n, offset, size, &none, 0);
    }
    free(at);
}

void make_tar(plx_sb *out, const tar_part *p)
{
    char h[512] = {0};
    snprintf(h + 124, 12, "%011lo", (unsigned long)p->len);
    memcpy(h, p->name, strlen(p->name) < 100 ? strlen(p->name) : 100);
    memcpy(h + 100, p->mode ? p->mode : "0000644", 8);
    memcpy(h + 108, "0000000", 8);
    memcpy(h + 116, "0000000", 8);
    if (p->size) {
        memcpy(h + 124, p->size, 12);
    }
    memcpy(h + 136, "00000000000", 12);
    memset(h + 148, ' ', 8);
    h[156] = p->type ? p->type : '0';
    if (p->link) {
        memcpy(h + 157, p->link, strlen(p->link) < 100 ? strlen(p->link) : 100);
    }
    memcpy(h + 257, "ustar\00000", 8);
    unsigned sum = p->bad_sum;
    for (size_t i = 0; i < sizeof h; i++) {
        sum += (unsigned char)h[i];
    }
    snprintf(h + 148, 8, "%06o", sum & 0777777U);
    plx_sb_bytes(out, h, sizeof h);
    if (p->len && !p->no_data) {
        plx_sb_bytes(out, p->data, p->len);
        zeros(out, (512 - p->len % 512) % 512);
    }
}

void make_pax(plx_sb *out, const char *key, const void *value, size_t len)
{
    plx_sb body = {0};
    size_t fixed = strlen(key) + len + 3; /* blank, '=', newline */
    size_t total = fixed + 1;
    for (char digits[24]; total != fixed + (size_t)snprintf(digits, sizeof digits, "%zu", total);) {
        total++;
    }
    plx_sb_printf(&body, "%zu %s=", total, key);
    plx_sb_bytes(&body, value, len);
    plx_sb_char(&body, '\n');
    make_tar(out, &(tar_part){.name = "PaxHeader", .type = 'x', .data = body.ptr, .len = body.len});
    plx_sb_free(&body);
}

void make_tar_end(plx_sb *out)
{
    zeros(out, 1024);
}

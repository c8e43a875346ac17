/* SPDX-License-Identifier: Apache-2.0
 *
 * source: PKWARE APPNOTE.TXT 6.3.9, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).
 */
#include "formats/zip_write.h"

#include <errno.h>
#include <zlib.h>

enum {
    LOCAL = 0x04034b50,
    CENTRAL = 0x02014b50,
    END = 0x06054b50,
    MADE_BY_UNIX = 0x0314,
    NEEDS_2_0 = 20,
    UTF8_NAME = 1 << 11,
    FIRST_DATE = 1 << 5 | 1, /* 1980-01-01 */
    MAX_MEMBERS = 0xFFFF,
    MAX_NAME = 0xFFFE
};
static const uint32_t FILE_0644 = (uint32_t)0100644 << 16;

static void put16(plx_sb *sb, uint32_t v)
{
    const uint8_t bytes[2] = {(uint8_t)v, (uint8_t)(v >> 8)};
    plx_sb_bytes(sb, bytes, sizeof bytes);
}

static void put32(plx_sb *sb, uint32_t v)
{
    put16(sb, v & 0xFFFF);
    put16(sb, v >> 16);
}

/* What local header and directory say alike. */
static void put_common(plx_sb *sb, uint32_t crc, size_t len, size_t name_len)
{
    put16(sb, NEEDS_2_0);
    put16(sb, UTF8_NAME);
    put16(sb, 0); /* stored */
    put16(sb, 0); /* 00:00:00 */
    put16(sb, FIRST_DATE);
    put32(sb, crc);
    put32(sb, (uint32_t)len);
    put32(sb, (uint32_t)len);
    put16(sb, (uint32_t)name_len);
    put16(sb, 0); /* no extra field */
}

static bool emit(plx_zip_writer *zip, const void *bytes, size_t len, plx_err *err)
{
    if (len && zip->write) {
        if (!zip->write(zip->payload, bytes, len, err)) {
            return false;
        }
    } else if (len && fwrite(bytes, 1, len, zip->to) != len) {
        return plx_fail_sys(err, errno ? errno : EIO, "cannot write the zip archive");
    }
    zip->at += len;
    return true;
}

bool plx_zip_add(plx_zip_writer *zip, const char *name, const void *bytes, size_t len, plx_err *err)
{
    size_t name_len = strlen(name);
    if (zip->n >= MAX_MEMBERS || name_len > MAX_NAME || zip->at + len + name_len + zip->directory.len >= UINT32_MAX) {
        plx_fail(err, PLX_E_LIMIT, "%s does not fit into a zip archive", name);
        return plx_err_why(err, "without zip64 it holds 4 GiB and %d members", MAX_MEMBERS);
    }
    uint32_t crc = (uint32_t)crc32(0, NULL, 0);
    for (size_t at = 0; at < len;) {
        uInt n = len - at < 1U << 30 ? (uInt)(len - at) : 1U << 30;
        crc = (uint32_t)crc32(crc, (const Bytef *)bytes + at, n);
        at += n;
    }
    plx_sb head = {0};
    put32(&head, LOCAL);
    put_common(&head, crc, len, name_len);
    plx_sb_text(&head, name);
    plx_sb *dir = &zip->directory;
    put32(dir, CENTRAL);
    put16(dir, MADE_BY_UNIX);
    put_common(dir, crc, len, name_len);
    put16(dir, 0); /* no comment */
    put16(dir, 0); /* disk 0 */
    put16(dir, 0); /* no internal attributes */
    put32(dir, FILE_0644);
    put32(dir, (uint32_t)zip->at);
    plx_sb_text(dir, name);
    bool ok = !head.failed && !dir->failed;
    ok = ok ? emit(zip, head.ptr, head.len, err) && emit(zip, bytes, len, err) : plx_fail_nomem(err, name_len);
    plx_sb_free(&head);
    zip->n++;
    return ok;
}

bool plx_zip_finish(plx_zip_writer *zip, bool ok, plx_err *err)
{
    plx_sb *dir = &zip->directory;
    size_t len = dir->len;
    put32(dir, END);
    put16(dir, 0); /* disk 0 of disk 0 */
    put16(dir, 0);
    put16(dir, (uint32_t)zip->n);
    put16(dir, (uint32_t)zip->n);
    put32(dir, (uint32_t)len);
    put32(dir, (uint32_t)zip->at);
    put16(dir, 0); /* no comment */
    if (ok) {
        ok = dir->failed ? plx_fail_nomem(err, len) : emit(zip, dir->ptr, dir->len, err);
    }
    plx_sb_free(dir);
    *zip = (plx_zip_writer){.to = zip->to, .write = zip->write, .payload = zip->payload};
    return ok;
}

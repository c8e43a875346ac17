/* SPDX-License-Identifier: Apache-2.0
 *
 * Unpacks every member of an archive within the budgets and keeps only the count; or lists the members without
 * unpacking them.
 */
#include "formats/archive_summary.h"

#include "core/alloc.h"
#include "core/num.h"
#include "formats/archive.h"
#include "formats/npy.h"

#include <string.h>

enum { BLOCK = 1 << 16 };

typedef struct tally {
    uint8_t *block;
    uint64_t files, others, bytes;
} tally;

static plx_archive_step choose(void *payload, const plx_archive_entry *entry)
{
    tally *t = payload;
    t->files += entry->is_file;
    t->others += !entry->is_file;
    return entry->is_file ? PLX_ARCHIVE_READ : PLX_ARCHIVE_SKIP;
}

static bool discard(void *payload, const plx_archive_entry *entry, plx_source *member, plx_err *err)
{
    tally *t = payload;
    (void)entry;
    for (size_t got = 1; got; t->bytes += got) {
        if (!member->read(member, t->block, BLOCK, &got, err)) {
            return false;
        }
    }
    return true;
}

bool plx_archive_summary(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    tally t = {.block = plx_alloc(BLOCK)};
    if (!t.block) {
        return plx_fail_nomem(err, BLOCK);
    }
    bool ok = plx_archive_walk(ctx, path, choose, discard, &t, err);
    plx_free(t.block);
    if (!ok) {
        return false;
    }
    char count[PLX_NUM_TEXT];
    char bytes[PLX_NUM_TEXT];
    plx_print_grouped(t.files + t.others, count);
    plx_print_bytes(t.bytes, bytes);
    plx_sb_printf(summary, "%s member%s, %s unpacked", count, t.files + t.others == 1 ? "" : "s", bytes);
    return summary->failed ? plx_fail_nomem(err, summary->len) : true;
}

typedef struct listing {
    const plx_outline_ask *ask;
    plx_value *root;
    bool failed;
} listing;

static plx_archive_step list(void *payload, const plx_archive_entry *entry)
{
    listing *l = payload;
    plx_arena *a = l->ask->arena;
    plx_value *item = plx_outline_item(a, entry->name, entry->is_file ? "member" : "folder or link");
    l->failed = l->failed || !plx_outline_add(a, l->root, item) ||
                (entry->is_file && entry->size >= 0 && !plx_v_set(a, item, "bytes", plx_v_i64(a, entry->size)));
    return l->failed ? PLX_ARCHIVE_STOP : PLX_ARCHIVE_SKIP;
}

static bool nothing(void *payload, const plx_archive_entry *entry, plx_source *member, plx_err *err)
{
    (void)payload, (void)entry, (void)member, (void)err;
    return true;
}

static bool outline_member(const plx_outline_ask *ask, plx_value **out, plx_err *err)
{
    plx_buf bytes;
    plx_array array = {0};
    if (!plx_archive_read_member(ask->ctx, ask->path, ask->item, &bytes, err)) {
        return plx_err_next(err, "plexus dump %s", ask->path);
    }
    bool ok;
    size_t len = bytes.len;
    if (len >= 6 && memcmp(bytes.ptr, "\x93NUMPY", 6) == 0) {
        ok = plx_npy_view(ask->item, &bytes, &array, err);
        *out = ok ? plx_outline_array(ask, ask->item, &array, true) : NULL;
        plx_array_free(&array);
    } else {
        *out = plx_outline_item(ask->arena, ask->item, "member");
        ok = plx_outline_text(ask, *out, (const char *)bytes.ptr, len);
        *out = ok ? *out : NULL;
        ok = true;
    }
    plx_buf_free(&bytes);
    ok = ok && (*out || plx_fail_nomem(err, 0));
    return ok && (plx_v_set(ask->arena, *out, "bytes", plx_v_u64(ask->arena, len)) || plx_fail_nomem(err, 0));
}

bool plx_archive_outline(const plx_outline_ask *ask, plx_value **out, plx_err *err)
{
    if (ask->item && *ask->item) {
        return outline_member(ask, out, err);
    }
    listing l = {.ask = ask, .root = plx_outline_item(ask->arena, "/", "archive")};
    *out = l.root;
    if (!l.root) {
        return plx_fail_nomem(err, 0);
    }
    return plx_archive_walk(ask->ctx, ask->path, list, nothing, &l, err) && (!l.failed || plx_fail_nomem(err, 0));
}

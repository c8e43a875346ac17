/* SPDX-License-Identifier: Apache-2.0
 *
 * Unpacks every member of an archive within the budgets and keeps only the count.
 */
#include "formats/archive_summary.h"

#include "core/alloc.h"
#include "core/num.h"
#include "formats/archive.h"

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

/* SPDX-License-Identifier: Apache-2.0
 *
 * tar (v7, ustar, pax, GNU) through libarchive, fed from a source so that every unpacked byte, skipped members and
 * headers included, has passed its budget. Read strictly: the end marker must be there, and only zeros after it. GNU
 * multi-volume archives are not read.
 */
#include "formats/archive_walk.h"

#include "core/alloc.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

enum { BLOCK = 1 << 16, TAR_BLOCK = 512, END_MARKER = 1024 };

typedef struct tar {
    plx_walk *walk;
    struct archive *lib;
    plx_source *stream;
    const uint8_t *head;
    size_t n_head;
    uint8_t *block;
    uint64_t seen, last_nonzero; /* bytes of the stream so far; one past the last that is not 0 */
    bool ended, failed;
    plx_err error; /* of the stream, met inside libarchive */
    char *member;  /* the last one met, for messages: damage shows while going past it */
} tar;

bool plx_is_tar(const uint8_t *head, size_t n)
{
    if (n < TAR_BLOCK) {
        return false;
    }
    unsigned long sum = 0;
    unsigned long stored = 0;
    long signed_sum = 0;
    bool zero = true;
    for (size_t i = 0; i < TAR_BLOCK; i++) {
        unsigned char c = i >= 148 && i < 156 ? ' ' : head[i];
        sum += c;
        signed_sum += c < 128 ? c : (long)c - 256; /* some old writers summed signed characters */
        zero = zero && head[i] == 0;
    }
    size_t at = 148;
    while (at < 156 && head[at] == ' ') {
        at++;
    }
    for (; at < 156 && head[at] >= '0' && head[at] <= '7'; at++) {
        stored = stored * 8 + (unsigned long)(head[at] - '0');
    }
    return zero || stored == sum || (signed_sum >= 0 && stored == (unsigned long)signed_sum);
}

static bool pull_stream(tar *t, size_t *got)
{
    *got = 0;
    if (t->n_head) {
        memcpy(t->block, t->head, t->n_head);
        *got = t->n_head;
        t->n_head = 0;
    } else if (!t->ended && !t->stream->read(t->stream, t->block, BLOCK, got, &t->error)) {
        t->failed = true;
        return false;
    }
    t->ended = t->ended || *got == 0;
    size_t n = *got;
    while (n > 0 && t->block[n - 1] == 0) {
        n--;
    }
    t->last_nonzero = n ? t->seen + n : t->last_nonzero;
    t->seen += *got;
    return true;
}

static la_ssize_t on_read(struct archive *lib, void *payload, const void **block)
{
    tar *t = payload;
    size_t got = 0;
    *block = t->block;
    if (!pull_stream(t, &got)) {
        archive_set_error(lib, EIO, "the stream failed");
        return -1;
    }
    return (la_ssize_t)got;
}

static bool fail_tar(tar *t, plx_err *err)
{
    if (t->failed) {
        if (err) {
            *err = t->error;
        }
        return plx_note(err, "%s", t->walk->path);
    }
    return plx_walk_fail_lib(t->walk, t->lib, t->ended, t->member, err);
}

static bool pull_member(void *state, void *out, size_t cap, size_t *got, plx_err *err)
{
    tar *t = state;
    la_ssize_t n = archive_read_data(t->lib, out, cap);
    *got = n > 0 ? (size_t)n : 0;
    return n >= 0 || fail_tar(t, err);
}

static plx_item_kind kind_of(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry)) {
        return PLX_ITEM_HARDLINK;
    }
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
        return PLX_ITEM_FILE;
    case AE_IFDIR:
        return PLX_ITEM_DIR;
    case AE_IFLNK:
        return PLX_ITEM_SYMLINK;
    default:
        return PLX_ITEM_SPECIAL;
    }
}

static bool visit(tar *t, struct archive_entry *entry, plx_err *err)
{
    const char *name = archive_entry_pathname(entry);
    plx_item_kind kind = kind_of(entry);
    const char *target = kind == PLX_ITEM_HARDLINK  ? archive_entry_hardlink(entry)
                         : kind == PLX_ITEM_SYMLINK ? archive_entry_symlink(entry)
                                                    : NULL;
    if (!name) {
        return plx_walk_fail(t->walk, PLX_E_FORMAT, NULL, err, "a member's name cannot be read");
    }
    plx_free(t->member);
    t->member = plx_strdup(name);
    if (!t->member) {
        return plx_fail_nomem(err, 0);
    }
    plx_walk_item item = {.name = plx_slice_of(t->member),
                          .kind = kind,
                          .target = plx_slice_of(target),
                          .size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1,
                          .pull = pull_member,
                          .state = t};
    if (item.size < 0 && kind == PLX_ITEM_FILE) {
        return plx_walk_fail(t->walk, PLX_E_FORMAT, name, err, "its size is missing or negative");
    }
    return plx_walk_member(t->walk, &item, err);
}

/* libarchive warns when a pax name does not fit the locale's character set, and then hands out the stored bytes, which
 * is what is wanted. Every other warning is damage. */
static bool is_harmless(struct archive *lib)
{
    const char *text = archive_error_string(lib);
    return text && strstr(text, "to current locale");
}

static bool check_end(tar *t, plx_err *err)
{
    uint64_t end = (uint64_t)archive_read_header_position(t->lib);
    while (!t->ended) {
        size_t got = 0;
        if (!plx_ctx_go_on(t->walk->ctx, err)) {
            return false;
        }
        if (!pull_stream(t, &got)) {
            return fail_tar(t, err);
        }
    }
    if (t->last_nonzero > end) {
        return plx_walk_fail(t->walk, PLX_E_FORMAT, NULL, err, "there are bytes after the end of the archive");
    }
    if (t->seen - end < END_MARKER) {
        return plx_walk_fail(t->walk, PLX_E_TRUNCATED, NULL, err, "the end marker of two zero blocks is missing");
    }
    return true;
}

static bool walk_entries(tar *t, plx_err *err)
{
    for (;;) {
        struct archive_entry *entry = NULL;
        int r = archive_read_next_header(t->lib, &entry);
        if (r == ARCHIVE_EOF) {
            return check_end(t, err);
        }
        if (r != ARCHIVE_OK && !(r == ARCHIVE_WARN && is_harmless(t->lib))) {
            return fail_tar(t, err);
        }
        if (!visit(t, entry, err)) {
            return false;
        }
        if (t->walk->stop) {
            return true;
        }
    }
}

bool plx_walk_tar(plx_walk *walk, plx_source *stream, const uint8_t *head, size_t n_head, plx_err *err)
{
    tar t = {.walk = walk, .stream = stream, .head = head, .n_head = n_head};
    t.block = plx_alloc(BLOCK);
    t.lib = t.block ? archive_read_new() : NULL;
    if (!t.lib) {
        plx_free(t.block);
        return plx_fail_nomem(err, BLOCK);
    }
    bool ok = archive_read_support_format_tar(t.lib) == ARCHIVE_OK &&
              archive_read_open(t.lib, &t, NULL, on_read, NULL) == ARCHIVE_OK;
    ok = ok ? walk_entries(&t, err) : fail_tar(&t, err);
    archive_read_free(t.lib);
    plx_free(t.block);
    plx_free(t.member);
    return ok;
}

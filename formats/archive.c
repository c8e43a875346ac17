/* SPDX-License-Identifier: Apache-2.0
 *
 * Walking an archive: find out what it is by its first bytes, check every member's name and every budget, and hand
 * content out as a source. Read: zip (archive_zip.c), tar (archive_tar.c), either plain or under gzip, bzip2, xz or
 * zstd, and single files under those. Not read: every other container, encrypted members, archives in several volumes.
 * An archive inside an archive is a member like any other; whoever opens it counts the nesting.
 */
#include "formats/archive.h"

#include "core/alloc.h"
#include "core/fs.h"
#include "core/num.h"
#include "formats/archive_walk.h"

#include <archive.h>
#include <errno.h>
#include <string.h>

enum { HEAD = 512, RATIO_GRACE = 1 << 20 };

bool plx_walk_fail(const plx_walk *walk, plx_code code, const char *member, plx_err *err, const char *why)
{
    const char *verb = code == PLX_E_TRUNCATED ? "ends early" : "is damaged";
    if (member) {
        plx_fail(err, code, "%s: member \"%s\" %s", walk->path, member, verb);
    } else {
        plx_fail(err, code, "%s %s", walk->path, verb);
    }
    return plx_err_why(err, "%s", why);
}

bool plx_walk_fail_lib(const plx_walk *walk, struct archive *lib, bool ended, const char *member, plx_err *err)
{
    const char *text = archive_error_string(lib);
    if (archive_errno(lib) == ENOMEM) {
        return plx_fail_nomem(err, 0);
    }
    bool early = ended || (text && (strstr(text, "runcated") || strstr(text, "end of file")));
    return plx_walk_fail(walk, early ? PLX_E_TRUNCATED : PLX_E_FORMAT, member, err, text ? text : "it cannot be read");
}

/* One member being read by the caller. */
typedef struct member {
    plx_source base;
    plx_walk *walk;
    const plx_walk_item *item;
    uint64_t out;
} member;

static bool over_budget(const member *m, const char *budget, uint64_t limit, plx_err *err)
{
    char allowed[PLX_NUM_TEXT];
    plx_print_bytes(limit, allowed);
    plx_fail(err, PLX_E_LIMIT, "%s unpacks to more than %s allows", m->base.name, budget);
    return plx_err_why(err, "%s are allowed", allowed);
}

static bool check_budgets(const member *m, uint64_t out, uint64_t total, plx_err *err)
{
    const plx_limits *l = &m->walk->limits;
    if (out > l->file_bytes) {
        return over_budget(m, "the budget for one file", l->file_bytes, err);
    }
    if (total > l->total_bytes) {
        return over_budget(m, "the budget for one archive", l->total_bytes, err);
    }
    if (m->item->packed && out > RATIO_GRACE && out / l->ratio > m->item->packed) {
        plx_fail(err, PLX_E_LIMIT, "%s is packed suspiciously tight", m->base.name);
        return plx_err_why(err, "%llu bytes from %llu; at most %u to 1 is unpacked", (unsigned long long)out,
                           (unsigned long long)m->item->packed, l->ratio);
    }
    return true;
}

static bool member_read(plx_source *self, void *out, size_t cap, size_t *got, plx_err *err)
{
    member *m = (member *)self;
    int64_t size = m->item->size;
    *got = 0;
    if (!plx_ctx_go_on(m->walk->ctx, err) || !m->item->pull(m->item->state, out, cap, got, err)) {
        return false;
    }
    m->out += *got;
    m->walk->unpacked += *got;
    if (size >= 0 && m->out > (uint64_t)size) {
        return plx_walk_fail(m->walk, PLX_E_FORMAT, m->item->name.ptr, err, "it is longer than its header says");
    }
    if (*got == 0 && size >= 0 && m->out < (uint64_t)size) {
        return plx_walk_fail(m->walk, PLX_E_TRUNCATED, m->item->name.ptr, err, "it is shorter than its header says");
    }
    return check_budgets(m, m->out, m->walk->unpacked, err);
}

/* The walk owns it, so that a reader which takes sources over may close it. */
static void member_close(plx_source *self)
{
    (void)self;
}

static bool read_item(plx_walk *walk, const plx_walk_item *item, const plx_archive_entry *entry, plx_err *err)
{
    plx_sb name = {0};
    plx_sb_printf(&name, "%s!%s", walk->path, entry->name);
    if (name.failed) {
        plx_sb_free(&name);
        return plx_fail_nomem(err, item->name.len);
    }
    member m = {.walk = walk, .item = item};
    m.base.name = plx_sb_str(&name);
    m.base.size = item->size;
    m.base.read = member_read;
    m.base.close = member_close;
    uint64_t size = item->size > 0 ? (uint64_t)item->size : 0;
    uint64_t total = UINT64_MAX - walk->unpacked < size ? UINT64_MAX : walk->unpacked + size;
    /* What the header promises is held against the budgets before a byte is unpacked. */
    bool ok = check_budgets(&m, size, total, err) && walk->read(walk->payload, entry, &m.base, err);
    plx_sb_free(&name);
    return ok;
}

bool plx_walk_member(plx_walk *walk, const plx_walk_item *item, plx_err *err)
{
    plx_slice name = item->name;
    if (!plx_ctx_go_on(walk->ctx, err)) {
        return false;
    }
    if (++walk->entries > walk->limits.entries) {
        plx_fail(err, PLX_E_LIMIT, "%s has too many members", walk->path);
        return plx_err_why(err, "at most %u are read", walk->limits.entries);
    }
    bool link = item->kind == PLX_ITEM_SYMLINK || item->kind == PLX_ITEM_HARDLINK;
    if (!plx_member_name_check(name, walk->limits.depth, err) ||
        (link && !plx_member_link_check(name, item->target, item->kind == PLX_ITEM_HARDLINK, err))) {
        return plx_note(err, "%s, member %llu", walk->path, (unsigned long long)walk->entries);
    }
    if (item->kind == PLX_ITEM_SPECIAL) {
        return plx_fail(err, PLX_E_POLICY, "%s: member \"%s\" is a device, pipe or socket", walk->path, name.ptr);
    }
    if (!plx_member_names_add(&walk->names, name, item->kind == PLX_ITEM_DIR, err)) {
        return plx_note(err, "%s, member %llu", walk->path, (unsigned long long)walk->entries);
    }
    bool is_file = item->kind == PLX_ITEM_FILE;
    plx_archive_entry entry = {name.ptr, is_file ? item->size : 0, is_file};
    plx_archive_step step = walk->choose(walk->payload, &entry);
    walk->stop = step == PLX_ARCHIVE_STOP;
    return step != PLX_ARCHIVE_READ || !is_file || read_item(walk, item, &entry, err);
}

/* ---- a single compressed file ---- */

static bool pull_stream(void *state, void *out, size_t cap, size_t *got, plx_err *err)
{
    plx_source *stream = state;
    return stream->read(stream, out, cap, got, err);
}

/* What was read to find out what the file is, then the rest. */
typedef struct replay {
    plx_source *stream;
    const uint8_t *head;
    size_t n, at;
} replay;

static bool pull_replay(void *state, void *out, size_t cap, size_t *got, plx_err *err)
{
    replay *r = state;
    if (r->at == r->n) {
        return pull_stream(r->stream, out, cap, got, err);
    }
    *got = cap < r->n - r->at ? cap : r->n - r->at;
    memcpy(out, r->head + r->at, *got);
    r->at += *got;
    return true;
}

static bool walk_single(plx_walk *walk, plx_source *stream, const uint8_t *head, size_t n_head, plx_err *err)
{
    const char *base = plx_path_base(walk->path);
    const char *dot = strrchr(base, '.');
    size_t len = dot && dot != base ? (size_t)(dot - base) : strlen(base);
    char *name = plx_alloc(len + 1);
    if (!name) {
        return plx_fail_nomem(err, len + 1);
    }
    memcpy(name, base, len);
    name[len] = 0;
    replay r = {stream, head, n_head, 0};
    plx_walk_item item = {.name = {name, len}, .kind = PLX_ITEM_FILE, .size = -1, .pull = pull_replay, .state = &r};
    bool ok = plx_walk_member(walk, &item, err);
    plx_free(name);
    return ok;
}

/* ---- what is it? ---- */

typedef struct packing {
    const char *magic;
    size_t n;
    int filter;
} packing;

static int packing_of(const uint8_t *head, size_t n)
{
    static const packing known[] = {
        {"\x1F\x8B", 2, ARCHIVE_FILTER_GZIP},
        {"BZh", 3, ARCHIVE_FILTER_BZIP2},
        {"\xFD\x37\x7A\x58\x5A\x00", 6, ARCHIVE_FILTER_XZ},
        {"\x28\xB5\x2F\xFD", 4, ARCHIVE_FILTER_ZSTD},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (n >= known[i].n && memcmp(head, known[i].magic, known[i].n) == 0) {
            return known[i].filter;
        }
    }
    return ARCHIVE_FILTER_NONE;
}

static bool read_head(plx_source *source, uint8_t head[HEAD], size_t *n, plx_err *err)
{
    size_t got = 1;
    for (*n = 0; *n < HEAD && got; *n += got) {
        if (!source->read(source, head + *n, HEAD - *n, &got, err)) {
            return false;
        }
    }
    return true;
}

static bool open_unpacked(plx_walk *walk, int filter, plx_source **out, plx_err *err)
{
    if (filter != ARCHIVE_FILTER_GZIP) {
        return plx_source_unpack(walk->ctx, &walk->limits, walk->path, filter, out, err);
    }
    /* Our own gzip reader checks the CRC, which libarchive's does not. A tar's budget is that of all its members, and
     * what their headers and padding take. */
    plx_ctx ctx = *walk->ctx;
    ctx.limits = walk->limits;
    ctx.limits.file_bytes = walk->limits.total_bytes < UINT64_MAX / 2 ? walk->limits.total_bytes * 2 : UINT64_MAX;
    plx_source *packed = NULL;
    return plx_source_file(&ctx, walk->path, false, &packed, err) && plx_source_gzip(&ctx, packed, out, err);
}

static bool is_named_tar(const char *path)
{
    static const char *const ends[] = {".tar.gz", ".tgz",     ".tar.bz2", ".tbz2", ".tbz",
                                       ".tar.xz", ".tar.zst", ".txz",     ".tzst", NULL};
    for (size_t i = 0; ends[i]; i++) {
        if (plx_ends_with(path, ends[i])) {
            return true;
        }
    }
    return false;
}

static bool walk_unpacked(plx_walk *walk, int filter, plx_err *err)
{
    plx_source *stream = NULL;
    uint8_t head[HEAD];
    size_t n = 0;
    if (!open_unpacked(walk, filter, &stream, err)) {
        return false;
    }
    bool ok = read_head(stream, head, &n, err);
    if (ok && plx_is_tar(head, n)) {
        ok = plx_walk_tar(walk, stream, head, n, err);
    } else if (ok && is_named_tar(walk->path)) {
        ok = plx_walk_fail(walk, n < HEAD ? PLX_E_TRUNCATED : PLX_E_FORMAT, NULL, err,
                           "what it unpacks to is not a tar archive");
    } else if (ok) {
        ok = walk_single(walk, stream, head, n, err);
    }
    plx_source_close(stream);
    return ok;
}

static bool walk_by_head(plx_walk *walk, plx_source *file, plx_err *err)
{
    uint8_t head[HEAD];
    size_t n = 0;
    if (!read_head(file, head, &n, err)) {
        return false;
    }
    if (n == 0) {
        return plx_fail(err, PLX_E_TRUNCATED, "%s is empty", walk->path);
    }
    if (n >= 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0)) {
        return plx_walk_zip(walk, err);
    }
    int filter = packing_of(head, n);
    if (filter != ARCHIVE_FILTER_NONE) {
        return walk_unpacked(walk, filter, err);
    }
    if (plx_is_tar(head, n)) {
        return plx_walk_tar(walk, file, head, n, err);
    }
    plx_fail(err, PLX_E_FORMAT, "%s is not an archive that is read here", walk->path);
    return plx_err_why(err, "zip, tar, gzip, bzip2, xz and zstd are; its first bytes are none of theirs");
}

bool plx_archive_walk(const plx_ctx *ctx, const char *path, plx_archive_choose choose, plx_archive_read read,
                      void *payload, plx_err *err)
{
    plx_walk walk = {
        .ctx = ctx, .limits = plx_limits_of(ctx), .path = path, .choose = choose, .read = read, .payload = payload};
    walk.names.max_bytes = walk.limits.memory_bytes < SIZE_MAX ? (size_t)walk.limits.memory_bytes : SIZE_MAX;
    plx_source *file = NULL;
    if (!plx_source_file(ctx, path, false, &file, err)) {
        return false;
    }
    bool ok = walk_by_head(&walk, file, err);
    plx_source_close(file);
    plx_member_names_free(&walk.names);
    return ok;
}

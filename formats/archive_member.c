/* SPDX-License-Identifier: Apache-2.0
 *
 * One member of an archive by name.
 */
#include "formats/archive.h"

#include "core/alloc.h"
#include "core/fs.h"
#include "core/str.h"

#include <string.h>

enum { LISTED = 5 };

typedef struct search {
    const char *want;
    uint64_t limit;
    plx_buf *out;
    bool found;
    size_t n_files;
    unsigned best; /* distance of `near` */
    plx_sb near, listed;
} search;

static const char *without_dot(const char *name)
{
    while (name[0] == '.' && name[1] == '/') {
        name += 2;
    }
    return name;
}

/* Remember the file that was probably meant: the same base name in another folder, else the fewest typing errors. */
static void note_name(search *s, const char *name)
{
    const char *base = plx_path_base(name);
    const char *want = plx_path_base(s->want);
    size_t len = strlen(want);
    unsigned distance = 64;
    if (strcmp(base, want) == 0) {
        distance = 0;
    } else if (len < 64 && strlen(base) < 64) {
        distance = plx_edit_distance(base, want);
        distance = distance > len / 3 + 1 ? 64 : distance;
    }
    if (distance < s->best) {
        s->best = distance;
        plx_sb_free(&s->near);
        plx_sb_text(&s->near, name);
    }
    if (s->n_files++ < LISTED) {
        plx_sb_printf(&s->listed, "%s%s", s->n_files > 1 ? ", " : "", name);
    }
}

static plx_archive_step choose(void *payload, const plx_archive_entry *entry)
{
    search *s = payload;
    if (!entry->is_file) {
        return PLX_ARCHIVE_SKIP;
    }
    if (s->found) {
        return PLX_ARCHIVE_STOP;
    }
    if (strcmp(without_dot(entry->name), without_dot(s->want)) == 0) {
        return PLX_ARCHIVE_READ;
    }
    note_name(s, entry->name);
    return PLX_ARCHIVE_SKIP;
}

static bool read_found(void *payload, const plx_archive_entry *entry, plx_source *member, plx_err *err)
{
    search *s = payload;
    (void)entry;
    s->found = true;
    return plx_source_slurp(member, s->limit, s->out, err);
}

static bool fail_missing(search *s, const char *path, plx_err *err)
{
    plx_fail(err, PLX_E_NOTFOUND, "%s has no member \"%s\"", path, s->want);
    if (s->near.len && s->best < 64) {
        return plx_err_why(err, "did you mean \"%s\"?", plx_sb_str(&s->near));
    }
    return plx_err_why(err, "its %zu files are: %s%s", s->n_files, plx_sb_str(&s->listed),
                       s->n_files > LISTED ? ", ..." : "");
}

bool plx_archive_read_member(const plx_ctx *ctx, const char *path, const char *member, plx_buf *out, plx_err *err)
{
    plx_limits d = plx_limits_default();
    uint64_t file = ctx->limits.file_bytes ? ctx->limits.file_bytes : d.file_bytes;
    uint64_t memory = ctx->limits.memory_bytes ? ctx->limits.memory_bytes : d.memory_bytes;
    search s = {.want = member, .limit = file < memory ? file : memory, .out = out, .best = 64};
    *out = (plx_buf){0};
    bool ok = plx_archive_walk(ctx, path, choose, read_found, &s, err);
    if (ok && !s.found) {
        ok = fail_missing(&s, path, err);
    }
    if (!ok) {
        plx_buf_free(out);
        *out = (plx_buf){0};
    }
    plx_sb_free(&s.near);
    plx_sb_free(&s.listed);
    return ok;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Is a record on disk the one its name covers? record.json against the name, every member against record.json, and
 * nothing beside them.
 */
#include "core/alloc.h"
#include "formats/json.h"
#include "registry/hash_file.h"
#include "registry/object.h"
#include "registry/record_members.h"

#include <stdlib.h>
#include <string.h>

typedef struct check {
    const plx_ctx *ctx;
    const char *dir;
    bool quick;
    plx_problem each;
    void *payload;
    bool stopped; /* `each` said so */
    const plx_member_file **sorted;
    size_t n;
    bool *seen;
    uint64_t bytes;
} check;

static void problem(check *c, const char *path, plx_flaw flaw, const char *what)
{
    if (!c->stopped) {
        c->stopped = !c->each(c->payload, path, flaw, what);
    }
}

/* Out of memory or a wish to stop say nothing about the record. */
static bool is_own_failure(const plx_err *err)
{
    return err->code == PLX_E_NOMEM || err->code == PLX_E_CANCELLED;
}

static int by_path(const void *a, const void *b)
{
    const plx_member_file *const *x = a, *const *y = b;
    return strcmp((*x)->path, (*y)->path);
}

static bool check_member(check *c, const plx_member_file *m, uint64_t size, plx_err *err)
{
    if (size != m->bytes) {
        char what[96];
        snprintf(what, sizeof what, "size differs: %llu bytes, expected %llu", (unsigned long long)size,
                 (unsigned long long)m->bytes);
        problem(c, m->path, PLX_FLAW_DIFFERS, what);
        return true;
    }
    if (c->quick) {
        return true;
    }
    char path[PLX_PATH];
    plx_digest got;
    uint64_t bytes = 0;
    plx_err seen;
    plx_err_clear(&seen);
    if (!plx_path_join(path, c->dir, m->path, err)) {
        return false;
    }
    if (!plx_hash_path(c->ctx, path, &got, &bytes, &seen)) {
        if (is_own_failure(&seen)) {
            if (err) {
                *err = seen;
            }
            return false;
        }
        problem(c, m->path, plx_object_unreadable(&seen) ? PLX_FLAW_UNREADABLE : PLX_FLAW_DIFFERS, seen.what);
    } else if (!plx_digest_eq(&got, &m->sha256)) {
        problem(c, m->path, PLX_FLAW_DIFFERS, "sha256 differs");
    }
    c->bytes += bytes;
    return true;
}

static bool visit(void *payload, const char *rel_path, uint64_t bytes, bool is_link, plx_err *err)
{
    check *c = payload;
    if (strcmp(rel_path, "record.json") == 0 && !is_link) {
        return true;
    }
    plx_member_file key = {.path = rel_path};
    const plx_member_file *wanted = &key;
    const plx_member_file **hit =
        c->n && !is_link ? bsearch(&wanted, c->sorted, c->n, sizeof(const plx_member_file *), by_path) : NULL;
    if (!hit) {
        problem(c, rel_path, PLX_FLAW_EXTRA, is_link ? "unexpected link" : "unexpected file");
        return true;
    }
    c->seen[hit - c->sorted] = true;
    return check_member(c, *hit, bytes, err);
}

static bool check_members(check *c, const plx_member_file *members, size_t n, plx_err *err)
{
    bool ok = false;
    c->n = n;
    c->sorted = plx_alloc_zero(n + 1, sizeof *c->sorted);
    c->seen = plx_alloc_zero(n + 1, sizeof *c->seen);
    if (!c->sorted || !c->seen) {
        plx_fail_nomem(err, n * sizeof *c->sorted);
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        c->sorted[i] = &members[i];
    }
    qsort(c->sorted, n, sizeof(const plx_member_file *), by_path);
    if (!plx_fs_walk(c->dir, visit, c, err)) {
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        if (!c->seen[i]) {
            problem(c, c->sorted[i]->path, PLX_FLAW_MISSING, "missing");
        }
    }
    ok = true;
done:
    plx_free(c->sorted);
    plx_free(c->seen);
    return ok;
}

static bool check_text(check *c, const plx_buf *text, const plx_digest *expect, plx_err *err)
{
    c->bytes += text->len;
    plx_digest got = plx_sha256_of(text->ptr, text->len);
    if (!plx_digest_eq(&got, expect)) {
        problem(c, "record.json", PLX_FLAW_DIFFERS, "sha256 differs");
        return true; /* what it lists means nothing now */
    }
    plx_arena *arena = plx_arena_new(0);
    if (!arena) {
        return plx_fail_nomem(err, 0);
    }
    plx_value *meta;
    plx_member_file *members;
    size_t n;
    plx_err seen;
    plx_err_clear(&seen);
    bool ok = true;
    if (plx_json_parse(c->ctx, arena, "record.json", (const char *)text->ptr, text->len, NULL, &meta, &seen) &&
        plx_members_parse(arena, meta, &members, &n, &seen)) {
        ok = check_members(c, members, n, err);
    } else if (is_own_failure(&seen)) {
        ok = false;
        if (err) {
            *err = seen;
        }
    } else {
        problem(c, "record.json", PLX_FLAW_DIFFERS, seen.what);
    }
    plx_arena_free(arena);
    return ok;
}

bool plx_record_verify(const plx_ctx *ctx, const char *dir, const plx_digest *expect, bool quick, plx_problem each,
                       void *payload, uint64_t *bytes, plx_err *err)
{
    check c = {.ctx = ctx, .dir = dir, .quick = quick, .each = each, .payload = payload};
    char path[PLX_PATH];
    plx_buf text = {0};
    plx_err seen;
    plx_err_clear(&seen);
    if (!plx_path_join(path, dir, "record.json", err)) {
        return false;
    }
    bool ok = true;
    if (plx_buf_read_file(path, PLX_RECORD_JSON_MAX, &text, &seen)) {
        ok = check_text(&c, &text, expect, err);
        plx_buf_free(&text);
    } else if (is_own_failure(&seen) || (seen.code == PLX_E_NOTFOUND && !plx_fs_exists(dir))) {
        ok = false;
        if (err) {
            *err = seen;
        }
    } else {
        bool missing = seen.code == PLX_E_NOTFOUND;
        problem(&c, "record.json",
                missing                        ? PLX_FLAW_MISSING
                : plx_object_unreadable(&seen) ? PLX_FLAW_UNREADABLE
                                               : PLX_FLAW_DIFFERS,
                missing ? "missing" : seen.what);
    }
    if (bytes) {
        *bytes = c.bytes;
    }
    return ok;
}

typedef struct verdict {
    bool good, unreadable;
    plx_err *err;
} verdict;

static bool first_problem(void *payload, const char *path, plx_flaw flaw, const char *what)
{
    verdict *v = payload;
    v->good = false;
    v->unreadable = flaw == PLX_FLAW_UNREADABLE;
    if (v->unreadable) {
        plx_fail(v->err, PLX_E_IO, "%s", what);
        plx_note(v->err, "%s", path);
    }
    return false;
}

bool plx_record_has(const plx_ctx *ctx, const plx_store *store, const plx_digest *digest, bool *has, plx_err *err)
{
    char dir[PLX_PATH];
    verdict v = {.good = true, .err = err};
    plx_err seen;
    plx_err_clear(&seen);
    *has = false;
    if (!plx_store_object_path(store, "records", digest, dir, err)) {
        return false;
    }
    if (!plx_record_verify(ctx, dir, digest, true, first_problem, &v, NULL, &seen)) {
        if (seen.code != PLX_E_NOTFOUND && err) {
            *err = seen;
        }
        return seen.code == PLX_E_NOTFOUND;
    }
    *has = v.good;
    return !v.unreadable;
}

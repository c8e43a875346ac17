/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading, writing and listing refs: canonical JSON and a seal line.
 */
#include "registry/refs.h"

#include "core/buf.h"
#include "formats/json.h"
#include "registry/blob.h"
#include "registry/record.h"
#include "registry/sealed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { REF_MAX_BYTES = 64 << 20 };

static bool ref_path(const plx_store *store, const plx_ref *ref, char out[PLX_PATH], plx_err *err)
{
    if (ref->kind != PLX_REF_DATASET || !ref->family[0] || !ref->name[0] || !ref->version[0]) {
        char text[PLX_REF_TEXT];
        plx_ref_print(ref, text);
        plx_fail(err, PLX_E_ARG, "%s does not name one stored data set", text);
        return plx_err_why(err, "family, name and version are needed: family/name@version");
    }
    int n = snprintf(out, PLX_PATH, "%s/refs/%s/%s/%s.%s.json", store->root, ref->family, ref->name, ref->version,
                     plx_mode_name(ref->mode));
    return (n > 0 && n < PLX_PATH) || plx_fail(err, PLX_E_ARG, "the store's path %.80s... is too long", store->root);
}

/* A sound ref in the wrong place is damage too: two files swapped, or one put back from another store. */
static bool check_content(const plx_ref *ref, const char *name, const plx_value *content, plx_err *err)
{
    char dataset[2 * PLX_REF_PART + 2];
    const char *has_dataset = plx_v_get_text(content, "dataset"), *version = plx_v_get_text(content, "version");
    const char *mode = plx_v_get_text(content, "mode");
    const plx_value *units = plx_v_get(content, "units");
    snprintf(dataset, sizeof dataset, "%s/%s", ref->family, ref->name);
    if (!has_dataset || !version || !mode) {
        return plx_fail(err, PLX_E_SCHEMA, "%s does not say which data set, version and mode it is", name);
    }
    if (strcmp(has_dataset, dataset) != 0 || strcmp(version, ref->version) != 0 ||
        strcmp(mode, plx_mode_name(ref->mode)) != 0) {
        plx_fail(err, PLX_E_SCHEMA, "%s belongs to another data set", name);
        return plx_err_why(err, "expected %s@%s:%s, got %.60s@%.60s:%.20s", dataset, ref->version,
                           plx_mode_name(ref->mode), has_dataset, version, mode);
    }
    if (!units || units->kind != PLX_V_ARR) {
        return plx_fail(err, PLX_E_SCHEMA, "%s has no list of units", name);
    }
    return true;
}

static bool same_bytes(const char *path, const plx_sb *text)
{
    plx_buf have;
    if (!plx_buf_read_file(path, REF_MAX_BYTES, &have, NULL)) {
        return false;
    }
    bool same = have.len == text->len && memcmp(have.ptr, text->ptr, text->len) == 0;
    plx_buf_free(&have);
    return same;
}

bool plx_refs_write(plx_store *store, const plx_ref *ref, const plx_value *content, plx_err *err)
{
    char path[PLX_PATH];
    plx_sb text = {0};
    if (!ref_path(store, ref, path, err) || !check_content(ref, plx_store_rel(store, path), content, err)) {
        return false;
    }
    bool ok = plx_json_write(content, true, &text, err);
    if (ok) {
        plx_sealed_add(&text);
        ok = !text.failed || plx_fail_nomem(err, text.len);
    }
    ok = ok && (same_bytes(path, &text) || plx_store_replace(store, path, text.ptr, text.len, err));
    plx_sb_free(&text);
    return ok;
}

static bool read_path(const plx_ctx *ctx, const char *path, const char *name, const plx_ref *ref, plx_arena *arena,
                      const plx_value **out, plx_digest *seal, plx_err *err)
{
    plx_buf text;
    plx_value *content;
    size_t body;
    if (!plx_buf_read_file(path, REF_MAX_BYTES, &text, err)) {
        return false;
    }
    bool ok = plx_sealed_check(name, text.ptr, text.len, &body, seal, err) &&
              plx_json_parse(ctx, arena, name, (const char *)text.ptr, body, NULL, &content, err) &&
              check_content(ref, name, content, err);
    plx_buf_free(&text);
    *out = ok ? content : NULL;
    return ok;
}

bool plx_refs_read(const plx_ctx *ctx, const plx_store *store, const plx_ref *ref, plx_arena *arena,
                   const plx_value **out, plx_err *err)
{
    char path[PLX_PATH];
    plx_digest seal;
    plx_err seen;
    plx_err_clear(&seen);
    *out = NULL;
    if (!ref_path(store, ref, path, err)) {
        return false;
    }
    if (read_path(ctx, path, plx_store_rel(store, path), ref, arena, out, &seal, &seen) ||
        seen.code == PLX_E_NOTFOUND) {
        return true;
    }
    if (err) {
        *err = seen;
    }
    return seen.code == PLX_E_DIGEST || seen.code == PLX_E_SCHEMA ? plx_err_next(err, "plexus repair") : false;
}

bool plx_refs_remove(plx_store *store, const plx_ref *ref, bool *was_there, plx_err *err)
{
    char path[PLX_PATH], dir[PLX_PATH];
    *was_there = false;
    if (!ref_path(store, ref, path, err)) {
        return false;
    }
    if (unlink(path) != 0) {
        return errno == ENOENT || plx_fail_sys(err, errno, "cannot remove %s", path);
    }
    *was_there = true;
    snprintf(dir, sizeof dir, "%.*s", (int)(plx_path_base(path) - path - 1), path);
    return plx_fs_sync_dir(dir, err);
}

typedef struct walk {
    const plx_ctx *ctx;
    const plx_store *store;
    plx_refs_each each;
    void *payload;
} walk;

bool plx_refs_of_path(const char *rel, plx_ref *out)
{
    static const char ext[] = ".json";
    char text[PLX_REF_TEXT];
    memset(out, 0, sizeof *out);
    const char *slash = strchr(rel, '/');
    const char *second = slash ? strchr(slash + 1, '/') : NULL;
    size_t len = strlen(rel);
    if (!second || strchr(second + 1, '/') || !plx_ends_with(rel, ext) || len >= sizeof text) {
        return false;
    }
    snprintf(text, sizeof text, "%.*s", (int)(len - (sizeof ext - 1)), rel);
    char *dot = strrchr(text, '.');
    if (!dot || dot < text + (second - rel)) {
        return false;
    }
    text[second - rel] = '@';
    *dot = ':';
    plx_ref ref;
    char printed[PLX_REF_TEXT];
    if (!plx_ref_parse(text, &ref, NULL) || ref.kind != PLX_REF_DATASET || !ref.has_mode || !ref.version[0]) {
        return false;
    }
    plx_ref_print(&ref, printed);
    *out = ref;
    return strcmp(printed, text) == 0;
}

static bool visit(void *payload, const char *rel_path, uint64_t bytes, bool is_link, plx_err *err)
{
    (void)bytes;
    walk *w = payload;
    char rel[PLX_PATH], path[PLX_PATH];
    plx_ref ref;
    plx_digest seal = {{0}};
    plx_err problem;
    plx_err_clear(&problem);
    if (!plx_path_join(rel, "refs", rel_path, err) || !plx_path_join(path, w->store->root, rel, err)) {
        return false;
    }
    if (!plx_refs_of_path(rel_path, &ref) || is_link) {
        plx_fail(&problem, PLX_E_FORMAT, "%s", is_link ? "unexpected link" : "unexpected file");
        return w->each(w->payload, &ref, rel, NULL, &seal, &problem, err);
    }
    plx_arena *arena = plx_arena_new(0);
    if (!arena) {
        return plx_fail_nomem(err, 0);
    }
    const plx_value *content = NULL;
    bool ok = true;
    if (read_path(w->ctx, path, rel, &ref, arena, &content, &seal, &problem)) {
        ok = w->each(w->payload, &ref, rel, content, &seal, NULL, err);
    } else if (problem.code == PLX_E_NOMEM || problem.code == PLX_E_CANCELLED) {
        ok = false;
        if (err) {
            *err = problem;
        }
    } else if (problem.code != PLX_E_NOTFOUND) { /* removed since it was listed: no ref any more */
        memset(&seal, 0, sizeof seal);
        ok = w->each(w->payload, &ref, rel, NULL, &seal, &problem, err);
    }
    plx_arena_free(arena);
    return ok;
}

bool plx_refs_walk(const plx_ctx *ctx, const plx_store *store, plx_refs_each each, void *payload, plx_err *err)
{
    char dir[PLX_PATH];
    walk w = {ctx, store, each, payload};
    if (!plx_path_join(dir, store->root, "refs", err)) {
        return false;
    }
    return !plx_fs_is_dir(dir) || plx_fs_walk(dir, visit, &w, err);
}

static bool give(const plx_value *hex, const char *area, const uint64_t *bytes, plx_refs_object each, void *payload,
                 plx_err *err)
{
    plx_digest digest;
    const char *text = plx_v_text(hex);
    if (!text || !plx_digest_parse(text, strlen(text), &digest)) {
        return plx_fail(err, PLX_E_SCHEMA, "a ref names one of its %s without a SHA-256", area);
    }
    return each(payload, area, &digest, bytes, err);
}

/* A digest as text, or an object that has it under `key`. */
static const plx_value *digest_in(const plx_value *v, const char *key)
{
    return v->kind == PLX_V_OBJ ? plx_v_get(v, key) : v;
}

static bool give_list(const plx_value *list, const char *key, const char *area, plx_refs_object each, void *payload,
                      plx_err *err)
{
    if (list && list->kind != PLX_V_ARR) { /* {unit: sha256}, or a single one */
        if (list->kind != PLX_V_OBJ) {
            return give(list, area, NULL, each, payload, err);
        }
        for (size_t i = 0; i < list->u.obj.n; i++) {
            if (!give(digest_in(list->u.obj.members[i].value, key), area, NULL, each, payload, err)) {
                return false;
            }
        }
        return true;
    }
    for (size_t i = 0; list && i < list->u.arr.n; i++) {
        const plx_value *item = list->u.arr.items[i];
        int64_t n;
        bool sized = plx_v_as_i64(plx_v_get(item, "bytes"), &n) && n >= 0;
        uint64_t bytes = sized ? (uint64_t)n : 0;
        if (!give(digest_in(item, key), area, sized ? &bytes : NULL, each, payload, err)) {
            return false;
        }
    }
    return true;
}

bool plx_refs_objects(const plx_value *content, plx_refs_object each, void *payload, plx_err *err)
{
    const plx_value *manifest = plx_v_get(content, "manifest"), *uses = plx_v_get(content, "uses");
    if (manifest && manifest->kind != PLX_V_NULL &&
        !give(digest_in(manifest, "sha256"), "blobs", NULL, each, payload, err)) {
        return false;
    }
    if (!give_list(plx_v_get(content, "files"), "sha256", "blobs", each, payload, err) ||
        !give_list(plx_v_get(content, "units"), "record", "records", each, payload, err)) {
        return false;
    }
    for (size_t i = 0; uses && uses->kind == PLX_V_ARR && i < uses->u.arr.n; i++) {
        const plx_value *records = plx_v_get(uses->u.arr.items[i], "records");
        if (!give_list(records, "record", "records", each, payload, err)) {
            return false;
        }
    }
    return true;
}

typedef struct presence {
    const plx_ctx *ctx;
    const plx_store *store;
    bool all;
} presence;

static bool look(void *payload, const char *area, const plx_digest *digest, const uint64_t *bytes, plx_err *err)
{
    presence *p = payload;
    bool has = false;
    if (!p->all) {
        return true;
    }
    if (strcmp(area, "blobs") == 0) {
        has = plx_blob_has(p->store, digest, bytes);
    } else if (!plx_record_has(p->ctx, p->store, digest, &has, err)) {
        return false;
    }
    p->all = has;
    return true;
}

bool plx_refs_check_objects(const plx_ctx *ctx, const plx_store *store, const plx_value *content, bool *ok,
                            plx_err *err)
{
    presence p = {ctx, store, true};
    *ok = false;
    if (!plx_refs_objects(content, look, &p, err)) {
        return false;
    }
    *ok = p.all;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Merging manifests with refs. Only names are needed for that, so it is quick however big the store is.
 */
#include "registry/listing.h"

#include "core/alloc.h"
#include "core/str.h"
#include "registry/refs.h"
#include "registry/refs_list.h"

#include <stdlib.h>

typedef struct maker {
    const plx_ctx *ctx;
    plx_registry *registry;
    plx_arena *arena;
    const char *family;
    plx_listed *items;
    size_t n, cap;
} maker;

static bool in_family(const char *name, const char *family)
{
    size_t len = family ? strlen(family) : 0;
    len -= len > 0 && family[len - 1] == '/'; /* as get has it */
    return len == 0 || (strncmp(name, family, len) == 0 && (name[len] == '/' || name[len] == '\0'));
}

static plx_listed *add(maker *m, const char *name, plx_err *err)
{
    char *copy = plx_arena_strdup(m->arena, name);
    if (!copy || !plx_grow(&m->items, &m->cap, m->n + 1, sizeof *m->items)) {
        plx_fail_nomem(err, sizeof *m->items);
        return NULL;
    }
    m->items[m->n] = (plx_listed){.name = copy, .kind = "", .title = "", .licence = "", .ingester = "", .state = ""};
    return &m->items[m->n++];
}

static bool add_manifests(maker *m, plx_err *err)
{
    for (size_t i = 0; i < plx_registry_count(m->registry); i++) {
        const char *name = plx_registry_name(m->registry, i);
        if (!in_family(name, m->family)) {
            continue;
        }
        plx_listed *item = add(m, name, err);
        plx_brief brief;
        plx_err why;
        plx_err_clear(&why);
        if (!item) {
            return false;
        }
        item->known = true;
        if (plx_registry_brief(m->registry, i, &brief, &why)) {
            item->kind = brief.kind;
            item->title = brief.title;
            item->licence = brief.licence;
            item->ingester = brief.ingester;
            item->demo = brief.demo;
            item->size = brief.size;
        } else if (why.code == PLX_E_NOMEM || !(item->problem = plx_arena_strdup(m->arena, why.what))) {
            return plx_fail_nomem(err, 0);
        }
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const plx_listed *)a)->name, ((const plx_listed *)b)->name);
}

/* What was added from local files says itself what it is; a damaged ref says nothing, and verify says why. */
static bool describe(maker *m, const plx_store *store, const plx_ref *ref, plx_listed *item, plx_err *err)
{
    const plx_value *content = NULL;
    plx_err why;
    plx_err_clear(&why);
    if (!plx_refs_read(m->ctx, store, ref, m->arena, &content, &why)) {
        return why.code == PLX_E_NOMEM ? plx_fail_nomem(err, 0) : true;
    }
    const char *kind = content ? plx_v_get_text(content, "kind") : NULL;
    const char *title = content ? plx_v_get_text(content, "title") : NULL;
    const char *licence = content ? plx_v_get_text(content, "licence") : NULL;
    const plx_value *inputs = content ? plx_v_get(content, "files") : NULL;
    item->kind = kind ? kind : "";
    item->title = title ? title : "";
    item->licence = licence ? licence : "";
    const char *reader = content ? plx_v_get_text(plx_v_get(content, "ingester"), "name") : NULL;
    item->ingester = !reader ? "" : strcmp(reader, "none") == 0 ? NULL : reader;
    for (size_t i = 0; inputs && inputs->kind == PLX_V_ARR && i < inputs->u.arr.n; i++) {
        int64_t bytes = 0;
        plx_v_as_i64(plx_v_get(inputs->u.arr.items[i], "bytes"), &bytes);
        item->size.bytes += (uint64_t)bytes;
        item->size.n_files++;
    }
    return true;
}

static bool add_refs(maker *m, const plx_store *store, plx_err *err)
{
    plx_ref_file *files = NULL;
    size_t n = 0, known = m->n;
    if (!plx_refs_list(store, m->arena, &files, &n, err)) {
        return false;
    }
    plx_listed *item = NULL;
    for (size_t i = 0; i < n; i++) {
        char name[2 * PLX_REF_PART + 2];
        snprintf(name, sizeof name, "%s/%s", files[i].ref.family, files[i].ref.name);
        if (!in_family(name, m->family)) {
            continue;
        }
        if (!item || strcmp(item->name, name) != 0) {
            plx_listed key = {.name = name};
            item = known ? bsearch(&key, m->items, known, sizeof *m->items, by_name) : NULL;
            bool added = !item;
            item = item ? item : add(m, name, err);
            if (!item || (added && !describe(m, store, &files[i].ref, item, err))) {
                return false;
            }
        }
        item->strict |= files[i].ref.mode == PLX_STRICT;
        item->compat |= files[i].ref.mode == PLX_COMPAT;
    }
    return true;
}

static bool no_family(const maker *m, plx_err *err)
{
    const char *names[64];
    size_t n = 0;
    for (size_t i = 0; i < plx_registry_count(m->registry) && n < sizeof names / sizeof names[0]; i++) {
        const char *name = plx_registry_name(m->registry, i);
        size_t len = strcspn(name, "/");
        if (n == 0 || strlen(names[n - 1]) != len || strncmp(names[n - 1], name, len) != 0) {
            names[n] = plx_arena_strndup(m->arena, name, len);
            if (!names[n++]) {
                return plx_fail_nomem(err, len);
            }
        }
    }
    const char *near = plx_nearest(m->family, names, n);
    plx_fail(err, PLX_E_NOTFOUND, "there is no family \"%s\"", m->family);
    if (near) {
        plx_err_why(err, "did you mean %s?", near);
        return plx_err_next(err, "plexus ls %s", near);
    }
    return plx_err_next(err, "plexus ls");
}

bool plx_listing_make(const plx_ctx *ctx, plx_registry *registry, const plx_store *store, const char *family,
                      plx_arena *arena, plx_listed **out, size_t *n, plx_err *err)
{
    maker m = {.ctx = ctx, .registry = registry, .arena = arena, .family = family};
    bool ok = add_manifests(&m, err) && (!store || add_refs(&m, store, err));
    if (ok && m.n == 0 && family && family[0]) {
        ok = no_family(&m, err);
    }
    *out = ok ? plx_arena_zero(arena, m.n + 1, sizeof **out) : NULL;
    *n = m.n;
    ok = ok && (*out || plx_fail_nomem(err, m.n * sizeof **out));
    if (ok && m.n > 0) {
        qsort(m.items, m.n, sizeof *m.items, by_name);
        memcpy(*out, m.items, m.n * sizeof **out);
    }
    for (size_t i = 0; ok && i < m.n; i++) {
        plx_listed *item = &(*out)[i];
        bool files_only = !item->ingester && item->strict; /* nothing has made a record of them */
        item->state = files_only     ? "files"
                      : item->strict ? (item->compat ? "strict, compat" : "strict")
                      : item->compat ? "compat"
                                     : "";
    }
    plx_free(m.items);
    return ok;
}

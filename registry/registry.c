/* SPDX-License-Identifier: Apache-2.0
 *
 * The manifests a program knows: those built into it and those in folders of the user. Names come from paths, so that
 * listing them reads no YAML; `name:` inside must say the same, which is checked when a manifest is parsed.
 */
#include "registry/manifest.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "core/embed.h"
#include "core/fs.h"
#include "core/log.h"
#include "registry/manifest_scan.h"
#include "schemas/ref.h"

#include <stdlib.h>

enum { MANIFEST_BYTES = 1 << 20, NEAR = 3 };

extern const plx_embedded plx_builtin_manifests[];

typedef struct entry {
    const char *name; /* "family/name" */
    const char *path; /* NULL: built in */
    plx_slice text;   /* built in only */
    const plx_manifest *parsed;
    size_t rank; /* order of arrival: later folders replace earlier ones */
} entry;

struct plx_registry {
    const plx_ctx *ctx;
    plx_arena *arena;
    entry *entries;
    size_t n, cap;
};

static bool add_entry(plx_registry *r, const char *name, size_t name_len, const char *path, plx_slice text,
                      plx_err *err)
{
    if (!plx_grow(&r->entries, &r->cap, r->n + 1, sizeof *r->entries)) {
        return plx_fail_nomem(err, (r->n + 1) * sizeof *r->entries);
    }
    const char *copy = plx_arena_strndup(r->arena, name, name_len);
    const char *place = path ? plx_arena_strdup(r->arena, path) : NULL;
    if (!copy || (path && !place)) {
        return plx_fail_nomem(err, name_len);
    }
    r->entries[r->n] = (entry){.name = copy, .path = place, .text = text, .rank = r->n};
    r->n++;
    return true;
}

static bool add_builtin(plx_registry *r, plx_err *err)
{
    for (const plx_embedded *e = plx_builtin_manifests; e->name; e++) {
        plx_slice text = {(const char *)e->bytes, e->len};
        if (!add_entry(r, e->name, strlen(e->name) - strlen(".yaml"), NULL, text, err)) {
            return false;
        }
    }
    return true;
}

static bool add_family(plx_registry *r, const char *dir, const char *family, plx_err *err)
{
    char folder[PLX_PATH], path[PLX_PATH], name[PLX_PATH];
    char **names = NULL;
    size_t n = 0;
    bool ok = plx_path_join(folder, dir, family, err) && plx_fs_names(folder, &names, &n, err);
    for (size_t i = 0; ok && i < n; i++) {
        if (!plx_ends_with(names[i], ".yaml")) {
            continue;
        }
        plx_ref ref;
        ok = plx_path_join(path, folder, names[i], err) && plx_path_join(name, family, names[i], err);
        if (!ok) {
            break;
        }
        name[strlen(name) - strlen(".yaml")] = 0;
        if (!plx_ref_parse(name, &ref, err) || ref.kind != PLX_REF_DATASET || ref.version[0] || ref.has_mode ||
            ref.unit[0]) {
            ok = plx_fail(err, PLX_E_SCHEMA,
                          "%s cannot be a manifest: its path must give a name such as family/name.yaml", path);
            break;
        }
        ok = add_entry(r, name, strlen(name), path, (plx_slice){0}, err);
    }
    plx_fs_names_free(names, n);
    return ok;
}

static bool add_dir(plx_registry *r, const char *dir, plx_err *err)
{
    if (!plx_fs_is_dir(dir)) {
        plx_fail(err, PLX_E_NOTFOUND, "registry folder %s does not exist", dir);
        return plx_err_next(err, "mkdir -p %s", dir);
    }
    char **families = NULL;
    size_t n = 0;
    bool ok = plx_fs_names(dir, &families, &n, err);
    for (size_t i = 0; ok && i < n; i++) {
        char path[PLX_PATH];
        ok = plx_path_join(path, dir, families[i], err);
        if (ok && families[i][0] != '.' && plx_fs_is_dir(path)) {
            ok = add_family(r, dir, families[i], err);
        } else if (ok && plx_ends_with(families[i], ".yaml")) {
            plx_logf(r->ctx, PLX_LOG_WARN, "registry", "%s is not used: a manifest lies at <family>/<name>.yaml", path);
        }
    }
    plx_fs_names_free(families, n);
    return ok;
}

static int by_name(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : x->rank < y->rank ? -1 : 1;
}

/* Of entries with one name keep the last; equal versions would make a name mean two things. */
static bool drop_replaced(plx_registry *r, plx_err *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (kept == 0 || strcmp(r->entries[kept - 1].name, r->entries[i].name) != 0) {
            r->entries[kept++] = r->entries[i];
            continue;
        }
        const plx_manifest *old, *new;
        if (!plx_registry_get(r, kept - 1, &old, err) || !plx_registry_get(r, i, &new, err)) {
            return false;
        }
        if (strcmp(old->version, new->version) == 0) {
            plx_fail(err, PLX_E_SCHEMA, "%s@%s has two manifests", r->entries[i].name, new->version);
            plx_note(err, "%s", new->origin);
            plx_note(err, "%s", old->origin);
            return plx_err_why(err, "a manifest may replace another only with a version of its own");
        }
        r->entries[kept - 1] = r->entries[i];
    }
    r->n = kept;
    return true;
}

static bool add_dirs(plx_registry *r, const char *dirs, plx_err *err)
{
    for (const char *p = dirs; p && *p;) {
        size_t len = strcspn(p, ":");
        char dir[PLX_PATH];
        if (len >= sizeof dir) {
            return plx_fail(err, PLX_E_ARG, "a registry folder's path is longer than %d bytes", PLX_PATH - 1);
        }
        memcpy(dir, p, len);
        dir[len] = 0;
        if (len > 0 && !add_dir(r, dir, err)) {
            return false;
        }
        p += len + (p[len] == ':');
    }
    return true;
}

bool plx_registry_open(const plx_ctx *ctx, const char *extra_dirs, plx_registry **out, plx_err *err)
{
    plx_registry *r = plx_alloc_zero(1, sizeof *r);
    if (!r) {
        return plx_fail_nomem(err, sizeof *r);
    }
    r->ctx = ctx;
    r->arena = plx_arena_new(0);
    bool ok = r->arena ? true : plx_fail_nomem(err, sizeof(void *));
    ok = ok && add_builtin(r, err) && add_dirs(r, extra_dirs, err);
    if (ok && r->n > 0) {
        qsort(r->entries, r->n, sizeof *r->entries, by_name);
        ok = drop_replaced(r, err);
    }
    if (!ok) {
        plx_registry_close(r);
        return false;
    }
    *out = r;
    return true;
}

void plx_registry_close(plx_registry *registry)
{
    if (registry) {
        plx_arena_free(registry->arena);
        plx_free(registry->entries);
        plx_free(registry);
    }
}

size_t plx_registry_count(const plx_registry *registry)
{
    return registry->n;
}

const char *plx_registry_name(const plx_registry *registry, size_t i)
{
    return registry->entries[i].name;
}

bool plx_registry_get(plx_registry *registry, size_t i, const plx_manifest **out, plx_err *err)
{
    entry *e = &registry->entries[i];
    if (e->parsed) {
        *out = e->parsed;
        return true;
    }
    plx_buf file = {0};
    plx_slice text = e->text;
    if (e->path) {
        if (!plx_buf_read_file(e->path, MANIFEST_BYTES, &file, err)) {
            return plx_note(err, "manifest of %s", e->name);
        }
        text = (plx_slice){(const char *)file.ptr, file.len};
    }
    const plx_manifest *m = NULL;
    const char *origin = e->path ? e->path : "built in";
    bool ok = plx_manifest_parse(registry->ctx, registry->arena, origin, text.ptr ? text.ptr : "", text.len, &m, err);
    plx_buf_free(&file);
    if (!ok) {
        return plx_note(err, "manifest of %s", e->name);
    }
    size_t family = strlen(m->family);
    if (strncmp(e->name, m->family, family) != 0 || e->name[family] != '/' ||
        strcmp(e->name + family + 1, m->name) != 0) {
        plx_fail(err, PLX_E_SCHEMA, "manifest %s says that it is %s/%s", origin, m->family, m->name);
        return plx_err_why(err, "a manifest's path must give its name: %s/%s.yaml", m->family, m->name);
    }
    e->parsed = m;
    *out = m;
    return true;
}

bool plx_registry_brief(plx_registry *registry, size_t i, plx_brief *out, plx_err *err)
{
    entry *e = &registry->entries[i];
    bool scanned = false;
    if (!e->parsed && !e->path && !plx_manifest_scan(registry->arena, e->text, out, &scanned, err)) {
        return false;
    }
    const plx_manifest *m;
    if (scanned) {
        return true;
    }
    if (!plx_registry_get(registry, i, &m, err)) {
        return false;
    }
    *out = (plx_brief){
        .title = m->title, .kind = m->kind, .licence = m->licence, .ingester = m->ingester, .demo = m->demo};
    plx_manifest_add_up(m, &out->size);
    return true;
}

static const char *bare_name(const entry *e)
{
    return strchr(e->name, '/') + 1;
}

/* The nearest names: those that hold the word, else those a few letters away. */
static size_t nearest(const plx_registry *r, const char *word, bool bare, const char *out[NEAR])
{
    size_t n = 0, len = strlen(word);
    for (size_t i = 0; i < r->n && n < NEAR && len >= 3; i++) {
        if (strstr(r->entries[i].name, word)) {
            out[n++] = r->entries[i].name;
        }
    }
    if (n > 0) {
        return n;
    }
    unsigned limit = len < 6 ? 2 : (unsigned)(len / 3), distance[NEAR];
    for (size_t i = 0; i < r->n && len < 64; i++) {
        const char *name = bare ? bare_name(&r->entries[i]) : r->entries[i].name;
        unsigned d = strlen(name) < 64 ? plx_edit_distance(word, name) : limit + 1;
        if (d > limit) {
            continue;
        }
        size_t at = n < NEAR ? n++ : NEAR;
        for (; at > 0 && distance[at - 1] > d; at--) {
            if (at < NEAR) {
                out[at] = out[at - 1];
                distance[at] = distance[at - 1];
            }
        }
        if (at < NEAR) {
            out[at] = r->entries[i].name;
            distance[at] = d;
        }
    }
    return n;
}

static bool not_found(const plx_registry *r, const char *word, bool bare, plx_err *err)
{
    const char *near[NEAR];
    size_t n = nearest(r, word, bare, near);
    plx_fail(err, PLX_E_NOTFOUND, "no data set %s%s is known", bare ? "" : "named ", word);
    if (n == 0) {
        return plx_err_next(err, "plexus ls");
    }
    plx_err_why(err, "nearest: %s%s%s%s%s", near[0], n > 1 ? ", " : "", n > 1 ? near[1] : "", n > 2 ? ", " : "",
                n > 2 ? near[2] : "");
    return plx_err_next(err, "plexus show %s", near[0]);
}

static bool find_bare(plx_registry *r, const char *name, size_t *out, plx_err *err)
{
    size_t n = 0, first = 0, second = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (strcmp(bare_name(&r->entries[i]), name) == 0) {
            second = i;
            first = n++ == 0 ? i : first;
        }
    }
    if (n == 0) {
        return not_found(r, name, true, err);
    }
    if (n > 1) {
        plx_fail(err, PLX_E_NOTFOUND, "%s is ambiguous: %zu data sets have that name", name, n);
        plx_err_why(err, "candidates: %s, %s%s", r->entries[first].name, r->entries[second].name, n > 2 ? ", ..." : "");
        return plx_err_next(err, "plexus show %s", r->entries[first].name);
    }
    *out = first;
    return true;
}

bool plx_registry_find(plx_registry *registry, const char *family, const char *name, const plx_manifest **out,
                       plx_err *err)
{
    size_t at = 0;
    if (!family || !family[0]) {
        return find_bare(registry, name, &at, err) && plx_registry_get(registry, at, out, err);
    }
    char full[2 * PLX_REF_PART + 2];
    int n = snprintf(full, sizeof full, "%s/%s", family, name);
    if (n < 0 || (size_t)n >= sizeof full) {
        return plx_fail(err, PLX_E_NOTFOUND, "no data set has a name as long as %s/%s", family, name);
    }
    entry key = {.name = full};
    for (size_t low = 0, high = registry->n; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(registry->entries[middle].name, key.name);
        if (order == 0) {
            return plx_registry_get(registry, middle, out, err);
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return not_found(registry, full, false, err);
}

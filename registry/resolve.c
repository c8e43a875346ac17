/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/resolve.h"

#include "registry/refs_list.h"

#include <ctype.h>

enum { NAME_TEXT = 2 * PLX_REF_PART + 2 };

int plx_version_order(const char *a, const char *b)
{
    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            a += strspn(a, "0");
            b += strspn(b, "0");
            size_t n = strspn(a, "0123456789"), m = strspn(b, "0123456789");
            int order = n != m ? (n < m ? -1 : 1) : memcmp(a, b, n);
            if (order) {
                return order;
            }
            a += n;
            b += m;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return *a ? 1 : *b ? -1 : 0;
}

static bool same_name(const plx_ref *have, const plx_ref *asked)
{
    return strcmp(have->name, asked->name) == 0 && (!asked->family[0] || strcmp(have->family, asked->family) == 0);
}

/* Nothing of that name is in the store: the way to get it, or the nearest that is there. */
static bool not_in_store(const plx_ref_file *files, size_t n, plx_registry *registry, const plx_ref *asked,
                         plx_err *err)
{
    char text[PLX_REF_TEXT];
    plx_ref bare = *asked;
    bare.unit[0] = '\0';
    plx_ref_print(&bare, text);
    plx_err why;
    plx_err_clear(&why);
    const plx_manifest *known = NULL;
    if (registry && plx_registry_find(registry, asked->family, asked->name, &known, &why)) {
        plx_fail(err, PLX_E_NOTFOUND, "%s is not in the store yet", text);
        return plx_err_next(err, "plexus get %s/%s%s", known->family, known->name,
                            asked->has_mode && asked->mode == PLX_COMPAT ? ":compat" : "");
    }
    plx_fail(err, PLX_E_NOTFOUND, "there is no %s", text);
    char names[64][NAME_TEXT];
    const char *candidates[64];
    size_t m = 0;
    for (size_t i = 0; i < n && m < 64; i++) {
        const plx_ref *r = &files[i].ref;
        snprintf(names[m], sizeof names[m], "%s%s%s", asked->family[0] ? r->family : "", asked->family[0] ? "/" : "",
                 r->name);
        candidates[m] = names[m];
        m += m == 0 || strcmp(names[m], names[m - 1]) != 0;
    }
    char word[NAME_TEXT];
    snprintf(word, sizeof word, "%s%s%s", asked->family, asked->family[0] ? "/" : "", asked->name);
    const char *near = strlen(word) < 64 ? plx_nearest(word, candidates, m) : NULL;
    if (near) {
        return plx_err_why(err, "did you mean %s?", near);
    }
    if (why.code == PLX_E_NOTFOUND && why.why[0]) {
        plx_err_why(err, "%s", why.why);
    }
    return plx_err_next(err, "plexus ls");
}

/* The name is there, but not in that version or mode. */
static bool other_parts(const plx_ref_file *files, size_t n, const plx_ref *asked, plx_err *err)
{
    char text[PLX_REF_TEXT], have[PLX_ERR_TEXT] = "";
    plx_ref bare = *asked;
    bare.unit[0] = '\0';
    bare.has_mode = true;
    plx_ref_print(&bare, text);
    const plx_ref *any = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t used = strlen(have);
        if (same_name(&files[i].ref, asked) && used + strlen(files[i].key) + 3 < sizeof have) {
            snprintf(have + used, sizeof have - used, "%s%s", used ? ", " : "", files[i].key);
            any = &files[i].ref;
        }
    }
    plx_fail(err, PLX_E_NOTFOUND, "%s is not in the store", text);
    plx_err_why(err, "there is %s", have);
    return any && !asked->version[0] ? plx_err_next(err, "plexus get %s/%s%s", any->family, any->name,
                                                    asked->mode == PLX_COMPAT ? ":compat" : "")
                                     : false;
}

bool plx_resolve(const plx_store *store, plx_registry *registry, const plx_ref *asked, plx_ref *out, plx_err *err)
{
    char text[PLX_REF_TEXT];
    plx_ref_print(asked, text);
    if (asked->kind != PLX_REF_DATASET) {
        return plx_fail(err, PLX_E_ARG, "%s is not a data set", text);
    }
    plx_arena *arena = plx_arena_new(0);
    plx_ref_file *files = NULL;
    size_t n = 0;
    if (!arena || !plx_refs_list(store, arena, &files, &n, err)) {
        bool nomem = !arena;
        plx_arena_free(arena);
        return nomem ? plx_fail_nomem(err, 0) : false;
    }
    const plx_ref *best = NULL, *other_family = NULL;
    bool named = false;
    for (size_t i = 0; i < n; i++) {
        const plx_ref *r = &files[i].ref;
        if (!same_name(r, asked)) {
            continue;
        }
        named = true;
        if ((asked->version[0] && strcmp(r->version, asked->version) != 0) || r->mode != asked->mode) {
            continue;
        }
        if (best && strcmp(best->family, r->family) != 0) {
            other_family = r;
        }
        if (!best || plx_version_order(r->version, best->version) > 0) {
            best = r;
        }
    }
    bool ok = false;
    if (other_family) {
        plx_fail(err, PLX_E_NOTFOUND, "%s is in more than one family", text);
        plx_err_why(err, "there is %s/%s and %s/%s", best->family, best->name, other_family->family,
                    other_family->name);
    } else if (best) {
        *out = *best;
        out->has_mode = true;
        snprintf(out->unit, sizeof out->unit, "%s", asked->unit);
        ok = true;
    } else if (named) {
        other_parts(files, n, asked, err);
    } else {
        not_in_store(files, n, registry, asked, err);
    }
    plx_arena_free(arena);
    return ok;
}

bool plx_resolve_digest(const plx_store *store, const char *hex, const char **area, plx_digest *out, plx_err *err)
{
    static const char *const areas[] = {"blobs", "records"};
    size_t len = strlen(hex), n_found = 0;
    if (len < 6 || len > PLX_SHA256_HEX || strspn(hex, "0123456789abcdef") != len) {
        return plx_fail(err, PLX_E_ARG, "%s is not the start of a digest: 6 to %d lower-case hex digits", hex,
                        PLX_SHA256_HEX);
    }
    for (size_t i = 0; i < 2; i++) {
        char dir[PLX_PATH], tail[16], **names;
        size_t n;
        snprintf(tail, sizeof tail, "sha256/%.2s", hex);
        if (!plx_path_join(dir, store->root, areas[i], err) || !plx_path_join(dir, dir, tail, err) ||
            !plx_fs_names(dir, &names, &n, err)) {
            return false;
        }
        for (size_t k = 0; k < n; k++) {
            char full[PLX_SHA256_HEX + 1];
            int used = snprintf(full, sizeof full, "%.2s%s", hex, names[k]);
            if (used == PLX_SHA256_HEX && plx_starts_with(full, hex) && plx_digest_parse(full, PLX_SHA256_HEX, out)) {
                *area = areas[i];
                n_found++;
            }
        }
        plx_fs_names_free(names, n);
    }
    if (n_found != 1) {
        plx_fail(err, PLX_E_NOTFOUND,
                 n_found ? "more than one digest in the store starts with %s"
                         : "nothing in the store has the digest %s",
                 hex);
        return n_found ? plx_err_why(err, "%zu do; give more digits", n_found) : plx_err_next(err, "plexus ls");
    }
    return true;
}

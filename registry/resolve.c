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

/* The stored name nearest to the one asked for; "" when none is near. */
static void nearest(const plx_ref_file *files, size_t n, const plx_ref *asked, char near[PLX_REF_TEXT])
{
    char names[64][NAME_TEXT], word[NAME_TEXT];
    const char *candidates[64];
    size_t m = 0;
    for (size_t i = 0; i < n && m < 64; i++) {
        const plx_ref *r = &files[i].ref;
        snprintf(names[m], sizeof names[m], "%s%s%s", asked->family[0] ? r->family : "", asked->family[0] ? "/" : "",
                 r->name);
        candidates[m] = names[m];
        m += m == 0 || strcmp(names[m], names[m - 1]) != 0;
    }
    snprintf(word, sizeof word, "%s%s%s", asked->family, asked->family[0] ? "/" : "", asked->name);
    const char *found = strlen(word) < 64 ? plx_nearest(word, candidates, m) : NULL;
    snprintf(near, PLX_REF_TEXT, "%s", found ? found : "");
}

/* Is `a` a better answer than `b`? One in the mode that was asked for, then the newest. */
static bool better(const plx_ref *a, const plx_ref *b, plx_mode mode)
{
    return (a->mode == mode) != (b->mode == mode) ? a->mode == mode : plx_version_order(a->version, b->version) > 0;
}

bool plx_resolve(const plx_store *store, const plx_ref *asked, plx_ref *out, bool *found, char near[PLX_REF_TEXT],
                 plx_err *err)
{
    plx_arena *arena = plx_arena_new(0);
    plx_ref_file *files = NULL;
    size_t n = 0;
    *found = false;
    near[0] = '\0';
    if (!arena) {
        return plx_fail_nomem(err, 0);
    }
    if (!plx_refs_list(store, arena, &files, &n, err)) {
        plx_arena_free(arena);
        return false;
    }
    const plx_ref *best = NULL, *other_family = NULL;
    for (size_t i = 0; i < n; i++) {
        const plx_ref *r = &files[i].ref;
        if (!same_name(r, asked) || (asked->version[0] && strcmp(r->version, asked->version) != 0)) {
            continue;
        }
        other_family = best && strcmp(best->family, r->family) != 0 ? r : other_family;
        best = !best || better(r, best, asked->mode) ? r : best;
    }
    bool ok = !other_family;
    if (!ok) {
        plx_fail(err, PLX_E_NOTFOUND, "%s is in more than one family", asked->name);
        plx_err_why(err, "there is %s/%s and %s/%s", best->family, best->name, other_family->family,
                    other_family->name);
        plx_err_next(err, "plexus show %s/%s", best->family, best->name);
    } else if (best) {
        *found = true;
        *out = *asked;
        memcpy(out->family, best->family, sizeof out->family);
        memcpy(out->version, best->version, sizeof out->version);
    } else {
        nearest(files, n, asked, near);
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
        if (n_found) {
            plx_err_why(err, "%zu do; give more digits", n_found);
        }
        return plx_err_next(err, "plexus ls --present");
    }
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The Open Science Framework: a file by its id, or by its path in the storage of a project, folder by folder.
 */
#include "core/str.h"
#include "registry/host.h"

enum { MAX_PAGES = 200 };

static bool take(plx_asking *ask, const char *id, const plx_value *attributes, plx_place *out)
{
    const plx_value *extra = attributes ? plx_v_get(attributes, "extra") : NULL;
    const plx_value *hashes = extra ? plx_v_get(extra, "hashes") : NULL;
    out->url = plx_ask_url(ask, "https://osf.io/download/%s/", id);
    plx_ask_size(attributes ? plx_v_get(attributes, "size") : NULL, out);
    if (hashes) {
        plx_ask_md5(plx_v_get_text(hashes, "md5"), out);
        plx_ask_sha256(plx_v_get_text(hashes, "sha256"), out);
    }
    return true;
}

/* The attributes of `name` in one folder, page by page; NULL when it is not there. */
static bool look_in(plx_asking *ask, const char *node, int node_len, const char *folder, const char *name,
                    const plx_value **out, plx_err *err)
{
    *out = NULL;
    for (int page = 1; page <= MAX_PAGES && !*out; page++) {
        const plx_value *answer = NULL;
        const char *url =
            plx_ask_url(ask, "https://api.osf.io/v2/nodes/%.*s/files/osfstorage/%s?page%%5Bsize%%5D=100&page=%d",
                        node_len, node, folder, page);
        if (!plx_ask_json(ask, url, &answer, err)) {
            return false;
        }
        const plx_value *data = plx_v_get(answer, "data"), *links = plx_v_get(answer, "links");
        for (size_t i = 0; data && data->kind == PLX_V_ARR && i < data->u.arr.n; i++) {
            const plx_value *attributes = plx_v_get(data->u.arr.items[i], "attributes");
            const char *text = attributes ? plx_v_get_text(attributes, "name") : NULL;
            *out = text && strcmp(text, name) == 0 ? attributes : *out;
        }
        if (!links || !plx_v_get_text(links, "next")) {
            break;
        }
    }
    return true;
}

static bool by_path(plx_asking *ask, const char *rest, const char *path, plx_place *out, plx_err *err)
{
    int node_len = (int)strcspn(rest, "/");
    const char *folder = "";
    for (;;) {
        size_t len = strcspn(path, "/");
        const char *part = plx_arena_strndup(ask->arena, path, len), *name = NULL, *id;
        const plx_value *attributes = NULL;
        if (!part) {
            return plx_fail_nomem(err, len);
        }
        if (!plx_ask_decode(ask, part, &name, err) || !look_in(ask, rest, node_len, folder, name, &attributes, err)) {
            return false;
        }
        const char *where = attributes ? plx_v_get_text(attributes, "path") : NULL; /* "/<id>", or "/<id>/" */
        if (!where || where[0] != '/') {
            return plx_ask_missing(name, "the OSF project", err);
        }
        id = plx_arena_strndup(ask->arena, where + 1, strcspn(where + 1, "/"));
        if (!plx_ask_is_word(id)) {
            return plx_ask_missing(name, "the OSF project", err);
        }
        if (!path[len]) {
            return take(ask, id, attributes, out);
        }
        folder = plx_arena_printf(ask->arena, "%s/", id);
        if (!folder) {
            return plx_fail_nomem(err, 0);
        }
        path += len + 1;
    }
}

static bool resolve(plx_asking *ask, const char *rest, bool known, plx_place *out, plx_err *err)
{
    const char *slash = strchr(rest, '/');
    const plx_value *answer = NULL, *data;
    if (slash) {
        return by_path(ask, rest, slash + 1, out, err);
    }
    if (known) {
        return take(ask, rest, NULL, out);
    }
    if (!plx_ask_json(ask, plx_ask_url(ask, "https://api.osf.io/v2/files/%s/", rest), &answer, err)) {
        return false;
    }
    data = plx_v_get(answer, "data");
    return take(ask, rest, data ? plx_v_get(data, "attributes") : NULL, out);
}

const plx_host plx_host_osf = {.scheme = "osf",
                               .title = "Open Science Framework",
                               .form = "osf:FILE-ID or osf:NODE/FILE",
                               .publishes = "size, MD5, SHA-256",
                               .resolve = resolve};

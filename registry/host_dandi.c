/* SPDX-License-Identifier: Apache-2.0
 *
 * DANDI: assets of a version of a dandiset, found by their path.
 */
#include "core/str.h"
#include "registry/host.h"
#include "registry/rare_digests.h"

static bool resolve(plx_asking *ask, const char *rest, bool known, plx_place *out, plx_err *err)
{
    int dandiset = (int)strcspn(rest, "/");
    const char *version = rest + dandiset + (rest[dandiset] == '/');
    int version_len = (int)strcspn(version, "/");
    const char *path = version + version_len + (version[version_len] == '/');
    const char *name = NULL;
    const plx_value *answer = NULL;
    const char *url = plx_ask_url(ask, "https://api.dandiarchive.org/api/dandisets/%.*s/versions/%.*s/assets/?path=%s",
                                  dandiset, rest, version_len, version, path);
    if (!plx_ask_decode(ask, path, &name, err) || !plx_ask_json(ask, url, &answer, err)) {
        return false;
    }
    /* The path of the question is a prefix, so there may be more than one answer. */
    const plx_value *entry = plx_ask_pick(plx_v_get(answer, "results"), "path", name);
    const char *id = entry ? plx_v_get_text(entry, "asset_id") : NULL;
    if (!plx_ask_is_word(id)) {
        return plx_ask_missing(name, "the dandiset", err);
    }
    out->url = plx_ask_url(ask, "https://api.dandiarchive.org/api/assets/%s/download/", id);
    plx_ask_size(plx_v_get(entry, "size"), out);
    if (known) {
        return true;
    }
    if (!plx_ask_json(ask, plx_ask_url(ask, "https://api.dandiarchive.org/api/assets/%s/", id), &answer, err)) {
        return false;
    }
    const plx_value *digest = plx_v_get(answer, "digest");
    plx_ask_size(plx_v_get(answer, "contentSize"), out);
    plx_ask_sha256(digest ? plx_v_get_text(digest, "dandi:sha2-256") : NULL, out);
    const char *etag = digest ? plx_v_get_text(digest, "dandi:dandi-etag") : NULL;
    out->dandi_etag = etag && plx_is_dandi_etag(etag) ? etag : NULL;
    return true;
}

const plx_host plx_host_dandi = {.scheme = "dandi",
                                 .title = "DANDI",
                                 .form = "dandi:DANDISET/VERSION/PATH",
                                 .publishes = "size, SHA-256, ETag of parts",
                                 .resolve = resolve};

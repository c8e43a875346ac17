/* SPDX-License-Identifier: Apache-2.0
 *
 * figshare: articles, by version where one is given, and their files by number.
 */
#include "core/str.h"
#include "registry/host.h"

#include <stdio.h>

static bool resolve(plx_asking *ask, const char *rest, bool known, plx_place *out, plx_err *err)
{
    int article = (int)strcspn(rest, "/");
    const char *version = memchr(rest, '.', (size_t)article);
    const char *name = NULL, *url;
    const plx_value *answer = NULL;
    int64_t id = 0;
    (void)known; /* the file's number must be asked for */
    if (version && version[1] == 'v') {
        url = plx_ask_url(ask, "https://api.figshare.com/v2/articles/%.*s/versions/%.*s", (int)(version - rest), rest,
                          (int)(rest + article - version - 2), version + 2);
    } else {
        url = plx_ask_url(ask, "https://api.figshare.com/v2/articles/%.*s", article, rest);
    }
    if (!plx_ask_decode(ask, rest + article + (rest[article] == '/'), &name, err) ||
        !plx_ask_json(ask, url, &answer, err)) {
        return false;
    }
    const plx_value *entry = plx_ask_pick(plx_v_get(answer, "files"), "name", name);
    if (!entry || !plx_v_as_i64(plx_v_get(entry, "id"), &id) || id <= 0) {
        return plx_ask_missing(name, "the figshare article", err);
    }
    out->url = plx_ask_url(ask, "https://ndownloader.figshare.com/files/%lld", (long long)id);
    plx_ask_size(plx_v_get(entry, "size"), out);
    plx_ask_md5(plx_v_get_text(entry, "supplied_md5"), out);
    plx_ask_md5(plx_v_get_text(entry, "computed_md5"), out);
    return true;
}

const plx_host plx_host_figshare = {.scheme = "figshare",
                                    .title = "figshare",
                                    .form = "figshare:ARTICLE/FILE",
                                    .publishes = "size, MD5",
                                    .resolve = resolve};

/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of a GitHub repository at a commit. What git calls a file is no digest of its bytes alone, so none is taken.
 */
#include "core/str.h"
#include "registry/host.h"

static bool resolve(plx_asking *ask, const char *rest, bool known, plx_place *out, plx_err *err)
{
    size_t repository = strcspn(rest, "@");
    (void)known;
    if (!rest[repository]) {
        return plx_fail(err, PLX_E_ARG, "github:%s names no commit", rest);
    }
    out->url =
        plx_ask_url(ask, "https://raw.githubusercontent.com/%.*s/%s", (int)repository, rest, rest + repository + 1);
    return true;
}

const plx_host plx_host_github = {.scheme = "github",
                                  .title = "GitHub",
                                  .form = "github:OWNER/NAME@COMMIT/PATH",
                                  .publishes = "nothing",
                                  .resolve = resolve};

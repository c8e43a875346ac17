/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of a Hugging Face repository. The SHA-256 of files in large-file storage comes with the first answer to the
 * download itself, in x-linked-etag; the ETag of small files is git's name for them, the SHA-1 of their length and
 * bytes.
 */
#include "core/str.h"
#include "registry/host.h"

static bool resolve(plx_asking *ask, const char *rest, bool known, plx_place *out, plx_err *err)
{
    size_t repository = strcspn(rest, "@");
    (void)known;
    if (!rest[repository]) {
        return plx_fail(err, PLX_E_ARG, "hf:%s names no revision", rest);
    }
    const char *name = plx_starts_with(rest, "models/") ? rest + strlen("models/") : rest;
    out->url = plx_ask_url(ask, "https://huggingface.co/%.*s/resolve/%s", (int)(rest + repository - name), name,
                           rest + repository + 1);
    out->etag_is_git = true;
    return true;
}

const plx_host plx_host_hf = {.scheme = "hf",
                              .title = "Hugging Face",
                              .form = "hf:datasets/OWNER/NAME@REVISION/PATH",
                              .publishes = "SHA-256 of large files, git's SHA-1 of others",
                              .resolve = resolve};

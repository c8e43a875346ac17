/* SPDX-License-Identifier: Apache-2.0
 *
 * Zenodo: records and their files, by InvenioRDM's interface.
 */
#include "core/str.h"
#include "registry/host.h"

static bool resolve(plx_asking *ask, const char *rest, bool known, plx_place *out, plx_err *err)
{
    int record = (int)strcspn(rest, "/");
    const char *file = rest + record + (rest[record] == '/');
    const char *name = NULL;
    const plx_value *answer = NULL;
    out->url = plx_ask_url(ask, "https://zenodo.org/api/records/%.*s/files/%s/content", record, rest, file);
    if (known) {
        return true;
    }
    if (!plx_ask_decode(ask, file, &name, err) ||
        !plx_ask_json(ask, plx_ask_url(ask, "https://zenodo.org/api/records/%.*s", record, rest), &answer, err)) {
        return false;
    }
    const plx_value *entry = plx_ask_pick(plx_v_get(answer, "files"), "key", name);
    if (!entry) {
        return plx_ask_missing(name, "the Zenodo record", err);
    }
    const char *checksum = plx_v_get_text(entry, "checksum");
    plx_ask_size(plx_v_get(entry, "size"), out);
    plx_ask_md5(checksum && plx_starts_with(checksum, "md5:") ? checksum + 4 : NULL, out);
    plx_ask_sha256(checksum && plx_starts_with(checksum, "sha256:") ? checksum + 7 : NULL, out);
    return true;
}

const plx_host plx_host_zenodo = {
    .scheme = "zenodo", .title = "Zenodo", .form = "zenodo:RECORD/FILE", .publishes = "size, MD5", .resolve = resolve};

/* SPDX-License-Identifier: Apache-2.0
 *
 * builtin:folder/file addresses: micro-sets that are part of the program (registry/builtin/).
 */
#include "core/embed.h"
#include "registry/transports.h"

extern const plx_embedded plx_builtin_files[];

static bool open_builtin(const plx_ctx *ctx, const char *url, plx_source **out, plx_err *err)
{
    (void)ctx;
    const char *name = url + strlen("builtin:");
    for (const plx_embedded *e = plx_builtin_files; e->name; e++) {
        if (strcmp(e->name, name) == 0) {
            return plx_source_mem(url, e->bytes, e->len, out, err);
        }
    }
    return plx_fail(err, PLX_E_NOTFOUND, "this program has no built-in file %s", name);
}

const plx_transport plx_transport_builtin = {
    .scheme = "builtin", .title = "files built into the program", .network = false, .open = open_builtin};

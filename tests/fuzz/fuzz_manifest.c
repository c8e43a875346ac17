/* SPDX-License-Identifier: Apache-2.0
 *
 * Manifests: what is accepted holds to its own promises; what is refused says where.
 */
#include "fuzz/fuzz.h"

#include "core/fs.h"
#include "registry/bibtex.h"
#include "registry/manifest.h"

#include <stdlib.h>

static void check_accepted(const plx_manifest *m)
{
    PLX_FUZZ_EXPECT(m->family && m->name && m->version && m->title && m->description && m->kind && m->licence &&
                    m->ingester);
    PLX_FUZZ_EXPECT(m->n_files > 0);
    for (size_t i = 0; i < m->n_files; i++) {
        PLX_FUZZ_EXPECT(m->files[i].name && plx_path_is_safe(m->files[i].name));
        PLX_FUZZ_EXPECT(m->files[i].line > 0);
        for (size_t k = 0; k < m->files[i].n_urls; k++) {
            const char *url = m->files[i].urls[k];
            PLX_FUZZ_EXPECT(plx_starts_with(url, "https://") || plx_starts_with(url, "file:///") ||
                            plx_starts_with(url, "builtin:"));
        }
    }
    for (size_t i = 0; i < m->n_citations; i++) {
        plx_slice key;
        const char *why;
        size_t at;
        PLX_FUZZ_EXPECT(plx_bibtex_check(plx_slice_of(m->citations[i]), &key, &why, &at));
        PLX_FUZZ_EXPECT(plx_slice_is(key, m->citation_keys[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plx_ctx ctx = plx_fuzz_ctx();
    plx_arena *arena = plx_arena_new(64 << 20);
    const plx_manifest *m = NULL;
    plx_err err = {0};
    if (plx_manifest_parse(&ctx, arena, "input", (const char *)data, size, &m, &err)) {
        check_accepted(m);
    } else {
        PLX_FUZZ_EXPECT(err.code == PLX_E_FORMAT || err.code == PLX_E_LIMIT || err.code == PLX_E_SCHEMA);
        PLX_FUZZ_EXPECT(err.what[0] && err.n_notes > 0);
    }
    plx_arena_free(arena);
    return 0;
}

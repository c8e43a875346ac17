/* SPDX-License-Identifier: Apache-2.0
 *
 * Manifests: what is accepted holds to its own promises; what is refused says where.
 */
#include "fuzz/fuzz.h"

#include "core/fs.h"
#include "registry/bibtex.h"
#include "registry/manifest_scan.h"

#include <stdlib.h>
#include <string.h>

/* A listing that does not parse says the same as one that does, or nothing. */
static void check_scan(const plx_manifest *m, plx_arena *arena)
{
    plx_brief brief = {0};
    plx_manifest_size size;
    bool ok = false;
    PLX_FUZZ_EXPECT(plx_manifest_scan(arena, m->text, &brief, &ok, NULL));
    if (!ok) {
        return;
    }
    plx_manifest_add_up(m, &size);
    PLX_FUZZ_EXPECT(strcmp(brief.title, m->title) == 0 && strcmp(brief.kind, m->kind) == 0);
    PLX_FUZZ_EXPECT(strcmp(brief.licence, m->licence) == 0 && brief.demo == m->demo);
    PLX_FUZZ_EXPECT(m->ingester ? brief.ingester && strcmp(brief.ingester, m->ingester) == 0 : !brief.ingester);
    PLX_FUZZ_EXPECT(size.bytes == brief.size.bytes && size.n_files == brief.size.n_files);
    PLX_FUZZ_EXPECT(size.about == brief.size.about && size.incomplete == brief.size.incomplete);
}

static void check_file(const plx_manifest_file *file)
{
    static const char *const schemes[] = {
        "https://", "http://", "file:///", "builtin:", "zenodo:", "figshare:", "osf:", "dandi:", "hf:", "github:"};
    PLX_FUZZ_EXPECT(file->name && plx_path_is_safe(file->name));
    PLX_FUZZ_EXPECT(file->line > 0);
    PLX_FUZZ_EXPECT(!(file->has_bytes && file->has_bytes_about));
    PLX_FUZZ_EXPECT(!file->archive == !file->member);
    for (size_t k = 0; k < file->n_urls; k++) {
        bool known = false;
        for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
            known |= plx_starts_with(file->urls[k], schemes[i]);
        }
        PLX_FUZZ_EXPECT(known);
    }
}

static void check_accepted(const plx_manifest *m)
{
    PLX_FUZZ_EXPECT(m->family && m->name && m->version && m->title && m->description && m->kind && m->licence);
    PLX_FUZZ_EXPECT(m->ingester ? m->n_files > 0 : m->layout && !m->options);
    for (size_t i = 0; i < m->n_files; i++) {
        check_file(&m->files[i]);
    }
    for (size_t i = 0; i < m->n_archives; i++) {
        check_file(&m->archives[i]);
        PLX_FUZZ_EXPECT(!m->archives[i].archive && !m->archives[i].unit);
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
        check_scan(m, arena);
    } else {
        PLX_FUZZ_EXPECT(err.code == PLX_E_FORMAT || err.code == PLX_E_LIMIT || err.code == PLX_E_SCHEMA);
        PLX_FUZZ_EXPECT(err.what[0] && err.n_notes > 0);
    }
    plx_arena_free(arena);
    return 0;
}

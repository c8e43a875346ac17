/* SPDX-License-Identifier: Apache-2.0
 *
 * The built-in manifests against the published files at hand: what a manifest pins and what lies here must be the same
 * bytes. A file is taken for the manifest's when its name and size agree, so a wrong digest cannot hide.
 */
#include "core/alloc.h"
#include "registry/hash_file.h"
#include "registry/manifest.h"
#include "support/suites.h"
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

typedef struct local_file {
    char *path;
    uint64_t bytes;
    plx_digest sha256;
} local_file;

typedef struct folder {
    const char *root;
    local_file *files;
    size_t n, cap;
} folder;

static bool add(void *payload, const char *rel_path, uint64_t bytes, bool is_link, plx_err *err)
{
    folder *f = payload;
    char path[PLX_PATH];
    if (is_link) {
        return true;
    }
    plx_ctx ctx = plx_ctx_default();
    ck_assert(plx_grow(&f->files, &f->cap, f->n + 1, sizeof *f->files));
    local_file *file = &f->files[f->n++];
    *file = (local_file){.path = strdup(rel_path)};
    return plx_path_join(path, f->root, rel_path, err) && plx_hash_path(&ctx, path, &file->sha256, &file->bytes, err) &&
           file->bytes == bytes;
}

/* By name and size: the digest is the manifest's. By digest: the size is. Returns whether the bytes are here. */
static bool compare(const char *set, const folder *f, const plx_manifest_file *file)
{
    bool here = false, alike = false;
    for (size_t i = 0; i < f->n; i++) {
        const local_file *local = &f->files[i];
        bool same = plx_digest_eq(&local->sha256, &file->sha256);
        here |= same;
        alike |= strcmp(plx_path_base(local->path), plx_path_base(file->name)) == 0 && local->bytes == file->bytes;
        ck_assert_msg(!same || local->bytes == file->bytes, "%s: %s is said to have %llu bytes", set, file->name,
                      (unsigned long long)file->bytes);
    }
    ck_assert_msg(here || !alike, "%s: the digest of %s is not that of the file at hand", set, file->name);
    return here;
}

START_TEST(pinned_files_are_the_published_ones)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_registry *registry = NULL;
    folder f = {.root = plx_test_data("")};
    size_t n_here = 0, n_sets = 0;
    ck_assert_msg(plx_fs_walk(f.root, add, &f, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_registry_open(&ctx, NULL, &registry, &err), "%s", plx_test_err(&err));
    for (size_t i = 0; i < plx_registry_count(registry); i++) {
        const plx_manifest *m = NULL;
        size_t before = n_here;
        ck_assert_msg(plx_registry_get(registry, i, &m, &err), "%s", plx_test_err(&err));
        for (size_t k = 0; k < m->n_files; k++) {
            n_here += m->files[k].has_sha256 && m->files[k].has_bytes &&
                      compare(plx_registry_name(registry, i), &f, &m->files[k]);
        }
        n_sets += n_here > before;
    }
    /* The copies this was written with hold 540 files of 71 data sets; with few of them this would show little. */
    ck_assert_msg(n_here > 300 && n_sets > 50, "%zu files of %zu data sets were compared", n_here, n_sets);
    for (size_t i = 0; i < f.n; i++) {
        free(f.files[i].path);
    }
    plx_free(f.files);
    plx_registry_close(registry);
}
END_TEST

Suite *manifest_files_suite(void)
{
    if (!plx_test_data("celegans")) {
        return NULL;
    }
    Suite *suite = suite_create("manifest_files");
    TCase *tc = tcase_create("manifest_files");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, pinned_files_are_the_published_ones);
    suite_add_tcase(suite, tc);
    return suite;
}

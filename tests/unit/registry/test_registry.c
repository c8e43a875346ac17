/* SPDX-License-Identifier: Apache-2.0
 *
 * The registry: all built-in manifests hold to their schema and to their names; lookup, near misses, the user's own
 * folders.
 */
#include "registry/manifest.h"
#include "schemas/kind.h"
#include "support/support.h"

#include <check.h>
#include <string.h>
#include <sys/stat.h>

static plx_ctx ctx;

static plx_registry *open_with(const char *dirs)
{
    plx_registry *registry = NULL;
    plx_err err;
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    ck_assert_msg(plx_registry_open(&ctx, dirs, &registry, &err), "%s", plx_test_err(&err));
    return registry;
}

/* <scratch>/<dir>/<name>.yaml with a manifest for `name`. */
static void write_manifest(const char *dir, const char *name, const char *inner_name, const char *version)
{
    char folder[PLX_PATH], path[PLX_PATH], text[2048];
    snprintf(path, sizeof path, "%s/%s/%s.yaml", plx_test_dir(), dir, name);
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    ck_assert(plx_fs_mkdirs(folder, NULL));
    int len =
        snprintf(text, sizeof text,
                 "schema: manifest/1\nname: %s\nversion: \"%s\"\ntitle: Mine\ndescription: x\nkind: connectome\n"
                 "licence: MIT\ningester: edge_table\nfiles:\n  - name: a.csv\n    urls: [https://example.org/a.csv]\n",
                 inner_name, version);
    ck_assert(plx_fs_replace(path, text, (size_t)len, NULL));
}

static const char *scratch(const char *name)
{
    static char path[PLX_PATH];
    snprintf(path, sizeof path, "%s/%s", plx_test_dir(), name);
    return path;
}

/* What is read must be pinned; of what is only known size, digest and address may be known to the host alone. */
static void check_files(const char *name, const plx_manifest *m)
{
    bool lacks = m->n_files == 0 && m->n_uses == 0;
    for (size_t f = 0; f < m->n_files; f++) {
        lacks |= m->files[f].n_urls == 0 && !m->files[f].archive;
    }
    ck_assert_msg(lacks == (m->no_address != NULL),
                  "%s: no_address must be given when an address is missing, only then", name);
    ck_assert_msg(!m->no_address || strstr(m->no_address, "plexus "), "%s: no_address names no next step", name);
    for (size_t f = 0; f < m->n_files; f++) {
        const plx_manifest_file *file = &m->files[f];
        /* A host that keeps records tells size and digest of what it serves. */
        bool of_record = file->n_urls > 0 && plx_starts_with(file->urls[0], "zenodo:");
        bool pinned = (file->has_sha256 && file->has_bytes) || of_record;
        if (m->ingester) {
            ck_assert_msg(pinned || file->archive, "%s: %s is not pinned", name, file->name);
            ck_assert_msg(file->n_urls > 0 || file->archive, "%s: %s has no address", name, file->name);
            ck_assert_msg(file->commit || m->demo || file->archive || of_record, "%s: %s has no commit", name,
                          file->name);
        }
        ck_assert_msg(file->media || m->demo, "%s: %s has no media type", name, file->name);
        ck_assert_msg(!file->commit || (file->n_urls && strstr(file->urls[0], file->commit)),
                      "%s: the address of %s does not hold its commit", name, file->name);
        /* raw.githubusercontent.com serves what a commit says: an address without one would be a moving target. */
        ck_assert_msg(file->commit || file->n_urls == 0 || !strstr(file->urls[0], "raw.githubusercontent.com"),
                      "%s: the address of %s is not pinned to a commit", name, file->name);
    }
}

/* Kinds that records have today, and those that manifests without a reader announce: a short list, so that a slip of
 * the pen is no new kind. */
static bool is_kind(const char *kind)
{
    static const char *const planned[] = {"recording", "spatial_graph", "volume",
                                          "pairs",     "neuron_points", "atlas_ontology",
                                          "image",     "image_classes", "documents"};
    for (size_t i = 0; i < sizeof planned / sizeof planned[0]; i++) {
        if (strcmp(kind, planned[i]) == 0) {
            return true;
        }
    }
    return plx_kind_find(kind) != NULL;
}

START_TEST(built_in_manifests_are_valid)
{
    plx_registry *registry = open_with(NULL);
    size_t n = plx_registry_count(registry);
    ck_assert_uint_ge(n, 140);
    for (size_t i = 0; i < n; i++) {
        const plx_manifest *m = NULL;
        plx_err err;
        plx_err_clear(&err);
        ck_assert_msg(plx_registry_get(registry, i, &m, &err), "%s: %s", plx_registry_name(registry, i),
                      plx_test_err(&err));
        char name[256];
        snprintf(name, sizeof name, "%s/%s", m->family, m->name);
        ck_assert_str_eq(name, plx_registry_name(registry, i));
        ck_assert_msg(m->demo || (m->homepage && m->n_citations > 0), "%s has no homepage or no citation", name);
        ck_assert_msg(is_kind(m->kind), "%s: no kind %s", name, m->kind);
        ck_assert_msg(m->title[0] && strlen(m->title) <= 110, "%s has a title of %zu bytes", name, strlen(m->title));
        check_files(name, m);
        for (size_t u = 0; u < m->n_uses; u++) {
            const plx_manifest *used = NULL;
            plx_ref ref;
            bool wanted = false;
            ck_assert(plx_manifest_use(m, u, PLX_STRICT, &ref, &wanted, &err));
            ck_assert_int_eq(wanted, ref.mode == PLX_STRICT);
            ck_assert_msg(plx_registry_find(registry, ref.family, ref.name, &used, &err), "%s uses %s", name,
                          m->uses[u]);
        }
        ck_assert_msg(i == 0 || strcmp(plx_registry_name(registry, i - 1), name) < 0, "%s is out of order", name);
    }
    plx_registry_close(registry);
}
END_TEST

/* One citation key stands for one text everywhere, or a bibliography over several data sets would lose one. */
START_TEST(citation_keys_mean_one_thing)
{
    plx_registry *registry = open_with(NULL);
    size_t n = plx_registry_count(registry), compared = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            const plx_manifest *a = NULL, *b = NULL;
            ck_assert(plx_registry_get(registry, i, &a, NULL) && plx_registry_get(registry, j, &b, NULL));
            for (size_t x = 0; x < a->n_citations; x++) {
                for (size_t y = 0; y < b->n_citations; y++) {
                    if (strcmp(a->citation_keys[x], b->citation_keys[y]) == 0) {
                        compared++;
                        ck_assert_msg(strcmp(a->citations[x], b->citations[y]) == 0, "%s differs between %s and %s",
                                      a->citation_keys[x], a->name, b->name);
                    }
                }
            }
        }
    }
    ck_assert_uint_gt(compared, 0);
    plx_registry_close(registry);
}
END_TEST

START_TEST(brief_says_what_the_manifest_says)
{
    plx_registry *quick = open_with(NULL), *full = open_with(NULL);
    for (size_t i = 0; i < plx_registry_count(quick); i++) {
        plx_brief brief;
        const plx_manifest *m = NULL;
        ck_assert(plx_registry_brief(quick, i, &brief, NULL));
        ck_assert(plx_registry_get(full, i, &m, NULL));
        ck_assert_str_eq(brief.title, m->title);
        ck_assert_str_eq(brief.kind, m->kind);
        ck_assert_str_eq(brief.licence, m->licence);
        ck_assert_int_eq(brief.demo, m->demo);
        ck_assert(m->ingester ? brief.ingester && strcmp(brief.ingester, m->ingester) == 0 : !brief.ingester);
        plx_manifest_size size;
        plx_manifest_add_up(m, &size);
        ck_assert_msg(size.bytes == brief.size.bytes && size.n_files == brief.size.n_files &&
                          size.about == brief.size.about && size.incomplete == brief.size.incomplete,
                      "%s: %llu bytes in %zu files, not %llu in %zu", m->name, (unsigned long long)size.bytes,
                      size.n_files, (unsigned long long)brief.size.bytes, brief.size.n_files);
    }
    plx_registry_close(quick);
    plx_registry_close(full);
}
END_TEST

START_TEST(finds_by_full_and_bare_name)
{
    plx_registry *registry = open_with(NULL);
    const plx_manifest *a = NULL, *b = NULL;
    ck_assert(plx_registry_find(registry, "connectome", "white1986-n2u", &a, NULL));
    ck_assert_str_eq(a->name, "white1986-n2u");
    ck_assert(plx_registry_find(registry, "", "white1986-n2u", &b, NULL));
    ck_assert_ptr_eq(a, b);
    plx_registry_close(registry);
}
END_TEST

START_TEST(suggests_near_names)
{
    static const struct {
        const char *family, *name, *near;
    } cases[] = {
        {"connectome", "white1986-n2", "connectome/white1986-n2u"},
        {"connectome", "white1968-jsh", "connectome/white1986-jsh"},
        {"", "premaratn", "connectome/premaratne"},
        {"", "celegans-neuron", "atlas/celegans-neurons"},
        {"connectom", "emmons2015", "connectome/emmons2015"},
    };
    plx_registry *registry = open_with(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const plx_manifest *m = NULL;
        plx_err err;
        plx_err_clear(&err);
        ck_assert(!plx_registry_find(registry, cases[i].family, cases[i].name, &m, &err));
        ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
        ck_assert_msg(strstr(err.why, cases[i].near) != NULL, "%s: %s", cases[i].name, plx_test_err(&err));
        ck_assert(plx_starts_with(err.next, "plexus show "));
    }
    plx_err err;
    const plx_manifest *m = NULL;
    plx_err_clear(&err);
    ck_assert(!plx_registry_find(registry, "", "zzzzqqqq", &m, &err));
    ck_assert_str_eq(err.next, "plexus ls");
    plx_registry_close(registry);
}
END_TEST

START_TEST(adds_folders_of_the_user)
{
    write_manifest("one", "mine/first", "mine/first", "1");
    write_manifest("two", "mine/second", "mine/second", "1");
    write_manifest("two", "connectome/white1986-n2u", "connectome/white1986-n2u", "1-mine");
    char dirs[2 * PLX_PATH];
    snprintf(dirs, sizeof dirs, "%s/one:%s/two:", plx_test_dir(), plx_test_dir());
    plx_registry *plain = open_with(NULL), *registry = open_with(dirs);
    ck_assert_uint_eq(plx_registry_count(registry), plx_registry_count(plain) + 2);
    const plx_manifest *m = NULL;
    ck_assert(plx_registry_find(registry, "mine", "second", &m, NULL));
    ck_assert(strstr(m->origin, "two/mine/second.yaml") != NULL);
    ck_assert(plx_registry_find(registry, "connectome", "white1986-n2u", &m, NULL));
    ck_assert_str_eq(m->version, "1-mine");
    plx_registry_close(plain);
    plx_registry_close(registry);
}
END_TEST

START_TEST(refuses_a_name_given_twice)
{
    plx_registry *plain = open_with(NULL), *registry = NULL;
    const plx_manifest *m = NULL;
    ck_assert(plx_registry_find(plain, "connectome", "white1986-n2u", &m, NULL));
    write_manifest("twice", "connectome/white1986-n2u", "connectome/white1986-n2u", m->version);
    plx_err err;
    plx_err_clear(&err);
    ck_assert(!plx_registry_open(&ctx, scratch("twice"), &registry, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_msg(strstr(err.what, "connectome/white1986-n2u@1 has two manifests") != NULL, "%s", err.what);
    plx_registry_close(plain);
}
END_TEST

START_TEST(reports_bad_folders_and_files)
{
    plx_registry *registry = NULL;
    plx_err err;
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    ck_assert(!plx_registry_open(&ctx, scratch("nowhere"), &registry, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);

    write_manifest("moved", "mine/first", "mine/other", "1");
    registry = open_with(scratch("moved"));
    const plx_manifest *m = NULL;
    ck_assert(!plx_registry_find(registry, "mine", "first", &m, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert(strstr(err.why, "mine/other.yaml") != NULL);
    /* What is broken stays there: the rest goes on working. */
    ck_assert(plx_registry_find(registry, "connectome", "white1986-n2u", &m, &err));
    plx_registry_close(registry);

    write_manifest("badname", "mine/First", "mine/first", "1");
    ck_assert(!plx_registry_open(&ctx, scratch("badname"), &registry, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert(strstr(err.what, "mine/First.yaml") != NULL);
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    bool all_given = false;
    size_t k = 0;
    write_manifest("mem", "mine/first", "mine/first", "1");
    char dir[PLX_PATH];
    snprintf(dir, sizeof dir, "%s", scratch("mem"));
    ctx = plx_ctx_default();
    for (; !all_given && k < 5000; k++) {
        plx_registry *registry = NULL;
        const plx_manifest *m = NULL;
        plx_err err;
        plx_err_clear(&err);
        plx_test_alloc_fail_at(k);
        bool ok =
            plx_registry_open(&ctx, dir, &registry, &err) && plx_registry_find(registry, "mine", "first", &m, &err);
        plx_registry_close(registry);
        all_given = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        ck_assert(ok || !all_given);
    }
    ck_assert(all_given);
    ck_assert_uint_gt(k, 5);
}
END_TEST

Suite *registry_suite(void);
Suite *registry_suite(void)
{
    Suite *suite = suite_create("registry");
    TCase *tc = tcase_create("registry");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, built_in_manifests_are_valid);
    tcase_add_test(tc, citation_keys_mean_one_thing);
    tcase_add_test(tc, brief_says_what_the_manifest_says);
    tcase_add_test(tc, finds_by_full_and_bare_name);
    tcase_add_test(tc, suggests_near_names);
    tcase_add_test(tc, adds_folders_of_the_user);
    tcase_add_test(tc, refuses_a_name_given_twice);
    tcase_add_test(tc, reports_bad_folders_and_files);
    tcase_add_test(tc, survives_every_failed_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}

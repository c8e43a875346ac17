/* SPDX-License-Identifier: Apache-2.0
 *
 * Manifests: the values of a good one, and for each rule a text that breaks it, with the place the error must name.
 */
#include "registry/bibtex.h"
#include "registry/manifest.h"
#include "support/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char good[] = "# SPDX-License-Identifier: Apache-2.0\n"
                           "schema: manifest/1\n"
                           "name: connectome/small-one\n"
                           "version: \"1\"\n"
                           "title: A small one\n"
                           "description: |\n"
                           "  Two lines\n"
                           "  of text.\n"
                           "kind: connectome\n"
                           "homepage: https://example.org\n"
                           "licence: none-stated\n"
                           "licence_note: nothing in the repository\n"
                           "citations:\n"
                           "  - |\n"
                           "    @article{small2020,\n"
                           "      title = {A {S}mall one}\n"
                           "    }\n"
                           "ingester: edge_table\n"
                           "options: {gap_rows: once, fix: yes}\n"
                           "uses: [atlas/celegans-neurons]\n"
                           "files:\n"
                           "  - name: a.csv\n"
                           "    urls: [https://example.org/a.csv, builtin:x/a.csv]\n"
                           "    bytes: 41889\n"
                           "    sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
                           "    md5: d41d8cd98f00b204e9800998ecf8427e\n"
                           "    media: text/csv\n"
                           "    commit: 0123456789abcdef0123456789abcdef01234567\n"
                           "  - name: b.csv\n"
                           "    urls: [https://example.org/b.csv]\n"
                           "expect:\n"
                           "  strict: {nodes: 180, weight: 208.6714}\n"
                           "  compat: {nodes: 179}\n";

/* Nothing reads it yet: what it is made of is said in words, and the kind may be one of the future. */
static const char unread[] = "schema: manifest/1\n"
                             "name: volume/unread\n"
                             "version: \"1\"\n"
                             "title: An unread one\n"
                             "description: x\n"
                             "kind: volume_of_the_future\n"
                             "licence: CC-BY-4.0\n"
                             "ingester: none\n"
                             "layout: one zarr for each sample\n"
                             "archives:\n"
                             "  - name: all.zip\n"
                             "    urls: [\"zenodo:10875063/all%20of%20it.zip\"]\n"
                             "    bytes_about: 7100000000\n"
                             "    md5: d41d8cd98f00b204e9800998ecf8427e\n"
                             "files:\n"
                             "  - name: s1.zarr.zip\n"
                             "    unit: R14A02-20180905_65_A6\n"
                             "    archive: all.zip\n"
                             "    member: train/s1.zarr/\n"
                             "  - name: split.txt\n"
                             "    urls: [\"zenodo:10875063/split.txt\"]\n"
                             "    bytes: 2510\n"
                             "expect:\n"
                             "  strict: {units: 1}\n";

static bool parse(plx_arena *arena, const char *text, size_t len, const plx_manifest **out, plx_err *err)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err_clear(err);
    return plx_manifest_parse(&ctx, arena, "dir/small.yaml", text, len, out, err);
}

START_TEST(reads_every_field)
{
    plx_arena *arena = plx_arena_new(0);
    const plx_manifest *m = NULL;
    plx_err err;
    ck_assert_msg(parse(arena, good, strlen(good), &m, &err), "%s", plx_test_err(&err));
    ck_assert_str_eq(m->family, "connectome");
    ck_assert_str_eq(m->name, "small-one");
    ck_assert_str_eq(m->version, "1");
    ck_assert_str_eq(m->title, "A small one");
    ck_assert_str_eq(m->description, "Two lines\nof text.\n");
    ck_assert_str_eq(m->kind, "connectome");
    ck_assert_str_eq(m->homepage, "https://example.org");
    ck_assert_str_eq(m->licence, "none-stated");
    ck_assert_str_eq(m->licence_note, "nothing in the repository");
    ck_assert_uint_eq(m->n_citations, 1);
    ck_assert_str_eq(m->citation_keys[0], "small2020");
    ck_assert(strstr(m->citations[0], "A {S}mall one") != NULL);
    ck_assert_str_eq(m->ingester, "edge_table");
    ck_assert_str_eq(plx_v_get_text(m->options, "gap_rows"), "once");
    ck_assert_str_eq(plx_v_get_text(m->options, "fix"), "yes");
    ck_assert_uint_eq(m->n_uses, 1);
    ck_assert_str_eq(m->uses[0], "atlas/celegans-neurons");
    ck_assert(!m->demo);
    ck_assert_str_eq(m->origin, "dir/small.yaml");
    ck_assert_uint_eq(m->text.len, strlen(good));
    ck_assert_mem_eq(m->text.ptr, good, strlen(good));
    plx_arena_free(arena);
}
END_TEST

START_TEST(reads_files_and_counts)
{
    plx_arena *arena = plx_arena_new(0);
    const plx_manifest *m = NULL;
    plx_err err;
    ck_assert_msg(parse(arena, good, strlen(good), &m, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(m->n_files, 2);
    const plx_manifest_file *a = &m->files[0], *b = &m->files[1];
    plx_digest empty = plx_sha256_of("", 0);
    ck_assert_str_eq(a->name, "a.csv");
    ck_assert_uint_eq(a->n_urls, 2);
    ck_assert_str_eq(a->urls[1], "builtin:x/a.csv");
    ck_assert(a->has_bytes && a->bytes == 41889);
    ck_assert(a->has_sha256 && plx_digest_eq(&a->sha256, &empty));
    ck_assert_str_eq(a->md5, "d41d8cd98f00b204e9800998ecf8427e");
    ck_assert_str_eq(a->media, "text/csv");
    ck_assert_str_eq(a->commit, "0123456789abcdef0123456789abcdef01234567");
    ck_assert_uint_eq(a->line, 22);
    ck_assert_uint_eq(b->line, 29);
    ck_assert(!b->has_bytes && !b->has_sha256 && !b->md5 && !b->media && !b->commit);
    int64_t n = 0;
    double x = 0;
    ck_assert(plx_v_as_i64(plx_v_at(m->expect, "strict.nodes"), &n) && n == 180);
    ck_assert(plx_v_as_i64(plx_v_at(m->expect, "compat.nodes"), &n) && n == 179);
    ck_assert(plx_v_as_f64(plx_v_at(m->expect, "strict.weight"), &x) && x == 208.6714);
    plx_arena_free(arena);
}
END_TEST

START_TEST(reads_what_nothing_reads_yet)
{
    plx_arena *arena = plx_arena_new(0);
    const plx_manifest *m = NULL;
    plx_err err;
    ck_assert_msg(parse(arena, unread, strlen(unread), &m, &err), "%s", plx_test_err(&err));
    ck_assert_ptr_null(m->ingester);
    ck_assert_str_eq(m->kind, "volume_of_the_future");
    ck_assert_str_eq(m->layout, "one zarr for each sample");
    ck_assert_uint_eq(m->n_archives, 1);
    const plx_manifest_file *zip = &m->archives[0], *sample = &m->files[0], *split = &m->files[1];
    ck_assert(zip->has_bytes_about && !zip->has_bytes && zip->bytes_about == 7100000000u);
    ck_assert(!zip->unit && !zip->archive && !zip->member && zip->md5);
    ck_assert_ptr_eq(sample->archive, zip);
    ck_assert_str_eq(sample->member, "train/s1.zarr/");
    ck_assert_str_eq(sample->unit, "R14A02-20180905_65_A6");
    ck_assert(!split->archive && !split->member && !split->unit);
    plx_manifest_size size;
    char text[PLX_SIZE_TEXT];
    plx_manifest_add_up(m, &size);
    ck_assert(size.about && !size.incomplete && size.n_files == 2 && size.bytes == 7100002510u);
    plx_manifest_size_text(&size, text);
    ck_assert_str_eq(text, "~7.1 GB");
    plx_arena_free(arena);
}
END_TEST

START_TEST(tells_sizes_for_people)
{
    static const struct {
        plx_manifest_size size;
        const char *text;
    } cases[] = {
        {{.bytes = 41889}, "41.9 kB"},
        {{.bytes = 0}, "0 B"},
        {{.bytes = 1200000, .incomplete = true}, "1.2 MB+"},
        {{.bytes = 1200000, .incomplete = true, .about = true}, "~1.2 MB+"},
        {{.incomplete = true}, "unknown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[PLX_SIZE_TEXT];
        plx_manifest_size_text(&cases[i].size, text);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(knows_addresses_of_hosts)
{
    static const struct {
        const char *url;
        bool good;
    } cases[] = {
        {"zenodo:10875063/a%20b.zip", true},
        {"zenodo:1087x/a.zip", false},
        {"zenodo:10875063/", false},
        {"zenodo:10875063/../a", false},
        {"figshare:123.v2/a.csv", true},
        {"osf:ab12c", true},
        {"osf:2395t/WT_Stim.mat", true},
        {"osf:/x", false},
        {"dandi:000541/0.230512.2042/sub-1/sub-1_ses-x.nwb", true},
        {"dandi:000541/sub-1.nwb", false},
        {"hf:datasets/pytc/AxonEM@main/a.zip", true},
        {"hf:datasets/pytc/AxonEM/a.zip", false},
        {"github:a/b@0123456789abcdef0123456789abcdef01234567/c/d", true},
        {"github:a@b/c", false},
        {"gopher:a/b", false},
        {"https://example.org/", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[2048];
        const char *at = strstr(unread, "zenodo:10875063/split.txt");
        int len = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - unread), unread, cases[i].url,
                           at + strlen("zenodo:10875063/split.txt"));
        plx_arena *arena = plx_arena_new(0);
        const plx_manifest *m = NULL;
        plx_err err;
        ck_assert_msg(parse(arena, text, (size_t)len, &m, &err) == cases[i].good, "%s: %s", cases[i].url,
                      plx_test_err(&err));
        plx_arena_free(arena);
    }
}
END_TEST

/* `good`, or `unread` when only that has it, with the first occurrence of `from` replaced. */
static char *edited(const char *from, const char *to)
{
    const char *whole = strstr(good, from) ? good : unread;
    const char *at = strstr(whole, from);
    ck_assert_msg(at != NULL, "the test's own text has no %s", from);
    size_t before = (size_t)(at - whole), len = strlen(whole) - strlen(from) + strlen(to);
    char *text = malloc(len + 1);
    memcpy(text, whole, before);
    memcpy(text + before, to, strlen(to));
    strcpy(text + before + strlen(to), at + strlen(from));
    return text;
}

typedef struct bad_case {
    const char *from, *to;
    const char *note; /* must be the start of one note, after "small.yaml:" */
} bad_case;

static const bad_case bad_cases[] = {
    {"manifest/1", "manifest/2", "2:9: this program reads schema manifest/1"},
    {"schema: manifest/1\n", "", "2:1: a manifest needs the key \"schema\""},
    {"name: connectome/small-one", "name: small-one", "3:7: a data set is named family/name"},
    {"name: connectome/small-one", "name: connectome/small-one:strict", "3:7: only family/name here"},
    {"name: connectome/small-one", "name: connectome/Small", "3:7: "},
    {"version: \"1\"", "version: \"1:strict\"", "4:10: a version is"},
    {"version: \"1\"", "version: [1]", "4:10: \"version\" must be a single value, not a list"},
    {"title: A small one", "title: \"\"", "5:8: title is empty"},
    {"title: A small one", "title: \"two\\nlines\"", "5:8: title must be one line"},
    {"title: A small one", "title: \"\\e[31mred\"", "5:8: title holds a control character"},
    {"title: A small one", "title:", "5:7: \"title\" must be a single value, not empty"},
    {"title: A small one", "titel: A small one", "5:8: a manifest has no key \"titel\" (did you mean \"title\"?)"},
    {"kind: connectome", "kind: connectom", "9:7: no record kind \"connectom\" (did you mean connectome?)"},
    {"homepage: https:", "homepage: http:", "10:11: homepage must start with https://"},
    {"licence: none-stated", "licence: CC/BY", "11:10: a licence is an SPDX id"},
    {"licence_note: nothing in the repository\n", "", "11:10: none-stated needs a licence_note"},
    {"@article{small2020,", "article{small2020,", "14:5: citation 1: a BibTeX entry starts with @type{key,"},
    {"@article{small2020,", "@article{,", "14:5: citation 1: expected a citation key"},
    {"A {S}mall one}", "A {S}mall one", "14:5: citation 1: a brace is never closed"},
    {"{gap_rows: once", "{gap_rows: [once]", "19:21: option \"gap_rows\" must be a single value"},
    {"uses: [atlas/celegans-neurons]", "uses: [celegans-neurons]", "20:8: a data set is named family/name"},
    {"uses: [atlas/celegans-neurons]", "uses: [a/b#unit]", "20:8: only family/name[@version][:mode] here"},
    {"name: a.csv", "name: ../a.csv", "22:11: file name \"../a.csv\" is not a plain relative path"},
    {"name: b.csv", "name: a.csv", "29:5: file name \"a.csv\" is taken by the file at line 22"},
    {"https://example.org/a.csv", "ftp://example.org/a.csv", "23:12: an address starts with https://"},
    {"https://example.org/a.csv", "https:///a.csv", "23:12: a web address needs a plain host name"},
    {"https://example.org/a.csv", "https://me:pw@example.org/a.csv", "23:12: a web address needs a plain host name"},
    {"https://example.org/a.csv", "\"https://example.org/a b.csv\"", "23:12: an address has no blanks"},
    {"https://example.org/a.csv", "file://host/a.csv", "23:12: a file address is file:///"},
    {"builtin:x/a.csv", "builtin:../a.csv", "23:39: a built-in address is builtin:folder/file"},
    {"bytes: 41889", "bytes: 41,889", "24:12: bytes must be a whole number in plain digits"},
    {"bytes: 41889", "bytes: -1", "24:12: bytes must be a whole number in plain digits"},
    {"bytes: 41889", "bytes: 99999999999999999999", "24:12: bytes must be a whole number in plain digits"},
    {"2b855\n", "2b85\n", "25:13: sha256 must have 64 hex digits, this has 63"},
    {"2b855\n", "2b85g\n", "25:13: sha256 must be lower-case hex digits; character 64 is none"},
    {"    md5: d4", "    md5: d", "26:10: md5 must have 32 hex digits, this has 31"},
    {"media: text/csv", "media: csv", "27:12: a media type is type/subtype"},
    {"commit: 0123", "commit: 123", "28:13: commit must have 40 hex digits, this has 39"},
    {"strict: {nodes: 180", "strict: {nodes: many", "32:19: expected count \"nodes\" must be a number, not \"many\""},
    {"strict: {nodes", "strikt: {nodes", "32:11: expect has no key \"strikt\" (did you mean \"strict\"?)"},
    {"ingester: edge_table", "ingester: edge_table\ndemo: maybe", "19:7: demo must be true or false"},
    {"layout: one zarr for each sample\n", "", "8:11: without an ingester the manifest needs a layout"},
    {"layout: one zarr for each sample\n", "layout: x\noptions: {a: b}\n", "10:10: options are for an ingester"},
    {"kind: volume_of_the_future", "kind: volume of the future", "6:7: a record kind is a word of a-z"},
    {"    bytes_about: 7100000000\n", "    bytes_about: 7.1 GB\n", "13:18: bytes_about must be a whole number"},
    {"    bytes: 2510\n", "    bytes: 2510\n    bytes_about: 2500\n", "23:18: bytes_about is for files whose exact"},
    {"    archive: all.zip\n", "", "18:13: a member needs the archive it is in"},
    {"    member: train/s1.zarr/\n", "", "18:14: which member of the archive?"},
    {"    archive: all.zip\n", "    archive: al.zip\n", "18:14: there is no \"al.zip\" among the archives"},
    {"member: train/s1.zarr/", "member: /train/s1.zarr", "19:13: member \"/train/s1.zarr\" is not a plain relative"},
    {"member: train/s1.zarr/", "member: /", "19:13: member \"/\" is not a plain relative path"},
    {"unit: R14A02-20180905_65_A6", "unit: a b", "17:11: a unit is letters, digits"},
    {"name: split.txt", "name: all.zip", "20:5: file name \"all.zip\" is taken by the file at line 11"},
    {"  - name: all.zip\n", "  - name: all.zip\n    unit: x\n", "12:11: an archive has no key \"unit\""},
    {"zenodo:10875063/all%20of%20it.zip", "zenodo:x/all.zip", "12:12: an address of this host is zenodo:RECORD/FILE"},
    {"ingester: none", "ingester: edge_table", "6:7: no record kind \"volume_of_the_future\""},
};

START_TEST(names_the_place_of_each_violation)
{
    const bad_case *c = &bad_cases[_i];
    char *text = edited(c->from, c->to);
    plx_arena *arena = plx_arena_new(0);
    const plx_manifest *m = NULL;
    plx_err err;
    ck_assert_msg(!parse(arena, text, strlen(text), &m, &err), "%s was accepted", c->to);
    ck_assert_msg(err.code == PLX_E_SCHEMA, "%s", plx_test_err(&err));
    char want[PLX_ERR_NOTE];
    snprintf(want, sizeof want, "small.yaml:%s", c->note);
    bool found = false;
    for (int i = 0; i < err.n_notes; i++) {
        found |= strncmp(err.note[i], want, strlen(want)) == 0;
    }
    ck_assert_msg(found, "expected a note \"%s\", got %s", want, plx_test_err(&err));
    ck_assert_str_eq(err.next, "plexus check dir/small.yaml");
    plx_arena_free(arena);
    free(text);
}
END_TEST

START_TEST(reports_all_violations_in_file_order)
{
    static const char text[] =
        "schema: manifest/1\nname: a/b\nversion: \"1\"\nkind: connectome\nlicence: MIT\nfiles:\n"
        "  - {name: /x, urls: [ftp://x], bytes: x, sha256: x, md5: x, media: x, commit: x, extra: x}\n";
    plx_arena *arena = plx_arena_new(0);
    const plx_manifest *m = NULL;
    plx_err err;
    ck_assert(!parse(arena, text, strlen(text), &m, &err));
    /* title, description, ingester are missing (1:1); eight things are wrong with the file. */
    ck_assert_msg(strstr(err.what, "11 places") != NULL, "%s", err.what);
    ck_assert_int_eq(err.n_notes, PLX_ERR_NOTES);
    ck_assert_str_eq(err.note[0], "small.yaml:1:1: a manifest needs the key \"title\"");
    ck_assert_str_eq(err.note[3], "small.yaml:7:12: file name \"/x\" is not a plain relative path");
    ck_assert_msg(strstr(err.why, "7:69: a media type") != NULL, "%s", err.why);
    ck_assert_msg(strstr(err.why, "has no key \"extra\"") != NULL, "%s", err.why);
    plx_arena_free(arena);
}
END_TEST

START_TEST(counts_what_it_does_not_list)
{
    char text[4096];
    size_t used = (size_t)snprintf(text, sizeof text, "schema: manifest/1\n");
    for (int i = 0; i < 60; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "unknown_key_%02d: x\n", i);
    }
    plx_arena *arena = plx_arena_new(0);
    const plx_manifest *m = NULL;
    plx_err err;
    ck_assert(!parse(arena, text, used, &m, &err));
    ck_assert_msg(strstr(err.what, "68 places") != NULL, "%s", err.what);
    int shown = 0;
    for (const char *p = err.why; (p = strstr(p, "unknown_key")); p++) {
        shown++;
    }
    char tail[32];
    snprintf(tail, sizeof tail, "and %d more", 68 - PLX_ERR_NOTES - shown);
    ck_assert_msg(strstr(err.why, tail) != NULL, "%s: %s", tail, err.why);
    plx_arena_free(arena);
}
END_TEST

START_TEST(refuses_what_is_no_mapping)
{
    static const char *const texts[] = {"",   "- a\n", "just text\n", "null\n", "a: 1\n---\nb: 2\n", "a: &x 1\nb: *x\n",
                                        "{{{"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        plx_arena *arena = plx_arena_new(0);
        const plx_manifest *m = NULL;
        plx_err err;
        ck_assert_msg(!parse(arena, texts[i], strlen(texts[i]), &m, &err), "%s", texts[i]);
        ck_assert_msg(err.code == PLX_E_SCHEMA || err.code == PLX_E_FORMAT, "%s", plx_test_err(&err));
        ck_assert(err.what[0]);
        plx_arena_free(arena);
    }
}
END_TEST

START_TEST(survives_every_prefix)
{
    size_t refused = 0, n = strlen(good);
    for (size_t len = 0; len < n; len++) {
        char *text = malloc(len + 1);
        memcpy(text, good, len);
        text[len] = 0;
        plx_arena *arena = plx_arena_new(1 << 20);
        const plx_manifest *m = NULL;
        plx_err err;
        if (!parse(arena, text, len, &m, &err)) {
            refused++;
            ck_assert_msg(err.code == PLX_E_SCHEMA || err.code == PLX_E_FORMAT || err.code == PLX_E_TRUNCATED,
                          "%zu: %s", len, plx_test_err(&err));
        }
        plx_arena_free(arena);
        free(text);
    }
    /* Only what is left off after the required keys can be missing without an error. */
    ck_assert_uint_gt(refused, n * 3 / 4);
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    bool all_given = false;
    size_t k = 0;
    for (; !all_given && k < 5000; k++) {
        plx_test_alloc_fail_at(k);
        plx_arena *arena = plx_arena_new(0);
        const plx_manifest *m = NULL;
        plx_err err;
        plx_err_clear(&err);
        bool ok = arena && parse(arena, good, strlen(good), &m, &err);
        all_given = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || !arena || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        ck_assert(ok || !all_given);
        plx_arena_free(arena);
    }
    ck_assert(all_given);
    ck_assert_uint_gt(k, 2);
}
END_TEST

START_TEST(checks_bibtex)
{
    static const struct {
        const char *text, *key;
    } cases[] = {
        {"@article{a1, x = {y}}", "a1"},
        {"  @misc{k:2-3_4.5/6+,\n}\n", "k:2-3_4.5/6+"},
        {"@article{a, t = \"{\\\"o}\"}", "a"},
        {"@article{a, t = {x}} more", NULL},
        {"@article{a b, t = {x}}", NULL},
        {"@{a, t = {x}}", NULL},
        {"@article(a, t = {x})", NULL},
        {"@article{a, t = {x}", NULL},
        {"@article{a}", NULL},
        {"", NULL},
        {"@", NULL},
        {"@article{a, \\", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        plx_slice key = {0};
        const char *why = NULL;
        size_t at = 0;
        bool ok = plx_bibtex_check(plx_slice_of(cases[i].text), &key, &why, &at);
        ck_assert_msg(ok == (cases[i].key != NULL), "%s", cases[i].text);
        if (ok) {
            ck_assert_msg(plx_slice_is(key, cases[i].key), "%s: %.*s", cases[i].text, (int)key.len, key.ptr);
        } else {
            ck_assert(why && at <= strlen(cases[i].text));
        }
    }
}
END_TEST

Suite *manifest_suite(void);
Suite *manifest_suite(void)
{
    Suite *suite = suite_create("manifest");
    TCase *tc = tcase_create("manifest");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, reads_every_field);
    tcase_add_test(tc, reads_files_and_counts);
    tcase_add_test(tc, reads_what_nothing_reads_yet);
    tcase_add_test(tc, tells_sizes_for_people);
    tcase_add_test(tc, knows_addresses_of_hosts);
    tcase_add_loop_test(tc, names_the_place_of_each_violation, 0, (int)(sizeof bad_cases / sizeof bad_cases[0]));
    tcase_add_test(tc, reports_all_violations_in_file_order);
    tcase_add_test(tc, counts_what_it_does_not_list);
    tcase_add_test(tc, refuses_what_is_no_mapping);
    tcase_add_test(tc, survives_every_prefix);
    tcase_add_test(tc, survives_every_failed_allocation);
    tcase_add_test(tc, checks_bibtex);
    suite_add_tcase(suite, tc);
    return suite;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Zips of adjacency matrices laid out like those of the larva, sound and not.
 */
#include "memory_sink.h"
#include "support/make_archive.h"
#include "support/suites.h"

enum { MEMBERS = 6 };

/* What is in the archive; NULL: the sound one below, "": not there at all. */
typedef struct content {
    const char *ad, *dd, *total, *annotations, *inputs, *outputs, *signs;
    size_t cut; /* bytes of the archive that are kept; 0: all */
} content;

/* Cells 7, 30, 200; the orders of ids differ between the matrices and between rows and columns. */
static const content sound = {
    .ad = ",7,30,200\n7,0.0,2.0,0.0\n30,1.0,0.0,0.0\n200,0.0,0.0,4.0\n",
    .dd = ",200,7,30\n30,0.0,3.0,0.0\n7,5.0,0.0,0.0\n200,0.0,0.0,0.0\n",
    .total = ",30,200,7\n7,2.0,5.0,0.0\n30,0.0,0.0,4.0\n200,0.0,4.0,0.0\n",
    .annotations = "left_id,right_id,celltype,additional_annotations,level_7_cluster\n"
                   "7,30,PN,olfactory,1\n"
                   "200,no pair,KC,no official annotation,2\n"
                   "900,901,LN,x,3\n",
    .inputs = ",axon_input,dendrite_input\n7,1,20\n200,0,9\n900,1,1\n",
    .outputs = ",axon_output,dendrite_output\n30,12.0,0\n",
    .signs = "skid,sign\n7,True\n30,False\n900,True\n",
};

static const char *or_else(const char *given, const char *otherwise)
{
    return given ? given : otherwise;
}

static plx_sb archive_of(const content *c)
{
    const struct {
        const char *name, *text;
    } members[MEMBERS] = {{"set/ad.csv", or_else(c->ad, sound.ad)},
                          {"set/dd.csv", or_else(c->dd, sound.dd)},
                          {"set/all.csv", or_else(c->total, sound.total)},
                          {"set/annotations.csv", or_else(c->annotations, sound.annotations)},
                          {"set/inputs.csv", or_else(c->inputs, sound.inputs)},
                          {"set/outputs.csv", or_else(c->outputs, sound.outputs)}};
    zip_part parts[MEMBERS + 1] = {{.name = "readme.txt", .data = "not a matrix", .len = 12}};
    size_t n = 1;
    for (size_t i = 0; i < MEMBERS; i++) {
        if (*members[i].text) {
            parts[n++] = (zip_part){.name = members[i].name,
                                    .data = members[i].text,
                                    .len = strlen(members[i].text),
                                    .deflate = i % 2 == 0};
        }
    }
    plx_sb zip = {0};
    make_zip(&zip, parts, n, NULL);
    return zip;
}

static bool run_bytes(const plx_sb *zip, const content *c, const char *const *extra, memory_sink *s, plx_err *err)
{
    const text_file files[] = {
        {"s1.zip", zip->ptr, c->cut ? c->cut : zip->len}, {"signs.csv", or_else(c->signs, sound.signs), 0}, {0}};
    const char *options[40] = {
        "archive",     "s1.zip",     "folder",  "set/",        "matrices",    "ad=ad.csv dd=dd.csv",
        "total",       "all.csv",    "signs",   "signs.csv",   "annotations", "annotations.csv",
        "inputs",      "inputs.csv", "outputs", "outputs.csv", "organism",    "Drosophila melanogaster",
        "weight_unit", "synapses"};
    for (size_t i = 0, at = 20; extra && extra[i]; i++) {
        options[at++] = extra[i];
    }
    return run_job("matrix_zip", options, files, PLX_STRICT, s, err);
}

static bool run(const content *c, const char *const *extra, memory_sink *s, plx_err *err)
{
    plx_sb zip = archive_of(c);
    bool ok = run_bytes(&zip, c, extra, s, err);
    plx_sb_free(&zip);
    return ok;
}

START_TEST(test_sound)
{
    memory_sink s;
    plx_err err = {0};
    ck_assert_msg(run(&(content){0}, NULL, &s, &err), "%s", plx_test_err(&err));
    ck_assert(s.committed);
    /* Digits are ordered as numbers. */
    ck_assert(plx_slice_is(ms_text(&s, "nodes", "label", 0), "7") &&
              plx_slice_is(ms_text(&s, "nodes", "label", 2), "200"));
    ck_assert(ms_weight(&s, 0, "7", "30") == 2 && ms_weight(&s, 0, "30", "7") == 1 &&
              ms_weight(&s, 0, "200", "200") == 4);
    ck_assert(ms_weight(&s, 1, "30", "7") == 3 && ms_weight(&s, 1, "7", "200") == 5 &&
              ms_weight(&s, 1, "200", "7") == 0);
    ck_assert(ms_count(&s, "counts.nodes") == 3 && ms_count(&s, "counts.edges") == 4 &&
              ms_count(&s, "counts.sum") == 15);
    ck_assert(ms_count(&s, "counts.ad_sum") == 7 && ms_count(&s, "counts.ad_max") == 4 &&
              ms_count(&s, "counts.ad_self") == 1);
    ck_assert(ms_count(&s, "counts.dd") == 2 && ms_count(&s, "counts.dd_sum") == 8 && ms_count(&s, "counts.max") == 5);
    ck_assert(plx_slice_is(ms_text(&s, "nodes", "type", 0), "PN") &&
              plx_slice_is(ms_text(&s, "nodes", "type", 2), "KC"));
    ck_assert(plx_slice_is(ms_text(&s, "nodes", "side", 1), "right"));
    ck_assert(plx_slice_is(ms_text(&s, "nodes", "homologue", 0), "30"));
    ck_assert(plx_slice_is(ms_text(&s, "nodes", "homologue", 2), ""));
    ck_assert(plx_column_f64(ms_column(&s, "nodes", "sign"), 0) == 1 &&
              plx_column_f64(ms_column(&s, "nodes", "sign"), 1) == -1 &&
              plx_column_f64(ms_column(&s, "nodes", "sign"), 2) == 0);
    ck_assert(plx_column_f64(ms_column(&s, "nodes", "dendrite_input"), 0) == 20);
    double unknown = plx_column_f64(ms_column(&s, "nodes", "dendrite_input"), 1);
    ck_assert(unknown != unknown);
    ck_assert(plx_column_f64(ms_column(&s, "nodes", "axon_output"), 1) == 12);
    /* Rows of cells that no matrix has: both sides of an annotation, an input, a sign. */
    ck_assert_uint_eq(ms_changes(&s, "not-in-matrix"), 4);
    ck_assert_uint_eq(ms_change_of(&s, "not-in-matrix")->line, 4);
    ms_free(&s);
}
END_TEST

START_TEST(test_refused)
{
    static const struct {
        content c;
        plx_code code;
        const char *words, *place;
    } bad[] = {
        {{.dd = ",200,7,31\n31,0.0,3.0,0.0\n7,5.0,0.0,0.0\n200,0.0,0.0,0.0\n"},
         PLX_E_FORMAT,
         "id 31 of column 4",
         "member set/dd.csv"},
        {{.dd = ",200,7\n7,5.0,0.0\n200,0.0,0.0\n"}, PLX_E_FORMAT, "no column has the id 30", "member set/dd.csv"},
        {{.dd = ",200,7,7\n30,0.0,3.0,0.0\n7,5.0,0.0,0.0\n200,0.0,0.0,0.0\n"},
         PLX_E_FORMAT,
         "id 7 stands in column 3 and again in column 4",
         "dd.csv"},
        {{.ad = ",7,30,200\n7,0.0,2.0,0.0\n30,1.0,0.0,0.0\n30,0.0,0.0,4.0\n"},
         PLX_E_FORMAT,
         "id 30 stands in row 3 and again in row 4",
         "ad.csv"},
        {{.ad = ",7,30,200\n7,0.0,2.0,0.0\n30,1.0,0.0,0.0\n"},
         PLX_E_FORMAT,
         "2 rows of weights and 3 columns",
         "member set/ad.csv"},
        {{.ad = ",7,30\n7,0.0,2.0\n30,1.0,0.0\n200,0.0,0.0\n"},
         PLX_E_FORMAT,
         "row 4 (id 200) is one too many",
         "ad.csv"},
        {{.ad = ",7,30,200\n7,0.0,-2.0,0.0\n30,1.0,0.0,0.0\n200,0.0,0.0,4.0\n"},
         PLX_E_FORMAT,
         "\"-2.0\" of row 2 (id 7), column 3 (id 30)",
         "ad.csv"},
        {{.ad = ",7,30,200\n7,0.0,0.5,0.0\n30,1.0,0.0,0.0\n200,0.0,0.0,4.0\n"},
         PLX_E_FORMAT,
         "\"0.5\" of row 2",
         "ad.csv"},
        {{.ad = ",7,30,200\n7,0.0,nan,0.0\n30,1.0,0.0,0.0\n200,0.0,0.0,4.0\n"},
         PLX_E_FORMAT,
         "\"nan\" of row 2",
         "ad.csv"},
        {{.ad = ",7,30,200\n7,0.0,,0.0\n30,1.0,0.0,0.0\n200,0.0,0.0,4.0\n"}, PLX_E_FORMAT, "\"\" of row 2", "ad.csv"},
        {{.ad = ",7,,200\n7,0.0,2.0,0.0\n30,1.0,0.0,0.0\n200,0.0,0.0,4.0\n"},
         PLX_E_FORMAT,
         "the id of column 3",
         "ad.csv"},
        {{.ad = ",7,30,200\n,0.0,2.0,0.0\n30,1.0,0.0,0.0\n200,0.0,0.0,4.0\n"},
         PLX_E_FORMAT,
         "the id of row 2",
         "ad.csv"},
        {{.ad = "\n"}, PLX_E_FORMAT, "the matrix is empty", "ad.csv"},
        {{.ad = ""}, PLX_E_FORMAT, "no member set/ad.csv", "s1.zip"},
        {{.total = ",30,200,7\n7,2.0,5.0,0.0\n30,0.0,0.0,6.0\n200,0.0,1.0,0.0\n"},
         PLX_E_SCHEMA,
         "2 weights of the total are not the sums",
         "row id 30, column id 7: it says 6, the kinds sum to 4"},
        {{.annotations =
              "left_id,right_id,celltype,additional_annotations,level_7_cluster\n7,30,PN,a,1\n30,200,PN,a,1\n"},
         PLX_E_FORMAT,
         "id 30 stands twice",
         "annotations.csv"},
        {{.annotations = "left_id,right_id,type,additional_annotations,level_7_cluster\n"},
         PLX_E_FORMAT,
         "no column \"celltype\"",
         "annotations.csv"},
        {{.inputs = ",axon_input,dendrite_input\n7,1,many\n"},
         PLX_E_FORMAT,
         "\"many\" is no number of synapses",
         "inputs.csv"},
        {{.inputs = ",axon_input,dendrite_input\n7,1,-2\n"}, PLX_E_FORMAT, "\"-2\" is no number", "inputs.csv"},
        {{.outputs = ",axon_output,dendrite_output\n7,1,2\n7,1,2\n"}, PLX_E_FORMAT, "id 7 stands twice", "outputs.csv"},
        {{.outputs = ""}, PLX_E_FORMAT, "no member \"set/outputs.csv\"", "s1.zip"},
        {{.signs = "skid,sign\n7,yes\n"}, PLX_E_FORMAT, "sign \"yes\" is not known", "signs.csv"},
        {{.signs = "skid,sign\n7,True\n7,True\n"}, PLX_E_FORMAT, "id 7 stands twice", "signs.csv"},
        {{.cut = 300}, PLX_E_TRUNCATED, "s1.zip", "s1.zip"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memory_sink s;
        plx_err err = {0};
        ck_assert_msg(!run(&bad[i].c, NULL, &s, &err), "%zu accepted: %s", i, bad[i].words);
        ck_assert_msg(err.code == bad[i].code && strstr(plx_test_err(&err), bad[i].words) &&
                          strstr(plx_test_err(&err), bad[i].place),
                      "%zu: %s is not \"%s\" at %s", i, plx_test_err(&err), bad[i].words, bad[i].place);
        ck_assert(!s.committed);
        ms_free(&s);
    }
}
END_TEST

START_TEST(test_options)
{
    static const char *const bad[][3] = {{"matrices", "", NULL},
                                         {"matrices", "ad", NULL},
                                         {"matrices", "=ad.csv", NULL},
                                         {"matrices", "axon-to-dendrite=ad.csv", NULL},
                                         {"matrices", "a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9", NULL}};
    memory_sink s;
    plx_err err = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert(!run(&(content){0}, bad[i], &s, &err));
        ck_assert_msg(err.code == PLX_E_SCHEMA && strstr(err.what, "option matrices"), "%zu: %s", i,
                      plx_test_err(&err));
        ms_free(&s);
    }
    static const char *const bare[] = {"total", "", "annotations", "", "inputs", "", "outputs", "", "signs", "", NULL};
    ck_assert_msg(run(&(content){.total = "", .signs = "x"}, bare, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_count(&s, "counts.sum") == 15);
    ck_assert_uint_eq(s.n_changes, 0);
    ms_free(&s);
}
END_TEST

START_TEST(test_cut_anywhere)
{
    memory_sink s;
    plx_err err = {0};
    size_t live = plx_alloc_live();
    for (size_t cut = 1; cut < 900; cut++) {
        ck_assert(!run(&(content){.cut = cut}, NULL, &s, &err));
        ck_assert_msg(plx_code_exit(err.code) == 8, "%zu: %s", cut, plx_test_err(&err));
        ms_free(&s);
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
}
END_TEST

START_TEST(test_every_allocation)
{
    plx_sb zip = archive_of(&sound);
    size_t live = plx_alloc_live();
    bool through = false;
    for (size_t k = 0; !through; k++) {
        memory_sink s;
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        bool ok = run_bytes(&zip, &sound, NULL, &s, &err);
        through = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert(ok || !through);
        ms_free(&s);
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
    plx_sb_free(&zip);
}
END_TEST

Suite *matrix_zip_suite(void)
{
    Suite *suite = suite_create("matrix_zip");
    TCase *tc = tcase_create("matrix_zip");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_sound);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_options);
    tcase_add_test(tc, test_cut_anywhere);
    tcase_add_test(tc, test_every_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}

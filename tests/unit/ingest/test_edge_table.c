/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/connectome_builder.h"
#include "memory_sink.h"
#include "schemas/neurons.h"
#include "support/suites.h"

static const char *const plain[] = {"weight_unit", "synapses", "upstream", "Loader", NULL};

static bool run(const char *const *options, const char *text, plx_mode mode, memory_sink *sink, plx_err *err)
{
    const text_file files[] = {{"edges", text, 0}, {0}};
    return run_job("edge_table", options, files, mode, sink, err);
}

static void run_ok(const char *const *options, const char *text, plx_mode mode, memory_sink *sink)
{
    plx_err err;
    ck_assert_msg(run(options, text, mode, sink, &err), "%s", plx_test_err(&err));
    ck_assert(sink->committed);
}

static const char two_kinds[] = "pre\tpost\ttype\tsynapses\n"
                                "AVAL\tAVAR\tchemical\t2\n"
                                "AVAL\tAVAR\telectrical\t3\n"
                                "VB02\tAVAL\tchemical\t1\n"
                                "avfl\tVB2\tchemical\t4\n"
                                "AVAL\tBWM-DL01\tchemical\t5\n"
                                "AVAL\tAVAR\tchemical\t7\n"
                                "AVAR\tAIA?\tchemical\t1\n"
                                "AVAR\tPVCL\tchemical\t0\n";

START_TEST(test_strict)
{
    memory_sink s;
    run_ok(plain, two_kinds, PLX_STRICT, &s);
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAR") == 9); /* 2 + 7 */
    ck_assert(ms_weight(&s, 1, "AVAL", "AVAR") == 3);
    ck_assert(ms_weight(&s, 1, "AVAR", "AVAL") == 3);
    ck_assert(ms_weight(&s, 0, "avfl", "VB02") == 4); /* labels stay as in the source */
    ck_assert(ms_weight(&s, 0, "AVAR", "AIA?") == 1);
    ck_assert(ms_weight(&s, 0, "AVAR", "PVCL") == 0);
    ck_assert(ms_count(&s, "counts.nodes") == 4);
    ck_assert(ms_count(&s, "counts.chemical_sum") == 14);
    ck_assert(ms_count(&s, "counts_all.nodes") == 6);
    ck_assert(ms_count(&s, "counts_all.chemical_sum") == 20);
    ck_assert_uint_eq(ms_changes(&s, "pad-zero"), 1);
    ck_assert_uint_eq(ms_changes(&s, "case"), 1);
    ck_assert_uint_eq(ms_changes(&s, "same-cell"), 1); /* VB2 is the cell already known as VB02 */
    ck_assert_uint_eq(ms_changes(&s, "annotated"), 1);
    ck_assert_uint_eq(ms_changes(&s, "zero-weight"), 1);
    ck_assert_uint_eq(s.n_changes, 6);
    const told *merged = ms_change_of(&s, "sum-repeats");
    ck_assert_str_eq(merged->action, "merge");
    ck_assert_str_eq(merged->subject, "AVAL->AVAR chemical");
    ck_assert_str_eq(merged->before, "2 + 7");
    ck_assert_str_eq(merged->after, "9");
    ck_assert_str_eq(merged->file, "edges");
    ck_assert_uint_eq(merged->line, 2);
    const told *padded = ms_change_of(&s, "pad-zero");
    ck_assert_str_eq(padded->before, "VB02");
    ck_assert_str_eq(padded->after, "VB2");
    ck_assert_uint_eq(padded->line, 4);
    ms_free(&s);
}
END_TEST

START_TEST(test_compat)
{
    memory_sink s;
    run_ok(plain, two_kinds, PLX_COMPAT, &s);
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAR") == 2); /* D16 */
    ck_assert(ms_weight(&s, 0, "VB2", "AVAL") == 0);  /* D2 */
    ck_assert(ms_count(&s, "counts.nodes") == 2);
    ck_assert(ms_count(&s, "counts_all.nodes") == 2);
    ck_assert_uint_eq(s.record.table[0].n_rows, 300);
    ck_assert_uint_eq(ms_changes(&s, "outside-300"), 3);
    ck_assert_uint_eq(ms_changes(&s, "D2"), 1); /* VB02 */
    ck_assert_uint_eq(ms_changes(&s, "D16"), 1);
    ck_assert_str_eq(ms_change_of(&s, "D16")->before, "7");
    ck_assert_uint_eq(ms_change_of(&s, "D16")->line, 7);
    ck_assert_str_eq(plx_v_get_text(s.attributes, "upstream"), "Loader");
    ms_free(&s);
    static const char *const strip[] = {"weight_unit",  "synapses",    "upstream", "Loader",
                                        "compat_names", "strip-zeros", NULL};
    run_ok(strip, two_kinds, PLX_COMPAT, &s);
    ck_assert(ms_weight(&s, 0, "VB02", "AVAL") == 1);
    ms_free(&s);
    static const char *const none[] = {"weight_unit", "synapses", NULL};
    plx_err err;
    ck_assert(!run(none, two_kinds, PLX_COMPAT, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ms_free(&s);
}
END_TEST

START_TEST(test_gap_junctions)
{
    static const char *const both[] = {"weight_unit",   "n",  "gap_rows", "both", "upstream", "L",
                                       "whole_weights", "no", NULL};
    static const char text[] =
        "pre,post,type,synapses\n"
        "AVAL,AVAR,electrical,4\nAVAR,AVAL,electrical,5\n"                          /* uneven */
        "AVBL,AVBR,electrical,2\nAVBR,AVBL,electrical,2\n"                          /* even */
        "PVCL,PVCR,electrical,1.5\n"                                                /* one way */
        "RIML,RIML,electrical,3\n"                                                  /* self, once */
        "AIBL,AIBR,electrical,1\nAIBL,AIBR,electrical,2\nAIBR,AIBL,electrical,3\n"; /* repeated */
    memory_sink s;
    run_ok(both, text, PLX_STRICT, &s);
    ck_assert(ms_weight(&s, 1, "AVAL", "AVAR") == 4.5 && ms_weight(&s, 1, "AVAR", "AVAL") == 4.5);
    ck_assert(ms_weight(&s, 1, "AVBR", "AVBL") == 2);
    ck_assert(ms_weight(&s, 1, "PVCR", "PVCL") == 1.5);
    ck_assert(ms_weight(&s, 1, "RIML", "RIML") == 3);
    ck_assert(ms_weight(&s, 1, "AIBL", "AIBR") == 3); /* (1 + 2 and 3) / 2 */
    ck_assert_uint_eq(ms_changes(&s, "gap-unequal"), 1);
    ck_assert_uint_eq(ms_changes(&s, "gap-one-way"), 1);
    ck_assert_uint_eq(ms_changes(&s, "sum-repeats"), 1);
    ck_assert_uint_eq(s.n_changes, 3);
    ck_assert(ms_count(&s, "counts.gap_pairs") == 5);
    ck_assert(ms_count(&s, "counts.gap_directed") == 9);
    ck_assert(ms_count(&s, "counts.self") == 1);
    ck_assert(ms_count(&s, "counts.gap_sum") == 25); /* 9 + 4 + 3 + 3 + 6 */
    ms_free(&s);
    run_ok(both, text, PLX_COMPAT, &s);
    ck_assert(ms_weight(&s, 1, "AIBL", "AIBR") == 2); /* mean of 1, 2, 3 */
    ck_assert_uint_eq(ms_changes(&s, "gap-mean"), 2);
    ms_free(&s);
    static const char *const once[] = {"weight_unit", "n", "whole_weights", "no", NULL};
    run_ok(once, text, PLX_STRICT, &s);
    ck_assert(ms_weight(&s, 1, "AVAL", "AVAR") == 9); /* listed once by declaration, so two rows are two junctions */
    ck_assert_uint_eq(ms_changes(&s, "gap-one-way"), 0);
    ms_free(&s);
}
END_TEST

START_TEST(test_node_order)
{
    static const char *const whole[] = {"weight_unit", "n", "region", "whole", NULL};
    static const char text[] = "pre,post,type,synapses\nVD9,pm8,chemical,1\nADAL,CANL,chemical,1\n";
    memory_sink s;
    run_ok(whole, text, PLX_STRICT, &s);
    ck_assert_uint_eq(s.record.table[0].n_rows, 302);
    ck_assert(plx_slice_is(ms_text(&s, "nodes", "label", 0), "ADAL"));
    ck_assert(plx_slice_is(ms_text(&s, "nodes", "label", 299), "VD9"));
    ck_assert(plx_slice_is(ms_text(&s, "nodes", "label", 300), "CANL"));
    ck_assert(plx_slice_is(ms_text(&s, "nodes", "category", 301), "muscle"));
    ms_free(&s);
    run_ok(plain, text, PLX_STRICT, &s);
    ck_assert_uint_eq(s.record.table[0].n_rows, 4);
    ck_assert(plx_slice_is(ms_text(&s, "nodes", "label", 1), "VD9"));
    ms_free(&s);
    static const char *const head[] = {"weight_unit", "n", "region", "head", NULL};
    plx_err err;
    ck_assert(!run(head, text, PLX_STRICT, &s, &err));
    ck_assert_ptr_nonnull(strstr(err.what, "needs an atlas"));
    ms_free(&s);
}
END_TEST

START_TEST(test_two_files_and_node_lists)
{
    static const char *const options[] = {
        "weight_unit", "EM sections", "edge_files", "c=chemical g=gap", "node_files", "n", "pre_column",
        "a",           "post_column", "b",          "weight_column",    "w",          NULL};
    const text_file files[] = {
        {"c", "a,b,w\nAVAL,AVAR,2\n", 0}, {"g", "a,b,w\nAVAL,AVAR,3\n", 0}, {"n", "Name\nAVAL\nAVAR\nPVCL\n", 0}, {0}};
    memory_sink s;
    plx_err err;
    ck_assert_msg(run_job("edge_table", options, files, PLX_STRICT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAR") == 2 && ms_weight(&s, 1, "AVAR", "AVAL") == 3);
    ck_assert_uint_eq(s.record.table[0].n_rows, 3); /* PVCL has no edge but is listed */
    ms_free(&s);
    const text_file unlisted[] = {
        {"c", "a,b,w\nAVAL,AVDL,2\n", 0}, {"g", "a,b,w\n", 0}, {"n", "Name\nAVAL\nAVAR\n", 0}, {0}};
    ck_assert(!run_job("edge_table", options, unlisted, PLX_STRICT, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.what, "AVAL to AVDL"));
    ck_assert_ptr_nonnull(strstr(plx_test_err(&err), "line 2"));
    ms_free(&s);
}
END_TEST

START_TEST(test_bad_rows)
{
    static const struct {
        const char *row, *what, *why;
    } cases[] = {
        {"AVAL,AVAR,chemical,x\n", "weight \"x\" is not a number", "whole number"},
        {"AVAL,AVAR,chemical,\n", "weight \"\" is not a number", "whole number"},
        {"AVAL,AVAR,chemical,-1\n", "weight -1 cannot be", "at least 0"},
        {"AVAL,AVAR,chemical,1.5\n", "weight 1.5 cannot be", "whole number"},
        {"AVAL,AVAR,chemical,nan\n", "weight nan cannot be", "whole number"},
        {"AVAL,AVAR,chemical,inf\n", "weight inf cannot be", "whole number"},
        {"AVAL,AVAR,chemical,1e300\n", "weight 1e300 cannot be", "whole number"},
        {"AVAL,AVAR,optical,1\n", "\"optical\" is not known", "chemical=chemical electrical=gap"},
        {",AVAR,chemical,1\n", "cell name is empty", "column \"pre\""},
        {"AVAL,  ,chemical,1\n", "cell name is empty", "column \"post\""},
        {"AVAL,AVARAVARAVARAVARAVARAVARAVARAVARAVARAVARAVARAVARAVARAVARAVARAVARA,chemical,1\n", "longer than 64",
         "column \"post\""},
        {"AVAL,AV\x01L,chemical,1\n", "control character", "column \"post\""},
        {"AVAL,AV\xc2\x9bL,chemical,1\n", "control character", "column \"post\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        memory_sink s;
        plx_err err;
        snprintf(text, sizeof text, "pre,post,type,synapses\nAVAL,AVAR,chemical,1\n%s", cases[i].row);
        ck_assert_msg(!run(plain, text, PLX_STRICT, &s, &err), "%s was taken", cases[i].row);
        ck_assert_int_eq(err.code, PLX_E_FORMAT);
        ck_assert_msg(strstr(err.what, cases[i].what) != NULL, "%s: %s", cases[i].row, err.what);
        ck_assert_msg(strstr(err.why, cases[i].why) != NULL, "%s: %s", cases[i].row, err.why);
        ck_assert_msg(strstr(plx_test_err(&err), "of edges") != NULL && strstr(plx_test_err(&err), "line 3") != NULL,
                      "%s", plx_test_err(&err));
        ms_free(&s);
    }
}
END_TEST

START_TEST(test_bad_headers_and_options)
{
    memory_sink s;
    plx_err err;
    ck_assert(!run(plain, "pre,post,kind,synapses\n", PLX_STRICT, &s, &err));
    ck_assert_ptr_nonnull(strstr(plx_test_err(&err), "type"));
    ms_free(&s);
    ck_assert(!run(plain, "pre,post,type,synapses\n", PLX_STRICT, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_ptr_nonnull(strstr(err.what, "no connection is left of 0 rows"));
    ms_free(&s);
    static const struct {
        const char *options[7], *what;
    } cases[] = {
        {{NULL}, "weight_unit is required"},
        {{"weight_unit", "n", "wieght", "x", NULL}, "no option \"wieght\""},
        {{"weight_unit", "n", "region", "nose", NULL}, "option region"},
        {{"weight_unit", "n", "gap_rows", "twice", NULL}, "option gap_rows"},
        {{"weight_unit", "n", "delimiter", "space", NULL}, "option delimiter"},
        {{"weight_unit", "n", "compat_names", "nearest", NULL}, "option compat_names"},
        {{"weight_unit", "n", "whole_weights", "maybe", NULL}, "option whole_weights"},
        {{"weight_unit", "n", "edge_files", "edges=both", NULL}, "option edge_files"},
        {{"weight_unit", "n", "edge_files", " ", NULL}, "option edge_files"},
        {{"weight_unit", "n", "edge_files", "nowhere", NULL}, "no file \"nowhere\""},
        {{"weight_unit", "n", "type_words", "chemical=sweet", NULL}, "option type_words"},
        {{"weight_unit", "", NULL}, "option weight_unit"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(!run(cases[i].options, two_kinds, PLX_STRICT, &s, &err), "case %zu was taken", i);
        ck_assert_int_eq(err.code, PLX_E_SCHEMA);
        ck_assert_msg(strstr(err.what, cases[i].what) != NULL, "%s", err.what);
        ms_free(&s);
    }
}
END_TEST

START_TEST(test_every_prefix)
{
    for (size_t len = 1; len < sizeof two_kinds; len++) {
        const text_file files[] = {{"edges", two_kinds, len}, {0}};
        memory_sink s;
        plx_err err = {0};
        bool ok = run_job("edge_table", plain, files, PLX_STRICT, &s, &err);
        ck_assert_msg(ok || err.code == PLX_E_FORMAT || err.code == PLX_E_TRUNCATED || err.code == PLX_E_SCHEMA ||
                          err.code == PLX_E_NOTFOUND,
                      "%zu bytes: %s", len, plx_test_err(&err));
        ck_assert_int_eq(ok, s.committed);
        ms_free(&s);
    }
}
END_TEST

START_TEST(test_every_allocation)
{
    size_t live = plx_alloc_live();
    for (size_t k = 0;; k++) {
        const text_file files[] = {{"edges", two_kinds, 0}, {0}};
        memory_sink s;
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        bool ok = run_job("edge_table", plain, files, PLX_STRICT, &s, &err);
        bool through = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ms_free(&s);
        ck_assert_uint_eq(plx_alloc_live(), live);
        if (through) {
            ck_assert(ok);
            ck_assert_uint_gt(k, 20);
            break;
        }
    }
}
END_TEST

START_TEST(test_memory_budget)
{
    plx_ctx ctx = plx_ctx_default();
    memory_sink s;
    plx_digest digest;
    plx_err err;
    plx_connectome_builder *b = NULL;
    ctx.limits.memory_bytes = 4096;
    ms_init(&s);
    ck_assert(s.base.begin(&s.base, "connectome", "", &err));
    const plx_connectome_opts opts = {.region = PLX_REGION_NAMED, .weight_unit = "n"};
    ck_assert_msg(plx_connectome_builder_new(&ctx, &s.base, &opts, &b, &err), "%s", plx_test_err(&err));
    size_t n = 0;
    const plx_connectome_row row = {plx_slice_of("AVAL"), plx_slice_of("AVAR"), PLX_EDGE_CHEMICAL, 1, "f", 1, NULL};
    while (plx_connectome_add(b, &row, &err)) {
        ck_assert_uint_lt(++n, 4096);
    }
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert_uint_gt(n, 10);
    ck_assert_ptr_nonnull(strstr(err.why, "4096 bytes are allowed"));
    ck_assert_msg(plx_connectome_emit(b, &err) && s.base.commit(&s.base, &digest, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAR") == (double)n);
    plx_connectome_builder_free(b);
    ms_free(&s);
}
END_TEST

/* Many rows against sums kept in plain arrays: every pair of 12 neurons, both kinds, in random order and repeated. */
START_TEST(test_against_plain_sums)
{
    enum { N = 12, ROWS = 3000 };
    static double chemical[N][N], gap[N][N];
    memset(chemical, 0, sizeof chemical);
    memset(gap, 0, sizeof gap);
    char *text = malloc(ROWS * 48 + 64);
    size_t used = (size_t)sprintf(text, "pre,post,type,synapses\n");
    uint32_t state = 12345;
    for (int i = 0; i < ROWS; i++) {
        state = state * 1664525u + 1013904223u;
        unsigned a = state >> 28 & 15;
        unsigned b = state >> 24 & 15;
        a %= N;
        b %= N;
        unsigned w = state >> 10 & 3;
        bool is_gap = state >> 20 & 1;
        used += (size_t)sprintf(text + used, "%s,%s,%s,%u\n", plx_neurons[a * 7], plx_neurons[b * 7],
                                is_gap ? "electrical" : "chemical", w);
        if (!is_gap) {
            chemical[a][b] += w;
        } else {
            gap[a][b] += w;
            if (a != b) {
                gap[b][a] += w;
            }
        }
    }
    memory_sink s;
    run_ok(plain, text, PLX_STRICT, &s);
    for (unsigned a = 0; a < N; a++) {
        for (unsigned b = 0; b < N; b++) {
            ck_assert(ms_weight(&s, 0, plx_neurons[a * 7], plx_neurons[b * 7]) == chemical[a][b]);
            ck_assert(ms_weight(&s, 1, plx_neurons[a * 7], plx_neurons[b * 7]) == gap[a][b]);
        }
    }
    ms_free(&s);
    free(text);
}
END_TEST

Suite *edge_table_suite(void)
{
    Suite *suite = suite_create("edge_table");
    TCase *tc = tcase_create("edge_table");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_strict);
    tcase_add_test(tc, test_compat);
    tcase_add_test(tc, test_gap_junctions);
    tcase_add_test(tc, test_node_order);
    tcase_add_test(tc, test_two_files_and_node_lists);
    tcase_add_test(tc, test_bad_rows);
    tcase_add_test(tc, test_bad_headers_and_options);
    tcase_add_test(tc, test_every_prefix);
    tcase_add_test(tc, test_every_allocation);
    tcase_add_test(tc, test_memory_budget);
    tcase_add_test(tc, test_against_plain_sums);
    suite_add_tcase(suite, tc);
    return suite;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrays laid out like those of wormneuroatlas (golden/files/arrays.h5 was written by h5py), sound and not.
 */
#include "memory_sink.h"
#include "support/suites.h"

static const char three[] = "0\tAVAL\n1\tAWCOFF\n2\tAIA?\n";

static bool run_bytes(const char *bytes, size_t len, const char *names, const char *const *extra, memory_sink *s,
                      plx_err *err)
{
    const char *options[32] = {"weight_unit", "synapses", "arrays",  "arrays.h5",   "names",    "names.txt",
                               "name_column", "c2",       "aliases", "AWCOFF=AWCL", "gap_rows", "both"};
    size_t n = 12;
    for (size_t i = 0; extra[i]; i++) {
        options[n++] = extra[i];
    }
    const text_file files[] = {{"arrays.h5", bytes, len}, {"names.txt", names, 0}, {0}};
    return run_job("matrix_h5", options, files, PLX_STRICT, s, err);
}

static char *golden(size_t *len)
{
    FILE *in = fopen(plx_test_golden("arrays.h5"), "rb");
    ck_assert_ptr_nonnull(in);
    char *bytes = malloc(1 << 16);
    *len = fread(bytes, 1, 1 << 16, in);
    fclose(in);
    return bytes;
}

static bool run(const char *names, const char *const *extra, memory_sink *s, plx_err *err)
{
    size_t len;
    char *bytes = golden(&len);
    bool ok = run_bytes(bytes, len, names, extra, s, err);
    free(bytes);
    return ok;
}

static const char *const both[] = {"chemical", "chem", "gap", "gap", "rows", "receive", NULL};

START_TEST(test_turned)
{
    static const char *const as_it_is[] = {"chemical", "chem", "gap", "gap", NULL};
    memory_sink s;
    plx_err err;
    ck_assert_msg(run(three, both, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AWCOFF", "AVAL") == 2); /* chem[0, 1] is from 1 to 0 */
    ck_assert(ms_weight(&s, 0, "AVAL", "AWCOFF") == 5);
    ck_assert(ms_weight(&s, 0, "AIA?", "AIA?") == 3);
    ck_assert(ms_weight(&s, 1, "AVAL", "AIA?") == 4 && ms_weight(&s, 1, "AVAL", "AVAL") == 1);
    ck_assert(strstr(plx_v_get_text(s.attributes, "orientation"), "from j to i"));
    ck_assert_uint_eq(ms_changes(&s, "alias"), 1);
    ck_assert_str_eq(ms_change_of(&s, "alias")->before, "AWCOFF");
    ck_assert_str_eq(ms_change_of(&s, "alias")->after, "AWCL");
    ck_assert(plx_slice_is(ms_text(&s, "nodes", "name", 1), "AWCL"));
    ck_assert(plx_slice_is(ms_text(&s, "nodes", "label", 1), "AWCOFF"));
    ck_assert_uint_eq(ms_changes(&s, "annotated"), 1);
    ms_free(&s);
    ck_assert_msg(run(three, as_it_is, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAL", "AWCOFF") == 2);
    ms_free(&s);
}
END_TEST

START_TEST(test_sorted_names_and_cells_not_observed)
{
    static const char *const extra[] = {"chemical",   "chem",     "name_order", "sorted", "unobserved",
                                        "AVAL other", "upstream", "Loader",     NULL};
    memory_sink s;
    plx_err err;
    ck_assert_msg(run("0\tAWCOFF\n1\tAVAL\n2\tAIA?\n", extra, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AWCOFF", "AWCOFF") == 3); /* sorted: AIA?, AVAL, AWCOFF */
    ck_assert(ms_weight(&s, 0, "AIA?", "AVAL") == 0);
    ck_assert_uint_eq(ms_changes(&s, "not-observed"), 3);
    const plx_column *observable = ms_column(&s, "nodes", "observable");
    ck_assert(plx_column_f64(observable, 0) == 0 && plx_column_f64(observable, 1) == 1); /* AVAL, AWCOFF */
    ms_free(&s);
}
END_TEST

static void refuse(const char *names, const char *chemical, const char *gap, const char *place, const char *words)
{
    const char *const extra[] = {"chemical", chemical, "gap", gap, NULL};
    memory_sink s;
    plx_err err;
    ck_assert_msg(!run(names, extra, &s, &err), "accepted: %s", words);
    ck_assert_msg(err.code == PLX_E_FORMAT, "%s", plx_test_err(&err));
    ck_assert_msg(strstr(plx_test_err(&err), words) && strstr(plx_test_err(&err), place), "%s is not \"%s\" at %s",
                  plx_test_err(&err), words, place);
    ck_assert(!s.committed);
    ms_free(&s);
}

START_TEST(test_bad_arrays)
{
    const char *at = "arrays.h5, data set";
    refuse(three, "chem", "one_way", "element [0, 2] (AVAL, AIA?)", "not symmetric");
    refuse(three, "negative", "", "element [1, 2] (AWCOFF, AIA?)", "got -1");
    refuse(three, "fraction", "", "element [2, 1]", "got 1.5");
    refuse(three, "unknown", "", "element [1, 0]", "got nan");
    refuse(three, "oblong", "", at, "not one row and column");
    refuse(three, "flat", "", at, "not one row and column");
    refuse(three, "whole", "", at, "not one row and column");
    refuse("0\tAVAL\n1\tAVAR\n", "chem", "", at, "names 2 cells");
    refuse(three, "renamed", "", "arrays.h5, data set renamed", "renamed");
    refuse("0\tAVAL\n1\tAVAR\n2\tAVAL\n", "chem", "", "line 3", "AVAL is there twice");
    refuse("0\tAVAL\n1\t\n2\tAVAR\n", "chem", "", "line 2", "cell name is empty");
}
END_TEST

START_TEST(test_bad_options)
{
    static const char *const bad[][5] = {{"chemical", "", "gap", "", NULL},
                                         {"chemical", "chem", "rows", "both", NULL},
                                         {"chemical", "chem", "name_order", "any", NULL},
                                         {"chemical", "chem", "aliases", "AWCOFF", NULL},
                                         {"chemical", "chem", "aliases", "=AWCL", NULL},
                                         {"chemical", "chem", "names", "none.txt", NULL}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memory_sink s;
        plx_err err;
        ck_assert(!run(three, bad[i], &s, &err));
        ck_assert_msg(err.code == PLX_E_SCHEMA, "%zu: %s", i, plx_test_err(&err));
        ms_free(&s);
    }
}
END_TEST

START_TEST(test_every_allocation)
{
    size_t live = plx_alloc_live();
    size_t len;
    char *bytes = golden(&len);
    for (size_t k = 0;; k++) {
        memory_sink s;
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        bool ok = run_bytes(bytes, len, three, both, &s, &err);
        bool through = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ms_free(&s);
        ck_assert_uint_eq(plx_alloc_live(), live);
        if (through) {
            ck_assert(ok);
            break;
        }
    }
    free(bytes);
}
END_TEST

START_TEST(test_cut_files)
{
    size_t len;
    char *bytes = golden(&len);
    for (size_t cut = 1; cut < len; cut += 97) {
        memory_sink s;
        plx_err err = {0};
        bool ok = run_bytes(bytes, cut, three, both, &s, &err);
        ck_assert_msg(!ok && (err.code == PLX_E_FORMAT || err.code == PLX_E_TRUNCATED), "%zu bytes: %s", cut,
                      plx_test_err(&err));
        ms_free(&s);
    }
    free(bytes);
}
END_TEST

Suite *matrix_h5_suite(void)
{
    Suite *suite = suite_create("matrix_h5");
    TCase *tc = tcase_create("matrix_h5");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_turned);
    tcase_add_test(tc, test_sorted_names_and_cells_not_observed);
    tcase_add_test(tc, test_bad_arrays);
    tcase_add_test(tc, test_bad_options);
    tcase_add_test(tc, test_every_allocation);
    tcase_add_test(tc, test_cut_files);
    suite_add_tcase(suite, tc);
    return suite;
}

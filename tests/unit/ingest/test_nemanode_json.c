/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_sink.h"
#include "support/suites.h"

static const char *const plain[] = {"weight_unit", "synapses", "gap_rows", "both", "upstream", "Loader", NULL};

static bool run(const char *const *options, const char *text, size_t len, plx_mode mode, memory_sink *sink,
                plx_err *err)
{
    const text_file files[] = {{"connections", text, len}, {0}};
    return run_job("nemanode_json", options, files, mode, sink, err);
}

static const char sample[] = "[\n"
                             " {\"pre\": \"AVAL\", \"post\": \"AVAR\", \"typ\": 0, \"syn\": [1, 2], \"ids\": [4, 5]},\n"
                             " {\"pre\": \"AVAL\", \"post\": \"AVAR\", \"typ\": 0, \"syn\": [4]},\n"
                             " {\"pre\": \"AVAL\", \"post\": \"VB02\", \"typ\": 2, \"syn\": [1, 1]},\n"
                             " {\"pre\": \"VB2\", \"post\": \"AVAL\", \"typ\": 2, \"syn\": [2]}\n"
                             "]\n";

START_TEST(test_sums_and_counts)
{
    memory_sink s;
    plx_err err;
    ck_assert_msg(run(plain, sample, 0, PLX_STRICT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAR") == 7);
    ck_assert(ms_weight(&s, 1, "AVAL", "VB02") == 2);
    ck_assert_uint_eq(ms_changes(&s, "sum-repeats"), 1);
    ck_assert_uint_eq(ms_changes(&s, "gap-unequal"), 0);
    ck_assert_uint_eq(ms_change_of(&s, "sum-repeats")->line, 2);
    ms_free(&s);
    static const char *const count[] = {"weight_unit", "synapses", "gap_rows", "both", "weight", "count", NULL};
    ck_assert_msg(run(count, sample, 0, PLX_STRICT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAR") == 3);
    ck_assert(ms_weight(&s, 1, "AVAL", "VB02") == 1.5); /* two synapses one way, one the other */
    ck_assert_uint_eq(ms_changes(&s, "gap-unequal"), 1);
    ms_free(&s);
    ck_assert_msg(run(plain, sample, 0, PLX_COMPAT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 0, "AVAL", "AVAR") == 3); /* D16 */
    ck_assert_uint_eq(ms_changes(&s, "D2"), 1);       /* VB02 */
    ms_free(&s);
}
END_TEST

START_TEST(test_names_file)
{
    static const char *const options[] = {"weight_unit", "EM sections", "connections", "edges.json",
                                          "names_file",  "names.csv",   NULL};
    static const char json[] = "[{\"pre\":\"BWM-DL01\",\"post\":\"pm5D\",\"syn\":[2],\"typ\":2},"
                               "{\"pre\":\"VA1\",\"post\":\"vm2AL\",\"syn\":[1],\"typ\":0}]";
    const text_file files[] = {
        {"edges.json", json, 0},
        {"names.csv", "\xef\xbb\xbforiginal,replacement\nBWM-DL01,dBWML1\nvm2AL,vm2aL \nVA1,VA01\nVA10,VA10\n", 0},
        {0}};
    memory_sink s;
    plx_err err;
    ck_assert_msg(run_job("nemanode_json", options, files, PLX_STRICT, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_weight(&s, 1, "pm5D", "dBWML1") == 2);
    ck_assert(ms_weight(&s, 0, "VA1", "vm2aL") == 1); /* neurons need no other name */
    ck_assert_uint_eq(ms_changes(&s, "replaced-name"), 2);
    ck_assert_uint_eq(s.n_changes, 2);
    ck_assert_str_eq(ms_change_of(&s, "replaced-name")->before, "BWM-DL01");
    ck_assert_str_eq(ms_change_of(&s, "replaced-name")->after, "dBWML1");
    ms_free(&s);
    const text_file twice[] = {files[0], {"names.csv", "a,b\npm5D,x\npm5D,y\n", 0}, {0}};
    ck_assert(!run_job("nemanode_json", options, twice, PLX_STRICT, &s, &err));
    ck_assert_msg(err.code == PLX_E_FORMAT && strstr(err.what, "two names are given"), "%s", plx_test_err(&err));
    ms_free(&s);
    const text_file empty[] = {files[0], {"names.csv", "a,b\npm5D,\n", 0}, {0}};
    ck_assert(!run_job("nemanode_json", options, empty, PLX_STRICT, &s, &err));
    ck_assert_msg(err.code == PLX_E_FORMAT && strstr(plx_test_err(&err), "line 2, column 6, byte 9 of names.csv"), "%s",
                  plx_test_err(&err));
    ms_free(&s);
}
END_TEST

START_TEST(test_bad_elements)
{
    static const struct {
        const char *text, *what, *why;
    } cases[] = {
        {"[\n1]", "\"pre\"", "an object"},
        {"[\n{\"post\": \"AVAL\", \"typ\": 0, \"syn\": [1]}]", "\"pre\"", "name of a cell"},
        {"[\n{\"pre\": 7, \"post\": \"AVAL\", \"typ\": 0, \"syn\": [1]}]", "\"pre\"", "name of a cell"},
        {"[\n{\"pre\": \"AVAL\", \"post\": \" \", \"typ\": 0, \"syn\": [1]}]", "\"post\"", "is empty"},
        {"[\n{\"pre\": \"AVAL\", \"post\": \"A\\u0000B\", \"typ\": 0, \"syn\": [1]}]", "\"post\"", "control character"},
        {"[\n{\"pre\": \"AVAL\", \"post\": \"AVAR\", \"typ\": 1, \"syn\": [1]}]", "\"typ\"", "0 (chemical) or 2"},
        {"[\n{\"pre\": \"AVAL\", \"post\": \"AVAR\", \"typ\": \"0\", \"syn\": [1]}]", "\"typ\"", "0 (chemical) or 2"},
        {"[\n{\"pre\": \"AVAL\", \"post\": \"AVAR\", \"syn\": [1]}]", "\"typ\"", "0 (chemical) or 2"},
        {"[\n{\"pre\": \"AVAL\", \"post\": \"AVAR\", \"typ\": 0}]", "\"syn\"", "list of synapse sizes"},
        {"[\n{\"pre\": \"AVAL\", \"post\": \"AVAR\", \"typ\": 0, \"syn\": []}]", "\"syn\"", "at least one"},
        {"[\n{\"pre\": \"AVAL\", \"post\": \"AVAR\", \"typ\": 0, \"syn\": [1, -1]}]", "\"syn\"", "whole numbers"},
        {"[\n{\"pre\": \"AVAL\", \"post\": \"AVAR\", \"typ\": 0, \"syn\": [1.5]}]", "\"syn\"", "whole numbers"},
        {"[\n{\"pre\": \"AVAL\", \"post\": \"AVAR\", \"typ\": 0, \"syn\": [9007199254740993]}]", "\"syn\"",
         "whole numbers"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memory_sink s;
        plx_err err;
        ck_assert_msg(!run(plain, cases[i].text, 0, PLX_STRICT, &s, &err), "%s was taken", cases[i].text);
        ck_assert_int_eq(err.code, PLX_E_FORMAT);
        ck_assert_msg(strstr(err.what, cases[i].what) != NULL, "%s: %s", cases[i].text, err.what);
        ck_assert_msg(strstr(err.why, cases[i].why) != NULL, "%s: %s", cases[i].text, err.why);
        ck_assert_msg(strstr(plx_test_err(&err), "connections line 2, column ") != NULL, "%s", plx_test_err(&err));
        ms_free(&s);
    }
    memory_sink s;
    plx_err err;
    ck_assert(!run(plain, "{\"pre\": 1}", 0, PLX_STRICT, &s, &err));
    ms_free(&s);
    static const char *const odd[] = {"weight_unit", "n", "weight", "mean", NULL};
    ck_assert(!run(odd, sample, 0, PLX_STRICT, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ms_free(&s);
}
END_TEST

START_TEST(test_every_prefix)
{
    for (size_t len = 1; len < sizeof sample - 1; len++) {
        memory_sink s;
        plx_err err = {0};
        bool ok = run(plain, sample, len, PLX_STRICT, &s, &err);
        /* Only the final newline may be missing. */
        ck_assert_msg(ok == (len >= sizeof sample - 2), "%zu bytes were %s", len, ok ? "taken" : "refused");
        ck_assert_msg(ok || err.code == PLX_E_FORMAT || err.code == PLX_E_TRUNCATED, "%zu bytes: %s", len,
                      plx_test_err(&err));
        ms_free(&s);
    }
}
END_TEST

START_TEST(test_every_allocation)
{
    size_t live = plx_alloc_live();
    for (size_t k = 0;; k++) {
        memory_sink s;
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        bool ok = run(plain, sample, 0, PLX_STRICT, &s, &err);
        bool through = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ms_free(&s);
        ck_assert_uint_eq(plx_alloc_live(), live);
        if (through) {
            ck_assert(ok);
            break;
        }
    }
}
END_TEST

Suite *nemanode_json_suite(void)
{
    Suite *suite = suite_create("nemanode_json");
    TCase *tc = tcase_create("nemanode_json");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_sums_and_counts);
    tcase_add_test(tc, test_names_file);
    tcase_add_test(tc, test_bad_elements);
    tcase_add_test(tc, test_every_prefix);
    tcase_add_test(tc, test_every_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}

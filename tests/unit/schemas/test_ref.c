/* SPDX-License-Identifier: Apache-2.0 */
#include "schemas/ref.h"

#include "support/suites.h"
#include "support/support.h"

#include <string.h>

static plx_ref parsed(const char *text)
{
    plx_ref ref;
    plx_err err;
    ck_assert_msg(plx_ref_parse(text, &ref, &err), "%s: %s", text, plx_test_err(&err));
    return ref;
}

START_TEST(test_dataset_parts)
{
    plx_ref ref = parsed("connectome/white1986-n2u@1.2:compat#2022-07-27-45_A");
    ck_assert_int_eq(ref.kind, PLX_REF_DATASET);
    ck_assert_str_eq(ref.family, "connectome");
    ck_assert_str_eq(ref.name, "white1986-n2u");
    ck_assert_str_eq(ref.version, "1.2");
    ck_assert(ref.has_mode);
    ck_assert_int_eq(ref.mode, PLX_COMPAT);
    ck_assert_str_eq(ref.unit, "2022-07-27-45_A");
}
END_TEST

START_TEST(test_parts_may_be_left_out)
{
    plx_ref ref = parsed("premaratne");
    ck_assert_str_eq(ref.family, "");
    ck_assert_str_eq(ref.name, "premaratne");
    ck_assert_str_eq(ref.version, "");
    ck_assert(!ref.has_mode);
    ck_assert_int_eq(ref.mode, PLX_STRICT);
    ref = parsed("a/b#U");
    ck_assert_str_eq(ref.unit, "U");
    ref = parsed("a/b:strict");
    ck_assert(ref.has_mode);
    ck_assert_int_eq(ref.mode, PLX_STRICT);
}
END_TEST

START_TEST(test_other_kinds)
{
    ck_assert_int_eq(parsed("task:link-prediction").kind, PLX_REF_TASK);
    ck_assert_int_eq(parsed("model:ar1").kind, PLX_REF_MODEL);
    ck_assert_int_eq(parsed("metric:roc_auc").kind, PLX_REF_METRIC);
    ck_assert_int_eq(parsed("run:beef").kind, PLX_REF_RUN);
    plx_ref ref = parsed("sha256:ABCDEF01");
    ck_assert_int_eq(ref.kind, PLX_REF_SHA256);
    ck_assert_str_eq(ref.name, "abcdef01");
    parsed("sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}
END_TEST

START_TEST(test_print_round_trip)
{
    static const char *const texts[] = {
        "a",      "a/b",        "a/b@1",        "a/b:strict",       "a/b:compat", "a/b#u", "a/b@1.0:compat#U-1",
        "task:t", "metric:m_1", "run:0123abcd", "sha256:0123456789"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        plx_ref ref = parsed(texts[i]);
        char out[PLX_REF_TEXT];
        plx_ref_print(&ref, out);
        ck_assert_str_eq(out, texts[i]);
    }
}
END_TEST

START_TEST(test_errors_point)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "empty"},
        {"A/b", "lower case at character 1"},
        {"a/", "the name is missing at character 3"},
        {"a//b", "at character 3"},
        {"/b", "at character 1"},
        {"-a", "at character 1"},
        {"a-", "starts and ends with a letter or digit at character 2"},
        {"a/b@", "the version is missing at character 5"},
        {"a/b:fast", "strict or compat at character 5"},
        {"a/b:", "strict or compat at character 5"},
        {"a/b:strictly-speaking-not", "strict or compat at character 5"},
        {"a/b#", "the unit is missing at character 5"},
        {"a/b c", "unexpected character at character 4"},
        {"a/b:compat:compat", "strict or compat at character 5"},
        {"a/B", "at character 3"},
        {"a/b/c", "unexpected character at character 4"},
        {"task:", "the name is missing at character 6"},
        {"task:a b", "unexpected character at character 7"},
        {"run:xyz", "hex digits 0-9 and a-f belong here at character 5"},
        {"run:abc", "at least 4 hex digits are needed at character 8"},
        {"sha256:12345", "at least 6 hex digits"},
        {"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "at most 64"},
        {"a\nb", "unexpected character at character 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        plx_ref ref;
        plx_err err;
        ck_assert_msg(!plx_ref_parse(cases[i].text, &ref, &err), "\"%s\" was taken", cases[i].text);
        ck_assert_int_eq(err.code, PLX_E_ARG);
        ck_assert_msg(strstr(err.what, cases[i].says) != NULL, "\"%s\": %s", cases[i].text, err.what);
        ck_assert(err.why[0] && err.next[0]);
    }
}
END_TEST

START_TEST(test_lengths)
{
    char text[600];
    plx_ref ref;
    plx_err err;
    memset(text, 'a', sizeof text);
    text[PLX_REF_PART - 1] = '\0';
    ck_assert(plx_ref_parse(text, &ref, &err));
    text[PLX_REF_PART - 1] = 'a';
    text[PLX_REF_PART] = '\0';
    ck_assert(!plx_ref_parse(text, &ref, &err));
    ck_assert_ptr_nonnull(strstr(err.what, "longer than 95"));
    text[PLX_REF_PART] = 'a';
    text[sizeof text - 1] = '\0';
    ck_assert(!plx_ref_parse(text, &ref, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    /* The longest parts there are, and their print, fit. */
    char part[PLX_REF_PART];
    memset(part, 'b', sizeof part);
    part[sizeof part - 1] = '\0';
    snprintf(text, sizeof text, "%s/%s@%s:compat#%s", part, part, part, part);
    ck_assert(plx_ref_parse(text, &ref, &err));
    char out[PLX_REF_TEXT];
    plx_ref_print(&ref, out);
    ck_assert_str_eq(out, text);
}
END_TEST

START_TEST(test_modes)
{
    plx_mode mode;
    ck_assert(plx_mode_parse("compat", &mode) && mode == PLX_COMPAT);
    ck_assert(plx_mode_parse("strict", &mode) && mode == PLX_STRICT);
    ck_assert(!plx_mode_parse("Strict", &mode));
    ck_assert(!plx_mode_parse("", &mode));
    ck_assert(!plx_mode_parse(NULL, &mode));
    ck_assert_str_eq(plx_mode_name(PLX_COMPAT), "compat");
    ck_assert_str_eq(plx_mode_name(PLX_STRICT), "strict");
}
END_TEST

Suite *ref_suite(void)
{
    Suite *suite = suite_create("ref");
    TCase *tc = tcase_create("ref");
    tcase_add_test(tc, test_dataset_parts);
    tcase_add_test(tc, test_parts_may_be_left_out);
    tcase_add_test(tc, test_other_kinds);
    tcase_add_test(tc, test_print_round_trip);
    tcase_add_test(tc, test_errors_point);
    tcase_add_test(tc, test_lengths);
    tcase_add_test(tc, test_modes);
    suite_add_tcase(suite, tc);
    return suite;
}

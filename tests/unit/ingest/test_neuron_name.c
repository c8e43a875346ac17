/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/neuron_name.h"

#include "schemas/neurons.h"
#include "support/suites.h"

#include <stdio.h>
#include <string.h>

typedef struct name_case {
    const char *label, *name, *rule, *category; /* name "" when it is no canonical neuron */
} name_case;

static void check(const name_case *c, plx_name_rules rules)
{
    plx_neuron_name got = plx_neuron_name_of(plx_slice_of(c->label), rules);
    ck_assert_msg(strcmp(got.rule, c->rule) == 0, "\"%s\": rule %s, must be %s", c->label, got.rule, c->rule);
    ck_assert_msg(strcmp(got.slot < 0 ? "" : plx_neurons[got.slot], c->name) == 0, "\"%s\" became slot %d", c->label,
                  got.slot);
    ck_assert_msg(strcmp(got.category, c->category) == 0, "\"%s\": category %s", c->label, got.category);
    ck_assert(got.reason && got.reason[0]);
    ck_assert_int_eq(got.changed, got.slot >= 0 && strcmp(c->label, c->name) != 0);
}

START_TEST(test_strict)
{
    static const name_case cases[] = {
        {"AVAL", "AVAL", "exact", "neuron"},
        {" AVAL\t", "AVAL", "trim", "neuron"},
        {"VB02", "VB2", "pad-zero", "neuron"},
        {"DA09", "DA9", "pad-zero", "neuron"},
        {"VB010", "VB10", "pad-zero", "neuron"},
        {"VB002", "VB2", "pad-zero", "neuron"},
        {"VB10", "VB10", "exact", "neuron"},
        {"AS10", "AS10", "exact", "neuron"},
        {" DA01  ", "DA1", "trim+pad-zero", "neuron"},
        {"avfl", "AVFL", "case", "neuron"},
        {"AvaL ", "AVAL", "trim+case", "neuron"},
        {"vb02", "VB2", "pad-zero+case", "neuron"},
        {" vb02", "VB2", "trim+pad-zero+case", "neuron"},
        {"CANL", "", "non-neuron", "end-organ"},
        {"BWM-DL01", "", "non-neuron", "muscle"},
        {"dBWML24", "", "non-neuron", "muscle"},
        {"vBWMR1", "", "non-neuron", "muscle"},
        {"pm1", "", "non-neuron", "muscle"},
        {"pm2VL", "", "non-neuron", "muscle"},
        {"pm1d", "", "non-neuron", "muscle"},
        {"um1aL", "", "non-neuron", "muscle"},
        {"vm2PR", "", "non-neuron", "muscle"},
        {"anal", "", "non-neuron", "muscle"},
        {"intL", "", "non-neuron", "muscle"},
        {"int", "", "non-neuron", "end-organ"},
        {"CEPshDR", "", "non-neuron", "glia"},
        {"GLRVL", "", "non-neuron", "glia"},
        {"AMSOL", "", "non-neuron", "glia"},
        {"g1p", "", "non-neuron", "gland"},
        {"exc_gl", "", "non-neuron", "gland"},
        {"mc1DL", "", "non-neuron", "epithelium"},
        {"mc3", "", "non-neuron", "epithelium"},
        {"e2VL", "", "non-neuron", "epithelium"},
        {"hyp", "", "non-neuron", "epithelium"},
        {"hyp7", "", "non-neuron", "epithelium"},
        {"NR_fragment", "", "non-neuron", "fragment"},
        {"VAn", "", "non-neuron", "fragment"},
        {"AIA?", "", "annotated", "other"},
        {"AVAL?", "", "annotated", "other"},
        {"DB1/3", "", "annotated", "other"},
        {"AVFL/R", "", "annotated", "other"},
        {"VB0", "", "unknown", "other"},
        {"VB12", "", "unknown", "other"},
        {"AVAX", "", "unknown", "other"},
        {"AVALL", "", "unknown", "other"},
        {"AVA", "", "unknown", "other"},
        {"0AVAL", "", "unknown", "other"},
        {"AVAL0", "", "unknown", "other"},
        {"A VAL", "", "unknown", "other"},
        {"BWM-DL", "", "unknown", "other"},
        {"pm", "", "unknown", "other"},
        {"a name longer than any neuron's", "", "unknown", "other"},
        {"", "", "empty", "other"},
        {"   ", "", "empty", "other"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check(&cases[i], PLX_NAMES_STRICT);
    }
}
END_TEST

START_TEST(test_exact)
{
    static const name_case cases[] = {
        {"AVAL", "AVAL", "exact", "neuron"},      {"VB02", "", "unknown", "other"},  {"avfl", "", "unknown", "other"},
        {"BWM-DL01", "", "non-neuron", "muscle"}, {" AVAL", "", "unknown", "other"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check(&cases[i], PLX_NAMES_EXACT);
    }
}
END_TEST

START_TEST(test_strip_zeros)
{
    static const name_case cases[] = {
        {"VB02", "VB2", "strip-zeros", "neuron"},
        {"VB10", "VB10", "exact", "neuron"},
        {"VB010", "", "unknown", "other"},
        {"AV0AL", "AVAL", "strip-zeros", "neuron"}, /* upstream deletes zeros anywhere */
        {"avfl", "", "unknown", "other"},
        {"pm2D", "", "non-neuron", "muscle"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check(&cases[i], PLX_NAMES_STRIP_ZEROS);
    }
}
END_TEST

/* Every neuron is found as it is, padded and in lower case, and no other label ever becomes one of them. */
START_TEST(test_all_neurons)
{
    for (int i = 0; i < PLX_N_NEURONS; i++) {
        const char *name = plx_neurons[i];
        char text[24];
        ck_assert_int_eq(plx_neuron_name_of(plx_slice_of(name), PLX_NAMES_STRICT).slot, i);
        size_t letters = strcspn(name, "0123456789");
        size_t digits = strspn(name + letters, "0123456789");
        if (digits && !name[letters + digits]) {
            snprintf(text, sizeof text, "%.*s0%s", (int)letters, name, name + letters);
            ck_assert_int_eq(plx_neuron_name_of(plx_slice_of(text), PLX_NAMES_STRICT).slot, i);
        }
        snprintf(text, sizeof text, "%s?", name);
        ck_assert_int_eq(plx_neuron_name_of(plx_slice_of(text), PLX_NAMES_STRICT).slot, -1);
        snprintf(text, sizeof text, "%sX", name);
        ck_assert_int_eq(plx_neuron_name_of(plx_slice_of(text), PLX_NAMES_STRICT).slot, -1);
        for (size_t k = 0; k <= strlen(name);
             k++) { /* one letter missing is another neuron only if it is one exactly */
            snprintf(text, sizeof text, "%.*s%s", (int)k, name, name[k] ? name + k + 1 : "");
            int slot = plx_neuron_name_of(plx_slice_of(text), PLX_NAMES_STRICT).slot;
            ck_assert(slot == -1 || strcmp(plx_neurons[slot], text) == 0);
        }
    }
}
END_TEST

Suite *neuron_name_suite(void)
{
    Suite *suite = suite_create("neuron_name");
    TCase *tc = tcase_create("neuron_name");
    tcase_add_test(tc, test_strict);
    tcase_add_test(tc, test_exact);
    tcase_add_test(tc, test_strip_zeros);
    tcase_add_test(tc, test_all_neurons);
    suite_add_tcase(suite, tc);
    return suite;
}

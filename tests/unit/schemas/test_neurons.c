/* SPDX-License-Identifier: Apache-2.0 */
#include "schemas/neurons.h"

#include "core/hash.h"
#include "support/suites.h"

#include <string.h>

/* source: sha256 over "NAME\n" of the 300 labels in byte order, computed with Python from the published
 * neuron_labels.txt. */
static const char list_sha256[] = "88d28a7f9c36f81e7b3fba0e9a7a0ae9e0e9e9a099a6cd601dcf5d7c2e057319";

START_TEST(test_list_is_the_published_one)
{
    plx_sha256 hash;
    char hex[PLX_SHA256_HEX + 1];
    plx_sha256_init(&hash);
    for (size_t i = 0; i < PLX_N_NEURONS; i++) {
        plx_sha256_update(&hash, plx_neurons[i], strlen(plx_neurons[i]));
        plx_sha256_update(&hash, "\n", 1);
        ck_assert(i == 0 || strcmp(plx_neurons[i - 1], plx_neurons[i]) < 0);
    }
    plx_digest digest = plx_sha256_final(&hash);
    plx_digest_hex(&digest, hex);
    ck_assert_str_eq(hex, list_sha256);
}
END_TEST

START_TEST(test_slots)
{
    static const struct {
        const char *name;
        int slot;
    } cases[] = {{"ADAL", 0},   {"AVAL", 53}, {"VD9", 299}, {"CANL", -1}, {"AVA", -1},
                 {"AVALL", -1}, {"aval", -1}, {"", -1},     {"ZZZ", -1},  {"VB02", -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_int_eq(plx_neuron_slot(plx_slice_of(cases[i].name)), cases[i].slot);
    }
    for (int i = 0; i < PLX_N_NEURONS; i++) {
        ck_assert_int_eq(plx_neuron_slot(plx_slice_of(plx_neurons[i])), i);
    }
}
END_TEST

START_TEST(test_homologues)
{
    int paired = 0;
    for (int i = 0; i < PLX_N_NEURONS; i++) {
        int other = plx_neuron_homologue(i);
        if (other >= 0) {
            paired++;
            ck_assert_int_ne(other, i);
            ck_assert_int_eq(plx_neuron_homologue(other), i);
        }
    }
    ck_assert_int_eq(paired, 196);
    static const char *const unpaired[] = {"AVL", "AQR", "PQR", "PVR", "RIR", "DVA", "VB10", "M1"};
    for (size_t i = 0; i < sizeof unpaired / sizeof *unpaired; i++) {
        ck_assert_int_eq(plx_neuron_homologue(plx_neuron_slot(plx_slice_of(unpaired[i]))), -1);
    }
    ck_assert_int_eq(plx_neuron_homologue(plx_neuron_slot(plx_slice_of("AVAL"))),
                     plx_neuron_slot(plx_slice_of("AVAR")));
    ck_assert_int_eq(plx_neuron_homologue(-1), -1);
    ck_assert_int_eq(plx_neuron_homologue(PLX_N_NEURONS), -1);
}
END_TEST

Suite *neurons_suite(void)
{
    Suite *suite = suite_create("neurons");
    TCase *tc = tcase_create("neurons");
    tcase_add_test(tc, test_list_is_the_published_one);
    tcase_add_test(tc, test_slots);
    tcase_add_test(tc, test_homologues);
    suite_add_tcase(suite, tc);
    return suite;
}

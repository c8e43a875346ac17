/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/fisbe_like.h"

#include "core/alloc.h"
#include "core/hash.h"
#include "support/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static plx_fisbe_like_params params(uint64_t seed, unsigned neurons)
{
    return (plx_fisbe_like_params){.seed = seed, .shape = {24, 40, 56}, .neurons = neurons, .noise = 1};
}

static plx_fisbe_like make(const plx_fisbe_like_params *p)
{
    plx_fisbe_like image;
    plx_err err = {0};
    ck_assert_msg(plx_fisbe_like_new(p, &image, &err), "%s", plx_test_err(&err));
    return image;
}

static void hash_of(const plx_fisbe_like *image, char hex[PLX_SHA256_HEX + 1])
{
    size_t n = 24 * 40 * 56;
    uint16_t *raw = malloc(3 * n * sizeof *raw);
    for (unsigned c = 0; c < 3; c++) {
        plx_fisbe_like_raw(image, c, 0, 24, raw + c * n);
    }
    plx_digest d = plx_sha256_of(raw, 3 * n * sizeof *raw);
    plx_digest_hex(&d, hex);
    free(raw);
}

/* The same on every machine and with every compiler. */
START_TEST(test_same_voxels)
{
    plx_fisbe_like_params p = params(11, 4);
    plx_fisbe_like image = make(&p);
    char hex[PLX_SHA256_HEX + 1];
    hash_of(&image, hex);
    ck_assert_str_eq(hex, "4c93f6af12efb9574fea374b7ac679e72ecdc2cfc031260e3254625edc0867a4");
    plx_fisbe_like_free(&image);
}
END_TEST

START_TEST(test_slabs_and_labels)
{
    plx_fisbe_like_params p = params(3, 0);
    plx_fisbe_like image = make(&p);
    ck_assert_uint_ge(image.n_neurons, 2);
    ck_assert_uint_le(image.n_neurons, 9);
    size_t plane = 40 * 56, n = 24 * plane;
    uint16_t *whole = malloc(n * sizeof *whole), *slab = malloc(n * sizeof *slab);
    uint8_t *labels = malloc(n), *part = malloc(n);
    for (unsigned c = 0; c < 3; c++) {
        plx_fisbe_like_raw(&image, c, 0, 24, whole);
        for (size_t z = 0; z < 24; z += 7) {
            size_t nz = 24 - z < 7 ? 24 - z : 7;
            plx_fisbe_like_raw(&image, c, z, nz, slab);
            ck_assert(memcmp(slab, whole + z * plane, nz * plane * sizeof *slab) == 0);
        }
    }
    for (size_t k = 0; k < image.n_neurons; k++) {
        const plx_fisbe_like_neuron *neuron = &image.neurons[k];
        plx_fisbe_like_labels(&image, k, 0, 24, labels);
        plx_fisbe_like_labels(&image, k, 5, 9, part);
        ck_assert(memcmp(part, labels + 5 * plane, 9 * plane) == 0);
        size_t set = 0, solid = 0;
        for (size_t i = 0; i < n; i++) {
            set += labels[i] != 0;
        }
        for (size_t i = 0; i < neuron->n; i++) {
            solid += neuron->cover[i] >= 128;
            if (i && neuron->voxels[i] <= neuron->voxels[i - 1]) {
                ck_abort_msg("voxels do not ascend");
            }
        }
        ck_assert_uint_eq(set, solid);
        ck_assert_uint_gt(set, 40);
        ck_assert_uint_lt(set, n / 10); /* thin */
    }
    free(whole);
    free(slab);
    free(labels);
    free(part);
    plx_fisbe_like_free(&image);
}
END_TEST

START_TEST(test_without_noise)
{
    plx_fisbe_like_params p = params(5, 1);
    p.noise = 0;
    plx_fisbe_like image = make(&p);
    uint16_t *raw = malloc(24 * 40 * 56 * sizeof *raw);
    const plx_fisbe_like_neuron *n = &image.neurons[0];
    for (unsigned c = 0; c < 3; c++) {
        plx_fisbe_like_raw(&image, c, 0, 24, raw);
        size_t i = 0;
        for (size_t v = 0; v < 24 * 40 * 56; v++) {
            bool in = i < n->n && n->voxels[i] == v;
            double want = 7 + (in ? (uint16_t)(n->color[c] * n->cover[i] / 255) : 0);
            i += in;
            if (raw[v] != (uint16_t)(want + 0.5)) {
                ck_abort_msg("voxel %zu is %u", v, raw[v]);
            }
        }
    }
    free(raw);
    plx_fisbe_like_free(&image);
}
END_TEST

START_TEST(test_bad_parameters)
{
    plx_fisbe_like image;
    plx_err err = {0};
    for (int k = 0; k < 4; k++) {
        plx_fisbe_like_params p = params(1, 1);
        p.shape[1] = k == 0 ? 15 : k == 1 ? 2049 : 40;
        p.neurons = k == 2 ? PLX_FISBE_LIKE_NEURONS + 1 : 1;
        p.noise = k == 3 ? -1 : 1;
        ck_assert(!plx_fisbe_like_new(&p, &image, &err));
        ck_assert_int_eq(err.code, PLX_E_ARG);
    }
}
END_TEST

START_TEST(test_no_memory)
{
    bool done = false;
    for (size_t k = 0; !done; k++) {
        plx_fisbe_like_params p = params(2, 2);
        plx_fisbe_like image;
        plx_err err = {0};
        size_t live = plx_alloc_live();
        plx_test_alloc_fail_at(k);
        bool ok = plx_fisbe_like_new(&p, &image, &err);
        done = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        if (ok) {
            plx_fisbe_like_free(&image);
        }
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
}
END_TEST

Suite *fisbe_like_suite(void)
{
    Suite *s = suite_create("fisbe_like");
    TCase *t = tcase_create("fisbe_like");
    tcase_add_test(t, test_same_voxels);
    tcase_add_test(t, test_slabs_and_labels);
    tcase_add_test(t, test_without_noise);
    tcase_add_test(t, test_bad_parameters);
    tcase_add_test(t, test_no_memory);
    suite_add_tcase(s, t);
    return s;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Clouds of voxels against what comes of looking at all pairs.
 */
#include "benchmarks/kernels/cloud.h"
#include "benchmarks/kernels/mixture.h"
#include "benchmarks/kernels/sets.h"
#include "benchmarks/kernels/supervoxels.h"
#include "core/alloc.h"
#include "support/support.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { Z = 9, Y = 11, X = 13, N = Z * Y * X };

/* Random voxels, `fill` of 100 of them bright. */
static plx_cloud random_cloud(uint64_t seed, uint64_t fill)
{
    static uint16_t raw[3 * N];
    plx_rng rng = plx_rng_seed(seed);
    const size_t shape[4] = {3, Z, Y, X};
    plx_cloud cloud;
    plx_err err = {0};
    for (size_t i = 0; i < 3 * N; i++) {
        raw[i] = (uint16_t)(plx_rng_below(&rng, 300) < fill ? 100 + plx_rng_below(&rng, 100) : plx_rng_below(&rng, 50));
    }
    plx_array image = plx_array_view(PLX_U16, 4, shape, raw);
    ck_assert_msg(plx_cloud_of(&image, 200, .4, PLX_CLOUD_BRIGHTEST, false, &cloud, &err), "%s", plx_test_err(&err));
    for (size_t i = 0, k = 0; i < N; i++) {
        bool bright = raw[i] > 80 || raw[N + i] > 80 || raw[2 * N + i] > 80;
        ck_assert(!bright || (k < cloud.n && cloud.at[k] == i));
        k += bright;
    }
    return cloud;
}

static double distance2(const plx_cloud *c, size_t i, size_t j)
{
    int64_t a[3], b[3];
    plx_cloud_place(c, i, a);
    plx_cloud_place(c, j, b);
    double sum = 0;
    for (int d = 0; d < 3; d++) {
        sum += (double)((a[d] - b[d]) * (a[d] - b[d]));
    }
    return sum;
}

/* Do two labellings split the voxels alike? */
static void expect_same_sets(const uint32_t *label, uint32_t *parent, size_t n, uint32_t n_labels)
{
    uint32_t seen = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t root = plx_sets_find(parent, (uint32_t)i);
        ck_assert_uint_eq(label[i], label[root]);
        seen += root == i;
        ck_assert(root != i || label[i] == seen); /* numbered in the order of first voxels */
    }
    ck_assert_uint_eq(seen, n_labels);
}

START_TEST(test_components_and_joins)
{
    plx_err err = {0};
    for (uint64_t fill = 2; fill < 12; fill += 3) {
        plx_cloud c = random_cloud((uint64_t)_i, fill);
        uint32_t *label = calloc(c.n + 1, 4), *parent = calloc(c.n + 1, 4), n;
        int32_t *class = calloc(c.n + 1, 4);
        for (size_t i = 0; i < c.n; i++) {
            class[i] = (int32_t)(c.at[i] * 7 % 3) / 2;
        }
        for (int gap = 0; gap < 2; gap++) {
            double near = gap ? 9 : 3; /* squared */
            for (size_t i = 0; i < c.n; i++) {
                parent[i] = (uint32_t)i;
            }
            for (size_t i = 0; i < c.n; i++) {
                for (size_t j = 0; j < i; j++) {
                    if (class[i] == class[j] && distance2(&c, i, j) <= near) {
                        plx_sets_join(parent, (uint32_t)i, (uint32_t)j);
                    }
                }
            }
            ck_assert(gap ? plx_cloud_join(&c, class, 3, label, &n, &err)
                          : plx_cloud_components(&c, class, 0, label, &n, &err));
            expect_same_sets(label, parent, c.n, n);
        }
        uint64_t big = 0;
        uint32_t before = n;
        uint32_t *kept = calloc(c.n + 1, 4);
        memcpy(kept, label, c.n * 4);
        ck_assert(plx_cloud_drop_small(c.n, 4, kept, &n, &err));
        for (uint32_t k = 1; k <= before; k++) {
            size_t size = 0;
            for (size_t i = 0; i < c.n; i++) {
                size += label[i] == k;
            }
            big += size > 4;
        }
        ck_assert_uint_eq(big, n);
        free(kept);
        free(label);
        free(parent);
        free(class);
        plx_cloud_free(&c);
    }
}
END_TEST

START_TEST(test_distance)
{
    plx_err err = {0};
    plx_cloud c = random_cloud((uint64_t)_i, 150);
    uint32_t *d = calloc(c.n, 4);
    ck_assert(plx_cloud_distance(&c, d, &err));
    for (size_t i = 0; i < c.n; i++) {
        double best = PLX_SUPERVOXEL_REACH * PLX_SUPERVOXEL_REACH;
        int64_t a[3];
        plx_cloud_place(&c, i, a);
        for (int64_t v = 0; v < N; v++) {
            int64_t z = v / (Y * X), y = v / X % Y, x = v % X;
            double e = (double)((z - a[0]) * (z - a[0]) + (y - a[1]) * (y - a[1]) + (x - a[2]) * (x - a[2]));
            best = e < best && plx_cloud_find(&c, z, y, x) == PLX_CLOUD_NONE ? e : best;
        }
        ck_assert(d[i] == (uint32_t)best);
    }
    free(d);
    plx_cloud_free(&c);
}
END_TEST

/* Every voxel is in a piece, pieces are connected, and pairs are those that all voxels give. */
START_TEST(test_watershed)
{
    plx_err err = {0};
    plx_cloud c = random_cloud((uint64_t)_i, 40);
    uint32_t *d = calloc(c.n, 4), *piece = calloc(c.n, 4), *label = calloc(c.n, 4), n, n_labels;
    ck_assert(plx_cloud_distance(&c, d, &err) && plx_cloud_watershed(&c, d, 3, piece, &n, &err));
    int32_t *class = calloc(c.n, 4);
    for (size_t i = 0; i < c.n; i++) {
        ck_assert(piece[i] >= 1 && piece[i] <= n);
        class[i] = (int32_t)piece[i];
    }
    ck_assert(plx_cloud_components(&c, class, 0, label, &n_labels, &err));
    ck_assert_uint_eq(n_labels, n);
    plx_piece_pair *pairs;
    size_t n_pairs, at = 0;
    ck_assert(plx_cloud_piece_pairs(&c, piece, 2.5, &pairs, &n_pairs, &err));
    for (uint32_t a = 1; a <= n; a++) {
        for (uint32_t b = a + 1; b <= n; b++) {
            bool near = false;
            for (size_t i = 0; i < c.n && !near; i++) {
                for (size_t j = 0; piece[i] == a && j < c.n && !near; j++) {
                    near = piece[j] == b && distance2(&c, i, j) < 6.25;
                }
            }
            ck_assert(!near || (at < n_pairs && pairs[at].a == a && pairs[at].b == b));
            at += near;
        }
    }
    ck_assert_uint_eq(at, n_pairs);
    plx_free(pairs);
    double *color = calloc(3 * (n + 1), sizeof *color);
    ck_assert(plx_cloud_piece_colors(&c, piece, n, color, &err));
    double sum = 0, want = 0;
    for (size_t i = 0; i < c.n; i++) {
        sum += piece[i] == 1 ? c.color[3 * i] : 0;
        want += piece[i] == 1 ? color[3] : 0;
    }
    ck_assert_double_eq_tol(sum, want, 1e-9);
    free(color);
    free(class);
    free(d);
    free(piece);
    free(label);
    plx_cloud_free(&c);
}
END_TEST

START_TEST(test_mixture)
{
    enum { PER = 200 };
    static double points[3 * PER * 2];
    int32_t label[3 * PER];
    plx_rng rng = plx_rng_seed(4);
    size_t k;
    plx_err err = {0};
    for (size_t i = 0; i < 3 * PER; i++) {
        points[2 * i] = (double)(i / PER) * 6 + plx_rng_normal(&rng);
        points[2 * i + 1] = (i / PER == 1 ? 8 : 0) + .3 * plx_rng_normal(&rng);
    }
    ck_assert(plx_mixture_fit(points, 3 * PER, 2, 1, 6, 1e-6, plx_rng_seed(1), label, &k, &err));
    ck_assert_uint_eq(k, 3);
    size_t wrong = 0;
    for (size_t i = 0; i < 3 * PER; i++) {
        wrong += label[i] != label[i / PER * PER + 100];
    }
    ck_assert_uint_le(wrong, 4);
    ck_assert(!plx_mixture_fit(points, 10, 11, 1, 2, 1e-6, plx_rng_seed(1), label, &k, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
}
END_TEST

START_TEST(test_luv)
{
    double out[3];
    plx_luv_of((double[3]){1, 1, 1}, out); /* white: L 100, no colour */
    ck_assert_double_eq_tol(out[0], 100, 1e-3);
    ck_assert_double_eq_tol(out[1], 0, 1e-2);
    ck_assert_double_eq_tol(out[2], 0, 1e-2);
    plx_luv_of((double[3]){1, 0, 0}, out); /* OpenCV's RGB2Luv of linear red: 53.24, 175.01, 37.76 */
    ck_assert_double_eq_tol(out[0], 53.24, .02);
    ck_assert_double_eq_tol(out[1], 175.01, .1);
    ck_assert_double_eq_tol(out[2], 37.76, .1);
    plx_luv_of((double[3]){0, 0, 0}, out);
    ck_assert(out[0] == 0 && out[1] == 0 && out[2] == 0);
}
END_TEST

START_TEST(test_no_memory)
{
    bool done = false;
    for (size_t k = 0; !done; k++) {
        static const uint8_t bright[27] = {[13] = 200, [14] = 200};
        const size_t shape[4] = {1, 3, 3, 3};
        plx_array image = plx_array_view(PLX_U8, 4, shape, bright);
        plx_cloud c = {0};
        plx_err err = {0};
        uint32_t label[2], d[2], n;
        plx_piece_pair *pairs = NULL;
        size_t live = plx_alloc_live(), n_pairs;
        plx_test_alloc_fail_at(k);
        bool ok = plx_cloud_of(&image, 255, .1, PLX_CLOUD_GREY, true, &c, &err) &&
                  plx_cloud_components(&c, NULL, 0, label, &n, &err) && plx_cloud_join(&c, NULL, 2, label, &n, &err) &&
                  plx_cloud_distance(&c, d, &err) && plx_cloud_watershed(&c, d, 1, label, &n, &err) &&
                  plx_cloud_piece_pairs(&c, label, 2, &pairs, &n_pairs, &err);
        done = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
        plx_free(pairs);
        plx_cloud_free(&c);
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
}
END_TEST

Suite *cloud_suite(void)
{
    Suite *s = suite_create("cloud");
    TCase *t = tcase_create("cloud");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, test_components_and_joins, 0, 4);
    tcase_add_loop_test(t, test_distance, 0, 3);
    tcase_add_loop_test(t, test_watershed, 0, 3);
    tcase_add_test(t, test_mixture);
    tcase_add_test(t, test_luv);
    tcase_add_test(t, test_no_memory);
    suite_add_tcase(s, t);
    return s;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * kernels/thin: scikit-image's skeletons voxel by voxel, what vanishes, and the deepest voxel against a search.
 * tests/golden/make_iscore.py made the expected digests.
 */
#include "benchmarks/kernels/thin.h"
#include "core/alloc.h"
#include "core/hash.h"
#include "support/golden_input.h"

#include <check.h>

typedef struct image {
    size_t shape[3], n;
    uint8_t *at;
    plx_run *runs;
    size_t n_runs;
} image;

static image new_image(size_t z, size_t y, size_t x)
{
    image im = {.shape = {z, y, x}, .n = z * y * x};
    im.at = calloc(im.n, 1);
    im.runs = calloc(im.n + 1, sizeof *im.runs);
    return im;
}

static void free_image(image *im)
{
    free(im->at);
    free(im->runs);
}

static plx_mask mask_of(image *im)
{
    im->n_runs = 0;
    for (size_t i = 0; i < im->n; i++) {
        plx_run *last = im->n_runs ? &im->runs[im->n_runs - 1] : NULL;
        if (im->at[i] && last && last->start + last->len == i && i % im->shape[2] != 0) {
            last->len++;
        } else if (im->at[i]) {
            im->runs[im->n_runs++] = (plx_run){i, 1};
        }
    }
    return (plx_mask){{im->shape[0], im->shape[1], im->shape[2]}, im->runs, im->n_runs};
}

static int inside(const image *im, long z, long y, long x)
{
    long n[3] = {(long)im->shape[0], (long)im->shape[1], (long)im->shape[2]};
    return z >= 0 && y >= 0 && x >= 0 && z < n[0] && y < n[1] && x < n[2] && im->at[(z * n[1] + y) * n[2] + x];
}

/* What most of the block of 3 x 3 (x 3) is; a plane has no neighbours in z. */
static void grow(image *im)
{
    uint8_t *out = calloc(im->n, 1);
    int depth = im->shape[0] > 1;
    for (size_t i = 0; i < im->n; i++) {
        long x = (long)(i % im->shape[2]), y = (long)(i / im->shape[2] % im->shape[1]);
        long z = (long)(i / im->shape[2] / im->shape[1]);
        int sum = 0;
        for (long d = -depth; d <= depth; d++) {
            for (long k = 0; k < 9; k++) {
                sum += inside(im, z + d, y + k / 3 - 1, x + k % 3 - 1);
            }
        }
        out[i] = 2 * sum > (depth ? 27 : 9);
    }
    free(im->at);
    im->at = out;
}

static void check_thin(golden *g, plx_err *err)
{
    size_t shape[3];
    uint64_t seed = strtoull(g->field[2], NULL, 10);
    ck_assert_int_eq(sscanf(g->field[3], "%zu %zu %zu", &shape[0], &shape[1], &shape[2]), 3);
    double share = strtod(g->field[4], NULL);
    image im = new_image(shape[0], shape[1], shape[2]);
    for (size_t i = 0; i < im.n; i++) {
        im.at[i] = golden_uniform(seed, 0, i) < share;
    }
    for (int i = atoi(g->field[5]); i > 0; i--) {
        grow(&im);
    }
    plx_mask mask = mask_of(&im);
    size_t n = 0;
    for (size_t i = 0; i < mask.n_runs; i++) {
        n += mask.runs[i].len;
    }
    ck_assert_uint_eq(n, strtoull(g->field[6], NULL, 10));
    plx_voxels v;
    bool zhang = strcmp(g->field[1], "zhang") == 0;
    ck_assert((zhang ? plx_thin_zhang : plx_thin_lee)(&mask, &v, err));
    ck_assert_msg(v.n == strtoull(g->field[7], NULL, 10), "%s %s: %zu voxels, expected %s", g->field[1], g->field[2],
                  v.n, g->field[7]);
    plx_digest digest = plx_sha256_of(v.items, v.n * sizeof *v.items);
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(&digest, hex);
    ck_assert_str_eq(hex, g->field[8]);
    plx_free(v.items);
    free_image(&im);
}

START_TEST(as_scikit_image)
{
    plx_err err;
    plx_err_clear(&err);
    golden g = golden_open("thin.tsv");
    size_t n = 0;
    for (; golden_next(&g, "thin"); n++) {
        check_thin(&g, &err);
    }
    ck_assert_uint_eq(n, 231);
}
END_TEST

/* Edge lengths of a box, and how many voxels its skeleton has: spec section 7.2 of the benchmark. */
START_TEST(boxes)
{
    static const struct {
        size_t n[3], left;
    } rows[] = {{{2, 2, 2}, 0}, {{4, 4, 4}, 0}, {{2, 2, 8}, 0}, {{2, 8, 8}, 0}, {{6, 6, 6}, 0},
                {{3, 3, 3}, 3}, {{5, 5, 5}, 3}, {{1, 2, 2}, 2}, {{1, 1, 1}, 1}, {{1, 1, 5}, 5}};
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        image im = new_image(8, 10, 10);
        for (size_t i = 0; i < im.n; i++) {
            size_t at[3] = {i / 100, i / 10 % 10, i % 10};
            im.at[i] = at[0] >= 1 && at[1] >= 1 && at[2] >= 1 && at[0] <= rows[k].n[0] && at[1] <= rows[k].n[1] &&
                       at[2] <= rows[k].n[2];
        }
        plx_mask mask = mask_of(&im);
        plx_voxels v;
        ck_assert(plx_thin_lee(&mask, &v, NULL));
        ck_assert_uint_eq(v.n, rows[k].left);
        plx_free(v.items);
        free_image(&im);
    }
}
END_TEST

START_TEST(nothing)
{
    plx_mask mask = {{3, 3, 3}, NULL, 0};
    plx_voxels v;
    ck_assert(plx_thin_lee(&mask, &v, NULL));
    ck_assert_uint_eq(v.n, 0);
    plx_free(v.items);
    mask.shape[0] = 1;
    ck_assert(plx_thin_zhang(&mask, &v, NULL));
    ck_assert_uint_eq(v.n, 0);
    plx_free(v.items);
}
END_TEST

/* The greatest of all distances to anything outside, tried one by one. */
static uint64_t search_deepest(const image *im, uint64_t *best)
{
    long n[3] = {(long)im->shape[0], (long)im->shape[1], (long)im->shape[2]};
    *best = 0;
    uint64_t where = 0;
    for (size_t i = 0; i < im->n; i++) {
        long x = (long)i % n[2], y = (long)i / n[2] % n[1], z = (long)i / n[2] / n[1];
        uint64_t nearest = UINT64_MAX;
        for (long c = -1; im->at[i] && c <= n[0]; c++) {
            for (long b = -1; b <= n[1]; b++) {
                for (long a = -1; a <= n[2]; a++) {
                    uint64_t d2 = (uint64_t)((z - c) * (z - c) + (y - b) * (y - b) + (x - a) * (x - a));
                    nearest = !inside(im, c, b, a) && d2 < nearest ? d2 : nearest;
                }
            }
        }
        if (im->at[i] && nearest > *best) {
            *best = nearest;
            where = i;
        }
    }
    return where;
}

START_TEST(deepest)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        image im = new_image(1 + seed % 7, 4 + seed % 6, 9);
        for (size_t i = 0; i < im.n; i++) {
            im.at[i] = golden_uniform(seed, 9, i) < 0.75 + (double)(seed % 5) / 16;
        }
        plx_mask mask = mask_of(&im);
        uint64_t voxel, d2, best;
        ck_assert(plx_deepest_voxel(&mask, &voxel, &d2, NULL));
        ck_assert_uint_eq(voxel, search_deepest(&im, &best));
        ck_assert_uint_eq(d2, best);
        free_image(&im);
    }
}
END_TEST

START_TEST(memory_runs_out)
{
    image im = new_image(4, 6, 7);
    memset(im.at, 1, im.n);
    plx_mask mask = mask_of(&im);
    for (size_t k = 0; k < 4; k++) {
        plx_err err;
        plx_err_clear(&err);
        plx_voxels v;
        plx_test_alloc_fail_at(k);
        bool ok = plx_thin_lee(&mask, &v, &err);
        plx_test_alloc_ok();
        ck_assert(!ok);
        ck_assert_int_eq(err.code, PLX_E_NOMEM);
        uint64_t voxel, d2;
        plx_test_alloc_fail_at(k);
        ok = plx_deepest_voxel(&mask, &voxel, &d2, &err);
        plx_test_alloc_ok();
        ck_assert(ok == (k >= 2));
    }
    free_image(&im);
}
END_TEST

Suite *thin_suite(void)
{
    Suite *s = suite_create("thin");
    TCase *c = tcase_create("thin");
    tcase_add_test(c, as_scikit_image);
    tcase_add_test(c, boxes);
    tcase_add_test(c, nothing);
    tcase_add_test(c, deepest);
    tcase_add_test(c, memory_runs_out);
    suite_add_tcase(s, c);
    return s;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Models of neurons in colour images, on the one real image with its truth (a crop of 50^3 voxels) and on made-up ones,
 * scored as FISBe does. The figures are those of docs/models.md: nobody else's, they hold what was seen.
 */
#include "benchmarks/kernels/iscore.h"
#include "benchmarks/model.h"
#include "formats/volume.h"
#include "ingest/fisbe_like.h"
#include "support/support.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char CROP[] = "fisbe/PatchPerPix/JRC_SS05008-20160318_24_B2_crop.zarr";

static void add(plx_instances *out, const plx_array *a)
{
    plx_err err = {0};
    plx_label_layout layout;
    plx_instance_builder *builder;
    const size_t start[PLX_MAX_DIMS] = {0};
    ck_assert_msg(plx_label_layout_of(a->ndim, a->shape, 3, false, &layout, &err) &&
                      plx_instance_builder_new(&layout, a->dtype, 1 << 26, &builder, &err) &&
                      plx_instance_builder_add(builder, start, a, &err) &&
                      plx_instance_builder_finish(builder, out, &err),
                  "%s", plx_test_err(&err));
}

typedef struct scores {
    size_t n_pred, fs, fm;
    double s, f1, c;
} scores;

static scores run(const plx_model *model, const char *const *sets, const plx_array *raw, const plx_array *truth,
                  uint64_t small)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_params params;
    plx_arena *arena = plx_arena_new(0);
    const char *names[] = {"raw"};
    plx_bundle data = {.n_arrays = 1, .array_names = names, .arrays = raw};
    plx_train train = {.problem = PLX_PROBLEM_BUNDLES, .seed = 1};
    plx_query query = {.data = &data};
    plx_answer answer = {.arena = arena};
    plx_instances t, p;
    plx_iscore score;
    ck_assert(plx_params_init(model->params, model->name, &params, &err));
    for (; sets && *sets; sets++) {
        ck_assert_msg(plx_params_set(&params, model->name, *sets, &err), "%s", plx_test_err(&err));
    }
    ck_assert_msg(model->predict(&ctx, &train, &params, NULL, &query, &answer, &err), "%s: %s", model->name,
                  plx_test_err(&err));
    const plx_array *labels = plx_bundle_array(&answer.bundle, "labels");
    ck_assert_ptr_nonnull(labels);
    add(&t, truth);
    add(&p, labels);
    plx_iscore_options options = plx_iscore_fisbe();
    options.small = small;
    ck_assert_msg(plx_iscore_run(&t, &p, &options, 1 << 24, arena, &score, &err), "%s", plx_test_err(&err));
    scores out = {score.n_pred, score.fs, score.fm, score.s, score.f19, score.coverage.mean};
    plx_instances_free(&t);
    plx_instances_free(&p);
    plx_arena_free(arena);
    return out;
}

typedef struct expected {
    const char *model;
    size_t n_pred, fs, fm;
    double s, f1, c;
} expected;

/* small=100, threshold=0.1 */
static const expected CROP_SCORES[] = {
    {"bright_components", 1, 0, 2, .348, .389, .308}, {"channel_components", 7, 1, 1, .620, .489, .751},
    {"chroma_clusters", 8, 5, 0, .613, .424, .801},   {"color_spectra", 5, 3, 1, .295, .250, .339},
    {"merged_pieces", 46, 4, 0, .302, .045, .559},    {"traced_paths", 8, 4, 0, .572, .424, .720},
    {"watershed_pieces", 63, 5, 0, .246, .013, .479},
};

/* Seed 2 of fisbe/like-8, six neurons, defaults. */
static const expected MADE_UP_SCORES[] = {
    {"bright_components", 1, 0, 4, .147, .127, .167}, {"channel_components", 4, 1, 2, .467, .467, .467},
    {"chroma_clusters", 5, 0, 0, .848, .869, .827},   {"color_spectra", 11, 6, 0, .598, .444, .752},
    {"merged_pieces", 7, 3, 1, .515, .462, .568},     {"traced_paths", 5, 0, 0, .869, .909, .829},
    {"watershed_pieces", 0, 0, 0, 0, 0, 0},
};

static void expect(const expected *rows, size_t n, const char *model, scores s)
{
    for (size_t i = 0; i < n; i++) {
        const expected *e = &rows[i];
        if (strcmp(e->model, model) == 0) {
            ck_assert_msg(s.n_pred == e->n_pred && s.fs == e->fs && s.fm == e->fm && fabs(s.s - e->s) < .001 &&
                              fabs(s.f1 - e->f1) < .001 && fabs(s.c - e->c) < .001,
                          "%s: pred %zu S %.4f avF1 %.4f C %.4f FS %zu FM %zu", model, s.n_pred, s.s, s.f1, s.c, s.fs,
                          s.fm);
            return;
        }
    }
    ck_abort_msg("no figures for %s", model);
}

START_TEST(test_crop)
{
    static const char *const sets[] = {"small=100", "threshold=0.1", NULL};
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    char spec[PLX_PATH];
    plx_volume *v;
    plx_array raw, truth;
    snprintf(spec, sizeof spec, "%s:raw", plx_test_data(CROP));
    ck_assert(plx_volume_open(&ctx, spec, &v, &err) && plx_volume_read(&ctx, v, NULL, NULL, &raw, &err));
    plx_volume_close(v);
    snprintf(spec, sizeof spec, "%s:gt_instances", plx_test_data(CROP));
    ck_assert(plx_volume_open(&ctx, spec, &v, &err) && plx_volume_read(&ctx, v, NULL, NULL, &truth, &err));
    plx_volume_close(v);
    for (const plx_model *const *m = plx_models; *m; m++) {
        if (!((*m)->solves & PLX_PROBLEM_BUNDLES)) {
            continue;
        }
        scores s = run(*m, sets, &raw, &truth, 100);
        expect(CROP_SCORES, sizeof CROP_SCORES / sizeof *CROP_SCORES, (*m)->name, s);
    }
    plx_array_free(&raw);
    plx_array_free(&truth);
}
END_TEST

/* PLEXUS_SEEDS=8 in the environment tries as many of them and prints what each gives. */
START_TEST(test_made_up)
{
    const char *more = getenv("PLEXUS_SEEDS");
    uint64_t first = more ? 1 : 2, last = more ? strtoull(more, NULL, 10) : 2;
    const size_t z = 96, y = 192, x = 192, n = z * y * x;
    for (uint64_t seed = first; seed <= last; seed++) {
        plx_fisbe_like_params p = {.seed = seed, .shape = {z, y, x}, .noise = 1};
        plx_fisbe_like image;
        plx_err err = {0};
        plx_array raw, truth;
        ck_assert(plx_fisbe_like_new(&p, &image, &err));
        const size_t shape[4] = {3, z, y, x}, labels[4] = {image.n_neurons, z, y, x};
        ck_assert(plx_array_new(PLX_U16, 4, shape, &raw, &err) && plx_array_new(PLX_U8, 4, labels, &truth, &err));
        for (unsigned c = 0; c < 3; c++) {
            plx_fisbe_like_raw(&image, c, 0, z, (uint16_t *)(void *)raw.buf.ptr + c * n);
        }
        for (size_t k = 0; k < image.n_neurons; k++) {
            plx_fisbe_like_labels(&image, k, 0, z, truth.buf.ptr + k * n);
        }
        for (const plx_model *const *m = plx_models; *m; m++) {
            if (!((*m)->solves & PLX_PROBLEM_BUNDLES)) {
                continue;
            }
            scores s = run(*m, NULL, &raw, &truth, 800);
            if (more) {
                printf("%s seed %llu: truth %zu pred %zu S %.3f avF1 %.3f C %.3f FS %zu FM %zu\n", (*m)->name,
                       (unsigned long long)seed, image.n_neurons, s.n_pred, s.s, s.f1, s.c, s.fs, s.fm);
            } else {
                expect(MADE_UP_SCORES, sizeof MADE_UP_SCORES / sizeof *MADE_UP_SCORES, (*m)->name, s);
            }
        }
        plx_array_free(&raw);
        plx_array_free(&truth);
        plx_fisbe_like_free(&image);
    }
}
END_TEST

Suite *segment_models_suite(void)
{
    if (!plx_test_data(CROP)) {
        return NULL;
    }
    Suite *s = suite_create("segment_models");
    TCase *t = tcase_create("segment_models");
    tcase_set_timeout(t, 280);
    tcase_add_test(t, test_crop);
    tcase_add_test(t, test_made_up);
    suite_add_tcase(s, t);
    return s;
}

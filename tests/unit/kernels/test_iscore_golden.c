/* SPDX-License-Identifier: Apache-2.0
 *
 * kernels/iscore in reference mode against the reference itself, every digit, exceptions included:
 * tests/golden/files/iscore.tsv, made by tests/golden/make_iscore.py; and FM and FS of the same volumes by the
 * reference of the time of the paper in three dimensions: paper.tsv, made by make_paper.py; and flat label images by
 * StarDist's matching: matching.tsv, made by make_matching.py.
 */
#include "benchmarks/kernels/iscore_pool.h"
#include "core/alloc.h"
#include "support/golden_input.h"
#include "support/label_volume.h"

typedef struct reader {
    FILE *file;
    char line[GOLDEN_LINE];
    char *field[GOLDEN_FIELDS];
    int n;
} reader;

static bool next(reader *r)
{
    if (!fgets(r->line, sizeof r->line, r->file)) {
        return false;
    }
    r->line[strcspn(r->line, "\n")] = '\0';
    r->n = 0;
    for (char *at = r->line; at && r->n < GOLDEN_FIELDS;) {
        r->field[r->n++] = at;
        at = strchr(at, '\t');
        if (at) {
            *at++ = '\0';
        }
    }
    return true;
}

/* Numbers between blanks; returns how many. */
static size_t numbers(const char *text, double *out, size_t cap)
{
    size_t n = 0;
    for (char *end; *text && n < cap; text = *end ? end + 1 : end) {
        out[n++] = strtod(text, &end);
    }
    return n;
}

typedef struct test_case {
    char name[16];
    plx_iscore_options options;
    int64_t dim[8];
    plx_array truth, pred;
    plx_iscore score;
    bool scored;
} test_case;

enum { MOST_CASES = 200 };
static test_case cases[MOST_CASES];
static size_t n_cases;
static plx_arena *arena; /* of all scores */

static plx_dtype dtype_of(const char *name)
{
    plx_dtype d;
    ck_assert(plx_dtype_from_name(name, &d));
    return d;
}

static void start_case(test_case *c, const reader *r)
{
    double shape[3], dim[8];
    size_t n[3], spatial;
    *c = (test_case){0};
    snprintf(c->name, sizeof c->name, "%s", r->field[1]);
    spatial = numbers(r->field[3], shape, 3);
    for (size_t k = 0; k < spatial; k++) {
        n[k] = (size_t)shape[k];
    }
    plx_iscore_options *o = &c->options;
    o->spatial = (int)spatial;
    o->localise = strcmp(r->field[5], "iou") == 0 ? PLX_BY_IOU : PLX_BY_CLDICE;
    o->pairing = strcmp(r->field[6], "greedy") == 0 ? PLX_PAIR_GREEDY : PLX_PAIR_LEAST_COST;
    o->small = (uint64_t)atoi(r->field[7]);
    o->partly = atoi(r->field[8]) != 0;
    o->merge_threshold = strtod(r->field[9], NULL);
    o->split_threshold = strtod(r->field[10], NULL);
    o->n_dim = numbers(r->field[11], dim, 8);
    for (size_t k = 0; k < o->n_dim; k++) {
        c->dim[k] = (int64_t)dim[k];
    }
    o->parts = (unsigned)atoi(r->field[12]);
    c->truth = label_volume(dtype_of(r->field[4]), (size_t)atoi(r->field[13]), (int)spatial, n);
    c->pred = label_volume(PLX_I32, (size_t)atoi(r->field[14]), (int)spatial, n);
}

static void add_box(test_case *c, const reader *r)
{
    double values[8];
    long box[8];
    size_t n = numbers(r->field[2], values, 8);
    for (size_t k = 0; k < n; k++) {
        box[k] = (long)values[k];
    }
    paint_box(strcmp(r->field[1], "truth") == 0 ? &c->truth : &c->pred, box);
}

static void run_case(test_case *c)
{
    plx_err err;
    plx_err_clear(&err);
    c->options.dim = c->dim;
    bool ok = score_volumes(&c->truth, &c->pred, &c->options, arena, &c->score, &err);
    ck_assert_msg(ok, "%s: %s", c->name, plx_test_err(&err));
    c->scored = true;
}

static void same(const test_case *c, const char *what, double got, double expected)
{
    ck_assert_msg(got == expected || (isnan(got) && isnan(expected)), "%s: %s is %a, expected %a", c->name, what, got,
                  expected);
}

static void same_list(const test_case *c, const char *what, const double *got, size_t n, const char *expected)
{
    double values[64];
    ck_assert_msg(numbers(expected, values, 64) == n, "%s: %zu values of %s, expected %s", c->name, n, what, expected);
    for (size_t i = 0; i < n; i++) {
        same(c, what, got[i], values[i]);
    }
}

static void check_at(const test_case *c, const reader *r, size_t k)
{
    const plx_iscore_at *at = &c->score.at[k];
    double counts[5] = {(double)at->tp, (double)at->fp, (double)at->fn, (double)at->false_split,
                        (double)at->false_merge};
    double reals[4] = {at->precision, at->recall, at->ap, at->fscore};
    same_list(c, "counts", counts, 5, r->field[1]);
    same_list(c, "ratios", reals, 4, r->field[2]);
}

static void check_general(const test_case *c, const reader *r)
{
    const plx_iscore *s = &c->score;
    double reals[6] = {s->tp_rel, s->tp_score, s->ap19, s->ap59, s->f19, s->f59};
    ck_assert_uint_eq(s->n_truth, (size_t)atoi(r->field[1]));
    ck_assert_uint_eq(s->n_pred, (size_t)atoi(r->field[2]));
    ck_assert_uint_eq(s->tp, (size_t)atoi(r->field[3]));
    same_list(c, "means", reals, 6, r->field[4]);
    same_list(c, "scores of pairs", s->tp_scores, s->tp, r->field[5]);
}

static void check_line(test_case *c, const reader *r, size_t *n_at)
{
    const plx_iscore *s = &c->score;
    if (strcmp(r->field[0], "raises") == 0) {
        ck_assert_msg(s->reference_error && strcmp(s->reference_error, r->field[1]) == 0 &&
                          strcmp(s->reference_error_text, r->field[2]) == 0,
                      "%s: %s %s, expected %s %s", c->name, s->reference_error ? s->reference_error : "(scores)",
                      s->reference_error ? s->reference_error_text : "", r->field[1], r->field[2]);
        return;
    }
    ck_assert_msg(!s->reference_error, "%s raised %s", c->name, s->reference_error);
    if (strcmp(r->field[0], "at") == 0) {
        check_at(c, r, (*n_at)++);
    } else if (strcmp(r->field[0], "general") == 0) {
        check_general(c, r);
    } else if (strcmp(r->field[0], "coverage") == 0) {
        double means[3] = {s->coverage.mean, s->tp_coverage.mean, s->s};
        same_list(c, "coverage", s->coverage.items, s->coverage.n, r->field[1]);
        same_list(c, "C and S", means, 3, r->field[2]);
        ck_assert_uint_eq(s->fm, (size_t)atoi(r->field[3]));
        ck_assert_uint_eq(s->fs, (size_t)atoi(r->field[4]));
    } else if (strcmp(r->field[0], "subset") == 0) {
        const plx_iscore_subset *sub = strcmp(r->field[1], "dim") == 0 ? &s->dim : &s->overlap;
        double means[2] = {sub->tp_rel, sub->coverage.mean};
        ck_assert_uint_eq(sub->n, (size_t)atoi(r->field[2]));
        ck_assert_uint_eq(sub->tp, (size_t)atoi(r->field[3]));
        same_list(c, "means of subset", means, 2, r->field[4]);
        same_list(c, "coverage of subset", sub->coverage.items, sub->coverage.n, r->field[5]);
    }
}

/* The volumes are painted anew, and only merges are asked for, as there. */
static void check_paper(const reader *r, test_case *c)
{
    const char *name = c->name;
    c->options.merge_rule = PLX_MERGE_PAPER_2024;
    c->options.parts = PLX_ISCORE_MERGES;
    c->options.dim = c->dim;
    plx_err err;
    plx_err_clear(&err);
    plx_iscore s;
    ck_assert_msg(score_volumes(&c->truth, &c->pred, &c->options, arena, &s, &err), "%s: %s", name, plx_test_err(&err));
    if (strcmp(r->field[1], "raises") == 0) {
        ck_assert_msg(s.reference_error && strcmp(s.reference_error, r->field[2]) == 0 &&
                          strcmp(s.reference_error_text, r->field[3]) == 0,
                      "%s: %s %s, expected %s %s", name, s.reference_error ? s.reference_error : "(scores)",
                      s.reference_error ? s.reference_error_text : "", r->field[2], r->field[3]);
    } else {
        ck_assert_msg(!s.reference_error && s.fm == (size_t)atoi(r->field[1]) && s.fs == (size_t)atoi(r->field[2]),
                      "%s: FM %zu, FS %zu, expected %s, %s%s", name, s.fm, s.fs, r->field[1], r->field[2],
                      s.reference_error ? s.reference_error : "");
    }
}

static size_t find_cases(const char *list, const plx_iscore **out)
{
    char names[GOLDEN_LINE];
    size_t n = 0;
    snprintf(names, sizeof names, "%s", list);
    for (char *save, *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
        for (size_t i = 0; i < n_cases; i++) {
            if (strcmp(cases[i].name, name) == 0) {
                out[n++] = &cases[i].score;
                break;
            }
        }
    }
    return n;
}

static void start_pool(const reader *r, const plx_iscore **sets[2], size_t n[2])
{
    for (int k = 0; k < 2; k++) {
        n[k] = find_cases(r->field[1 + k], sets[k]);
    }
}

static void check_pool(const reader *r, const plx_iscore *const *a, size_t n_a, const plx_iscore *const *b, size_t n_b)
{
    plx_ipool p;
    bool all = strcmp(r->field[1], "all") == 0;
    if (all && n_a && n_b) {
        ck_assert(plx_ipool_combine(a, n_a, b, n_b, &p, NULL));
    } else if (strcmp(r->field[1], "partly") == 0 || (all && n_b)) {
        ck_assert(plx_ipool_set(b, n_b, &p, NULL));
    } else {
        ck_assert(plx_ipool_set(a, n_a, &p, NULL));
    }
    const test_case c = {.name = "pool"};
    const double whole[5] = {(double)p.n_truth, (double)p.n_pred, (double)p.fm, (double)p.fs, (double)p.tp};
    const double reals[5] = {p.s, p.f19, p.coverage, p.tp_rel, p.tp_score};
    const double half[3] = {(double)p.tp_at[4], (double)p.fp_at[4], (double)p.fn_at[4]};
    const double subsets[8] = {(double)p.dim.n,     (double)p.dim.tp,     p.dim.tp_rel,     p.dim.coverage,
                               (double)p.overlap.n, (double)p.overlap.tp, p.overlap.tp_rel, p.overlap.coverage};
    same_list(&c, "counts", whole, 5, r->field[2]);
    same_list(&c, "S, F1, C, tp, clDice", reals, 5, r->field[3]);
    same_list(&c, "F1(t)", p.f, 9, r->field[4]);
    same_list(&c, "tp, fp, fn", half, 3, r->field[5]);
    ck_assert(p.has_subsets == (strcmp(r->field[6], "-") != 0));
    if (p.has_subsets) {
        same_list(&c, "dim and overlap", subsets, 8, r->field[6]);
    }
}

/* Three runs: samples of the completely labelled set, then of the other, and what is pooled of them. */
enum { RUNS = 3 };
typedef struct test_run {
    const plx_iscore *samples[MOST_CASES];
    size_t n_completely, n;
    plx_ipool completely, partly, all;
} test_run;
static test_run runs[RUNS];

static void start_runs(const reader *r)
{
    for (int k = 0; k < RUNS; k++) {
        test_run *run = &runs[k];
        run->n_completely = find_cases(r->n > 1 + 2 * k ? r->field[1 + 2 * k] : "", run->samples);
        run->n = run->n_completely;
        run->n += find_cases(r->n > 2 + 2 * k ? r->field[2 + 2 * k] : "", run->samples + run->n);
        const plx_iscore **partly = run->samples + run->n_completely;
        size_t n_partly = run->n - run->n_completely;
        ck_assert(plx_ipool_set(run->samples, run->n_completely, &run->completely, NULL));
        ck_assert(plx_ipool_set(partly, n_partly, &run->partly, NULL));
        run->all = n_partly ? run->partly : run->completely;
        if (run->n_completely && n_partly) {
            ck_assert(plx_ipool_combine(run->samples, run->n_completely, partly, n_partly, &run->all, NULL));
        }
    }
}

static size_t spreads_of(const char *kind, plx_spread **out)
{
    plx_ipool_run of[RUNS];
    size_t n;
    for (int k = 0; k < RUNS; k++) {
        const test_run *r = &runs[k];
        bool partly = strcmp(kind, "partly") == 0, completely = strcmp(kind, "completely") == 0;
        of[k] = (plx_ipool_run){.pool = partly       ? &r->partly
                                        : completely ? &r->completely
                                                     : &r->all,
                                .samples = partly ? r->samples + r->n_completely : r->samples,
                                .n_samples = partly       ? r->n - r->n_completely
                                             : completely ? r->n_completely
                                                          : r->n};
    }
    ck_assert(plx_ipool_spreads(of, RUNS, arena, out, &n, NULL));
    return n;
}

/* Every row, in order, and no other. */
static void check_stability(void)
{
    reader r = {.file = fopen(plx_test_golden("spread.tsv"), "r")};
    ck_assert_ptr_nonnull(r.file);
    plx_spread *rows = NULL;
    size_t n = 0, at = 0, n_checked = 0;
    char kind[16] = "";
    while (next(&r)) {
        if (strcmp(r.field[0], "runs") == 0) {
            ck_assert_uint_eq(at, n);
            start_runs(&r);
            kind[0] = '\0';
        } else if (strcmp(r.field[0], "spread") == 0) {
            if (strcmp(kind, r.field[1]) != 0) {
                ck_assert_uint_eq(at, n);
                snprintf(kind, sizeof kind, "%s", r.field[1]);
                n = spreads_of(kind, &rows);
                at = 0;
            }
            const test_case c = {.name = "spread"};
            ck_assert_msg(at < n && strcmp(rows[at].key, r.field[2]) == 0, "%s, expected %s",
                          at < n ? rows[at].key : "nothing", r.field[2]);
            const double got[2] = {rows[at].mean, rows[at].std};
            same_list(&c, rows[at].key, got, 2, r.field[3]);
            at++;
            n_checked++;
        }
    }
    ck_assert_uint_eq(at, n);
    ck_assert_uint_eq(n_checked, 396);
    fclose(r.file);
}

START_TEST(as_reference)
{
    reader r = {.file = fopen(plx_test_golden("iscore.tsv"), "r")};
    ck_assert_ptr_nonnull(r.file);
    const plx_iscore *a[MOST_CASES], *b[MOST_CASES];
    const plx_iscore **sets[2] = {a, b};
    size_t n_raised = 0, n_at = 0, n_pools = 0, n[2] = {0, 0};
    arena = plx_arena_new(0);
    while (next(&r)) {
        test_case *c = &cases[n_cases ? n_cases - 1 : 0];
        if (strcmp(r.field[0], "case") == 0) {
            start_case(&cases[n_cases++], &r);
            n_at = 0;
        } else if (strcmp(r.field[0], "box") == 0) {
            add_box(c, &r);
        } else if (strcmp(r.field[0], "pool") == 0) {
            start_pool(&r, sets, n);
        } else if (strcmp(r.field[0], "pooled") == 0) {
            check_pool(&r, a, n[0], b, n[1]);
            n_pools++;
        } else if (r.line[0] != '#') {
            if (!c->scored) {
                run_case(c);
                n_raised += c->score.reference_error != NULL;
            }
            check_line(c, &r, &n_at);
        }
    }
    check_stability();
    plx_arena_free(arena);
    fclose(r.file);
    ck_assert_uint_eq(n_cases, 150);
    ck_assert_uint_eq(n_raised, 64);
    ck_assert_uint_ge(n_pools, 20);
}
END_TEST

START_TEST(as_paper)
{
    reader r = {.file = fopen(plx_test_golden("iscore.tsv"), "r")},
           expected = {.file = fopen(plx_test_golden("paper.tsv"), "r")};
    ck_assert(r.file && expected.file && next(&expected));
    test_case c = {0};
    size_t n = 0;
    arena = plx_arena_new(0);
    for (bool more = next(&r); more;) {
        if (strcmp(r.field[0], "case") == 0) {
            start_case(&c, &r);
        } else if (strcmp(r.field[0], "box") == 0) {
            add_box(&c, &r);
        }
        more = next(&r);
        bool painted = c.name[0] && (!more || strcmp(r.field[0], "box") != 0);
        if (painted && c.options.spatial == 3) {
            ck_assert(next(&expected));
            ck_assert_str_eq(expected.field[0], c.name);
            check_paper(&expected, &c);
            n++;
        } else if (painted) {
            plx_array_free(&c.truth);
            plx_array_free(&c.pred);
        }
        c.name[0] = painted ? '\0' : c.name[0];
    }
    ck_assert_uint_eq(n, 110);
    ck_assert(!next(&expected));
    plx_arena_free(arena);
    fclose(r.file);
    fclose(expected.file);
}
END_TEST

/* F1 is 2 tp / (2 tp + fp + fn) there, which may differ in the last bit. */
static void check_match(const test_case *c, const reader *r, size_t k)
{
    const plx_iscore_at *at = &c->score.at[k];
    const double counts[3] = {(double)at->tp, (double)at->fp, (double)at->fn};
    double ratios[3];
    same_list(c, "counts", counts, 3, r->field[1]);
    ck_assert_uint_eq(numbers(r->field[2], ratios, 3), 3);
    same(c, "precision", at->precision, ratios[0]);
    same(c, "recall", at->recall, ratios[1]);
    ck_assert_double_eq_tol(at->fscore, ratios[2], 3e-16);
}

/* The panoptic quality is in single precision there. */
static void check_panoptic(const test_case *c, const reader *r)
{
    double pq, sq, rq;
    plx_iscore_panoptic(&c->score, &pq, &sq, &rq);
    ck_assert_double_eq_tol(pq, strtod(r->field[1], NULL), 1e-7);
    ck_assert_double_eq_tol(sq, strtod(r->field[2], NULL), 1e-7);
}

START_TEST(as_stardist)
{
    reader r = {.file = fopen(plx_test_golden("matching.tsv"), "r")};
    ck_assert_ptr_nonnull(r.file);
    test_case c = {0};
    size_t at = 0, n = 0;
    arena = plx_arena_new(0);
    while (next(&r)) {
        if (strcmp(r.field[0], "case") == 0) {
            start_case(&c, &r);
            at = 0;
        } else if (strcmp(r.field[0], "box") == 0) {
            add_box(&c, &r);
        } else if (strcmp(r.field[0], "match") == 0) {
            if (!c.scored) {
                run_case(&c);
            }
            check_match(&c, &r, at++);
        } else if (strcmp(r.field[0], "panoptic") == 0) {
            ck_assert_uint_eq(at, PLX_ISCORE_THRESHOLDS);
            check_panoptic(&c, &r);
            n++;
        }
    }
    ck_assert_uint_eq(n, 24);
    plx_arena_free(arena);
    fclose(r.file);
}
END_TEST

START_TEST(natural_order)
{
    static const char *const sorted[] = {
        "",         "R9",          "R14A02-20180905_65_A6", "R14B11-20180905_65_D2", "VT6",
        "VT006202", "VT011145_I1", "VT011145_I2",           "VT011145_I10",          "a"};
    for (size_t i = 0; i < sizeof sorted / sizeof sorted[0]; i++) {
        for (size_t k = 0; k < sizeof sorted / sizeof sorted[0]; k++) {
            int c = plx_natural_order(sorted[i], sorted[k]);
            ck_assert_msg(i < k ? c < 0 : i > k ? c > 0 : c == 0, "%s and %s: %d", sorted[i], sorted[k], c);
        }
    }
}
END_TEST

START_TEST(spread)
{
    double mean, std;
    double three[3] = {0.1, 0.25, 0.7};
    plx_ipool_spread(three, 3, &mean, &std);
    ck_assert(mean == 0.3499999999999999 && std == 0.2549509756796392); /* numpy.mean, numpy.std */
}
END_TEST

Suite *iscore_golden_suite(void)
{
    Suite *s = suite_create("iscore_golden");
    TCase *c = tcase_create("iscore_golden");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, as_reference);
    tcase_add_test(c, as_paper);
    tcase_add_test(c, as_stardist);
    tcase_add_test(c, natural_order);
    tcase_add_test(c, spread);
    suite_add_tcase(s, c);
    return s;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/lint.h"

#include "core/alloc.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name, *doc;
} leaks[PLX_N_LEAKS] = {
    [PLX_LEAK_IN_TRAINING] = {"test-in-training", "a test item is also learned from"},
    [PLX_LEAK_MIRROR] = {"mirror-in-training", "the way back of a test pair is learned from"},
    [PLX_LEAK_IN_GRAPH] = {"test-in-graph", "the wiring to learn from joins a test pair"},
    [PLX_LEAK_BOTH_LABELS] = {"both-labels", "one pair is positive and negative"},
    [PLX_LEAK_TWICE] = {"twice", "an item is there twice"},
    [PLX_LEAK_UNOBSERVABLE] = {"unobservable-negative", "a negative has a node that could not be seen"},
};

const char *plx_leak_name(plx_leak leak)
{
    return leaks[leak].name;
}

const char *plx_leak_doc(plx_leak leak)
{
    return leaks[leak].doc;
}

/* One item with its nodes as the question orders them. */
typedef struct item {
    uint32_t a, b;
    int32_t label; /* -1: not known */
    bool is_test;
} item;

static int by_nodes(const void *x, const void *y)
{
    const item *p = x, *q = y;
    if (p->a != q->a) {
        return p->a < q->a ? -1 : 1;
    }
    if (p->b != q->b) {
        return p->b < q->b ? -1 : 1;
    }
    return p->is_test - q->is_test;
}

static void found(const plx_lint_input *in, plx_leak leak, uint32_t a, uint32_t b, plx_lint *out)
{
    if (out->n[leak]++ == 0) {
        plx_slice x = in->name[a], y = in->train.b || in->test.b ? in->name[b] : (plx_slice){0};
        snprintf(out->first[leak], sizeof out->first[leak], "%.*s%s%.*s", (int)x.len, x.ptr,
                 y.ptr ? in->directed ? " -> " : " - " : "", (int)y.len, y.ptr ? y.ptr : "");
    }
}

static void take(const plx_lint_input *in, const plx_lint_items *from, bool is_test, item *to)
{
    for (size_t i = 0; i < from->n; i++) {
        uint32_t a = from->a[i], b = from->b ? from->b[i] : 0;
        bool turn = from->b && !in->directed && a > b;
        to[i] = (item){turn ? b : a, turn ? a : b, from->label ? from->label[i] : -1, is_test};
    }
}

/* Items with the same nodes stand together, those of training first. */
static void check_group(const plx_lint_input *in, const item *group, size_t n, plx_lint *out)
{
    size_t n_train = 0;
    bool positive = false, negative = false, pairs = in->train.b || in->test.b;
    while (n_train < n && !group[n_train].is_test) {
        n_train++;
    }
    for (size_t i = 0; i < n; i++) {
        positive = positive || group[i].label == 1;
        negative = negative || group[i].label == 0;
    }
    if (n_train > 0 && n_train < n && !in->two_animals) {
        found(in, PLX_LEAK_IN_TRAINING, group->a, group->b, out);
    }
    if (n_train > 1 || n - n_train > 1) {
        found(in, PLX_LEAK_TWICE, group->a, group->b, out);
    }
    if (pairs && positive && negative && !(in->two_animals && n_train <= 1 && n - n_train <= 1)) {
        found(in, PLX_LEAK_BOTH_LABELS, group->a, group->b, out);
    }
}

static void check_mirrors(const plx_lint_input *in, const item *items, size_t n, plx_lint *out)
{
    for (size_t i = 0; i < n; i++) {
        item back = {items[i].b, items[i].a, 0, false};
        if (!items[i].is_test || items[i].a == items[i].b) {
            continue;
        }
        const item *hit = bsearch(&back, items, n, sizeof *items, by_nodes);
        if (hit) {
            found(in, PLX_LEAK_MIRROR, items[i].a, items[i].b, out);
        }
    }
}

bool plx_lint_check(const plx_lint_input *in, plx_lint *out, plx_err *err)
{
    size_t n = in->train.n + in->test.n;
    item *items = plx_alloc((n + 1) * sizeof *items);
    if (!items) {
        return plx_fail_nomem(err, n * sizeof *items);
    }
    take(in, &in->train, false, items);
    take(in, &in->test, true, items + in->train.n);
    for (size_t i = 0; in->observable && i < n; i++) {
        if (items[i].label == 0 && (in->train.b || in->test.b) &&
            (!in->observable[items[i].a] || !in->observable[items[i].b])) {
            found(in, PLX_LEAK_UNOBSERVABLE, items[i].a, items[i].b, out);
        }
    }
    for (size_t i = in->train.n; in->graph && in->test.b && i < n; i++) {
        if (plx_csr_find(in->graph, items[i].a, items[i].b) != in->graph->ptr[in->graph->n]) {
            found(in, PLX_LEAK_IN_GRAPH, items[i].a, items[i].b, out);
        }
    }
    qsort(items, n, sizeof *items, by_nodes);
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && items[end].a == items[i].a && items[end].b == items[i].b) {
            end++;
        }
        check_group(in, items + i, end - i, out);
        i = end;
    }
    if (in->directed && !in->two_animals) {
        check_mirrors(in, items, n, out);
    }
    plx_free(items);
    return true;
}

static plx_lint_input of_stage(const plx_trial *trial, const plx_stage *stage)
{
    const plx_train *train = &stage->train;
    bool pairs = train->problem == PLX_PROBLEM_LINKS;
    return (plx_lint_input){.train = {train->n, train->a, train->b, pairs ? train->label : NULL},
                            .test = {stage->query.n, stage->query.a, stage->query.b, pairs ? stage->label : NULL},
                            .n_nodes = trial->n_nodes,
                            .name = trial->node_label,
                            .observable = trial->node_observable,
                            .graph = pairs && train->graph && !trial->graph_is_given ? &train->graph->any : NULL,
                            .directed = train->directed,
                            .two_animals = trial->two_animals};
}

bool plx_lint_bench(const plx_bench *bench, plx_lint *out, plx_err *err)
{
    for (size_t i = 0; i < bench->n_cells; i++) {
        const plx_bench_cell *c = &bench->cells[i];
        plx_trial trial;
        plx_arena *arena = plx_arena_new(0);
        bool ok = arena ? plx_ctx_go_on(bench->ctx, err) &&
                              bench->task->trial(bench->ctx, bench->data[c->unit], c->fold, c->seed, arena, &trial, err)
                        : plx_fail_nomem(err, 0);
        if (ok && trial.final.train.problem != PLX_PROBLEM_BUNDLES) {
            plx_lint_input final = of_stage(&trial, &trial.final), select = of_stage(&trial, &trial.select);
            /* Validation pairs are of the first animal even where test pairs are not. */
            select.two_animals = false;
            ok = plx_lint_check(&final, out, err) && (trial.select.query.n == 0 || plx_lint_check(&select, out, err));
        }
        plx_arena_free(arena);
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * A sweep over the ends of all runs.
 */
#include "benchmarks/kernels/label_cover.h"

#include "core/alloc.h"

#include <stdlib.h>
#include <string.h>

typedef struct edge {
    uint64_t at;
    uint32_t id;
    bool opens;
} edge;

typedef struct sweep {
    plx_label_cover *out;
    size_t cap, ids_cap;
    uint32_t *open; /* ids of runs that are open, ascending */
    size_t n_open, open_cap;
} sweep;

static int by_place(const void *a, const void *b)
{
    const edge *p = a, *q = b;
    if (p->at != q->at) {
        return p->at < q->at ? -1 : 1;
    }
    if (p->opens != q->opens) {
        return p->opens ? 1 : -1;
    }
    return p->id < q->id ? -1 : p->id > q->id;
}

static bool toggle(sweep *s, const edge *e)
{
    size_t i = 0;
    while (i < s->n_open && s->open[i] < e->id) {
        i++;
    }
    if (!e->opens && s->open) {
        s->n_open--;
        memmove(s->open + i, s->open + i + 1, (s->n_open - i) * sizeof *s->open);
        return true;
    }
    if (!plx_grow(&s->open, &s->open_cap, s->n_open + 1, sizeof *s->open)) {
        return false;
    }
    memmove(s->open + i + 1, s->open + i, (s->n_open - i) * sizeof *s->open);
    s->open[i] = e->id;
    s->n_open++;
    return true;
}

static bool emit(sweep *s, uint64_t start, uint64_t end)
{
    plx_label_cover *c = s->out;
    if (!plx_grow(&c->items, &s->cap, c->n + 1, sizeof *c->items) ||
        !plx_grow(&c->ids, &s->ids_cap, c->n_ids + s->n_open, sizeof *c->ids)) {
        return false;
    }
    c->items[c->n++] = (plx_stretch){start, end, c->n_ids, (uint32_t)s->n_open};
    memcpy(c->ids + c->n_ids, s->open, s->n_open * sizeof *c->ids);
    c->n_ids += s->n_open;
    c->overlaps = c->overlaps || s->n_open > 1;
    return true;
}

static bool sweep_edges(const edge *edges, size_t n, plx_label_cover *out)
{
    sweep s = {.out = out};
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        if (s.n_open > 0 && edges[i].at > edges[i - 1].at) {
            ok = emit(&s, edges[i - 1].at, edges[i].at);
        }
        ok = ok && toggle(&s, &edges[i]);
    }
    plx_free(s.open);
    return ok;
}

bool plx_label_cover_make(const plx_instances *instances, plx_label_cover *out, plx_err *err)
{
    *out = (plx_label_cover){0};
    size_t n = 0, n_runs = 0;
    if (instances->n >= UINT32_MAX) {
        return plx_fail(err, PLX_E_LIMIT, "%zu instances are more than can be compared", instances->n);
    }
    for (size_t i = 0; i < instances->n; i++) {
        n_runs += instances->items[i].n_runs;
    }
    edge *edges = plx_realloc_array(NULL, n_runs, 2 * sizeof *edges);
    if (!edges) {
        return plx_fail_nomem(err, n_runs * 2 * sizeof *edges);
    }
    for (size_t i = 0; i < instances->n; i++) {
        plx_mask mask = plx_instance_mask(instances, i);
        for (size_t k = 0; k < mask.n_runs; k++) {
            edges[n++] = (edge){mask.runs[k].start, (uint32_t)(i + 1), true};
            edges[n++] = (edge){mask.runs[k].start + mask.runs[k].len, (uint32_t)(i + 1), false};
        }
    }
    if (n > 0) {
        qsort(edges, n, sizeof *edges, by_place);
    }
    bool ok = sweep_edges(edges, n, out);
    plx_free(edges);
    if (!ok) {
        plx_label_cover_free(out);
        plx_fail_nomem(err, n_runs * sizeof *out->items);
    }
    return ok;
}

void plx_label_cover_free(plx_label_cover *cover)
{
    plx_free(cover->items);
    plx_free(cover->ids);
    *cover = (plx_label_cover){0};
}

const plx_stretch *plx_label_cover_at(const plx_label_cover *cover, uint64_t voxel, size_t *hint)
{
    /* The first stretch that ends after the voxel, doubling the step from where the last one was. */
    size_t lo = *hint<cover->n && * hint> 0 && cover->items[*hint - 1].end <= voxel ? *hint : 0;
    size_t step = 1, hi = lo;
    while (hi < cover->n && cover->items[hi].end <= voxel) {
        lo = hi + 1;
        hi += step;
        step *= 2;
    }
    hi = hi < cover->n ? hi : cover->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (cover->items[mid].end <= voxel) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    *hint = lo;
    return lo < cover->n && cover->items[lo].start <= voxel ? &cover->items[lo] : NULL;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * False merges and false splits: many-to-many matches, taken greedily, each using up the voxels it explains.
 */
#include "benchmarks/kernels/iscore_internal.h"

#include "core/alloc.h"

#include <string.h>

enum { INVALID = -1 };
static const int64_t no_version = INT64_MIN;

/* A candidate pair: the voxels of the truth's skeleton that lie in the prediction. */
typedef struct link {
    size_t truth, pred;
    size_t *at; /* positions in the truth's skeleton */
    size_t n;
    bool *explained; /* [n]: in a truth that this prediction was matched with */
    int64_t version; /* of its live entry in the heap */
    bool matched;
} link;

/* Live is an entry whose version is its link's; pushes count versions up from what is there, also from INVALID. */
typedef struct entry {
    double priority;
    uint64_t order;
    int64_t version;
    size_t link;
} entry;

typedef struct merging {
    plx_ijob *job;
    double threshold;
    link *links;
    size_t n_links, cap_links;
    bool **available; /* per truth: skeleton voxels no match has used */
    entry *heap;
    size_t n_heap, cap_heap;
    uint64_t pushed;
} merging;

static bool before(const entry *a, const entry *b)
{
    return a->priority != b->priority ? a->priority < b->priority : a->order < b->order;
}

static bool push(merging *m, size_t link_index, double share, plx_err *err)
{
    link *l = &m->links[link_index];
    if (!plx_grow(&m->heap, &m->cap_heap, m->n_heap + 1, sizeof *m->heap)) {
        return plx_fail_nomem(err, (m->n_heap + 1) * sizeof *m->heap);
    }
    l->version = (l->version == no_version ? 0 : l->version) + 1;
    entry e = {-share, m->pushed++, l->version, link_index};
    size_t i = m->n_heap++;
    for (; i > 0 && before(&e, &m->heap[(i - 1) / 2]); i = (i - 1) / 2) {
        m->heap[i] = m->heap[(i - 1) / 2];
    }
    m->heap[i] = e;
    return true;
}

static entry pop_any(merging *m)
{
    entry top = m->heap[0], last = m->heap[--m->n_heap];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < m->n_heap; i = child) {
        child += child + 1 < m->n_heap && before(&m->heap[child + 1], &m->heap[child]);
        if (!before(&m->heap[child], &last)) {
            break;
        }
        m->heap[i] = m->heap[child];
    }
    m->heap[i] = last;
    return top;
}

/* The next live link; SIZE_MAX when there is none. */
static size_t pop(merging *m)
{
    while (m->n_heap > 0) {
        entry e = pop_any(m);
        if (m->links[e.link].version == e.version) {
            m->links[e.link].version = no_version;
            return e.link;
        }
    }
    return SIZE_MAX;
}

static void invalidate(link *l)
{
    if (l->version != no_version) {
        l->version = INVALID;
    }
}

static bool in_instance(const plx_label_cover *cover, uint64_t voxel, size_t id, size_t *hint)
{
    const plx_stretch *s = plx_label_cover_at(cover, voxel, hint);
    for (uint32_t k = 0; s && k < s->n_ids; k++) {
        if (cover->ids[s->first_id + k] == id) {
            return true;
        }
    }
    return false;
}

static bool add_link(merging *m, size_t truth, size_t pred, plx_err *err)
{
    plx_ijob *job = m->job;
    const plx_voxels *skeleton = &job->truth.skeleton[truth - 1];
    if (!plx_grow(&m->links, &m->cap_links, m->n_links + 1, sizeof *m->links)) {
        return plx_fail_nomem(err, (m->n_links + 1) * sizeof *m->links);
    }
    link l = {.truth = truth, .pred = pred, .version = no_version};
    size_t hint = 0, n = 0;
    for (size_t i = 0; i < skeleton->n; i++) {
        n += in_instance(&job->pred.cover, skeleton->items[i], pred, &hint);
    }
    l.at = plx_arena_zero(job->arena, n + 1, sizeof *l.at);
    l.explained = plx_arena_zero(job->arena, n + 1, sizeof *l.explained);
    if (!l.at || !l.explained) {
        return plx_fail_nomem(err, n * sizeof *l.at);
    }
    hint = 0;
    for (size_t i = 0; i < skeleton->n; i++) {
        if (in_instance(&job->pred.cover, skeleton->items[i], pred, &hint)) {
            l.at[l.n++] = i;
        }
    }
    m->links[m->n_links++] = l;
    return true;
}

/* Every pair above the threshold, in order of truth, then prediction. */
static bool find_links(merging *m, plx_err *err)
{
    plx_ijob *job = m->job;
    m->available = plx_arena_zero(job->arena, job->truth.in->n + 1, sizeof *m->available);
    if (!m->available) {
        return plx_fail_nomem(err, job->truth.in->n * sizeof *m->available);
    }
    for (size_t g = 1; g <= job->truth.in->n; g++) {
        size_t n = job->truth.skeleton[g - 1].n;
        m->available[g] = plx_arena_zero(job->arena, n + 1, sizeof **m->available);
        if (!m->available[g]) {
            return plx_fail_nomem(err, n);
        }
        memset(m->available[g], true, n);
        for (size_t p = 1; p < job->stride; p++) {
            float rec = job->rec[g * job->stride + p];
            if (rec > (float)m->threshold && (!add_link(m, g, p, err) || !push(m, m->n_links - 1, (double)rec, err))) {
                return false;
            }
        }
    }
    return true;
}

/* Use up what the match explains: skeleton voxels of its truth, and voxels of its prediction. */
static void consume(merging *m, const link *match)
{
    for (size_t i = 0; i < match->n; i++) {
        m->available[match->truth][match->at[i]] = false;
    }
    for (size_t k = 0; k < m->n_links; k++) {
        link *l = &m->links[k];
        size_t hint = 0;
        for (size_t i = 0; l->pred == match->pred && i < l->n; i++) {
            uint64_t voxel = m->job->truth.skeleton[l->truth - 1].items[l->at[i]];
            l->explained[i] = l->explained[i] || in_instance(&m->job->truth.cover, voxel, match->truth, &hint);
        }
    }
}

static bool rescore(merging *m, size_t k, bool by_truth, plx_err *err)
{
    const link *l = &m->links[k];
    size_t n = 0, whole = m->job->truth.skeleton[l->truth - 1].n;
    for (size_t i = 0; i < l->n; i++) {
        n += by_truth ? m->available[l->truth][l->at[i]] : !l->explained[i];
    }
    double share = (double)n / (double)(whole ? whole : 1);
    if (share > m->threshold) {
        return push(m, k, share, err);
    }
    invalidate(&m->links[k]);
    return true;
}

static bool match_all(merging *m, plx_err *err)
{
    for (size_t k; (k = pop(m)) != SIZE_MAX;) {
        link match = m->links[k];
        m->links[k].matched = true;
        consume(m, &match);
        for (size_t i = 0; i < m->n_links; i++) {
            if (m->links[i].truth == match.truth && !rescore(m, i, true, err)) {
                return false;
            }
        }
        for (size_t i = 0; i < m->n_links; i++) {
            if (m->links[i].pred == match.pred && !rescore(m, i, false, err)) {
                return false;
            }
        }
    }
    return true;
}

/* In the time of the paper a true object was looked up as the channel of its number. */
static bool have_channels(plx_ijob *job, float threshold)
{
    size_t n_channels = job->truth.in->n_channels;
    for (size_t g = n_channels + 1; g <= job->truth.in->n; g++) {
        for (size_t p = 1; p < job->stride; p++) {
            if (job->rec[g * job->stride + p] > threshold) {
                return plx_ijob_raises_index(job, g - 1, 0, n_channels);
            }
        }
    }
    return true;
}

/* Without overlap, and by the paper, every pair above the threshold is a match. */
static void count_plain(const plx_ijob *job, float threshold, size_t *of_truth, size_t *of_pred)
{
    for (size_t g = 1; g <= job->truth.in->n; g++) {
        for (size_t p = 1; p < job->stride; p++) {
            bool match = job->rec[g * job->stride + p] > threshold;
            of_truth[g] += match;
            of_pred[p] += match;
        }
    }
}

bool plx_ijob_merges(plx_ijob *job, double threshold, size_t *merges, size_t *splits, plx_err *err)
{
    size_t *of_truth = plx_arena_zero(job->arena, job->truth.in->n + 1, sizeof *of_truth);
    size_t *of_pred = plx_arena_zero(job->arena, job->stride, sizeof *of_pred);
    if (!of_truth || !of_pred) {
        return plx_fail_nomem(err, (job->truth.in->n + job->stride) * sizeof *of_truth);
    }
    bool ok = true, paper = job->o->merge_rule == PLX_MERGE_PAPER_2024;
    if (paper && !job->o->strict && !have_channels(job, (float)threshold)) {
        return false;
    }
    if (!paper && (job->truth.cover.overlaps || job->pred.cover.overlaps)) {
        merging m = {.job = job, .threshold = threshold};
        ok = find_links(&m, err) && match_all(&m, err);
        for (size_t i = 0; ok && i < m.n_links; i++) {
            of_truth[m.links[i].truth] += m.links[i].matched;
            of_pred[m.links[i].pred] += m.links[i].matched;
        }
        plx_free(m.links);
        plx_free(m.heap);
    } else {
        count_plain(job, (float)threshold, of_truth, of_pred);
    }
    *merges = *splits = 0;
    for (size_t g = 1; g <= job->truth.in->n; g++) {
        *splits += of_truth[g] > 1 ? of_truth[g] - 1 : 0;
    }
    for (size_t p = 1; p < job->stride; p++) {
        *merges += of_pred[p] > 1 ? of_pred[p] - 1 : 0;
    }
    return ok;
}

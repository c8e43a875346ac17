/* SPDX-License-Identifier: Apache-2.0
 *
 * Fronts start from every component of a colour and march through voxels that contain this colour, whatever else they
 * contain. Where two fronts meet, the way back to both components becomes part of the neuron, also where it leads
 * through another one.
 */
#include "benchmarks/kernels/sets.h"
#include "benchmarks/models/chroma.h"
#include "benchmarks/models/segment.h"

#include "core/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SEED = 30 };

static const plx_param params_table[] = {
    PLX_SEGMENT_CLIP,
    PLX_SEGMENT_THRESHOLD("0.1"),
    PLX_SEGMENT_SMALL,
    PLX_SEGMENT_GAP,
    {"most", PLX_PARAM_INT, "8", 2, 16, NULL, NULL, "clusters of colour at most"},
    {"reach", PLX_PARAM_REAL, "40", 0, 1000, NULL, NULL, "longest way through other neurons, in voxels"},
    {"share", PLX_PARAM_REAL, "0.5", 0, 1, NULL, NULL,
     "brightness, in thresholds, that a voxel on the way must have in this colour"},
    {NULL, PLX_PARAM_INT, NULL, 0, 0, NULL, NULL, NULL},
};

/* An object's voxel beside those of its own colour. */
typedef struct extra {
    uint32_t object, voxel;
} extra;

typedef struct meeting {
    double length;
    uint32_t a, b; /* voxels */
} meeting;

typedef struct item {
    double d;
    uint32_t voxel, order;
} item;

typedef struct tracer {
    const plx_cloud *cloud;
    double threshold, reach, share;
    const int32_t *class_of;
    const uint32_t *label; /* components, 0: none */
    uint32_t *parent;      /* sets of components */
    double *d;             /* of the front, per voxel */
    uint32_t *from, *source;
    item *heap;
    size_t n_heap, cap_heap;
    extra *extras;
    size_t n_extras, cap_extras;
    meeting *meetings;
    size_t n_meetings, cap_meetings;
} tracer;

static bool before(const item *a, const item *b)
{
    return a->d < b->d || (a->d <= b->d && a->order < b->order);
}

static bool push(tracer *t, item x, plx_err *err)
{
    if (!plx_grow(&t->heap, &t->cap_heap, t->n_heap + 1, sizeof *t->heap)) {
        return plx_fail_nomem(err, t->n_heap * sizeof *t->heap);
    }
    size_t i = t->n_heap++;
    while (i > 0 && before(&x, &t->heap[(i - 1) / 2])) {
        t->heap[i] = t->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    t->heap[i] = x;
    return true;
}

static item pop(tracer *t)
{
    item top = t->heap[0], last = t->heap[--t->n_heap];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= t->n_heap) {
            break;
        }
        child += child + 1 < t->n_heap && before(&t->heap[child + 1], &t->heap[child]);
        if (!before(&t->heap[child], &last)) {
            break;
        }
        t->heap[i] = t->heap[child];
        i = child;
    }
    t->heap[i] = last;
    return top;
}

/* How bright this colour can be in a voxel: what all its channels leave room for. */
static bool contains(const tracer *t, uint32_t voxel, const double *mean)
{
    double most = mean[0] > mean[1] ? mean[0] : mean[1], least = (double)INFINITY;
    most = mean[2] > most ? mean[2] : most;
    for (size_t c = 0; c < 3; c++) {
        if (mean[c] > .3 * most) {
            double room = (double)t->cloud->color[3 * (size_t)voxel + c] / mean[c];
            least = room < least ? room : least;
        }
    }
    return least * most >= t->share * t->threshold;
}

static bool visit(tracer *t, uint32_t voxel, const double *mean, uint32_t *order, plx_err *err)
{
    int64_t at[3];
    plx_cloud_place(t->cloud, voxel, at);
    for (int q = 0; q < 27; q++) {
        int dz = q / 9 - 1, dy = q / 3 % 3 - 1, dx = q % 3 - 1;
        uint32_t j = plx_cloud_find(t->cloud, at[0] + dz, at[1] + dy, at[2] + dx);
        if (j == PLX_CLOUD_NONE || j == voxel) {
            continue;
        }
        double d = t->d[voxel] + sqrt((double)(dz * dz + dy * dy + dx * dx));
        if (t->source[j] && t->source[j] != t->source[voxel]) {
            double length = t->d[voxel] + t->d[j] + 1;
            if (length > t->reach) {
                continue;
            }
            if (!plx_grow(&t->meetings, &t->cap_meetings, t->n_meetings + 1, sizeof *t->meetings)) {
                return plx_fail_nomem(err, t->n_meetings * sizeof *t->meetings);
            }
            t->meetings[t->n_meetings++] = (meeting){length, voxel, j};
        } else if (d < t->d[j] && d <= t->reach / 2 + 1 && contains(t, j, mean)) {
            t->d[j] = d;
            t->from[j] = voxel;
            t->source[j] = t->source[voxel];
            if (!push(t, (item){d, j, (*order)++}, err)) {
                return false;
            }
        }
    }
    return true;
}

static int by_length(const void *a, const void *b)
{
    const meeting *x = a, *y = b;
    if (x->length < y->length || x->length > y->length) {
        return x->length < y->length ? -1 : 1;
    }
    return x->a != y->a ? (x->a < y->a ? -1 : 1) : (x->b > y->b) - (x->b < y->b);
}

/* The way from a voxel back to its component, as wide as the voxels beside it that are bright. */
static bool add_way(tracer *t, uint32_t voxel, uint32_t object, plx_err *err)
{
    for (uint32_t i = voxel; i != PLX_CLOUD_NONE && t->label[i] != t->source[i]; i = t->from[i]) {
        int64_t at[3];
        plx_cloud_place(t->cloud, i, at);
        for (int q = 0; q < 27; q++) {
            uint32_t j = plx_cloud_find(t->cloud, at[0] + q / 9 - 1, at[1] + q / 3 % 3 - 1, at[2] + q % 3 - 1);
            if (j == PLX_CLOUD_NONE || !t->source[j]) {
                continue;
            }
            if (!plx_grow(&t->extras, &t->cap_extras, t->n_extras + 1, sizeof *t->extras)) {
                return plx_fail_nomem(err, t->n_extras * sizeof *t->extras);
            }
            t->extras[t->n_extras++] = (extra){object, j};
        }
    }
    return true;
}

static bool trace_class(tracer *t, int32_t class, const double *mean, plx_err *err)
{
    uint32_t order = 0;
    t->n_heap = t->n_meetings = 0;
    for (uint32_t i = 0; i < t->cloud->n; i++) {
        bool seed = t->label[i] && t->class_of[i] == class;
        t->d[i] = seed ? 0 : (double)INFINITY;
        t->from[i] = PLX_CLOUD_NONE;
        t->source[i] = seed ? t->label[i] : 0;
        if (seed && !push(t, (item){0, i, order++}, err)) {
            return false;
        }
    }
    while (t->n_heap > 0) {
        item top = pop(t);
        if (top.d <= t->d[top.voxel] && !visit(t, top.voxel, mean, &order, err)) {
            return false;
        }
    }
    if (t->n_meetings) {
        qsort(t->meetings, t->n_meetings, sizeof *t->meetings, by_length);
    }
    for (size_t k = 0; k < t->n_meetings; k++) {
        const meeting *m = &t->meetings[k];
        uint32_t a = t->source[m->a], b = t->source[m->b];
        if (plx_sets_find(t->parent, a) == plx_sets_find(t->parent, b)) {
            continue;
        }
        plx_sets_join(t->parent, a, b);
        if (!add_way(t, m->a, a, err) || !add_way(t, m->b, a, err)) {
            return false;
        }
    }
    return true;
}

static int by_object(const void *a, const void *b)
{
    const extra *x = a, *y = b;
    return x->object != y->object ? (x->object < y->object ? -1 : 1) : (x->voxel > y->voxel) - (x->voxel < y->voxel);
}

/* Each object into the first layer where none of its voxels is taken. Own voxels of objects are disjoint, so a layer is
 * only needed for objects whose ways cross others. */
static bool paint(tracer *t, uint32_t *object, uint32_t n_objects, plx_answer *answer, plx_err *err)
{
    size_t n = t->cloud->n, n_layers = 1, all = 0;
    extra *list = plx_alloc_zero(n + t->n_extras + 1, sizeof *list);
    uint8_t *layer = plx_alloc_zero((size_t)n_objects + 1, 1), *taken = plx_alloc_zero(n + 1, 1);
    int32_t *out = NULL;
    bool ok = (list && layer && taken) || plx_fail_nomem(err, n * sizeof *list);
    for (size_t i = 0; ok && i < n; i++) {
        if (object[i]) {
            list[all++] = (extra){object[i], (uint32_t)i};
        }
    }
    for (size_t i = 0; ok && i < t->n_extras; i++) {
        if (t->extras[i].object) {
            list[all++] = t->extras[i];
        }
    }
    if (ok && all) {
        qsort(list, all, sizeof *list, by_object);
    }
    for (size_t i = 0; ok && i < all;) {
        size_t end = i;
        unsigned used = 0;
        while (end < all && list[end].object == list[i].object) {
            used |= taken[list[end++].voxel]; /* a bit for each layer */
        }
        unsigned free_layer = 0;
        while (free_layer < 7 && used >> free_layer & 1) {
            free_layer++;
        }
        layer[list[i].object] = (uint8_t)free_layer;
        n_layers = free_layer + 1 > n_layers ? free_layer + 1 : n_layers;
        for (; i < end; i++) {
            taken[list[i].voxel] |= (uint8_t)(1U << free_layer);
        }
    }
    const size_t shape[4] = {n_layers, t->cloud->shape[0], t->cloud->shape[1], t->cloud->shape[2]};
    ok = ok && plx_segment_room(4, shape, answer, &out, err);
    size_t grid = shape[1] * shape[2] * shape[3];
    for (size_t i = 0; ok && i < all; i++) {
        out[layer[list[i].object] * grid + t->cloud->at[list[i].voxel]] = (int32_t)list[i].object;
    }
    plx_free(list);
    plx_free(layer);
    plx_free(taken);
    return ok;
}

static bool trace(tracer *t, const plx_params *params, const double *mean, size_t n_classes, uint32_t *label,
                  uint32_t n, plx_answer *answer, plx_err *err)
{
    size_t voxels = t->cloud->n;
    t->d = plx_alloc_zero(voxels, sizeof *t->d);
    t->from = plx_alloc_zero(voxels, sizeof *t->from);
    t->source = plx_alloc_zero(voxels, sizeof *t->source);
    t->parent = plx_alloc_zero((size_t)n + 1, sizeof *t->parent);
    uint32_t *object = plx_alloc_zero(voxels, sizeof *object), *fresh = plx_alloc_zero((size_t)n + 1, sizeof *fresh);
    bool ok =
        (t->d && t->from && t->source && t->parent && object && fresh) || plx_fail_nomem(err, voxels * sizeof *t->d);
    for (uint32_t k = 0; ok && k <= n; k++) {
        t->parent[k] = k;
    }
    for (size_t c = 0; ok && c < n_classes; c++) {
        ok = trace_class(t, (int32_t)c, mean + 3 * c, err);
    }
    uint32_t n_objects = 0;
    for (uint32_t k = 1; ok && k <= n; k++) {
        uint32_t root = plx_sets_find(t->parent, k);
        fresh[k] = root == k ? ++n_objects : fresh[root];
    }
    for (size_t i = 0; ok && i < voxels; i++) {
        object[i] = fresh[label[i]];
    }
    for (size_t i = 0; ok && i < t->n_extras; i++) {
        t->extras[i].object = fresh[t->extras[i].object];
    }
    /* Joining and dropping number anew; where an object went is told by any of its own voxels. */
    uint32_t *was = plx_alloc_zero((size_t)n_objects + 1, sizeof *was), *old = plx_alloc_zero(voxels, sizeof *old);
    ok = ok && ((was && old) || plx_fail_nomem(err, voxels * sizeof *old));
    if (ok && voxels) {
        memcpy(old, object, voxels * sizeof *old);
    }
    ok = ok && plx_cloud_join(t->cloud, t->class_of, plx_params_real(params, "gap"), object, &n_objects, err) &&
         plx_cloud_drop_small(voxels, (uint64_t)plx_params_int(params, "small"), object, &n_objects, err);
    for (size_t i = 0; ok && i < voxels; i++) {
        was[old[i]] = object[i];
    }
    for (size_t i = 0; ok && i < t->n_extras; i++) {
        t->extras[i].object = was[t->extras[i].object];
    }
    ok = ok && paint(t, object, n_objects, answer, err);
    plx_free(object);
    plx_free(fresh);
    plx_free(was);
    plx_free(old);
    return ok;
}

static bool predict(const plx_ctx *ctx, const plx_train *train, const plx_params *params, const void *state,
                    const plx_query *query, plx_answer *answer, plx_err *err)
{
    (void)ctx, (void)state;
    plx_cloud cloud;
    double mean[3 * PLX_CHROMA_MOST];
    size_t n_classes;
    uint32_t n;
    if (!plx_segment_cloud(query, params, PLX_CLOUD_BRIGHTEST, false, &cloud, err)) {
        return false;
    }
    uint32_t *label = plx_alloc_zero(cloud.n, sizeof *label);
    int32_t *class = plx_alloc_zero(cloud.n, sizeof *class);
    tracer t = {.cloud = &cloud,
                .threshold = plx_params_real(params, "threshold"),
                .reach = plx_params_real(params, "reach"),
                .share = plx_params_real(params, "share"),
                .class_of = class,
                .label = label};
    bool ok = (label && class) || plx_fail_nomem(err, cloud.n * sizeof *label);
    ok = ok &&
         plx_chroma_cluster(&cloud, (size_t)plx_params_int(params, "most"),
                            plx_rng_stream(train->seed, "traced_paths", 0), class, mean, &n_classes, err) &&
         plx_cloud_components(&cloud, class, SEED, label, &n, err) &&
         trace(&t, params, mean, n_classes, label, n, answer, err);
    plx_free(t.d);
    plx_free(t.from);
    plx_free(t.source);
    plx_free(t.parent);
    plx_free(t.heap);
    plx_free(t.extras);
    plx_free(t.meetings);
    plx_free(label);
    plx_free(class);
    plx_cloud_free(&cloud);
    return ok;
}

extern const plx_model plx_model_traced_paths;
const plx_model plx_model_traced_paths = {
    .name = "traced_paths",
    .title = "Paths of one colour, which may cross",
    .doc = "Classes of colour as in chroma_clusters; components of more than 30 voxels of a class are seeds. From them "
           "fronts march through the bright voxels that contain the colour: in each channel that is more than .3 of "
           "the class's greatest, what is there must allow share times the threshold of it. Where fronts of two "
           "components of a class meet within reach, nearest first, both become one neuron, and the way between them, "
           "as wide as its bright neighbours, is part of it, also where it leads through another neuron. Gaps are "
           "then closed and small objects dropped as in chroma_clusters. Labels have as many channels as it takes for "
           "neurons to overlap, at most 8.",
    .reference = "fast marching: Sethian 1996, doi:10.1073/pnas.93.4.1591, here Dijkstra on the grid",
    .version = 1,
    .solves = PLX_PROBLEM_BUNDLES,
    .random = true,
    .params = params_table,
    .predict = predict,
};

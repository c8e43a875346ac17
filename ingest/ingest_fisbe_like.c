/* SPDX-License-Identifier: Apache-2.0
 *
 * Made-up samples in the manner of FISBe, one record per seed. What is read are their parameters, a JSON object:
 * "seeds": first and last; "shape": z, y, x; "neurons" in each sample (0: 2 to 9, by the seed); "noise", in units of
 * the usual one; "image": false for truths alone.
 */
#include "core/alloc.h"
#include "formats/json.h"
#include "ingest/fisbe_like.h"
#include "ingest/ingest.h"
#include "ingest/volume_instances.h"

#include <stdlib.h>
#include <string.h>

enum { SLAB = 16, MAX_SEEDS = 1000 };

static const plx_ingest_option options[] = {
    {"parameters", NULL, "manifest file of the parameters, JSON"},
    {NULL, NULL, NULL},
};

typedef struct maker {
    plx_ingest *job;
    plx_fisbe_like_params params;
    int64_t first, last;
    bool image;
} maker;

static bool bad_parameter(const plx_ingest *job, const char *name, const char *expected, plx_err *err)
{
    plx_fail(err, PLX_E_FORMAT, "%s: %s cannot be that", plx_ingest_text(job, "parameters"), name);
    return plx_err_why(err, "expected %s", expected);
}

static bool parse_list(const plx_value *list, int64_t *out, size_t n)
{
    bool ok = list && list->kind == PLX_V_ARR && list->u.arr.n == n;
    for (size_t i = 0; ok && i < n; i++) {
        ok = plx_v_as_i64(list->u.arr.items[i], &out[i]) && out[i] >= 0;
    }
    return ok;
}

static bool take_parameters(maker *m, const plx_value *v, plx_err *err)
{
    int64_t seeds[2], shape[3], neurons;
    const plx_value *image = plx_v_get(v, "image");
    if (!parse_list(plx_v_get(v, "seeds"), seeds, 2) || seeds[1] < seeds[0] || seeds[1] - seeds[0] >= MAX_SEEDS) {
        return bad_parameter(m->job, "seeds", "the first and the last, such as [1, 23], at most 1000 seeds", err);
    }
    if (!parse_list(plx_v_get(v, "shape"), shape, 3)) {
        return bad_parameter(m->job, "shape", "voxels along z, y, x, such as [385, 685, 686]", err);
    }
    if (!plx_v_as_i64(plx_v_get(v, "neurons"), &neurons) || neurons < 0 || neurons > PLX_FISBE_LIKE_NEURONS) {
        return bad_parameter(m->job, "neurons", "a number up to 200", err);
    }
    if (!plx_v_as_f64(plx_v_get(v, "noise"), &m->params.noise)) {
        return bad_parameter(m->job, "noise", "a number", err);
    }
    if (image && image->kind != PLX_V_BOOL) {
        return bad_parameter(m->job, "image", "true or false", err);
    }
    m->image = !image || image->u.b;
    m->first = seeds[0];
    m->last = seeds[1];
    m->params.neurons = (unsigned)neurons;
    for (int d = 0; d < 3; d++) {
        m->params.shape[d] = (size_t)shape[d];
    }
    return true;
}

static bool read_parameters(maker *m, plx_err *err)
{
    plx_source *source;
    plx_value *value;
    if (!plx_ingest_open(m->job, plx_ingest_text(m->job, "parameters"), &source, err)) {
        return false;
    }
    bool ok = plx_json_read(plx_ingest_ctx(m->job), plx_ingest_arena(m->job), source, NULL, &value, err);
    plx_source_close(source);
    return ok && take_parameters(m, value, err);
}

static plx_volume_spec spec_of(const plx_fisbe_like *image, const char *name, const char *role, plx_dtype dtype,
                               size_t n_channels)
{
    plx_volume_spec s = {.dtype = dtype, .ndim = 4, .overlapping = strcmp(role, "labels") == 0};
    snprintf(s.name, sizeof s.name, "%s", name);
    snprintf(s.role, sizeof s.role, "%s", role);
    snprintf(s.axes, sizeof s.axes, "czyx");
    s.shape[0] = n_channels;
    s.chunk[0] = 1;
    for (int d = 0; d < 3; d++) {
        s.shape[d + 1] = image->params.shape[d];
        s.chunk[d + 1] = s.shape[d + 1] < 64 ? s.shape[d + 1] : 64;
        s.voxel_um[d] = 0.44;
    }
    return s;
}

/* One array, slab by slab of one channel after the other. */
static bool emit_array(const maker *m, const plx_fisbe_like *image, const plx_volume_spec *spec, plx_err *err)
{
    plx_sink *sink = plx_ingest_sink(m->job);
    size_t nz = spec->shape[1], plane = spec->shape[2] * spec->shape[3], size = plx_dtype_size(spec->dtype);
    uint8_t *slab = plx_alloc_zero(SLAB * plane, size);
    bool ok = slab || plx_fail_nomem(err, SLAB * plane * size);
    ok = ok && sink->volume(sink, spec, err);
    for (size_t c = 0; ok && c < spec->shape[0]; c++) {
        for (size_t z = 0; ok && z < nz; z += SLAB) {
            size_t n = nz - z < SLAB ? nz - z : SLAB;
            if (spec->dtype == PLX_U16) {
                plx_fisbe_like_raw(image, (unsigned)c, z, n, (uint16_t *)(void *)slab);
            } else {
                plx_fisbe_like_labels(image, c, z, n, slab);
            }
            ok = sink->piece(sink, slab, n * plane * size, err) && plx_ctx_go_on(plx_ingest_ctx(m->job), err);
        }
    }
    ok = ok && sink->close(sink, err);
    plx_free(slab);
    return ok;
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Voxels of two neurons or more: those that stand twice in the sorted list of all. */
static bool find_shared(const plx_fisbe_like *image, uint64_t **out, size_t *n_out, plx_err *err)
{
    size_t n = 0, kept = 0;
    for (size_t k = 0; k < image->n_neurons; k++) {
        n += image->neurons[k].n;
    }
    uint64_t *all = plx_alloc_zero(n, sizeof *all);
    if (!all) {
        return plx_fail_nomem(err, n * sizeof *all);
    }
    n = 0;
    for (size_t k = 0; k < image->n_neurons; k++) {
        for (size_t i = 0; i < image->neurons[k].n; i++) {
            if (image->neurons[k].cover[i] >= 128) {
                all[n++] = image->neurons[k].voxels[i];
            }
        }
    }
    qsort(all, n, sizeof *all, by_value);
    for (size_t i = 1; i < n; i++) {
        if (all[i] == all[i - 1] && (kept == 0 || all[kept - 1] != all[i])) {
            all[kept++] = all[i];
        }
    }
    *out = all;
    *n_out = kept;
    return true;
}

static bool emit_instances(const maker *m, const plx_fisbe_like *image, plx_err *err)
{
    plx_sink *sink = plx_ingest_sink(m->job);
    plx_volume_instances all = {0};
    plx_table table = {0};
    uint64_t *shared = NULL;
    size_t n_shared = 0;
    if (!find_shared(image, &shared, &n_shared, err)) {
        return false;
    }
    all.items = plx_alloc_zero(image->n_neurons, sizeof *all.items);
    bool ok = all.items || plx_fail_nomem(err, image->n_neurons * sizeof *all.items);
    for (size_t k = 0; ok && k < image->n_neurons; k++) {
        const plx_fisbe_like_neuron *n = &image->neurons[k];
        plx_volume_instance *i = &all.items[all.n];
        *i = (plx_volume_instance){.channel = (uint32_t)k, .label = k + 1, .dim = n->dim};
        for (size_t v = 0; v < n->n; v++) {
            i->voxels += n->cover[v] >= 128;
            i->shared += n->cover[v] >= 128 && n_shared &&
                         bsearch(&n->voxels[v], shared, n_shared, sizeof *shared, by_value) != NULL;
        }
        all.n += i->voxels > 0;
    }
    plx_value *overlap = plx_v_u64(plx_ingest_arena(m->job), n_shared);
    ok = ok && (overlap || plx_fail_nomem(err, 0)) && plx_volume_instances_table(&all, "instances", &table, err) &&
         sink->table(sink, "instances", &table, err) && sink->attribute(sink, "overlap_voxels", overlap, err);
    plx_table_free(&table);
    plx_volume_instances_free(&all);
    plx_free(shared);
    return ok;
}

static bool make_sample(maker *m, uint64_t seed, plx_err *err)
{
    plx_sink *sink = plx_ingest_sink(m->job);
    plx_fisbe_like image;
    plx_digest digest;
    char unit[48];
    snprintf(unit, sizeof unit, "seed-%llu", (unsigned long long)seed);
    m->params.seed = seed;
    if (!plx_fisbe_like_new(&m->params, &image, err)) {
        return false;
    }
    plx_volume_spec raw = spec_of(&image, "raw", "image", PLX_U16, PLX_FISBE_LIKE_COLORS);
    plx_volume_spec truth = spec_of(&image, "instances", "labels", PLX_U8, image.n_neurons);
    bool ok = sink->begin(sink, "volume", unit, err) && (!m->image || emit_array(m, &image, &raw, err)) &&
              emit_array(m, &image, &truth, err) && emit_instances(m, &image, err) &&
              plx_sink_text(sink, "organism", "none: made up by plexus", err) &&
              plx_sink_text(sink, "region", "none", err) && plx_sink_text(sink, "labelled", "completely", err) &&
              plx_sink_text(sink, "synthetic", "random trees; no measurement went into this", err) &&
              sink->commit(sink, &digest, err);
    plx_fisbe_like_free(&image);
    return ok;
}

static bool run(plx_ingest *job, plx_err *err)
{
    maker m = {.job = job};
    bool ok = read_parameters(&m, err);
    for (int64_t seed = m.first; ok && seed <= m.last; seed++) {
        ok = make_sample(&m, (uint64_t)seed, err);
    }
    return ok;
}

extern const plx_ingester plx_ingester_fisbe_like;
const plx_ingester plx_ingester_fisbe_like = {
    .name = "fisbe_like",
    .title = "Made-up neurons in the manner of FISBe",
    .version = 1,
    .kind = "volume",
    .reference = "none: random trees, see ingest/fisbe_like.c",
    .options = options,
    .run = run,
};

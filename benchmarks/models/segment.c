/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/models/segment.h"

#include "benchmarks/kernels/supervoxels.h"
#include "core/alloc.h"

bool plx_segment_cloud(const plx_query *query, const plx_params *params, plx_cloud_level level, bool smooth,
                       plx_cloud *out, plx_err *err)
{
    const plx_array *raw = query->data ? plx_bundle_array(query->data, "raw") : NULL;
    if (!raw) {
        return plx_fail(err, PLX_E_FORMAT, "there is no array \"raw\" to segment");
    }
    return plx_cloud_of(raw, plx_params_real(params, "clip"), plx_params_real(params, "threshold"), level, smooth, out,
                        err);
}

bool plx_segment_room(int ndim, const size_t *shape, plx_answer *answer, int32_t **out, plx_err *err)
{
    size_t n = 1;
    for (int d = 0; d < ndim; d++) {
        if (!plx_mul_ok(n, shape[d], &n)) {
            return plx_fail(err, PLX_E_LIMIT, "the labels do not fit into memory");
        }
    }
    plx_array *labels = plx_arena_alloc(answer->arena, sizeof *labels);
    const char **name = plx_arena_alloc(answer->arena, sizeof *name);
    *out = plx_arena_zero(answer->arena, n ? n : 1, sizeof **out);
    if (!labels || !name || !*out) {
        return plx_fail_nomem(err, n * sizeof **out);
    }
    *labels = plx_array_view(PLX_I32, ndim, shape, *out);
    *name = "labels";
    answer->bundle = (plx_bundle){.n_arrays = 1, .array_names = name, .arrays = labels};
    return true;
}

bool plx_segment_answer(const plx_cloud *cloud, const uint32_t *label, plx_answer *answer, plx_err *err)
{
    int32_t *to;
    if (!plx_segment_room(3, cloud->shape, answer, &to, err)) {
        return false;
    }
    for (size_t i = 0; i < cloud->n; i++) {
        to[cloud->at[i]] = (int32_t)label[i];
    }
    return true;
}

bool plx_segment_cut(const plx_cloud *cloud, int apart, plx_segment_pieces *out, plx_err *err)
{
    *out = (plx_segment_pieces){0};
    uint32_t *distance = plx_alloc_zero(cloud->n, sizeof *distance);
    out->piece = plx_alloc_zero(cloud->n, sizeof *out->piece);
    bool ok = (distance && out->piece) || plx_fail_nomem(err, cloud->n * sizeof *distance);
    ok = ok && plx_cloud_distance(cloud, distance, err) &&
         plx_cloud_watershed(cloud, distance, apart, out->piece, &out->n, err);
    if (ok) {
        out->color = plx_alloc_zero(3 * ((size_t)out->n + 1), sizeof *out->color);
        ok = out->color ? plx_cloud_piece_colors(cloud, out->piece, out->n, out->color, err)
                        : plx_fail_nomem(err, out->n * sizeof *out->color);
    }
    plx_free(distance);
    if (!ok) {
        plx_segment_pieces_free(out);
    }
    return ok;
}

void plx_segment_pieces_free(plx_segment_pieces *pieces)
{
    plx_free(pieces->piece);
    plx_free(pieces->color);
    *pieces = (plx_segment_pieces){0};
}

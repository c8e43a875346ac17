/* SPDX-License-Identifier: Apache-2.0
 *
 * Two sorted rows walked together.
 */
#include "benchmarks/kernels/neighbours.h"

#include "core/fixed_math.h"

bool plx_degree_weights_new(plx_arena *arena, const plx_csr *graph, plx_degree_weights *out, plx_err *err)
{
    out->inv_log = plx_arena_zero(arena, graph->n + 1, sizeof *out->inv_log);
    out->inv = plx_arena_zero(arena, graph->n + 1, sizeof *out->inv);
    if (!out->inv_log || !out->inv) {
        return plx_fail_nomem(err, graph->n * 2 * sizeof *out->inv);
    }
    for (size_t i = 0; i < graph->n; i++) {
        double degree = (double)plx_csr_degree(graph, i);
        if (degree >= 2.0) {
            out->inv_log[i] = 1.0 / plx_fixed_log(degree);
            out->inv[i] = 1.0 / degree;
        }
    }
    return true;
}

plx_overlap plx_neighbours_overlap(const plx_csr *out, const plx_csr *in, const plx_degree_weights *weights, uint32_t a,
                                   uint32_t b)
{
    plx_overlap o = {0};
    uint64_t i = out->ptr[a];
    uint64_t j = in->ptr[b];
    uint64_t i_end = out->ptr[a + 1];
    uint64_t j_end = in->ptr[b + 1];
    while (i < i_end || j < j_end) {
        uint32_t v = i < i_end ? out->index[i] : UINT32_MAX;
        uint32_t w = j < j_end ? in->index[j] : UINT32_MAX;
        uint32_t node = v < w ? v : w;
        i += v == node;
        j += w == node;
        if (node == a || node == b) {
            continue;
        }
        o.together += 1.0;
        if (v == w) {
            o.common += 1.0;
            o.adamic_adar += weights->inv_log[node];
            o.resource += weights->inv[node];
        }
    }
    return o;
}

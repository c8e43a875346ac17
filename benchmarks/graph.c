/* SPDX-License-Identifier: Apache-2.0
 *
 * Edges into compressed rows: a counting sort by column and then by row leaves each row in order, in linear time.
 */
#include "benchmarks/graph.h"

typedef struct entry {
    uint32_t row, col;
    double weight;
} entry;

/* Stable counting sort by `row` or `col`. */
static void sort_by(const entry *in, entry *out, size_t n, uint64_t *count, size_t n_nodes, bool by_row)
{
    memset(count, 0, (n_nodes + 1) * sizeof *count);
    for (size_t i = 0; i < n; i++) {
        count[(by_row ? in[i].row : in[i].col) + 1]++;
    }
    for (size_t i = 0; i < n_nodes; i++) {
        count[i + 1] += count[i];
    }
    for (size_t i = 0; i < n; i++) {
        out[count[by_row ? in[i].row : in[i].col]++] = in[i];
    }
}

/* `entries` and `other` are scratch of n. Doubles are summed in the order they came in. */
static bool compress(plx_arena *arena, size_t n_nodes, entry *entries, entry *other, size_t n, plx_csr *out,
                     plx_err *err)
{
    uint64_t *ptr = plx_arena_zero(arena, n_nodes + 1, sizeof *ptr);
    uint32_t *index = plx_arena_alloc(arena, (n ? n : 1) * sizeof *index);
    double *weight = plx_arena_alloc(arena, (n ? n : 1) * sizeof *weight);
    if (!ptr || !index || !weight) {
        return plx_fail_nomem(err, n * (sizeof *index + sizeof *weight));
    }
    sort_by(entries, other, n, ptr, n_nodes, false);
    sort_by(other, entries, n, ptr, n_nodes, true);
    memset(ptr, 0, (n_nodes + 1) * sizeof *ptr);
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (m && i && entries[i].row == entries[i - 1].row && entries[i].col == entries[i - 1].col) {
            weight[m - 1] += entries[i].weight;
            continue;
        }
        index[m] = entries[i].col;
        weight[m++] = entries[i].weight;
        ptr[entries[i].row + 1]++;
    }
    for (size_t i = 0; i < n_nodes; i++) {
        ptr[i + 1] += ptr[i];
    }
    *out = (plx_csr){.n = n_nodes, .ptr = ptr, .index = index, .weight = weight};
    return true;
}

/* Edges of `kind` (or of all when it is n_kinds), as they point, turned round, or both. */
static size_t collect(const plx_graph_edge *edges, size_t n_edges, size_t kind, size_t n_kinds, bool forth, bool back,
                      entry *out)
{
    size_t n = 0;
    for (size_t i = 0; i < n_edges; i++) {
        const plx_graph_edge *e = &edges[i];
        if (e->pre == e->post || (kind < n_kinds && e->kind != kind)) {
            continue;
        }
        if (forth) {
            out[n++] = (entry){e->pre, e->post, e->weight};
        }
        if (back) {
            out[n++] = (entry){e->post, e->pre, e->weight};
        }
    }
    return n;
}

bool plx_graph_build(plx_arena *arena, size_t n_nodes, size_t n_kinds, const char *const *kind_names,
                     const plx_graph_edge *edges, size_t n_edges, plx_graph *out, plx_err *err)
{
    size_t room = n_edges ? n_edges * 2 : 1;
    plx_csr *kinds = plx_arena_zero(arena, n_kinds ? n_kinds * 2 : 1, sizeof *kinds);
    entry *a = plx_arena_alloc(arena, room * sizeof *a);
    entry *b = plx_arena_alloc(arena, room * sizeof *b);
    if (!kinds || !a || !b) {
        return plx_fail_nomem(err, room * sizeof *a);
    }
    for (size_t i = 0; i < n_edges; i++) {
        if (edges[i].pre >= n_nodes || edges[i].post >= n_nodes || edges[i].kind >= n_kinds) {
            return plx_fail(err, PLX_E_BUG, "edge %zu joins %u and %u, of kind %u: out of range", i, edges[i].pre,
                            edges[i].post, edges[i].kind);
        }
    }
    *out = (plx_graph){.n_nodes = n_nodes, .n_kinds = n_kinds, .kind_names = kind_names};
    out->kind_out = kinds;
    out->kind_in = kinds + n_kinds;
    bool ok =
        compress(arena, n_nodes, a, b, collect(edges, n_edges, n_kinds, n_kinds, true, true, a), &out->any, err) &&
        compress(arena, n_nodes, a, b, collect(edges, n_edges, n_kinds, n_kinds, true, false, a), &out->out, err) &&
        compress(arena, n_nodes, a, b, collect(edges, n_edges, n_kinds, n_kinds, false, true, a), &out->in, err);
    for (size_t k = 0; ok && k < n_kinds; k++) {
        ok = compress(arena, n_nodes, a, b, collect(edges, n_edges, k, n_kinds, true, false, a), &kinds[k], err) &&
             compress(arena, n_nodes, a, b, collect(edges, n_edges, k, n_kinds, false, true, a), &kinds[n_kinds + k],
                      err);
    }
    return ok;
}

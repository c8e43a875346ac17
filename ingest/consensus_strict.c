/* SPDX-License-Identifier: Apache-2.0
 *
 * The consensus by what could be seen: a graph has a say on a pair when its volume holds both cells, and an absent
 * connection counts as 0 there. Weights in EM sections and in synapses are never averaged with each other. An edge's
 * weight is the share of the graphs with a say that have it, which needs no unit.
 */
#include "ingest/consensus.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAMES = 1024 };
static const char *const sections = "EM sections";

const plx_edge_column plx_consensus_columns[PLX_CONSENSUS_COLUMNS] = {{"n_observable", "", PLX_I32},
                                                                      {"n_present", "", PLX_I32},
                                                                      {"mean_synapses", "synapses", PLX_F64},
                                                                      {"mean_sections", "EM sections", PLX_F64},
                                                                      {"graphs", "", PLX_STR}};

/* What the graphs say of one pair and one kind. */
typedef struct verdict {
    int n_observable, n_present;
    double mean_synapses, mean_sections; /* zeros counted; NaN when no graph of that unit has a say */
    char names[NAMES];                   /* of the graphs that have the edge */
} verdict;

static void judge(const plx_consensus *c, size_t pre, size_t post, plx_edge_kind kind, verdict *out)
{
    double sum[2] = {0};
    int n[2] = {0};
    size_t used = 0;
    *out = (verdict){.names = ""};
    for (size_t i = 0; i < c->n_graphs; i++) {
        const plx_consensus_graph *g = &c->graphs[i];
        const double *array = kind == PLX_EDGE_GAP ? g->gap : g->chemical;
        if (!array || !g->observable[pre] || !g->observable[post]) {
            continue;
        }
        double weight = array[pre * PLX_N_NEURONS + post];
        size_t unit = strcmp(g->unit, sections) == 0;
        out->n_observable++;
        n[unit]++;
        sum[unit] += weight;
        if (weight > 0) {
            out->n_present++;
            int wrote = snprintf(out->names + used, sizeof out->names - used, "%s%s", used ? ", " : "", g->name);
            used += wrote > 0 && (size_t)wrote < sizeof out->names - used ? (size_t)wrote : 0;
        }
    }
    out->mean_synapses = n[0] ? sum[0] / n[0] : (double)NAN;
    out->mean_sections = n[1] ? sum[1] / n[1] : (double)NAN;
}

static bool add(plx_consensus *c, size_t pre, size_t post, plx_edge_kind kind, plx_err *err)
{
    verdict v;
    judge(c, pre, post, kind, &v);
    if (v.n_present == 0 || (kind == PLX_EDGE_GAP && pre > post)) {
        return true; /* the builder adds the other direction of a gap junction */
    }
    const plx_edge_value values[PLX_CONSENSUS_COLUMNS] = {{.number = v.n_observable},
                                                          {.number = v.n_present},
                                                          {.number = v.mean_synapses},
                                                          {.number = v.mean_sections},
                                                          {.text = plx_slice_of(v.names)}};
    const plx_connectome_row row = {.pre = plx_slice_of(plx_neurons[pre]),
                                    .post = plx_slice_of(plx_neurons[post]),
                                    .kind = kind,
                                    .weight = (double)v.n_present / v.n_observable,
                                    .file = c->file,
                                    .values = values};
    return plx_connectome_add(c->builder, &row, err);
}

bool plx_consensus_strict_rows(plx_consensus *c, plx_err *err)
{
    for (size_t pre = 0; pre < PLX_N_NEURONS; pre++) {
        for (size_t post = 0; post < PLX_N_NEURONS; post++) {
            if (!add(c, pre, post, PLX_EDGE_CHEMICAL, err) || !add(c, pre, post, PLX_EDGE_GAP, err)) {
                return false;
            }
        }
        if (!plx_ctx_go_on(plx_ingest_ctx(c->job), err)) {
            return false;
        }
    }
    return true;
}

/* Columns of the table, one row per ordered pair: first the numbers of whole graphs, then the means. */
enum { GAP_OBSERVABLE, GAP_PRESENT, CHEM_OBSERVABLE, CHEM_PRESENT, MEASURED, N_WHOLE };
enum { GAP_SYNAPSES, GAP_SECTIONS, CHEM_SYNAPSES, CHEM_SECTIONS, FUNCTIONAL, Q, N_REAL };
static const char *const whole_names[N_WHOLE] = {"gap_observable", "gap_present", "chem_observable", "chem_present",
                                                 "functional_measured"};
static const char *const real_names[N_REAL] = {"mean_gap_synapses",  "mean_gap_sections", "mean_chem_synapses",
                                               "mean_chem_sections", "functional_weight", "functional_q"};
static const char *const real_units[N_REAL] = {"synapses", "EM sections", "synapses", "EM sections", "dF/F", ""};

typedef struct table_columns {
    int32_t *whole[N_WHOLE];
    double *real[N_REAL];
} table_columns;

static void fill_response(const plx_consensus *c, size_t row, const table_columns *t)
{
    t->real[FUNCTIONAL][row] = t->real[Q][row] = (double)NAN;
    for (size_t i = 0; i < c->n_graphs; i++) {
        const plx_consensus_graph *g = &c->graphs[i];
        if (!g->functional) {
            continue;
        }
        bool seen = g->observable[row / PLX_N_NEURONS] && g->observable[row % PLX_N_NEURONS];
        t->whole[MEASURED][row] += g->measured ? g->measured[row] : seen;
        if (g->functional[row] < 0 || g->functional[row] > 0) {
            t->real[FUNCTIONAL][row] = g->functional[row];
            t->real[Q][row] = g->q ? g->q[row] : (double)NAN;
        }
    }
}

static void fill_row(const plx_consensus *c, size_t row, const table_columns *t)
{
    verdict gap;
    verdict chemical;
    judge(c, row / PLX_N_NEURONS, row % PLX_N_NEURONS, PLX_EDGE_GAP, &gap);
    judge(c, row / PLX_N_NEURONS, row % PLX_N_NEURONS, PLX_EDGE_CHEMICAL, &chemical);
    t->whole[GAP_OBSERVABLE][row] = gap.n_observable;
    t->whole[GAP_PRESENT][row] = gap.n_present;
    t->whole[CHEM_OBSERVABLE][row] = chemical.n_observable;
    t->whole[CHEM_PRESENT][row] = chemical.n_present;
    t->real[GAP_SYNAPSES][row] = gap.mean_synapses;
    t->real[GAP_SECTIONS][row] = gap.mean_sections;
    t->real[CHEM_SYNAPSES][row] = chemical.mean_synapses;
    t->real[CHEM_SECTIONS][row] = chemical.mean_sections;
    fill_response(c, row, t);
}

static bool add_names(plx_table *table, plx_err *err)
{
    plx_strcol from = {0};
    plx_strcol to = {0};
    for (size_t i = 0; i < PLX_N_PAIRS; i++) {
        plx_strcol_add(&from, plx_slice_of(plx_neurons[i / PLX_N_NEURONS]));
        plx_strcol_add(&to, plx_slice_of(plx_neurons[i % PLX_N_NEURONS]));
    }
    bool ok = plx_strcol_finish(&from, table, "from_neuron", err) && plx_strcol_finish(&to, table, "to_neuron", err);
    plx_strcol_free(&from);
    plx_strcol_free(&to);
    return ok;
}

bool plx_consensus_strict_table(plx_consensus *c, plx_err *err)
{
    plx_table table = {0};
    table_columns t = {{NULL}, {NULL}};
    plx_sink *sink = plx_ingest_sink(c->job);
    bool ok = add_names(&table, err);
    for (size_t i = 0; ok && i < N_WHOLE; i++) {
        plx_column *column = NULL;
        ok = plx_table_add(&table, whole_names[i], "", PLX_I32, PLX_N_PAIRS, &column, err);
        t.whole[i] = ok ? (void *)column->values.ptr : NULL;
    }
    for (size_t i = 0; ok && i < N_REAL; i++) {
        plx_column *column = NULL;
        ok = plx_table_add(&table, real_names[i], real_units[i], PLX_F64, PLX_N_PAIRS, &column, err);
        t.real[i] = ok ? (void *)column->values.ptr : NULL;
    }
    for (size_t i = 0; ok && i < PLX_N_PAIRS; i++) {
        fill_row(c, i, &t);
    }
    ok = ok && sink->table(sink, "consensus", &table, err);
    plx_table_free(&table);
    return ok;
}

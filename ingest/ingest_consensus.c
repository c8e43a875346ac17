/* SPDX-License-Identifier: Apache-2.0
 *
 * One connectome out of several that are in the store already: no files of its own, but an atlas and connectomes under
 * `uses`. An entry with a mode is used in that mode alone, so the two modes may look at different records.
 */
#include "ingest/connectome_job.h"
#include "ingest/consensus.h"

#include <string.h>

static const plx_ingest_option options[] = {
    PLX_CONNECTOME_OPTIONS,
    {"upstream_names", "", "what upstream calls the data sets, as in randi2023=funconn; compat mode only"},
    {NULL, NULL, NULL},
};

static const plx_defect defects[] = {
    {"D10", "the gap weight is the mean of distinct weights, so that equal ones count once"},
    {"D11", "uncertainty is missing unless a pair has both kinds of synapses"},
    {"D1", "the responses are those that are not significant (see the record of randi2023 it uses)"},
    {"D2", "64 neurons are missing from two of the graphs (see their records)"},
    {"absent-is-missing", "a connection that a graph does not have is left out of the mean instead of counting as 0"},
    {"mixed-units", "numbers of EM sections are averaged with numbers of synapses"},
    {NULL, NULL},
};

/* The graphs, with the unit of their weights. */
static bool list_graphs(const plx_consensus *c, plx_err *err)
{
    plx_arena *arena = plx_ingest_arena(c->job);
    plx_sink *sink = plx_ingest_sink(c->job);
    plx_value *list = plx_v_arr(arena);
    for (size_t i = 0; list && i < c->n_graphs; i++) {
        const char *text = plx_arena_printf(arena, "%s (%s)", c->graphs[i].ref, c->graphs[i].unit);
        list = text && plx_v_push(arena, list, plx_v_str(arena, text)) ? list : NULL;
    }
    return (list || plx_fail_nomem(err, 0)) && sink->attribute(sink, "graphs", list, err);
}

static bool run(plx_ingest *job, plx_err *err)
{
    bool compat = plx_ingest_mode(job) == PLX_COMPAT;
    plx_consensus c = {.job = job, .file = "uses"};
    plx_connectome_opts more = {.kinds = 1U << PLX_EDGE_CHEMICAL | 1U << PLX_EDGE_GAP,
                                .weight_unit = "share of the graphs that could show it",
                                .columns = plx_consensus_columns,
                                .n_columns = PLX_CONSENSUS_COLUMNS};
    if (compat) {
        more = (plx_connectome_opts){.kinds = more.kinds | 1U << PLX_EDGE_FUNCTIONAL,
                                     .weight_unit = "synapses and EM sections mixed; functional: dF/F"};
    }
    bool ok = plx_connectome_begin(job, &more, &c.builder, err) && plx_consensus_load(&c, err) &&
              (compat ? plx_consensus_compat_rows(&c, err) : plx_consensus_strict_rows(&c, err)) &&
              plx_connectome_emit(c.builder, err) &&
              (compat ? plx_consensus_compat_table(&c, err) : plx_consensus_strict_table(&c, err)) &&
              list_graphs(&c, err) && plx_connectome_commit(job, err);
    plx_connectome_builder_free(c.builder);
    return ok;
}

const plx_ingester plx_ingester_consensus = {
    .name = "consensus",
    .title = "Consensus of connectomes in the store",
    .version = 1,
    .kind = "connectome",
    .reference = "qsimeon/worm-data-preprocess@953f66a7ff7e:extra/consensus_connectome.py",
    .options = options,
    .defects = defects,
    .run = run,
};

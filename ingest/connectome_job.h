/* SPDX-License-Identifier: Apache-2.0
 *
 * What every connectome ingester shares: common options, the atlas, begin and commit.
 */
#ifndef PLX_INGEST_CONNECTOME_JOB_H
#define PLX_INGEST_CONNECTOME_JOB_H

#include "ingest/connectome_builder.h"
#include "ingest/ingest.h"

#define PLX_CONNECTOME_OPTIONS                                                                                         \
    {"weight_unit", NULL, "what a weight counts, as in \"synapses\" or \"EM sections\""},                              \
        {"whole_weights", "yes", "no: weights may have a fraction"},                                                   \
        {"gap_rows", "once", "both: the source lists each gap junction in both directions"},                           \
        {"region", "named", "whole, head or tail: which neurons the volume holds; named: those the source names"},     \
        {"unknown_cells", "refuse", "keep: a name of no neuron and no other known cell is a cell of its own"},         \
        {"aliases", "", "names of the source that stand for others, as in AWCON=AWCR; strict mode only"},              \
        {"unobserved", "",                                                                                             \
         "cells the source has rows of that are not theirs: not taken, not observable; strict mode only"},             \
        {"names_file", "", "manifest file of two columns, name in the source and name to use; strict mode only"},      \
        {"compat_names", "exact", "strip-zeros: upstream's loader deletes zeros from names"},                          \
    {                                                                                                                  \
        "upstream", "",                                                                                                \
            "loader of the published pipeline that reads this source; empty: there is none, hence no compat mode"      \
    }

extern const plx_defect plx_connectome_defects[];

/* Begin the record and make its builder from the options; facts come from the first data set of `uses`, if any. `more`
 * says which kinds and further columns the edges have, and their unit where that is no option; NULL: chemical and gap,
 * and none. owner: caller, plx_connectome_builder_free. */
bool plx_connectome_begin(plx_ingest *job, const plx_connectome_opts *more, plx_connectome_builder **out, plx_err *err);
/* Say which upstream loader was followed, if one was, and commit what has been emitted. */
bool plx_connectome_commit(plx_ingest *job, plx_err *err);
/* Emit and commit. */
bool plx_connectome_finish(plx_ingest *job, plx_connectome_builder *builder, plx_err *err);
/* Do the options ask for whole weights? */
bool plx_connectome_whole_weights(const plx_ingest *job);

#endif

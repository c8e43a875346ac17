/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside a plot: what both layouts share.
 */
#ifndef PLX_REGISTRY_PLOT_JOB_H
#define PLX_REGISTRY_PLOT_JOB_H

#include "registry/plot.h"

typedef struct plx_plot_cell {
    plx_slice class, text_label;
    const char *label, *group; /* type, or the category of cells that are no neurons */
    unsigned rank;             /* of the group */
    uint32_t row;              /* of nodes */
} plx_plot_cell;

typedef struct plx_plot_edge {
    uint32_t from, to; /* places of cells in the picture */
    unsigned kind;
    double weight;
} plx_plot_edge;

typedef struct plx_plot_job {
    plx_drawing *d;
    plx_arena *arena;
    plx_plot_cell *cells;
    plx_plot_edge *edges;             /* in the order of the record: kind by kind */
    size_t n_cells, n_edges, longest; /* characters of the longest label */
    const plx_value *kinds;
    double scale; /* of weights that are all small, so that the strongest is as dark as a strong synapse */
} plx_plot_job;

uint32_t plx_plot_group_rgb(const char *group);
uint32_t plx_plot_kind_rgb(unsigned kind);
/* That of its kind; a negative response has a colour of its own. */
uint32_t plx_plot_edge_rgb(const plx_plot_edge *edge);
/* From 0 on, 1 for each doubling of the weight's size. */
double plx_plot_strength(const plx_plot_job *job, double weight);
/* Share of the ink that an edge of this weight gets. */
double plx_plot_opacity(const plx_plot_job *job, double weight);
bool plx_plot_is_gap(const plx_plot_job *job, unsigned kind);
/* Of the circle the cells stand on. */
double plx_plot_radius(const plx_plot_job *job);
/* Cells around a circle, below `top`, in the middle of what is at least `width` wide; sets the picture's size. */
void plx_plot_circle(plx_plot_job *job, double top, double width);

#endif

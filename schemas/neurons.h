/* SPDX-License-Identifier: Apache-2.0
 *
 * The 300 canonical C. elegans neurons: slot = index in the ASCII-sorted list (CANL and CANR are end organs, not in
 * it). source: doi:10.1038/s41586-019-1352-7; label list of qsimeon/worm-data-preprocess@c61ab0228037.
 */
#ifndef PLX_SCHEMAS_NEURONS_H
#define PLX_SCHEMAS_NEURONS_H

#include "core/str.h"

enum { PLX_N_NEURONS = 300 };

extern const char *const plx_neurons[PLX_N_NEURONS]; /* ASCII order */
/* Slot of an exact name, or -1. cost: O(log n). */
int plx_neuron_slot(plx_slice name);
/* Slot of the left-right homologue (AVAL <-> AVAR), or -1 for unpaired neurons. */
int plx_neuron_homologue(int slot);

#endif

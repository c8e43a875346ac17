/* SPDX-License-Identifier: Apache-2.0
 *
 * What a cell label of a worm data set means, with the rule that decided and why. Nothing is ever guessed: a label
 * either is a canonical neuron by a rule below, or it is kept as it stands.
 */
#ifndef PLX_INGEST_NEURON_NAME_H
#define PLX_INGEST_NEURON_NAME_H

#include "core/str.h"

typedef enum plx_name_rules {
    PLX_NAMES_STRICT,     /* every rule of this module */
    PLX_NAMES_EXACT,      /* upstream loaders that compare the text as it stands (D2) */
    PLX_NAMES_STRIP_ZEROS /* upstream's Premaratne loader: every '0' is deleted unless the name ends in one */
} plx_name_rules;

typedef struct plx_neuron_name {
    int slot;             /* of the canonical neuron, or -1 */
    const char *category; /* "neuron", or the kind of cell, fragment or "other" */
    const char *rule;     /* exact trim pad-zero case (joined by + when several), strip-zeros, non-neuron, annotated,
                             misprint, unknown, empty */
    const char *reason;   /* one sentence */
    plx_slice text; /* the label without blanks around it (EXACT, STRIP_ZEROS: as it stands); borrows from the input */
    bool changed;   /* the canonical name differs from the label */
} plx_neuron_name;

/* Decide one label. Pure. cost: O(log 300) and a walk over about forty patterns for cells that are no neurons. */
plx_neuron_name plx_neuron_name_of(plx_slice label, plx_name_rules rules);

#endif

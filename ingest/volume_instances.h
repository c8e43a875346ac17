/* SPDX-License-Identifier: Apache-2.0
 *
 * The instances of a label volume: how many voxels each has, and how many it shares with others.
 */
#ifndef PLX_INGEST_VOLUME_INSTANCES_H
#define PLX_INGEST_VOLUME_INSTANCES_H

#include "core/table.h"
#include "formats/volume.h"
#include "schemas/volume.h"

typedef struct plx_volume_instance {
    uint32_t channel;
    uint64_t label, voxels, shared;
    int8_t dim; /* 1, 0; -1: not known */
} plx_volume_instance;

typedef struct plx_volume_instances {
    plx_volume_instance *items; /* by channel, then label */
    size_t n, cap;
    uint64_t overlap; /* places with more than one instance */
} plx_volume_instances;

/* Count them; with channels the labels of different channels are different instances. cost: two passes over the chunks
 * that are not zero, a quarter byte per place. errors: FORMAT for negative labels; LIMIT past 2^20 instances; those of
 * reading. owner: caller. */
bool plx_volume_instances_count(const plx_ctx *ctx, const plx_volume *volume, const plx_volume_spec *spec,
                                plx_volume_instances *out, plx_err *err);
void plx_volume_instances_free(plx_volume_instances *instances);
/* As the table "instances" of a record, of the array `array`. */
bool plx_volume_instances_table(const plx_volume_instances *instances, const char *array, plx_table *out, plx_err *err);

#endif

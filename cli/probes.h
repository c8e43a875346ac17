/* SPDX-License-Identifier: Apache-2.0
 *
 * What plexus doctor asks of a machine. Each probe gives one line and leaves nothing behind.
 */
#ifndef PLX_CLI_PROBES_H
#define PLX_CLI_PROBES_H

#include "core/ctx.h"

typedef enum plx_health { PLX_HEALTH_OK, PLX_HEALTH_WARN, PLX_HEALTH_FAIL } plx_health;

typedef struct plx_probe {
    const char *name;
    plx_health health;
    char detail[PLX_ERR_TEXT];
} plx_probe;

/* Of the machine: kernel, processor, clock, limits. */
void plx_probe_system(plx_probe *out);
void plx_probe_cpu(plx_probe *out);
void plx_probe_clock(plx_probe *out);
void plx_probe_open_files(plx_probe *out);

/* Of the file system that holds `dir`, an existing folder; those that write do so in `scratch`, a private one. */
void plx_probe_file_system(const char *dir, plx_probe *out);
void plx_probe_free_space(const char *dir, plx_probe *out);
void plx_probe_fsync(const char *scratch, plx_probe *out);
void plx_probe_publish(const char *scratch, plx_probe *out);
void plx_probe_lock(const char *scratch, plx_probe *out);
void plx_probe_file_clock(const char *scratch, plx_probe *out);

#endif

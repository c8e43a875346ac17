/* SPDX-License-Identifier: Apache-2.0
 *
 * What is measured beside a result: time, memory, and the machine it ran on.
 */
#ifndef PLX_BENCHMARKS_MACHINE_H
#define PLX_BENCHMARKS_MACHINE_H

#include "core/value.h"

/* CPU seconds of the calling thread, seconds of a clock that only goes forward, and the greatest memory the process has
 * held. */
double plx_cpu_s(void);
double plx_wall_s(void);
uint64_t plx_peak_rss_bytes(void);

/* {cpu, n_cpus, memory_bytes, os}; what is not known is left out. owner: the arena; NULL when it is out of memory. */
plx_value *plx_machine_facts(plx_arena *arena);
/* "2026-11-29T01:40:00Z". shape: out[24]. */
void plx_utc_now(char out[24]);

#endif

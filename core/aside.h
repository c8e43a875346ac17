/* SPDX-License-Identifier: Apache-2.0
 *
 * One more thread that works beside the caller's, on one thing at a time: hashing what was received while the next
 * bytes come in.
 */
#ifndef PLX_CORE_ASIDE_H
#define PLX_CORE_ASIDE_H

#include <stdbool.h>

typedef struct plx_aside plx_aside;

/* A thread that waits for work. NULL when there is no thread or memory to be had: then the caller does the work. owner:
 * caller. */
plx_aside *plx_aside_new(void (*work)(void *payload), void *payload);
/* Let it call work(payload) once; what it did before must be over (plx_aside_wait). Nothing of the payload may be
 * touched until then. */
void plx_aside_start(plx_aside *aside);
/* Is it still at it? False at once after plx_aside_wait. */
bool plx_aside_is_busy(plx_aside *aside);
void plx_aside_wait(plx_aside *aside);
/* Waits for what was started. Accepts NULL. */
void plx_aside_free(plx_aside *aside);

#endif

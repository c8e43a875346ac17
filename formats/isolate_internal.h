/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of isolate.h share.
 */
#ifndef PLX_FORMATS_ISOLATE_INTERNAL_H
#define PLX_FORMATS_ISOLATE_INTERNAL_H

/* Take from this process the system calls no decoder needs. Quietly does nothing where that cannot be done. */
void plx_isolate_seccomp(void);

#endif

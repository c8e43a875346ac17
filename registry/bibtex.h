/* SPDX-License-Identifier: Apache-2.0
 *
 * As much BibTeX as a citation needs: one entry, its key, and whether its braces and quotes close.
 */
#ifndef PLX_REGISTRY_BIBTEX_H
#define PLX_REGISTRY_BIBTEX_H

#include "core/str.h"

/* Check one entry "@type{key, field = {...}}" with nothing after it. `key` points into `text`.
 * errors: false with *why (a literal) and *at (byte offset). */
bool plx_bibtex_check(plx_slice text, plx_slice *key, const char **why, size_t *at);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Data modes. strict is right; compat reproduces the published upstream pipeline with its defects, each named by id.
 */
#ifndef PLX_SCHEMAS_MODE_H
#define PLX_SCHEMAS_MODE_H

#include <stdbool.h>

typedef enum plx_mode { PLX_STRICT, PLX_COMPAT } plx_mode;

/* "strict" or "compat", and back; false for any other text. */
const char *plx_mode_name(plx_mode mode);
bool plx_mode_parse(const char *text, plx_mode *out);

#endif

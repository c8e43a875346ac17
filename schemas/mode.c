/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of the data modes.
 */
#include "schemas/mode.h"

#include <stddef.h>
#include <string.h>

const char *plx_mode_name(plx_mode mode)
{
    return mode == PLX_COMPAT ? "compat" : "strict";
}

bool plx_mode_parse(const char *text, plx_mode *out)
{
    if (!text) {
        return false;
    }
    if (strcmp(text, "strict") == 0) {
        *out = PLX_STRICT;
        return true;
    }
    if (strcmp(text, "compat") == 0) {
        *out = PLX_COMPAT;
        return true;
    }
    return false;
}

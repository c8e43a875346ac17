/* SPDX-License-Identifier: Apache-2.0
 *
 * Conveniences over a sink's table of functions.
 */
#include "schemas/sink.h"

bool plx_sink_text(plx_sink *sink, const char *key, const char *text, plx_err *err)
{
    plx_value value = {.kind = PLX_V_STR, .u.str = plx_slice_of(text)};
    return sink->attribute(sink, key, &value, err);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * xlsx in the table of formats.
 */
#include "formats/format.h"
#include "formats/workbook.h"

#include <string.h>

static int probe(const uint8_t *head, size_t n, const char *path)
{
    /* The zip directory is at the file's end; by the first bytes alone it is a zip whose name says the rest. */
    bool zip = n >= 4 && memcmp(head, "PK\3\4", 4) == 0;
    return zip && (plx_ends_with(path, ".xlsx") || plx_ends_with(path, ".xlsm")) ? 90 : 0;
}

extern const plx_format plx_format_xlsx;
const plx_format plx_format_xlsx = {
    .name = "xlsx",
    .title = "Office Open XML workbook",
    .extensions = "xlsx xlsm",
    .reference = "ECMA-376 part 1 (SpreadsheetML)",
    .limits = "Values as last computed; no charts, macros, encryption, UTF-16 sheets or DTD.",
    .probe = probe,
    .check = plx_workbook_check,
    .outline = plx_workbook_outline,
};

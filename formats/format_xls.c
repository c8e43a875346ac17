/* SPDX-License-Identifier: Apache-2.0
 *
 * xls in the table of formats.
 */
#include "formats/format.h"
#include "formats/workbook.h"

#include <string.h>

static int probe(const uint8_t *head, size_t n, const char *path)
{
    /* OLE files also hold documents, slides and encrypted xlsx: the name tells them apart. */
    bool ole = n >= 8 && memcmp(head, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0;
    bool named = plx_ends_with(path, ".xls");
    return ole ? (named ? 95 : 30) : named ? 10 : 0;
}

extern const plx_format plx_format_xls;
const plx_format plx_format_xls = {
    .name = "xls",
    .title = "Excel 97-2003 workbook",
    .extensions = "xls",
    .reference = "[MS-XLS] (BIFF8) in [MS-CFB], read by freexl",
    .limits = "Cells with formulas are passed over; no merged ranges, charts, macros or encryption.",
    .probe = probe,
    .check = plx_workbook_check,
    .outline = plx_workbook_outline,
};

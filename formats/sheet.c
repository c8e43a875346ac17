/* SPDX-License-Identifier: Apache-2.0
 *
 * Cell names in the A1 style.
 */
#include "formats/sheet.h"

enum { MAX_ROWS = 1 << 20, MAX_COLUMNS = 1 << 14 };

void plx_cell_name(uint32_t row, uint32_t column, char out[PLX_CELL_NAME])
{
    char letters[8];
    size_t n = 0;
    /* Bijective base 26: A..Z, AA..ZZ, ... */
    for (uint64_t c = (uint64_t)column + 1; c > 0 && n < sizeof letters; c = (c - 1) / 26) {
        letters[n++] = (char)('A' + (c - 1) % 26);
    }
    size_t at = 0;
    while (n > 0) {
        out[at++] = letters[--n];
    }
    snprintf(out + at, PLX_CELL_NAME - at, "%u", (unsigned)(row + 1));
}

bool plx_cell_parse(plx_slice text, uint32_t *row, uint32_t *column)
{
    uint32_t c = 0;
    uint32_t r = 0;
    size_t i = 0;
    while (i < text.len && text.ptr[i] >= 'A' && text.ptr[i] <= 'Z') {
        c = c * 26 + (uint32_t)(text.ptr[i++] - 'A') + 1;
        if (c > MAX_COLUMNS) {
            return false;
        }
    }
    size_t digits = i;
    while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9') {
        r = r * 10 + (uint32_t)(text.ptr[i++] - '0');
        if (r > MAX_ROWS) {
            return false;
        }
    }
    if (c == 0 || r == 0 || i != text.len || text.ptr[digits] == '0') {
        return false;
    }
    *row = r - 1;
    *column = c - 1;
    return true;
}

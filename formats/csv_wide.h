/* SPDX-License-Identifier: Apache-2.0
 *
 * What the fields of a column say, many at a time: with any processor, and with those that have wide registers.
 */
#ifndef PLX_FORMATS_CSV_WIDE_H
#define PLX_FORMATS_CSV_WIDE_H

#include "formats/csv_block.h"

/* Read the first of `n` fields of a column, up to the one that plx_csv_plain_i64 or plx_csv_plain_f64 does not read, to
 * what these give. They return how many.
 * shape: ranges[n], out[n]; the padding of a window around `text`. */
typedef struct plx_csv_decoders {
    size_t (*i64)(const char *text, const plx_csv_range *ranges, size_t n, int64_t *out, bool *minus_zero);
    size_t (*f64)(const char *text, const plx_csv_range *ranges, size_t n, char point, double *out);
    plx_csv_cutter *cut;
} plx_csv_decoders;

extern const plx_csv_decoders plx_csv_portable;
/* Those for this processor, or NULL where it has no such instructions. */
const plx_csv_decoders *plx_csv_wide(void);

#endif

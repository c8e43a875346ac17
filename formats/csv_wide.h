/* SPDX-License-Identifier: Apache-2.0
 *
 * Several numeric fields of a CSV row at once, on processors that can.
 */
#ifndef PLX_FORMATS_CSV_WIDE_H
#define PLX_FORMATS_CSV_WIDE_H

#include "formats/csv_window.h"

/* Read the first of `n` fields that follow each other, as many as are short decimals, by fours; each equals what
 * plx_csv_short_f64 gives. Returns how many were read, to out[0], out[stride], ...
 * shape: ranges[n], and text[-16] before the first field must be readable. */
typedef size_t plx_csv_run(const char *text, const plx_csv_range *ranges, size_t n, char point, double *out,
                           size_t stride);

/* The function for this processor, or NULL where it has no such instructions. */
plx_csv_run *plx_csv_wide(void);

#endif

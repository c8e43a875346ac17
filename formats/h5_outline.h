/* SPDX-License-Identifier: Apache-2.0
 *
 * HDF5 files for `plexus dump`.
 */
#ifndef PLX_FORMATS_H5_OUTLINE_H
#define PLX_FORMATS_H5_OUTLINE_H

#include "formats/h5.h"
#include "formats/outline.h"

/* What plx_format.outline is for HDF5: groups and data sets with their attributes; an item is the path of one. Values
 * come where plx_h5_read or plx_h5_read_strings can read them, else a note says why they do not. */
bool plx_h5_outline(const plx_outline_ask *ask, plx_value **out, plx_err *err);

#endif

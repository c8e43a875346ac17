/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes a tree as TOML 1.0: plain values first, then a table for each object and an array of tables for each list of
 * objects. TOML has no null: what is null is left out. NaN is nan.
 */
#ifndef PLX_FORMATS_TOML_WRITE_H
#define PLX_FORMATS_TOML_WRITE_H

#include "core/value.h"

/* errors: UNSUPPORTED when the tree is no object, an integer is above int64, or it is nested past 64 levels; NOMEM. */
bool plx_toml_write(const plx_value *value, plx_sb *out, plx_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A manifest's expected counts against those of a record.
 */
#ifndef PLX_INGEST_EXPECT_H
#define PLX_INGEST_EXPECT_H

#include "registry/manifest.h"

/* Compare expect.<mode> with the counts in a record.json tree. Keys are the names of `counts`, "all_" and a name of
 * `counts_all`, or "changes" (how many were made at ingest). errors: SCHEMA listing every difference and every key the
 * record lacks. */
bool plx_expect_check(const plx_manifest *manifest, plx_mode mode, const plx_value *meta, plx_err *err);
/* Changes made to a record in all, from its record.json. */
uint64_t plx_expect_changes(const plx_value *meta);

#endif

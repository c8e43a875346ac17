/* SPDX-License-Identifier: Apache-2.0
 *
 * What `plexus check` and `plexus dump` say of an archive.
 */
#ifndef PLX_FORMATS_ARCHIVE_SUMMARY_H
#define PLX_FORMATS_ARCHIVE_SUMMARY_H

#include "core/ctx.h"
#include "core/str.h"
#include "formats/outline.h"

/* "12 members, 3.4 MB unpacked". errors: those of plx_archive_walk. */
bool plx_archive_summary(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err);

/* Its members with their sizes; with `ask->item` the first lines or values of that member. */
bool plx_archive_outline(const plx_outline_ask *ask, plx_value **out, plx_err *err);

#endif

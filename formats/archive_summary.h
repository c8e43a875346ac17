/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a whole archive and throwing it away, for `plexus check`.
 */
#ifndef PLX_FORMATS_ARCHIVE_SUMMARY_H
#define PLX_FORMATS_ARCHIVE_SUMMARY_H

#include "core/ctx.h"
#include "core/str.h"

/* "12 members, 3.4 MB unpacked". errors: those of plx_archive_walk. */
bool plx_archive_summary(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err);

#endif

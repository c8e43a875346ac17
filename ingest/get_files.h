/* SPDX-License-Identifier: Apache-2.0
 *
 * Getting the files of a data set that nothing reads yet.
 */
#ifndef PLX_INGEST_GET_FILES_H
#define PLX_INGEST_GET_FILES_H

#include "ingest/ingest.h"

/* Fetch and verify the files of a data set without an ingester, and keep them by a ref without records: digests of
 * first use are pinned, gc leaves them, and a program with a reader finds them there. errors: as plx_get; ARG when
 * there is an ingester, UNSUPPORTED when the manifest names no file. */
bool plx_get_files(const plx_ctx *ctx, plx_store *store, const plx_manifest *manifest, const plx_get_opts *opts,
                   plx_got *out, plx_err *err);

#endif

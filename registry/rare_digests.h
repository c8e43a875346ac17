/* SPDX-License-Identifier: Apache-2.0
 *
 * Digests of a kind that only some hosts publish: git's name of a file (Hugging Face, files not in large-file storage)
 * and the ETag of an upload to S3 in parts (DANDI). They are computed when all bytes are there, in a pass of their own,
 * and only where nothing better is known.
 */
#ifndef PLX_REGISTRY_RARE_DIGESTS_H
#define PLX_REGISTRY_RARE_DIGESTS_H

#include "core/ctx.h"

enum { PLX_GIT_SHA1_HEX = 40, PLX_ETAG_TEXT = 39 };

/* The size of all parts but the last of a file on DANDI: 64 MiB, or as much more as keeps them at 10,000. 0: the file
 * is empty, or too big for S3. source: dandischema 0.11, digests/dandietag.py, PartGenerator. */
uint64_t plx_dandi_part_bytes(uint64_t bytes);
/* MD5 of the MD5s of all parts, a dash and how many. shape: out[39]. */
bool plx_dandi_etag(const plx_ctx *ctx, int fd, uint64_t bytes, char out[PLX_ETAG_TEXT], plx_err *err);
/* SHA-1 of "blob <bytes>", a NUL and the bytes. shape: out[41]. */
bool plx_git_sha1(const plx_ctx *ctx, int fd, uint64_t bytes, char out[PLX_GIT_SHA1_HEX + 1], plx_err *err);
/* Has a text the form of such a digest? */
bool plx_is_dandi_etag(const char *text);
bool plx_is_git_sha1(const char *text);

#endif

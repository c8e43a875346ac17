/* SPDX-License-Identifier: Apache-2.0
 *
 * Members of a zip by name, unpacked whole. For formats that are a zip of parts (xlsx); streams go through archive.h.
 */
#ifndef PLX_FORMATS_ZIP_LOAD_H
#define PLX_FORMATS_ZIP_LOAD_H

#include "core/buf.h"
#include "core/ctx.h"

typedef struct plx_zip_file plx_zip_file;

/* Directory read and checked as in archive.h. Messages call it `name` (NULL: the path). owner: caller. */
bool plx_zip_open(const plx_ctx *ctx, const char *path, const char *name, plx_zip_file **out, plx_err *err);
void plx_zip_close(plx_zip_file *zip);
bool plx_zip_has(const plx_zip_file *zip, const char *name);
/* errors: NOTFOUND; LIMIT for size, ratio or the sum of all loads; FORMAT for a damaged stream or CRC. The buffer has
 * one NUL past its end, not counted in len. */
bool plx_zip_load(const plx_ctx *ctx, plx_zip_file *zip, const char *name, plx_buf *out, plx_err *err);
/* The same for one of many small parts that may be read again and again, by several threads at a time: of at most
 * `limit` bytes, not counted in the sum of all loads. errors: NOTFOUND sets *there false and is none. */
bool plx_zip_load_part(const plx_ctx *ctx, const plx_zip_file *zip, const char *name, uint64_t limit, bool *there,
                       plx_buf *out, plx_err *err);
/* Members in the order of names; borrowed. */
size_t plx_zip_count(const plx_zip_file *zip);
const char *plx_zip_name(const plx_zip_file *zip, size_t i);

#endif

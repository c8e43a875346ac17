/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes zip archives of stored (not deflated) members, such as .npz. The same members give the same bytes: every date
 * is the first a zip can hold. Names are UTF-8. Not written: zip64, so a member and the whole stay below 4 GiB.
 */
#ifndef PLX_FORMATS_ZIP_WRITE_H
#define PLX_FORMATS_ZIP_WRITE_H

#include "core/str.h"

#include "core/err.h"

#include <stdint.h>

/* {.to = stream} is an empty archive; the stream stays the caller's. Instead of a stream, bytes may go to `write`.
 * owner: caller, plx_zip_finish also on failure. */
typedef struct plx_zip_writer {
    FILE *to;
    bool (*write)(void *payload, const void *bytes, size_t len, plx_err *err);
    void *payload;
    plx_sb directory;
    uint64_t at; /* bytes written */
    size_t n;
} plx_zip_writer;

/* errors: LIMIT past 4 GiB, 65535 members or a name of 65535 bytes; IO, NOSPACE. */
bool plx_zip_add(plx_zip_writer *zip, const char *name, const void *bytes, size_t len, plx_err *err);
/* Write the directory when `ok`; either way the writer is empty afterwards. Returns false when `ok` is. */
bool plx_zip_finish(plx_zip_writer *zip, bool ok, plx_err *err);

#endif

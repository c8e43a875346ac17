/* SPDX-License-Identifier: Apache-2.0
 *
 * Members picked out of a zip that need not be here as a whole: its directory is read from anywhere, then only the
 * bytes of the members that are wanted.
 */
#ifndef PLX_FORMATS_ZIP_PICK_H
#define PLX_FORMATS_ZIP_PICK_H

#include "formats/ranged.h"
#include "formats/source.h"

typedef struct plx_zip_index plx_zip_index;

typedef struct plx_zip_pick {
    const char *name; /* as stored, NUL-terminated; never a path */
    size_t index;
    uint64_t from, to; /* bytes of the archive that hold its header and data; `to` may be somewhat high */
    uint64_t packed, size;
    uint32_t crc;
    bool is_file;
} plx_zip_pick;

/* Read the directory alone, as strictly as archive.h does. Names are kept and compared, nothing else. owner: caller,
 * plx_zip_index_free. errors: as archive.h. */
bool plx_zip_index_read(const plx_ctx *ctx, plx_ranged *zip, plx_zip_index **out, plx_err *err);
void plx_zip_index_free(plx_zip_index *index); /* accepts NULL */
size_t plx_zip_index_count(const plx_zip_index *index);
/* In the order of their place in the archive. */
void plx_zip_index_at(const plx_zip_index *index, size_t i, plx_zip_pick *out);
/* Is there room for the member before the next one? errors: FORMAT. */
bool plx_zip_pick_check(const plx_zip_index *index, const plx_zip_pick *pick, plx_err *err);
/* By exact name, checked. errors: NOTFOUND; FORMAT when two members have it. */
bool plx_zip_index_find(const plx_zip_index *index, const char *name, plx_zip_pick *out, plx_err *err);

/* The unpacked bytes of a member; `bytes` gives at least [pick->from, pick->to) of the archive and is borrowed, as is
 * the index. The local header is checked here; size and CRC when the end is read: FORMAT. errors: LIMIT past
 * ctx->limits.file_bytes or the ratio. */
bool plx_zip_pick_open(const plx_ctx *ctx, const plx_zip_index *index, const plx_zip_pick *pick, plx_ranged *bytes,
                       plx_source **out, plx_err *err);

#endif

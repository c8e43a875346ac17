/* SPDX-License-Identifier: Apache-2.0
 *
 * The central directory of a zip file, checked against the local headers.
 */
#ifndef PLX_FORMATS_ARCHIVE_ZIP_DIR_H
#define PLX_FORMATS_ARCHIVE_ZIP_DIR_H

#include "core/arena.h"
#include "formats/archive_walk.h"
#include "formats/ranged.h"

typedef struct plx_zip_member {
    plx_slice name;
    uint64_t offset, end; /* of the local header, and where its data end */
    uint64_t packed, size;
    uint32_t crc, mode; /* mode: POSIX file type and permissions, or 0 */
    uint16_t method, flags;
} plx_zip_member;

typedef struct plx_zip_dir {
    plx_zip_member *members; /* by offset */
    size_t n;
    uint64_t offset; /* of the directory: no member reaches beyond */
} plx_zip_dir;

/* Read and check every entry. owner: the arena.
 * errors: TRUNCATED without an end record; FORMAT where records disagree or overlap, or bytes precede the archive;
 * UNSUPPORTED for encryption, several disks, and methods other than stored and deflate; LIMIT for entries; POLICY for
 * NUL in names. */
bool plx_zip_read_dir(const plx_walk *walk, int fd, plx_arena *arena, plx_zip_dir *out, plx_err *err);

/* The same without a look at local headers, for archives that are far away: members have no `end` yet, and whether they
 * overlap is not known. */
bool plx_zip_list(const plx_walk *walk, plx_ranged *zip, plx_arena *arena, plx_zip_dir *out, plx_err *err);
/* Check one member's local header against the directory, and set its `end`. `bytes` holds at least that header. */
bool plx_zip_locate(const plx_walk *walk, plx_ranged *bytes, const plx_zip_dir *dir, plx_zip_member *member,
                    plx_err *err);

#endif

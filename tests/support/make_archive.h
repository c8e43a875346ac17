/* SPDX-License-Identifier: Apache-2.0
 *
 * Zip and tar files made byte by byte, with every field open to lies: what tests of hostile archives are written in.
 */
#ifndef PLX_TESTS_MAKE_ARCHIVE_H
#define PLX_TESTS_MAKE_ARCHIVE_H

#include "core/str.h"

#include <stdint.h>

/* One zip member. Zero means the truth; a lie replaces or changes the field it is named after. */
typedef struct zip_part {
    const char *name;
    size_t name_len; /* 0: strlen */
    const void *data;
    size_t len;
    bool deflate;
    uint32_t mode;          /* POSIX mode, upper half of the external attributes */
    uint16_t flags, method; /* method: replaces 0 or 8 when not 0 */
    const char *local_name;
    uint64_t size, packed;     /* claimed in both headers */
    uint32_t crc_change;       /* added to the CRC in both headers */
    uint32_t local_crc_change; /* and in the local one alone */
    uint32_t local_size_change;
    uint16_t local_flags_change;
    bool later;        /* sizes after the data: local ones are 0 */
    bool later_size;   /* except the unpacked one */
    bool reuse_offset; /* the central record points at the first member */
    bool zip64;        /* sizes in zip64 extra fields */
    uint64_t offset;   /* claimed */
    const void *extra; /* central extra field, as is */
    size_t extra_len;
} zip_part;

typedef struct zip_lies {
    size_t prefix; /* bytes before the archive */
    size_t gap;    /* bytes between the directory and its end record */
    int n_change;  /* of the number of entries */
    int size_change, offset_change;
    int comment_change; /* of the comment's claimed length */
    bool comment_end;   /* the comment is a second end record */
    bool zip64;         /* a zip64 end record */
    uint64_t zip64_n;   /* claimed there */
    uint16_t disk;
} zip_lies;

void make_zip(plx_sb *out, const zip_part *parts, size_t n, const zip_lies *lies);

/* A tar header and its data. size NULL: the truth, as octal; else these bytes as they are. */
typedef struct tar_part {
    const char *name;
    char type; /* 0: '0' */
    const void *data;
    size_t len;
    const char *link;
    const char *size;
    const char *mode;
    bool bad_sum;
    bool no_data; /* the header alone */
} tar_part;
void make_tar(plx_sb *out, const tar_part *part);
/* A pax record for the next member; value may hold NUL. */
void make_pax(plx_sb *out, const char *key, const void *value, size_t len);
/* The two zero blocks. */
void make_tar_end(plx_sb *out);

/* bytes deflated raw, or as gzip. owner: out. */
void make_deflated(plx_sb *out, const void *bytes, size_t len, bool gzip);
/* gzip of `len` zeros, without holding them. */
void make_gzip_zeros(plx_sb *out, uint64_t len);

#endif

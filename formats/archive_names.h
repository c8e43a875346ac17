/* SPDX-License-Identifier: Apache-2.0
 *
 * What a member of an archive may be called. No name ever becomes a path here, but names are shown, stored and matched,
 * so the ones that only exist to deceive are refused.
 */
#ifndef PLX_FORMATS_ARCHIVE_NAMES_H
#define PLX_FORMATS_ARCHIVE_NAMES_H

#include "core/err.h"
#include "core/str.h"

#include <stdint.h>

enum { PLX_MEMBER_NAME_MAX = 4096, PLX_MEMBER_PART_MAX = 255 };

/* errors: POLICY for empty, absolute, drive, backslash, "..", control characters, too long; UNSUPPORTED for bytes that
 * are not UTF-8; LIMIT for more than max_depth folders. */
bool plx_member_name_check(plx_slice name, uint32_t max_depth, plx_err *err);
/* Where a link points. A hard link's target is a member name; a symbolic one is relative to the link's folder and must
 * not leave the archive. errors: POLICY. */
bool plx_member_link_check(plx_slice name, plx_slice target, bool hard, plx_err *err);

/* The names seen so far, compared without case and without regard to how accents are encoded: ASCII, Latin-1 and Latin
 * Extended-A with combining marks, basic Greek and Cyrillic. {0} is an empty set. */
typedef struct plx_member_names {
    uint64_t *slots;
    size_t n, cap, max_bytes;
} plx_member_names;
/* errors: POLICY when a file of that name is there already, or a file where a folder is needed; LIMIT past max_bytes.
 */
bool plx_member_names_add(plx_member_names *names, plx_slice name, bool is_dir, plx_err *err);
void plx_member_names_free(plx_member_names *names);

#endif

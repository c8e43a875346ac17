/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of file formats: what `plexus check FILE`, `plexus dump FILE`, `plexus help formats` and docs/ list.
 */
#ifndef PLX_FORMATS_FORMAT_H
#define PLX_FORMATS_FORMAT_H

#include "core/ctx.h"
#include "core/str.h"
#include "formats/outline.h"

typedef struct plx_format {
    const char *name, *title;
    const char *extensions; /* "csv tsv txt" */
    const char *reference;  /* specification */
    const char *limits;     /* what is not read, in one sentence */
    /* How sure the first bytes make it: 0..100. Pure. */
    int (*probe)(const uint8_t *head, size_t n, const char *path);
    /* Read the whole file and throw it away; `summary` gets one line ("300 rows, 7 columns"). */
    bool (*check)(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err);
    /* What the file holds, or what `ask->item` names in it. errors: NOTFOUND for that; what `check` says. */
    bool (*outline)(const plx_outline_ask *ask, plx_value **out, plx_err *err);
} plx_format;

extern const plx_format *const plx_formats[]; /* sorted by name, NULL at the end */
const plx_format *plx_format_find(const char *name);
/* The surest format for a file by content, then extension. errors: NOTFOUND, UNSUPPORTED naming what is read. */
bool plx_format_detect(const char *path, const plx_format **out, plx_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass of expat over one part; private to formats/xlsx_*.c.
 */
#ifndef PLX_FORMATS_XLSX_READER_H
#define PLX_FORMATS_XLSX_READER_H

#include "formats/xlsx_parts.h"

#include <expat.h>

typedef struct plx_xlsx_relation {
    const char *id, *target, *type; /* type: the last word of its address, "worksheet" */
} plx_xlsx_relation;

typedef struct plx_xlsx_number_format {
    uint32_t id;
    bool date;
} plx_xlsx_number_format;

typedef struct plx_xlsx_reader {
    plx_xlsx_parts *parts;
    const plx_ctx *ctx;
    plx_zip_file *zip;
    const char *path, *part;
    XML_Parser parser;
    plx_err *err;
    bool failed;
    uint32_t depth, max_depth;
    size_t held, limit; /* bytes kept for the caller or for later parts */
    void (*start)(struct plx_xlsx_reader *r, const char *name, const char **attributes);
    void (*end)(struct plx_xlsx_reader *r, const char *name);
    plx_xlsx_relation *relations;
    size_t n_relations, cap_relations;
    plx_sb text; /* of the shared string being read */
    bool in_t, in_si, in_hint;
    bool in_cell_formats;
    plx_xlsx_number_format *formats;
    size_t n_formats, cap_formats;
} plx_xlsx_reader;

/* Stop with an error that names the part and the line; the first one counts. */
void plx_xlsx_stop(plx_xlsx_reader *r, plx_code code, const char *what);
/* A copy that lives as long as the parts; NULL when it stopped. */
const char *plx_xlsx_keep(plx_xlsx_reader *r, const char *text, size_t len);
/* Room for one more element in an array of at most `most`; false when it stopped. */
bool plx_xlsx_grow(plx_xlsx_reader *r, void *array_ptr, size_t *cap, size_t n, size_t size, size_t most);

/* The name behind its prefix. */
const char *plx_xlsx_local(const char *name);
const char *plx_xlsx_attribute(const char **attributes, const char *name);

/* Handlers of xl/styles.xml and xl/sharedStrings.xml. */
void plx_xlsx_style_start(plx_xlsx_reader *r, const char *name, const char **attributes);
void plx_xlsx_style_end(plx_xlsx_reader *r, const char *name);
void plx_xlsx_string_start(plx_xlsx_reader *r, const char *name, const char **attributes);
void plx_xlsx_string_end(plx_xlsx_reader *r, const char *name);

#endif

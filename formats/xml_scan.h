/* SPDX-License-Identifier: Apache-2.0
 *
 * A forward scanner over XML held in memory: tags, attributes, text. It is for parts whose structure the caller knows
 * and that are too large for a general parser; it does not check that names are well formed or that skipped elements
 * nest. Only UTF-8. A DTD, and every entity that XML itself does not define, is refused.
 */
#ifndef PLX_FORMATS_XML_SCAN_H
#define PLX_FORMATS_XML_SCAN_H

#include "core/err.h"
#include "core/str.h"

typedef struct plx_xml {
    const char *start, *p, *end;
    plx_err *err;
} plx_xml;

/* A start, end or empty tag. */
typedef struct plx_xml_tag {
    plx_slice name; /* without prefix */
    const char *attributes, *attributes_end;
    bool closes, empty;
} plx_xml_tag;

/* Sets the scanner on text[0..len). errors: UNSUPPORTED for another encoding than UTF-8, by its first bytes or its
 * declaration. */
bool plx_xml_begin(plx_xml *x, const char *text, size_t len, plx_err *err);
/* The code, the sentence and the byte where it happened. Returns false. */
bool plx_xml_fail(plx_xml *x, plx_code code, const char *what);

/* The next tag, stepping over text, comments and instructions; *found is false at the end. errors: TRUNCATED, FORMAT,
 * POLICY. */
bool plx_xml_next(plx_xml *x, plx_xml_tag *out, bool *found);
/* The same where the end may not come yet. */
bool plx_xml_inner(plx_xml *x, plx_xml_tag *out);
/* The raw value of an attribute, or {NULL, 0}. */
plx_slice plx_xml_attribute(const plx_xml_tag *tag, const char *name);
/* Text of the element whose start tag was just read, appended to out, entities replaced; the scanner is left after its
 * end tag. errors: FORMAT when it holds another element. Check out->failed later. */
bool plx_xml_text(plx_xml *x, const plx_xml_tag *open, plx_sb *out);
/* Past the end tag that matches `open`, whatever stands between. */
bool plx_xml_skip(plx_xml *x, const plx_xml_tag *open);
/* True when all of it may stand in XML: UTF-8 without control characters other than tab and line ends. */
bool plx_xml_is_text(plx_slice text);

#endif

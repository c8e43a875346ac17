/* SPDX-License-Identifier: Apache-2.0
 *
 * xl/styles.xml, for one question: does this cell style show numbers as dates? And xl/sharedStrings.xml.
 */
#include "formats/xlsx_reader.h"

#include "core/num.h"

/* Excel allows 65 490 cell styles and some hundred formats; both bounds keep the search for a format short. */
enum { MAX_STYLES = 1 << 16, MAX_FORMATS = 1 << 12 };

/* Built-in formats 14..22 and 45..47 show dates or times (ECMA-376 part 1, 18.8.30), 27..36 and 50..58 do in East Asian
 * locales. */
static bool is_builtin_date(uint32_t id)
{
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

/* "[h]", "[mm]", "[ss]": time that has gone by, not a colour or a condition. */
static bool is_elapsed(const char *bracket)
{
    size_t n = strspn(bracket + 1, "hmsHMS");
    return n > 0 && n <= 2 && bracket[n + 1] == ']';
}

/* A format code with y, m, d, h or s outside quotes, escapes and brackets shows a date or a time. */
static bool shows_date(const char *code)
{
    for (const char *c = code; *c && *c != ';'; c++) { /* the first section speaks for positive numbers */
        if (*c == '"' || *c == '[') {
            const char *close = strchr(c + 1, *c == '"' ? '"' : ']');
            if (!close || (*c == '[' && is_elapsed(c))) {
                return close != NULL;
            }
            c = close;
        } else if ((*c == '\\' || *c == '_' || *c == '*') && c[1]) {
            c++;
        } else if (strchr("ymdhsYMDHS", *c)) {
            return true;
        }
    }
    return false;
}

static void cell_format(plx_xlsx_reader *r, bool has_id, uint32_t id)
{
    plx_xlsx_parts *p = r->parts;
    bool date = has_id && is_builtin_date(id);
    for (size_t i = 0; has_id && i < r->n_formats; i++) {
        if (r->formats[i].id == id) {
            date = r->formats[i].date;
        }
    }
    if (plx_xlsx_grow(r, &p->is_date, &p->cap_styles, p->n_styles, sizeof *p->is_date, MAX_STYLES)) {
        p->is_date[p->n_styles++] = date;
    }
}

void plx_xlsx_style_start(plx_xlsx_reader *r, const char *name, const char **attributes)
{
    const char *tag = plx_xlsx_local(name);
    const char *text = plx_xlsx_attribute(attributes, "numFmtId");
    uint64_t id = 0;
    bool has_id = text && plx_parse_u64(text, strlen(text), &id) && id <= UINT32_MAX;
    if (strcmp(tag, "cellXfs") == 0) {
        r->in_cell_formats = true;
    } else if (strcmp(tag, "numFmt") == 0 && has_id) {
        const char *code = plx_xlsx_attribute(attributes, "formatCode");
        if (code && plx_xlsx_grow(r, &r->formats, &r->cap_formats, r->n_formats, sizeof *r->formats, MAX_FORMATS)) {
            r->formats[r->n_formats++] = (plx_xlsx_number_format){(uint32_t)id, shows_date(code)};
        }
    } else if (strcmp(tag, "xf") == 0 && r->in_cell_formats) {
        cell_format(r, has_id, (uint32_t)id);
    }
}

void plx_xlsx_style_end(plx_xlsx_reader *r, const char *name)
{
    if (strcmp(plx_xlsx_local(name), "cellXfs") == 0) {
        r->in_cell_formats = false;
    }
}

void plx_xlsx_string_start(plx_xlsx_reader *r, const char *name, const char **attributes)
{
    const char *tag = plx_xlsx_local(name);
    (void)attributes;
    if (strcmp(tag, "si") == 0) {
        r->in_si = true;
        r->text.len = 0;
    } else if (strcmp(tag, "rPh") == 0) {
        r->in_hint = true;
    } else if (strcmp(tag, "t") == 0) {
        r->in_t = r->in_si && !r->in_hint;
    }
}

void plx_xlsx_string_end(plx_xlsx_reader *r, const char *name)
{
    const char *tag = plx_xlsx_local(name);
    plx_xlsx_parts *p = r->parts;
    if (strcmp(tag, "t") == 0) {
        r->in_t = false;
    } else if (strcmp(tag, "rPh") == 0) {
        r->in_hint = false;
    } else if (strcmp(tag, "si") == 0) {
        r->in_si = false;
        if (r->text.failed) {
            plx_xlsx_stop(r, PLX_E_NOMEM, NULL);
            return;
        }
        size_t len = r->text.len;
        const char *copy = plx_xlsx_keep(r, plx_sb_str(&r->text), len);
        if (copy && plx_xlsx_grow(r, &p->strings, &p->cap_strings, p->n_strings, sizeof *p->strings, SIZE_MAX)) {
            p->strings[p->n_strings++] = (plx_slice){copy, len};
        }
    }
}

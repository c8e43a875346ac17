/* SPDX-License-Identifier: Apache-2.0
 *
 * Relationships and the workbook part, through expat, and the order in which parts are read. A DTD in any part is
 * refused: no writer of workbooks makes one, and entities are how XML bombs are built.
 */
#include "formats/xlsx_parts.h"

#include "core/alloc.h"
#include "formats/xlsx_reader.h"

/* Bounds of the searches that go over all of them, far above what any program writes. */
enum { MAX_RELATIONS = 1 << 14, MAX_SHEETS = 1 << 12, CHUNK = 1 << 20 };

void plx_xlsx_stop(plx_xlsx_reader *r, plx_code code, const char *what)
{
    if (r->failed) {
        return;
    }
    r->failed = true;
    XML_StopParser(r->parser, XML_FALSE);
    if (code == PLX_E_NOMEM) {
        plx_fail_nomem(r->err, 0);
    } else {
        plx_fail(r->err, code, "%s", what);
        plx_note(r->err, "line %lu of part %s", (unsigned long)XML_GetCurrentLineNumber(r->parser), r->part);
    }
    plx_note(r->err, "%s", r->path);
}

static bool hold(plx_xlsx_reader *r, size_t bytes)
{
    if (bytes > r->limit - r->held) {
        plx_xlsx_stop(r, PLX_E_LIMIT, "the workbook's texts and lists take more memory than is allowed");
        return false;
    }
    r->held += bytes;
    return true;
}

const char *plx_xlsx_keep(plx_xlsx_reader *r, const char *text, size_t len)
{
    const char *copy = "";
    if (len > 0) {
        copy = hold(r, len + 1) ? plx_arena_strndup(r->parts->arena, text, len) : NULL;
        if (!copy) {
            plx_xlsx_stop(r, PLX_E_NOMEM, NULL);
        }
    }
    return copy;
}

bool plx_xlsx_grow(plx_xlsx_reader *r, void *array_ptr, size_t *cap, size_t n, size_t size, size_t most)
{
    if (n >= most) {
        plx_xlsx_stop(r, PLX_E_LIMIT, "the workbook lists more of these than any program can make");
        return false;
    }
    if (!hold(r, size)) {
        return false;
    }
    if (!plx_grow(array_ptr, cap, n + 1, size)) {
        plx_xlsx_stop(r, PLX_E_NOMEM, NULL);
        return false;
    }
    return true;
}

const char *plx_xlsx_local(const char *name)
{
    const char *colon = strrchr(name, ':');
    return colon ? colon + 1 : name;
}

const char *plx_xlsx_attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i]; i += 2) {
        if (strcmp(attributes[i], name) == 0) {
            return attributes[i + 1];
        }
    }
    return NULL;
}

static bool is_true(const char *text)
{
    return text && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0);
}

/* The part a target names, seen from a folder that ends in "/" or is "". NULL when it leads out of the workbook, or
 * when it stopped. */
static const char *resolve(plx_xlsx_reader *r, const char *folder, const char *target)
{
    plx_sb path = {0};
    bool inside = true;
    if (target[0] != '/') {
        plx_sb_text(&path, folder);
    }
    for (const char *p = target; inside && *p;) {
        size_t n = strcspn(p, "/");
        if (n == 2 && p[0] == '.' && p[1] == '.') {
            inside = path.len > 0;
            path.len -= inside;
            while (path.len > 0 && path.ptr[path.len - 1] != '/') {
                path.len--;
            }
        } else if (n > 0 && !(n == 1 && p[0] == '.')) {
            plx_sb_bytes(&path, p, n + (p[n] == '/'));
        }
        p += n + (p[n] == '/');
    }
    const char *kept = NULL;
    if (path.failed) {
        plx_xlsx_stop(r, PLX_E_NOMEM, NULL);
    } else if (!inside) {
        plx_xlsx_stop(r, PLX_E_POLICY, "a relationship leads out of the workbook");
    } else {
        kept = plx_xlsx_keep(r, plx_sb_str(&path), path.len);
    }
    plx_sb_free(&path);
    return kept;
}

/* The folder of the part that relationships are about: "xl/_rels/workbook.xml.rels" -> "xl/". */
static const char *folder_of_relations(plx_xlsx_reader *r)
{
    const char *rels = strstr(r->part, "_rels/");
    return plx_xlsx_keep(r, r->part, rels ? (size_t)(rels - r->part) : 0);
}

static void relationship(plx_xlsx_reader *r, const char *name, const char **attributes)
{
    const char *id = plx_xlsx_attribute(attributes, "Id");
    const char *target = plx_xlsx_attribute(attributes, "Target");
    const char *type = plx_xlsx_attribute(attributes, "Type");
    const char *mode = plx_xlsx_attribute(attributes, "TargetMode");
    if (strcmp(plx_xlsx_local(name), "Relationship") != 0 || !id || !target || !type ||
        (mode && strcmp(mode, "Internal") != 0)) {
        return;
    }
    const char *slash = strrchr(type, '/');
    type = slash ? slash + 1 : type;
    const char *folder = folder_of_relations(r);
    plx_xlsx_relation made = {.target = folder ? resolve(r, folder, target) : NULL};
    made.id = made.target ? plx_xlsx_keep(r, id, strlen(id)) : NULL;
    made.type = made.id ? plx_xlsx_keep(r, type, strlen(type)) : NULL;
    if (made.type && plx_xlsx_grow(r, &r->relations, &r->cap_relations, r->n_relations, sizeof made, MAX_RELATIONS)) {
        r->relations[r->n_relations++] = made;
    }
}

static void add_sheet(plx_xlsx_reader *r, const char *title, const plx_xlsx_relation *relation)
{
    plx_xlsx_parts *p = r->parts;
    for (size_t i = 0; i < p->n_sheets; i++) {
        if (strcmp(p->sheets[i].name, title) == 0) {
            plx_xlsx_stop(r, PLX_E_FORMAT, "two sheets of the workbook have the same name");
            return;
        }
    }
    const char *kept = plx_xlsx_keep(r, title, strlen(title));
    if (kept && plx_xlsx_grow(r, &p->sheets, &p->cap_sheets, p->n_sheets, sizeof *p->sheets, MAX_SHEETS)) {
        p->sheets[p->n_sheets++] = (plx_xlsx_sheet){kept, relation->target, strcmp(relation->type, "worksheet") == 0};
    }
}

static void workbook(plx_xlsx_reader *r, const char *name, const char **attributes)
{
    if (strcmp(plx_xlsx_local(name), "workbookPr") == 0) {
        r->parts->is_1904 = is_true(plx_xlsx_attribute(attributes, "date1904"));
    }
    if (strcmp(plx_xlsx_local(name), "sheet") != 0) {
        return;
    }
    const char *title = plx_xlsx_attribute(attributes, "name");
    const char *id = NULL;
    for (size_t i = 0; attributes[i]; i += 2) {
        if (strcmp(plx_xlsx_local(attributes[i]), "id") == 0 && strchr(attributes[i], ':')) {
            id = attributes[i + 1];
        }
    }
    if (!title || !id) {
        plx_xlsx_stop(r, PLX_E_FORMAT, "a sheet of the workbook has no name or no part");
        return;
    }
    for (size_t i = 0; i < r->n_relations; i++) {
        if (strcmp(r->relations[i].id, id) == 0) {
            add_sheet(r, title, &r->relations[i]);
            return;
        }
    }
    plx_xlsx_stop(r, PLX_E_FORMAT, "a sheet of the workbook points to no part");
}

static void on_start(void *payload, const XML_Char *name, const XML_Char **attributes)
{
    plx_xlsx_reader *r = payload;
    if (++r->depth > r->max_depth) {
        plx_xlsx_stop(r, PLX_E_LIMIT, "elements are nested too deep");
    } else if (!r->failed) {
        r->start(r, name, attributes);
    }
}

static void on_end(void *payload, const XML_Char *name)
{
    plx_xlsx_reader *r = payload;
    r->depth--;
    if (!r->failed && r->end) {
        r->end(r, name);
    }
}

static void on_text(void *payload, const XML_Char *text, int len)
{
    plx_xlsx_reader *r = payload;
    if (r->in_t) {
        plx_sb_bytes(&r->text, text, (size_t)len);
    }
}

static void on_doctype(void *payload, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                       int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    plx_xlsx_stop(payload, PLX_E_POLICY, "a document type declaration is refused: workbooks have none");
}

static void *resize(void *ptr, size_t size)
{
    return plx_realloc_array(ptr, size, 1);
}

/* expat counts in int, so it gets the part in pieces. */
static enum XML_Status feed(XML_Parser parser, const plx_buf *xml)
{
    size_t at = 0;
    for (;;) {
        size_t n = xml->len - at < CHUNK ? xml->len - at : CHUNK;
        enum XML_Status status = XML_Parse(parser, (const char *)xml->ptr + at, (int)n, at + n == xml->len);
        at += n;
        if (status != XML_STATUS_OK || at == xml->len) {
            return status;
        }
    }
}

/* One part through r->start and r->end. */
static bool read_part(plx_xlsx_reader *r, const char *part)
{
    static const XML_Memory_Handling_Suite memory = {plx_alloc, resize, plx_free};
    plx_buf xml;
    r->part = part;
    r->depth = 0;
    if (!plx_zip_load(r->ctx, r->zip, part, &xml, r->err)) {
        return false;
    }
    r->parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (!r->parser) {
        plx_buf_free(&xml);
        return plx_fail_nomem(r->err, 0);
    }
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    if (feed(r->parser, &xml) != XML_STATUS_OK) {
        enum XML_Error code = XML_GetErrorCode(r->parser);
        plx_xlsx_stop(r, code == XML_ERROR_NO_MEMORY ? PLX_E_NOMEM : PLX_E_FORMAT, XML_ErrorString(code));
    }
    XML_ParserFree(r->parser);
    plx_buf_free(&xml);
    return !r->failed;
}

static const char *related(const plx_xlsx_reader *r, const char *type)
{
    for (size_t i = 0; i < r->n_relations; i++) {
        if (strcmp(r->relations[i].type, type) == 0) {
            return r->relations[i].target;
        }
    }
    return NULL;
}

/* The workbook part, which the relationships of the whole package name. */
static bool find_main(plx_xlsx_reader *r, const char **main_part)
{
    r->start = relationship;
    if (plx_zip_has(r->zip, "_rels/.rels") && !read_part(r, "_rels/.rels")) {
        return false;
    }
    const char *found = related(r, "officeDocument");
    *main_part = found ? found : "xl/workbook.xml";
    if (!plx_zip_has(r->zip, *main_part)) {
        plx_fail(r->err, PLX_E_FORMAT, "the zip holds no workbook");
        return plx_note(r->err, "%s", r->path);
    }
    if (plx_ends_with(*main_part, ".bin")) {
        plx_fail(r->err, PLX_E_UNSUPPORTED, "the workbook is a binary one (xlsb), which is not read");
        return plx_note(r->err, "%s", r->path);
    }
    return true;
}

static bool read_all(plx_xlsx_reader *r)
{
    const char *main_part;
    if (!find_main(r, &main_part)) {
        return false;
    }
    const char *slash = strrchr(main_part, '/');
    const char *base = slash ? slash + 1 : main_part;
    r->n_relations = 0;
    const char *relations =
        plx_arena_printf(r->parts->arena, "%.*s_rels/%s.rels", (int)(base - main_part), main_part, base);
    if (!relations) {
        return plx_fail_nomem(r->err, 0);
    }
    if (!read_part(r, relations)) {
        return false;
    }
    r->start = workbook;
    if (!read_part(r, main_part)) {
        return false;
    }
    const char *strings = related(r, "sharedStrings");
    r->start = plx_xlsx_string_start;
    r->end = plx_xlsx_string_end;
    if (strings && !read_part(r, strings)) {
        return false;
    }
    const char *styles = related(r, "styles");
    r->start = plx_xlsx_style_start;
    r->end = plx_xlsx_style_end;
    if (styles && !read_part(r, styles)) {
        return false;
    }
    if (r->parts->n_sheets == 0) {
        plx_fail(r->err, PLX_E_FORMAT, "the workbook has no sheets");
        return plx_note(r->err, "%s", r->path);
    }
    return true;
}

bool plx_xlsx_read_parts(const plx_ctx *ctx, plx_zip_file *zip, const char *path, plx_xlsx_parts *out, plx_err *err)
{
    plx_limits limits = plx_limits_of(ctx);
    plx_xlsx_reader r = {.parts = out, .ctx = ctx, .zip = zip, .path = path, .err = err};
    r.limit = limits.memory_bytes < SIZE_MAX ? (size_t)limits.memory_bytes : SIZE_MAX;
    r.max_depth = limits.depth;
    out->arena = plx_arena_new(0); /* bounded by what the reader says it holds */
    bool ok = out->arena ? read_all(&r) : plx_fail_nomem(err, 0);
    plx_free(r.relations);
    plx_free(r.formats);
    plx_sb_free(&r.text);
    return ok;
}

void plx_xlsx_parts_free(plx_xlsx_parts *parts)
{
    plx_free(parts->sheets);
    plx_free(parts->strings);
    plx_free(parts->is_date);
    plx_arena_free(parts->arena);
    *parts = (plx_xlsx_parts){0};
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the demo's page from catalog queries; the pictures are those of `plexus plot`.
 */
#include "cli/demo_page.h"

#include "cli/board_print.h"

#include "core/alloc.h"
#include "core/num.h"
#include "core/tty.h"
#include "registry/plot.h"

#include <errno.h>

enum {
    MAX_COLS = 8,
};

static const char page_head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Plexus demo</title>\n<style>\n"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}\n"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.2rem;border-bottom:1px solid #ccc}h3{font-size:1rem}\n"
    "table{border-collapse:collapse;margin:.6rem 0;font-size:.86rem}\n"
    "th,td{border:1px solid #ddd;padding:.2rem .5rem;text-align:left;vertical-align:top}th{background:#f3f3f3}\n"
    "svg{max-width:100%;height:auto}\n"
    ".note{background:#fff7e0;border-left:4px solid #e0a800;padding:.4rem .8rem}\n"
    "code{background:#f3f3f3;padding:0 .25rem}\n"
    "</style>\n</head>\n<body>\n<h1>Plexus demo</h1>\n"
    "<p class=\"note\">These are micro-sets built into the program: a few well-known facts transcribed from the papers "
    "cited, or synthetic values, to show how things work. They are not data to analyse. Real data: <code>plexus "
    "ls</code>, "
    "then <code>plexus get connectome/white1986-whole</code>.</p>\n";

static const char page_tail[] = "<h2>Next</h2>\n<p><code>plexus ls</code> lists every data set there is, "
                                "<code>plexus show REF</code> says where each byte came from and what was changed, "
                                "<code>plexus help</code> teaches the rest.</p>\n</body>\n</html>\n";

static const char *cell_text(const plx_cell *cell, char number[PLX_NUM_TEXT], char *text, size_t cap)
{
    switch (cell->type) {
    case PLX_CELL_INT:
        plx_print_i64(cell->i64, number);
        return number;
    case PLX_CELL_REAL: {
        size_t len = plx_print_f64(cell->f64, number);
        if (len > 2 && strcmp(number + len - 2, ".0") == 0) {
            number[len - 2] = '\0';
        }
        return number;
    }
    case PLX_CELL_TEXT:
        snprintf(text, cap, "%.*s", (int)(cell->text.len < cap ? cell->text.len : cap - 1), cell->text.ptr);
        return text;
    case PLX_CELL_NULL:
    case PLX_CELL_BLOB:
        break;
    }
    return "";
}

static bool into_grid(void *payload, size_t n_cols, const char *const *names, const plx_cell *cells, plx_err *err)
{
    char number[MAX_COLS][PLX_NUM_TEXT], text[MAX_COLS][512];
    const char *row[MAX_COLS];
    (void)names;
    if (!cells) { /* no rows */
        return true;
    }
    for (size_t i = 0; i < n_cols && i < MAX_COLS; i++) {
        row[i] = cell_text(&cells[i], number[i], text[i], sizeof text[i]);
    }
    return plx_grid_row(payload, row) || plx_fail_nomem(err, 0);
}

static bool table(plx_catalog *catalog, FILE *to, const char *sql, const char *ref, size_t n_cols,
                  const char *const *headers, const char *when_empty, plx_err *err)
{
    static const plx_align align[MAX_COLS] = {PLX_LEFT};
    plx_grid *grid = plx_grid_new(n_cols, headers, align);
    if (!grid) {
        return plx_fail_nomem(err, 0);
    }
    bool ok = plx_catalog_query(catalog, sql, &ref, ref ? 1 : 0, 0, into_grid, grid, err);
    if (ok && plx_grid_rows(grid) == 0) {
        fprintf(to, "<p>%s</p>\n", when_empty);
    } else if (ok) {
        ok = plx_grid_print_html(grid, to, err);
    }
    plx_grid_free(grid);
    return ok;
}

/* Escaped for element content and double-quoted attributes. */
static void escaped(FILE *to, plx_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char *entity = plx_xml_entity(text.ptr[i]);
        if (entity) {
            fputs(entity, to);
        } else {
            fputc(text.ptr[i], to);
        }
    }
}

typedef struct section {
    const plx_ctx *ctx;
    const plx_store *store;
    plx_catalog *catalog;
    FILE *to;
} section;

/* The matrix of the record with this digest. */
static bool picture(const section *s, const char *ref, plx_slice hex, plx_err *err)
{
    plx_digest digest;
    plx_record *record = NULL;
    plx_drawing drawing = {0};
    plx_arena *arena = plx_arena_new(0);
    bool ok = arena ? true : plx_fail_nomem(err, 0);
    if (ok && !plx_digest_parse(hex.ptr, hex.len, &digest)) {
        ok = plx_fail(err, PLX_E_SCHEMA, "the catalog gives %s no proper digest", ref);
    }
    ok = ok && plx_record_open(s->ctx, s->store, &digest, &record, err) &&
         plx_plot(record, ref, "", PLX_PLOT_MATRIX, arena, &drawing, err) && plx_drawing_svg(&drawing, s->to, err);
    plx_drawing_free(&drawing);
    plx_record_close(record);
    plx_arena_free(arena);
    return ok;
}

static bool connectome(void *payload, size_t n_cols, const char *const *names, const plx_cell *cells, plx_err *err)
{
    static const char *const counted[] = {"count", "canonical neurons", "all cells"};
    static const char *const changed[] = {"done", "rule", "to", "before", "after", "why"};
    static const char *const strongest[] = {"from", "to", "kind", "weight"};
    section *s = payload;
    char ref[512];
    (void)n_cols;
    (void)names;
    if (!cells) {
        return true;
    }
    snprintf(ref, sizeof ref, "%.*s", (int)cells[0].text.len, cells[0].text.ptr);
    fputs("<h2>", s->to);
    escaped(s->to, cells[0].text);
    fputs("</h2>\n<p>", s->to);
    escaped(s->to, cells[1].text);
    fputs("</p>\n", s->to);
    if (!picture(s, ref, cells[2].text, err)) {
        return false;
    }
    fputs("<h3>Counts</h3>\n", s->to);
    if (!table(
            s->catalog, s->to,
            "SELECT name, max(CASE scope WHEN 'canonical' THEN value END), max(CASE scope WHEN 'all' THEN value END) "
            "FROM \"count\" AS c JOIN record AS r ON r.id = c.record_id WHERE r.ref = ?1 GROUP BY name",
            ref, 3, counted, "none", err)) {
        return false;
    }
    fputs("<h3>What was changed on the way in</h3>\n", s->to);
    if (!table(s->catalog, s->to,
               "SELECT action, rule, subject, before, after, reason FROM change AS c JOIN record AS r ON r.id = "
               "c.record_id "
               "WHERE r.ref = ?1 ORDER BY ordinal",
               ref, 6, changed, "Nothing.", err)) {
        return false;
    }
    fputs("<h3>Strongest connections</h3>\n", s->to);
    return table(
        s->catalog, s->to,
        "SELECT pre, post, kind, weight FROM synapse WHERE ref = ?1 ORDER BY weight DESC, pre, post, kind LIMIT 8", ref,
        4, strongest, "none", err);
}

static bool boards(const plx_ctx *ctx, const plx_store *store, FILE *to, plx_err *err)
{
    plx_board *all;
    size_t n;
    plx_arena *arena = plx_arena_new(0);
    bool ok = arena ? plx_boards_make(ctx, store, NULL, arena, &all, &n, err) : plx_fail_nomem(err, 0);
    if (ok && n > 0) {
        fputs(
            "<h2>Boards</h2>\n<p class=\"note\">Models on a circuit of 13 neurons: they show what a board is, and say "
            "nothing about the models. Real boards: <code>plexus run connectome-link</code>.</p>\n",
            to);
    }
    for (size_t i = 0; ok && i < n; i++) {
        ok = plx_board_html(&all[i], arena, to, err);
    }
    plx_arena_free(arena);
    return ok;
}

bool plx_demo_page(const plx_ctx *ctx, const plx_store *store, plx_catalog *catalog, FILE *to, plx_err *err)
{
    static const char *const listed[] = {"data set", "kind", "what it is", "licence"};
    section s = {ctx, store, catalog, to};
    fputs(page_head, to);
    fputs("<h2>In this store</h2>\n", to);
    if (!table(catalog, to, "SELECT ref, kind, title, licence FROM datasets ORDER BY ref", NULL, 4, listed, "Nothing.",
               err) ||
        !plx_catalog_query(
            catalog,
            "SELECT d.ref, d.title, lower(hex(r.sha256)) FROM dataset AS d JOIN record AS r ON r.ref = d.ref "
            "WHERE r.kind = 'connectome' ORDER BY d.ref, r.unit",
            NULL, 0, 0, connectome, &s, err)) {
        return false;
    }
    if (!boards(ctx, store, to, err)) {
        return false;
    }
    fputs(page_tail, to);
    return (fflush(to) == 0 && !ferror(to)) || plx_fail_sys(err, errno, "the page cannot be written");
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the demo's page from catalog queries. Matrix: rows send, columns receive, ordered by type and name; chemical
 * synapses blue, gap junctions orange, both purple, darker with the logarithm of the weight.
 */
#include "cli/demo_page.h"

#include "core/alloc.h"
#include "core/num.h"
#include "core/tty.h"

#include <errno.h>
#include <math.h>

enum { MAX_COLS = 8, MATRIX_MAX = 400, CELL = 14, LABEL = 64 };

static const char page_head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Plexus demo</title>\n<style>\n"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}\n"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.2rem;border-bottom:1px solid #ccc}h3{font-size:1rem}\n"
    "table{border-collapse:collapse;margin:.6rem 0;font-size:.86rem}\n"
    "th,td{border:1px solid #ddd;padding:.2rem .5rem;text-align:left;vertical-align:top}th{background:#f3f3f3}\n"
    "svg{max-width:100%;height:auto}svg text{font:9px system-ui,sans-serif;fill:#333}\n"
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
        switch (text.ptr[i]) {
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        case '&':
            fputs("&amp;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        default:
            fputc(text.ptr[i], to);
        }
    }
}

typedef struct matrix {
    FILE *to;
    size_t n;
} matrix;

static bool matrix_label(void *payload, size_t n_cols, const char *const *names, const plx_cell *cells, plx_err *err)
{
    matrix *m = payload;
    (void)n_cols;
    (void)names;
    (void)err;
    if (!cells) {
        return true;
    }
    size_t at = LABEL + m->n++ * CELL;
    fprintf(m->to, "<text x=\"%d\" y=\"%zu\" text-anchor=\"end\">", LABEL - 4, at + CELL - 4);
    escaped(m->to, cells[0].text);
    fprintf(m->to, "</text><text transform=\"translate(%zu %d) rotate(-90)\">", at + CELL - 4, LABEL - 4);
    escaped(m->to, cells[0].text);
    fputs("</text>\n", m->to);
    return true;
}

static bool matrix_cell(void *payload, size_t n_cols, const char *const *names, const plx_cell *cells, plx_err *err)
{
    matrix *m = payload;
    static const char *const color[] = {"#1f77b4", "#ff7f0e", "#7b3fa0"};
    (void)n_cols;
    (void)names;
    (void)err;
    if (!cells) {
        return true;
    }
    int64_t row = cells[0].i64, col = cells[1].i64, kinds = cells[2].i64;
    double weight = cells[3].f64;
    double opacity = 0.35 + 0.2 * log2(1.0 + weight);
    fprintf(m->to, "<rect x=\"%lld\" y=\"%lld\" width=\"%d\" height=\"%d\" fill=\"%s\" fill-opacity=\"%.2f\"><title>",
            (long long)(LABEL + col * CELL), (long long)(LABEL + row * CELL), CELL - 1, CELL - 1,
            color[kinds >= 1 && kinds <= 3 ? kinds - 1 : 2], opacity < 1 ? opacity : 1.0);
    escaped(m->to, cells[4].text);
    fputs("</title></rect>\n", m->to);
    return true;
}

#define ORDERED                                                                                                        \
    "WITH o AS (SELECT label, row_number() OVER (ORDER BY type, label) - 1 AS i FROM neuron "                          \
    "WHERE ref = ?1 AND label IN (SELECT pre FROM synapse WHERE ref = ?1 UNION SELECT post FROM synapse WHERE ref = "  \
    "?1)) "

static bool one_count(void *payload, size_t n_cols, const char *const *names, const plx_cell *cells, plx_err *err)
{
    (void)n_cols;
    (void)names;
    (void)err;
    *(int64_t *)payload = cells ? cells[0].i64 : 0;
    return true;
}

static bool adjacency(plx_catalog *catalog, FILE *to, const char *ref, plx_err *err)
{
    int64_t n = 0;
    if (!plx_catalog_query(catalog, ORDERED "SELECT count(*) FROM o", &ref, 1, 0, one_count, &n, err)) {
        return false;
    }
    if (n == 0 || n > MATRIX_MAX) {
        return true;
    }
    matrix m = {.to = to};
    long long side = LABEL + n * CELL + 1;
    fprintf(to, "<svg viewBox=\"0 0 %lld %lld\" width=\"%lld\" role=\"img\" aria-label=\"adjacency matrix\">\n", side,
            side, side);
    fprintf(to, "<rect x=\"%d\" y=\"%d\" width=\"%lld\" height=\"%lld\" fill=\"#f7f7f7\"/>\n", LABEL, LABEL,
            (long long)n * CELL, (long long)n * CELL);
    bool ok =
        plx_catalog_query(catalog, ORDERED "SELECT label FROM o ORDER BY i", &ref, 1, 0, matrix_label, &m, err) &&
        plx_catalog_query(catalog,
                          ORDERED "SELECT a.i, b.i, sum(CASE s.kind WHEN 'chemical' THEN 1 ELSE 2 END), "
                                  "sum(s.weight), s.pre || ' to ' || s.post || ': ' || "
                                  "group_concat(s.kind || ' ' || CAST(s.weight AS INTEGER), ', ') "
                                  "FROM synapse AS s JOIN o AS a ON a.label = s.pre JOIN o AS b ON b.label = s.post "
                                  "WHERE s.ref = ?1 GROUP BY a.i, b.i ORDER BY a.i, b.i",
                          &ref, 1, 0, matrix_cell, &m, err);
    fputs("</svg>\n<p>Rows send, columns receive. Blue chemical, orange gap junction, purple both; darker is "
          "stronger.</p>\n",
          to);
    return ok;
}

typedef struct section {
    plx_catalog *catalog;
    FILE *to;
} section;

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
    if (!adjacency(s->catalog, s->to, ref, err)) {
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

bool plx_demo_page(plx_catalog *catalog, FILE *to, plx_err *err)
{
    static const char *const listed[] = {"data set", "kind", "what it is", "licence"};
    section s = {catalog, to};
    fputs(page_head, to);
    fputs("<h2>In this store</h2>\n", to);
    if (!table(catalog, to, "SELECT ref, kind, title, licence FROM datasets ORDER BY ref", NULL, 4, listed, "Nothing.",
               err) ||
        !plx_catalog_query(catalog, "SELECT ref, title FROM datasets WHERE kind = 'connectome' ORDER BY ref", NULL, 0,
                           0, connectome, &s, err)) {
        return false;
    }
    fputs(page_tail, to);
    return (fflush(to) == 0 && !ferror(to)) || plx_fail_sys(err, errno, "the page cannot be written");
}

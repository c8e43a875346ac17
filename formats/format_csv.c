/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV and TSV in the table of formats.
 */
#include "formats/csv.h"
#include "formats/format.h"

#include <string.h>

static bool is_named(const char *path)
{
    static const char *const ends[] = {".csv", ".tsv", ".tab", ".csv.gz", ".tsv.gz", ".tab.gz", NULL};
    for (size_t i = 0; ends[i]; i++) {
        if (plx_ends_with(path, ends[i])) {
            return true;
        }
    }
    return false;
}

/* How many of `c` the line holds; *end is its line feed or the end of the head. */
static size_t count(const uint8_t *line, const uint8_t *stop, char c, const uint8_t **end)
{
    size_t n = 0;
    for (; line < stop && *line != '\n'; line++) {
        n += *line == (uint8_t)c;
    }
    *end = line;
    return n;
}

/* The first two lines are complete and hold one delimiter equally often. */
static bool looks_tabular(const uint8_t *head, size_t n)
{
    static const char delimiters[] = ",\t;|";
    for (size_t i = 0; delimiters[i]; i++) {
        const uint8_t *end, *stop = head + n;
        size_t first = count(head, stop, delimiters[i], &end);
        if (first == 0 || end == stop || end + 1 == stop) {
            continue;
        }
        if (count(end + 1, stop, delimiters[i], &end) == first) {
            return true;
        }
    }
    return false;
}

static int probe(const uint8_t *head, size_t n, const char *path)
{
    if (n == 0 || memchr(head, 0, n)) {
        return 0;
    }
    bool tabular = looks_tabular(head, n);
    if (is_named(path)) {
        return tabular ? 80 : 60;
    }
    return tabular ? 30 : plx_ends_with(path, ".txt") ? 10 : 0;
}

static bool check_rows(plx_csv *csv, plx_sb *summary, plx_err *err)
{
    const plx_slice *fields = NULL;
    unsigned long long rows = 0;
    bool ok;
    while ((ok = plx_csv_next(csv, &fields, err)) && fields) {
        rows++;
    }
    if (ok) {
        size_t columns = plx_csv_n_columns(csv);
        char delimiter = plx_csv_delimiter(csv);
        plx_sb_printf(summary, "%llu row%s, %zu column%s", rows, rows == 1 ? "" : "s", columns,
                      columns == 1 ? "" : "s");
        if (columns > 1) {
            plx_sb_printf(summary, delimiter == '\t' ? ", separated by tabs" : ", separated by '%c'", delimiter);
        }
    }
    return ok && (!summary->failed || plx_fail_nomem(err, 64));
}

static bool open_file(const plx_ctx *ctx, const char *path, const plx_csv_opts *opts, plx_source **source,
                      plx_csv **csv, plx_err *err)
{
    if (!plx_source_file(ctx, path, true, source, err)) {
        return false;
    }
    if (!plx_csv_open(ctx, *source, opts, csv, err)) {
        plx_source_close(*source);
        return false;
    }
    return true;
}

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_source *source;
    plx_csv *csv;
    if (!open_file(ctx, path, NULL, &source, &csv, err)) {
        return false;
    }
    bool ok = check_rows(csv, summary, err);
    plx_csv_close(csv);
    plx_source_close(source);
    return ok;
}

static bool read_table(const plx_outline_ask *ask, const plx_csv_opts *opts, plx_table *table, plx_err *err)
{
    plx_source *source;
    plx_csv *csv;
    if (!open_file(ask->ctx, ask->path, opts, &source, &csv, err)) {
        return false;
    }
    bool ok = plx_csv_read_table(csv, NULL, 0, table, err);
    plx_csv_close(csv);
    plx_source_close(source);
    return ok;
}

static bool outline(const plx_outline_ask *ask, plx_value **out, plx_err *err)
{
    static const plx_csv_opts bare = {.no_header = true};
    plx_table table = {0};
    plx_err problem;
    plx_err_clear(&problem);
    bool named = read_table(ask, NULL, &table, &problem);
    /* A column without a name, or two of one name: its first row then counts as data. */
    if (!named && (problem.code != PLX_E_FORMAT || !read_table(ask, &bare, &table, NULL))) {
        if (err) {
            *err = problem;
        }
        return false;
    }
    bool ok = plx_outline_table(ask, &table, out, err);
    plx_table_free(&table);
    if (ok && !named && (!ask->item || !*ask->item)) {
        ok = plx_outline_note(ask->arena, *out, "its first line names no columns") || plx_fail_nomem(err, 0);
    }
    return ok;
}

extern const plx_format plx_format_csv;
const plx_format plx_format_csv = {
    .name = "csv",
    .title = "Comma or tab separated table",
    .extensions = "csv tsv tab txt",
    .reference = "RFC 4180",
    .limits = "UTF-8 only, plain or under gzip; one-byte delimiters and doubled quotes, no backslash escapes.",
    .probe = probe,
    .check = check,
    .outline = outline,
};

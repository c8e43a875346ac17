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

static bool check(const plx_ctx *ctx, const char *path, plx_sb *summary, plx_err *err)
{
    plx_source *source;
    plx_csv *csv;
    if (!plx_source_file(ctx, path, true, &source, err)) {
        return false;
    }
    if (!plx_csv_open(ctx, source, NULL, &csv, err)) {
        plx_source_close(source);
        return false;
    }
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
    plx_csv_close(csv);
    plx_source_close(source);
    return ok && (!summary->failed || plx_fail_nomem(err, 64));
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
};

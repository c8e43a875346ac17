/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV: rows and typed table of any bytes, under options taken from the first byte. Rows written back must read back
 * equal, and the table must have as many rows as were counted one by one.
 */
#include "fuzz/fuzz.h"

#include "formats/csv.h"

#include <stdlib.h>

static void expect_error(const plx_err *err)
{
    PLX_FUZZ_EXPECT(err->code == PLX_E_FORMAT || err->code == PLX_E_TRUNCATED || err->code == PLX_E_LIMIT);
    PLX_FUZZ_EXPECT(err->what[0] != '\0');
}

/* Rows as canonical CSV text; false when the input is refused. */
static bool read_rows(const plx_ctx *ctx, const void *data, size_t size, const plx_csv_opts *opts, plx_sb *text,
                      size_t *n_rows)
{
    plx_err err = {0};
    plx_source *source = NULL;
    plx_csv *csv = NULL;
    const plx_slice *fields = NULL;
    *n_rows = 0;
    plx_sb_char(text, '\n'); /* a blank line, so that a byte order mark in the first field stays what it is */
    bool ok = plx_source_mem("input", data, size, &source, &err) && plx_csv_open(ctx, source, opts, &csv, &err);
    while (ok && (ok = plx_csv_next(csv, &fields, &err)) && fields) {
        for (size_t i = 0; i < plx_csv_n_columns(csv); i++) {
            if (i > 0) {
                plx_sb_char(text, ',');
            }
            plx_csv_write_field(text, fields[i], ',');
            PLX_FUZZ_EXPECT(plx_csv_column_of(csv, i) >= 1 && plx_csv_line(csv) >= 1);
        }
        if (plx_csv_n_columns(csv) == 1 && fields[0].len == 0) {
            plx_sb_text(text, "\"\""); /* else the line would be blank */
        }
        plx_sb_char(text, '\n');
        ++*n_rows;
    }
    if (!ok) {
        expect_error(&err);
    }
    plx_csv_close(csv);
    plx_source_close(source);
    return ok;
}

static bool read_table(const plx_ctx *ctx, const void *data, size_t size, const plx_csv_opts *opts, plx_table *table)
{
    plx_err err = {0};
    plx_source *source = NULL;
    plx_csv *csv = NULL;
    bool ok = plx_source_mem("input", data, size, &source, &err) && plx_csv_open(ctx, source, opts, &csv, &err) &&
              plx_csv_read_table(csv, NULL, 0, table, &err);
    if (!ok) {
        expect_error(&err);
    }
    plx_csv_close(csv);
    plx_source_close(source);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    plx_ctx ctx = plx_fuzz_ctx();
    unsigned flags = data[0];
    plx_csv_opts opts = {
        .comment = flags & 1 ? '#' : '\0',
        .no_header = flags & 2,
        .trim = flags & 4,
        .decimal_comma = flags & 8,
        .ragged = flags & 16 ? PLX_RAGGED_PAD : PLX_RAGGED_ERROR,
        .quote = flags & 32 ? 1 : 0,
        .delimiter = flags & 64 ? ';' : '\0',
    };
    plx_sb text = {0}, again = {0};
    plx_table table = {0};
    size_t n_rows, n_again;
    bool rows_ok = read_rows(&ctx, data + 1, size - 1, &opts, &text, &n_rows);
    bool table_ok = read_table(&ctx, data + 1, size - 1, &opts, &table);
    PLX_FUZZ_EXPECT(rows_ok == table_ok);
    if (table_ok) {
        PLX_FUZZ_EXPECT(table.n_rows == n_rows);
        plx_csv_opts plain = {.delimiter = ',', .no_header = true};
        PLX_FUZZ_EXPECT(read_rows(&ctx, plx_sb_str(&text), text.len, &plain, &again, &n_again));
        PLX_FUZZ_EXPECT(n_again == n_rows && again.len == text.len);
        PLX_FUZZ_EXPECT(memcmp(again.ptr, text.ptr, text.len) == 0);
    }
    plx_table_free(&table);
    plx_sb_free(&text);
    plx_sb_free(&again);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV and TSV: RFC 4180 quoting, any one-byte delimiter, BOM, CR LF, comments, ragged rows by policy. Streaming: memory
 * is one window plus the longest row. Every error names line and column. Lone carriage returns end rows only where one
 * ends the first line (FORMAT elsewhere); inside quotes every byte but NUL is text. With `trim`, blanks around quotes
 * are dropped as well.
 */
#ifndef PLX_FORMATS_CSV_H
#define PLX_FORMATS_CSV_H

#include "core/table.h"
#include "formats/source.h"

typedef enum plx_ragged {
    PLX_RAGGED_ERROR, /* a row with another number of fields is FORMAT */
    PLX_RAGGED_PAD,   /* missing fields are empty, extra ones are an error */
} plx_ragged;

typedef struct plx_csv_opts {
    char delimiter;     /* 0: chosen among , tab ; | by the first line (the most frequent outside quotes) */
    char quote;         /* '"' by default; 1 turns quoting off */
    char comment;       /* lines starting with it are skipped; 0: none */
    bool no_header;     /* columns are then named "c1", "c2", ... */
    bool trim;          /* blanks around unquoted fields are dropped */
    bool decimal_comma; /* "1,5" is 1.5; needs another delimiter */
    plx_ragged ragged;
    uint64_t max_row_bytes; /* 0: 16 MiB */
} plx_csv_opts;

typedef struct plx_csv plx_csv;

/* Opens and reads the header. The source stays the caller's. errors: FORMAT for NUL bytes, invalid UTF-8, duplicate or
 * empty header names; TRUNCATED for an open quote at the end; LIMIT. */
bool plx_csv_open(const plx_ctx *ctx, plx_source *source, const plx_csv_opts *opts, plx_csv **out, plx_err *err);
void plx_csv_close(plx_csv *csv);
size_t plx_csv_n_columns(const plx_csv *csv);
plx_slice plx_csv_column_name(const plx_csv *csv, size_t i);
/* Index of a column by name, or an error that lists the names there are. */
bool plx_csv_need(const plx_csv *csv, const char *name, size_t *out, plx_err *err);
char plx_csv_delimiter(const plx_csv *csv);

/* Next row: fields unquoted and valid until the next call; *fields NULL at the end. Blank lines are skipped. */
bool plx_csv_next(plx_csv *csv, const plx_slice **fields, plx_err *err);
/* Line (1-based) the current row starts on, and the byte column of field i in it. */
uint64_t plx_csv_line(const plx_csv *csv);
uint64_t plx_csv_column_of(const plx_csv *csv, size_t field);
/* FORMAT/SCHEMA error placed at field i of the current row. Returns false. */
bool plx_csv_fail(const plx_csv *csv, plx_code code, size_t field, plx_err *err, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Read all rows into typed columns. With `want` NULL every column is kept and its type found: i64 if every non-empty
 * field is an integer (and none is empty), else f64 if every non-empty field is a number (empty, NA, NaN, null -> NaN),
 * else text. With `want`, only those columns, in that order and of that type (PLX_I64, PLX_F64, PLX_STR). cost: one
 * pass, and a second one when a column that began as numbers turns out to be text (a source that cannot be rewound is
 * held in memory for that). Numeric fields never allocate. errors: LIMIT past ctx->limits.memory_bytes. */
typedef struct plx_csv_want {
    const char *name;
    plx_dtype dtype;
} plx_csv_want;
bool plx_csv_read_table(plx_csv *csv, const plx_csv_want *want, size_t n_want, plx_table *out, plx_err *err);

/* Writer: quotes a field only when it needs it. */
void plx_csv_write_field(plx_sb *out, plx_slice field, char delimiter);

#endif

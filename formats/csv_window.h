/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the CSV reader: a window over the source, cut into rows and fields.
 */
#ifndef PLX_FORMATS_CSV_WINDOW_H
#define PLX_FORMATS_CSV_WINDOW_H

#include "formats/csv.h"

enum {
    PLX_CSV_PAD = 64, /* readable bytes before and after the window, for wide loads */
    PLX_CSV_MAX_ROW = 256 * 1024 * 1024
};

/* A field: [start, stop) in the window without its quotes. The two top bits of `mark` say how it was written. */
typedef struct plx_csv_range {
    uint32_t start, mark;
} plx_csv_range;
#define PLX_CSV_QUOTED  (UINT32_C(1) << 31)
#define PLX_CSV_ESCAPED (UINT32_C(1) << 30) /* holds doubled quotes */
#define PLX_CSV_STOP    (PLX_CSV_ESCAPED - 1)

struct plx_csv {
    plx_ctx ctx;
    plx_source *source;
    plx_csv_opts opts;
    int quote;    /* -1: none */
    char row_end; /* '\n', or '\r' in files of the first Macintosh systems; 0 until known */
    size_t max_row;
    uint32_t max_columns;

    char *block; /* PAD, window, PAD */
    char *text;  /* the window */
    size_t cap, len;
    size_t pos;    /* first byte of the row to come */
    uint64_t base; /* file offset of text[0] */
    uint64_t view; /* how many times the window was filled */
    bool eof;      /* the source has ended */
    bool sealed;   /* the last byte of the window is a row end the file does not have */

    uint64_t bits; /* bytes of interest, in the 64 from scan_at on, not yet looked at */
    size_t scan_at;
    size_t high_end; /* behind the last byte above 0x7f met so far */

    plx_csv_range *ranges; /* of the current row */
    size_t n_fields, ranges_cap;
    size_t row_start, row_stop;
    size_t quote_at; /* the last quote that opened a field */
    uint64_t row_line, next_line;
    bool pending; /* the current row has not been handed out yet */
    bool stay;    /* rows in use lie in the window: plx_csv_row says there is none where it would have to move it */

    plx_slice *fields;
    size_t fields_cap;
    char *scratch; /* fields without their doubled quotes */
    size_t scratch_cap, scratch_len;

    size_t n_columns;
    plx_slice *names;
    char *name_text;

    plx_buf held;            /* the rest of a source that cannot be rewound, ... */
    plx_source *held_source; /* ... as the source read from then on */
    uint64_t source_start;   /* file offset of the first byte `source` gives after a rewind */
};

/* Cut the next row into csv->ranges; *got is false at the end. The number of fields is not checked here. */
bool plx_csv_row(plx_csv *csv, bool *got, plx_err *err);
/* Start to look at the window from `pos` on. */
void plx_csv_begin(plx_csv *csv);
/* The same, of a window looked at before. */
void plx_csv_look_again(plx_csv *csv);
/* Fill the window with what follows `pos`. */
bool plx_csv_fill(plx_csv *csv, plx_err *err);
/* Go back to a row that started at file offset `offset` on line `line`. */
bool plx_csv_restart(plx_csv *csv, uint64_t offset, uint64_t line, plx_err *err);
/* Make plx_csv_restart possible from here on, by holding the rest of the file in memory when the source cannot go back.
 */
bool plx_csv_hold(plx_csv *csv, plx_err *err);
/* Note line, column and byte of window offset `at`, which lies in the current row. Returns false. */
bool plx_csv_note_at(const plx_csv *csv, size_t at, plx_err *err);
/* Check the number of fields against the header; missing ones become empty under PLX_RAGGED_PAD. */
bool plx_csv_check_width(plx_csv *csv, plx_err *err);
/* Text of a field in the window; doubled quotes are undone in scratch memory that plx_csv_row gives back. The fields
 * that use it at the same time have less than `room` bytes. */
bool plx_csv_field(plx_csv *csv, plx_csv_range range, size_t room, plx_slice *out, plx_err *err);

#endif

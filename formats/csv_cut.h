/* SPDX-License-Identifier: Apache-2.0
 *
 * The loops that cut plain rows, to be compiled once for each set of instructions. Bytes of interest are found well
 * ahead, so that what ends a field costs no mispredicted branch.
 */
#ifndef PLX_FORMATS_CSV_CUT_H
#define PLX_FORMATS_CSV_CUT_H

#include "formats/csv_block.h"
#include "formats/csv_marks.h"

/* Write base + i for each set bit i of `bits`; returns how many. shape: out[64]. */
typedef size_t plx_csv_putter(uint32_t *out, uint64_t bits, uint32_t base);

#define PLX_CSV_INLINE static inline __attribute__((always_inline))

/* Drop the marks before csv->pos and find more, as many as there is room for. */
PLX_CSV_INLINE void plx_csv_find_marks(const plx_csv *csv, plx_csv_block *block, plx_csv_classifier *classify,
                                       plx_csv_putter *put)
{
    const char delimiter = csv->opts.delimiter, quote = csv->quote < 0 ? '\n' : (char)csv->quote;
    size_t n = block->n_marks - block->mark, at = block->seen;
    if (block->view != csv->view || at < csv->pos) {
        n = 0;
        at = csv->pos;
        block->view = csv->view;
        block->high = SIZE_MAX;
    }
    memmove(block->marks, block->marks + block->n_marks - n, n * sizeof *block->marks);
    uint64_t high = block->high < at && block->high + 64 > csv->pos;
    for (; n + 64 <= block->room && at < csv->len && !high; at += 64) {
        uint64_t bits = classify(csv->text + at, delimiter, quote, &high);
        uint64_t inside = csv->len - at < 64 ? (UINT64_C(1) << (csv->len - at)) - 1 : UINT64_MAX;
        n += put(block->marks + n, bits & inside, (uint32_t)at);
        block->high = high ? at : SIZE_MAX;
    }
    block->seen = at;
    block->mark = 0;
    block->n_marks = n;
}

PLX_CSV_INLINE void plx_csv_cut_with(plx_csv *csv, plx_csv_block *block, plx_csv_classifier *classify,
                                     plx_csv_putter *put)
{
    const char *text = csv->text;
    const char delimiter = csv->opts.delimiter, row_end = csv->row_end, comment = csv->opts.comment;
    const size_t step = block->cap, inner = csv->n_columns - 1;
    while (block->n_rows < step && !(comment && text[csv->pos] == comment)) {
        const size_t start = csv->pos;
        while (block->mark < block->n_marks && block->marks[block->mark] < start) {
            block->mark++;
        }
        if (block->view != csv->view || block->n_marks - block->mark <= inner) {
            plx_csv_find_marks(csv, block, classify, put);
            if (block->n_marks <= inner) {
                break;
            }
        }
        const uint32_t *marks = block->marks + block->mark;
        plx_csv_range *to = block->ranges + block->n_rows;
        uint32_t from = (uint32_t)start;
        size_t i = 0;
        for (; i < inner && text[marks[i]] == delimiter; i++) {
            *to = (plx_csv_range){from, marks[i]};
            to += step;
            from = marks[i] + 1;
        }
        const uint32_t stop = marks[inner];
        const size_t at = stop + (row_end == '\n' && text[stop] == '\r');
        if (i < inner || text[at] != row_end || at >= csv->len || (inner == 0 && stop == start) || at > block->high ||
            at - start > csv->max_row) {
            break;
        }
        *to = (plx_csv_range){from, stop};
        block->starts[block->n_rows++] = (uint32_t)start;
        block->mark += inner + 1;
        csv->pos = at + 1;
        csv->next_line++;
    }
    plx_csv_scan(csv, csv->pos, classify);
}

#endif

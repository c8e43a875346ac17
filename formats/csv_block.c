/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks of CSV rows. Plain rows go into the block as they are cut; every other row is cut by itself, checked and
 * copied.
 */
#include "formats/csv_block.h"

#include "core/alloc.h"
#include "formats/csv_cut.h"

/* Fields that stay in the first cache, and rows that are worth a round over the columns. 31 cache lines of ranges for
 * each column, an odd number, spread the columns over the cache. */
enum { FIELDS = 4096, MOST_ROWS = 248, LEAST_ROWS = 8, MARKS = 1024 };

bool plx_csv_block_init(const plx_csv *csv, plx_csv_block *block, plx_err *err)
{
    size_t n = csv->n_columns ? csv->n_columns : 1, rows = FIELDS / n;
    *block = (plx_csv_block){.cap = rows > MOST_ROWS    ? MOST_ROWS
                                    : rows < LEAST_ROWS ? LEAST_ROWS
                                                        : rows,
                             .room = n + MARKS,
                             .high = SIZE_MAX};
    block->ranges = plx_realloc_array(NULL, block->cap * n, sizeof *block->ranges);
    block->starts = plx_realloc_array(NULL, block->cap, sizeof *block->starts);
    block->marks = plx_realloc_array(NULL, block->room, sizeof *block->marks);
    if (!block->ranges || !block->starts || !block->marks) {
        plx_csv_block_free(block);
        return plx_fail_nomem(err, block->cap * n * sizeof *block->ranges);
    }
    return true;
}

void plx_csv_block_free(plx_csv_block *block)
{
    plx_free(block->ranges);
    plx_free(block->starts);
    plx_free(block->marks);
    *block = (plx_csv_block){0};
}

static size_t put(uint32_t *out, uint64_t bits, uint32_t base)
{
    size_t n = 0;
    for (; bits; bits &= bits - 1) {
        out[n++] = base + (uint32_t)__builtin_ctzll(bits);
    }
    return n;
}

void plx_csv_cut_plain(plx_csv *csv, plx_csv_block *block)
{
    plx_csv_cut_with(csv, block, plx_csv_classify, put);
}

/* A row that need not be plain; *got is false when it does not lie in the window behind rows in use. */
static bool cut_any(plx_csv *csv, plx_csv_block *block, bool *got, plx_err *err)
{
    csv->stay = block->n_rows > 0;
    bool ok = plx_csv_row(csv, got, err) && (!*got || plx_csv_check_width(csv, err));
    csv->stay = false;
    if (!ok || !*got) {
        return ok;
    }
    if (block->n_rows == 0) {
        block->line = csv->row_line;
    }
    for (size_t i = 0; i < csv->n_columns; i++) {
        block->ranges[i * block->cap + block->n_rows] = csv->ranges[i];
    }
    block->starts[block->n_rows++] = (uint32_t)csv->row_start;
    return true;
}

bool plx_csv_block_next(plx_csv *csv, plx_csv_block *block, plx_csv_cutter *cut, plx_err *err)
{
    const bool plain = csv->n_columns > 0 && !csv->opts.trim;
    block->n_rows = 0;
    if (block->failed) {
        if (err) {
            *err = block->err;
        }
        return false;
    }
    for (bool got = true; got && block->n_rows < block->cap;) {
        if (plain && !csv->pending) {
            block->line = block->n_rows == 0 ? csv->next_line : block->line;
            cut(csv, block);
        }
        if (block->n_rows == block->cap) {
            break;
        }
        block->failed = !cut_any(csv, block, &got, block->n_rows > 0 ? &block->err : err);
        if (block->failed) {
            return block->n_rows > 0;
        }
    }
    return true;
}

bool plx_csv_block_note(plx_csv *csv, const plx_csv_block *block, size_t row, size_t i, plx_err *err)
{
    const plx_csv_range range = block->ranges[i * block->cap + row];
    csv->row_start = block->starts[row];
    csv->row_line = block->line;
    for (size_t at = block->starts[0]; at < csv->row_start; at++) {
        csv->row_line += csv->text[at] == csv->row_end;
    }
    return plx_csv_note_at(csv, range.start - (range.mark & PLX_CSV_QUOTED ? 1 : 0), err);
}

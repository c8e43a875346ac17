/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads every cell of a workbook once; part of tests/perf/xlsx.sh. Prints one line per sheet, then what it cost:
 *   sheet NAME CELLS NUMBERS SUM TEXT_BYTES
 *   cost CPU_SECONDS WALL_SECONDS PEAK_RSS_KIB
 */
#include "formats/xlsx.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

typedef struct tally {
    double sum;
    unsigned long long cells, numbers, text_bytes;
} tally;

static bool add(void *payload, const plx_sheet_cell *cell, plx_err *err)
{
    tally *t = payload;
    (void)err;
    bool number = cell->kind == PLX_SHEET_NUMBER || cell->kind == PLX_SHEET_DATE;
    t->cells += cell->kind != PLX_SHEET_UNCOMPUTED;
    t->numbers += number;
    t->sum += number ? cell->number : 0;
    t->text_bytes += cell->kind == PLX_SHEET_TEXT ? cell->text.len : 0;
    return true;
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_xlsx *book = NULL;
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    double wall = seconds(CLOCK_MONOTONIC);
    bool ok = argc == 2 && plx_xlsx_open(&ctx, argv[1], NULL, &book, &err);
    for (size_t i = 0; ok && i < plx_xlsx_n_sheets(book); i++) {
        tally t = {0, 0, 0, 0};
        plx_sheet_sink sink = {.cell = add, .payload = &t};
        ok = plx_xlsx_read(&ctx, book, i, &sink, NULL, &err);
        printf("sheet\t%s\t%llu\t%llu\t%.17g\t%llu\n", plx_xlsx_sheet_name(book, i), t.cells, t.numbers, t.sum,
               t.text_bytes);
    }
    plx_xlsx_close(book);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("cost\t%.4f\t%.4f\t%ld\n", seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, seconds(CLOCK_MONOTONIC) - wall,
           usage.ru_maxrss);
    if (!ok) {
        fprintf(stderr, "bench_xlsx: %s\n", err.what);
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a CSV file into typed columns once and reports what it cost; part of tests/perf/csv.sh.
 *   bench_csv --write FILE  write the file to read: ROWS by COLUMNS normal numbers as %.6g, always the same
 *   bench_csv FILE [OUT]    read it; OUT gets the columns, one after the other, as raw 8-byte numbers
 * Reading prints: rows columns cpu_seconds wall_seconds peak_rss_kib
 */
#include "core/rng.h"
#include "formats/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { ROWS = 560000, COLUMNS = 20 };

static bool write_input(const char *path)
{
    FILE *f = fopen(path, "wb");
    if (!f) {
        return false;
    }
    plx_rng rng = plx_rng_seed(20);
    for (int c = 0; c < COLUMNS; c++) {
        fprintf(f, "x%d%c", c, c + 1 < COLUMNS ? ',' : '\n');
    }
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLUMNS; c++) {
            fprintf(f, "%.6g%c", plx_rng_normal(&rng), c + 1 < COLUMNS ? ',' : '\n');
        }
    }
    bool ok = !ferror(f);
    return fclose(f) == 0 && ok;
}

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool write_columns(const plx_table *table, const char *path)
{
    FILE *f = fopen(path, "wb");
    if (!f) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < table->n_cols && ok; i++) {
        const plx_column *c = &table->cols[i];
        ok = c->dtype != PLX_STR && fwrite(c->values.ptr, sizeof(double), c->n, f) == c->n;
    }
    return fclose(f) == 0 && ok;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_csv --write FILE | FILE [OUT]\n");
        return 2;
    }
    if (argc > 2 && strcmp(argv[1], "--write") == 0) {
        return write_input(argv[2]) ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_source *source = NULL;
    plx_csv *csv = NULL;
    plx_table table = {0};
    double wall = seconds(CLOCK_MONOTONIC);
    bool ok = plx_source_file(&ctx, argv[1], true, &source, &err) && plx_csv_open(&ctx, source, NULL, &csv, &err) &&
              plx_csv_read_table(csv, NULL, 0, &table, &err);
    wall = seconds(CLOCK_MONOTONIC) - wall;
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID); /* the whole process: start of the program included */
    plx_csv_close(csv);
    plx_source_close(source);
    if (!ok) {
        fprintf(stderr, "%s\n", err.what);
        return EXIT_FAILURE;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%zu %zu %.4f %.4f %ld\n", table.n_rows, table.n_cols, cpu, wall, usage.ru_maxrss);
    if (argc > 2) {
        ok = write_columns(&table, argv[2]);
    }
    plx_table_free(&table);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

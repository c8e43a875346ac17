/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a CSV file into typed columns once and reports what it cost; part of tests/perf/csv.sh.
 *   bench_csv FILE [OUT]    OUT gets the columns, one after the other, as raw 8-byte numbers
 * Prints: rows columns cpu_seconds wall_seconds peak_rss_kib
 */
#include "formats/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

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
        fprintf(stderr, "usage: bench_csv FILE [OUT]\n");
        return 2;
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

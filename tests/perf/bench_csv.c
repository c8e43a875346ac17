/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a CSV file into typed columns once and reports what it cost; part of tests/perf/csv.sh.
 *   bench_csv --write SHAPE FILE  write the file to read, always the same: one of SHAPES
 *   bench_csv FILE [OUT]          read it; OUT gets the columns, one after the other, as raw 8-byte numbers
 * Reading prints: rows columns cpu_seconds wall_seconds peak_rss_kib; with OUT a second line: the type of each column
 */
#include "core/rng.h"
#include "formats/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* What a column holds. */
typedef enum cells {
    ID,       /* 0, 1, 2, ... */
    NODE,     /* an integer below the number of rows */
    SMALL,    /* 1 to 3, as degrees mostly are */
    FLAG,     /* 0 or 1 */
    COUNT,    /* up to 2000 */
    POSITION, /* 4 decimals, below 5000 */
    SIX,      /* a normal number as %.6g */
    EXACT,    /* a positive number as %.17g */
} cells;

typedef struct shape {
    const char *name;
    char delimiter;
    int rows, columns;
    const char *header; /* NULL: x0, x1, ... */
    cells cells[20];
} shape;

/* Measurements; the nodes of a vessel graph as Voreen writes them; its edges once a program of doubles wrote them. */
static const shape SHAPES[] = {
    {"numbers", ',', 560000, 20, NULL, {SIX, SIX, SIX, SIX, SIX, SIX, SIX, SIX, SIX, SIX,
                                        SIX, SIX, SIX, SIX, SIX, SIX, SIX, SIX, SIX, SIX}},
    {"nodes",
     ';',
     2000000,
     6,
     "id;pos_x;pos_y;pos_z;degree;isAtSampleBorder",
     {ID, POSITION, POSITION, POSITION, SMALL, FLAG}},
    {"edges",
     ';',
     400000,
     20,
     "id;node1id;node2id;length;distance;curveness;volume;avgCrossSection;minRadiusAvg;minRadiusStd;avgRadiusAvg;"
     "avgRadiusStd;maxRadiusAvg;maxRadiusStd;roundnessAvg;roundnessStd;node1_degree;node2_degree;num_voxels;"
     "hasNodeAtSampleBorder",
     {ID,    NODE,  NODE,  EXACT, EXACT, EXACT, COUNT, EXACT, EXACT, EXACT,
      EXACT, EXACT, EXACT, EXACT, EXACT, EXACT, SMALL, SMALL, COUNT, FLAG}},
};

static void write_cell(FILE *f, const shape *s, cells kind, int row, plx_rng *rng)
{
    switch (kind) {
    case ID:
        fprintf(f, "%d", row);
        break;
    case NODE:
        fprintf(f, "%d", (int)plx_rng_below(rng, (uint64_t)s->rows));
        break;
    case SMALL:
        fprintf(f, "%d", 1 + (int)plx_rng_below(rng, 3));
        break;
    case FLAG:
        fprintf(f, "%d", (int)plx_rng_below(rng, 2));
        break;
    case COUNT:
        fprintf(f, "%d", (int)plx_rng_below(rng, 2000));
        break;
    case POSITION:
        fprintf(f, "%.4f", plx_rng_f64(rng) * 5000);
        break;
    case SIX:
        fprintf(f, "%.6g", plx_rng_normal(rng));
        break;
    case EXACT:
        fprintf(f, "%.17g", plx_rng_f64(rng) * 40);
        break;
    }
}

static bool write_input(const shape *s, const char *path)
{
    FILE *f = fopen(path, "wb");
    if (!f) {
        return false;
    }
    plx_rng rng = plx_rng_seed(20);
    for (int c = 0; c < s->columns && !s->header; c++) {
        fprintf(f, "x%d%c", c, c + 1 < s->columns ? s->delimiter : '\n');
    }
    if (s->header) {
        fprintf(f, "%s\n", s->header);
    }
    for (int r = 0; r < s->rows; r++) {
        for (int c = 0; c < s->columns; c++) {
            write_cell(f, s, s->cells[c], r, &rng);
            fputc(c + 1 < s->columns ? s->delimiter : '\n', f);
        }
    }
    bool ok = !ferror(f);
    return fclose(f) == 0 && ok;
}

static const shape *find_shape(const char *name)
{
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++) {
        if (strcmp(SHAPES[i].name, name) == 0) {
            return &SHAPES[i];
        }
    }
    return NULL;
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
        fprintf(stderr, "usage: bench_csv --write numbers|nodes|edges FILE | FILE [OUT]\n");
        return 2;
    }
    if (argc > 3 && strcmp(argv[1], "--write") == 0) {
        const shape *s = find_shape(argv[2]);
        return s && write_input(s, argv[3]) ? EXIT_SUCCESS : EXIT_FAILURE;
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
        for (size_t i = 0; i < table.n_cols; i++) {
            printf("%s%c", plx_dtype_name(table.cols[i].dtype), i + 1 < table.n_cols ? ' ' : '\n');
        }
    }
    plx_table_free(&table);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

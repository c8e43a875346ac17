/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads an array of u8; part of tests/perf/zarr.sh. `whole`: all of it into memory; `blocks`: chunk by chunk. Prints
 *   array ELEMENTS NONZERO SUM
 *   cost CPU_SECONDS WALL_SECONDS PEAK_RSS_KIB
 */
#include "formats/volume.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct tally {
    unsigned long long nonzero, sum;
} tally;

static bool add(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    tally *t = payload;
    (void)start, (void)err;
    for (size_t i = 0; i < block->buf.len; i++) {
        t->nonzero += block->buf.ptr[i] != 0;
        t->sum += block->buf.ptr[i];
    }
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
    plx_volume *v = NULL;
    plx_array whole = {0};
    tally t = {0, 0};
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
    bool ok = argc == 3 && plx_volume_open(&ctx, argv[2], &v, &err);
    unsigned long long n = 1;
    for (int d = 0; ok && d < plx_volume_about(v)->ndim; d++) {
        n *= plx_volume_about(v)->shape[d];
    }
    if (ok && strcmp(argv[1], "whole") == 0) {
        const size_t start[PLX_MAX_DIMS] = {0};
        ok = plx_volume_read(&ctx, v, NULL, NULL, &whole, &err) && add(&t, start, &whole, &err);
    } else {
        ok = ok && plx_volume_each(&ctx, v, true, add, &t, &err);
    }
    if (!ok) {
        fprintf(stderr, "%s\n", err.what);
        return 1;
    }
    printf("array\t%llu\t%llu\t%llu\n", n, t.nonzero, t.sum);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("cost\t%.4f\t%.4f\t%ld\n", seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, seconds(CLOCK_MONOTONIC) - wall,
           usage.ru_maxrss);
    plx_array_free(&whole);
    plx_volume_close(v);
    return 0;
}

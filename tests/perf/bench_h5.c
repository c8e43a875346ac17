/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads one data set of an HDF5 file whole; part of tests/perf/h5.sh. Prints the SHA-256 of its values and what reading
 * them cost, the decoding process included:
 *   SHA256 CPU_SECONDS WALL_SECONDS PEAK_RSS_KIB
 */
#include "core/hash.h"
#include "formats/h5.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static double wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double cpu(int who, long *peak)
{
    struct rusage u;
    getrusage(who, &u);
    *peak = u.ru_maxrss > *peak ? u.ru_maxrss : *peak;
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

int main(int argc, char **argv)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_array a = {0};
    ctx.jobs = argc > 3 ? (unsigned)atoi(argv[3]) : 1;
    ctx.limits.memory_bytes = 4ULL << 30;
    double start = wall();
    if (argc < 3 || !plx_h5_read(&ctx, argv[1], argv[2], &a, &err)) {
        fprintf(stderr, "bench_h5: %s\n", err.what);
        return 1;
    }
    double took = wall() - start;
    long peak = 0;
    double used = cpu(RUSAGE_SELF, &peak) + cpu(RUSAGE_CHILDREN, &peak);
    char hex[PLX_SHA256_HEX + 1];
    plx_digest digest = plx_sha256_of(a.buf.ptr, plx_array_count(&a) * plx_dtype_size(a.dtype));
    plx_digest_hex(&digest, hex);
    printf("%s %.4f %.4f %ld\n", hex, used, took, peak);
    plx_array_free(&a);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Lee thinning of each object of a label volume; part of tests/perf/thin.sh:
 *   skeleton LABEL VOXELS SHA256_OF_INDICES
 *   cost LABEL CPU_SECONDS
 *   peak RSS_KIB
 */
#include "benchmarks/kernels/thin.h"
#include "benchmarks/label_files.h"
#include "core/alloc.h"
#include "core/hash.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool thin_one(const plx_label_pair *pair, size_t i, plx_err *err)
{
    plx_mask mask = plx_instance_mask(&pair->truth, i);
    plx_voxels v;
    double start = cpu_seconds();
    if (!plx_thin_lee(&mask, &v, err)) {
        return false;
    }
    double cpu = cpu_seconds() - start;
    char hex[PLX_SHA256_HEX + 1];
    plx_digest digest = plx_sha256_of(v.items, v.n * sizeof *v.items);
    plx_digest_hex(&digest, hex);
    printf("skeleton\t%lld\t%zu\t%s\n", (long long)pair->truth.items[i].label, v.n, hex);
    printf("cost\t%lld\t%.6f\n", (long long)pair->truth.items[i].label, cpu);
    plx_free(v.items);
    return true;
}

int main(int argc, char **argv)
{
    plx_ctx ctx = plx_ctx_default();
    plx_arena *arena = plx_arena_new(0);
    plx_label_pair pair;
    plx_err err = {0};
    const plx_label_pair_opts opts = {.spatial = 3};
    if (argc != 2 || !arena || !plx_label_pair_read(&ctx, argv[1], argv[1], &opts, arena, &pair, &err)) {
        fprintf(stderr, "usage: bench_thin FILE[:DATASET]; %s\n", err.what);
        return 2;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < pair.truth.n; i++) {
        ok = thin_one(&pair, i, &err);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("peak\t%ld\n", usage.ru_maxrss);
    plx_label_pair_free(&pair);
    plx_arena_free(arena);
    return ok ? 0 : 1;
}

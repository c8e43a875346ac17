/* SPDX-License-Identifier: Apache-2.0
 *
 * ROC-AUC of many scores; part of tests/perf/roc.sh. Makes its input, then measures the metric alone:
 *   value KIND HEX
 *   cost KIND CPU_SECONDS WALL_SECONDS PEAK_RSS_KIB
 */
#include "benchmarks/kernels/roc.h"

#include "support/golden_input.h"

#include <sys/resource.h>
#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    const char *kind = argc == 3 ? argv[1] : "";
    size_t n = argc == 3 ? (size_t)strtoull(argv[2], NULL, 10) : 0;
    bool single = strcmp(kind, "float32") == 0;
    double *wide = single ? NULL : malloc(n * sizeof *wide);
    float *narrow = single ? malloc(n * sizeof *narrow) : NULL;
    uint8_t *labels = malloc(n ? n : 1);
    if (n == 0 || !labels || !(wide || narrow)) {
        fprintf(stderr, "usage: bench_roc float64|float32|tied|skewed N\n");
        return 2;
    }
    for (size_t i = 0; i < n; i++) {
        labels[i] = golden_uniform(7, 1, i) < 0.5;
        double s = 0.7 * golden_uniform(7, 0, i) + 0.3 * labels[i];
        s = strcmp(kind, "tied") == 0 ? floor(s * 1000) : s;
        s = strcmp(kind, "skewed") == 0 ? s * s * s * s * s * s : s;
        if (single) {
            narrow[i] = (float)s;
        } else {
            wide[i] = s;
        }
    }
    plx_numbers scores = {wide, narrow, n};
    plx_metric_value value;
    plx_err err = {0};
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    double wall = seconds(CLOCK_MONOTONIC);
    bool ok = plx_roc_auc(&scores, labels, false, &value, &err);
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = seconds(CLOCK_MONOTONIC) - wall;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("value\t%s\t%a\ncost\t%s\t%.4f\t%.4f\t%ld\n", kind, value.value, kind, cpu, wall, usage.ru_maxrss);
    free(wide);
    free(narrow);
    free(labels);
    if (!ok) {
        fprintf(stderr, "bench_roc: %s\n", err.what);
    }
    return ok ? 0 : 1;
}

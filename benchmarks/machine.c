/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t clock)
{
    struct timespec t = {0, 0};
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double plx_cpu_s(void)
{
    return seconds(CLOCK_THREAD_CPUTIME_ID);
}

double plx_wall_s(void)
{
    return seconds(CLOCK_MONOTONIC);
}

uint64_t plx_peak_rss_bytes(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

void plx_utc_now(char out[24])
{
    time_t now = time(NULL);
    struct tm utc;
    out[0] = '\0';
    if (gmtime_r(&now, &utc)) {
        strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
}

/* "model name\t: Some CPU" -> "Some CPU". */
static void cpu_name(char *out, size_t cap)
{
    FILE *f = fopen("/proc/cpuinfo", "re");
    char line[512];
    out[0] = '\0';
    while (f && fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');
        if (colon && strncmp(line, "model name", 10) == 0) {
            snprintf(out, cap, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
            break;
        }
    }
    if (f) {
        fclose(f);
    }
}

plx_value *plx_machine_facts(plx_arena *arena)
{
    char text[600];
    struct utsname name;
    long n = sysconf(_SC_NPROCESSORS_ONLN), pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    plx_value *facts = plx_v_obj(arena);
    cpu_name(text, sizeof text);
    if (!facts || (text[0] && !plx_v_set(arena, facts, "cpu", plx_v_str(arena, text))) ||
        (n > 0 && !plx_v_set(arena, facts, "n_cpus", plx_v_i64(arena, n))) ||
        (pages > 0 && page > 0 && !plx_v_set(arena, facts, "memory_bytes", plx_v_i64(arena, (int64_t)pages * page)))) {
        return NULL;
    }
    if (uname(&name) == 0) {
        snprintf(text, sizeof text, "%s %s %s", name.sysname, name.release, name.machine);
        if (!plx_v_set(arena, facts, "os", plx_v_str(arena, text))) {
            return NULL;
        }
    }
    return facts;
}

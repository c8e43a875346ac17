/* SPDX-License-Identifier: Apache-2.0
 *
 * The probes of plexus doctor. What fails a probe is what the store's promises rest on: fsync, rename without
 * replacement, space. Locks only save work, so a lock that lies is a warning.
 */
#define _GNU_SOURCE /* statfs */
#include "cli/probes.h"

#include "core/fs.h"
#include "core/num.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

__attribute__((format(printf, 3, 4))) static void say(plx_probe *out, plx_health health, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(out->detail, sizeof out->detail, fmt, args);
    va_end(args);
    out->health = health;
}

void plx_probe_system(plx_probe *out)
{
    struct utsname u;
    out->name = "system";
    if (uname(&u) != 0) {
        say(out, PLX_HEALTH_WARN, "the system does not say what it is");
        return;
    }
    say(out, PLX_HEALTH_OK, "%s %s %s, %ld processors", u.sysname, u.release, u.machine, sysconf(_SC_NPROCESSORS_ONLN));
}

#if defined(__x86_64__)
#include <cpuid.h>
static void cpu_features(char *out, size_t cap)
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    bool sha = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1U << 29);
    snprintf(out, cap, "x86-64%s%s%s%s", sha ? ", SHA instructions" : ", no SHA instructions (hashing is slower)",
             __builtin_cpu_supports("sse4.2") ? ", SSE4.2" : "", __builtin_cpu_supports("avx2") ? ", AVX2" : "",
             __builtin_cpu_supports("avx512f") ? ", AVX-512" : "");
}
#else
static void cpu_features(char *out, size_t cap)
{
    snprintf(out, cap, "not x86-64: the portable code is used");
}
#endif

void plx_probe_cpu(plx_probe *out)
{
    out->name = "processor";
    char text[256];
    cpu_features(text, sizeof text);
    say(out, PLX_HEALTH_OK, "%s", text);
}

void plx_probe_clock(plx_probe *out)
{
    out->name = "clock";
    struct timespec t;
    if (clock_gettime(CLOCK_REALTIME, &t) != 0) {
        say(out, PLX_HEALTH_FAIL, "there is no clock");
        return;
    }
    const double year = 1970 + (double)t.tv_sec / (365.2425 * 86400);
    if (year < 2024 || year > 2100) {
        say(out, PLX_HEALTH_WARN, "it is said to be the year %d; gc measures age by this clock", (int)year);
        return;
    }
    say(out, PLX_HEALTH_OK, "%lld s since 1970", (long long)t.tv_sec);
}

void plx_probe_open_files(plx_probe *out)
{
    out->name = "open files";
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        say(out, PLX_HEALTH_WARN, "the limit is not known");
        return;
    }
    unsigned long long n = (unsigned long long)limit.rlim_cur;
    if (n < 256) {
        say(out, PLX_HEALTH_WARN, "at most %llu at a time; 256 are safe (ulimit -n)", n);
    } else {
        say(out, PLX_HEALTH_OK, "at most %llu at a time", n);
    }
}

void plx_probe_file_system(const char *dir, plx_probe *out)
{
    /* Numbers from statfs(2). `remote`: several machines may see it, each with ideas of its own about locks and caches.
     */
    static const struct {
        unsigned long type;
        const char *name;
        bool remote;
    } known[] = {
        {0xef53, "ext2/3/4", false},  {0x58465342, "xfs", false},   {0x9123683e, "btrfs", false},
        {0x2fc12fc1, "zfs", false},   {0x01021994, "tmpfs", false}, {0x794c7630, "overlayfs", false},
        {0xf2f52010, "f2fs", false},  {0x6969, "nfs", true},        {0xff534d42, "cifs", true},
        {0xfe534d42, "smb2", true},   {0x65735546, "fuse", true},   {0x01021997, "9p", true},
        {0x0bd00bd0, "lustre", true}, {0x47504653, "gpfs", true},   {0x00c36400, "ceph", true},
        {0x19830326, "beegfs", true}, {0x4d44, "fat", false},
    };
    out->name = "file system";
    struct statfs fs;
    if (statfs(dir, &fs) != 0) {
        say(out, PLX_HEALTH_WARN, "%s: its kind is not known", dir);
        return;
    }
    unsigned long type = (unsigned long)fs.f_type & 0xffffffffUL;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].type == type) {
            say(out, known[i].remote ? PLX_HEALTH_WARN : PLX_HEALTH_OK, "%s%s", known[i].name,
                known[i].remote ? ": shared or remote; see what the probes below say of it" : "");
            return;
        }
    }
    say(out, PLX_HEALTH_OK, "of type 0x%lx", type);
}

void plx_probe_free_space(const char *dir, plx_probe *out)
{
    out->name = "free space";
    uint64_t bytes;
    plx_err err;
    if (!plx_fs_free_bytes(dir, &bytes, &err)) {
        say(out, PLX_HEALTH_WARN, "%s", err.what);
        return;
    }
    char text[PLX_NUM_TEXT];
    plx_print_bytes(bytes, text);
    plx_health health = bytes < 10000000 ? PLX_HEALTH_FAIL : bytes < 1000000000 ? PLX_HEALTH_WARN : PLX_HEALTH_OK;
    say(out, health, "%s%s", text, health == PLX_HEALTH_OK ? "" : ": not much for data");
}

/* A new small file in `scratch`, synced; *ms is how long the sync took. */
static bool make_file(const char *scratch, const char *name, char path[PLX_PATH], double *ms, plx_err *err)
{
    if (!plx_path_join(path, scratch, name, err)) {
        return false;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return plx_fail_sys(err, errno, "cannot make a file in %s", scratch);
    }
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    bool ok = plx_fs_write_all(fd, name, strlen(name), path, err) && plx_fs_sync_fd(fd, path, err);
    clock_gettime(CLOCK_MONOTONIC, &to);
    *ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
    close(fd);
    return ok;
}

void plx_probe_fsync(const char *scratch, plx_probe *out)
{
    out->name = "fsync";
    char path[PLX_PATH];
    double ms = 0;
    plx_err err;
    if (!make_file(scratch, "fsync", path, &ms, &err) || !plx_fs_sync_dir(scratch, &err)) {
        say(out, PLX_HEALTH_FAIL, "%s", err.what);
        return;
    }
    say(out, ms > 500 ? PLX_HEALTH_WARN : PLX_HEALTH_OK, "files and folders reach the disk; %.1f ms for one file", ms);
}

void plx_probe_publish(const char *scratch, plx_probe *out)
{
    out->name = "publish";
    char from[PLX_PATH], to[PLX_PATH];
    double ms;
    bool existed = false, first = true;
    plx_err err;
    uint64_t bytes = 0;
    if (!make_file(scratch, "old", to, &ms, &err) || !make_file(scratch, "newer", from, &ms, &err) ||
        !plx_fs_publish(from, to, &existed, &err) || !plx_fs_size(to, &bytes, &err)) {
        say(out, PLX_HEALTH_FAIL, "%s", err.what);
        return;
    }
    if (!existed || bytes != strlen("old")) {
        say(out, PLX_HEALTH_FAIL, "renaming replaces what is there although it was told not to");
        return;
    }
    char fresh[PLX_PATH];
    if (!plx_path_join(fresh, scratch, "fresh", &err) || !plx_fs_publish(from, fresh, &first, &err) || first ||
        !plx_fs_exists(fresh) || plx_fs_exists(from)) {
        say(out, PLX_HEALTH_FAIL, "renaming does not work: %s", first ? "it reports what is not there" : err.what);
        return;
    }
    say(out, PLX_HEALTH_OK, "a rename is whole and never replaces");
}

void plx_probe_lock(const char *scratch, plx_probe *out)
{
    out->name = "locks";
    char path[PLX_PATH];
    plx_lock lock;
    plx_err err;
    if (!plx_path_join(path, scratch, "lock", &err) || !plx_lock_take(&lock, path, true, 0, &err)) {
        say(out, PLX_HEALTH_FAIL, "%s", err.what);
        return;
    }
    pid_t pid = fork();
    if (pid == 0) {
        plx_lock other;
        plx_err why;
        _exit(plx_lock_take(&other, path, true, 0, &why) ? 1 : why.code == PLX_E_BUSY ? 0 : 2);
    }
    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    plx_lock_drop(&lock);
    if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        say(out, PLX_HEALTH_OK, "one process keeps another out");
    } else {
        say(out, PLX_HEALTH_WARN,
            "a lock does not keep another process out; nothing breaks, but work may be done twice");
    }
}

void plx_probe_file_clock(const char *scratch, plx_probe *out)
{
    out->name = "file times";
    char path[PLX_PATH];
    double ms;
    plx_err err;
    struct stat st;
    struct timespec now;
    if (!make_file(scratch, "time", path, &ms, &err) || stat(path, &st) != 0 ||
        clock_gettime(CLOCK_REALTIME, &now) != 0) {
        say(out, PLX_HEALTH_WARN, "cannot be told");
        return;
    }
    long long apart = (long long)now.tv_sec - (long long)st.st_mtim.tv_sec;
    if (apart > 60 || apart < -60) {
        say(out, PLX_HEALTH_WARN, "the file server's clock is %lld s off; gc measures age by it", apart);
    } else {
        say(out, PLX_HEALTH_OK, "agree with the clock");
    }
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into the program, this counts the calls that change files and at the k-th one kills the process, tears a
 * write, or makes the call fail. It replaces the functions of the C library that the program and SQLite call; calls
 * made inside the C library itself (stdio, opendir) pass unseen, which campaign.sh checks against strace.
 *
 *   PLX_FAULT_MODE    count | kill | tear | enospc | eio | short
 *   PLX_FAULT_AT      k, from 1; with PLX_FAULT_ON=1 every call from the k-th on fails
 *   PLX_FAULT_REPORT  file that gets "fired <k> <call> <path>" when it happens and "calls <n>" at the end
 *   PLX_FAULT_LOG     file that gets one line for each counted call
 *   PLX_FAULT_LOCKS   lie: flock and fcntl locks succeed at once, whoever else holds them
 *
 * enospc counts only calls that may need space, short only writes, eio also reads. All work is done by raw system
 * calls, so nothing here is counted.
 */
#define _GNU_SOURCE /* RTLD_NEXT, F_OFD_SETLK, syscall */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum { OPENS = 1, WRITES = 2, SPACE = 4, READS = 8, OTHER = 16 };

typedef enum mode { MODE_OFF, MODE_COUNT, MODE_KILL, MODE_TEAR, MODE_ENOSPC, MODE_EIO, MODE_SHORT } mode;

static long (*the_syscall)(long number, ...);
static mode the_mode;
static int counted;
static long fire_at;
static bool from_then_on, lying_locks;
static const char *report_path, *log_path;
static atomic_long n_calls;

__attribute__((constructor)) static void start(void)
{
    static const char *const names[] = {"off", "count", "kill", "tear", "enospc", "eio", "short"};
    if (the_syscall) {
        return;
    }
    void *found = dlsym(RTLD_NEXT, "syscall");
    memcpy(&the_syscall, &found, sizeof the_syscall);
    const char *text = getenv("PLX_FAULT_MODE");
    for (int i = 0; text && i < (int)(sizeof names / sizeof *names); i++) {
        if (strcmp(text, names[i]) == 0) {
            the_mode = (mode)i;
        }
    }
    const char *at = getenv("PLX_FAULT_AT");
    fire_at = at ? strtol(at, NULL, 10) : 0;
    from_then_on = getenv("PLX_FAULT_ON") != NULL;
    report_path = getenv("PLX_FAULT_REPORT");
    log_path = getenv("PLX_FAULT_LOG");
    text = getenv("PLX_FAULT_LOCKS");
    lying_locks = text && strcmp(text, "lie") == 0;
    /* A counting run names the fault it counts for, so that k means the same call in both. */
    text = getenv("PLX_FAULT_FOR");
    mode counts_for = the_mode;
    for (int i = 0; text && i < (int)(sizeof names / sizeof *names); i++) {
        if (strcmp(text, names[i]) == 0) {
            counts_for = (mode)i;
        }
    }
    switch (counts_for) {
    case MODE_ENOSPC:
        counted = WRITES | SPACE;
        break;
    case MODE_SHORT:
    case MODE_TEAR:
        counted = WRITES;
        break;
    case MODE_EIO:
        counted = OPENS | WRITES | SPACE | READS | OTHER;
        break;
    case MODE_OFF:
    case MODE_COUNT:
    case MODE_KILL:
        counted = OPENS | WRITES | SPACE | OTHER;
        break;
    }
}

/* Constructors of other libraries may call in before ours has run. */
#define raw(...) (start(), the_syscall(__VA_ARGS__))

static void append(const char *path, const char *line)
{
    int fd = (int)raw(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd >= 0) {
        raw(SYS_write, fd, line, strlen(line));
        raw(SYS_close, fd);
    }
}

__attribute__((destructor)) static void finish(void)
{
    if (report_path && the_mode != MODE_OFF) {
        char line[64];
        snprintf(line, sizeof line, "calls %ld\n", atomic_load(&n_calls));
        append(report_path, line);
    }
}

static const char *path_of(int fd, char out[512])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long n = raw(SYS_readlinkat, AT_FDCWD, link, out, 511);
    out[n > 0 ? n : 0] = 0;
    return out;
}

/* What becomes of this call: 0 let it be, else an errno value to fail with; -1 cut it short, -2 cut it short and die.
 */
static int fate(const char *call, int class, int fd, const char *path)
{
    if (the_mode == MODE_OFF || !(counted & class)) {
        return 0;
    }
    int saved = errno;
    long k = atomic_fetch_add(&n_calls, 1) + 1;
    bool fires = the_mode != MODE_COUNT && fire_at > 0 && (from_then_on ? k >= fire_at : k == fire_at);
    if (log_path || (fires && k == fire_at)) {
        char line[1200], name[512];
        if (!path) {
            path = fd >= 0 ? path_of(fd, name) : "";
        }
        if (log_path) {
            snprintf(line, sizeof line, "%ld %s %s\n", k, call, path);
            append(log_path, line);
        }
        if (fires && k == fire_at && report_path) {
            snprintf(line, sizeof line, "fired %ld %s %s\n", k, call, path);
            append(report_path, line);
        }
    }
    errno = saved;
    if (!fires) {
        return 0;
    }
    switch (the_mode) {
    case MODE_KILL:
        raw(SYS_kill, getpid(), SIGKILL);
        return 0;
    case MODE_TEAR:
        return -2;
    case MODE_SHORT:
        return -1;
    case MODE_ENOSPC:
        return ENOSPC;
    case MODE_EIO:
        return EIO;
    case MODE_OFF:
    case MODE_COUNT:
        break;
    }
    return 0;
}

static long failed(int error)
{
    errno = error;
    return -1;
}

static int do_open(const char *call, int at, const char *path, int flags, mode_t bits)
{
    int error = fate(call, (flags & O_CREAT) ? SPACE : OPENS, -1, path);
    return (int)(error ? failed(error) : raw(SYS_openat, at, path, flags | O_LARGEFILE, bits));
}

static mode_t bits_of(int flags, va_list list)
{
    return (flags & (O_CREAT | __O_TMPFILE)) ? (mode_t)va_arg(list, int) : 0;
}

#define OPEN(name)                                                                                                     \
    EXPORT int name(const char *path, int flags, ...)                                                                  \
    {                                                                                                                  \
        va_list list;                                                                                                  \
        va_start(list, flags);                                                                                         \
        mode_t bits = bits_of(flags, list);                                                                            \
        va_end(list);                                                                                                  \
        return do_open("open", AT_FDCWD, path, flags, bits);                                                           \
    }
#define OPENAT(name)                                                                                                   \
    EXPORT int name(int at, const char *path, int flags, ...)                                                          \
    {                                                                                                                  \
        va_list list;                                                                                                  \
        va_start(list, flags);                                                                                         \
        mode_t bits = bits_of(flags, list);                                                                            \
        va_end(list);                                                                                                  \
        return do_open("openat", at, path, flags, bits);                                                               \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

/* What _FORTIFY_SOURCE makes of open without a mode. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int at, const char *path, int flags);
int __openat64_2(int at, const char *path, int flags);
EXPORT int __open_2(const char *path, int flags)
{
    return do_open("open", AT_FDCWD, path, flags, 0);
}
EXPORT int __open64_2(const char *path, int flags)
{
    return do_open("open", AT_FDCWD, path, flags, 0);
}
EXPORT int __openat_2(int at, const char *path, int flags)
{
    return do_open("openat", at, path, flags, 0);
}
EXPORT int __openat64_2(int at, const char *path, int flags)
{
    return do_open("openat", at, path, flags, 0);
}

static ssize_t do_write(const char *call, int fd, const void *bytes, size_t n, off_t offset)
{
    int error = fate(call, WRITES, fd, NULL);
    if (error > 0) {
        return failed(error);
    }
    if (error < 0 && n > 1) {
        n /= 2;
    }
    ssize_t done = offset < 0 ? raw(SYS_write, fd, bytes, n) : raw(SYS_pwrite64, fd, bytes, n, offset);
    if (error == -2) {
        raw(SYS_kill, getpid(), SIGKILL);
    }
    return done;
}

EXPORT ssize_t write(int fd, const void *bytes, size_t n)
{
    return do_write("write", fd, bytes, n, -1);
}
EXPORT ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
    return do_write("pwrite64", fd, bytes, n, offset);
}
EXPORT ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t offset)
{
    return do_write("pwrite64", fd, bytes, n, offset);
}

EXPORT ssize_t read(int fd, void *bytes, size_t n)
{
    int error = fate("read", READS, fd, NULL);
    return error ? failed(error) : raw(SYS_read, fd, bytes, n);
}
EXPORT ssize_t pread(int fd, void *bytes, size_t n, off_t offset)
{
    int error = fate("pread64", READS, fd, NULL);
    return error ? failed(error) : raw(SYS_pread64, fd, bytes, n, offset);
}
EXPORT ssize_t pread64(int fd, void *bytes, size_t n, off64_t offset)
{
    int error = fate("pread64", READS, fd, NULL);
    return error ? failed(error) : raw(SYS_pread64, fd, bytes, n, offset);
}

EXPORT int fsync(int fd)
{
    int error = fate("fsync", SPACE, fd, NULL);
    return (int)(error ? failed(error) : raw(SYS_fsync, fd));
}
EXPORT int fdatasync(int fd)
{
    int error = fate("fdatasync", SPACE, fd, NULL);
    return (int)(error ? failed(error) : raw(SYS_fdatasync, fd));
}
EXPORT int ftruncate(int fd, off_t length)
{
    int error = fate("ftruncate", SPACE, fd, NULL);
    return (int)(error ? failed(error) : raw(SYS_ftruncate, fd, length));
}
EXPORT int ftruncate64(int fd, off64_t length)
{
    int error = fate("ftruncate", SPACE, fd, NULL);
    return (int)(error ? failed(error) : raw(SYS_ftruncate, fd, length));
}
/* A close that fails has closed all the same. */
EXPORT int close(int fd)
{
    int error = fate("close", SPACE, fd, NULL);
    long done = raw(SYS_close, fd);
    return (int)(error ? failed(error) : done);
}

static int do_pair(const char *call, long number, int at, const char *from, int at2, const char *to, unsigned flags)
{
    char both[1024];
    snprintf(both, sizeof both, "%s %s", from, to);
    int error = fate(call, SPACE, -1, both);
    return (int)(error ? failed(error) : raw(number, at, from, at2, to, flags));
}

EXPORT int rename(const char *from, const char *to)
{
    return do_pair("rename", SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
EXPORT int renameat(int at, const char *from, int at2, const char *to)
{
    return do_pair("rename", SYS_renameat2, at, from, at2, to, 0);
}
EXPORT int renameat2(int at, const char *from, int at2, const char *to, unsigned flags)
{
    return do_pair("rename", SYS_renameat2, at, from, at2, to, flags);
}
EXPORT int link(const char *from, const char *to)
{
    return do_pair("link", SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}
EXPORT int linkat(int at, const char *from, int at2, const char *to, int flags)
{
    return do_pair("link", SYS_linkat, at, from, at2, to, (unsigned)flags);
}

static int do_unlink(const char *call, int at, const char *path, int flags)
{
    int error = fate(call, OTHER, -1, path);
    return (int)(error ? failed(error) : raw(SYS_unlinkat, at, path, flags));
}

EXPORT int unlink(const char *path)
{
    return do_unlink("unlink", AT_FDCWD, path, 0);
}
EXPORT int unlinkat(int at, const char *path, int flags)
{
    return do_unlink("unlink", at, path, flags);
}
EXPORT int rmdir(const char *path)
{
    return do_unlink("unlink", AT_FDCWD, path, AT_REMOVEDIR);
}
EXPORT int mkdirat(int at, const char *path, mode_t bits)
{
    int error = fate("mkdir", SPACE, -1, path);
    return (int)(error ? failed(error) : raw(SYS_mkdirat, at, path, bits));
}
EXPORT int mkdir(const char *path, mode_t bits)
{
    return mkdirat(AT_FDCWD, path, bits);
}

EXPORT long syscall(long number, ...)
{
    long a[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++) {
        a[i] = va_arg(list, long);
    }
    va_end(list);
    if (number == SYS_renameat2) {
        return renameat2((int)a[0], (const char *)a[1], (int)a[2], (const char *)a[3], (unsigned)a[4]);
    }
    return raw(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

EXPORT int flock(int fd, int operation)
{
    return lying_locks ? 0 : (int)raw(SYS_flock, fd, operation);
}

static int do_fcntl(int fd, int command, long argument)
{
    bool asks = command == F_GETLK || command == F_OFD_GETLK;
    bool takes = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
    if (lying_locks && asks) {
        ((struct flock *)argument)->l_type = F_UNLCK;
        return 0;
    }
    return lying_locks && takes ? 0 : (int)raw(SYS_fcntl, fd, command, argument);
}

#define FCNTL(name)                                                                                                    \
    EXPORT int name(int fd, int command, ...)                                                                          \
    {                                                                                                                  \
        va_list list;                                                                                                  \
        va_start(list, command);                                                                                       \
        long argument = va_arg(list, long);                                                                            \
        va_end(list);                                                                                                  \
        return do_fcntl(fd, command, argument);                                                                        \
    }
FCNTL(fcntl)
FCNTL(fcntl64)

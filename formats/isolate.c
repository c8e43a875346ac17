/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages are {u32 kind, u32 length, bytes}; the last one says how the child ended: DONE, or FAILED with its plx_err.
 * An end of the pipe without either is a death, and wait() tells of what. The child's resource limits: memory by
 * ctx->limits.memory_bytes on top of what the parent has mapped, processor time, no core file, no byte written to a
 * file. Under sanitizers, whose shadow memory is larger than any limit and which make system calls of their own, the
 * memory limit and seccomp are left out.
 */
#define _GNU_SOURCE /* pipe2, syscall(SYS_close_range) */
#include "formats/isolate.h"

#include "core/alloc.h"
#include "formats/isolate_internal.h"
#include "formats/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* glibc's heap survives a fork beside other threads; AddressSanitizer's of LLVM before 17 leaves its child a lock that
 * another thread held. Its own names for holding still are weak here: other run times lack them and need them not. */
#if SANITIZED
__attribute__((weak)) void sanitizer_hold(void) __asm__("_ZN6__lsan13LockAllocatorEv");
__attribute__((weak)) void sanitizer_release(void) __asm__("_ZN6__lsan15UnlockAllocatorEv");
#endif

enum {
    KIND_DONE = -1,
    KIND_FAILED = -2,
    CPU_SECONDS = 5,
    CPU_PER_MIB = 8,
    POLL_MS = 50,
    READ_BYTES = 256 << 10,
    FILES = 32,
    OUT_BYTES = 64 << 10
};

struct plx_isolate_out {
    int fd;
    size_t used;
    uint8_t buffer[OUT_BYTES];
};

typedef struct head {
    uint32_t kind, len;
} head;

static bool write_all(int fd, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static bool flush(plx_isolate_out *out)
{
    bool ok = write_all(out->fd, out->buffer, out->used);
    out->used = 0;
    return ok;
}

static bool send_any(plx_isolate_out *out, uint32_t kind, const void *bytes, size_t len, plx_err *err)
{
    head h = {.kind = kind, .len = (uint32_t)len};
    bool ok = true;
    if (sizeof h + len > OUT_BYTES - out->used) {
        ok = flush(out);
    }
    if (sizeof h + len > OUT_BYTES) {
        ok = ok && write_all(out->fd, &h, sizeof h) && write_all(out->fd, bytes, len);
    } else {
        memcpy(out->buffer + out->used, &h, sizeof h);
        memcpy(out->buffer + out->used + sizeof h, bytes, len);
        out->used += sizeof h + len;
    }
    return ok || plx_fail_sys(err, errno, "the decoder lost its pipe");
}

bool plx_isolate_send(plx_isolate_out *out, uint32_t kind, const void *bytes, size_t len, plx_err *err)
{
    if (len > PLX_ISOLATE_MESSAGE) {
        return plx_fail(err, PLX_E_LIMIT, "one part of the file is larger than %d bytes when decoded",
                        PLX_ISOLATE_MESSAGE);
    }
    return send_any(out, kind & INT32_MAX, bytes, len, err);
}

bool plx_isolate_garbled(const char *path, plx_err *err)
{
    return plx_fail(err, PLX_E_FORMAT, "%s cannot be read: its decoder gave a garbled answer", path);
}

/* --- the child --- */

/* Bytes this process has mapped. */
static uint64_t mapped_bytes(void)
{
    char text[64];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text) : 0;
    if (fd >= 0) {
        close(fd);
    }
    uint64_t pages = 0;
    for (ssize_t i = 0; i < n && text[i] >= '0' && text[i] <= '9'; i++) {
        pages = 10 * pages + (uint64_t)(text[i] - '0');
    }
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void limit(__rlimit_resource_t what, uint64_t value)
{
    struct rlimit old;
    if (getrlimit(what, &old) != 0) {
        return;
    }
    value = old.rlim_max < value ? old.rlim_max : value;
    /* At the soft limit of time comes SIGXCPU, at the hard one SIGKILL, which says less. */
    uint64_t hard = what == RLIMIT_CPU && value < old.rlim_max ? value + 1 : value;
    (void)setrlimit(what, &(struct rlimit){.rlim_cur = value, .rlim_max = hard});
}

static void confine(const plx_ctx *ctx, unsigned cpu_seconds, int *fd, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        (void)raise(SIGKILL); /* the parent ended before the line above */
    }
    /* Handlers belong to the parent; a terminal's interrupt is for it too, and it ends this process. */
    for (int s = 1; s < NSIG; s++) {
        if (s != SIGKILL && s != SIGSTOP) {
            (void)sigaction(s, &(struct sigaction){.sa_handler = s == SIGINT ? SIG_IGN : SIG_DFL}, NULL);
        }
    }
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    /* 0, 1, 2: nothing a library prints is seen; 3: the pipe; all others closed, locks of the store among them. */
    int null = open("/dev/null", O_RDWR);
    int keep = fcntl(*fd, F_DUPFD, 16);
    for (int i = 0; i < 3; i++) {
        (void)dup2(null, i);
    }
    (void)dup2(keep, 3);
    *fd = 3;
    if (syscall(SYS_close_range, 4U, ~0U, 0U) != 0) {
        long last = sysconf(_SC_OPEN_MAX);
        for (int i = 4; i < (last > 4 && last < 65536 ? (int)last : 65536); i++) {
            (void)close(i);
        }
    }
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, FILES);
    limit(RLIMIT_CPU, cpu_seconds);
    if (!SANITIZED) {
        limit(RLIMIT_AS, mapped_bytes() + plx_limits_of(ctx).memory_bytes);
        plx_isolate_seccomp();
    }
}

static void end_child(int status)
{
    (void)syscall(SYS_exit_group, status); /* neither exit handlers nor buffers of the parent run here */
    for (;;) {
        (void)raise(SIGKILL);
    }
}

static pid_t fork_at_rest(void)
{
#if SANITIZED
    if (sanitizer_hold && sanitizer_release) {
        sanitizer_hold();
        pid_t child = fork();
        int sys = errno;
        sanitizer_release();
        errno = sys;
        return child;
    }
#endif
    return fork();
}

static void run_child(const plx_ctx *ctx, const plx_isolate_job *job, unsigned cpu_seconds, int fd, pid_t parent)
{
    confine(ctx, cpu_seconds, &fd, parent);
    plx_isolate_out out;
    out.fd = fd;
    out.used = 0;
    plx_err err;
    plx_err_clear(&err);
    if (job->decode(&out, job->arg, &err)) {
        (void)send_any(&out, (uint32_t)KIND_DONE, "", 0, NULL);
    } else {
        (void)send_any(&out, (uint32_t)KIND_FAILED, &err, sizeof err, NULL);
    }
    (void)flush(&out);
    end_child(0);
}

/* --- the parent --- */

typedef struct reader {
    uint8_t *bytes;
    size_t len, cap, at;
    bool over, failed; /* DONE or FAILED came; FAILED, or take() said no */
} reader;

/* An error out of the child, of which no byte is taken on trust. */
static void adopt(const uint8_t *bytes, plx_err *err)
{
    plx_err theirs;
    memcpy(&theirs, bytes, sizeof theirs);
    theirs.what[PLX_ERR_TEXT - 1] = theirs.why[PLX_ERR_TEXT - 1] = '\0';
    plx_code code = PLX_E_FORMAT;
    switch ((int)theirs.code) {
    case PLX_E_ARG:
    case PLX_E_NOTFOUND:
    case PLX_E_LIMIT:
    case PLX_E_NOMEM:
    case PLX_E_IO:
    case PLX_E_TRUNCATED:
    case PLX_E_UNSUPPORTED:
    case PLX_E_POLICY:
        code = theirs.code;
        break;
    default:
        break;
    }
    plx_fail(err, code, "%s", theirs.what);
    if (theirs.why[0]) {
        plx_err_why(err, "%s", theirs.why);
    }
    for (int i = 0; i < theirs.n_notes && i < PLX_ERR_NOTES; i++) {
        theirs.note[i][PLX_ERR_NOTE - 1] = '\0';
        plx_note(err, "%s", theirs.note[i]);
    }
}

/* Whole messages of what has been read so far. */
static bool deliver(const plx_isolate_job *job, reader *r, plx_err *err)
{
    while (!r->over && r->len - r->at >= sizeof(head)) {
        head h;
        memcpy(&h, r->bytes + r->at, sizeof h);
        if (h.len > PLX_ISOLATE_MESSAGE) {
            return plx_isolate_garbled(job->path, err);
        }
        if (r->len - r->at - sizeof h < h.len) {
            break;
        }
        const uint8_t *body = r->bytes + r->at + sizeof h;
        r->at += sizeof h + h.len;
        if (h.kind == (uint32_t)KIND_DONE) {
            r->over = true;
        } else if (h.kind == (uint32_t)KIND_FAILED) {
            if (h.len != sizeof(plx_err)) {
                return plx_isolate_garbled(job->path, err);
            }
            r->over = r->failed = true;
            adopt(body, err);
            return false;
        } else if (!job->take(job->payload, h.kind, body, h.len, err)) {
            return false;
        }
    }
    if (r->at > 0) {
        memmove(r->bytes, r->bytes + r->at, r->len - r->at);
        r->len -= r->at;
        r->at = 0;
    }
    return true;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Read until the child says it is over or its end of the pipe closes. *ended: without a last word. */
static bool listen_to(const plx_ctx *ctx, const plx_isolate_job *job, int fd, int64_t patience_ms, reader *r,
                      plx_err *err)
{
    int64_t heard = now_ms();
    while (!r->over) {
        if (!plx_ctx_go_on(ctx, err)) {
            return false;
        }
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = poll(&p, 1, POLL_MS);
        if (ready <= 0) {
            if (now_ms() - heard > patience_ms) {
                return plx_fail(err, PLX_E_LIMIT, "%s cannot be read: its decoder stopped answering", job->path);
            }
            continue;
        }
        if (!plx_grow(&r->bytes, &r->cap, r->len + READ_BYTES, 1)) {
            return plx_fail_nomem(err, r->len + READ_BYTES);
        }
        ssize_t n = read(fd, r->bytes + r->len, READ_BYTES);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return true;
        }
        heard = now_ms();
        r->len += (size_t)n;
        if (!deliver(job, r, err)) {
            return false;
        }
    }
    return true;
}

static bool died(const char *path, int status, unsigned cpu_seconds, plx_err *err)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
        return plx_fail(err, PLX_E_LIMIT, "%s cannot be read: decoding it took more than %u s", path, cpu_seconds);
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
        plx_fail(err, PLX_E_LIMIT, "%s cannot be read: its decoder was killed", path);
        return plx_err_why(err, "the system does so when time or memory run out");
    }
    plx_fail(err, PLX_E_FORMAT, "%s cannot be read: it is damaged so that it brought its decoder down", path);
    if (WIFSIGNALED(status)) {
        int s = WTERMSIG(status);
        return plx_err_why(err, "the decoding process ended by signal %d%s", s,
                           s == SIGSYS    ? " (a system call that no decoder needs)"
                           : s == SIGSEGV ? " (an address outside its memory)"
                           : s == SIGABRT ? " (a broken heap or a failed check)"
                                          : "");
    }
    return plx_err_why(err, "the decoding process ended with status %d and without a last word",
                       WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

bool plx_isolate(const plx_ctx *ctx, const plx_isolate_job *job, plx_err *err)
{
    plx_source *file;
    if (!plx_source_file(ctx, job->path, false, &file, err)) { /* not a folder, a pipe or nothing at all */
        return false;
    }
    /* A loop that never ends is seen soon in a small file; deflate cannot make work for more than this out of a large
     * one. */
    uint64_t mib = file->size > 0 ? (uint64_t)file->size >> 20 : 0;
    uint64_t given = CPU_SECONDS + CPU_PER_MIB * (mib < 1 << 24 ? mib : 1 << 24);
    unsigned cpu_seconds = job->cpu_seconds ? job->cpu_seconds : (unsigned)given;
    plx_source_close(file);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return plx_fail_sys(err, errno, "no pipe for the decoder of %s", job->path);
    }
    pid_t parent = getpid();
    pid_t child = fork_at_rest();
    if (child == 0) {
        run_child(ctx, job, cpu_seconds, ends[1], parent);
    }
    int sys = errno;
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return plx_fail_sys(err, sys, "no process for the decoder of %s", job->path);
    }
    reader r = {0};
    /* A child that waits for a lock says nothing for ever; of one that computes, the limit on CPU time must be the end,
     * also on a busy machine. */
    int64_t patience_ms = 60000 + (int64_t)cpu_seconds * 4000;
    bool ok = listen_to(ctx, job, ends[0], patience_ms, &r, err);
    if (!ok || r.over) {
        (void)kill(child, SIGKILL); /* it has nothing more to say */
    }
    close(ends[0]);
    int status = -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (ok && !r.over) {
        ok = died(job->path, status, cpu_seconds, err);
    }
    plx_free(r.bytes);
    return ok;
}

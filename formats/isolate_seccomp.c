/* SPDX-License-Identifier: Apache-2.0
 *
 * The system calls left to a decoding child: memory, reading files, writing to what is open, time, ending. Files open
 * for reading only. Anything else kills the child with SIGSYS. Where the kernel has no seccomp, or on other processors
 * than x86-64 and arm64, the child runs under its resource limits alone.
 */
#define _GNU_SOURCE /* syscall numbers */
#include "formats/isolate_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE
static const unsigned short allowed[] = {
    SYS_read,           SYS_pread64,       SYS_readv,        SYS_write,        SYS_lseek,
    SYS_fstat,          SYS_newfstatat,    SYS_close,        SYS_mmap,         SYS_munmap,
    SYS_mprotect,       SYS_mremap,        SYS_madvise,      SYS_brk,          SYS_futex,
    SYS_getrandom,      SYS_clock_gettime, SYS_gettimeofday, SYS_getrusage,    SYS_getpid,
    SYS_gettid,         SYS_getuid,        SYS_geteuid,      SYS_rt_sigreturn, SYS_rt_sigaction,
    SYS_rt_sigprocmask, SYS_sched_yield,   SYS_tgkill,       SYS_exit,         SYS_exit_group,
    SYS_prlimit64,      SYS_sysinfo,       SYS_faccessat,    SYS_readlinkat,   SYS_getcwd,
    SYS_fadvise64,      SYS_statfs,        SYS_fstatfs,
#ifdef __x86_64__
    SYS_stat,           SYS_lstat,         SYS_access,       SYS_readlink,     SYS_time,
#endif
};
enum { N_ALLOWED = sizeof allowed / sizeof allowed[0] };

#define LOAD(field)  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
/* Skip the next instruction unless equal. */
#define IF_EQUAL(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1)

void plx_isolate_seccomp(void)
{
    struct sock_filter code[2 * N_ALLOWED + 24];
    unsigned short n = 0;
#define ADD(...) (code[n++] = (struct sock_filter)__VA_ARGS__)
    ADD(LOAD(arch));
    ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
    ADD(RETURN(SECCOMP_RET_KILL_PROCESS));
    ADD(LOAD(nr));
    for (size_t i = 0; i < N_ALLOWED; i++) {
        ADD(IF_EQUAL(allowed[i]));
        ADD(RETURN(SECCOMP_RET_ALLOW));
    }
    /* What libraries try and can do without gets a refusal. */
    ADD(IF_EQUAL(SYS_ioctl));
    ADD(RETURN(SECCOMP_RET_ERRNO | ENOTTY));
    ADD(IF_EQUAL(SYS_fcntl));
    ADD(RETURN(SECCOMP_RET_ERRNO | EINVAL));
    ADD(IF_EQUAL(SYS_flock));
    ADD(RETURN(SECCOMP_RET_ERRNO | ENOSYS));
    /* openat(folder, path, flags): only to read. */
    ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 4));
    ADD(LOAD(args[2]));
    ADD(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, O_ACCMODE | O_CREAT | O_TRUNC));
    ADD(IF_EQUAL(O_RDONLY));
    ADD(RETURN(SECCOMP_RET_ALLOW));
    ADD(RETURN(SECCOMP_RET_KILL_PROCESS));
#undef ADD
    const struct sock_fprog program = {.len = n, .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
        (void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
    }
}
#else
void plx_isolate_seccomp(void)
{
}
#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Private folders of running processes, and telling a dead owner from a live one. The name says who made it:
 * <pid>.<host>.<boot>.<start time>.<random>. Host covers machine and pid namespace, because a pid means nothing outside
 * them.
 */
#include "core/num.h"
#include "core/str.h"
#include "registry/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum { DAY_S = 24 * 60 * 60, SHORT_HEX = 8 };

/* How names of claims start; the rest is of no concern here. */
#define CLAIM "claim-"

/* Stands where the system did not tell; it proves nothing either way. So does a start time of 0. */
#define UNKNOWN_BOOT "00000000"

typedef struct owner {
    uint64_t pid, start;
    char host[SHORT_HEX + 1], boot[SHORT_HEX + 1];
} owner;

static size_t read_small(const char *path, char *out, size_t cap)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        out[0] = '\0';
        return 0;
    }
    ssize_t n;
    do {
        n = read(fd, out, cap - 1);
    } while (n < 0 && errno == EINTR);
    close(fd);
    size_t len = n > 0 ? (size_t)n : 0;
    out[len] = '\0';
    return len;
}

static void short_hash(const char *text, size_t len, char out[SHORT_HEX + 1])
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest digest = plx_sha256_of(text, len);
    plx_digest_hex(&digest, hex);
    memcpy(out, hex, SHORT_HEX);
    out[SHORT_HEX] = '\0';
}

/* Field 22 of /proc/PID/stat, counted after the last ')' because the name before it may hold anything. 0: not known. */
static uint64_t start_time(uint64_t pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%llu/stat", (unsigned long long)pid);
    if (read_small(path, text, sizeof text) == 0) {
        return 0;
    }
    const char *p = strrchr(text, ')');
    for (int field = 2; p && field < 22; field++) {
        p = strchr(p + 1, ' ');
    }
    if (!p) {
        return 0;
    }
    p++;
    uint64_t start;
    return plx_parse_u64(p, strcspn(p, " \n"), &start) ? start : 0;
}

static void who_am_i(owner *me)
{
    char id[1024], boot[128], ns[128];
    struct utsname name;
    size_t used = read_small("/etc/machine-id", id, 512);
    ssize_t n = readlink("/proc/self/ns/pid", ns, sizeof ns - 1);
    ns[n > 0 ? n : 0] = '\0';
    int more = snprintf(id + used, sizeof id - used, "|%s|%s", uname(&name) == 0 ? name.nodename : "", ns);
    short_hash(id, used + (more > 0 ? (size_t)more : 0), me->host);
    size_t len = read_small("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
    if (len > 0) {
        short_hash(boot, len, me->boot);
    } else {
        memcpy(me->boot, UNKNOWN_BOOT, sizeof me->boot);
    }
    me->pid = (uint64_t)getpid();
    me->start = start_time(me->pid);
}

static bool parse_name(const char *name, owner *out)
{
    const char *part[5];
    size_t len[5];
    const char *p = name;
    for (int i = 0; i < 5; i++) {
        part[i] = p;
        len[i] = strcspn(p, ".");
        p += len[i];
        if ((i < 4) != (*p == '.')) {
            return false;
        }
        p += i < 4;
    }
    if (len[1] != SHORT_HEX || len[2] != SHORT_HEX || !plx_parse_u64(part[0], len[0], &out->pid) ||
        !plx_parse_u64(part[3], len[3], &out->start)) {
        return false;
    }
    snprintf(out->host, sizeof out->host, "%.*s", SHORT_HEX, part[1]);
    snprintf(out->boot, sizeof out->boot, "%.*s", SHORT_HEX, part[2]);
    return true;
}

/* A name in partial/ that nobody has, belonging to process `pid` (0: to nobody). */
static bool fresh_name(const plx_store *store, const owner *who, char out[PLX_PATH], plx_err *err)
{
    uint64_t random;
    if (!plx_fs_random(&random, err)) {
        return false;
    }
    int n = snprintf(out, PLX_PATH, "%s/partial/%llu.%s.%s.%llu.%012llx", store->root, (unsigned long long)who->pid,
                     who->host, who->boot, (unsigned long long)who->start, (unsigned long long)(random >> 16));
    return (n >= 0 && n < PLX_PATH) || plx_fail(err, PLX_E_ARG, "the store's path %.80s... is too long", store->root);
}

bool plx_store_partial(const plx_store *store, char out[PLX_PATH], plx_err *err)
{
    owner me;
    who_am_i(&me);
    for (int tries = 0; tries < 16; tries++) {
        if (!fresh_name(store, &me, out, err)) {
            return false;
        }
        if (mkdir(out, 0777) == 0) {
            return true;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    return plx_fail_sys(err, errno, "cannot make a private folder in %s/partial", store->root);
}

/* Newest change of a folder and of what is in it, so that a slow writer elsewhere is not taken for a dead one. */
static time_t newest(const char *path, int depth)
{
    struct stat st;
    if (lstat(path, &st) != 0) {
        return 0;
    }
    time_t latest = st.st_mtime;
    DIR *dir = S_ISDIR(st.st_mode) && depth > 0 ? opendir(path) : NULL;
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char below[PLX_PATH];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            !plx_path_join(below, path, entry->d_name, NULL)) {
            continue;
        }
        time_t t = newest(below, depth - 1);
        latest = t > latest ? t : latest;
    }
    if (dir) {
        closedir(dir);
    }
    return latest;
}

/* A claim is held by a lock, which ends with its process. */
static bool claim_is_free(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool is_free = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return is_free;
}

static bool is_dead(const char *path, const char *name, const owner *me)
{
    owner who;
    if (plx_starts_with(name, CLAIM)) {
        return claim_is_free(path);
    }
    if (!parse_name(name, &who)) { /* not a name of ours; one that starts with a pid is taken to be of this host */
        who = *me;
        who.start = 0;
        if (!plx_parse_u64(name, strcspn(name, "."), &who.pid) || who.pid == me->pid) {
            return time(NULL) - newest(path, 8) > DAY_S;
        }
    }
    if (who.pid == 0) {
        return true; /* left on purpose */
    }
    if (strcmp(who.host, me->host) != 0) {
        return time(NULL) - newest(path, 8) > DAY_S;
    }
    bool same_boot = strcmp(who.boot, me->boot) == 0;
    if (!same_boot && strcmp(who.boot, UNKNOWN_BOOT) != 0 && strcmp(me->boot, UNKNOWN_BOOT) != 0) {
        return true;
    }
    if (who.pid == me->pid) {
        return who.start != 0 && me->start != 0 && who.start != me->start;
    }
    if (who.pid > INT32_MAX || (kill((pid_t)who.pid, 0) != 0 && errno == ESRCH)) {
        return true;
    }
    uint64_t start = start_time(who.pid);
    return start != 0 && who.start != 0 && start != who.start;
}

/* Part of a download that somebody may go on with, not older than `keep_s`. */
static bool worth_keeping(const char *path, int64_t keep_s)
{
    char journal[PLX_PATH];
    struct stat st;
    return keep_s > 0 && plx_path_join(journal, path, "journal", NULL) && lstat(journal, &st) == 0 &&
           time(NULL) - st.st_mtime < keep_s;
}

bool plx_store_sweep_partials(const plx_store *store, int64_t keep_s, size_t *n_removed, plx_err *err)
{
    *n_removed = 0;
    char dir[PLX_PATH], path[PLX_PATH];
    char **names;
    size_t n;
    if (!plx_path_join(dir, store->root, "partial", err) || !plx_fs_names(dir, &names, &n, err)) {
        return false;
    }
    owner me = {0};
    if (n > 0) {
        who_am_i(&me);
    }
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        ok = plx_path_join(path, dir, names[i], err);
        if (ok && is_dead(path, names[i], &me) && !worth_keeping(path, keep_s)) {
            ok = plx_fs_remove_tree(path, err);
            *n_removed += ok;
        }
    }
    plx_fs_names_free(names, n);
    return ok;
}

bool plx_store_adopt_partial(const plx_store *store, bool (*fits)(void *payload, const char *dir), void *payload,
                             char out[PLX_PATH], bool *found, plx_err *err)
{
    char dir[PLX_PATH], path[PLX_PATH];
    char **names;
    size_t n;
    *found = false;
    if (!plx_path_join(dir, store->root, "partial", err) || !plx_fs_names(dir, &names, &n, err)) {
        return false;
    }
    owner me = {0};
    if (n > 0) {
        who_am_i(&me);
    }
    bool ok = true;
    for (size_t i = 0; i < n && ok && !*found; i++) {
        ok = plx_path_join(path, dir, names[i], err);
        if (ok && !plx_starts_with(names[i], CLAIM) && fits(payload, path) && is_dead(path, names[i], &me)) {
            ok = fresh_name(store, &me, out, err);
            *found = ok && rename(path, out) == 0; /* of several that try, one succeeds */
        }
    }
    plx_fs_names_free(names, n);
    return ok;
}

void plx_store_leave_partial(const plx_store *store, const char *path)
{
    char to[PLX_PATH];
    owner nobody;
    who_am_i(&nobody);
    nobody.pid = nobody.start = 0;
    if (!fresh_name(store, &nobody, to, NULL) || rename(path, to) != 0) {
        return; /* it keeps our name, and is nobody's once this process has ended */
    }
}

bool plx_store_claim_path(const plx_store *store, const char *key, char out[PLX_PATH], plx_err *err)
{
    int n = snprintf(out, PLX_PATH, "%s/partial/" CLAIM "%.32s", store->root, key);
    return (n >= 0 && n < PLX_PATH) || plx_fail(err, PLX_E_ARG, "the store's path %.80s... is too long", store->root);
}

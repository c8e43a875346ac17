/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* mkfifo, symlink, usleep's relatives */
#include "core/alloc.h"
#include "core/fs.h"
#include "support/support.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static plx_err err;

static const char *at(const char *rel)
{
    static char paths[8][PLX_PATH];
    static int next;
    char *out = paths[next++ % 8];
    ck_assert(plx_path_join(out, plx_test_dir(), rel, NULL));
    return out;
}

static void touch(const char *rel, const char *text)
{
    plx_test_file(rel, text, strlen(text));
}

static void holds(const char *path, const char *text)
{
    char got[256] = "";
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s is missing", path);
    size_t n = fread(got, 1, sizeof got - 1, f);
    fclose(f);
    ck_assert_uint_eq(n, strlen(text));
    ck_assert_str_eq(got, text);
}

/* The names in a folder, joined by blanks. */
static const char *listing(const char *dir)
{
    static char out[4096];
    char **names;
    size_t n;
    ck_assert(plx_fs_names(dir, &names, &n, NULL));
    out[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        strcat(out, i ? " " : "");
        strcat(out, names[i]);
    }
    plx_fs_names_free(names, n);
    return out;
}

START_TEST(join)
{
    char out[PLX_PATH];
    static const char *const cases[][3] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"a//", "b/c", "a/b/c"}, {"/", "b", "/b"},
        {"//", "b", "/b"}, {"", "b", "b"},     {"a", "", "a/"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert(plx_path_join(out, cases[i][0], cases[i][1], &err));
        ck_assert_str_eq(out, cases[i][2]);
    }
    char in_place[PLX_PATH] = "x/y";
    ck_assert(plx_path_join(in_place, in_place, "z", &err));
    ck_assert_str_eq(in_place, "x/y/z");

    char longest[PLX_PATH];
    memset(longest, 'a', sizeof longest);
    longest[PLX_PATH - 3] = '\0';
    ck_assert(plx_path_join(out, longest, "b", &err));
    ck_assert_uint_eq(strlen(out), PLX_PATH - 1);
    ck_assert(!plx_path_join(out, longest, "bc", &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert_str_eq(plx_path_base("a/b/c"), "c");
    ck_assert_str_eq(plx_path_base("c"), "c");
}
END_TEST

START_TEST(safe_paths)
{
    static const char *const good[] = {"a", "a/b", "a.b/..c", "...", "a b", ".hidden", "\xc3\xa9"};
    static const char *const bad[] = {"",      "/a",  "a/",   "a//b", ".",    "..",   "a/..",  "../a",  "a/../b",
                                      "a/./b", "./a", "a\\b", "c:",   "c:/x", "a\nb", "a\x7f", "a/\x01"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(plx_path_is_safe(good[i]), "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!plx_path_is_safe(bad[i]), "%s", bad[i]);
    }
}
END_TEST

START_TEST(mkdirs)
{
    ck_assert_msg(plx_fs_mkdirs(at("d/e//f/"), &err), "%s", plx_test_err(&err));
    ck_assert(plx_fs_is_dir(at("d/e/f")));
    ck_assert(plx_fs_mkdirs(at("d/e/f"), &err));
    touch("file", "x");
    ck_assert(!plx_fs_mkdirs(at("file"), &err));
    ck_assert_int_eq(err.sys, ENOTDIR);
    ck_assert(!plx_fs_mkdirs(at("file/below"), &err));
    ck_assert(!plx_fs_mkdirs("", &err));
}
END_TEST

START_TEST(replace)
{
    ck_assert(plx_fs_mkdirs(at("r"), &err));
    const char *path = at("r/a");
    ck_assert(plx_fs_replace(path, "one", 3, &err));
    holds(path, "one");
    ck_assert(plx_fs_replace(path, "", 0, &err));
    holds(path, "");
    ck_assert(plx_fs_replace(path, "two", 3, &err));
    holds(path, "two");
    ck_assert_str_eq(listing(at("r")), "a");

    ck_assert(!plx_fs_replace(at("r/none/a"), "x", 1, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    /* The rename fails over a folder, and the temporary file must not stay behind. */
    ck_assert(plx_fs_mkdirs(at("r/dir"), &err));
    ck_assert(!plx_fs_replace(at("r/dir"), "x", 1, &err));
    ck_assert_str_eq(listing(at("r")), "a dir");
}
END_TEST

START_TEST(temp_and_commit)
{
    char temp[PLX_PATH];
    int fd;
    ck_assert(plx_fs_mkdirs(at("t"), &err));
    ck_assert(plx_fs_temp(at("t/x"), temp, &fd, &err));
    ck_assert_str_eq(listing(at("t")), plx_path_base(temp));
    char start[32];
    snprintf(start, sizeof start, ".tmp-%ld-", (long)getpid());
    ck_assert(strncmp(plx_path_base(temp), start, strlen(start)) == 0);
    ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    ck_assert(plx_fs_write_all(fd, "abc", 3, temp, &err));
    ck_assert(plx_fs_commit(fd, temp, at("t/x"), &err));
    holds(at("t/x"), "abc");
    ck_assert_str_eq(listing(at("t")), "x");

    uint64_t a = 0, b = 0;
    ck_assert(plx_fs_random(&a, &err) && plx_fs_random(&b, &err));
    ck_assert(a != b);
}
END_TEST

START_TEST(full_disk_is_nospace)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return; /* no such device here */
    }
    ck_assert(!plx_fs_write_all(fd, "x", 1, "/dev/full", &err));
    ck_assert_int_eq(err.code, PLX_E_NOSPACE);
    ck_assert_int_eq(err.sys, ENOSPC);
    close(fd);
}
END_TEST

START_TEST(publish_file)
{
    bool existed = true;
    touch("from", "new");
    ck_assert(plx_fs_publish(at("from"), at("to"), &existed, &err));
    ck_assert(!existed);
    holds(at("to"), "new");
    ck_assert(!plx_fs_exists(at("from")));

    touch("from", "newer");
    ck_assert(plx_fs_publish(at("from"), at("to"), &existed, &err));
    ck_assert(existed);
    holds(at("to"), "new");
    holds(at("from"), "newer");

    ck_assert(!plx_fs_publish(at("absent"), at("to2"), &existed, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert(!plx_fs_publish(at("from"), at("no/such/folder"), &existed, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    holds(at("from"), "newer");
}
END_TEST

START_TEST(publish_folder)
{
    bool existed;
    ck_assert(plx_fs_mkdirs(at("f1"), &err) && plx_fs_mkdirs(at("f2"), &err) && plx_fs_mkdirs(at("f3"), &err));
    touch("f1/a", "1");
    touch("f2/a", "2");
    ck_assert(plx_fs_publish(at("f1"), at("g"), &existed, &err));
    ck_assert(!existed);
    ck_assert(plx_fs_publish(at("f2"), at("g"), &existed, &err));
    ck_assert(existed);
    holds(at("g/a"), "1");
    holds(at("f2/a"), "2");
    touch("plain", "p");
    ck_assert(plx_fs_publish(at("f2"), at("plain"), &existed, &err));
    ck_assert(existed);
    holds(at("plain"), "p");
}
END_TEST

START_TEST(remove_tree)
{
    ck_assert(plx_fs_mkdirs(at("keep"), &err) && plx_fs_mkdirs(at("x/y/z"), &err) && plx_fs_mkdirs(at("x/ro"), &err));
    touch("keep/file", "safe");
    touch("x/y/z/f", "1");
    touch("x/ro/f", "2");
    ck_assert_int_eq(chmod(at("x/ro/f"), 0444), 0);
    ck_assert_int_eq(chmod(at("x/ro"), 0555), 0);
    ck_assert_int_eq(symlink(at("keep"), at("x/link")), 0);
    ck_assert_int_eq(symlink(at("nowhere"), at("x/y/dangling")), 0);
    ck_assert_int_eq(mkfifo(at("x/pipe"), 0600), 0);
    ck_assert_msg(plx_fs_remove_tree(at("x"), &err), "%s", plx_test_err(&err));
    ck_assert(!plx_fs_exists(at("x")));
    holds(at("keep/file"), "safe");
    ck_assert(plx_fs_remove_tree(at("x"), &err));

    ck_assert_int_eq(symlink(at("keep"), at("link")), 0);
    ck_assert(plx_fs_remove_tree(at("link"), &err));
    holds(at("keep/file"), "safe");
    ck_assert(plx_fs_remove_tree(at("keep/file"), &err));
    ck_assert_str_eq(listing(at("keep")), "");
}
END_TEST

START_TEST(remove_many)
{
    ck_assert(plx_fs_mkdirs(at("many"), &err));
    for (int i = 0; i < 2000; i++) {
        char name[32];
        snprintf(name, sizeof name, "many/%d", i);
        touch(name, "");
    }
    ck_assert(plx_fs_remove_tree(at("many"), &err));
    ck_assert(!plx_fs_exists(at("many")));
}
END_TEST

static bool collect(void *payload, const char *rel, uint64_t bytes, bool is_link, plx_err *e)
{
    char *out = payload;
    if (strcmp(rel, "stop") == 0) {
        return plx_fail(e, PLX_E_NEGATIVE, "stopped here");
    }
    char line[512];
    snprintf(line, sizeof line, "%s%s:%llu ", rel, is_link ? "@" : "", (unsigned long long)bytes);
    strcat(out, line);
    return true;
}

START_TEST(walk_is_sorted)
{
    char seen[4096] = "";
    ck_assert(plx_fs_mkdirs(at("w/a/b"), &err) && plx_fs_mkdirs(at("w/empty"), &err));
    touch("w/a.txt", "12");
    touch("w/a/b/c", "123");
    touch("w/a/z", "");
    touch("w/a-b", "1");
    touch("w/B", "1");
    ck_assert_int_eq(symlink(at("w/a"), at("w/link")), 0);
    ck_assert_int_eq(mkfifo(at("w/pipe"), 0600), 0);
    ck_assert_msg(plx_fs_walk(at("w"), collect, seen, &err), "%s", plx_test_err(&err));
    ck_assert_str_eq(seen, "B:1 a-b:1 a.txt:2 a/b/c:3 a/z:0 link@:0 pipe@:0 ");
    /* The root may be a link and may end in a slash. */
    seen[0] = '\0';
    ck_assert_int_eq(symlink(at("w/a"), at("root")), 0);
    ck_assert(plx_fs_walk(at("root/"), collect, seen, &err));
    ck_assert_str_eq(seen, "b/c:3 z:0 ");

    touch("w/stop", "");
    ck_assert(!plx_fs_walk(at("w"), collect, seen, &err));
    ck_assert_str_eq(err.what, "stopped here");
    ck_assert(!plx_fs_walk(at("missing"), collect, seen, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
}
END_TEST

START_TEST(walk_has_a_floor)
{
    char path[PLX_PATH];
    snprintf(path, sizeof path, "%s", at("deep"));
    for (int i = 0; i < 140; i++) {
        strcat(path, "/d");
    }
    ck_assert(plx_fs_mkdirs(path, &err));
    char seen[64] = "";
    ck_assert(!plx_fs_walk(at("deep"), collect, seen, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert(!plx_fs_remove_tree(at("deep"), &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    char *half = path + strlen(at("deep")) + 2 * 70;
    *half = '\0';
    ck_assert(plx_fs_remove_tree(path, &err) && plx_fs_remove_tree(at("deep"), &err));
}
END_TEST

START_TEST(sizes_and_names)
{
    uint64_t bytes = 0;
    touch("five", "12345");
    ck_assert(plx_fs_size(at("five"), &bytes, &err));
    ck_assert_uint_eq(bytes, 5);
    ck_assert(!plx_fs_size(at("none"), &bytes, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert(!plx_fs_size(plx_test_dir(), &bytes, &err));
    ck_assert(plx_fs_free_bytes(plx_test_dir(), &bytes, &err));
    ck_assert_uint_gt(bytes, 0);
    ck_assert(!plx_fs_free_bytes(at("none"), &bytes, &err));
    char **names;
    size_t n = 7;
    ck_assert(plx_fs_names(at("none"), &names, &n, &err));
    ck_assert_uint_eq(n, 0);
    plx_fs_names_free(names, n);
    ck_assert(!plx_fs_names(at("five"), &names, &n, &err));
}
END_TEST

START_TEST(out_of_memory)
{
    ck_assert(plx_fs_mkdirs(at("m/n"), &err));
    touch("m/a", "1");
    touch("m/n/b", "2");
    for (size_t k = 0;; k++) {
        char seen[256] = "";
        char **names = NULL;
        size_t n = 0;
        plx_err_clear(&err);
        plx_test_alloc_fail_at(k);
        bool ok = plx_fs_names(at("m"), &names, &n, &err);
        plx_fs_names_free(names, n);
        ok = ok && plx_fs_walk(at("m"), collect, seen, &err);
        size_t live = plx_alloc_live();
        size_t asked = plx_test_alloc_ok();
        ck_assert_uint_eq(live, 0);
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s", plx_test_err(&err));
        if (asked <= k) { /* none was left to fail */
            ck_assert(ok);
            ck_assert_uint_gt(k, 4);
            break;
        }
    }
}
END_TEST

/* Take the lock in a child, say so through the pipe, hold it for `hold_ms`. */
static pid_t hold_elsewhere(const char *path, bool exclusive, int hold_ms)
{
    int fds[2];
    ck_assert_int_eq(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        plx_lock lock;
        char ok = plx_lock_take(&lock, path, exclusive, 0, NULL) ? '1' : '0';
        if (write(fds[1], &ok, 1) != 1) {
            _exit(1);
        }
        struct timespec t = {hold_ms / 1000, hold_ms % 1000 * 1000000L};
        nanosleep(&t, NULL);
        _exit(0);
    }
    char ok = 0;
    ck_assert_int_eq(read(fds[0], &ok, 1), 1);
    ck_assert_int_eq(ok, '1');
    close(fds[0]);
    close(fds[1]);
    return pid;
}

START_TEST(locks)
{
    const char *path = at("lock");
    plx_lock a, b;
    ck_assert(plx_lock_take(&a, path, false, 0, &err));
    ck_assert_int_ge(a.fd, 3);
    ck_assert(plx_lock_take(&b, path, false, 0, &err));
    plx_lock_drop(&b);
    ck_assert_int_eq(b.fd, -1);
    plx_lock_drop(&b);
    ck_assert(!plx_lock_take(&b, path, true, 0, &err));
    ck_assert_int_eq(err.code, PLX_E_BUSY);
    ck_assert_ptr_nonnull(strstr(err.what, path));
    plx_lock_drop(&a);
    ck_assert(plx_lock_take(&b, path, true, 0, &err));
    plx_lock_drop(&b);
    plx_lock zero = {0};
    plx_lock_drop(&zero); /* must not close standard input */
    ck_assert_int_ge(fcntl(0, F_GETFD), 0);
    ck_assert(!plx_lock_take(&a, at("no/lock"), true, 0, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
}
END_TEST

START_TEST(lock_waits)
{
    const char *path = at("lock2");
    pid_t pid = hold_elsewhere(path, true, 300);
    plx_lock lock;
    ck_assert(!plx_lock_take(&lock, path, false, 60, &err));
    ck_assert_int_eq(err.code, PLX_E_BUSY);
    ck_assert_msg(plx_lock_take(&lock, path, true, -1, &err), "%s", plx_test_err(&err));
    plx_lock_drop(&lock);
    waitpid(pid, NULL, 0);
}
END_TEST

static void ignore(int number)
{
    (void)number;
}

START_TEST(a_signal_ends_the_wait)
{
    const char *path = at("lock3");
    pid_t pid = hold_elsewhere(path, true, 20000);
    struct sigaction action = {.sa_handler = ignore};
    sigaction(SIGALRM, &action, NULL);
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct itimerspec often = {{0, 20000000}, {0, 50000000}};
    ck_assert_int_eq(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    ck_assert_int_eq(timer_settime(timer, 0, &often, NULL), 0);
    plx_lock lock;
    ck_assert(!plx_lock_take(&lock, path, true, -1, &err));
    ck_assert_int_eq(err.code, PLX_E_CANCELLED);
    timer_delete(timer);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    ck_assert(plx_lock_take(&lock, path, true, 1000, &err)); /* a dead holder holds nothing */
    plx_lock_drop(&lock);
}
END_TEST

Suite *fs_suite(void)
{
    Suite *s = suite_create("fs");
    TCase *tc = tcase_create("fs");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, join);
    tcase_add_test(tc, safe_paths);
    tcase_add_test(tc, mkdirs);
    tcase_add_test(tc, replace);
    tcase_add_test(tc, temp_and_commit);
    tcase_add_test(tc, full_disk_is_nospace);
    tcase_add_test(tc, publish_file);
    tcase_add_test(tc, publish_folder);
    tcase_add_test(tc, remove_tree);
    tcase_add_test(tc, remove_many);
    tcase_add_test(tc, walk_is_sorted);
    tcase_add_test(tc, walk_has_a_floor);
    tcase_add_test(tc, sizes_and_names);
    tcase_add_test(tc, out_of_memory);
    tcase_add_test(tc, locks);
    tcase_add_test(tc, lock_waits);
    tcase_add_test(tc, a_signal_ends_the_wait);
    suite_add_tcase(s, tc);
    return s;
}

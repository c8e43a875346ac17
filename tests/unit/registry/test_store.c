/* SPDX-License-Identifier: Apache-2.0
 *
 * The store's tree: init, open, partial folders of the dead and the living, quarantine.
 */
#include "registry/sealed.h"
#include "store_fixture.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

static plx_err err;
static plx_ctx ctx;
static char dir[PLX_PATH], path[PLX_PATH];
static bool existed;

static void setup(void)
{
    plx_err_clear(&err);
    ctx = plx_ctx_default();
    fx_path(dir, plx_test_dir(), "store");
}

START_TEST(init_makes_the_tree)
{
    plx_store store;
    plx_buf text;
    OK(plx_store_init(&ctx, dir, &existed, &err));
    ck_assert(!existed);
    static const char *const names[] = {"blobs/sha256", "records/sha256", "refs", "runs", "partial", "quarantine"};
    for (size_t i = 0; i < 6; i++) {
        fx_path(path, dir, names[i]);
        ck_assert_msg(plx_fs_is_dir(path), "%s", names[i]);
    }
    fx_path(path, dir, "FORMAT");
    OK(plx_buf_read_file(path, 4096, &text, &err));
    ck_assert_uint_eq(text.len, 15 + PLX_SEAL_LINE);
    ck_assert_mem_eq(text.ptr, "plexus store 1\nsha256 ", 22);
    plx_buf_free(&text);
    OK(plx_store_init(&ctx, dir, &existed, &err));
    ck_assert(existed);
    OK(plx_store_open(&ctx, dir, PLX_STORE_READ, 0, &store, &err));
    ck_assert(store.writable);
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
    ck_assert_uint_eq(fx_count(&store, "quarantine"), 0);
    plx_store_close(&store);
}
END_TEST

START_TEST(init_refuses_a_used_folder)
{
    OK(plx_fs_mkdirs(dir, &err));
    fx_path(path, dir, "thesis.doc");
    fx_write(path, "x");
    ck_assert(!plx_store_init(&ctx, dir, &existed, &err));
    ck_assert_int_eq(err.code, PLX_E_POLICY);
    ck_assert_ptr_nonnull(strstr(err.why, "thesis.doc"));
    fx_files files;
    fx_list(dir, &files);
    ck_assert_uint_eq(files.n, 1);
    fx_path(path, dir, "blobs");
    ck_assert(!plx_fs_exists(path));
}
END_TEST

START_TEST(init_goes_on_where_it_was_cut)
{
    /* Every state a killed init can leave: some of the folders, no FORMAT. */
    static const char *const made[] = {"blobs", "blobs/sha256", "records/sha256", "refs", "runs", "partial"};
    for (size_t n = 0; n <= 6; n++) {
        char each[32];
        snprintf(each, sizeof each, "cut%zu", n);
        fx_path(dir, plx_test_dir(), each);
        OK(plx_fs_mkdirs(dir, &err));
        for (size_t i = 0; i < n; i++) {
            fx_path(path, dir, made[i]);
            OK(plx_fs_mkdirs(path, &err));
        }
        plx_store store;
        ck_assert(!plx_store_open(&ctx, dir, PLX_STORE_READ, 0, &store, &err));
        ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
        OK(plx_store_init(&ctx, dir, &existed, &err));
        ck_assert(!existed);
        OK(plx_store_check_format(dir, &err));
    }
}
END_TEST

START_TEST(open_says_what_to_do)
{
    plx_store store;
    ck_assert(!plx_store_open(&ctx, dir, PLX_STORE_WRITE, 0, &store, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_ptr_eq(strstr(err.next, "plexus init"), err.next);
    ck_assert(!plx_fs_exists(dir));
}
END_TEST

static void put_format(const char *body)
{
    plx_sb text = {0};
    plx_sb_text(&text, body);
    plx_sealed_add(&text);
    fx_path(path, dir, "FORMAT");
    fx_write(path, plx_sb_str(&text));
    plx_sb_free(&text);
}

START_TEST(newer_stores_are_refused)
{
    plx_store store;
    OK(plx_store_init(&ctx, dir, &existed, &err));
    static const char *const bodies[] = {"plexus store 2\n", "plexus store 1\nfeature packs\n"};
    for (size_t i = 0; i < 2; i++) {
        put_format(bodies[i]);
        for (plx_store_need need = PLX_STORE_READ; need <= PLX_STORE_EXCLUSIVE; need++) {
            ck_assert(!plx_store_open(&ctx, dir, need, 0, &store, &err));
            ck_assert_int_eq(err.code, PLX_E_NEWER);
            ck_assert_int_eq(plx_code_exit(err.code), 10);
        }
    }
    put_format("plexus shop 1\n");
    ck_assert(!plx_store_check_format(dir, &err));
    ck_assert_int_eq(err.code, PLX_E_DIGEST);
}
END_TEST

START_TEST(every_flipped_bit_of_format_is_seen)
{
    plx_store store;
    uint64_t size;
    OK(plx_store_init(&ctx, dir, &existed, &err));
    fx_path(path, dir, "FORMAT");
    OK(plx_fs_size(path, &size, &err));
    for (uint64_t at = 0; at < size; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            fx_flip(path, at, bit);
            ck_assert(!plx_store_check_format(dir, &err));
            ck_assert_int_eq(err.code, PLX_E_DIGEST);
            fx_flip(path, at, bit);
        }
    }
    fx_flip(path, 3, 3);
    ck_assert(!plx_store_open(&ctx, dir, PLX_STORE_WRITE, 0, &store, &err));
    ck_assert_int_eq(err.code, PLX_E_DIGEST);
    ck_assert_ptr_nonnull(strstr(err.next, "plexus repair"));
    OK(plx_store_open(&ctx, dir, PLX_STORE_READ, 0, &store, &err));
    ck_assert(store.format_damaged);
    plx_store_close(&store);
    OK(plx_store_open(&ctx, dir, PLX_STORE_EXCLUSIVE, 0, &store, &err));
    OK(plx_store_mend_format(&store, &err));
    OK(plx_store_check_format(dir, &err));
    ck_assert_uint_eq(fx_count(&store, "quarantine"), 2);
    OK(plx_store_mend_format(&store, &err)); /* sound: nothing more is kept */
    ck_assert_uint_eq(fx_count(&store, "quarantine"), 2);
    plx_store_close(&store);
}
END_TEST

START_TEST(default_folder)
{
    setenv("PLEXUS_STORE", "/a/b//", 1);
    OK(plx_store_default_dir(NULL, path, &err));
    ck_assert_str_eq(path, "/a/b");
    OK(plx_store_default_dir("/c", path, &err));
    ck_assert_str_eq(path, "/c");
    unsetenv("PLEXUS_STORE");
    setenv("XDG_DATA_HOME", "/x", 1);
    OK(plx_store_default_dir("", path, &err));
    ck_assert_str_eq(path, "/x/plexus");
    setenv("XDG_DATA_HOME", "relative", 1);
    setenv("HOME", "/h", 1);
    OK(plx_store_default_dir(NULL, path, &err));
    ck_assert_str_eq(path, "/h/.local/share/plexus");
    unsetenv("HOME");
    ck_assert(!plx_store_default_dir(NULL, path, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
}
END_TEST

START_TEST(paths)
{
    plx_store store;
    fx_store("store", &store);
    plx_digest digest = plx_sha256_of("abc", 3);
    OK(plx_store_object_path(&store, "blobs", &digest, path, &err));
    ck_assert_str_eq(plx_store_rel(&store, path),
                     "blobs/sha256/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_str_eq(plx_store_rel(&store, "/elsewhere/x"), "/elsewhere/x");
    plx_store_close(&store);
    /* A relative folder stays the same store when the working directory changes. */
    ck_assert_int_eq(chdir(plx_test_dir()), 0);
    OK(plx_store_open(&ctx, "store/", PLX_STORE_READ, 0, &store, &err));
    ck_assert_int_eq(store.root[0], '/');
    ck_assert_int_eq(chdir("/"), 0);
    OK(plx_store_check_format(store.root, &err));
    plx_store_close(&store);
}
END_TEST

START_TEST(locks_are_shared_by_writers)
{
    plx_store a, b, c;
    fx_store("store", &a);
    OK(plx_store_open(&ctx, dir, PLX_STORE_WRITE, 0, &b, &err));
    ck_assert(!plx_store_open(&ctx, dir, PLX_STORE_EXCLUSIVE, 0, &c, &err));
    ck_assert_int_eq(err.code, PLX_E_BUSY);
    plx_store_close(&a);
    plx_store_close(&b);
    OK(plx_store_open(&ctx, dir, PLX_STORE_EXCLUSIVE, 0, &c, &err));
    plx_store_close(&c);
}
END_TEST

/* partial/ names of this process with one part replaced. */
static void partial_named(const plx_store *store, int part, const char *with, char out[PLX_PATH])
{
    char mine[PLX_PATH], name[256] = "";
    OK(plx_store_partial(store, mine, &err));
    const char *base = plx_path_base(mine);
    size_t used = 0;
    for (int i = 0; i < 5; i++) {
        size_t len = strcspn(base, ".");
        used += (size_t)snprintf(name + used, sizeof name - used, "%s%.*s", i ? "." : "",
                                 i == part ? (int)strlen(with) : (int)len, i == part ? with : base);
        base += len + (i < 4);
    }
    OK(plx_fs_remove_tree(mine, &err));
    char partial[PLX_PATH], file[PLX_PATH];
    fx_path(partial, store->root, "partial");
    fx_path(out, partial, name);
    OK(plx_fs_mkdirs(out, &err));
    fx_path(file, out, "torn");
    fx_write(file, "x");
}

START_TEST(only_the_dead_are_swept)
{
    plx_store store;
    size_t n;
    char mine[PLX_PATH], parent[32];
    fx_store("store", &store);
    OK(plx_store_partial(&store, mine, &err));
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(n, 0);
    ck_assert(plx_fs_is_dir(mine));

    partial_named(&store, 0, "999999999", path); /* above every pid */
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(n, 1);
    ck_assert(!plx_fs_exists(path));

    snprintf(parent, sizeof parent, "%ld", (long)getppid()); /* alive, but it did not start when this process did */
    partial_named(&store, 0, parent, path);
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(n, 1);

    partial_named(&store, 3, "1", path); /* our pid, used before by another */
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(n, 1);

    partial_named(&store, 2, "00000000", path); /* a boot that the system did not tell, a pid that lives: kept */
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(n, 0);
    OK(plx_fs_remove_tree(path, &err));

    partial_named(&store, 2, "0000000f", path); /* before the last boot */
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(n, 1);

    partial_named(&store, 1, "00000000", path); /* another host: not ours to judge ... */
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(n, 0);
    char file[PLX_PATH];
    fx_path(file, path, "torn");
    fx_age(path, 3 * 24 * 3600);
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(n, 0); /* ... while something in it is fresh */
    fx_age(file, 2 * 24 * 3600);
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(n, 1);

    fx_path(path, store.root, "partial/999999999.other.form");
    OK(plx_fs_mkdirs(path, &err));
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(n, 1);
    fx_path(path, store.root, "partial/something");
    OK(plx_fs_mkdirs(path, &err));
    OK(plx_store_sweep_partials(&store, 0, &n, &err));
    ck_assert_uint_eq(n, 0);
    ck_assert(plx_fs_is_dir(mine));
    plx_store_close(&store);
}
END_TEST

START_TEST(a_killed_process_leaves_nothing_for_long)
{
    plx_store store;
    fx_store("store", &store);
    plx_store_close(&store);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        char mine[PLX_PATH], file[PLX_PATH];
        if (plx_store_partial(&store, mine, NULL) && plx_path_join(file, mine, "half", NULL)) {
            close(open(file, O_WRONLY | O_CREAT, 0600));
        }
        _exit(0);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_uint_eq(fx_count(&store, "partial"), 1);
    OK(plx_store_open(&ctx, dir, PLX_STORE_READ, 0, &store, &err));
    ck_assert_uint_eq(fx_count(&store, "partial"), 1); /* readers change nothing */
    plx_store_close(&store);
    OK(plx_store_open(&ctx, dir, PLX_STORE_WRITE, 0, &store, &err));
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
    plx_store_close(&store);
}
END_TEST

START_TEST(quarantine_keeps_every_byte)
{
    plx_store store;
    plx_buf text;
    fx_store("store", &store);
    for (int round = 0; round < 3; round++) {
        char body[16];
        snprintf(body, sizeof body, "bad %d", round);
        fx_path(path, store.root, "refs/odd");
        fx_write(path, body);
        OK(plx_store_quarantine(&store, path, "it is odd", &err));
        ck_assert(!plx_fs_exists(path));
    }
    OK(plx_store_quarantine(&store, path, "gone", &err)); /* somebody else was faster */
    fx_files files;
    char quarantine[PLX_PATH];
    fx_path(quarantine, store.root, "quarantine");
    fx_list(quarantine, &files);
    ck_assert_uint_eq(files.n, 6);
    ck_assert_str_eq(files.path[0], "refs~odd");
    ck_assert_str_eq(files.path[1], "refs~odd.2");
    ck_assert_str_eq(files.path[5], "refs~odd.reason.txt");
    fx_path(path, quarantine, "refs~odd.2");
    OK(plx_buf_read_file(path, 100, &text, &err));
    ck_assert_mem_eq(text.ptr, "bad 1", 5);
    plx_buf_free(&text);
    fx_path(path, quarantine, "refs~odd.2.reason.txt");
    OK(plx_buf_read_file(path, 100, &text, &err));
    ck_assert_mem_eq(text.ptr, "was: refs/odd\nwhy: it is odd\n", 29);
    plx_buf_free(&text);
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
    plx_store_close(&store);
}
END_TEST

START_TEST(replace_is_whole)
{
    plx_store store;
    plx_buf text;
    fx_store("store", &store);
    fx_path(path, store.root, "refs/a/b/c");
    OK(plx_store_replace(&store, path, "one", 3, &err));
    OK(plx_store_replace(&store, path, "second", 6, &err));
    OK(plx_buf_read_file(path, 100, &text, &err));
    ck_assert_uint_eq(text.len, 6);
    ck_assert_mem_eq(text.ptr, "second", 6);
    plx_buf_free(&text);
    ck_assert_uint_eq(fx_count(&store, "refs/a/b"), 1);
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
    plx_store_close(&store);
}
END_TEST

START_TEST(many_inits_at_once)
{
    enum { N = 8 };
    pid_t pids[N];
    for (int i = 0; i < N; i++) {
        pids[i] = fork();
        ck_assert_int_ge(pids[i], 0);
        if (pids[i] == 0) {
            plx_store store;
            bool was;
            bool ok =
                plx_store_init(&ctx, dir, &was, NULL) && plx_store_open(&ctx, dir, PLX_STORE_WRITE, 5000, &store, NULL);
            _exit(ok ? 10 + was : 1);
        }
    }
    int made = 0;
    for (int i = 0; i < N; i++) {
        int status;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) >= 10);
        made += WEXITSTATUS(status) == 10;
    }
    ck_assert_int_eq(made, 1);
    OK(plx_store_check_format(dir, &err));
    plx_store store;
    OK(plx_store_open(&ctx, dir, PLX_STORE_WRITE, 0, &store, &err));
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
    plx_store_close(&store);
}
END_TEST

Suite *store_suite(void)
{
    Suite *suite = suite_create("store");
    TCase *tc = tcase_create("store");
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, init_makes_the_tree);
    tcase_add_test(tc, init_refuses_a_used_folder);
    tcase_add_test(tc, init_goes_on_where_it_was_cut);
    tcase_add_test(tc, open_says_what_to_do);
    tcase_add_test(tc, newer_stores_are_refused);
    tcase_add_test(tc, every_flipped_bit_of_format_is_seen);
    tcase_add_test(tc, default_folder);
    tcase_add_test(tc, paths);
    tcase_add_test(tc, locks_are_shared_by_writers);
    tcase_add_test(tc, only_the_dead_are_swept);
    tcase_add_test(tc, a_killed_process_leaves_nothing_for_long);
    tcase_add_test(tc, quarantine_keeps_every_byte);
    tcase_add_test(tc, replace_is_whole);
    tcase_add_test(tc, many_inits_at_once);
    suite_add_tcase(suite, tc);
    return suite;
}

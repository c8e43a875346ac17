/* SPDX-License-Identifier: Apache-2.0
 *
 * One hostile archive: walk it reading every member and assert what came out, that memory stayed bounded, and that
 * nothing in a canary folder (which is also the working folder) changed.
 */
#ifndef PLX_TESTS_HOSTILE_H
#define PLX_TESTS_HOSTILE_H

#include "formats/archive.h"

#include "support/make_archive.h"
#include "support/support.h"

#include <check.h>
#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define PLX_HOSTILE_KIB (1 << 20)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PLX_HOSTILE_KIB (1 << 20)
#endif
#endif
#ifndef PLX_HOSTILE_KIB
#define PLX_HOSTILE_KIB (64 << 10)
#endif

typedef struct hostile {
    plx_ctx ctx;
    size_t n_cases;
    char canary[PLX_PATH];
    uint64_t files, others, bytes; /* of the last walk */
    plx_err err;
} hostile;

static inline long hostile_rss_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static inline void hostile_setup(hostile *h)
{
    memset(h, 0, sizeof *h);
    h->ctx = plx_ctx_default();
    snprintf(h->canary, sizeof h->canary, "%s/canary", plx_test_dir());
    mkdir(h->canary, 0755);
    ck_assert_int_eq(chdir(h->canary), 0);
    FILE *f = fopen("bird", "w");
    ck_assert_ptr_nonnull(f);
    fputs("sings", f);
    fclose(f);
}

/* The archive is gone by now: the scratch folder holds the canary alone, which holds its bird, which still sings. */
static inline void hostile_check_canary(const hostile *h)
{
    size_t outside = 0, inside = 0;
    char text[16] = "";
    const char *dirs[2] = {plx_test_dir(), h->canary};
    for (int i = 0; i < 2; i++) {
        DIR *d = opendir(dirs[i]);
        ck_assert_ptr_nonnull(d);
        for (struct dirent *e = readdir(d); e; e = readdir(d)) {
            bool dot = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
            *(i ? &inside : &outside) += !dot;
        }
        closedir(d);
    }
    FILE *f = fopen("bird", "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fread(text, 1, sizeof text, f), 5);
    fclose(f);
    ck_assert_str_eq(text, "sings");
    ck_assert_uint_eq(outside, 1);
    ck_assert_uint_eq(inside, 1);
}

static inline plx_archive_step hostile_choose(void *payload, const plx_archive_entry *entry)
{
    hostile *h = payload;
    h->files += entry->is_file;
    h->others += !entry->is_file;
    return PLX_ARCHIVE_READ;
}

static inline bool hostile_read(void *payload, const plx_archive_entry *entry, plx_source *member, plx_err *err)
{
    hostile *h = payload;
    static uint8_t block[65536];
    (void)entry;
    for (size_t got = 1; got; h->bytes += got) {
        if (!member->read(member, block, sizeof block, &got, err)) {
            return false;
        }
    }
    return true;
}

/* Takes the bytes over. `what` must be in the message; NULL: anything. */
static inline void hostile_expect(hostile *h, const char *name, plx_sb *bytes, plx_code code, const char *what)
{
    const char *path = plx_test_file(name, bytes->ptr ? bytes->ptr : "", bytes->len);
    plx_sb_free(bytes);
    h->files = h->others = h->bytes = 0;
    h->err = (plx_err){0};
    long before = hostile_rss_kib();
    bool ok = plx_archive_walk(&h->ctx, path, hostile_choose, hostile_read, h, &h->err);
    long grown = hostile_rss_kib() - before;
    ck_assert_msg(ok == (code == PLX_OK), "%s: %s", name, ok ? "accepted" : plx_test_err(&h->err));
    ck_assert_msg(h->err.code == code, "%s: %s", name, plx_test_err(&h->err));
    ck_assert_msg(!what || strstr(plx_test_err(&h->err), what), "%s: \"%s\" is not in %s", name, what,
                  plx_test_err(&h->err));
    ck_assert_msg(ok || h->err.what[0], "%s: no message", name);
    ck_assert_msg(code != PLX_E_POLICY || plx_code_exit(h->err.code) == 9, "%s: exit code", name);
    ck_assert_msg(grown < PLX_HOSTILE_KIB, "%s: %ld KiB more", name, grown);
    unlink(path);
    hostile_check_canary(h);
    h->n_cases++;
}

#endif

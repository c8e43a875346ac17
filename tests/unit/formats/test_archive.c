/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/archive.h"

#include "core/alloc.h"
#include "formats/format.h"
#include "formats/npy.h"
#include "support/make_archive.h"
#include "support/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* d/ , d/a.txt ("hello"), e (600 times z), made with Python 3.11's tarfile (pax), and bz2, lzma and zstd 1.5.4. */
static const uint8_t BZ2[] = {
    0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0xD6, 0x7A, 0x0A, 0x20, 0x00, 0x00, 0x6F, 0x5B,
    0x90, 0xC9, 0x80, 0x40, 0x01, 0xEF, 0x80, 0x01, 0x21, 0xE6, 0x44, 0x9E, 0x50, 0x00, 0x20, 0x08, 0x48, 0x20,
    0x00, 0x74, 0x1B, 0x51, 0x12, 0x06, 0x86, 0x41, 0xA7, 0xE9, 0x23, 0x26, 0x9E, 0x50, 0x62, 0xA0, 0x7A, 0x81,
    0xA0, 0xD0, 0x06, 0x80, 0x20, 0xD9, 0xBA, 0x91, 0xF2, 0x28, 0x6E, 0x8B, 0xE7, 0x04, 0x01, 0x73, 0xDA, 0x06,
    0x33, 0x58, 0x34, 0x59, 0x2A, 0x31, 0x16, 0x20, 0x04, 0x01, 0x47, 0x5C, 0xD7, 0x65, 0x33, 0xCB, 0x01, 0x70,
    0xC8, 0x0A, 0x45, 0x26, 0x04, 0xD4, 0x35, 0x3A, 0x4B, 0x19, 0x3E, 0x09, 0x33, 0x97, 0xB4, 0x6F, 0x5C, 0x0B,
    0x9D, 0x6D, 0x24, 0x45, 0x0F, 0xD5, 0xB7, 0xD7, 0xD3, 0x65, 0x05, 0x4B, 0x58, 0xAD, 0x8E, 0x78, 0x15, 0x57,
    0xBA, 0x31, 0x04, 0xCB, 0xF8, 0xBB, 0x92, 0x29, 0xC2, 0x84, 0x86, 0xB3, 0xD0, 0x51, 0x00};
static const uint8_t XZ[] = {
    0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0x00, 0x04, 0xE6, 0xD6, 0xB4, 0x46, 0x02, 0x00, 0x21, 0x01, 0x16, 0x00,
    0x00, 0x00, 0x74, 0x2F, 0xE5, 0xA3, 0xE0, 0x0F, 0xFF, 0x00, 0x6D, 0x5D, 0x00, 0x32, 0x0B, 0xBC, 0x1B, 0xA7,
    0x8C, 0x34, 0x44, 0xC1, 0xBA, 0x93, 0x15, 0xE8, 0xFC, 0xE3, 0xC0, 0x92, 0x65, 0x66, 0x2B, 0x22, 0x56, 0x24,
    0x38, 0xE8, 0x6C, 0xF1, 0xCC, 0xCA, 0x6B, 0xDB, 0xF8, 0xA9, 0x67, 0x1A, 0x93, 0x5D, 0x09, 0x35, 0xA0, 0x9F,
    0x0D, 0x99, 0x54, 0xB9, 0xE6, 0xDA, 0xBE, 0x7F, 0xA6, 0x55, 0x2A, 0x96, 0xC0, 0x77, 0xFD, 0x47, 0x6E, 0xDC,
    0xBF, 0x94, 0x10, 0x37, 0xA8, 0x0F, 0x91, 0x5E, 0x4F, 0x76, 0xCE, 0x3E, 0x6A, 0xD2, 0x0E, 0xD3, 0xC0, 0x56,
    0x94, 0xF4, 0xFB, 0xB3, 0x4C, 0xE7, 0x77, 0xE7, 0xA4, 0x00, 0xEF, 0x3D, 0xF0, 0x5F, 0x5F, 0xB2, 0x87, 0xEF,
    0x9F, 0x7A, 0x1B, 0xCD, 0xF6, 0xC9, 0xD5, 0x1A, 0x3D, 0x8F, 0x4C, 0x20, 0x5D, 0x00, 0x00, 0x00, 0x00, 0x00,
    0xCF, 0xED, 0xFE, 0x48, 0x26, 0x11, 0x71, 0xE0, 0x00, 0x01, 0x89, 0x01, 0x80, 0x20, 0x00, 0x00, 0xA6, 0x48,
    0x9E, 0x12, 0xB1, 0xC4, 0x67, 0xFB, 0x02, 0x00, 0x00, 0x00, 0x00, 0x04, 0x59, 0x5A};
static const uint8_t ZST[] = {
    0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58, 0x9D, 0x03, 0x00, 0x02, 0xC4, 0x0D, 0x15, 0x90, 0xB5, 0xE9, 0x5B, 0xD6, 0xA9,
    0x07, 0x55, 0x81, 0xEE, 0xAE, 0x03, 0xB2, 0xF7, 0x37, 0x9B, 0x60, 0xB1, 0x7B, 0xA1, 0x32, 0x01, 0xB3, 0xE5, 0x82,
    0x59, 0x22, 0x94, 0x4A, 0xC3, 0xA4, 0x77, 0x66, 0xB0, 0x0B, 0xB0, 0x82, 0x53, 0x50, 0xBF, 0xC5, 0x59, 0xC6, 0x51,
    0x24, 0xC5, 0xB4, 0xFC, 0xFE, 0x77, 0xF9, 0xDF, 0x82, 0x02, 0x15, 0x00, 0x99, 0x81, 0x1F, 0x00, 0x07, 0x54, 0x70,
    0xD5, 0x1D, 0x03, 0x2A, 0x01, 0x1D, 0x0D, 0x90, 0x0D, 0x00, 0x4D, 0x9A, 0x5E, 0x65, 0xAE, 0x06, 0xA0, 0xB6, 0x52,
    0x0D, 0x06, 0x54, 0x03, 0xDD, 0x0D, 0x10, 0x4E, 0x48, 0x30, 0xF1, 0x39, 0xA0, 0x0E, 0x00, 0xE9, 0x60, 0xC5, 0xCF,
    0x07, 0xB0, 0x02, 0x80, 0x63, 0xE5, 0x32, 0x3E, 0x81, 0x21, 0x46, 0xCA, 0x99, 0x22};

static plx_ctx ctx;

static void setup(void)
{
    ctx = plx_ctx_default();
}

typedef struct seen {
    plx_sb log; /* "name:size:content|" */
    plx_archive_step step;
    const char *stop_at;
    size_t read_at_most;
    bool fail;
} seen;

static plx_archive_step choose(void *payload, const plx_archive_entry *entry)
{
    seen *s = payload;
    plx_sb_printf(&s->log, "%s:%lld%s", entry->name, (long long)entry->size, entry->is_file ? "" : "-|");
    if (s->stop_at && strcmp(s->stop_at, entry->name) == 0) {
        return PLX_ARCHIVE_STOP;
    }
    if (entry->is_file && s->step != PLX_ARCHIVE_READ) {
        plx_sb_char(&s->log, '|');
    }
    return s->step;
}

static bool read_member(void *payload, const plx_archive_entry *entry, plx_source *member, plx_err *err)
{
    seen *s = payload;
    char block[7];
    size_t total = 0;
    ck_assert(entry->is_file);
    ck_assert_ptr_nonnull(strchr(member->name, '!'));
    ck_assert_str_eq(strchr(member->name, '!') + 1, entry->name);
    ck_assert_int_eq(member->size, entry->size);
    if (s->fail) {
        return plx_fail(err, PLX_E_SCHEMA, "the reader is not content");
    }
    plx_sb_char(&s->log, ':');
    for (size_t got = 1; got && total < s->read_at_most; total += got) {
        if (!member->read(member, block, sizeof block, &got, err)) {
            return false;
        }
        plx_sb_bytes(&s->log, block, total + got > 20 ? 0 : got);
    }
    plx_sb_char(&s->log, '|');
    return true;
}

static void walk(const char *path, seen *s, const char *log)
{
    plx_err err = {0};
    s->read_at_most = s->read_at_most ? s->read_at_most : SIZE_MAX;
    ck_assert_msg(plx_archive_walk(&ctx, path, choose, read_member, s, &err), "%s", plx_test_err(&err));
    ck_assert_str_eq(plx_sb_str(&s->log), log);
    plx_sb_free(&s->log);
}

static const char *zip_path(void)
{
    static char path[PLX_PATH];
    const zip_part parts[] = {
        {.name = "a.txt", .data = "hello hello hello", .len = 17, .deflate = true},
        {.name = "d/", .mode = 0040755},
        {.name = "d/b.csv", .data = "x,y\n", .len = 4},
        {.name = "z", .data = "late", .len = 4, .deflate = true, .later = true},
    };
    plx_sb zip = {0};
    make_zip(&zip, parts, 4, NULL);
    snprintf(path, sizeof path, "%s", plx_test_file("four.zip", zip.ptr, zip.len));
    plx_sb_free(&zip);
    return path;
}

static plx_sb tar_bytes(void)
{
    plx_sb tar = {0};
    make_tar(&tar, &(tar_part){.name = "./", .type = '5'});
    make_tar(&tar, &(tar_part){.name = "./a.txt", .data = "hello", .len = 5});
    make_tar(&tar, &(tar_part){.name = "./s", .type = '2', .link = "a.txt"});
    make_tar(&tar, &(tar_part){.name = "./b", .data = "bye", .len = 3});
    make_tar_end(&tar);
    return tar;
}

START_TEST(test_zip)
{
    seen s = {.step = PLX_ARCHIVE_READ};
    walk(zip_path(), &s, "a.txt:17:hello hello hello|d/:0-|d/b.csv:4:x,y\n|z:4:late|");
    s = (seen){.step = PLX_ARCHIVE_SKIP};
    walk(zip_path(), &s, "a.txt:17|d/:0-|d/b.csv:4|z:4|");
    s = (seen){.step = PLX_ARCHIVE_READ, .stop_at = "d/b.csv"};
    walk(zip_path(), &s, "a.txt:17:hello hello hello|d/:0-|d/b.csv:4");
    s = (seen){.step = PLX_ARCHIVE_READ, .read_at_most = 1}; /* a reader may leave the rest of a member */
    walk(zip_path(), &s, "a.txt:17:hello h|d/:0-|d/b.csv:4:x,y\n|z:4:late|");
}
END_TEST

START_TEST(test_tar)
{
    plx_sb tar = tar_bytes();
    const char *path = plx_test_file("a.tar", tar.ptr, tar.len);
    seen s = {.step = PLX_ARCHIVE_READ};
    walk(path, &s, "./:0-|./a.txt:5:hello|./s:0-|./b:3:bye|");
    s = (seen){.step = PLX_ARCHIVE_SKIP};
    walk(path, &s, "./:0-|./a.txt:5|./s:0-|./b:3|");
    s = (seen){.step = PLX_ARCHIVE_READ, .read_at_most = 1, .stop_at = "./b"};
    walk(path, &s, "./:0-|./a.txt:5:hello|./s:0-|./b:3");
    plx_sb gz = {0};
    make_deflated(&gz, tar.ptr, tar.len, true);
    s = (seen){.step = PLX_ARCHIVE_READ};
    walk(plx_test_file("a.bin", gz.ptr, gz.len), &s, "./:0-|./a.txt:5:hello|./s:0-|./b:3:bye|");
    plx_sb_free(&gz);
    plx_sb_free(&tar);
}
END_TEST

START_TEST(test_compressions)
{
    const struct {
        const char *name;
        const uint8_t *bytes;
        size_t len;
    } packed[] = {{"t.tar.bz2", BZ2, sizeof BZ2}, {"t.tar.xz", XZ, sizeof XZ}, {"t.tar.zst", ZST, sizeof ZST}};
    for (size_t i = 0; i < 3; i++) {
        seen s = {.step = PLX_ARCHIVE_READ};
        walk(plx_test_file(packed[i].name, packed[i].bytes, packed[i].len), &s,
             "d/:0-|d/a.txt:5:hello|e:600:zzzzzzzzzzzzzz|");
        for (size_t n = 6; n < packed[i].len; n++) {
            plx_err err = {0};
            s = (seen){.step = PLX_ARCHIVE_READ, .read_at_most = SIZE_MAX};
            const char *path = plx_test_file("prefix.tar.x", packed[i].bytes, n);
            ck_assert_msg(!plx_archive_walk(&ctx, path, choose, read_member, &s, &err), "%s: %zu", packed[i].name, n);
            ck_assert_msg(err.code == PLX_E_TRUNCATED || err.code == PLX_E_FORMAT, "%s: %zu: %s", packed[i].name, n,
                          plx_test_err(&err));
            plx_sb_free(&s.log);
        }
    }
}
END_TEST

START_TEST(test_single_file)
{
    plx_sb gz = {0};
    make_deflated(&gz, "x,y\n1,2\n", 8, true);
    seen s = {.step = PLX_ARCHIVE_READ};
    walk(plx_test_file("table.csv.gz", gz.ptr, gz.len), &s, "table.csv:-1:x,y\n1,2\n|");
    plx_sb_free(&gz);
}
END_TEST

START_TEST(test_locale_plays_no_part)
{
    const zip_part part = {.name = "d\303\251p\303\264t/\316\261", .data = "1", .len = 1, .flags = 0x800};
    plx_sb zip = {0};
    make_zip(&zip, &part, 1, NULL);
    seen s = {.step = PLX_ARCHIVE_READ};
    walk(plx_test_file("utf8.zip", zip.ptr, zip.len), &s, "d\303\251p\303\264t/\316\261:1:1|");
    plx_sb_free(&zip);
    plx_sb tar = {0};
    make_pax(&tar, "path", "\316\261\316\262", 4);
    make_tar(&tar, &(tar_part){.name = "m", .data = "1", .len = 1});
    make_tar_end(&tar);
    s = (seen){.step = PLX_ARCHIVE_READ};
    walk(plx_test_file("utf8.tar", tar.ptr, tar.len), &s, "\316\261\316\262:1:1|");
    plx_sb_free(&tar);
}
END_TEST

START_TEST(test_reader_and_user_can_end_it)
{
    seen s = {.step = PLX_ARCHIVE_READ, .fail = true};
    plx_err err = {0};
    ck_assert(!plx_archive_walk(&ctx, zip_path(), choose, read_member, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    plx_sb_free(&s.log);
    volatile sig_atomic_t stop = 1;
    ctx.cancel = &stop;
    ck_assert(!plx_archive_walk(&ctx, zip_path(), choose, read_member, &s, &err));
    ck_assert_int_eq(err.code, PLX_E_CANCELLED);
    plx_sb_free(&s.log);
}
END_TEST

START_TEST(test_read_member)
{
    plx_buf out;
    plx_err err = {0};
    const char *path = zip_path();
    ck_assert_msg(plx_archive_read_member(&ctx, path, "d/b.csv", &out, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(out.len, 4);
    ck_assert_mem_eq(out.ptr, "x,y\n", 4);
    plx_buf_free(&out);
    ck_assert(!plx_archive_read_member(&ctx, path, "b.csv", &out, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_str_eq(err.why, "did you mean \"d/b.csv\"?");
    ck_assert(!plx_archive_read_member(&ctx, path, "d/c.csv", &out, &err));
    ck_assert_str_eq(err.why, "did you mean \"d/b.csv\"?");
    ck_assert(!plx_archive_read_member(&ctx, path, "something/else.json", &out, &err));
    ck_assert_str_eq(err.why, "its 3 files are: a.txt, d/b.csv, z");
    ck_assert(!plx_archive_read_member(&ctx, path, "d/", &out, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert(!plx_archive_read_member(&ctx, "/nonexistent/x.zip", "a", &out, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    plx_sb tar = tar_bytes();
    path = plx_test_file("m.tar", tar.ptr, tar.len);
    ck_assert(plx_archive_read_member(&ctx, path, "b", &out, &err)); /* "./b" in the archive */
    ck_assert_mem_eq(out.ptr, "bye", 3);
    plx_buf_free(&out);
    plx_sb_free(&tar);
}
END_TEST

START_TEST(test_every_failed_allocation)
{
    plx_sb tar = tar_bytes();
    plx_sb gz = {0};
    make_deflated(&gz, tar.ptr, tar.len, true);
    char tar_path[PLX_PATH];
    snprintf(tar_path, sizeof tar_path, "%s", plx_test_file("k.tar.gz", gz.ptr, gz.len));
    char xz_path[PLX_PATH];
    snprintf(xz_path, sizeof xz_path, "%s", plx_test_file("k.tar.xz", XZ, sizeof XZ));
    const char *paths[3] = {zip_path(), tar_path, xz_path};
    const char *members[3] = {"z", "b", "e"};
    plx_sb_free(&tar);
    plx_sb_free(&gz);
    for (int i = 0; i < 3; i++) {
        size_t asked = 0;
        size_t failures = 0;
        size_t before = plx_alloc_live();
        bool ok = false;
        for (size_t k = 0; !ok || k < asked; k++) {
            plx_buf out;
            plx_err err = {0};
            plx_test_alloc_fail_at(k);
            ok = plx_archive_read_member(&ctx, paths[i], members[i], &out, &err);
            asked = plx_test_alloc_ok();
            ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s: %s", paths[i], plx_test_err(&err));
            failures += !ok;
            plx_buf_free(&out);
            ck_assert_uint_eq(plx_alloc_live(), before);
        }
        ck_assert_uint_ge(failures, 5);
    }
}
END_TEST

static void check_summary(const plx_format *format, const char *path, const char *want)
{
    plx_sb summary = {0};
    plx_err err = {0};
    ck_assert_msg(format->check(&ctx, path, &summary, &err), "%s", plx_test_err(&err));
    ck_assert_str_eq(plx_sb_str(&summary), want);
    plx_sb_free(&summary);
}

extern const plx_format plx_format_zip, plx_format_tar, plx_format_npy, plx_format_npz, plx_format_yaml;

static const char *npy_file(const char *name)
{
    static const size_t shape[2] = {300, 3};
    static const double zeros[900];
    plx_sb npy = {0};
    plx_npy_header_text(PLX_F64, 2, shape, &npy, NULL);
    plx_sb_bytes(&npy, zeros, sizeof zeros);
    const char *path = plx_test_file(name, npy.ptr, npy.len);
    plx_sb_free(&npy);
    return path;
}

START_TEST(test_summaries)
{
    check_summary(&plx_format_zip, zip_path(), "4 members, 25 B unpacked");
    plx_sb tar = tar_bytes();
    check_summary(&plx_format_tar, plx_test_file("s.tar", tar.ptr, tar.len), "4 members, 8 B unpacked");
    plx_sb_free(&tar);
    check_summary(&plx_format_npy, npy_file("s.npy"), "float64 (300, 3)");
    plx_buf npy;
    ck_assert(plx_buf_read_file(npy_file("s.npy"), 1 << 20, &npy, NULL));
    const zip_part part = {.name = "x.npy", .data = npy.ptr, .len = npy.len, .deflate = true};
    plx_sb zip = {0};
    make_zip(&zip, &part, 1, NULL);
    check_summary(&plx_format_npz, plx_test_file("s.npz", zip.ptr, zip.len), "1 array: x float64 (300, 3)");
    plx_sb_free(&zip);
    plx_buf_free(&npy);
    check_summary(&plx_format_yaml, plx_test_file("s.yaml", "a: 1\nb: 2\n", 10), "mapping of 2 keys");
    check_summary(&plx_format_yaml, plx_test_file("s.yaml", "- 1\n", 4), "list of 1 item");
    check_summary(&plx_format_yaml, plx_test_file("s.yaml", "", 0), "empty");
}
END_TEST

START_TEST(test_probes)
{
    const uint8_t *zip = (const uint8_t *)"PK\3\4....";
    const uint8_t *npy = (const uint8_t *)"\x93NUMPY\1\0";
    const uint8_t *gz = (const uint8_t *)"\x1F\x8B\10.....";
    const uint8_t *csv = (const uint8_t *)"a,b\n1,2\n";
    ck_assert_int_gt(plx_format_zip.probe(zip, 8, "x"), 50);
    ck_assert_int_gt(plx_format_npz.probe(zip, 8, "x.npz"), plx_format_zip.probe(zip, 8, "x.npz"));
    ck_assert_int_gt(plx_format_zip.probe(zip, 8, "x.zip"), plx_format_npz.probe(zip, 8, "x.zip"));
    ck_assert_int_eq(plx_format_npy.probe(npy, 8, "x"), 100);
    ck_assert_int_gt(plx_format_tar.probe(gz, 8, "x.tar.gz"), 50);
    ck_assert_int_eq(plx_format_tar.probe(gz, 8, "x.csv.gz"), 0);
    ck_assert_int_gt(plx_format_yaml.probe(csv, 8, "m.yaml"), 50);
    ck_assert_int_eq(plx_format_yaml.probe(csv, 8, "m.csv"), 0);
    ck_assert_int_eq(plx_format_zip.probe(csv, 8, "m.csv"), 0);
    ck_assert_int_eq(plx_format_npy.probe(csv, 0, "m.csv"), 0);
    plx_sb tar = tar_bytes();
    ck_assert_int_gt(plx_format_tar.probe((const uint8_t *)tar.ptr, 512, "x"), 50);
    plx_sb_free(&tar);
}
END_TEST

Suite *archive_suite(void)
{
    Suite *s = suite_create("archive");
    TCase *tc = tcase_create("archive");
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_zip);
    tcase_add_test(tc, test_tar);
    tcase_add_test(tc, test_compressions);
    tcase_add_test(tc, test_single_file);
    tcase_add_test(tc, test_locale_plays_no_part);
    tcase_add_test(tc, test_reader_and_user_can_end_it);
    tcase_add_test(tc, test_read_member);
    tcase_add_test(tc, test_every_failed_allocation);
    tcase_add_test(tc, test_summaries);
    tcase_add_test(tc, test_probes);
    suite_add_tcase(s, tc);
    return s;
}

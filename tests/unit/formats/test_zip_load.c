/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/zip_load.h"

#include "core/alloc.h"
#include "support/make_archive.h"
#include "support/support.h"

#include <check.h>

static const char TEXT[] = "the quick brown fox jumps over the lazy dog, the quick brown fox jumps over the lazy dog";
enum { LEN = sizeof TEXT - 1 };

static const char *save(const zip_part *parts, size_t n, const zip_lies *lies)
{
    plx_sb zip = {0};
    make_zip(&zip, parts, n, lies);
    const char *path = plx_test_file("a.zip", zip.ptr, zip.len);
    plx_sb_free(&zip);
    return path;
}

START_TEST(test_load)
{
    const zip_part parts[] = {{.name = "a/stored", .data = TEXT, .len = LEN},
                              {.name = "packed", .data = TEXT, .len = LEN, .deflate = true},
                              {.name = "empty", .data = "", .len = 0},
                              {.name = "empty-packed", .data = "", .len = 0, .deflate = true},
                              {.name = "later", .data = TEXT, .len = LEN, .deflate = true, .later = true},
                              {.name = "wide", .data = TEXT, .len = LEN, .deflate = true, .zip64 = true}};
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_zip_file *zip;
    size_t live = plx_alloc_live();
    ck_assert_msg(plx_zip_open(&ctx, save(parts, 6, NULL), NULL, &zip, &err), "%s", plx_test_err(&err));
    for (size_t i = 0; i < 6; i++) {
        plx_buf got;
        ck_assert(plx_zip_has(zip, parts[i].name));
        ck_assert_msg(plx_zip_load(&ctx, zip, parts[i].name, &got, &err), "%s", plx_test_err(&err));
        ck_assert_uint_eq(got.len, parts[i].len);
        ck_assert_mem_eq(got.ptr, parts[i].data, parts[i].len + 1); /* and the NUL */
        plx_buf_free(&got);
    }
    plx_buf none;
    ck_assert(!plx_zip_has(zip, "stored") && !plx_zip_has(zip, "A/stored"));
    ck_assert(!plx_zip_load(&ctx, zip, "stored", &none, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    plx_zip_close(zip);
    plx_zip_close(NULL);
    ck_assert_uint_eq(plx_alloc_live(), live);
}
END_TEST

static void refuse(const plx_ctx *ctx, const char *path, plx_code code, const char *words)
{
    plx_err err = {0};
    plx_zip_file *zip = NULL;
    plx_buf got;
    size_t live = plx_alloc_live();
    bool ok = plx_zip_open(ctx, path, NULL, &zip, &err) && plx_zip_load(ctx, zip, "x", &got, &err);
    ck_assert_msg(!ok && err.code == code, "%s: %s", words, ok ? "accepted" : plx_test_err(&err));
    ck_assert_msg(strstr(plx_test_err(&err), words) != NULL, "%s: %s", words, plx_test_err(&err));
    plx_zip_close(zip);
    ck_assert_uint_eq(plx_alloc_live(), live);
}

START_TEST(test_damaged)
{
    plx_ctx ctx = plx_ctx_default();
    zip_part part = {.name = "x", .data = TEXT, .len = LEN, .deflate = true, .crc_change = 1};
    refuse(&ctx, save(&part, 1, NULL), PLX_E_FORMAT, "CRC");
    part.crc_change = 0;
    part.size = LEN + 1;
    refuse(&ctx, save(&part, 1, NULL), PLX_E_FORMAT, "damaged");
    part.size = LEN - 1;
    refuse(&ctx, save(&part, 1, NULL), PLX_E_FORMAT, "damaged");
    part.size = 0;
    part.deflate = false;
    part.method = 8; /* text that says it is deflated */
    refuse(&ctx, save(&part, 1, NULL), PLX_E_FORMAT, "damaged");
    refuse(&ctx, plx_test_file("no.zip", TEXT, LEN), PLX_E_TRUNCATED, "no.zip");
    refuse(&ctx, "/nonexistent/no.zip", PLX_E_NOTFOUND, "no.zip");
    /* deflate stream with bytes after its end */
    plx_sb packed = {0};
    make_deflated(&packed, TEXT, LEN, false);
    plx_sb_text(&packed, "more");
    zip_part tail = {.name = "x", .data = packed.ptr, .len = packed.len, .method = 8, .size = LEN};
    refuse(&ctx, save(&tail, 1, NULL), PLX_E_FORMAT, "damaged");
    plx_sb_free(&packed);
}
END_TEST

START_TEST(test_budgets)
{
    plx_ctx ctx = plx_ctx_default();
    zip_part parts[] = {{.name = "x", .data = TEXT, .len = LEN, .deflate = true},
                        {.name = "y", .data = TEXT, .len = LEN, .deflate = true}};
    plx_err err = {0};
    plx_zip_file *zip;
    plx_buf got;
    ctx.limits.file_bytes = LEN - 1;
    refuse(&ctx, save(parts, 1, NULL), PLX_E_LIMIT, "more than is allowed for one part");
    ctx.limits.file_bytes = LEN;
    ctx.limits.total_bytes = 2 * LEN - 1;
    ck_assert(plx_zip_open(&ctx, save(parts, 2, NULL), NULL, &zip, &err));
    ck_assert(plx_zip_load(&ctx, zip, "x", &got, &err));
    plx_buf_free(&got);
    ck_assert(!plx_zip_load(&ctx, zip, "y", &got, &err)); /* together too much; so is x a second time */
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert(!plx_zip_load(&ctx, zip, "x", &got, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    plx_zip_close(zip);
    ctx = plx_ctx_default();
    plx_sb zeros = {0};
    for (size_t i = 0; i < (size_t)2 << 20; i++) {
        plx_sb_char(&zeros, 0);
    }
    zip_part bomb = {.name = "x", .data = zeros.ptr, .len = zeros.len, .deflate = true};
    refuse(&ctx, save(&bomb, 1, NULL), PLX_E_LIMIT, "zip bombs");
    bomb.zip64 = true;
    bomb.size = (uint64_t)1 << 40; /* nothing is allocated on the word of a header */
    refuse(&ctx, save(&bomb, 1, NULL), PLX_E_LIMIT, "x");
    plx_sb_free(&zeros);
}
END_TEST

START_TEST(test_every_failed_allocation)
{
    plx_ctx ctx = plx_ctx_default();
    const zip_part part = {.name = "x", .data = TEXT, .len = LEN, .deflate = true};
    const char *path = save(&part, 1, NULL);
    size_t live = plx_alloc_live();
    bool ok = false;
    size_t k = 0;
    for (; !ok; k++) {
        plx_err err = {0};
        plx_zip_file *zip = NULL;
        plx_buf got = {0};
        plx_test_alloc_fail_at(k);
        ok = plx_zip_open(&ctx, path, NULL, &zip, &err) && plx_zip_load(&ctx, zip, "x", &got, &err);
        plx_test_alloc_ok();
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        plx_buf_free(&got);
        plx_zip_close(zip);
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
    ck_assert_uint_gt(k, 4);
}
END_TEST

Suite *zip_load_suite(void)
{
    Suite *suite = suite_create("zip_load");
    TCase *tc = tcase_create("members");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_load);
    tcase_add_test(tc, test_damaged);
    tcase_add_test(tc, test_budgets);
    tcase_add_test(tc, test_every_failed_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}

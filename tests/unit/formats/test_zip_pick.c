/* SPDX-License-Identifier: Apache-2.0
 *
 * Members picked out of zips by ranges: only the bytes that are needed are read, and damage is found wherever it is.
 */
#include "core/alloc.h"
#include "formats/zip_pick.h"
#include "support/make_archive.h"
#include "support/support.h"

#include <check.h>
#include <stdlib.h>

#define OK(call) ck_assert_msg((call), "%s", plx_test_err(&err))

static plx_ctx ctx;
static plx_err err;
static char text_a[50000], text_b[3000];

/* A zip in memory that counts what is read of it. */
typedef struct counted {
    plx_ranged base;
    const char *bytes;
    uint64_t n_read, first, last;
} counted;

static bool read_counted(plx_ranged *self, uint64_t offset, void *out, size_t n, plx_err *e)
{
    counted *c = (counted *)self;
    if (offset > self->size || n > self->size - offset) {
        return plx_fail(e, PLX_E_TRUNCATED, "the zip ends early");
    }
    memcpy(out, c->bytes + offset, n);
    c->n_read += n;
    c->first = offset < c->first ? offset : c->first;
    c->last = offset + n > c->last ? offset + n : c->last;
    return true;
}

static counted counted_of(const plx_sb *zip)
{
    return (counted){
        .base = {.name = "far.zip", .size = zip->len, .read_at = read_counted}, .bytes = zip->ptr, .first = UINT64_MAX};
}

static void setup(void)
{
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    for (size_t i = 0; i < sizeof text_a; i++) {
        text_a[i] = (char)('a' + i * i % 23);
    }
    memset(text_b, 'b', sizeof text_b);
}

static void make(plx_sb *zip, bool zip64)
{
    const zip_part parts[] = {
        {.name = "dir/", .mode = 040755},
        {.name = "dir/a.csv", .data = text_a, .len = sizeof text_a, .deflate = true, .zip64 = zip64},
        {.name = "dir/b.bin", .data = text_b, .len = sizeof text_b, .zip64 = zip64},
        {.name = "later.csv", .data = text_a, .len = 700, .deflate = true, .later = true},
        {.name = "empty", .data = "", .len = 0},
        {.name = "empty-deflated", .data = "", .len = 0, .deflate = true},
        {.name = "link", .data = "dir/a.csv", .len = 9, .mode = 0120777},
    };
    make_zip(zip, parts, sizeof parts / sizeof *parts, &(zip_lies){.zip64 = zip64});
}

static bool read_member(const plx_zip_index *index, const char *name, plx_ranged *bytes, size_t piece, plx_sb *out)
{
    plx_zip_pick pick;
    plx_source *source = NULL;
    char block[4096];
    size_t got = 1;
    bool ok =
        plx_zip_index_find(index, name, &pick, &err) && plx_zip_pick_open(&ctx, index, &pick, bytes, &source, &err);
    while (ok && got > 0) {
        ok = source->read(source, block, piece, &got, &err);
        plx_sb_bytes(out, block, ok ? got : 0);
    }
    plx_source_close(source);
    return ok;
}

static void expect(const plx_zip_index *index, const char *name, plx_ranged *bytes, const char *want, size_t len)
{
    static const size_t sizes[] = {1, 7, 4096};
    for (size_t i = 0; i < 3; i++) {
        plx_sb got = {0};
        OK(read_member(index, name, bytes, sizes[i], &got));
        ck_assert_msg(got.len == len && (len == 0 || memcmp(got.ptr, want, len) == 0), "%s", name);
        plx_sb_free(&got);
    }
}

START_TEST(members_by_name)
{
    for (int zip64 = 0; zip64 < 2; zip64++) {
        plx_sb zip = {0};
        plx_zip_index *index = NULL;
        plx_zip_pick pick;
        make(&zip, zip64);
        counted far = counted_of(&zip);
        OK(plx_zip_index_read(&ctx, &far.base, &index, &err));
        ck_assert_uint_eq(plx_zip_index_count(index), 7);
        ck_assert_uint_lt(far.n_read, 20000); /* the tail and the directory, of 50 kB and more */
        expect(index, "dir/a.csv", &far.base, text_a, sizeof text_a);
        expect(index, "dir/b.bin", &far.base, text_b, sizeof text_b);
        expect(index, "later.csv", &far.base, text_a, 700);
        expect(index, "empty", &far.base, "", 0);
        expect(index, "empty-deflated", &far.base, "", 0);
        OK(plx_zip_index_find(index, "dir/b.bin", &pick, &err));
        far.first = UINT64_MAX;
        far.last = 0;
        plx_sb got = {0};
        OK(read_member(index, "dir/b.bin", &far.base, 4096, &got));
        plx_sb_free(&got);
        ck_assert(far.first >= pick.from && far.last <= pick.to);
        ck_assert(!plx_zip_index_find(index, "dir/c", &pick, &err) && err.code == PLX_E_NOTFOUND);
        ck_assert(!plx_zip_index_find(index, "dir/", &pick, &err) && err.code == PLX_E_FORMAT);
        ck_assert(!plx_zip_index_find(index, "link", &pick, &err) && err.code == PLX_E_FORMAT);
        plx_zip_index_free(index);
        plx_sb_free(&zip);
    }
}
END_TEST

START_TEST(lies)
{
    static const struct {
        zip_part part;
        plx_code code;
    } cases[] = {
        {{.name = "x", .crc_change = 1}, PLX_E_FORMAT},
        {{.name = "x", .local_crc_change = 1}, PLX_E_FORMAT},
        {{.name = "x", .local_name = "y"}, PLX_E_FORMAT},
        {{.name = "x", .deflate = true, .crc_change = 1}, PLX_E_FORMAT},
        {{.name = "x", .deflate = true, .size = 2999}, PLX_E_FORMAT},
        {{.name = "x", .deflate = true, .size = 3001}, PLX_E_FORMAT},
        {{.name = "x", .deflate = true, .packed = 4}, PLX_E_FORMAT},
        {{.name = "x", .flags = 1}, PLX_E_UNSUPPORTED},
        {{.name = "x", .method = 9}, PLX_E_UNSUPPORTED},
        {{.name = "x", .deflate = true, .size = (uint64_t)1 << 31}, PLX_E_LIMIT},
        {{.name = "x", .offset = 1 << 20}, PLX_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zip_part part = cases[i].part;
        plx_sb zip = {0}, got = {0};
        plx_zip_index *index = NULL;
        part.data = text_b;
        part.len = sizeof text_b;
        make_zip(&zip, &part, 1, NULL);
        counted far = counted_of(&zip);
        plx_err_clear(&err);
        bool ok = plx_zip_index_read(&ctx, &far.base, &index, &err) && read_member(index, "x", &far.base, 4096, &got);
        ck_assert_msg(!ok && err.code == cases[i].code, "%zu: %s", i, ok ? "was read" : plx_test_err(&err));
        plx_zip_index_free(index);
        plx_sb_free(&zip);
        plx_sb_free(&got);
    }
    const zip_part twins[] = {{.name = "x", .data = "a", .len = 1}, {.name = "x", .data = "b", .len = 1}};
    plx_sb zip = {0};
    plx_zip_index *index = NULL;
    plx_zip_pick pick;
    make_zip(&zip, twins, 2, NULL);
    counted far = counted_of(&zip);
    OK(plx_zip_index_read(&ctx, &far.base, &index, &err));
    ck_assert(!plx_zip_index_find(index, "x", &pick, &err) && err.code == PLX_E_FORMAT);
    plx_zip_index_free(index);
    plx_sb_free(&zip);
}
END_TEST

/* Whatever one byte becomes, what is read is right or an error. */
START_TEST(every_flipped_byte)
{
    plx_sb zip = {0};
    make(&zip, true);
    size_t refused = 0;
    for (size_t i = 0; i<zip.len; i += i> 200 && i + 1500 < zip.len ? 61 : 1) {
        plx_zip_index *index = NULL;
        plx_sb got = {0};
        counted far = counted_of(&zip);
        zip.ptr[i] ^= 0x10;
        plx_err_clear(&err);
        bool ok =
            plx_zip_index_read(&ctx, &far.base, &index, &err) && read_member(index, "dir/a.csv", &far.base, 4096, &got);
        ck_assert(!ok || (got.len == sizeof text_a && memcmp(got.ptr, text_a, got.len) == 0));
        refused += !ok;
        zip.ptr[i] ^= 0x10;
        plx_zip_index_free(index);
        plx_sb_free(&got);
    }
    ck_assert_uint_gt(refused, 400);
    plx_sb_free(&zip);
}
END_TEST

START_TEST(every_prefix)
{
    const zip_part part = {.name = "x", .data = text_b, .len = 300, .deflate = true};
    plx_sb zip = {0};
    make_zip(&zip, &part, 1, NULL);
    for (size_t n = 0; n < zip.len; n++) {
        plx_zip_index *index = NULL;
        counted far = counted_of(&zip);
        char *exact = malloc(n ? n : 1);
        memcpy(exact, zip.ptr, n);
        far.bytes = exact;
        far.base.size = n;
        ck_assert(!plx_zip_index_read(&ctx, &far.base, &index, &err));
        free(exact);
    }
    plx_sb_free(&zip);
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    plx_sb zip = {0};
    make(&zip, false);
    counted far = counted_of(&zip);
    bool all_given = false;
    size_t k = 0;
    for (; !all_given && k < 200; k++) {
        plx_zip_index *index = NULL;
        plx_zip_pick pick;
        plx_source *source = NULL;
        char block[100];
        size_t got;
        plx_err_clear(&err);
        plx_test_alloc_fail_at(k);
        bool ok = plx_zip_index_read(&ctx, &far.base, &index, &err) &&
                  plx_zip_index_find(index, "dir/a.csv", &pick, &err) &&
                  plx_zip_pick_open(&ctx, index, &pick, &far.base, &source, &err) &&
                  source->read(source, block, sizeof block, &got, &err);
        plx_source_close(source);
        plx_zip_index_free(index);
        all_given = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%zu: %s", k, plx_test_err(&err));
    }
    ck_assert(all_given && k > 4);
    plx_sb_free(&zip);
}
END_TEST

Suite *zip_pick_suite(void)
{
    Suite *s = suite_create("zip_pick");
    TCase *tc = tcase_create("zip_pick");
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, members_by_name);
    tcase_add_test(tc, lies);
    tcase_add_test(tc, every_flipped_byte);
    tcase_add_test(tc, every_prefix);
    tcase_add_test(tc, survives_every_failed_allocation);
    suite_add_tcase(s, tc);
    return s;
}

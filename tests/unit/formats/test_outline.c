/* SPDX-License-Identifier: Apache-2.0
 *
 * What each format says of a small file, compared as JSON.
 */
#include "formats/outline.h"

#include "core/alloc.h"
#include "formats/format.h"
#include "formats/json.h"
#include "formats/npy.h"
#include "support/make_archive.h"
#include "support/make_xlsx.h"
#include "support/support.h"

#include <check.h>
#include <string.h>

static bool ask_for(const char *path, const char *item, uint64_t limit, plx_sb *json, plx_err *err)
{
    plx_ctx ctx = plx_ctx_default();
    plx_outline_ask ask = {.ctx = &ctx, .path = path, .item = item, .limit = limit};
    const plx_format *format;
    plx_value *tree = NULL;
    if (!plx_format_detect(path, &format, err)) {
        return false;
    }
    ask.arena = plx_arena_new(0);
    if (!ask.arena) {
        return plx_fail_nomem(err, 0);
    }
    bool ok = format->outline(&ask, &tree, err) && plx_json_write(tree, false, json, err);
    plx_arena_free(ask.arena);
    return ok;
}

static void is_outline(const char *path, const char *item, uint64_t limit, const char *expected)
{
    plx_err err = {0};
    plx_sb json = {0};
    size_t live = plx_alloc_live();
    ck_assert_msg(ask_for(path, item, limit, &json, &err), "%s: %s", item ? item : "", plx_test_err(&err));
    ck_assert_str_eq(plx_sb_str(&json), expected);
    plx_sb_free(&json);
    ck_assert_uint_eq(plx_alloc_live(), live);
}

static void is_missing(const char *path, const char *item, const char *why)
{
    plx_err err = {0};
    plx_sb json = {0};
    ck_assert(!ask_for(path, item, 0, &json, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_msg(strstr(err.why, why) != NULL, "%s", plx_test_err(&err));
    plx_sb_free(&json);
}

static const char *file_of(const char *name, const char *text)
{
    static char path[PLX_PATH];
    snprintf(path, sizeof path, "%s", plx_test_file(name, text, strlen(text)));
    return path;
}

START_TEST(test_json)
{
    const char *path =
        file_of("a.json", "{\"n\": 1, \"x\": [[1, 2], [3, null]], \"t\": [\"a\"], \"e\": [], \"m\": {\"a/b\": "
                          "[{\"k\": 1}, {\"k\": NaN}]}, \"mixed\": [1, \"b\"]}");
    is_outline(
        path, NULL, 20,
        "{\"items\":["
        "{\"dtype\":\"i64\",\"kind\":\"value\",\"name\":\"n\",\"value\":1},"
        "{\"dtype\":\"f64\",\"kind\":\"array\",\"name\":\"x\",\"shape\":[2,2]},"
        "{\"dtype\":\"str\",\"kind\":\"array\",\"name\":\"t\",\"shape\":[1]},"
        "{\"kind\":\"list\",\"name\":\"e\",\"shape\":[0]},"
        "{\"items\":[{\"items\":["
        "{\"items\":[{\"dtype\":\"i64\",\"kind\":\"value\",\"name\":\"k\",\"value\":1}],\"kind\":\"object\",\"name\":"
        "\"0\",\"shape\":[1]},"
        "{\"items\":[{\"dtype\":\"f64\",\"kind\":\"value\",\"name\":\"k\",\"value\":null}],\"kind\":\"object\","
        "\"name\":\"1\",\"shape\":[1]}],"
        "\"kind\":\"list\",\"name\":\"a/b\",\"shape\":[2]}],\"kind\":\"object\",\"name\":\"m\",\"shape\":[1]},"
        "{\"items\":[{\"dtype\":\"i64\",\"kind\":\"value\",\"name\":\"0\",\"value\":1},"
        "{\"dtype\":\"str\",\"kind\":\"value\",\"name\":\"1\",\"value\":\"b\"}],\"kind\":\"list\",\"name\":\"mixed\","
        "\"shape\":[2]}],"
        "\"kind\":\"object\",\"name\":\"/\",\"shape\":[6]}");
    is_outline(path, "x", 1, "{\"dtype\":\"f64\",\"kind\":\"array\",\"name\":\"x\",\"shape\":[2,2],\"values\":[[1]]}");
    is_outline(path, "x/1/0", 0, "{\"dtype\":\"i64\",\"kind\":\"value\",\"name\":\"x/1/0\",\"value\":3}");
    is_outline(path, "m/a/b/0/k", 0, "{\"dtype\":\"i64\",\"kind\":\"value\",\"name\":\"m/a/b/0/k\",\"value\":1}");
    is_missing(path, "mixd", "did you mean \"mixed\"");
    is_missing(path, "m/a/b/2", "2 entries");
    /* Entries of a list tend to be alike: the first three stand for it. */
    is_outline(
        file_of("b.json", "[{}, {}, {}, {}, {}]"), NULL, 4,
        "{\"items\":[{\"kind\":\"object\",\"name\":\"0\",\"shape\":[0]},{\"kind\":\"object\",\"name\":\"1\",\"shape\":"
        "[0]},{\"kind\":\"object\",\"name\":\"2\",\"shape\":[0]}],\"kind\":\"list\",\"n_items\":5,\"name\":\"/\","
        "\"shape\":[5]}");
}
END_TEST

START_TEST(test_yaml)
{
    const char *path = file_of("a.yaml", "a: 1\nb:\n  - x\n  - y\n");
    is_outline(
        path, NULL, 20,
        "{\"items\":[{\"dtype\":\"str\",\"kind\":\"value\",\"name\":\"a\",\"value\":\"1\"},"
        "{\"dtype\":\"str\",\"kind\":\"array\",\"name\":\"b\",\"shape\":[2]}],\"kind\":\"object\",\"name\":\"/\","
        "\"shape\":[2]}");
    is_outline(path, "b", 20,
               "{\"dtype\":\"str\",\"kind\":\"array\",\"name\":\"b\",\"shape\":[2],\"values\":[\"x\",\"y\"]}");
}
END_TEST

START_TEST(test_csv)
{
    const char *path = file_of("a.csv", "pre,post,w,n\nAVAL,AVAR,1.5,3\nAVBL,AVAL,,4\n");
    is_outline(
        path, NULL, 20,
        "{\"items\":[{\"dtype\":\"str\",\"kind\":\"column\",\"name\":\"pre\",\"note\":\"such as \\\"AVAL\\\"\","
        "\"shape\":[2]},"
        "{\"dtype\":\"str\",\"kind\":\"column\",\"name\":\"post\",\"note\":\"such as \\\"AVAR\\\"\",\"shape\":[2]},"
        "{\"dtype\":\"f64\",\"kind\":\"column\",\"name\":\"w\",\"note\":\"1.5 to 1.5, 1 missing\",\"shape\":[2]},"
        "{\"dtype\":\"i64\",\"kind\":\"column\",\"name\":\"n\",\"note\":\"3 to 4\",\"shape\":[2]}],"
        "\"kind\":\"table\",\"name\":\"/\",\"shape\":[2,4]}");
    is_outline(path, "", 1,
               "{\"columns\":[\"pre\",\"post\",\"w\",\"n\"],\"kind\":\"table\",\"name\":\"/\","
               "\"rows\":[[\"AVAL\",\"AVAR\",1.5,3]],\"shape\":[2,4]}");
    is_outline(path, "w", 0,
               "{\"dtype\":\"f64\",\"kind\":\"column\",\"name\":\"w\",\"shape\":[2],\"values\":[1.5,null]}");
    is_missing(path, "wt", "did you mean \"w\"");
    is_outline(file_of("b.csv", ",x\n0,a\n"), "", 0,
               "{\"columns\":[\"c1\",\"c2\"],\"kind\":\"table\",\"name\":\"/\",\"note\":\"its first line names no "
               "columns\",\"rows\":[[null,\"x\"],[0.0,\"a\"]],\"shape\":[2,2]}");
}
END_TEST

START_TEST(test_h5)
{
    char path[PLX_PATH];
    snprintf(path, sizeof path, "%s", plx_test_golden("small.h5"));
    is_outline(
        path, "g/x", 2,
        "{\"attributes\":{\"unit\":{\"dtype\":\"str\",\"shape\":[],\"value\":\"um\"}},\"dtype\":\"i32\",\"kind\":"
        "\"array\",\"name\":\"/g/x\",\"note\":\"chunked 2 x 3 x 5, shuffle, deflate\",\"shape\":[3,4,5],"
        "\"values\":[[[-7,-6],[-2,-1]],[[13,14],[18,19]]]}");
    is_outline(path, "scalar", 0,
               "{\"dtype\":\"f64\",\"kind\":\"array\",\"name\":\"/scalar\",\"shape\":[],\"value\":3.5,\"values\":3.5}");
    is_outline(path, "g/f4", 0,
               "{\"dtype\":\"f32\",\"kind\":\"array\",\"name\":\"/g/f4\",\"shape\":[1,2],\"values\":[[1.5,-0.25]]}");
    is_outline(
        path, "g/z", 0,
        "{\"dtype\":\"c128\",\"kind\":\"array\",\"name\":\"/g/z\",\"shape\":[2],\"values\":[\"1+2j\",\"-0-3.5j\"]}");
    is_outline(
        path, "g/sub/text", 1,
        "{\"dtype\":\"str\",\"kind\":\"array\",\"name\":\"/g/sub/text\",\"shape\":[2,2],\"values\":[[\"one\"]]}");
    is_outline(path, "g/sub/", 0,
               "{\"items\":["
               "{\"dtype\":\"str\",\"kind\":\"array\",\"name\":\"fixed\",\"shape\":[3]},"
               "{\"dtype\":\"compound\",\"kind\":\"array\",\"name\":\"pairs\",\"shape\":[1]},"
               "{\"dtype\":\"ref\",\"kind\":\"array\",\"name\":\"refs\",\"shape\":[2]},"
               "{\"dtype\":\"str\",\"kind\":\"array\",\"name\":\"text\",\"shape\":[2,2]},"
               "{\"kind\":\"link\",\"name\":\"up\",\"note\":\"leads to a group above\"}],"
               "\"kind\":\"group\",\"name\":\"/g/sub\"}");
    is_outline(path, "g/sub/pairs", 0,
               "{\"dtype\":\"compound\",\"kind\":\"array\",\"name\":\"/g/sub/pairs\",\"note\":\"not read: only "
               "numbers, complex "
               "numbers {r, i}, text and object references are read\",\"shape\":[1]}");
    is_missing(path, "g/flagz", "did you mean \"flags\"");
}
END_TEST

static plx_sb array_file(plx_dtype dtype, size_t n, const void *data)
{
    plx_sb file = {0};
    plx_npy_header_text(dtype, 1, &n, &file, NULL);
    plx_sb_bytes(&file, data, n * plx_dtype_size(dtype));
    return file;
}

START_TEST(test_npy_and_archives)
{
    static const double x[3] = {1, 2.5, -3};
    plx_sb array = array_file(PLX_F64, 3, x), zip = {0};
    char path[PLX_PATH];
    snprintf(path, sizeof path, "%s", plx_test_file("x.npy", array.ptr, array.len));
    is_outline(path, NULL, 2, "{\"dtype\":\"f64\",\"kind\":\"array\",\"name\":\"/\",\"shape\":[3]}");
    is_outline(path, "", 2, "{\"dtype\":\"f64\",\"kind\":\"array\",\"name\":\"/\",\"shape\":[3],\"values\":[1.0,2.5]}");
    static const char pickled[] = "\x93NUMPY\1\0\x3c\0{'descr': '|O', 'fortran_order': False, 'shape': (1,), }   \n";
    const zip_part parts[] = {{.name = "x.npy", .data = array.ptr, .len = array.len, .deflate = true},
                              {.name = "d/o.npy", .data = pickled, .len = sizeof pickled - 1},
                              {.name = "notes.txt", .data = "one\ntwo\n", .len = 8},
                              {.name = "b", .data = "\0\1", .len = 2}};
    make_zip(&zip, parts, 2, NULL);
    snprintf(path, sizeof path, "%s", plx_test_file("x.npz", zip.ptr, zip.len));
    is_outline(path, NULL, 2,
               "{\"items\":[{\"dtype\":\"f64\",\"kind\":\"array\",\"name\":\"x\",\"shape\":[3]},"
               "{\"kind\":\"array\",\"name\":\"d/o\",\"note\":\"arrays of dtype '|O' (pickled Python objects) are not "
               "read\"}],\"kind\":\"arrays\",\"name\":\"/\"}");
    zip.len = 0;
    make_zip(&zip, parts, 4, NULL);
    snprintf(path, sizeof path, "%s", plx_test_file("x.zip", zip.ptr, zip.len));
    is_outline(path, NULL, 2,
               "{\"items\":[{\"bytes\":152,\"kind\":\"member\",\"name\":\"x.npy\"},"
               "{\"bytes\":70,\"kind\":\"member\",\"name\":\"d/o.npy\"},"
               "{\"bytes\":8,\"kind\":\"member\",\"name\":\"notes.txt\"},"
               "{\"bytes\":2,\"kind\":\"member\",\"name\":\"b\"}],\"kind\":\"archive\",\"name\":\"/\"}");
    is_outline(
        path, "x.npy", 1,
        "{\"bytes\":152,\"dtype\":\"f64\",\"kind\":\"array\",\"name\":\"x.npy\",\"shape\":[3],\"values\":[1.0]}");
    is_outline(path, "notes.txt", 1,
               "{\"bytes\":8,\"kind\":\"member\",\"lines\":[\"one\"],\"n_lines\":2,\"name\":\"notes.txt\"}");
    is_outline(path, "b", 1, "{\"bytes\":2,\"kind\":\"member\",\"name\":\"b\",\"note\":\"not text\"}");
    is_missing(path, "note.txt", "notes.txt");
    plx_sb_free(&array);
    plx_sb_free(&zip);
}
END_TEST

START_TEST(test_workbooks)
{
    char path[PLX_PATH];
    snprintf(path, sizeof path, "%s", plx_test_golden("small.xls"));
    is_outline(
        path, NULL, 0,
        "{\"items\":[{\"kind\":\"sheet\",\"name\":\"Numbers\",\"note\":\"12 cells with a value\",\"shape\":[4,4]},"
        "{\"kind\":\"sheet\",\"name\":\"Other\",\"note\":\"1 cell with a value\",\"shape\":[3,2]},"
        "{\"kind\":\"sheet\",\"name\":\"Empty\",\"note\":\"0 cells with a value\",\"shape\":[0,0]}],"
        "\"kind\":\"workbook\",\"name\":\"/\"}");
    is_outline(
        path, "Numbers", 3,
        "{\"columns\":[\"A\",\"B\",\"C\",\"D\"],\"first_row\":1,\"kind\":\"sheet\",\"name\":\"Numbers\",\"note\":\"12 "
        "cells with a value\",\"rows\":[[\"name\",\"value\",\"day\",\"when\"],[\"ADAL\",1,\"2011-02-03\"],"
        "[\"caf\xc3\xa9 \xce\xb1\",-2.5,null,\"2020-02-29 12:30:15\"]],\"shape\":[4,4]}");
    is_outline(
        path, "Numbers/B2:B3", 0,
        "{\"columns\":[\"B\"],\"first_row\":2,\"kind\":\"sheet\",\"name\":\"Numbers\",\"note\":\"12 cells with a "
        "value\",\"rows\":[[1],[-2.5]],\"shape\":[4,4]}");
    is_missing(path, "Numbrs", "did you mean \"Numbers\"");
    is_missing(path, "Numbers/2B", "B7");
    const xlsx_tab tabs[] = {{.name = "a/b",
                              .rows = "<row r=\"2\"><c r=\"B2\" t=\"b\"><v>1</v></c><c r=\"C2\"><f>1+1</f>"
                                      "<v>2</v></c><c r=\"D2\" t=\"e\"><v>#N/A</v></c></row>"}};
    const xlsx_book book = {.tabs = tabs, .n = 1, .properties = "date1904=\"1\""};
    plx_sb bytes = {0};
    make_xlsx(&bytes, &book);
    snprintf(path, sizeof path, "%s", plx_test_file("book.xlsx", bytes.ptr, bytes.len));
    plx_sb_free(&bytes);
    is_outline(
        path, "a/b", 0,
        "{\"columns\":[\"A\",\"B\",\"C\",\"D\"],\"first_row\":1,\"kind\":\"sheet\",\"name\":\"a/b\",\"note\":\"3 cells "
        "with a value, 1 of them formulas\",\"rows\":[[],[null,true,2,\"#N/A\"]],\"shape\":[2,4]}");
}
END_TEST

START_TEST(test_tiff)
{
    char path[PLX_PATH];
    snprintf(path, sizeof path, "%s", plx_test_golden("stack_u16.tif"));
    plx_err err = {0};
    plx_sb json = {0};
    ck_assert_msg(ask_for(path, "", 2, &json, &err), "%s", plx_test_err(&err));
    ck_assert_ptr_nonnull(strstr(plx_sb_str(&json), "\"dtype\":\"u16\""));
    ck_assert_ptr_nonnull(strstr(plx_sb_str(&json), "\"axes\":{\"dtype\":\"str\",\"value\":\"ZYX\"}"));
    ck_assert_ptr_nonnull(strstr(plx_sb_str(&json), "\"values\":[[["));
    plx_sb_free(&json);
    is_missing(path, "page", "");
}
END_TEST

START_TEST(test_every_failed_allocation)
{
    static const struct {
        const char *name, *text, *item;
    } files[] = {{"f.json", "{\"a\": [1, 2], \"b\": {\"c\": [{}, {}]}, \"d\": \"e\"}", NULL},
                 {"f.json", "{\"a\": [1, 2]}", "a"},
                 {"f.yaml", "a: [x, y]\nb: z\n", NULL},
                 {"f.csv", "a,b\nx,1\ny,\n", NULL},
                 {"f.csv", "a,b\nx,1\ny,\n", ""}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path = file_of(files[i].name, files[i].text);
        size_t live = plx_alloc_live();
        bool ok = false;
        for (size_t k = 0; !ok; k++) {
            plx_err err = {0};
            plx_sb json = {0};
            plx_test_alloc_fail_at(k);
            ok = ask_for(path, files[i].item, 0, &json, &err);
            plx_test_alloc_ok();
            plx_sb_free(&json);
            ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s, allocation %zu: %s", files[i].name, k,
                          plx_test_err(&err));
            ck_assert_uint_eq(plx_alloc_live(), live);
            ck_assert_uint_lt(k, 10000);
        }
    }
}
END_TEST

Suite *outline_suite(void)
{
    Suite *suite = suite_create("outline");
    TCase *tc = tcase_create("outline");
    tcase_add_test(tc, test_json);
    tcase_add_test(tc, test_yaml);
    tcase_add_test(tc, test_csv);
    tcase_add_test(tc, test_h5);
    tcase_add_test(tc, test_npy_and_archives);
    tcase_add_test(tc, test_workbooks);
    tcase_add_test(tc, test_tiff);
    tcase_add_test(tc, test_every_failed_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Drawings as SVG and as PNG; the PNG is taken apart with zlib and its pixels are looked at.
 */
#include "formats/drawing.h"

#include "core/alloc.h"
#include "formats/png_write.h"
#include "support/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { SIDE = 16, ROW = SIDE * 3 + 1 };

static plx_drawing sample(void)
{
    plx_drawing d = {.width = SIDE, .height = SIDE, .title = "a < b"};
    plx_draw_rect(&d, 2, 2, 4, 4, (plx_ink){0xFF0000, 1}, "A & \"B\"");
    plx_draw_rect(&d, 8, 2, 4, 4, (plx_ink){0x000000, 0.5}, NULL);
    plx_draw_rect(&d, 2.5, 12, 1, 1, (plx_ink){0x0000FF, 1}, NULL);
    plx_draw(&d, &(plx_shape){.kind = PLX_SHAPE_DOT, .ink = {0x00FF00, 1}, .x = 12, .y = 12, .w = 2});
    plx_draw_text(&d, -20, 0, 8, PLX_ANCHOR_END, -90, "far <outside>");
    return d;
}

static const char golden[] =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\" width=\"16\" height=\"16\" role=\"img\" "
    "font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\">\n"
    "<title>a &lt; b</title>\n"
    "<rect x=\"2\" y=\"2\" width=\"4\" height=\"4\" fill=\"#ff0000\"><title>A &amp; &quot;B&quot;</title></rect>\n"
    "<rect x=\"8\" y=\"2\" width=\"4\" height=\"4\" fill=\"#000000\" fill-opacity=\"0.50\"/>\n"
    "<rect x=\"2.5\" y=\"12\" width=\"1\" height=\"1\" fill=\"#0000ff\"/>\n"
    "<circle cx=\"12.00\" cy=\"12.00\" r=\"2.00\" fill=\"#00ff00\"/>\n"
    "<text x=\"-20.00\" y=\"0.00\" font-size=\"8\" fill=\"#333333\" text-anchor=\"end\" transform=\"rotate(-90.00 "
    "-20.00 "
    "0.00)\" "
    "dominant-baseline=\"central\">far &lt;outside&gt;</text>\n"
    "</svg>\n";

START_TEST(test_svg)
{
    plx_err err = {0};
    char *text;
    size_t len;
    plx_drawing d = sample();
    FILE *to = open_memstream(&text, &len);
    ck_assert_msg(plx_drawing_svg(&d, to, &err), "%s", plx_test_err(&err));
    fclose(to);
    ck_assert_str_eq(text, golden);
    free(text);
    plx_drawing_free(&d);
}
END_TEST

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Pixels out of the file, undoing the filter; checks every chunk's CRC on the way. */
static void decode(const unsigned char *file, size_t len, unsigned char out[SIDE][SIDE][3])
{
    unsigned char raw[SIDE * ROW];
    uLongf raw_len = sizeof raw;
    ck_assert_mem_eq(file, "\x89PNG\r\n\x1a\n", 8);
    ck_assert_mem_eq(file + 8, "\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x02\0\0\0", 21);
    for (size_t at = 8; at < len;) {
        uint32_t n = be32(file + at);
        ck_assert_uint_eq(crc32(0, file + at + 4, n + 4), be32(file + at + 8 + n));
        if (memcmp(file + at + 4, "IDAT", 4) == 0) {
            ck_assert_int_eq(uncompress(raw, &raw_len, file + at + 8, n), Z_OK);
        }
        at += n + 12;
        ck_assert_uint_le(at, len);
    }
    ck_assert_mem_eq(file + len - 8, "IEND", 4);
    ck_assert_uint_eq(raw_len, sizeof raw);
    for (int y = 0; y < SIDE; y++) {
        const unsigned char *row = raw + y * ROW;
        ck_assert_uint_eq(row[0], 1);
        for (int i = 0; i < SIDE * 3; i++) {
            (&out[y][0][0])[i] = (unsigned char)(row[1 + i] + (i >= 3 ? (&out[y][0][0])[i - 3] : 0));
        }
    }
}

START_TEST(test_png)
{
    plx_err err = {0};
    char *text[2];
    size_t len[2];
    unsigned char px[SIDE][SIDE][3];
    plx_drawing d = sample();
    for (int i = 0; i < 2; i++) {
        FILE *to = open_memstream(&text[i], &len[i]);
        ck_assert_msg(plx_drawing_png(&d, to, &err), "%s", plx_test_err(&err));
        fclose(to);
    }
    ck_assert_uint_eq(len[0], len[1]);
    ck_assert_mem_eq(text[0], text[1], len[0]);
    decode((const unsigned char *)text[0], len[0], px);
    ck_assert_mem_eq(px[2][2], "\xff\0\0", 3);
    ck_assert_mem_eq(px[5][5], "\xff\0\0", 3);
    ck_assert_mem_eq(px[6][6], "\xff\xff\xff", 3);
    ck_assert_mem_eq(px[3][9], "\x80\x80\x80", 3);
    ck_assert_mem_eq(px[12][2], "\x80\x80\xff", 3); /* half of the pixel is covered */
    ck_assert_mem_eq(px[12][12], "\0\xff\0", 3);
    ck_assert_mem_eq(px[9][9], "\xff\xff\xff", 3);
    free(text[0]);
    free(text[1]);
    plx_drawing_free(&d);
}
END_TEST

/* Lines along, down and across: each pixel they cover, lighter where two pieces of them meet, and none beside them. */
START_TEST(test_line_pixels)
{
    static const double ends[3][4] = {{2, 8, 14, 8}, {8, 2, 8, 14}, {2, 2, 14, 14}};
    for (int k = 0; k < 3; k++) {
        plx_err err = {0};
        char *text;
        size_t len;
        unsigned char px[SIDE][SIDE][3];
        plx_drawing d = {.width = SIDE, .height = SIDE, .title = ""};
        const double *e = ends[k];
        plx_draw(&d, &(plx_shape){.kind = PLX_SHAPE_CURVE,
                                  .ink = {0, 1},
                                  .x = e[0],
                                  .y = e[1],
                                  .x2 = e[2],
                                  .y2 = e[3],
                                  .cx = (e[0] + e[2]) / 2,
                                  .cy = (e[1] + e[3]) / 2,
                                  .w = 2});
        FILE *to = open_memstream(&text, &len);
        ck_assert_msg(plx_drawing_png(&d, to, &err), "%s", plx_test_err(&err));
        fclose(to);
        decode((const unsigned char *)text, len, px);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int along = k == 1 ? y : x, off = k == 0 ? 2 * y - SIDE + 1 : k == 1 ? 2 * x - SIDE + 1 : 2 * (x - y);
                bool inside = along >= 3 && along < 13 && abs(off) < 2,
                     outside = along < 1 || along > 14 || abs(off) > 4;
                ck_assert_msg(!inside || px[y][x][0] < 0x60, "line %d misses %d, %d", k, x, y);
                ck_assert_msg(!outside || px[y][x][0] == 0xFF, "line %d reaches %d, %d", k, x, y);
            }
        }
        free(text);
        plx_drawing_free(&d);
    }
}
END_TEST

START_TEST(test_text_pixels)
{
    plx_err err = {0};
    char *text;
    size_t len;
    unsigned char px[SIDE][SIDE][3];
    plx_drawing d = {.width = SIDE, .height = SIDE, .title = ""};
    plx_draw_text(&d, 1, 4.5, 8, PLX_ANCHOR_START, 0, "L\xc3\xa9");
    FILE *to = open_memstream(&text, &len);
    ck_assert(plx_drawing_png(&d, to, &err));
    fclose(to);
    decode((const unsigned char *)text, len, px);
    for (int y = 1; y <= 7; y++) {
        ck_assert_mem_eq(px[y][1], "\x33\x33\x33", 3); /* the stem of L */
        ck_assert_mem_eq(px[y][7], "\x33\x33\x33", 3); /* one box for one character of two bytes */
        ck_assert_mem_eq(px[y][13], "\xff\xff\xff", 3);
    }
    ck_assert_mem_eq(px[7][5], "\x33\x33\x33", 3);
    ck_assert_mem_eq(px[6][5], "\xff\xff\xff", 3);
    free(text);
    plx_drawing_free(&d);
}
END_TEST

START_TEST(test_refused)
{
    plx_err err = {0};
    FILE *to = tmpfile();
    plx_drawing wide = {.width = 1e9, .height = 1, .title = ""};
    ck_assert(!plx_drawing_png(&wide, to, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    ck_assert(!plx_png_write((const uint8_t *)"", 0, 1, to, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(!plx_png_write((const uint8_t *)"", SIZE_MAX / 2, 2, to, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    fclose(to);
}
END_TEST

START_TEST(test_no_memory)
{
    unsigned n_failed = 0;
    size_t before = plx_alloc_live();
    for (size_t k = 0; k < 12; k++) {
        plx_err err = {0};
        FILE *to = tmpfile();
        plx_test_alloc_fail_at(k);
        plx_drawing d = sample();
        bool ok = plx_drawing_png(&d, to, &err);
        plx_test_alloc_ok();
        plx_drawing_free(&d);
        fclose(to);
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), before);
        n_failed += !ok;
    }
    ck_assert_uint_ge(n_failed, 3);
}
END_TEST

Suite *drawing_suite(void)
{
    Suite *s = suite_create("drawing");
    TCase *tc = tcase_create("drawing");
    tcase_add_test(tc, test_svg);
    tcase_add_test(tc, test_png);
    tcase_add_test(tc, test_line_pixels);
    tcase_add_test(tc, test_text_pixels);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_no_memory);
    suite_add_tcase(s, tc);
    return s;
}

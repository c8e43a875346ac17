/* SPDX-License-Identifier: Apache-2.0
 *
 * Published workbooks against what openpyxl 3.0.9 reads from them (data_only): per sheet rows, columns, cells with a
 * value, the sum of all numbers in file order and the bytes of all texts; per workbook the SHA-256 of one line per
 * cell, "row TAB column TAB kind TAB value" with rows and columns from 0, kinds n b s e, numbers as the 16 hex digits
 * of their bits.
 */
#include "core/hash.h"
#include "formats/xlsx.h"
#include "support/suites.h"
#include "support/support.h"

#include <inttypes.h>

enum { MOST_SHEETS = 7 };

typedef struct sheet {
    const char *name;
    uint32_t rows, columns;
    uint64_t cells;
    double sum;
    uint64_t text_bytes;
} sheet;

static const struct {
    const char *path;
    sheet sheets[MOST_SHEETS];
    const char *digest;
} books[] = {
    {"celegans/worm-data-preprocess/Cook2019.xlsx",
     {{"TITLE AND LEGEND", 3, 1, 2, 0.0, 979},
      {"hermaphrodite chemical", 304, 458, 6421, 28175.0, 6904},
      {"hermaphrodite gap jn asymmetric", 473, 473, 3371, 11742.0, 9141},
      {"hermaphrodite gap jn symmetric", 473, 473, 4804, 23375.0, 9141},
      {"male chemical", 386, 579, 7265, 46021.0, 8613},
      {"male gap jn asymmetric", 590, 590, 4152, 15972.0, 11048},
      {"male gap jn symmetric", 590, 590, 5876, 31764.0, 11048}},
     "d07a318f5d6cf47d40dc56304e9411c0565d786d2ea456a803184e9e7aaa9132"},
    {"celegans/worm-data-preprocess/CElegansFunctionalConnectivity.xlsx",
     {{"Figure2a, df_over_f", 169, 169, 22857, 866.9249045985862, 1356},
      {"Figure2a, alpha=(1 - q_val)", 169, 169, 28560, 5000.630268827039, 1356},
      {"Figure2c", 2, 2, 4, 0.0, 66},
      {"Figure2d", 1937, 2, 3874, 0.0, 92960},
      {"Figure2e", 2, 5, 10, 0.0, 244},
      {"Figure2f", 35345, 2, 70690, 0.0, 724868},
      {"Figure2g", 2, 5, 10, 0.0, 247}},
     "f21ccf57739a378067337ac4270d61c2d20418b1efc154759396c6c66e360507"},
    {"celegans/worm-data-preprocess/Hobert2016_BrainAtlas.xlsx",
     {{"List_with_genes.txt", 311, 145, 10774, 0.0, 60210}},
     "74709817b89bd9479968dc22017e8788df4f347710088912d9b0c42bf62bb76c"},
    {"celegans/worm-data-preprocess/Witvliet2020_NeuronClasses.xlsx",
     {{"Sheet1", 94, 6, 432, 0.0, 9627}},
     "a6ab91fad59da852a6dd4ec011d5049349234588cba55525e35b7ae6f8cf8f59"},
    {"celegans/c302/NeuronConnectFormatted.xlsx",
     {{"Sheet1", 6418, 4, 25672, 15975.0, 61103}},
     "accafedb1ed3e8e20576fae90e38c4329ce11e4ebe58f1e82296717af681f1bb"},
    {"celegans/c302/witvliet_2020_1.xlsx",
     {{"witvliet_2020_1 L1", 859, 4, 3436, 1400.0, 14572}},
     "2bfd7e71ab8ec06d35ed4b125a0130535ff36d90ec747dadd6dfec1893886aa3"},
    {"celegans/c302/witvliet_2020_2.xlsx",
     {{"witvliet_2020_2 L1", 1111, 4, 4444, 2028.0, 18849}},
     "e2172f7813834f98d73a565bf73fef26b0caab0709deb70a82d97c0e987f524a"},
    {"celegans/c302/witvliet_2020_4.xlsx",
     {{"witvliet_2020_4 L1", 1346, 4, 5384, 3020.0, 22865}},
     "ee3af0cd22b96c6d02813d50baaae7777d49d7d56cb777f9786629319845d522"},
    {"celegans/c302/witvliet_2020_6.xlsx",
     {{"witvliet_2020_6 L3", 1740, 4, 6960, 4723.0, 29574}},
     "3af29fc25263e7fa4fd455a5a1dc5be7a74df6a286897bf7e1d0da41a9816223"},
    {"celegans/c302/witvliet_2020_7.xlsx",
     {{"witvliet_2020_7 adult", 2494, 4, 9976, 7867.0, 42301}},
     "a463c434dea33b4943c19e7f9495fd9a64dd71455b7ce6d8d1f776e640c22b02"},
    {"celegans/c302/witvliet_2020_8.xlsx",
     {{"witvliet_2020_8 adult", 2497, 4, 9988, 8400.0, 42308}},
     "76645e1cceb32fab6cb9a4967ae6ff55add4dc053e4813fd2daeadcc3b956b4d"},
    {"celegans/wormneuroatlas/journal.pcbi.1007974.s003.xlsx",
     {{"USER GUIDE", 9, 2, 17, 0.0, 748},
      {"1. NT expr", 303, 4, 854, 0.0, 3030},
      {"2. Receptor gene table", 63, 11, 194, 1117.0, 755},
      {"3. Receptor Gene expression", 303, 14, 1439, 0.0, 7426},
      {"4. Receptor type expression ", 304, 22, 5481, 2963.0, 6577},
      {"5. Sign prediction", 3640, 21, 72791, 32008.0, 103743},
      {"Summary", 10, 3, 20, 56246.24710813067, 217}},
     "e443d7bfc7d9ce6834f8beafe01746273cae9f98b4086cc163dee5c235ff6530"},
};
enum { N_BOOKS = sizeof books / sizeof *books };

typedef struct tally {
    double sum;
    uint64_t cells, text_bytes;
    plx_sha256 *digest;
} tally;

static bool add_cell(void *payload, const plx_sheet_cell *cell, plx_err *err)
{
    tally *t = payload;
    char line[64];
    char kind = 's';
    (void)err;
    if (cell->kind == PLX_SHEET_UNCOMPUTED) {
        return true;
    }
    ck_assert_int_ne(cell->kind, PLX_SHEET_DATE); /* none of these workbooks has one */
    if (cell->kind == PLX_SHEET_NUMBER) {
        kind = 'n';
    } else if (cell->kind == PLX_SHEET_BOOL) {
        kind = 'b';
    } else if (cell->kind == PLX_SHEET_ERROR) {
        kind = 'e';
    }
    int n = snprintf(line, sizeof line, "%u\t%u\t%c\t", cell->row, cell->column, kind);
    if (kind == 'n') {
        uint64_t bits;
        memcpy(&bits, &cell->number, sizeof bits);
        n += snprintf(line + n, sizeof line - (size_t)n, "%016" PRIx64, bits);
        t->sum += cell->number;
    } else if (kind == 'b') {
        n += snprintf(line + n, sizeof line - (size_t)n, "%d", (int)cell->number);
    }
    plx_sha256_update(t->digest, line, (size_t)n);
    plx_sha256_update(t->digest, cell->text.ptr ? cell->text.ptr : "", cell->text.len);
    plx_sha256_update(t->digest, "\n", 1);
    t->text_bytes += kind == 's' ? cell->text.len : 0;
    t->cells++;
    return true;
}

static void check_sheet(plx_xlsx *book, size_t i, const sheet *want, plx_sha256 *digest)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_sheet_info info;
    tally t = {.digest = digest};
    plx_sheet_sink sink = {.cell = add_cell, .payload = &t};
    ck_assert_str_eq(plx_xlsx_sheet_name(book, i), want->name);
    ck_assert_msg(plx_xlsx_read(&ctx, book, i, &sink, &info, &err), "%s", plx_test_err(&err));
    ck_assert_uint_eq(info.n_rows, want->rows);
    ck_assert_uint_eq(info.n_columns, want->columns);
    ck_assert_uint_eq(info.n_cells, want->cells);
    ck_assert_uint_eq(t.cells, want->cells);
    ck_assert_uint_eq(t.text_bytes, want->text_bytes);
    ck_assert_msg(t.sum == want->sum, "%s: sum %.17g", want->name, t.sum);
}

START_TEST(test_books)
{
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_xlsx *book;
    size_t k = (size_t)_i;
    const char *path = plx_test_data(books[k].path);
    ck_assert_msg(path != NULL, "%s is missing", books[k].path);
    ck_assert_msg(plx_xlsx_open(&ctx, path, NULL, &book, &err), "%s", plx_test_err(&err));
    plx_sha256 sha;
    plx_sha256_init(&sha);
    size_t n = 0;
    for (; n < MOST_SHEETS && books[k].sheets[n].name; n++) {
        ck_assert_uint_lt(n, plx_xlsx_n_sheets(book));
        check_sheet(book, n, &books[k].sheets[n], &sha);
    }
    ck_assert_uint_eq(plx_xlsx_n_sheets(book), n);
    plx_digest digest = plx_sha256_final(&sha);
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(&digest, hex);
    ck_assert_str_eq(hex, books[k].digest);
    plx_xlsx_close(book);
}
END_TEST

Suite *xlsx_data_suite(void)
{
    if (!plx_test_data("celegans/worm-data-preprocess") || !plx_test_data("celegans/c302") ||
        !plx_test_data("celegans/wormneuroatlas")) {
        return NULL;
    }
    Suite *suite = suite_create("xlsx_data");
    TCase *tc = tcase_create("published workbooks");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_books, 0, N_BOOKS);
    suite_add_tcase(suite, tc);
    return suite;
}

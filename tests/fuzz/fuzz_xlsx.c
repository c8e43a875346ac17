/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole workbook: every sheet is read or refused with a sentence. Input that is no zip is taken as parts that end in
 * NUL (relationships, workbook, shared strings, styles, sheet), of which a sound zip is made: else checksums hide them.
 */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz/fuzz.h"
#include "fuzz/input_file.h"

#include "formats/xlsx.h"
#include "support/make_xlsx.h"

#include <string.h>

static void expect_refusal(const plx_err *err)
{
    PLX_FUZZ_EXPECT(err->what[0]);
    PLX_FUZZ_EXPECT(err->code == PLX_E_FORMAT || err->code == PLX_E_TRUNCATED || err->code == PLX_E_POLICY ||
                    err->code == PLX_E_UNSUPPORTED || err->code == PLX_E_LIMIT || err->code == PLX_E_NOTFOUND ||
                    err->code == PLX_E_NOMEM);
}

static void read_book(const uint8_t *data, size_t size)
{
    plx_ctx ctx = plx_fuzz_ctx();
    plx_input_file file = plx_input_open(data, size);
    plx_xlsx *book = NULL;
    plx_err err = {0};
    if (plx_xlsx_open(&ctx, file.path, NULL, &book, &err)) {
        PLX_FUZZ_EXPECT(plx_xlsx_n_sheets(book) > 0);
        for (size_t i = 0; i < plx_xlsx_n_sheets(book); i++) {
            size_t found = 0;
            PLX_FUZZ_EXPECT(plx_xlsx_need(book, plx_xlsx_sheet_name(book, i), &found, &err) && found == i);
            if (!plx_xlsx_read(&ctx, book, i, NULL, NULL, &err)) {
                expect_refusal(&err);
            }
        }
        plx_xlsx_close(book);
    } else {
        expect_refusal(&err);
    }
    close(file.fd);
}

static void read_parts(const uint8_t *data, size_t size)
{
    enum { PARTS = 5 };
    char *text = malloc(size + PARTS);
    const char *part[PARTS];
    if (!text) {
        abort();
    }
    if (size) {
        memcpy(text, data, size);
    }
    memset(text + size, 0, PARTS);
    part[0] = text;
    for (size_t i = 1; i < PARTS; i++) {
        part[i] = part[i - 1] + strlen(part[i - 1]) + (part[i - 1] + strlen(part[i - 1]) < text + size);
    }
    plx_sb zip = {0};
    xlsx_tab tab = {.name = "one", .whole = part[4]};
    make_xlsx(&zip, &(xlsx_book){.tabs = &tab,
                                 .n = 1,
                                 .relations = part[0][0] ? part[0] : NULL,
                                 .workbook = part[1][0] ? part[1] : NULL,
                                 .strings_part = part[2],
                                 .styles_part = part[3],
                                 .stored = true});
    read_book((const uint8_t *)zip.ptr, zip.len);
    plx_sb_free(&zip);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool is_zip = size >= 2 && memcmp(data, "PK", 2) == 0;
    (is_zip ? read_book : read_parts)(data, size);
    return 0;
}

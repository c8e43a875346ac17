/* SPDX-License-Identifier: Apache-2.0
 *
 * One worksheet part, past the zip whose checksums would hide it. Cells must come in order and hold together; whatever
 * is refused says so.
 */
#include "fuzz/fuzz.h"

#include "formats/xlsx_parts.h"

#include <math.h>
#include <stdlib.h>

typedef struct order {
    uint64_t next; /* the least place the next cell may have */
    uint64_t cells, uncomputed;
} order;

static bool see(void *payload, const plx_sheet_cell *cell, plx_err *err)
{
    order *o = payload;
    uint64_t at = (uint64_t)cell->row * 16384 + cell->column;
    (void)err;
    PLX_FUZZ_EXPECT(cell->row < 1 << 20 && cell->column < 1 << 14 && at >= o->next);
    PLX_FUZZ_EXPECT(isfinite(cell->number));
    PLX_FUZZ_EXPECT(cell->kind != PLX_SHEET_UNCOMPUTED || cell->formula);
    PLX_FUZZ_EXPECT(cell->kind != PLX_SHEET_TEXT || cell->text.ptr);
    uint32_t sum = 0;
    for (size_t i = 0; i < cell->text.len; i++) {
        sum += (uint8_t)cell->text.ptr[i];
    }
    PLX_FUZZ_EXPECT(cell->text.len == 0 || sum > 0);
    o->next = at + 1;
    o->cells += cell->kind != PLX_SHEET_UNCOMPUTED;
    o->uncomputed += cell->kind == PLX_SHEET_UNCOMPUTED;
    return true;
}

static bool see_merged(void *payload, const plx_sheet_range *r, plx_err *err)
{
    (void)payload;
    (void)err;
    PLX_FUZZ_EXPECT(r->row <= r->last_row && r->last_row < 1 << 20);
    PLX_FUZZ_EXPECT(r->column <= r->last_column && r->last_column < 1 << 14);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plx_ctx ctx = plx_fuzz_ctx();
    plx_slice strings[] = {{"zero", 4}, {"one", 3}};
    bool is_date[] = {false, true};
    plx_xlsx_parts parts = {.strings = strings, .n_strings = 2, .is_date = is_date, .n_styles = 2};
    order o = {0, 0, 0};
    plx_sheet_sink sink = {see, see_merged, &o};
    plx_sheet_info info;
    plx_err err = {0};
    bool ok = plx_xlsx_scan_sheet(&ctx, &parts, "input", (const char *)data, size, &sink, &info, &err);
    PLX_FUZZ_EXPECT(info.n_cells == o.cells && info.n_uncomputed == o.uncomputed);
    PLX_FUZZ_EXPECT((uint64_t)info.n_rows * 16384 >= o.next || o.next == 0 || info.n_rows > 0);
    PLX_FUZZ_EXPECT(ok || (err.what[0] && err.n_notes > 0 &&
                           (err.code == PLX_E_FORMAT || err.code == PLX_E_TRUNCATED || err.code == PLX_E_POLICY ||
                            err.code == PLX_E_UNSUPPORTED || err.code == PLX_E_LIMIT)));
    return 0;
}

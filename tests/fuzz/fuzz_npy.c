/* SPDX-License-Identifier: Apache-2.0
 *
 * .npy: an array that is accepted lies wholly inside its bytes, and its C-order copy is written and read back equal.
 */
#include "fuzz/fuzz.h"

#include "formats/npy.h"

#include <stdlib.h>
#include <string.h>

static void round_trip(const plx_array *array)
{
    plx_array plain = {0};
    plx_array again = {0};
    plx_sb text = {0};
    plx_err err = {0};
    bool ok = plx_array_to_c_order(array, &plain, &err) &&
              plx_npy_header_text(plain.dtype, plain.ndim, plain.shape, &text, &err);
    PLX_FUZZ_EXPECT(ok);
    PLX_FUZZ_EXPECT(text.len % 64 == 0);
    plx_sb_bytes(&text, plain.buf.ptr, plx_array_count(&plain) * plx_dtype_size(plain.dtype));
    plx_buf file = plx_buf_view(plx_sb_str(&text), text.len);
    ok = plx_npy_view("written", &file, &again, &err);
    PLX_FUZZ_EXPECT(ok);
    PLX_FUZZ_EXPECT(again.ndim == plain.ndim && again.dtype == plain.dtype && again.buf.len == array->buf.len);
    PLX_FUZZ_EXPECT(again.buf.len == 0 || memcmp(again.buf.ptr, plain.buf.ptr, again.buf.len) == 0);
    plx_array_free(&again);
    plx_array_free(&plain);
    plx_sb_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plx_buf file = plx_buf_view(data, size);
    plx_array array = {0};
    plx_err err = {0};
    if (plx_npy_view("input", &file, &array, &err)) {
        round_trip(&array);
        plx_array_free(&array);
    } else {
        PLX_FUZZ_EXPECT(err.code == PLX_E_FORMAT || err.code == PLX_E_TRUNCATED || err.code == PLX_E_UNSUPPORTED ||
                        err.code == PLX_E_LIMIT);
        PLX_FUZZ_EXPECT(err.what[0]);
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * gzip streams: the same bytes or the same refusal, however the packed bytes arrive and after a rewind.
 */
#include "fuzz/fuzz.h"

#include "formats/source.h"

#include <stdlib.h>
#include <string.h>

static bool unpack(plx_source *source, plx_buf *out, plx_err *err)
{
    plx_err_clear(err);
    bool ok = plx_source_slurp(source, 1 << 20, out, err);
    if (!ok) {
        PLX_FUZZ_EXPECT(err->code == PLX_E_FORMAT || err->code == PLX_E_TRUNCATED || err->code == PLX_E_LIMIT);
        PLX_FUZZ_EXPECT(err->what[0] != '\0');
        PLX_FUZZ_EXPECT(out->ptr == NULL);
    }
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plx_ctx ctx = plx_fuzz_ctx();
    plx_err err = {0}, again_err = {0};
    plx_source *packed = NULL, *source = NULL;
    plx_buf first = {0}, second = {0};
    PLX_FUZZ_EXPECT(plx_source_mem("input", data, size, &packed, &err));
    PLX_FUZZ_EXPECT(plx_source_gzip(&ctx, packed, &source, &err));
    bool ok = unpack(source, &first, &err);
    PLX_FUZZ_EXPECT(source->rewind(source, &again_err));
    PLX_FUZZ_EXPECT(unpack(source, &second, &again_err) == ok);
    PLX_FUZZ_EXPECT(ok || err.code == again_err.code);
    PLX_FUZZ_EXPECT(first.len == second.len && (first.len == 0 || memcmp(first.ptr, second.ptr, first.len) == 0));
    plx_buf_free(&first);
    plx_buf_free(&second);
    plx_source_close(source);
    return 0;
}

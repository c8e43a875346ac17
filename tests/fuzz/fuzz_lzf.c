/* SPDX-License-Identifier: Apache-2.0
 *
 * LZF: the first two bytes are the size that is wanted. Nothing is written past it, whatever the stream says.
 */
#include "fuzz/fuzz.h"

#include "formats/lzf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    size_t want = (size_t)(data[0] | data[1] << 8);
    uint8_t *out = malloc(want + 8);
    PLX_FUZZ_EXPECT(out);
    memset(out, 0xa5, want + 8);
    plx_err err = {0};
    if (!plx_lzf_decode(data + 2, size - 2, out, want, &err)) {
        PLX_FUZZ_EXPECT(err.code == PLX_E_FORMAT && err.why[0]);
    }
    for (size_t i = 0; i < 8; i++) {
        PLX_FUZZ_EXPECT(out[want + i] == 0xa5);
    }
    free(out);
    return 0;
}

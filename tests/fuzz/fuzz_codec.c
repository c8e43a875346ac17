/* SPDX-License-Identifier: Apache-2.0
 *
 * Packed chunks. The first byte chooses the codec, the second the size a chunk should have; nothing is written past it,
 * and the same bytes give the same answer.
 */
#include "fuzz/fuzz.h"

#include "formats/codec.h"

#include <stdlib.h>
#include <string.h>

static const size_t sizes[] = {0, 1, 64, 600, 4096, 1 << 16};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"blosc", "gzip", "lz4", "zlib", "zstd"};
    if (size < 2) {
        return 0;
    }
    const plx_codec *codec = plx_codec_find(names[data[0] % 5]);
    size_t want = sizes[data[1] % (sizeof sizes / sizeof *sizes)];
    plx_value settings = {.kind = PLX_V_NULL};
    plx_codec_state state = {.item = 2};
    plx_err err = {0};
    PLX_FUZZ_EXPECT(codec->open(&settings, 2, &state, &err));
    /* Blocks of their own size, for the sanitizer to see what is read and written past them. */
    uint8_t *packed = malloc(size - 2 ? size - 2 : 1);
    uint8_t *out = malloc(want ? want : 1), *again = malloc(want ? want : 1);
    if (!packed || !out || !again) {
        abort();
    }
    memcpy(packed, data + 2, size - 2);
    memset(out, 0, want);
    memset(again, 0, want);
    bool ok = codec->decode(&state, packed, size - 2, out, want, &err);
    PLX_FUZZ_EXPECT(ok || (err.code != PLX_OK && err.what[0]));
    PLX_FUZZ_EXPECT(codec->decode(&state, packed, size - 2, again, want, &err) == ok);
    PLX_FUZZ_EXPECT(!ok || memcmp(out, again, want) == 0);
    free(packed);
    free(out);
    free(again);
    return 0;
}

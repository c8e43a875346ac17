/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML: whatever is read must come back equal after being written.
 */
#include "fuzz/fuzz.h"

#include "formats/yaml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plx_ctx ctx = plx_fuzz_ctx();
    plx_arena *arena = plx_arena_new(0);
    plx_value *tree = NULL;
    plx_err err = {0};
    if (plx_yaml_parse(&ctx, arena, "input", (const char *)data, size, &tree, &err)) {
        plx_sb text = {0};
        plx_value *again = NULL;
        bool written = plx_yaml_write(tree, &text, &err);
        PLX_FUZZ_EXPECT(written);
        bool read = plx_yaml_parse(&ctx, arena, "written", plx_sb_str(&text), text.len, &again, &err);
        PLX_FUZZ_EXPECT(read);
        PLX_FUZZ_EXPECT(plx_v_equal(tree, again));
        plx_sb_free(&text);
    } else {
        PLX_FUZZ_EXPECT(err.code == PLX_E_FORMAT || err.code == PLX_E_LIMIT);
        PLX_FUZZ_EXPECT(err.what[0] && err.n_notes > 0);
    }
    plx_arena_free(arena);
    return 0;
}

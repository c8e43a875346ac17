/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON: what is read comes back equal after being written, canonical text is a fixed point, and an array streamed
 * element by element is the array read whole.
 */
#include "fuzz/fuzz.h"

#include "formats/json.h"

#include <stdlib.h>

typedef struct streamed {
    const plx_value *whole; /* NULL: refused */
    size_t n;
} streamed;

static bool compare(void *payload, size_t index, const plx_value *element, plx_err *err)
{
    (void)err;
    streamed *s = payload;
    PLX_FUZZ_EXPECT(index == s->n);
    if (s->whole) {
        PLX_FUZZ_EXPECT(index < s->whole->u.arr.n && plx_v_equal(element, s->whole->u.arr.items[index]));
        PLX_FUZZ_EXPECT(element->offset == s->whole->u.arr.items[index]->offset);
    }
    s->n++;
    return true;
}

static void stream(const plx_ctx *ctx, const void *data, size_t size, const plx_json_opts *opts, const plx_value *whole)
{
    plx_err err = {0};
    plx_source *source = NULL;
    streamed s = {whole, 0};
    PLX_FUZZ_EXPECT(plx_source_mem("input", data, size, &source, &err));
    bool ok = plx_json_stream(ctx, source, opts, compare, &s, &err);
    PLX_FUZZ_EXPECT(ok == (whole && whole->kind == PLX_V_ARR));
    PLX_FUZZ_EXPECT(!ok || s.n == whole->u.arr.n);
    PLX_FUZZ_EXPECT(ok || err.n_notes > 0);
    plx_source_close(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plx_ctx ctx = plx_fuzz_ctx();
    plx_arena *arena = plx_arena_new(0);
    plx_value *tree = NULL;
    plx_err err = {0};
    plx_json_opts opts = {.allow_duplicates = size % 2};
    if (plx_json_parse(&ctx, arena, "input", (const char *)data, size, &opts, &tree, &err)) {
        plx_sb text = {0}, again = {0};
        plx_value *back = NULL;
        PLX_FUZZ_EXPECT(plx_json_write(tree, size % 3 == 0, &text, &err));
        PLX_FUZZ_EXPECT(plx_json_parse(&ctx, arena, "written", text.ptr, text.len, NULL, &back, &err));
        PLX_FUZZ_EXPECT(plx_v_equal(tree, back));
        PLX_FUZZ_EXPECT(plx_json_write(back, size % 3 == 0, &again, &err));
        PLX_FUZZ_EXPECT(again.len == text.len && memcmp(again.ptr, text.ptr, text.len) == 0);
        plx_sb_free(&text);
        plx_sb_free(&again);
    } else {
        PLX_FUZZ_EXPECT(err.code == PLX_E_FORMAT || err.code == PLX_E_TRUNCATED || err.code == PLX_E_LIMIT);
        PLX_FUZZ_EXPECT(err.what[0] && err.n_notes > 0);
    }
    if (!tree || tree->kind == PLX_V_ARR) {
        stream(&ctx, data, size, &opts, tree);
    }
    plx_arena_free(arena);
    return 0;
}

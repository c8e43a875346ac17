/* SPDX-License-Identifier: Apache-2.0
 *
 * References: what is read prints to text that reads back the same; a failure names a place.
 */
#include "fuzz/fuzz.h"

#include "schemas/ref.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[1024];
    if (size >= sizeof text) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    plx_ref ref;
    plx_err err = {0};
    if (!plx_ref_parse(text, &ref, &err)) {
        PLX_FUZZ_EXPECT(err.code == PLX_E_ARG && err.what[0] && err.next[0]);
        return 0;
    }
    char printed[PLX_REF_TEXT];
    char again[PLX_REF_TEXT];
    plx_ref back;
    plx_ref_print(&ref, printed);
    bool read = plx_ref_parse(printed, &back, &err);
    PLX_FUZZ_EXPECT(read);
    plx_ref_print(&back, again);
    PLX_FUZZ_EXPECT(strcmp(printed, again) == 0);
    PLX_FUZZ_EXPECT(back.kind == ref.kind && back.mode == ref.mode && strcmp(back.unit, ref.unit) == 0);
    return 0;
}

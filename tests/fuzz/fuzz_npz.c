/* SPDX-License-Identifier: Apache-2.0
 *
 * .npz: every array that is handed out lies inside its bytes.
 */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz/fuzz.h"
#include "fuzz/input_file.h"

#include "formats/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plx_ctx ctx = plx_fuzz_ctx();
    plx_input_file file = plx_input_open(data, size);
    plx_npz npz = {0};
    plx_err err = {0};
    if (plx_npz_read(&ctx, file.path, &npz, &err)) {
        for (size_t i = 0; i < npz.n; i++) {
            const plx_array *a = &npz.arrays[i];
            PLX_FUZZ_EXPECT(a->buf.len == plx_array_count(a) * plx_dtype_size(a->dtype));
            PLX_FUZZ_EXPECT(plx_npz_find(&npz, npz.names[i]) != NULL);
        }
        plx_npz_free(&npz);
    } else {
        PLX_FUZZ_EXPECT(err.code != PLX_OK && err.what[0]);
    }
    close(file.fd);
    return 0;
}

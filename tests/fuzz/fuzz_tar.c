/* SPDX-License-Identifier: Apache-2.0
 *
 * tar: see walk_input.h for what must hold.
 */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz/walk_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plx_walk_input(data, size);
    return 0;
}

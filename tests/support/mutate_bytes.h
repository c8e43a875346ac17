/* SPDX-License-Identifier: Apache-2.0
 *
 * Damage that follows from a number alone: cut off, bits flipped, bytes and words set to what readers trip over.
 */
#ifndef PLX_TESTS_MUTATE_BYTES_H
#define PLX_TESTS_MUTATE_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline void mutate_bytes(uint8_t *bytes, size_t *len, uint64_t *state)
{
    static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
#define NEXT() (*state = *state * 6364136223846793005U + 1442695040888963407U, (size_t)(*state >> 33))
    size_t changes = 1 + NEXT() % 6;
    if (NEXT() % 8 == 0) {
        *len = NEXT() % *len;
    }
    for (size_t i = 0; i<changes && * len> 8; i++) {
        size_t at = NEXT() % (*len - 4);
        if (NEXT() % 3 == 0) {
            at %= 2048; /* where headers are */
            at = at > *len - 4 ? *len - 4 : at;
        }
        switch (NEXT() % 3) {
        case 0:
            bytes[at] = (uint8_t)(bytes[at] ^ (1U << NEXT() % 8));
            break;
        case 1:
            bytes[at] = odd[NEXT() % sizeof odd];
            break;
        default:
            memset(bytes + at, odd[NEXT() % sizeof odd], 4);
            break;
        }
    }
#undef NEXT
}

#endif

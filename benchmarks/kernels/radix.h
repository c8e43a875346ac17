/* SPDX-License-Identifier: Apache-2.0
 *
 * Sorting numbers by their bits: keys that order as integers the way the numbers order, and a radix sort of them.
 */
#ifndef PLX_KERNELS_RADIX_H
#define PLX_KERNELS_RADIX_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Key of a number that is not NaN: a < b exactly when the keys are, -0 and 0 have one key. */
static inline uint64_t plx_radix_key_f64(double x)
{
    uint64_t bits;
    x += 0.0; /* -0 becomes 0 */
    memcpy(&bits, &x, sizeof bits);
    return bits ^ (((uint64_t)0 - (bits >> 63)) | UINT64_C(1) << 63);
}
static inline uint32_t plx_radix_key_f32(float x)
{
    uint32_t bits;
    x += 0.0f;
    memcpy(&bits, &x, sizeof bits);
    return bits ^ (((uint32_t)0 - (bits >> 31)) | UINT32_C(1) << 31);
}
/* The number of a key. */
static inline double plx_radix_f64(uint64_t key)
{
    double x;
    key ^= key >> 63 ? UINT64_C(1) << 63 : ~UINT64_C(0);
    memcpy(&x, &key, sizeof x);
    return x;
}

/* Sort n keys ascending; `spare` is room for n more. Digits that are equal in all keys cost nothing.
 * cost: at most 6 passes for 64 bits and 3 for 32. */
void plx_radix_sort_u64(uint64_t *keys, uint64_t *spare, size_t n);
void plx_radix_sort_u32(uint32_t *keys, uint32_t *spare, size_t n);

#endif

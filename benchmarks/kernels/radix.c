/* SPDX-License-Identifier: Apache-2.0
 *
 * Radix sort from the lowest digit up, eleven bits at a time, with all histograms made in one pass.
 */
#include "benchmarks/kernels/radix.h"

#include <stdbool.h>

enum { BITS = 11, WAYS = 1 << BITS, DIGITS_64 = 6, DIGITS_32 = 3, SMALL = 64 };

static void insertion_u64(uint64_t *keys, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t key = keys[i];
        size_t j = i;
        for (; j > 0 && keys[j - 1] > key; j--) {
            keys[j] = keys[j - 1];
        }
        keys[j] = key;
    }
}

static void insertion_u32(uint32_t *keys, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint32_t key = keys[i];
        size_t j = i;
        for (; j > 0 && keys[j - 1] > key; j--) {
            keys[j] = keys[j - 1];
        }
        keys[j] = key;
    }
}

/* Counts to places; false when one digit holds all n keys, so that the pass would move nothing. */
static bool places(size_t counts[WAYS], size_t n)
{
    size_t at = 0;
    for (size_t w = 0; w < WAYS; w++) {
        size_t count = counts[w];
        if (count == n) {
            return false;
        }
        counts[w] = at;
        at += count;
    }
    return true;
}

void plx_radix_sort_u64(uint64_t *keys, uint64_t *spare, size_t n)
{
    if (n <= SMALL) {
        insertion_u64(keys, n);
        return;
    }
    size_t counts[DIGITS_64][WAYS];
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < n; i++) {
        uint64_t key = keys[i];
        for (unsigned d = 0; d < DIGITS_64; d++) {
            counts[d][(key >> (d * BITS)) & (WAYS - 1)]++;
        }
    }
    uint64_t *from = keys;
    uint64_t *to = spare;
    for (unsigned d = 0; d < DIGITS_64; d++) {
        if (!places(counts[d], n)) {
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            to[counts[d][(from[i] >> (d * BITS)) & (WAYS - 1)]++] = from[i];
        }
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != keys) {
        memcpy(keys, from, n * sizeof *keys);
    }
}

void plx_radix_sort_u32(uint32_t *keys, uint32_t *spare, size_t n)
{
    if (n <= SMALL) {
        insertion_u32(keys, n);
        return;
    }
    size_t counts[DIGITS_32][WAYS];
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < n; i++) {
        uint32_t key = keys[i];
        for (unsigned d = 0; d < DIGITS_32; d++) {
            counts[d][(key >> (d * BITS)) & (WAYS - 1)]++;
        }
    }
    uint32_t *from = keys;
    uint32_t *to = spare;
    for (unsigned d = 0; d < DIGITS_32; d++) {
        if (!places(counts[d], n)) {
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            to[counts[d][(from[i] >> (d * BITS)) & (WAYS - 1)]++] = from[i];
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != keys) {
        memcpy(keys, from, n * sizeof *keys);
    }
}

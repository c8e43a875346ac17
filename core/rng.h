/* SPDX-License-Identifier: Apache-2.0
 *
 * xoshiro256++ seeded through SplitMix64; integer-only, so a stream is the same on every machine.
 * source: doi:10.1145/3460772 (Blackman and Vigna 2021).
 */
#ifndef PLX_CORE_RNG_H
#define PLX_CORE_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct plx_rng {
    uint64_t s[4];
} plx_rng;

/* State from one 64-bit seed by four SplitMix64 steps. */
plx_rng plx_rng_seed(uint64_t seed);
/* Independent stream for (seed, name, index): seeded by SHA-256 of the three. */
plx_rng plx_rng_stream(uint64_t seed, const char *name, uint64_t index);
uint64_t plx_rng_u64(plx_rng *rng);
/* Uniform in [0, n), by rejection, n > 0. */
uint64_t plx_rng_below(plx_rng *rng, uint64_t n);
/* Top 53 bits times 2^-53: in [0, 1). */
double plx_rng_f64(plx_rng *rng);
/* Standard normal: plx_normal_quantile at the middle of one of 2^52 equal steps of (0, 1). */
double plx_rng_normal(plx_rng *rng);
/* Inverse of the standard normal distribution function, 0 < p < 1, to about 1e-15 (AS241, doi:10.2307/2347330). Made of
 * IEEE + - * / and sqrt only, so that the last bit does not depend on libm. -inf at 0, inf at 1, NaN outside. */
double plx_normal_quantile(double p);
/* Fisher-Yates over n elements of `size` bytes. */
void plx_rng_shuffle(plx_rng *rng, void *items, size_t n, size_t size);

#endif

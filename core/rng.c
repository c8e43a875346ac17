/* SPDX-License-Identifier: Apache-2.0
 *
 * xoshiro256++ and what is drawn from it. Everything but plx_rng_normal is integer arithmetic; that one uses only
 * operations IEEE 754 rounds exactly, so streams are equal on every machine.
 */
#include "core/rng.h"

#include "core/fixed_math.h"

#include "core/hash.h"

#include <math.h>
#include <string.h>

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static uint64_t load_le(const uint8_t *bytes)
{
    uint64_t x = 0;
    for (int i = 7; i >= 0; i--) {
        x = x << 8 | bytes[i];
    }
    return x;
}

static void store_le(uint8_t *bytes, uint64_t x)
{
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(x >> 8 * i);
    }
}

plx_rng plx_rng_seed(uint64_t seed)
{
    plx_rng rng;
    for (int i = 0; i < 4; i++) {
        seed += 0x9E3779B97F4A7C15U;
        rng.s[i] = plx_mix64(seed);
    }
    return rng;
}

/* SHA-256 of seed and index (8 bytes each, little endian) and the name: the numbers have a fixed length, so no two
 * triples give the same bytes. */
plx_rng plx_rng_stream(uint64_t seed, const char *name, uint64_t index)
{
    uint8_t head[16];
    store_le(head, seed);
    store_le(head + 8, index);
    plx_sha256 sha;
    plx_sha256_init(&sha);
    plx_sha256_update(&sha, head, sizeof head);
    plx_sha256_update(&sha, name, strlen(name));
    plx_digest digest = plx_sha256_final(&sha);
    plx_rng rng;
    for (int i = 0; i < 4; i++) {
        rng.s[i] = load_le(digest.bytes + 8 * i);
    }
    return rng;
}

uint64_t plx_rng_u64(plx_rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t plx_rng_below(plx_rng *rng, uint64_t n)
{
    uint64_t surplus = (0 - n) % n; /* 2^64 mod n: as many of the lowest values would be drawn once too often */
    uint64_t x;
    do {
        x = plx_rng_u64(rng);
    } while (x < surplus);
    return x % n;
}

double plx_rng_f64(plx_rng *rng)
{
    return (double)(plx_rng_u64(rng) >> 11) * 0x1p-53;
}

static double ratio(const double a[8], const double b[8], double x)
{
    double above = a[7], below = b[7];
    for (int i = 6; i >= 0; i--) {
        above = above * x + a[i];
        below = below * x + b[i];
    }
    return above / below;
}

/* The three rational approximations of AS241, routine PPND16; lowest power first. */
static const double centre_above[8] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                                       1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                                       3.3430575583588128105e4, 2.5090809287301226727e3};
static const double centre_below[8] = {1.0,
                                       4.2313330701600911252e1,
                                       6.8718700749205790830e2,
                                       5.3941960214247511077e3,
                                       2.1213794301586595867e4,
                                       3.9307895800092710610e4,
                                       2.8729085735721942674e4,
                                       5.2264952788528545610e3};
static const double middle_above[8] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                       3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                       2.27238449892691845833e-2, 7.74545014278341407640e-4};
static const double middle_below[8] = {1.0,
                                       2.05319162663775882187e0,
                                       1.67638483018380384940e0,
                                       6.89767334985100004550e-1,
                                       1.48103976427480074590e-1,
                                       1.51986665636164571966e-2,
                                       5.47593808499534494600e-4,
                                       1.05075007164441684324e-9};
static const double tail_above[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                     2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                     2.71155556874348757815e-5, 2.01033439929228813265e-7};
static const double tail_below[8] = {1.0,
                                     5.99832206555887937690e-1,
                                     1.36929880922735805310e-1,
                                     1.48753612908506148525e-2,
                                     7.86869131145613259100e-4,
                                     1.84631831751005468180e-5,
                                     1.42151175831644588870e-7,
                                     2.04426310338993978564e-15};

double plx_normal_quantile(double p)
{
    double q = p - 0.5;
    if (!(p >= 0.0 && p <= 1.0)) {
        return (double)NAN;
    }
    if (fabs(q) <= 0.425) {
        return q * ratio(centre_above, centre_below, 0.180625 - q * q);
    }
    double nearer = q < 0.0 ? p : 1.0 - p;
    if (nearer == 0.0) {
        return q < 0.0 ? -(double)INFINITY : (double)INFINITY;
    }
    double r = sqrt(-plx_fixed_log(nearer));
    double x = r <= 5.0 ? ratio(middle_above, middle_below, r - 1.6) : ratio(tail_above, tail_below, r - 5.0);
    return q < 0.0 ? -x : x;
}

double plx_rng_normal(plx_rng *rng)
{
    /* 52 bits and a half are exact in 53, so neither 0 nor 1 can come out. */
    return plx_normal_quantile(((double)(plx_rng_u64(rng) >> 12) + 0.5) * 0x1p-52);
}

static void swap_bytes(uint8_t *a, uint8_t *b, size_t size)
{
    uint8_t kept[64];
    while (size) {
        size_t n = size < sizeof kept ? size : sizeof kept;
        memcpy(kept, a, n);
        memcpy(a, b, n);
        memcpy(b, kept, n);
        a += n;
        b += n;
        size -= n;
    }
}

void plx_rng_shuffle(plx_rng *rng, void *items, size_t n, size_t size)
{
    uint8_t *bytes = items;
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)plx_rng_below(rng, i);
        if (j != i - 1) {
            swap_bytes(bytes + (i - 1) * size, bytes + j * size, size);
        }
    }
}

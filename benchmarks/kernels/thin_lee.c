/* SPDX-License-Identifier: Apache-2.0
 *
 * Lee thinning on a bit image: the 27 voxels around one are nine loads, and whether it may go is decided on them with
 * shifts alone.
 */
#include "benchmarks/kernels/thin.h"

#include "core/alloc.h"

#include <string.h>

/* Neighbourhood: bit 9 (dz + 1) + 3 (dy + 1) + dx + 1. */
enum { CENTRE = 13, N_OCTANTS = 8, N_OCTANT_SETS = 256 };
#define ALL_BITS    0x7FFFFFFu
#define CENTRE_BIT  (1u << CENTRE)
#define NOT_FIRST_X 0x6DB6DB6u /* without dx = -1 */
#define NOT_LAST_X  0x36DB6DBu
#define NOT_FIRST_Y 0x7E3F1F8u
#define NOT_LAST_Y  0x0FC7E3Fu

/* Lowest bit of each block of 2 x 2 x 2 voxels that holds the centre. */
static const unsigned octant_base[N_OCTANTS] = {0, 1, 3, 4, 9, 10, 12, 13};

typedef struct thinning {
    uint8_t *bits;
    size_t row, plane; /* in bits; rows start on a byte */
    uint64_t *active;  /* bits that are set, ascending: raster order */
    uint64_t *candidates;
    size_t n_active;
    int8_t euler[N_OCTANTS][N_OCTANT_SETS]; /* what the centre contributes, by the voxels of its octant */
} thinning;

/* Eight times the Euler characteristic of an octant's share: its eight voxels meet in one corner, and each of the six
 * half edges and twelve quarter faces at that corner is there when a voxel that touches it is. */
static int octant_euler(unsigned set)
{
    static const unsigned side[6] = {0x55, 0xAA, 0x33, 0xCC, 0x0F, 0xF0}; /* x, y, z; lower, upper */
    int euler = set ? 8 : 0;
    for (unsigned a = 0; a < 6; a++) {
        euler -= (set & side[a]) ? 4 : 0;
        for (unsigned b = a / 2 * 2 + 2; b < 6; b++) {
            euler += (set & side[a] & side[b]) ? 2 : 0;
        }
    }
    return euler - __builtin_popcount(set);
}

static void fill_euler(thinning *t)
{
    for (unsigned k = 0; k < N_OCTANTS; k++) {
        unsigned shift = CENTRE - octant_base[k]; /* 13, 12, 10, 9, 4, 3, 1, 0 */
        unsigned corner = (shift % 3) + 2 * (shift / 3 % 3) + 4 * (shift / 9);
        for (unsigned set = 0; set < N_OCTANT_SETS; set++) {
            unsigned with = set | 1u << corner;
            t->euler[k][set] = (int8_t)(octant_euler(with) - octant_euler(with ^ 1u << corner));
        }
    }
}

static inline bool is_set(const thinning *t, uint64_t bit)
{
    return t->bits[bit >> 3] >> (bit & 7) & 1;
}

static inline unsigned three(const uint8_t *bits, uint64_t bit)
{
    const uint8_t *p = bits + (bit >> 3);
    return ((unsigned)p[0] | (unsigned)p[1] << 8) >> (bit & 7) & 7;
}

static inline unsigned around(const thinning *t, uint64_t bit)
{
    uint64_t b = bit - t->plane - t->row - 1;
    unsigned code = 0;
    for (unsigned z = 0; z < 3; z++, b += t->plane) {
        code |= three(t->bits, b) << 9 * z;
        code |= three(t->bits, b + t->row) << (9 * z + 3);
        code |= three(t->bits, b + 2 * t->row) << (9 * z + 6);
    }
    return code;
}

/* The neighbours hang together, or there are none. */
static bool one_piece(unsigned code)
{
    unsigned set = code & (ALL_BITS & ~CENTRE_BIT);
    unsigned piece = set & (~set + 1), before;
    do {
        before = piece;
        piece |= (piece << 1 & NOT_FIRST_X) | (piece >> 1 & NOT_LAST_X);
        piece |= (piece << 3 & NOT_FIRST_Y) | (piece >> 3 & NOT_LAST_Y);
        piece |= piece << 9 | piece >> 9;
        piece &= set;
    } while (piece != before);
    return piece == set;
}

static bool keeps_euler(const thinning *t, unsigned code)
{
    int sum = 0;
    for (unsigned k = 0; k < N_OCTANTS; k++) {
        unsigned v = code >> octant_base[k];
        sum += t->euler[k][(v & 3) | (v >> 1 & 0xC) | (v >> 5 & 0x30) | (v >> 6 & 0xC0)];
    }
    return sum == 0;
}

static bool may_go(const thinning *t, unsigned code)
{
    unsigned neighbours = code & (ALL_BITS & ~CENTRE_BIT);
    return (neighbours & (neighbours - 1)) != 0 /* more than one */ && keeps_euler(t, code) && one_piece(code);
}

/* Take off one border: false when nothing went. */
static bool peel(thinning *t, uint64_t step)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < t->n_active; i++) {
        uint64_t bit = t->active[i];
        if (!is_set(t, bit)) {
            continue; /* went at an earlier border */
        }
        t->active[kept++] = bit;
        if (!is_set(t, bit + step) && may_go(t, around(t, bit))) {
            t->candidates[n++] = bit;
        }
    }
    t->n_active = kept;
    bool changed = false;
    for (size_t i = 0; i < n; i++) {
        uint64_t bit = t->candidates[i];
        if (one_piece(around(t, bit))) {
            t->bits[bit >> 3] &= (uint8_t) ~(1u << (bit & 7));
            changed = true;
        }
    }
    return changed;
}

typedef struct box {
    uint64_t lo[3], n[3]; /* z, y, x */
} box;

static box bounding_box(const plx_mask *mask, uint64_t *n_voxels)
{
    uint64_t lo[3] = {UINT64_MAX, UINT64_MAX, UINT64_MAX}, hi[3] = {0, 0, 0};
    *n_voxels = 0;
    for (size_t i = 0; i < mask->n_runs; i++) {
        uint64_t row = mask->runs[i].start / mask->shape[2];
        uint64_t first[3] = {row / mask->shape[1], row % mask->shape[1], mask->runs[i].start - row * mask->shape[2]};
        uint64_t last[3] = {first[0], first[1], first[2] + mask->runs[i].len - 1};
        for (int k = 0; k < 3; k++) {
            lo[k] = first[k] < lo[k] ? first[k] : lo[k];
            hi[k] = last[k] > hi[k] ? last[k] : hi[k];
        }
        *n_voxels += mask->runs[i].len;
    }
    box b;
    for (int k = 0; k < 3; k++) {
        b.lo[k] = lo[k];
        b.n[k] = hi[k] - lo[k] + 1;
    }
    return b;
}

static void set_bits(thinning *t, const plx_mask *mask, const box *b)
{
    for (size_t i = 0; i < mask->n_runs; i++) {
        uint64_t row = mask->runs[i].start / mask->shape[2];
        uint64_t z = row / mask->shape[1] - b->lo[0] + 1, y = row % mask->shape[1] - b->lo[1] + 1;
        uint64_t bit = z * t->plane + y * t->row + (mask->runs[i].start - row * mask->shape[2] - b->lo[2]) + 1;
        for (uint64_t k = 0; k < mask->runs[i].len; k++, bit++) {
            t->bits[bit >> 3] |= (uint8_t)(1u << (bit & 7));
            t->active[t->n_active++] = bit;
        }
    }
}

/* Bits that are left, back to voxels of the volume. The active list may still hold some that are gone. */
static void collect(const thinning *t, const plx_mask *mask, const box *b, plx_voxels *out)
{
    for (size_t i = 0; i < t->n_active; i++) {
        uint64_t bit = t->active[i];
        if (is_set(t, bit)) {
            uint64_t z = bit / t->plane, y = bit % t->plane / t->row, x = bit % t->row;
            out->items[out->n++] =
                ((z - 1 + b->lo[0]) * mask->shape[1] + y - 1 + b->lo[1]) * mask->shape[2] + x - 1 + b->lo[2];
        }
    }
}

bool plx_thin_lee(const plx_mask *mask, plx_voxels *out, plx_err *err)
{
    *out = (plx_voxels){0};
    uint64_t n_voxels;
    box b = bounding_box(mask, &n_voxels);
    thinning t = {0};
    if (n_voxels == 0) {
        return true;
    }
    t.row = (b.n[2] + 2 + 7) / 8 * 8;
    t.plane = t.row * (b.n[1] + 2);
    t.bits = plx_alloc_zero(t.plane / 8 * (b.n[0] + 2) + 2, 1); /* a load takes two bytes */
    t.active = plx_realloc_array(NULL, n_voxels, sizeof *t.active);
    t.candidates = plx_realloc_array(NULL, n_voxels, sizeof *t.candidates);
    bool ok = t.bits && t.active && t.candidates;
    if (ok) {
        fill_euler(&t);
        set_bits(&t, mask, &b);
        const uint64_t steps[6] = {(uint64_t)0 - t.row, t.row, 1, (uint64_t)0 - 1, t.plane, (uint64_t)0 - t.plane};
        unsigned n_borders = mask->shape[0] == 1 ? 4 : 6, unchanged;
        do {
            unchanged = 0;
            for (unsigned k = 0; k < n_borders; k++) {
                unchanged += !peel(&t, steps[k]);
            }
        } while (unchanged < n_borders);
        out->items = plx_realloc_array(NULL, t.n_active, sizeof *out->items);
        ok = out->items != NULL;
        if (ok) {
            collect(&t, mask, &b, out);
        }
    }
    plx_free(t.bits);
    plx_free(t.active);
    plx_free(t.candidates);
    return ok || plx_fail_nomem(err, n_voxels * sizeof *t.active);
}

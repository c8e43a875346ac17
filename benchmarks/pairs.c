/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets and lists of pairs.
 */
#include "benchmarks/network.h"

#include "core/alloc.h"
#include "core/rng.h"

#include <stdlib.h>

bool plx_pair_set_new(plx_arena *arena, size_t n, plx_pair_set *out, plx_err *err)
{
    size_t n_bits;
    if (!plx_mul_ok(n, n, &n_bits)) {
        return plx_fail(err, PLX_E_LIMIT, "%zu nodes are too many to pair", n);
    }
    *out = (plx_pair_set){n, plx_arena_zero(arena, n_bits / 64 + 1, sizeof *out->bits)};
    return out->bits ? true : plx_fail_nomem(err, n_bits / 8);
}

bool plx_pairs_new(plx_arena *arena, size_t cap, plx_pairs *out, plx_err *err)
{
    size_t room = cap ? cap : 1;
    *out = (plx_pairs){.cap = cap};
    out->a = plx_arena_zero(arena, room, sizeof *out->a);
    out->b = plx_arena_zero(arena, room, sizeof *out->b);
    out->label = plx_arena_zero(arena, room, sizeof *out->label);
    out->part = plx_arena_zero(arena, room, sizeof *out->part);
    return out->a && out->b && out->label && out->part ? true : plx_fail_nomem(err, room * 13);
}

void plx_pairs_add(plx_pairs *p, uint32_t a, uint32_t b, int32_t label, plx_part part)
{
    p->a[p->n] = a;
    p->b[p->n] = b;
    p->label[p->n] = label;
    p->part[p->n++] = (uint8_t)part;
}

typedef struct item {
    uint32_t a, b;
    int32_t label;
    uint8_t part;
} item;

static int by_nodes(const void *x, const void *y)
{
    const item *p = x, *q = y;
    if (p->a != q->a) {
        return p->a < q->a ? -1 : 1;
    }
    return p->b < q->b ? -1 : p->b > q->b;
}

static item item_at(const plx_pairs *p, size_t i)
{
    return (item){p->a[i], p->b[i], p->label[i], p->part[i]};
}

static void put_item(plx_pairs *p, size_t i, item x)
{
    p->a[i] = x.a;
    p->b[i] = x.b;
    p->label[i] = x.label;
    p->part[i] = x.part;
}

/* Sift the item at `root` down a heap of n. */
static void sift(plx_pairs *p, size_t root, size_t n)
{
    item x = item_at(p, root);
    for (;;) {
        size_t child = root * 2 + 1;
        if (child >= n) {
            break;
        }
        item c = item_at(p, child);
        if (child + 1 < n) {
            item other = item_at(p, child + 1);
            if (by_nodes(&c, &other) < 0) {
                c = other;
                child++;
            }
        }
        if (by_nodes(&x, &c) >= 0) {
            break;
        }
        put_item(p, root, c);
        root = child;
    }
    put_item(p, root, x);
}

void plx_pairs_sort(plx_pairs *p)
{
    bool sorted = true; /* pairs often come in order already */
    for (size_t i = 1; i < p->n && sorted; i++) {
        item x = item_at(p, i - 1), y = item_at(p, i);
        sorted = by_nodes(&x, &y) <= 0;
    }
    if (sorted) {
        return;
    }
    for (size_t i = p->n / 2; i-- > 0;) {
        sift(p, i, p->n);
    }
    for (size_t end = p->n; end-- > 1;) {
        item first = item_at(p, 0);
        put_item(p, 0, item_at(p, end));
        put_item(p, end, first);
        sift(p, 0, end);
    }
}

bool plx_pairs_of_part(const plx_pairs *pairs, plx_part part, plx_arena *arena, plx_pairs *out, plx_err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < pairs->n; i++) {
        n += pairs->part[i] == part;
    }
    if (!plx_pairs_new(arena, n, out, err)) {
        return false;
    }
    for (size_t i = 0; i < pairs->n; i++) {
        if (pairs->part[i] == part) {
            plx_pairs_add(out, pairs->a[i], pairs->b[i], pairs->label[i], part);
        }
    }
    return true;
}

bool plx_pairs_sample(plx_pairs *pairs, size_t n, plx_part part, plx_pair_set *taken, const uint8_t *observable,
                      plx_rng *rng, plx_err *err)
{
    size_t free_pairs = 0;
    for (size_t a = 0; a < taken->n && free_pairs < n; a++) {
        for (size_t b = a + 1; b < taken->n && observable[a]; b++) {
            free_pairs += observable[b] && !plx_pair_set_has(taken, a, b);
        }
    }
    if (free_pairs < n) {
        return plx_fail(err, PLX_E_UNSUPPORTED,
                        "%zu negatives are needed, but only %zu observable pairs are unconnected", n, free_pairs);
    }
    while (n > 0) {
        size_t a = (size_t)plx_rng_below(rng, taken->n), b = (size_t)plx_rng_below(rng, taken->n);
        if (a >= b || !observable[a] || !observable[b] || plx_pair_set_has(taken, a, b)) {
            continue;
        }
        plx_pair_set_add(taken, a, b);
        plx_pairs_add(pairs, (uint32_t)a, (uint32_t)b, 0, part);
        n--;
    }
    return true;
}

static void hash_u32(plx_sha256 *hash, uint32_t x)
{
    const uint8_t bytes[4] = {(uint8_t)x, (uint8_t)(x >> 8), (uint8_t)(x >> 16), (uint8_t)(x >> 24)};
    plx_sha256_update(hash, bytes, sizeof bytes);
}

void plx_trial_digests(const plx_slice *label, size_t n_nodes, const plx_pairs *items, plx_trial *out)
{
    plx_sha256 split, target;
    plx_sha256_init(&split);
    plx_sha256_init(&target);
    hash_u32(&split, (uint32_t)n_nodes);
    for (size_t i = 0; i < n_nodes; i++) {
        plx_sha256_update(&split, label[i].ptr, label[i].len);
        plx_sha256_update(&split, "\n", 1);
    }
    for (size_t i = 0; i < items->n; i++) {
        hash_u32(&split, items->a[i]);
        hash_u32(&split, items->b[i]);
        hash_u32(&split, items->part[i]);
        if (items->part[i] == PLX_PART_TEST) {
            hash_u32(&target, (uint32_t)items->label[i]);
        }
    }
    out->split = plx_sha256_final(&split);
    out->target = plx_sha256_final(&target);
}

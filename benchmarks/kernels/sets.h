/* SPDX-License-Identifier: Apache-2.0
 *
 * Disjoint sets over 0 to n - 1: parent[i] = i at first. The root of a set is its least member, so that what follows
 * from the sets does not depend on the order of joins.
 */
#ifndef PLX_KERNELS_SETS_H
#define PLX_KERNELS_SETS_H

#include <stdint.h>

/* The root of i's set; paths are halved on the way. */
static inline uint32_t plx_sets_find(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

/* Make one set of two. */
static inline void plx_sets_join(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = plx_sets_find(parent, a);
    b = plx_sets_find(parent, b);
    if (a < b) {
        parent[b] = a;
    } else {
        parent[a] = b;
    }
}

#endif

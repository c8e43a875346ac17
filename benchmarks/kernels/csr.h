/* SPDX-License-Identifier: Apache-2.0
 *
 * Compressed rows of a graph or sparse matrix; borrowed.
 */
#ifndef PLX_BENCHMARKS_KERNELS_CSR_H
#define PLX_BENCHMARKS_KERNELS_CSR_H

#include <stddef.h>
#include <stdint.h>

/* The neighbours of row i are index[ptr[i]] .. index[ptr[i + 1] - 1], ascending, each once. */
typedef struct plx_csr {
    size_t n;              /* rows */
    const uint64_t *ptr;   /* [n + 1] */
    const uint32_t *index; /* [ptr[n]] */
    const double *weight;  /* [ptr[n]]; NULL: all 1 */
} plx_csr;

static inline size_t plx_csr_degree(const plx_csr *csr, size_t row)
{
    return (size_t)(csr->ptr[row + 1] - csr->ptr[row]);
}

/* Place of column `col` in row `row`, or ptr[n] when it is not there. cost: O(log degree). */
static inline uint64_t plx_csr_find(const plx_csr *csr, size_t row, uint32_t col)
{
    uint64_t low = csr->ptr[row], high = csr->ptr[row + 1];
    while (low < high) {
        uint64_t mid = low + (high - low) / 2;
        if (csr->index[mid] < col) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < csr->ptr[row + 1] && csr->index[low] == col ? low : csr->ptr[csr->n];
}

#endif

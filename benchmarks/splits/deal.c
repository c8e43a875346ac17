/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/splits/deal.h"

#include "core/alloc.h"
#include "core/rng.h"

#include <stdlib.h>
#include <string.h>

typedef struct keyed {
    uint32_t key;
    uint32_t at;
} keyed;

static int by_key(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return x->at < y->at ? -1 : x->at > y->at;
}

/* Dense groups in the order in which they first appear: names of groups do not matter, only which items share one. */
static void number_groups(const plx_split_input *in, keyed *scratch, uint32_t *first, plx_deal *deal)
{
    for (size_t i = 0; i < in->n; i++) {
        scratch[i] = (keyed){in->group ? in->group[i] : (uint32_t)i, (uint32_t)i};
    }
    qsort(scratch, in->n, sizeof *scratch, by_key);
    for (size_t i = 0; i < in->n; i++) {
        bool same = i > 0 && scratch[i].key == scratch[i - 1].key;
        first[scratch[i].at] = same ? first[scratch[i - 1].at] : scratch[i].at;
    }
    for (size_t i = 0; i < in->n; i++) {
        deal->group_of[i] = first[i] == i ? (uint32_t)deal->n_groups++ : deal->group_of[first[i]];
    }
}

/* Groups by stratum, strata by value. */
static void sort_strata(const plx_split_input *in, keyed *scratch, const uint32_t *first, plx_deal *deal)
{
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++) {
        if (first[i] == i) {
            scratch[n] = (keyed){in->stratum ? in->stratum[i] : 0, (uint32_t)n};
            n++;
        }
    }
    qsort(scratch, n, sizeof *scratch, by_key);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || scratch[i].key != scratch[i - 1].key) {
            deal->start[deal->n_strata++] = i;
        }
        deal->order[i] = scratch[i].at;
    }
    deal->start[deal->n_strata] = n;
}

bool plx_deal_open(const plx_split_input *in, plx_deal *out, plx_err *err)
{
    *out = (plx_deal){0};
    if (in->n >= UINT32_MAX) {
        return plx_fail(err, PLX_E_LIMIT, "%zu items are too many to divide", in->n);
    }
    size_t room = in->n + 1;
    keyed *scratch = plx_alloc_zero(room, sizeof *scratch);
    uint32_t *first = plx_alloc_zero(room, sizeof *first);
    out->start = plx_alloc_zero(room + 1, sizeof *out->start);
    out->order = plx_alloc_zero(room, sizeof *out->order);
    out->part = plx_alloc_zero(room, sizeof *out->part);
    out->group_of = plx_alloc_zero(room, sizeof *out->group_of);
    bool ok = scratch && first && out->start && out->order && out->part && out->group_of;
    if (ok) {
        number_groups(in, scratch, first, out);
        sort_strata(in, scratch, first, out);
        for (size_t s = 0; s < out->n_strata; s++) {
            plx_rng rng = plx_rng_stream(in->seed, in->stream, s);
            plx_rng_shuffle(&rng, out->order + out->start[s], out->start[s + 1] - out->start[s], sizeof *out->order);
        }
    } else {
        plx_fail_nomem(err, room * sizeof *scratch);
        plx_deal_close(in, out, NULL);
    }
    plx_free(scratch);
    plx_free(first);
    return ok;
}

void plx_deal_close(const plx_split_input *in, plx_deal *deal, uint8_t *part)
{
    for (size_t i = 0; part && i < in->n; i++) {
        part[i] = deal->part[deal->group_of[i]];
    }
    plx_free(deal->start);
    plx_free(deal->order);
    plx_free(deal->part);
    plx_free(deal->group_of);
    *deal = (plx_deal){0};
}

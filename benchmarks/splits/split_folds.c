/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/splits/deal.h"

static bool divide(const plx_split_input *in, const plx_params *params, uint8_t *part, plx_err *err)
{
    (void)params;
    if (in->n_folds < 3 || in->fold >= in->n_folds) {
        return plx_fail(err, PLX_E_BUG, "fold %u of %u: there must be three or more", in->fold, in->n_folds);
    }
    plx_deal deal;
    if (!plx_deal_open(in, &deal, err)) {
        return false;
    }
    unsigned valid = (in->fold + 1) % in->n_folds;
    for (size_t s = 0; s < deal.n_strata; s++) {
        for (size_t i = deal.start[s]; i < deal.start[s + 1]; i++) {
            /* Strata go on where the last one ended, so that small ones do not all fall into the first folds. */
            unsigned fold = (unsigned)(i % in->n_folds);
            deal.part[deal.order[i]] = fold == in->fold ? PLX_PART_TEST
                                       : fold == valid  ? PLX_PART_VALID
                                                        : PLX_PART_TRAIN;
        }
    }
    plx_deal_close(in, &deal, part);
    return true;
}

extern const plx_split plx_split_folds;
const plx_split plx_split_folds = {
    .name = "folds",
    .title = "Folds, stratified, groups together",
    .doc = "Groups of items are shuffled by seed within each stratum and dealt out to the folds in turn. Fold f is "
           "tested on, fold f + 1 (after the last comes the first) chooses hyper-parameters, the others are learned "
           "from. All folds of one seed come from one shuffle, so that each item is tested once.",
    .version = 1,
    .divide = divide,
};

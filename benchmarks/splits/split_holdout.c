/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/splits/deal.h"

static const plx_param params_table[] = {
    {"train", PLX_PARAM_REAL, "0.8", 0, 1, NULL, NULL, "Share of each stratum's groups to learn from."},
    {"valid", PLX_PARAM_REAL, "0.1", 0, 1, NULL, NULL, "Share that chooses hyper-parameters; the rest is tested on."},
    {0},
};

static size_t share(double fraction, size_t n)
{
    return (size_t)(fraction * (double)n + 0.5);
}

static bool divide(const plx_split_input *in, const plx_params *params, uint8_t *part, plx_err *err)
{
    double train = plx_params_real(params, "train");
    double valid = plx_params_real(params, "valid");
    if (train + valid > 1 + 1e-12) {
        return plx_fail(err, PLX_E_ARG, "the shares of training and validation are more than all");
    }
    plx_deal deal;
    if (!plx_deal_open(in, &deal, err)) {
        return false;
    }
    for (size_t s = 0; s < deal.n_strata; s++) {
        size_t n = deal.start[s + 1] - deal.start[s];
        size_t to_train = share(train, n), to_valid = share(train + valid, n);
        for (size_t i = 0; i < n; i++) {
            deal.part[deal.order[deal.start[s] + i]] = i < to_train   ? PLX_PART_TRAIN
                                                       : i < to_valid ? PLX_PART_VALID
                                                                      : PLX_PART_TEST;
        }
    }
    plx_deal_close(in, &deal, part);
    return true;
}

extern const plx_split plx_split_holdout;
const plx_split plx_split_holdout = {
    .name = "holdout",
    .title = "Random shares by seed, groups together",
    .doc = "Groups of items are shuffled by seed within each stratum; the first go to training, the next to "
           "validation, the rest to test. Shares are rounded to the nearest whole group.",
    .version = 1,
    .params = params_table,
    .divide = divide,
};

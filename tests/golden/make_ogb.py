# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/files/ogb.tsv: what OGB's own Evaluator says of inputs that a test makes again.

usage: python tests/golden/make_ogb.py >tests/golden/files/ogb.tsv   (ogb 1.3.6, PyTorch 1.13.1, NumPy 1.26.4)

Inputs are those of make_metrics.py. `link` has ROC-AUC, hits@1, hits@20, and hits@1 and hits@20 once the first positive and
the first negative are NaN; `rank` has the mean of mrr_list, in double precision, and of the lists of hits@1, 3 and 10.
"""
import numpy as np
import ogb
import torch
from golden_input import uniform
from ogb.linkproppred import Evaluator


def value(f):
    try:
        return float(f()).hex()
    except (ValueError, ZeroDivisionError, IndexError):
        return "raises"


def ask(dataset, pos, neg, k=None):
    evaluator = Evaluator(dataset)
    evaluator.K = k
    return evaluator.eval({"y_pred_pos": torch.tensor(pos), "y_pred_neg": torch.tensor(neg)})


def hits(pos, neg, k):
    return ask("ogbl-collab", pos, neg, k)[f"hits@{k}"]


print("# ogb", ogb.__version__, "PyTorch", torch.__version__, "NumPy", np.__version__)
seed = 0
for n in (1, 2, 3, 9, 40, 129, 300, 4097):
    for levels in (0, 1, 2, 7, 100):
        for share in (0.5, 0.07, 0.0, 1.0):
            for dtype in (np.float64, np.float32):
                seed += 1
                labels = uniform(seed, 1, n) < share
                scores = 0.7 * uniform(seed, 0, n) + 0.3 * labels
                scores = ((np.floor(scores * levels) / levels if levels else scores) - 0.25).astype(dtype)
                pos, neg = scores[labels], scores[~labels]
                odd_pos, odd_neg = pos.copy(), neg.copy()
                odd_pos[:1] = odd_neg[:1] = np.nan
                print("link", seed, n, levels, share, {np.float64: "f64", np.float32: "f32"}[dtype],
                      value(lambda: ask("ogbl-vessel", pos, neg)["rocauc"]), value(lambda: hits(pos, neg, 1)),
                      value(lambda: hits(pos, neg, 20)), value(lambda: hits(odd_pos, odd_neg, 1)),
                      value(lambda: hits(odd_pos, odd_neg, 20)), sep="\t")
for n, each in ((1, 0), (1, 1), (3, 4), (10, 9), (100, 50), (1000, 29)):
    for levels in (0, 1, 3, 20):
        seed += 1
        pos, neg = uniform(seed, 0, n), uniform(seed, 1, n * each)
        if levels:
            pos, neg = np.floor(pos * levels), np.floor(neg * levels)
        lists = ask("ogbl-citation2", pos, neg.reshape(n, each))
        print("rank", seed, n, each, levels, *[value(lambda: lists[f"{name}_list"].double().mean())
                                              for name in ("mrr", "hits@1", "hits@3", "hits@10")], sep="\t")

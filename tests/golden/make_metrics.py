# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/files/metrics.tsv: what scikit-learn, SciPy and OGB's rules say of inputs that a test makes again.

usage: python tests/golden/make_metrics.py >tests/golden/files/metrics.tsv   (scikit-learn 1.9.1, SciPy 1.17.1, NumPy 2.4.6)

Inputs come from SplitMix64 of a counter, see golden_input.py; tests/support/golden_input.h is the same in C. OGB's evaluator
(snap-stanford/ogb@61e9784, linkproppred/evaluate.py) is written again over NumPy: its tensors are single precision where
NumPy's are here. make_ogb.py asks OGB itself.
"""
import warnings

import numpy as np
import scipy
import sklearn
from golden_input import uniform
from scipy.stats import spearmanr
from sklearn.metrics import (accuracy_score, average_precision_score, balanced_accuracy_score, f1_score,
                             label_ranking_average_precision_score, log_loss, roc_auc_score)

warnings.simplefilter("ignore")


def binary(seed, n, levels, share, dtype):
    labels = (uniform(seed, 1, n) < share).astype(np.uint8)
    scores = 0.7 * uniform(seed, 0, n) + 0.3 * labels
    if levels:
        scores = np.floor(scores * levels) / levels
    return labels, (scores - 0.25).astype(dtype)


def row(name, *fields):
    print(name, *fields, sep="\t")


def value(f, *args, **kw):
    try:
        return float(f(*args, **kw)).hex()
    except (ValueError, ZeroDivisionError, IndexError):
        return "raises"


def hits(pos, neg, k):
    if len(neg) < k:
        return 1.0
    kth = np.sort(neg)[::-1][k - 1]  # NaN first after the flip, as in torch.topk
    return float(np.sum(pos > kth)) / len(pos)


def ogb_mrr(pos, neg):
    optimistic = (neg > pos[:, None]).sum(axis=1)
    pessimistic = (neg >= pos[:, None]).sum(axis=1)
    rank = np.float32(0.5) * (optimistic + pessimistic).astype(np.float32) + np.float32(1)
    return np.mean((np.float32(1) / rank).astype(np.float64))


def sklearn_mrr(pos, neg):
    scores = np.concatenate([pos[:, None], neg], axis=1)
    truth = np.zeros(scores.shape, int)
    truth[:, 0] = 1
    return label_ranking_average_precision_score(truth, scores)


print("# NumPy", np.__version__, "SciPy", scipy.__version__, "scikit-learn", sklearn.__version__)
seed = 0
for n in (0, 1, 2, 3, 5, 8, 9, 40, 128, 129, 130, 300, 1000, 4097, 30000):
    for levels in (0, 1, 2, 7, 100):
        for share in (0.5, 0.07, 0.0, 1.0):
            for dtype in ("f64", "f32"):
                if n > 300 and share in (0.0, 1.0):
                    continue
                seed += 1
                y, s = binary(seed, n, levels, share, {"f64": np.float64, "f32": np.float32}[dtype])
                row("binary", seed, n, levels, share, dtype, value(roc_auc_score, y, s), value(average_precision_score, y, s),
                    value(hits, s[y == 1], s[y == 0], 1), value(hits, s[y == 1], s[y == 0], 20),
                    value(lambda: spearmanr(s, uniform(seed, 2, n)).statistic),
                    value(lambda: spearmanr(s, np.floor(4 * uniform(seed, 2, n))).statistic))
for n, each in ((1, 0), (1, 1), (3, 4), (10, 9), (100, 50), (1000, 30)):
    for levels in (0, 3, 20):
        seed += 1
        pos, neg = uniform(seed, 0, n), uniform(seed, 1, n * each)
        if levels:
            pos, neg = np.floor(pos * levels), np.floor(neg * levels)
        own = neg.reshape(n, each)
        shared = np.broadcast_to(neg, (n, n * each))
        row("mrr", seed, n, each, levels, value(ogb_mrr, pos, own), value(sklearn_mrr, pos, own), value(ogb_mrr, pos, shared),
            value(sklearn_mrr, pos, shared))
for n in (1, 2, 7, 50, 400, 5000):
    for classes in (1, 2, 3, 9, 130):
        for skew in (0, 1):
            seed += 1
            u = uniform(seed, 0, n)
            truth = np.floor(classes * (u * u * u if skew else u)).astype(np.int32)
            guess = np.where(uniform(seed, 1, n) < 0.6, truth, np.floor((classes + 1) * uniform(seed, 2, n)).astype(np.int32))
            row("classes", seed, n, classes, skew, value(accuracy_score, truth, guess),
                value(balanced_accuracy_score, truth, guess), value(f1_score, truth, guess, average="macro"))
for n in (1, 2, 7, 50, 400, 5000):
    for classes in (2, 3, 7, 8, 17):
        for kind in ("scaled", "raw", "sure"):
            for dtype in ("f64", "f32"):
                seed += 1
                truth = np.floor(classes * uniform(seed, 0, n)).astype(np.int32)
                p = uniform(seed, 1, n * classes).reshape(n, classes)
                if kind == "scaled":
                    p = p / np.cumsum(p, axis=1)[:, -1:]
                elif kind == "sure":
                    p = np.floor(p * 1.5)
                p = p.astype({"f64": np.float64, "f32": np.float32}[dtype])
                row("log_loss", seed, n, classes, kind, dtype, value(log_loss, truth, p, labels=list(range(classes))))

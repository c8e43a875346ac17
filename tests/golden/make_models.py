# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/files/models.tsv: what independent programs say of graphs and tables that a test makes again.

usage: python tests/golden/make_models.py >tests/golden/files/models.tsv
(NetworkX 3.6.1, NumPy 2.4.6, SciPy 1.17.1, scikit-learn 1.9.1)

Local indices and PageRank are NetworkX's, each over a copy of the graph without the edge that is asked about; Katz's index is
NumPy's inverse, its sums over rows are checked against NetworkX's Katz centrality here; singular vectors are NumPy's; description
lengths are written out over math.lgamma; logistic regression, boosting and nearest neighbours are scikit-learn's.
"""
import math
import warnings

import networkx as nx
import numpy as np
import sklearn
from golden_input import uniform
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")


def row(name, *fields):
    print(name, *(repr(float(f)) if isinstance(f, float) else f for f in fields), sep="\t")


def graph(seed, n, groups, inside, across, directed):
    """Node i is in group i mod groups; pair (i, j) is number i n + j of the stream."""
    u = uniform(seed, 0, n * n).reshape(n, n)
    g = np.arange(n) % groups
    a = (u < np.where(g[:, None] == g[None, :], inside, across)).astype(float)
    np.fill_diagonal(a, 0)
    if not directed:
        a = np.triu(a, 1)
        a = a + a.T
    return a


def without(a, i, j, directed):
    b = a.copy()
    b[i, j] = 0
    if not directed:
        b[j, i] = 0
    return b


def pairs(seed, n, count):
    i = np.floor(n * uniform(seed, 1, count)).astype(int)
    j = np.floor(n * uniform(seed, 2, count)).astype(int)
    return [(p, q) for p, q in zip(i, j) if p != q]


def pagerank(a, start, alpha, directed):
    g = nx.from_numpy_array(a, create_using=nx.DiGraph if directed else nx.Graph)
    r = nx.pagerank(g, alpha=alpha, personalization={int(start): 1.0}, tol=1e-15, max_iter=5000)
    return np.array([r[k] for k in range(len(a))])


print("# NetworkX", nx.__version__, "NumPy", np.__version__, "scikit-learn", sklearn.__version__)
for seed, n, groups, inside, across, directed in ((1, 12, 2, 0.6, 0.2, 0), (2, 60, 3, 0.4, 0.05, 0), (3, 60, 3, 0.3, 0.03, 1),
                                                  (4, 40, 1, 0.03, 0.03, 0), (5, 25, 5, 0.5, 0.1, 1)):
    a = graph(seed, n, groups, inside, across, directed)
    radius = max(abs(np.linalg.eigvals(a)))
    beta, alpha, rank = 0.5 / radius, 0.85, 4
    katz = np.linalg.inv(np.eye(n) - beta * a)
    if not directed:
        central = nx.katz_centrality_numpy(nx.from_numpy_array(a), alpha=beta, normalized=False)
        assert np.allclose(katz.sum(1), [central[k] for k in range(n)])
    u, s, vt = np.linalg.svd(a)
    low = (u[:, :rank] * s[:rank]) @ vt[:rank]
    row("graph", seed, n, groups, inside, across, directed, float(radius), *map(float, s[:rank]))
    for i, j in pairs(seed, n, 40):
        b = without(a, i, j, directed)
        g = nx.from_numpy_array(b)
        if directed:
            out, into = set(np.flatnonzero(b[i])) - {j}, set(np.flatnonzero(b[:, j])) - {i}
            degree = ((a + a.T) > 0).sum(1)
            common = out & into
            local = (len(common), sum(1 / math.log(degree[w]) for w in common), sum(1 / degree[w] for w in common),
                     len(common) / len(out | into) if out | into else 0)
        else:
            local = (len(list(nx.common_neighbors(g, i, j))), next(nx.adamic_adar_index(g, [(i, j)]))[2],
                     next(nx.resource_allocation_index(g, [(i, j)]))[2], next(nx.jaccard_coefficient(g, [(i, j)]))[2])
        ranks = [pagerank(m, i, alpha, directed)[j] for m in (a, b)]
        if not directed:
            ranks = [(r + pagerank(m, j, alpha, directed)[i]) / 2 for r, m in zip(ranks, (a, b))]
        row("pair", seed, i, j, *map(float, local), float(katz[i, j]), float(np.linalg.inv(np.eye(n) - beta * b)[i, j]),
            *map(float, ranks), float(low[i, j]))


def description_length(a, group):
    """Peixoto 2017, term by term, over loops."""
    n, k = len(a), max(group) + 1
    lf = lambda m: math.lgamma(m + 1)
    choose = lambda top, below: lf(top) - lf(below) - lf(top - below)
    edges = int(a.sum()) // 2
    total = 0.0
    for r in range(k):
        inside = sum(int(a[i, j]) for i in range(n) for j in range(i) if group[i] == r == group[j])
        ends = sum(int(a[i].sum()) for i in range(n) if group[i] == r)
        size = sum(1 for g in group if g == r)
        total -= inside * math.log(2) + lf(inside)  # ln (2 inside)!!
        total += lf(ends) + choose(size + ends - 1, ends) - lf(size)
        for s in range(r):
            total -= lf(sum(int(a[i, j]) for i in range(n) for j in range(n) if group[i] == r and group[j] == s))
    total -= sum(lf(int(a[i].sum())) for i in range(n))
    total += choose(k * (k + 1) // 2 + edges - 1, edges) + choose(n - 1, k - 1) + lf(n) + math.log(n)
    return total


for seed, n, groups, inside, across in ((11, 12, 2, 0.7, 0.2), (12, 45, 3, 0.6, 0.05), (13, 60, 4, 0.6, 0.05), (14, 30, 1, 0.3, 0.3)):
    a = graph(seed, n, groups, inside, across, 0)
    for k in (1, 2, groups, 5):
        row("blocks", seed, n, groups, inside, across, k, description_length(a, [i % k for i in range(n)]))


def table(seed, n, d, classes):
    x = uniform(seed, 0, n * d).reshape(n, d) * (1 + np.arange(d))
    noise = uniform(seed, 1, n)
    score = x[:, 0] + 0.5 * x[:, 1] * x[:, 2 % d] / d + noise
    label = np.floor(classes * np.argsort(np.argsort(score)) / n).astype(int)
    return x, label


for seed, n, d, classes, c in ((21, 60, 3, 2, 1.0), (22, 200, 6, 2, 0.01), (23, 300, 5, 4, 10.0), (24, 90, 4, 3, 0.1)):
    x, label = table(seed, n, d, classes)
    model = LogisticRegression(C=c, tol=1e-12, max_iter=100000)
    p = model.fit(StandardScaler().fit_transform(x), label).predict_proba(StandardScaler().fit_transform(x))
    for i in range(0, n, n // 10):
        row("logistic", seed, n, d, classes, c, i, *map(float, p[i]))
for seed, n, d, trees, leaves, least, bins in ((31, 300, 4, 5, 8, 20, 255), (32, 1000, 5, 40, 31, 20, 32), (33, 500, 3, 30, 4, 5, 255),
                                               (34, 60, 2, 10, 31, 20, 16)):
    x, label = table(seed, n, d, 2)
    model = HistGradientBoostingClassifier(max_iter=trees, max_leaf_nodes=leaves, min_samples_leaf=least, max_bins=bins,
                                           early_stopping=False).fit(x, label)
    raw = model.decision_function(x)
    for i in range(0, n, n // 20):
        row("boosting", seed, n, d, trees, leaves, least, bins, i, float(raw[i]))
for seed, n, d, classes, k in ((41, 80, 6, 3, 5), (42, 200, 4, 4, 1), (43, 50, 3, 2, 9)):
    x, label = table(seed, n, d, classes)
    model = KNeighborsClassifier(k, metric="cosine", algorithm="brute", weights=lambda away: 1 - away).fit(x[: n // 2], label[: n // 2])
    p = model.predict_proba(x[n // 2 :])
    assert len(model.classes_) == classes
    for i in range(0, n - n // 2, 5):
        row("neighbours", seed, n, d, classes, k, i, *map(float, p[i]))
for seed, n, groups, alpha in ((51, 40, 2, 0.5), (52, 70, 3, 0.9)):
    a = graph(seed, n, groups, 0.5, 0.1, 0)
    degree = a.sum(1)
    s = a / np.sqrt(np.outer(degree, degree))
    y = np.zeros((n, groups))
    known = np.flatnonzero(uniform(seed, 3, n) < 0.4)
    y[known, known % groups] = 1
    f = np.linalg.solve(np.eye(n) - alpha * s, y) * (1 - alpha)
    g = nx.from_numpy_array(a)
    for i in known:
        g.nodes[int(i)]["label"] = int(i % groups)
    spread = nx.algorithms.node_classification.local_and_global_consistency(g, alpha=alpha, max_iter=500)
    assert [int(v) for v in spread] == [int(v) for v in f.argmax(1)]
    for i in range(0, n, 4):
        row("spread", seed, n, groups, alpha, i, *map(float, f[i] / f[i].sum()))

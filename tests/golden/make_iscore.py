# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/files/iscore.tsv, spread.tsv and thin.tsv: what the reference says of volumes that are painted from boxes.

usage: python tests/golden/make_iscore.py REFERENCE tests/golden/files

REFERENCE is a checkout of Kainmueller-Lab/evaluate-instance-segmentation at cc34f4d (with NumPy 2.4.6, scikit-image 0.26.0
and SciPy 1.17.1). It is run, not copied. Its plotting imports are stood in for.
"""
import contextlib
import hashlib
import io
import logging
import sys
import types
import warnings

import numpy as np
from scipy.optimize import linear_sum_assignment
from skimage.morphology import skeletonize

for name in ("matplotlib", "matplotlib.colors", "natsort"):
    sys.modules.setdefault(name, types.SimpleNamespace(to_rgb=None, natsorted=sorted))
sys.path.insert(0, sys.argv[1])
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
from evalinstseg.evaluate import evaluate_volume  # noqa: E402
from evalinstseg.summarize import aggregate_and_report  # noqa: E402
from evalinstseg.util import print_and_collect_stats  # noqa: E402

METRICS = ["avg_gt_skel_coverage", "avg_tp_skel_coverage", "avg_f1_cov_score", "false_merge", "false_split",
           "avg_gt_cov_dim", "avg_gt_cov_overlap"]
DTYPES = {"i32": np.int32, "u8": np.uint8, "i64": np.int64, "u16": np.uint16, "b1": np.bool_}


def paint(channels, shape, boxes, dtype):
    a = np.zeros((channels, *shape), DTYPES[dtype])
    for c, *b, label in boxes:
        a[(c, *(slice(b[2 * k], b[2 * k + 1]) for k in range(len(shape))))] = label
    return a


def make_boxes(rng, shape, most):
    channels = int(rng.integers(1, most + 1))
    style = rng.integers(0, 4)
    boxes = []
    for c in range(channels):
        for _ in range(int(rng.integers(0 if rng.random() < .15 else 1, 4 if style else 2))):
            lo = [int(rng.integers(0, s - 2)) for s in shape]
            thick, axis = int(rng.integers(1, 5)), int(rng.integers(0, len(shape)))
            box = [c]
            for k, s in enumerate(shape):
                size = int(rng.integers(4, 20)) if k == axis else thick + int(rng.integers(0, 2))
                box += [lo[k], min(s, lo[k] + size)]
            boxes.append(box + [1 if style == 3 else c + 1 if style == 0 else int(rng.integers(1, 6 + 2 * c))])
    return channels, boxes


def likeness(rng, shape, channels, boxes):
    """A prediction that looks like the truth: moved, doubled, or flat."""
    by = int(rng.integers(0, 3))
    moved = [[b[0], b[1], b[2], b[3], b[4], *(min(v + by, s) for v, s in zip(b[5:-1], (shape[-1],) * 2)), b[-1]]
             if len(shape) == 3 else [b[0], b[1], b[2], *(min(v + by, shape[-1]) for v in b[3:-1]), b[-1]]
             for b in boxes]
    how = rng.random()
    if how < .4:
        return 2 * channels, moved + [[b[0] + channels, *b[1:]] for b in moved]
    if how < .6:
        return 1, [[0, *b[1:]] for b in moved]
    return channels, moved


def text(values):
    return " ".join(str(v) for v in values)


def reals(values):
    return " ".join(float(v).hex() for v in values)


def one(out, rng, name, spatial):
    shape = tuple(int(s) for s in rng.integers(6, 22, spatial))
    channels, boxes = make_boxes(rng, shape, 5)
    p_channels, p_boxes = likeness(rng, shape, channels, boxes) if rng.random() < .4 else make_boxes(rng, shape, 6)
    localise = ("cldice", "cldice", "iou")[rng.integers(0, 3)]
    pairing = ("greedy", "hungarian")[rng.integers(0, 2)]
    small = (0, 0, 10, 30, 80)[rng.integers(0, 5)]
    partly = bool(rng.integers(0, 2))
    dtype = list(DTYPES)[rng.integers(0, 4)]
    truth = paint(channels, shape, boxes, dtype)
    dim = [int(d) for d in rng.choice(8, int(rng.integers(0, 4)))] if rng.random() < .6 else []
    if rng.random() < .7:
        dim = [d for d in dim if d and d in truth]
    metrics = METRICS if rng.random() < .75 else METRICS[:-1] if rng.random() < .7 else []
    fm, fs = [(.1, .05), (.1, .05), (.3, .3), (.02, .4)][rng.integers(0, 4)]
    pred = paint(p_channels, shape, p_boxes, "i32")
    parts = 15 if metrics == METRICS else 7 if metrics else 0
    print("case", name, spatial, text(shape), dtype, localise, pairing, small, int(partly), fm.hex(), fs.hex(), text(dim),
          parts, channels, p_channels, sep="\t", file=out)
    for side, bs in (("truth", boxes), ("pred", p_boxes)):
        for b in bs:
            print("box", side, text(b), sep="\t", file=out)
    try:
        m = evaluate_volume(truth.copy(), pred, spatial, "x", localization_criterion=localise,
                            assignment_strategy=pairing, evaluate_false_labels=True, add_general_metrics=metrics,
                            remove_small_components=small or None, partly=partly, fm_thresh=fm, fs_thresh=fs,
                            dim_insts=dim).metricsDict
    except Exception as e:
        print("raises", type(e).__name__, str(e), sep="\t", file=out)
        return
    if parts == 15:
        scored.append((name, m))
    g, c = m["general"], m["confusion_matrix"]
    for th in (.1, .2, .3, .4, .5, .6, .7, .8, .9, .55, .65, .75, .85, .95):
        t = c["th_" + str(th).replace(".", "_")]
        print("at", text(int(t[k]) for k in ("AP_TP", "AP_FP", "AP_FN", "false_split", "false_merge")),
              reals(t[k] for k in ("precision", "recall", "AP", "fscore")), sep="\t", file=out)
    print("general", int(g["Num GT"]), int(g["Num Pred"]), int(g["TP_05"]), reals(
        [g["TP_05_rel"], g["avg_TP_05_cldice"], c["avAP19"], c["avAP59"], c["avFscore19"], c["avFscore59"]]),
        reals(g["TP_05_cldice"]), sep="\t", file=out)
    if metrics:
        print("coverage", reals(g["gt_skel_coverage"]), reals(
            [g["avg_gt_skel_coverage"], g["avg_tp_skel_coverage"], g["avg_f1_cov_score"]]), int(g["FM"]), int(g["FS"]),
            sep="\t", file=out)
        for k in ("dim", "overlap")[:2 if parts == 15 else 1]:
            print("subset", k, int(g["GT_" + k]), int(g["TP_05_" + k]), reals(
                [g["TP_05_rel_" + k], g["avg_gt_cov_" + k]]), reals(g["gt_covs_" + k]), sep="\t", file=out)
    print("end", file=out)


def pooled(out, kind, result):
    if result is None:
        return
    score, d = result
    g, c = d["general"], d["confusion_matrix"]
    whole = [g[k] for k in ("Num GT", "Num Pred", "FM", "FS", "TP_05")]
    print("pooled", kind, text(int(v) for v in whole), reals(
        [score, g["avFscore"], g["avg_gt_skel_coverage"], g["TP_05_rel"], g["avg_TP_05_cldice"]]),
        reals(c["th_0_" + str(k)]["fscore"] for k in range(1, 10)),
        text(int(c["th_0_5"][k]) for k in ("AP_TP", "AP_FP", "AP_FN")),
        reals(g[k + s] for s in ("_dim", "_overlap") for k in ("GT", "TP_05", "TP_05_rel", "avg_gt_cov"))
        if "GT_dim" in g else "-", sep="\t", file=out)


def pool(out, rng):
    """Sets of cases as if each were an image."""
    picked = [scored[i] for i in rng.permutation(len(scored))[:int(rng.integers(2, len(scored)))]]
    flags = rng.random(len(picked)) < rng.choice([0, .3, .6, 1])
    print("pool", text(n for (n, _), f in zip(picked, flags) if not f), text(n for (n, _), f in zip(picked, flags) if f),
          sep="\t", file=out)
    sets = aggregate_and_report([m for _, m in picked], [n for n, _ in picked], flags)
    for kind, result in zip(("completely", "partly", "all"), sets):
        pooled(out, kind, result)


def spread(out, rng):
    """Three sets of cases as if they were three runs over the same images; mostly of as many true objects."""
    def draw():
        picked = [scored[i] for i in rng.permutation(len(scored))[:int(rng.integers(2, 12))]]
        flags = rng.random(len(picked)) < both
        return picked, flags, sum(m["general"]["Num GT"] for _, m in picked)
    both = float(rng.choice([0, .5, 1]))
    while True:
        runs = [draw()]
        runs += [r for r in (draw() for _ in range(400)) if r[2] == runs[0][2]][:2]
        if len(runs) == 3 and all(len(set(r[1])) == len(set(runs[0][1])) for r in runs):
            break
    if rng.random() < .4:
        picked, flags, n = runs[0]
        runs = [(picked[::k], flags[::k], n) for k in (1, -1, 1)]
    print("runs", *(text(n for (n, _), f in zip(picked, flags) if f == kind) for picked, flags, _ in runs for kind in (0, 1)),
          sep="\t", file=out)
    results = [aggregate_and_report([m for _, m in picked], [n for n, _ in picked], flags) for picked, flags, _ in runs]
    for k, kind in enumerate(("completely", "partly", "all")):
        if results[0][k] is not None:
            with contextlib.redirect_stdout(io.StringIO()):
                rows = print_and_collect_stats(kind, [r[k][1] for r in results], 3)
            for row in rows:
                print("spread", kind, row["Metric"], reals([row["Mean"], row["StdDev"]]), sep="\t", file=out)


def uniform(seed, n):
    """The stream of tests/support/golden_input.h."""
    with np.errstate(over="ignore"):
        z = np.uint64(seed) * np.uint64(0xD1342543DE82EF95)
        z = z + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def grow(a, times):
    """Each voxel becomes what most of its 3 x 3 (x 3) block is: clumps out of noise, in integers."""
    for _ in range(times):
        p = np.pad(a.astype(np.int32), 1)
        for k in range(a.ndim):
            p = p[(slice(None),) * k + (slice(0, -2),)] + p[(slice(None),) * k + (slice(1, -1),)] + \
                p[(slice(None),) * k + (slice(2, None),)]
        a = 2 * p > 3**a.ndim
    return a


def thinned(out, seed, shape, share, clumps):
    a = (uniform(seed, int(np.prod(shape))) < share).reshape(shape)
    flat = a = grow(a[0] if shape[0] == 1 else a, clumps)
    for method in ("lee", "zhang")[:2 if shape[0] == 1 else 1]:
        s = np.flatnonzero(skeletonize(flat.astype(np.uint8), method=method)).astype("<i8")
        print("thin", method, seed, text(shape), share.hex(), clumps, int(a.sum()), len(s),
              hashlib.sha256(s.tobytes()).hexdigest(), sep="\t", file=out)


def assigned(out, rng, seed, rows, columns, levels):
    cost = uniform(seed, rows * columns).reshape(rows, columns)
    cost = np.floor(cost * levels) / levels if levels else cost
    r, c = linear_sum_assignment(cost)
    print("assign", seed, rows, columns, levels, text(r), text(c), sep="\t", file=out)


with open(sys.argv[2] + "/iscore.tsv", "w") as f:
    print("# evaluate-instance-segmentation cc34f4d, NumPy", np.__version__, file=f)
    rng = np.random.default_rng(20240604)
    scored = []
    for i in range(110):
        one(f, rng, f"V{i}", 3)
    for i in range(40):
        one(f, rng, f"P{i}", 2)
    for i in range(12):
        pool(f, rng)
with open(sys.argv[2] + "/spread.tsv", "w") as f:
    print("# evaluate-instance-segmentation cc34f4d, NumPy", np.__version__, file=f)
    rng = np.random.default_rng(3)
    for i in range(8):
        spread(f, rng)
with open(sys.argv[2] + "/thin.tsv", "w") as f:
    rng = np.random.default_rng(1)
    seed = 0
    for shape in ((1, 1, 1), (1, 9, 14), (1, 40, 31), (2, 7, 9), (3, 12, 5), (9, 8, 7), (17, 20, 23), (30, 31, 33)):
        for share in (.02, .2, .45, .5, .55, .8, 1.0):
            for clumps in (0, 1, 2):
                seed += 1
                thinned(f, seed, shape, share, clumps)
    for rows, columns in ((1, 1), (1, 7), (7, 1), (3, 3), (5, 9), (9, 5), (20, 20), (31, 17), (40, 60)):
        for levels in (0, 1, 2, 4, 10):
            seed += 1
            assigned(f, rng, seed, rows, columns, levels)

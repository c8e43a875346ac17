# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/files/matching.tsv: what StarDist's matching says of flat label images that are painted from boxes.

usage: python tests/golden/make_matching.py tests/golden/files

With stardist 0.9.1, whose module matching.py is loaded alone: the rest of the package needs TensorFlow. It is run, not copied.
Pairs that are exactly at a threshold, which count there and not here, do not occur.
"""
import importlib.util
import sys

import numpy as np

root = importlib.util.find_spec("stardist").submodule_search_locations[0]
spec = importlib.util.spec_from_file_location("stardist_matching", root + "/matching.py")
stardist = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stardist)
THRESHOLDS = (.1, .2, .3, .4, .5, .6, .7, .8, .9, .55, .65, .75, .85, .95)


def text(values):
    return " ".join(str(v) for v in values)


def paint(shape, boxes):
    a = np.zeros(shape, np.int32)
    for _, *b, label in boxes:
        a[tuple(slice(b[2 * k], b[2 * k + 1]) for k in range(len(shape)))] = label
    return a


def make_boxes(rng, shape):
    boxes = []
    for label in range(1, int(rng.integers(2, 14))):
        box = [0]
        for s in shape:
            lo = int(rng.integers(0, s - 3))
            box += [lo, min(s, lo + int(rng.integers(3, 9)))]
        boxes.append(box + [label])
    return boxes


def moved(rng, shape, boxes):
    """Some lost, some merged with the one before, all moved a little."""
    out, label = [], 0
    for b in boxes:
        if rng.random() < .15:
            continue
        label += out == [] or rng.random() < .85
        by = [int(v) for v in rng.integers(-1, 2, len(shape))]
        box = [0]
        for k, s in enumerate(shape):
            lo = max(0, b[1 + 2 * k] + by[k])
            box += [lo, max(lo + 1, min(s, b[2 + 2 * k] + by[k]))]
        out.append(box + [label])
    return out


def one(out, rng, name, spatial):
    while True:
        shape = tuple(int(s) for s in rng.integers(14, 30, spatial))
        boxes = make_boxes(rng, shape)
        p_boxes = moved(rng, shape, boxes)
        truth, pred = paint(shape, boxes), paint(shape, p_boxes)
        results = [stardist.matching(truth, pred, thresh=t) for t in THRESHOLDS]
        if all(r == stardist.matching(truth, pred, thresh=t + 1e-6)._replace(thresh=t) for r, t in zip(results, THRESHOLDS)):
            break
    print("case", name, spatial, text(shape), "i32", "iou", "hungarian", 0, 0, .1.hex(), .05.hex(), "", 0, 1, 1, sep="\t",
          file=out)
    for side, bs in (("truth", boxes), ("pred", p_boxes)):
        for b in bs:
            print("box", side, text(b), sep="\t", file=out)
    for r in results:
        print("match", text([r.tp, r.fp, r.fn]), text(float(v).hex() for v in (r.precision, r.recall, r.f1)), sep="\t", file=out)
    print("panoptic", float(results[4].panoptic_quality).hex(), float(results[4].mean_matched_score).hex(), sep="\t", file=out)


with open(sys.argv[1] + "/matching.tsv", "w") as f:
    print("# stardist 0.9.1, NumPy", np.__version__, file=f)
    rng = np.random.default_rng(11)
    for i in range(24):
        one(f, rng, f"M{i}", 2 + i % 2)

# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/files/paper.tsv: FM and FS of the volumes of iscore.tsv, as they were counted in the time of the paper.

usage: python tests/golden/make_paper.py REFERENCE tests/golden/files

REFERENCE is a checkout of Kainmueller-Lab/evaluate-instance-segmentation at 73a8124 (with NumPy 1.26.4, scikit-image 0.22.0 and
zarr 2.16.1: it needs skeletonize_3d). It is run, not copied. Its plotting imports are stood in for. Images of two dimensions are
left out: it thinned them by another algorithm.
"""
import contextlib
import io
import logging
import sys
import types
import warnings

import numpy as np

for name in ("matplotlib", "matplotlib.colors", "natsort"):
    sys.modules.setdefault(name, types.SimpleNamespace(to_rgb=None, natsorted=sorted))
sys.path.insert(0, sys.argv[1])
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
from evalinstseg.evaluate import evaluate_volume  # noqa: E402

DTYPES = {"i32": np.int32, "u8": np.uint8, "i64": np.int64, "u16": np.uint16, "b1": np.bool_}


def counted(case, truth, pred):
    _, name, spatial, _, _, localise, pairing, small, partly, fm, fs, *_ = case
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            m = evaluate_volume(truth, pred, int(spatial), "x", localization_criterion=localise,
                                assignment_strategy=pairing, add_general_metrics=["false_merge", "false_split"],
                                remove_small_components=int(small) or None, partly=partly == "1",
                                fm_thresh=float.fromhex(fm), fs_thresh=float.fromhex(fs)).metricsDict["general"]
    except Exception as e:
        return f"{name}\traises\t{type(e).__name__}\t{e}"
    return f"{name}\t{m['FM']}\t{m['FS']}"


cases, case = [], None
for line in open(sys.argv[2] + "/iscore.tsv"):
    field = line.rstrip("\n").split("\t")
    if field[0] == "case":
        shape = tuple(int(s) for s in field[3].split())
        case = (field, np.zeros((int(field[13]), *shape), DTYPES[field[4]]), np.zeros((int(field[14]), *shape), np.int32))
        cases.append(case)
    elif field[0] == "box":
        c, *b, label = (int(v) for v in field[2].split())
        case[1 if field[1] == "truth" else 2][(c, *(slice(b[2 * k], b[2 * k + 1]) for k in range(len(b) // 2)))] = label
with open(sys.argv[2] + "/paper.tsv", "w") as f:
    print("# evaluate-instance-segmentation 73a8124, NumPy", np.__version__, file=f)
    for case in cases:
        if case[0][2] == "3":
            print(counted(*case), file=f)

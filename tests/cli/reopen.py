# SPDX-License-Identifier: Apache-2.0
#
# Opens every form of an exported connectome with the programs it is meant for, and compares nodes, edges and sums of weights
# with what `plexus show --json` counts over all cells: reopen.py SHOW.json FOLDER, where FOLDER/<form> is each export.
import csv
import json
import sys

import networkx
import numpy
import pandas
import scipy.sparse

with open(sys.argv[1]) as f:
    shown = json.load(f)
folder = sys.argv[2]
counts = shown.get("counts_all") or shown["counts"]


def same(what, got, expected):
    if got != expected:
        sys.exit(f"{folder}: {what} is {str(got)[:200]}, not {str(expected)[:200]}")


kinds = shown["attributes"]["edge_kinds"]


def check(form, pairs):
    """pairs: (pre, post, kind, weight) of every edge."""
    for kind in kinds:
        weights = [w for _, _, k, w in pairs if k == kind]
        same(f"{form}: number of {kind} edges", len(weights), counts["gap_directed" if kind == "gap" else kind])
        total = counts[f"{kind}_sum"]
        if abs(sum(weights) - total) > 1e-9 * abs(total):
            sys.exit(f"{folder}: {form}: sum of {kind} weights is {sum(weights)}, not {total}")
    same(f"{form}: connected cells", len({c for p in pairs for c in p[:2]}), counts["nodes"])
    return sorted(pairs)


nodes = pandas.read_csv(f"{folder}/csv/nodes.csv", dtype={"label": str}, keep_default_na=False)
table = pandas.read_csv(f"{folder}/csv/edges.csv", dtype={"pre": str, "post": str}, keep_default_na=False, float_precision="round_trip")
edges = check("csv", [(r.pre, r.post, r.kind, float(r.weight)) for r in table.itertuples()])
with open(f"{folder}/csv/changes.csv", newline="") as f:
    same("changes", len(list(csv.reader(f))) - 1, shown["changes"]["total"])

graph = networkx.read_graphml(f"{folder}/graphml/graph.graphml", force_multigraph=True)
same("graphml: the graph", type(graph).__name__, "MultiDiGraph")
same("graphml: cells", list(graph), list(nodes.label))
same("graphml: edges", check("graphml", [(a, b, d["kind"], d["weight"]) for a, b, d in graph.edges(data=True)]), edges)
for label, kind, slot in zip(nodes.label, nodes.type, nodes.slot):
    same(f"graphml: type of {label}", graph.nodes[label].get("type", ""), kind)
    same(f"graphml: slot of {label}", graph.nodes[label]["slot"], slot)

labels = [str(x) for x in numpy.load(f"{folder}/npz/nodes.npz")["label"]]
same("npz: cells", labels, list(nodes.label))
pairs = []
for kind in kinds:
    matrix = scipy.sparse.load_npz(f"{folder}/npz/{kind}.npz")
    same(f"npz: {kind}", (matrix.format, matrix.shape), ("csr", (len(labels), len(labels))))
    coo = matrix.tocoo()
    pairs += [(labels[i], labels[j], kind, float(w)) for i, j, w in zip(coo.row, coo.col, coo.data)]
    if kind == "gap":
        same("npz: differences of gap from its transpose", (matrix != matrix.T).nnz, 0)
same("npz: edges", check("npz", pairs), edges)

column = {name: numpy.load(f"{folder}/npy/edges/{name}.npy") for name in ("pre", "post", "kind", "weight")}
labels = numpy.load(f"{folder}/npy/nodes/label.npy")
rows = zip(column["pre"], column["post"], column["kind"], column["weight"])
same("npy: edges", check("npy", [(str(labels[a]), str(labels[b]), kinds[k], float(w)) for a, b, k, w in rows]), edges)

with open(f"{folder}/json/record.json") as f:
    document = json.load(f)
same("json: cells", [n["label"] for n in document["nodes"]], list(nodes.label))
rows = [(e["pre"], e["post"], e["kind"], e["weight"]) for e in document["edges"]]
same("json: edges", check("json", rows), edges)
same("json: record", document["meta"]["record_sha256"], shown["record"])
for form in ("csv", "graphml", "npz", "npy", "json"):
    with open(f"{folder}/{form}/provenance.json") as f:
        same(f"{form}: provenance", json.load(f), document["meta"])
print(f"{folder}: {len(nodes)} cells, {len(edges)} edges in five forms")

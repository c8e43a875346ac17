#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Read a Plexus store without Plexus: numpy and the standard library; scipy for matrices and zarr for volumes where they are there. docs/store.md says what lies where.

As a script: read_store.py STORE              what the store holds
             read_store.py STORE REF[#UNIT]   one data set, such as connectome/white1986-n2u or connectome/white1986-n2u@1:compat
             read_store.py FOLDER             one record, wherever it lies
"""
import hashlib
import json
import pathlib
import sqlite3
import sys
import urllib.parse
import zipfile

import numpy as np


def catalog(store):
    """The index of a store. It is never changed in place, so `immutable` is true of it; it is a copy of what the files say."""
    path = urllib.parse.quote(str((pathlib.Path(store) / "catalog.db").resolve()))
    return sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)


def record_dir(store, ref):
    """Folder of the record that a reference stands for: family/name[@version][:mode][#unit]; the mode is strict by default."""
    name, _, unit = ref.partition("#")
    name, _, mode = name.partition(":")
    name, _, version = name.partition("@")
    rows = catalog(store).execute(
        "SELECT lower(hex(r.sha256)) FROM record AS r JOIN dataset AS d ON d.ref = r.ref WHERE d.family || '/' || d.name = ?"
        " AND d.mode = ? AND (? = '' OR d.version = ?) AND r.unit = ?", (name, mode or "strict", version, version, unit)).fetchall()
    if len(rows) != 1:
        raise KeyError(f"{ref} stands for {len(rows)} records of this store")
    return pathlib.Path(store) / "records" / "sha256" / rows[0][0][:2] / rows[0][0][2:]


class Record:
    """A record: `meta` is record.json, `arrays` maps paths to arrays that are read from disk when they are used."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.meta = json.loads((self.folder / "record.json").read_text(encoding="utf-8"))
        self.arrays = {m["path"][:-len(".npy")]: np.load(self.folder / m["path"], mmap_mode="r", allow_pickle=False)
                       for m in self.meta["members"] if m["path"].endswith(".npy")}

    def column(self, path):
        """A column by its path, "nodes/x_um"; text is stored as UTF-8 bytes and the offsets of its rows."""
        if path in self.arrays:
            return self.arrays[path]
        text, at = self.arrays[path + ".bytes"].tobytes(), self.arrays[path + ".offsets"].tolist()
        return [text[i:j].decode("utf-8") for i, j in zip(at, at[1:])]

    def table(self, name):
        """All columns of a table, by name: pandas.DataFrame(record.table("nodes")) works."""
        paths = {p.removesuffix(".bytes").removesuffix(".offsets") for p in self.arrays if p.startswith(name + "/")}
        return {p[len(name) + 1:]: self.column(p) for p in sorted(paths)}

    def matrix(self, kind="chemical"):
        """A connectome's weights, from row to column, as a scipy.sparse matrix (a dense array without scipy)."""
        n = len(self.column("nodes/label"))
        of_kind = np.asarray(self.column("edges/kind")) == self.meta["attributes"]["edge_kinds"].index(kind)
        pre, post, weight = (np.asarray(self.column("edges/" + c))[of_kind] for c in ("pre", "post", "weight"))
        try:
            from scipy.sparse import csr_matrix
        except ImportError:
            dense = np.zeros((n, n))
            dense[pre, post] = weight
            return dense
        return csr_matrix((weight, (pre, post)), shape=(n, n))

    def volume(self, name=None, store=None):
        """An array of a record of kind volume, as a zarr array that is read chunk by chunk: its name, by default the first one's.
        Arrays that lie inside a published file need the store's folder."""
        import zarr
        spec = next(a for a in self.meta["attributes"]["arrays"] if name in (None, a["name"]))
        if "parts" in spec:
            files = [self.folder / f"{spec['name']}.{i:03}.zip" for i in range(spec["parts"])]
        else:
            files = [pathlib.Path(store or self.folder.parents[3]) / "blobs" / "sha256" / spec["blob"][:2] / spec["blob"][2:]]
        path = "0" if "parts" in spec else spec["path"]
        new = int(zarr.__version__.split(".")[0]) >= 3
        if len(files) == 1 and new:
            return zarr.open_array(zarr.storage.ZipStore(files[0], mode="r"), path=path, mode="r", zarr_format=2)
        if new:  # several zips: their members together are one store
            from zarr.core.buffer import default_buffer_prototype
            wrap = default_buffer_prototype().buffer.from_bytes
            members = {n: wrap(z.read(n)) for z in map(zipfile.ZipFile, files) for n in z.namelist()}
            return zarr.open_array(zarr.storage.MemoryStore(members), path=path, mode="r", zarr_format=2)
        import collections
        stores = collections.ChainMap(*[zarr.storage.ZipStore(f, mode="r") for f in files])
        return zarr.open_array(zarr.storage.KVStore(stores), path=path, mode="r")

    def damaged(self):
        """Paths of files that are not what record.json says (an empty list is good news)."""
        return [m["path"] for m in self.meta["members"]
                if hashlib.sha256((self.folder / m["path"]).read_bytes()).hexdigest() != m["sha256"]]


def summary(record):
    meta = record.meta
    print(f"{meta['dataset']}@{meta['version']}:{meta['mode']}{'#' + meta['unit'] if meta['unit'] else ''}  {meta['kind']}")
    print(f"folder: {record.folder}")
    for key, value in sorted(meta["counts"].items()):
        print(f"{key}: {value}")
    for name in sorted({p.split("/")[0] for p in record.arrays if "/" in p}):
        table = record.table(name)
        print(f"table {name}: {len(next(iter(table.values())))} rows of {', '.join(table)}")
    for path in sorted(p for p in record.arrays if "/" not in p):
        print(f"array {path}: {record.arrays[path].dtype} {record.arrays[path].shape}")
    if meta["kind"] == "connectome":
        for kind in meta["attributes"]["edge_kinds"]:
            matrix = record.matrix(kind)
            print(f"matrix {kind}: {matrix.shape[0]} x {matrix.shape[1]}, sum {float(matrix.sum()):g}")
    for spec in meta["attributes"].get("arrays", []) if meta["kind"] == "volume" else []:
        try:
            array = record.volume(spec["name"])
            print(f"volume {spec['name']}: {array.dtype} {array.shape}, sum {int(array[...].sum(dtype='u8'))}")
        except ImportError:
            print(f"volume {spec['name']}: {spec['dtype']} {tuple(spec['shape'])}, and no zarr to open it")
    print("damaged: " + (", ".join(record.damaged()) or "nothing"))


def main(args):
    if len(args) == 1 and (pathlib.Path(args[0]) / "record.json").exists():
        summary(Record(args[0]))
    elif len(args) == 1:
        for ref, kind, title in catalog(args[0]).execute("SELECT ref, kind, title FROM dataset ORDER BY ref"):
            print(f"{ref}  {kind}  {title}")
    elif len(args) == 2:
        summary(Record(record_dir(*args)))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])

# SPDX-License-Identifier: Apache-2.0
"""Makes files/small.zarr.zip with zarr-python (3.1.6, numcodecs 0.16.6): python make_zarr.py OUT.zip

Every array but "sparse" holds, at place i in C order, the value (i * 7 + 3) % 113 (complex numbers: that, and minus half of it as
imaginary part; truth values: whether it is odd)."""
import sys
import warnings
import zipfile

import numcodecs
import numpy as np
import zarr

warnings.simplefilter("ignore")
store = zarr.storage.ZipStore(sys.argv[1], mode="w", compression=zipfile.ZIP_DEFLATED)
root = zarr.create_group(store, zarr_format=2)


def values(shape, dtype):
    v = ((np.arange(np.prod(shape, dtype=int)) * 7 + 3) % 113).reshape(shape)
    dtype = np.dtype(dtype)
    if dtype.kind == "c":
        return (v - 0.5j * v).astype(dtype)
    return (v % 2 == 1) if dtype.kind == "b" else v.astype(dtype)


def add(name, dtype, shape=(5, 7, 9), chunks=(2, 4, 9), order="C", separator=".", compressor=None, fill=0, filled=True):
    a = zarr.create_array(store, name=name, shape=shape, chunks=chunks, dtype=np.dtype(dtype), zarr_format=2, order=order,
                          compressors=compressor, fill_value=fill,
                          chunk_key_encoding={"name": "v2", "separator": separator})
    if filled:
        a[...] = values(shape, dtype)
    return a


types = "|b1 |i1 <i2 <i4 <i8 |u1 <u2 <u4 <u8 <f2 <f4 <f8 <c8 <c16 >i2 >i4 >i8 >u2 >u4 >u8 >f2 >f4 >f8 >c8 >c16".split()
for i, t in enumerate(types):
    add(f"dtype/{'b' if t[0] == '>' else 'l'}_{t[1:]}", t, order="CF"[i % 2], separator="./"[i // 2 % 2],
        compressor=[None, numcodecs.Zlib(1), numcodecs.LZ4()][i % 3])
big = dict(shape=(40, 33, 50), chunks=(16, 33, 32))
for cname in "blosclz lz4 lz4hc zlib zstd".split():
    for shuffle in (0, 1, 2):
        add(f"blosc/{cname}_{shuffle}", "<u2", compressor=numcodecs.Blosc(cname, 5, shuffle), **big)
add("blosc/copied", "<f8", compressor=numcodecs.Blosc("lz4", 0, 1))
add("blosc/small_blocks", "<u4", compressor=numcodecs.Blosc("zstd", 3, 2, 4096), **big)
for name, codec in dict(zstd=numcodecs.Zstd(3), gzip=numcodecs.GZip(1), zlib=numcodecs.Zlib(9), lz4=numcodecs.LZ4(),
                        zstd_sum=numcodecs.Zstd(1, checksum=True)).items():
    add(f"codec/{name}", "<u2", compressor=codec, **big)
add("shape/zero", "<i4", shape=(3, 0, 2), chunks=(2, 1, 2), filled=False)
add("shape/one", "<i4", shape=(1,), chunks=(8,))
add("shape/eight", "|u1", shape=(2, 1, 2, 3, 1, 2, 2, 2), chunks=(1, 1, 2, 2, 1, 2, 1, 2), order="F", separator="/")
for name, dtype, fill in [("i", "<i2", -7), ("u", "<u8", 2**64 - 1), ("f", "<f4", 1.5), ("nan", "<f8", float("nan")),
                          ("inf", "<f4", float("-inf")), ("b", "|b1", True), ("h", "<f2", 0.1)]:
    add(f"fill/{name}", dtype, fill=fill, filled=False)
sparse = add("sparse", "<i4", shape=(10, 10), chunks=(4, 4), fill=-1, filled=False)
sparse[5:7, 2:9] = 5
sparse.attrs["resolution"] = [1.0, 0.44, 0.44]
sparse.attrs["name"] = "a sparse one"
store.close()

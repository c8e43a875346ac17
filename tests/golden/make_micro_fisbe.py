# SPDX-License-Identifier: Apache-2.0
"""Makes registry/builtin/micro_fisbe.zarr.zip with zarr-python (3.1.6), in the encodings of the published samples:

    python make_micro_fisbe.py RECORD OUT.zip

RECORD is the folder of a record that the ingester fisbe_like made of {"seeds": [7, 7], "shape": [16, 40, 40], "neurons": 3,
"noise": 0.5}."""
import sys

import numcodecs
import zarr

source, out = sys.argv[1:]


def read(name):
    return zarr.open_array(zarr.storage.ZipStore(f"{source}/{name}.000.zip", mode="r"), path="0", mode="r", zarr_format=2)[...]


raw, truth = read("raw"), read("instances")
store = zarr.storage.ZipStore(out, mode="w")
zarr.create_group(store, zarr_format=2)
for name, values, chunks, codec in (("raw", raw, (2, 16, 25, 40), numcodecs.GZip(9)),
                                    ("gt_instances", truth, (len(truth), 16, 16, 16), numcodecs.Blosc("zstd", 3, 2))):
    array = zarr.create_array(store, name=f"volumes/{name}", shape=values.shape, chunks=chunks, dtype=values.dtype, zarr_format=2,
                              compressors=codec, fill_value=0, attributes={"dim_neurons": [2]} if name != "raw" else None)
    array[...] = values
store.close()

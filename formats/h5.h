/* SPDX-License-Identifier: Apache-2.0
 *
 * HDF5 files, through libhdf5 1.10 in an isolated process; the library is loaded when the first such file is read. Read
 * are integers, reals, complex numbers ({r, i} as h5py writes them), enums (as their integers; FALSE/TRUE as truth
 * values), text of fixed and variable length, and object references (as the path they lead to), in any layout and with
 * the filters libhdf5 has itself (deflate, shuffle, fletcher32, scale-offset, n-bit); lzf in chunks of plain numbers
 * (see h5_chunks.h). Half-precision reals come as f32.
 * Not read: other compounds, opaque, bit field, array and variable-length types, region references, virtual data sets,
 * blosc and other plug-in filters. External links and external storage are never followed.
 */
#ifndef PLX_FORMATS_H5_H
#define PLX_FORMATS_H5_H

#include "core/array.h"
#include "core/ctx.h"
#include "core/table.h"
#include "core/value.h"

/* Everything in the file as a list in the order of paths, groups before what they hold. Each entry is an object:
 * "path"; "kind" ("group", "dataset", "type", "link" with "target"); of a data set "dtype" ("f64", "str", "ref", or the
 * HDF5 class that is not read), "shape", "layout", "chunks", "filters", and the "value" of one that has a single
 * element; "attributes", by name objects of "dtype", "shape" and "value" (elements in C order; left out when it is not
 * readable or has more than 4096 elements). errors: those of plx_isolate; FORMAT for a damaged file; UNSUPPORTED
 * without libhdf5; LIMIT past limits.entries or depth. */
bool plx_h5_tree(const plx_ctx *ctx, const char *path, plx_arena *arena, plx_value **out, plx_err *err);

/* A numeric data set in C order. errors: NOTFOUND when there is none of that name; UNSUPPORTED for its type, a filter
 * or a virtual layout, and for text (see plx_h5_read_strings); POLICY for storage in other files; LIMIT. owner: *out.
 */
bool plx_h5_read(const plx_ctx *ctx, const char *path, const char *dataset, plx_array *out, plx_err *err);
/* The part of it that starts at `start` and has `count` elements per axis. errors: also ARG when that is not inside. */
bool plx_h5_read_slab(const plx_ctx *ctx, const char *path, const char *dataset, int ndim, const uint64_t *start,
                      const uint64_t *count, plx_array *out, plx_err *err);
/* A numeric data set in C order, in pieces as they are decoded: memory is a few of them. `begin` comes once; a piece of
 * zeros has no bytes. errors: as plx_h5_read; what the two say. */
typedef struct plx_h5_stream {
    bool (*begin)(void *payload, plx_dtype dtype, int ndim, const size_t *shape, plx_err *err);
    bool (*piece)(void *payload, const uint8_t *bytes, size_t len, plx_err *err);
    void *payload;
} plx_h5_stream;
bool plx_h5_each(const plx_ctx *ctx, const char *path, const char *dataset, const plx_h5_stream *stream, plx_err *err);
/* A data set of text or of object references, its elements appended in C order. errors: also FORMAT for what is not
 * UTF-8. */
bool plx_h5_read_strings(const plx_ctx *ctx, const char *path, const char *dataset, plx_strcol *out, plx_err *err);
/* The same of a part, as plx_h5_read_slab. */
bool plx_h5_read_strings_slab(const plx_ctx *ctx, const char *path, const char *dataset, int ndim,
                              const uint64_t *start, const uint64_t *count, plx_strcol *out, plx_err *err);

/* Read everything and throw it away. */
typedef struct plx_h5_info {
    uint64_t n_groups, n_datasets, n_bytes;
    uint64_t n_unread; /* data sets of a kind that is not read */
} plx_h5_info;
bool plx_h5_check(const plx_ctx *ctx, const char *path, plx_h5_info *out, plx_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * libhdf5 as a table of functions, and what the files of h5.h share in the child process. Only this header includes
 * hdf5.h.
 */
#ifndef PLX_FORMATS_H5_LIB_H
#define PLX_FORMATS_H5_LIB_H

#include "core/array.h"
#include "core/ctx.h"
#include "core/value.h"
#include "formats/isolate.h"

#include <hdf5.h>

/* The formatter never agrees with itself on this list. */
/* clang-format off */
#define PLX_H5_FUNCTIONS(X) \
    X(H5open) X(H5get_libversion) X(H5Eset_auto2) X(H5PLset_loading_state) X(H5Fopen) \
    X(H5Pcreate) X(H5Pset_chunk_cache) X(H5Pget_external_count) X(H5Pget_layout) X(H5Pget_chunk) \
    X(H5Pget_nfilters) X(H5Pget_filter2) X(H5Zfilter_avail) X(H5Oopen) X(H5Oget_info2) \
    X(H5Oclose) X(H5Iget_type) X(H5Literate) X(H5Lget_val) X(H5Dopen2) \
    X(H5Dclose) X(H5Dget_type) X(H5Dget_space) X(H5Dget_create_plist) X(H5Dread) \
    X(H5Dvlen_reclaim) X(H5Sget_simple_extent_type) X(H5Sget_simple_extent_ndims) X(H5Sget_simple_extent_dims) X(H5Sselect_hyperslab) \
    X(H5Screate_simple) X(H5Screate) X(H5Sclose) X(H5Tget_class) X(H5Tget_size) \
    X(H5Tget_sign) X(H5Tget_native_type) X(H5Tis_variable_str) X(H5Tcopy) X(H5Tequal) \
    X(H5Tget_strpad) X(H5Tget_nmembers) X(H5Tget_member_name) X(H5Tget_member_offset) X(H5Tget_member_class) \
    X(H5Tget_super) X(H5Tclose) X(H5Pclose) X(H5Aiterate2) X(H5Aopen) \
    X(H5Aclose) X(H5Aget_type) X(H5Aget_space) X(H5Aread) X(H5Rdereference2) \
    X(H5Iget_name) X(H5free_memory) X(H5Fget_create_plist) X(H5Pget_userblock) X(H5Pget_chunk_opts) \
    X(H5Pget_fill_value) X(H5Dget_chunk_info_by_coord) X(H5Dget_offset)
/* clang-format on */

typedef struct plx_h5_lib {
/* A member cannot be named in parentheses. */
#define PLX_H5_FIELD(name) __typeof__(&(name)) name; /* NOLINT(bugprone-macro-parentheses) */
    PLX_H5_FUNCTIONS(PLX_H5_FIELD)
#undef PLX_H5_FIELD
    const hid_t *file_access, *dataset_access, *ref_obj; /* class and type ids; valid after H5open */
} plx_h5_lib;

/* Load the library into this process without calling it. errors: UNSUPPORTED naming what is missing. */
bool plx_h5_load(plx_h5_lib *lib, plx_err *err);

/* How elements come to memory. */
typedef enum plx_h5_sort { PLX_H5_NUMBER, PLX_H5_FIXED, PLX_H5_VARIABLE, PLX_H5_REFERENCE, PLX_H5_OTHER } plx_h5_sort;
typedef struct plx_h5_type {
    plx_h5_sort sort;
    plx_dtype dtype;  /* of NUMBER; else PLX_STR */
    size_t size;      /* bytes of one element in memory */
    hid_t memory;     /* the type to read as */
    const char *what; /* for people: "f64", "str", "ref", "compound" */
    H5T_str_t pad;
} plx_h5_type;
/* False, with nothing set, when the type cannot be understood. */
bool plx_h5_type_of(const plx_h5_lib *lib, hid_t type, plx_h5_type *out);
/* Element `at` of a buffer of FIXED, VARIABLE or REFERENCE elements as text in `sb`; false for a dangling reference. */
bool plx_h5_text(const plx_h5_lib *lib, hid_t file, const plx_h5_type *type, const uint8_t *at, plx_sb *sb);

/* The extent of a data space: false when it is broken or has more axes than an array. An empty one is {0}. */
bool plx_h5_extent(const plx_h5_lib *lib, hid_t space, int *ndim, hsize_t shape[H5S_MAX_RANK], uint64_t *count);

/* One step of the walk over a file: `node` is an open object, or negative for a link that is not followed. */
typedef bool (*plx_h5_visit)(void *payload, const char *path, hid_t node, H5I_type_t kind, const char *target,
                             plx_err *err);
bool plx_h5_walk(const plx_h5_lib *lib, const plx_ctx *ctx, const char *name, hid_t file, plx_h5_visit visit,
                 void *payload, plx_err *err);
/* What plx_h5_tree says of one object. NULL when memory is out. */
plx_value *plx_h5_describe(const plx_h5_lib *lib, hid_t file, const char *path, hid_t node, H5I_type_t kind,
                           const char *target, plx_arena *arena);

#endif

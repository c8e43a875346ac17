/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of data sets, in the child process.
 */
#ifndef PLX_FORMATS_H5_READ_H
#define PLX_FORMATS_H5_READ_H

#include "formats/h5_chunks.h"
#include "formats/h5_lib.h"

/* A file that is open in the child. */
typedef struct plx_h5_open {
    const plx_h5_lib *lib;
    const char *name; /* path, for messages */
    hid_t file;
    uint64_t memory;  /* bytes that may be held */
    char version[32]; /* of libhdf5 */
} plx_h5_open;

typedef struct plx_h5_part {
    int ndim;
    uint64_t start[PLX_MAX_DIMS], count[PLX_MAX_DIMS];
} plx_h5_part;

/* `begin` comes once; `block` with bytes of numbers in C order, or once per element of text. */
typedef struct plx_h5_sink {
    bool (*begin)(void *payload, const plx_h5_type *type, int ndim, const hsize_t *shape, plx_err *err);
    bool (*block)(void *payload, const void *bytes, size_t len, plx_err *err);
    /* NULL: blocks only. Else, where the parent can read the chunks itself, once the layout and then the chunks in the
     * C order of their places instead of blocks. */
    bool (*layout)(void *payload, const plx_h5_layout *layout, plx_err *err);
    bool (*chunks)(void *payload, const plx_h5_chunk *list, size_t n, plx_err *err);
    void *payload;
} plx_h5_sink;

/* What is read of a data set, block by block. */
typedef struct plx_h5_plan {
    hid_t dataset, space, plist;
    plx_h5_type type;
    int ndim;
    hsize_t start[PLX_MAX_DIMS], count[PLX_MAX_DIMS];
    uint64_t n, row_bytes; /* elements in all; bytes of one step along the first axis */
    uint64_t step;
} plx_h5_plan;

/* Tell the sink where the chunks lie, if it wants to know and they are of a kind that it can read. `type`: that of the
 * elements in the file. */
bool plx_h5_locate(const plx_h5_open *h, const char *dataset, const plx_h5_plan *p, hid_t type, const plx_h5_sink *sink,
                   bool *located, plx_err *err);

/* `part` NULL: all of it. */
bool plx_h5_read_values(const plx_h5_open *h, const char *dataset, const plx_h5_part *part, const plx_h5_sink *sink,
                        plx_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the chunks of a data set lie, found in the child process so that the parent can read them itself: see
 * h5_chunks.h.
 */
#include "formats/h5_read.h"

#include <string.h>

enum { LISTED = 1024, MOST = 1 << 22, PIECE = 1 << 18 };

/* The filters as the parent undoes them; false when one of them is another, or shuffles elements of another size. */
static bool take_filters(const plx_h5_open *h, const plx_h5_plan *p, plx_h5_layout *out)
{
    int n = h->lib->H5Pget_nfilters(p->plist);
    if (n < 0 || n > PLX_H5_MAX_FILTERS) {
        return false;
    }
    out->n_filters = (uint32_t)n;
    for (int i = 0; i < n; i++) {
        unsigned flags, config, values[16] = {0};
        size_t n_values = sizeof values / sizeof *values;
        H5Z_filter_t id = h->lib->H5Pget_filter2(p->plist, (unsigned)i, &flags, &n_values, values, 0, NULL, &config);
        if (id != PLX_H5_DEFLATE && id != PLX_H5_LZF &&
            (id != PLX_H5_SHUFFLE || n_values < 1 || values[0] != p->type.size)) {
            return false;
        }
        out->filters[i] = (uint32_t)id;
    }
    return true;
}

/* Addresses that count from the start of the file (no user block before it), elements of the very type they have in
 * memory, all chunks packed alike. */
static bool is_plain(const plx_h5_open *h, const plx_h5_plan *p, hid_t type)
{
    unsigned options = 1;
    hsize_t block = 1;
    if (p->n == 0 || p->ndim < 1 || p->type.sort != PLX_H5_NUMBER || p->type.size > PLX_H5_FILL ||
        h->lib->H5Tequal(type, p->type.memory) <= 0 ||
        (h->lib->H5Pget_layout(p->plist) == H5D_CHUNKED &&
         (h->lib->H5Pget_chunk_opts(p->plist, &options) < 0 || options != 0))) {
        return false;
    }
    hid_t file = h->lib->H5Fget_create_plist(h->file);
    bool ok = file >= 0 && h->lib->H5Pget_userblock(file, &block) >= 0 && block == 0;
    if (file >= 0) {
        h->lib->H5Pclose(file);
    }
    return ok;
}

/* What lies in one run is cut into pieces of whole rows. */
static bool choose_chunk(const plx_h5_open *h, const plx_h5_plan *p, hsize_t chunk[H5S_MAX_RANK], plx_h5_layout *out)
{
    H5D_layout_t layout = h->lib->H5Pget_layout(p->plist);
    if (layout == H5D_CHUNKED) {
        return h->lib->H5Pget_chunk(p->plist, H5S_MAX_RANK, chunk) == p->ndim &&
               h->lib->H5Pget_fill_value(p->plist, p->type.memory, out->fill) >= 0;
    }
    hsize_t shape[H5S_MAX_RANK];
    if (layout != H5D_CONTIGUOUS || out->n_filters > 0 || h->lib->H5Dget_offset(p->dataset) == HADDR_UNDEF ||
        h->lib->H5Sget_simple_extent_dims(p->space, shape, NULL) != p->ndim) {
        return false;
    }
    uint64_t row = p->type.size;
    for (int i = 1; i < p->ndim; i++) {
        chunk[i] = shape[i];
        if (shape[i] == 0 || __builtin_mul_overflow(row, (uint64_t)shape[i], &row)) {
            return false;
        }
    }
    chunk[0] = row < PIECE ? PIECE / row : 1;
    chunk[0] = chunk[0] > shape[0] ? shape[0] : chunk[0];
    out->whole_rows = 1;
    return true;
}

/* The place of one chunk; `at` are the coordinates of its first element. */
static bool place_of(const plx_h5_open *h, const plx_h5_plan *p, const plx_h5_layout *layout, const hsize_t *at,
                     plx_h5_chunk *out)
{
    unsigned skipped = 0;
    haddr_t address = HADDR_UNDEF;
    hsize_t bytes = 0;
    if (!layout->whole_rows) {
        bool ok = h->lib->H5Dget_chunk_info_by_coord(p->dataset, at, &skipped, &address, &bytes) >= 0;
        *out = (plx_h5_chunk){address == HADDR_UNDEF ? UINT64_MAX : address, bytes, skipped, 0};
        return ok;
    }
    hsize_t shape[H5S_MAX_RANK];
    uint64_t row = layout->size;
    if (h->lib->H5Sget_simple_extent_dims(p->space, shape, NULL) != p->ndim) {
        return false;
    }
    for (int i = 1; i < p->ndim; i++) {
        row *= shape[i]; /* choose_chunk has seen that it fits */
    }
    uint64_t rows = shape[0] - at[0] < layout->chunk[0] ? shape[0] - at[0] : layout->chunk[0];
    *out = (plx_h5_chunk){h->lib->H5Dget_offset(p->dataset) + at[0] * row, rows * row, 0, 0};
    return true;
}

static bool describe(const plx_h5_open *h, const plx_h5_plan *p, hid_t type, plx_h5_layout *out, uint64_t *count)
{
    hsize_t chunk[H5S_MAX_RANK];
    *out = (plx_h5_layout){.ndim = (uint32_t)p->ndim, .size = (uint32_t)p->type.size};
    if (!is_plain(h, p, type) || !take_filters(h, p, out) || !choose_chunk(h, p, chunk, out)) {
        return false;
    }
    *count = 1;
    for (int i = 0; i < p->ndim; i++) {
        if (chunk[i] == 0) {
            return false;
        }
        out->chunk[i] = chunk[i];
        out->start[i] = p->start[i];
        uint64_t first = p->start[i] / chunk[i], last = (p->start[i] + p->count[i] - 1) / chunk[i];
        if (__builtin_mul_overflow(*count, last - first + 1, count) || *count > MOST) {
            return false;
        }
    }
    return true;
}

bool plx_h5_locate(const plx_h5_open *h, const char *dataset, const plx_h5_plan *p, hid_t type, const plx_h5_sink *sink,
                   bool *located, plx_err *err)
{
    plx_h5_layout layout;
    uint64_t count;
    *located = sink->layout && describe(h, p, type, &layout, &count);
    if (!*located) {
        return true;
    }
    if (!sink->begin(sink->payload, &p->type, p->ndim, p->count, err) || !sink->layout(sink->payload, &layout, err)) {
        return false;
    }
    plx_h5_chunk list[LISTED];
    size_t n = 0;
    hsize_t at[PLX_MAX_DIMS] = {0};
    for (uint64_t i = 0; i < count; i++) {
        uint64_t left = i;
        for (int axis = p->ndim - 1; axis >= 0; axis--) {
            uint64_t first = p->start[axis] / layout.chunk[axis];
            uint64_t along = (p->start[axis] + p->count[axis] - 1) / layout.chunk[axis] - first + 1;
            at[axis] = (first + left % along) * layout.chunk[axis];
            left /= along;
        }
        if (!place_of(h, p, &layout, at, &list[n++])) {
            return plx_fail(err, PLX_E_FORMAT, "%s is damaged: the index of the chunks of data set %s", h->name,
                            dataset);
        }
        if (n == LISTED || i + 1 == count) {
            if (!sink->chunks(sink->payload, list, n, err)) {
                return false;
            }
            n = 0;
        }
    }
    return true;
}

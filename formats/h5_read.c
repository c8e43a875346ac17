/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of a data set, in the child process: read in blocks along the first axis, whole chunks at a time where they
 * fit, and handed on as they come. Data sets that keep their bytes in other files are refused.
 */
#include "formats/h5_read.h"

#include "core/alloc.h"

#include <string.h>

enum { BLOCK_BYTES = 32 << 20, CACHE_BYTES = 64 << 20, CACHE_SLOTS = 12421, SEND_BYTES = 1 << 20 };

static bool damaged(const plx_h5_open *h, const char *dataset, const char *what, plx_err *err)
{
    return plx_fail(err, PLX_E_FORMAT, "%s is damaged: %s of data set %s", h->name, what, dataset);
}

static bool refuse_storage(const plx_h5_open *h, hid_t plist, const char *dataset, plx_err *err)
{
    if (h->lib->H5Pget_external_count(plist) > 0) {
        plx_fail(err, PLX_E_POLICY, "data set %s of %s keeps its values in other files", dataset, h->name);
        return plx_err_why(err, "a file could name any other file on this machine");
    }
    H5D_layout_t layout = h->lib->H5Pget_layout(plist);
    if (layout == H5D_VIRTUAL) {
        return plx_fail(err, PLX_E_UNSUPPORTED, "data set %s of %s is a virtual one, made of others", dataset, h->name);
    }
    return true;
}

static bool refuse_filters(const plx_h5_open *h, hid_t plist, const char *dataset, plx_err *err)
{
    int n = h->lib->H5Pget_nfilters(plist);
    for (int i = 0; i < n; i++) {
        char name[64] = "";
        unsigned flags, config, values[16];
        size_t n_values = sizeof values / sizeof *values;
        H5Z_filter_t id =
            h->lib->H5Pget_filter2(plist, (unsigned)i, &flags, &n_values, values, sizeof name, name, &config);
        name[sizeof name - 1] = '\0';
        if (id >= 0 && h->lib->H5Zfilter_avail(id) <= 0) {
            plx_fail(err, PLX_E_UNSUPPORTED, "data set %s of %s is packed with filter %d (%s)", dataset, h->name,
                     (int)id, name[0] ? name : "no name");
            return plx_err_why(err,
                               "deflate, shuffle, lzf, and with libhdf5 %s fletcher32, scale-offset and n-bit are read",
                               h->version);
        }
    }
    return true;
}

static bool choose_part(const plx_h5_open *h, const plx_h5_part *part, const char *dataset, plx_h5_plan *p,
                        plx_err *err)
{
    hsize_t shape[H5S_MAX_RANK];
    uint64_t total;
    if (!plx_h5_extent(h->lib, p->space, &p->ndim, shape, &total)) {
        plx_fail(err, PLX_E_UNSUPPORTED, "the extent of data set %s of %s cannot be read", dataset, h->name);
        return plx_err_why(err, "up to %d axes are", PLX_MAX_DIMS);
    }
    if (part && part->ndim != p->ndim) {
        return plx_fail(err, PLX_E_ARG, "data set %s has %d axes, not %d", dataset, p->ndim, part->ndim);
    }
    p->n = 1;
    for (int i = 0; i < p->ndim; i++) {
        p->start[i] = part ? part->start[i] : 0;
        p->count[i] = part ? part->count[i] : shape[i];
        if (p->start[i] > shape[i] || p->count[i] > shape[i] - p->start[i]) {
            return plx_fail(err, PLX_E_ARG, "%llu elements from %llu on are not inside axis %d of data set %s, of %llu",
                            (unsigned long long)p->count[i], (unsigned long long)p->start[i], i, dataset,
                            (unsigned long long)shape[i]);
        }
        p->n *= p->count[i]; /* at most `total` */
    }
    return true;
}

static bool choose_step(const plx_h5_open *h, const char *dataset, plx_h5_plan *p, plx_err *err)
{
    uint64_t rows = p->ndim ? p->count[0] : 1;
    uint64_t per_row = rows ? p->n / rows : 0;
    if (__builtin_mul_overflow(per_row, (uint64_t)p->type.size, &p->row_bytes) || p->row_bytes > h->memory / 4) {
        return plx_fail(err, PLX_E_LIMIT, "one step of data set %s of %s needs more memory than is allowed", dataset,
                        h->name);
    }
    p->step = p->row_bytes && p->row_bytes < BLOCK_BYTES ? BLOCK_BYTES / p->row_bytes : 1;
    hsize_t chunk[H5S_MAX_RANK];
    if (p->ndim > 0 && h->lib->H5Pget_layout(p->plist) == H5D_CHUNKED &&
        h->lib->H5Pget_chunk(p->plist, H5S_MAX_RANK, chunk) == p->ndim && chunk[0] > 0 && p->step > chunk[0]) {
        p->step -= p->step % chunk[0];
    }
    return true;
}

static bool send_texts(const plx_h5_open *h, const char *dataset, const plx_h5_plan *p, const uint8_t *bytes,
                       uint64_t n, const plx_h5_sink *sink, plx_err *err)
{
    plx_sb sb = {0};
    bool ok = true;
    for (uint64_t i = 0; ok && i < n; i++) {
        sb.len = 0;
        if (!plx_h5_text(h->lib, h->file, &p->type, bytes + i * p->type.size, &sb)) {
            ok = damaged(h, dataset, "a reference leads nowhere", err);
        } else if (sb.failed) {
            ok = plx_fail_nomem(err, sb.len);
        } else {
            ok = sink->block(sink->payload, plx_sb_str(&sb), sb.len, err);
        }
    }
    plx_sb_free(&sb);
    return ok;
}

static bool read_block(const plx_h5_open *h, const char *dataset, const plx_h5_plan *p, uint64_t at, uint64_t rows,
                       uint8_t *bytes, plx_err *err)
{
    hsize_t start[PLX_MAX_DIMS], count[PLX_MAX_DIMS];
    memcpy(start, p->start, sizeof start);
    memcpy(count, p->count, sizeof count);
    hid_t memory;
    bool ok = true;
    if (p->ndim > 0) {
        start[0] += at;
        count[0] = rows;
        memory = h->lib->H5Screate_simple(p->ndim, count, NULL);
        ok = h->lib->H5Sselect_hyperslab(p->space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0;
    } else {
        memory = h->lib->H5Screate(H5S_SCALAR);
    }
    ok = ok && memory >= 0 && h->lib->H5Dread(p->dataset, p->type.memory, memory, p->space, H5P_DEFAULT, bytes) >= 0;
    if (memory >= 0) {
        h->lib->H5Sclose(memory);
    }
    return ok || damaged(h, dataset, "the values cannot be decoded", err);
}

static bool hand_on(const plx_h5_open *h, const char *dataset, const plx_h5_plan *p, uint8_t *bytes, uint64_t n,
                    const plx_h5_sink *sink, plx_err *err)
{
    if (p->type.sort != PLX_H5_NUMBER) {
        bool ok = send_texts(h, dataset, p, bytes, n, sink, err);
        hsize_t extent = n;
        hid_t space = p->type.sort == PLX_H5_VARIABLE ? h->lib->H5Screate_simple(1, &extent, NULL) : -1;
        if (space >= 0) {
            h->lib->H5Dvlen_reclaim(p->type.memory, space, H5P_DEFAULT, bytes);
            h->lib->H5Sclose(space);
        }
        return ok;
    }
    uint64_t left = n * p->type.size;
    bool ok = true;
    for (; ok && left > 0;) {
        size_t len = left < SEND_BYTES ? (size_t)left : SEND_BYTES;
        ok = sink->block(sink->payload, bytes, len, err);
        bytes += len;
        left -= len;
    }
    return ok;
}

static bool read_plan(const plx_h5_open *h, const char *dataset, const plx_h5_plan *p, const plx_h5_sink *sink,
                      plx_err *err)
{
    if (!sink->begin(sink->payload, &p->type, p->ndim, p->count, err)) {
        return false;
    }
    uint64_t rows = p->ndim ? p->count[0] : 1;
    if (p->n == 0) {
        return true;
    }
    uint64_t most = p->step < rows ? p->step : rows;
    uint8_t *bytes = plx_alloc_zero((size_t)most, (size_t)p->row_bytes);
    if (!bytes) {
        return plx_fail_nomem(err, (size_t)(most * p->row_bytes));
    }
    bool ok = true;
    for (uint64_t at = 0; ok && at < rows; at += most) {
        uint64_t n = rows - at < most ? rows - at : most;
        ok =
            read_block(h, dataset, p, at, n, bytes, err) && hand_on(h, dataset, p, bytes, n * (p->n / rows), sink, err);
    }
    plx_free(bytes);
    return ok;
}

static bool read_open(const plx_h5_open *h, const char *name, const plx_h5_part *part, plx_h5_plan *p,
                      const plx_h5_sink *sink, plx_err *err)
{
    hid_t type = h->lib->H5Dget_type(p->dataset);
    p->space = h->lib->H5Dget_space(p->dataset);
    p->plist = h->lib->H5Dget_create_plist(p->dataset);
    if (type < 0 || p->space < 0 || p->plist < 0 || !plx_h5_type_of(h->lib, type, &p->type)) {
        return damaged(h, name, "the description", err);
    }
    if (!refuse_storage(h, p->plist, name, err)) {
        return false;
    }
    if (p->type.sort == PLX_H5_OTHER) {
        plx_fail(err, PLX_E_UNSUPPORTED, "data set %s of %s is of HDF5 type \"%s\"", name, h->name, p->type.what);
        return plx_err_why(err, "only numbers, complex numbers {r, i}, text and object references are read");
    }
    bool located = false;
    return choose_part(h, part, name, p, err) && plx_h5_locate(h, name, p, type, sink, &located, err) &&
           (located || (refuse_filters(h, p->plist, name, err) && choose_step(h, name, p, err) &&
                        read_plan(h, name, p, sink, err)));
}

bool plx_h5_read_values(const plx_h5_open *h, const char *dataset, const plx_h5_part *part, const plx_h5_sink *sink,
                        plx_err *err)
{
    hid_t access = h->lib->H5Pcreate(*h->lib->dataset_access);
    if (access >= 0) {
        h->lib->H5Pset_chunk_cache(access, CACHE_SLOTS, CACHE_BYTES, 0.75);
    }
    hid_t object = h->lib->H5Oopen(h->file, dataset, H5P_DEFAULT);
    H5I_type_t kind = object >= 0 ? h->lib->H5Iget_type(object) : H5I_BADID;
    if (object >= 0) {
        h->lib->H5Oclose(object);
    }
    if (kind != H5I_DATASET) {
        plx_fail(err, PLX_E_NOTFOUND, "%s has no data set %s that can be opened", h->name, dataset);
        return plx_err_next(err, "plexus check %s", h->name);
    }
    plx_h5_plan p = {
        .dataset = h->lib->H5Dopen2(h->file, dataset, access >= 0 ? access : H5P_DEFAULT), .space = -1, .plist = -1};
    bool ok = p.dataset >= 0 ? read_open(h, dataset, part, &p, sink, err) : damaged(h, dataset, "the storage", err);
    if (p.plist >= 0) {
        h->lib->H5Pclose(p.plist);
    }
    if (p.space >= 0) {
        h->lib->H5Sclose(p.space);
    }
    if (p.dataset >= 0) {
        h->lib->H5Dclose(p.dataset);
    }
    if (access >= 0) {
        h->lib->H5Pclose(access);
    }
    return ok;
}

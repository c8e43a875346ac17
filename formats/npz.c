/* SPDX-License-Identifier: Apache-2.0
 *
 * NumPy's .npz: a zip whose members are .npy files, stored or deflated. Not read: members that are no arrays (NumPy
 * would hand those out as raw bytes).
 */
#include "formats/npy.h"

#include "core/alloc.h"
#include "formats/archive.h"

#include <string.h>

typedef struct reader {
    plx_ctx ctx; /* its memory budget shrinks with every array */
    plx_npz npz;
    size_t cap_names, cap_arrays;
} reader;

static plx_archive_step choose(void *payload, const plx_archive_entry *entry)
{
    (void)payload;
    return entry->is_file ? PLX_ARCHIVE_READ : PLX_ARCHIVE_SKIP;
}

static bool read_array(void *payload, const plx_archive_entry *entry, plx_source *member, plx_err *err)
{
    reader *r = payload;
    plx_npz *npz = &r->npz;
    if (!plx_ends_with(entry->name, ".npy")) {
        plx_fail(err, PLX_E_UNSUPPORTED, "%s is not an array", member->name);
        return plx_err_why(err, "every member of an .npz must end in .npy");
    }
    if (!plx_grow(&npz->names, &r->cap_names, npz->n + 1, sizeof *npz->names) ||
        !plx_grow(&npz->arrays, &r->cap_arrays, npz->n + 1, sizeof *npz->arrays)) {
        return plx_fail_nomem(err, (npz->n + 1) * sizeof *npz->arrays);
    }
    char *name = plx_strdup(entry->name);
    if (!name) {
        return plx_fail_nomem(err, strlen(entry->name) + 1);
    }
    name[strlen(name) - 4] = 0;
    plx_array array = {0};
    if (!plx_npy_read(&r->ctx, member, &array, err)) {
        plx_free(name);
        return false;
    }
    npz->names[npz->n] = name;
    npz->arrays[npz->n] = array;
    npz->n++;
    /* Never to 0, which would mean the default. */
    uint64_t left = r->ctx.limits.memory_bytes;
    r->ctx.limits.memory_bytes = left > array.buf.len ? left - array.buf.len : 1;
    return true;
}

bool plx_npz_read(const plx_ctx *ctx, const char *path, plx_npz *out, plx_err *err)
{
    reader r = {.ctx = *ctx};
    if (!r.ctx.limits.memory_bytes) {
        r.ctx.limits.memory_bytes = plx_limits_default().memory_bytes;
    }
    if (!plx_archive_walk(&r.ctx, path, choose, read_array, &r, err)) {
        plx_npz_free(&r.npz);
        return false;
    }
    *out = r.npz;
    return true;
}

const plx_array *plx_npz_find(const plx_npz *npz, const char *name)
{
    for (size_t i = 0; i < npz->n; i++) {
        if (strcmp(npz->names[i], name) == 0) {
            return &npz->arrays[i];
        }
    }
    return NULL;
}

void plx_npz_free(plx_npz *npz)
{
    for (size_t i = 0; i < npz->n; i++) {
        plx_free(npz->names[i]);
        plx_array_free(&npz->arrays[i]);
    }
    plx_free(npz->names);
    plx_free(npz->arrays);
    *npz = (plx_npz){0};
}

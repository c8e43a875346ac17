/* SPDX-License-Identifier: Apache-2.0
 *
 * Volumes of a record being made: zarr in zips of bounded size, hashed on the way. Every zip but the first holds chunks
 * only; together they are one store.
 */
#include "registry/record_sink.h"

#include "core/alloc.h"

#include <stdio.h>
#include <string.h>

enum { MOST_MEMBERS = 60000 };

static const uint64_t PART_BYTES = (uint64_t)1 << 30;

/* Label volumes pack to a tenth of a percent with this, images to about half. */
static plx_value *compressor(plx_arena *arena)
{
    plx_value *v = plx_v_obj(arena);
    bool ok =
        v && plx_v_set(arena, v, "id", plx_v_str(arena, "blosc")) &&
        plx_v_set(arena, v, "cname", plx_v_str(arena, "zstd")) && plx_v_set(arena, v, "clevel", plx_v_i64(arena, 3)) &&
        plx_v_set(arena, v, "shuffle", plx_v_i64(arena, 2)) && plx_v_set(arena, v, "blocksize", plx_v_i64(arena, 0));
    return ok ? v : NULL;
}

static bool write_bytes(void *payload, const void *bytes, size_t len, plx_err *err)
{
    return plx_hash_file_write(payload, bytes, len, err);
}

static bool open_part(plx_record_sink *s, plx_err *err)
{
    plx_volume_stream *v = &s->volume;
    char name[PLX_VOLUME_NAME + 16], path[PLX_PATH];
    if (v->spec.n_parts == PLX_VOLUME_PARTS) {
        return plx_fail(err, PLX_E_LIMIT, "the volume %s needs more than %d files", v->spec.name, PLX_VOLUME_PARTS);
    }
    plx_volume_part_name(&v->spec, v->spec.n_parts, name);
    if (!plx_path_join(path, s->dir, name, err) || !plx_hash_file_open(&v->file, path, err)) {
        return false;
    }
    v->zip = (plx_zip_writer){.write = write_bytes, .payload = &v->file};
    v->is_open = true;
    return true;
}

static plx_value *byte_axis(plx_arena *arena)
{
    plx_value *list = plx_v_arr(arena), *axis = plx_v_obj(arena);
    bool ok = list && axis && plx_v_set(arena, axis, "name", plx_v_str(arena, "byte")) &&
              plx_v_set(arena, axis, "unit", plx_v_str(arena, "")) && plx_v_push(arena, list, axis);
    return ok ? list : NULL;
}

static bool close_part(plx_record_sink *s, plx_err *err)
{
    plx_volume_stream *v = &s->volume;
    char name[PLX_VOLUME_NAME + 16];
    plx_digest digest;
    uint64_t bytes;
    plx_volume_part_name(&v->spec, v->spec.n_parts, name);
    bool ok = plx_zip_finish(&v->zip, true, err);
    v->is_open = false; /* closing frees the file, also when it fails */
    if (!ok) {
        plx_hash_file_abort(&v->file);
        return false;
    }
    if (!plx_hash_file_close(&v->file, s->store != NULL, &digest, &bytes, err)) {
        return false;
    }
    plx_stream file = {.path = plx_arena_strdup(s->arena, name), .dtype = PLX_U8, .ndim = 1, .unit = ""};
    file.shape[0] = (size_t)bytes;
    file.axes = byte_axis(s->arena);
    if (!file.path || !file.axes) {
        return plx_fail_nomem(err, 256);
    }
    v->spec.n_parts++;
    return plx_record_add_member(s, &file, &digest, bytes, err);
}

static bool put(void *payload, const char *key, const void *bytes, size_t len, plx_err *err)
{
    plx_record_sink *s = payload;
    plx_volume_stream *v = &s->volume;
    uint64_t most = s->origin->part_bytes ? s->origin->part_bytes : PART_BYTES;
    bool full = v->is_open && v->zip.n > 0 && (v->zip.at + len > most || v->zip.n >= MOST_MEMBERS);
    if (full && !close_part(s, err)) {
        return false;
    }
    return (v->is_open || open_part(s, err)) && plx_zip_add(&v->zip, key, bytes, len, err);
}

static bool add_entry(plx_record_sink *s, const plx_volume_spec *spec, plx_err *err)
{
    plx_value *entry = plx_volume_spec_value(s->arena, spec);
    plx_volume_spec again;
    const char *why = entry ? plx_volume_spec_parse(entry, &again) : NULL;
    if (why) {
        return plx_fail(err, PLX_E_SCHEMA, "the volume %s has %s", spec->name, why);
    }
    plx_value *list = NULL;
    for (size_t i = 0; i < s->attributes->u.obj.n; i++) {
        if (plx_slice_is(s->attributes->u.obj.members[i].key, "arrays")) {
            list = s->attributes->u.obj.members[i].value;
        }
    }
    if (!list) {
        list = plx_v_arr(s->arena);
        if (!list || !plx_v_set(s->arena, s->attributes, "arrays", list)) {
            return plx_fail_nomem(err, 64);
        }
    }
    return plx_v_push(s->arena, list, entry) || plx_fail_nomem(err, 64);
}

bool plx_record_volume_begin(plx_record_sink *s, const plx_volume_spec *spec, plx_err *err)
{
    plx_volume_stream *v = &s->volume;
    memset(v, 0, sizeof *v);
    v->spec = *spec;
    v->spec.n_parts = 0;
    plx_zarr_layout layout = {.dtype = spec->dtype, .ndim = spec->ndim, .separator = '/'};
    memcpy(layout.shape, spec->shape, sizeof layout.shape);
    memcpy(layout.chunk, spec->chunk, sizeof layout.chunk);
    layout.compressor = compressor(s->arena);
    plx_value *ngff = plx_volume_ngff(s->arena, spec);
    plx_zarr_out out = {put, s};
    if (!layout.compressor || !ngff) {
        return plx_fail_nomem(err, 256);
    }
    return plx_zarr_put_group(&out, "", ngff, err) &&
           plx_zarr_writer_new(s->ctx, &out, "0", &layout, NULL, &v->writer, err);
}

bool plx_record_volume_piece(plx_record_sink *s, const void *bytes, size_t len, plx_err *err)
{
    return plx_zarr_writer_put(s->volume.writer, bytes, len, err);
}

bool plx_record_volume_close(plx_record_sink *s, plx_err *err)
{
    plx_volume_stream *v = &s->volume;
    if (!plx_zarr_writer_finish(v->writer, err)) {
        return false;
    }
    plx_zarr_writer_free(v->writer);
    v->writer = NULL;
    return close_part(s, err) && add_entry(s, &v->spec, err);
}

bool plx_record_volume_in_blob(plx_record_sink *s, const plx_volume_spec *spec, plx_err *err)
{
    plx_volume_spec virtual = *spec;
    virtual.n_parts = 0;
    return add_entry(s, &virtual, err);
}

void plx_record_volume_abort(plx_record_sink *s)
{
    plx_volume_stream *v = &s->volume;
    plx_zarr_writer_free(v->writer);
    v->writer = NULL;
    if (v->is_open) {
        (void)plx_zip_finish(&v->zip, false, NULL);
        plx_hash_file_abort(&v->file);
        v->is_open = false;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "schemas/volume.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const plx_volume_roles[] = {"affinity", "image", "labels", "mask", NULL};

static const char letters[] = "tczyx";

void plx_volume_part_name(const plx_volume_spec *spec, unsigned i, char out[PLX_VOLUME_NAME + 16])
{
    snprintf(out, PLX_VOLUME_NAME + 16, "%s.%03u.zip", spec->name, i % PLX_VOLUME_PARTS);
}

static plx_value *extent(plx_arena *arena, int n, const size_t *values)
{
    plx_value *list = plx_v_arr(arena);
    for (int i = 0; list && i < n; i++) {
        list = plx_v_push(arena, list, plx_v_u64(arena, values[i])) ? list : NULL;
    }
    return list;
}

static plx_value *voxel(plx_arena *arena, const plx_volume_spec *spec)
{
    if (isnan(spec->voxel_um[0]) || isnan(spec->voxel_um[1]) || isnan(spec->voxel_um[2])) {
        return plx_v_null(arena);
    }
    plx_value *list = plx_v_arr(arena);
    for (int i = 0; list && i < 3; i++) {
        list = plx_v_push(arena, list, plx_v_f64(arena, spec->voxel_um[i])) ? list : NULL;
    }
    return list;
}

plx_value *plx_volume_spec_value(plx_arena *arena, const plx_volume_spec *spec)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_value *v = plx_v_obj(arena);
    bool ok = v && plx_v_set(arena, v, "name", plx_v_str(arena, spec->name)) &&
              plx_v_set(arena, v, "role", plx_v_str(arena, spec->role)) &&
              plx_v_set(arena, v, "axes", plx_v_str(arena, spec->axes)) &&
              plx_v_set(arena, v, "dtype", plx_v_str(arena, plx_dtype_name(spec->dtype))) &&
              plx_v_set(arena, v, "shape", extent(arena, spec->ndim, spec->shape)) &&
              plx_v_set(arena, v, "chunks", extent(arena, spec->ndim, spec->chunk)) &&
              plx_v_set(arena, v, "voxel_um", voxel(arena, spec)) &&
              plx_v_set(arena, v, "overlapping", plx_v_bool(arena, spec->overlapping));
    if (ok && spec->n_parts > 0) {
        ok = plx_v_set(arena, v, "parts", plx_v_u64(arena, spec->n_parts));
    } else if (ok) {
        plx_digest_hex(&spec->blob, hex);
        ok = plx_v_set(arena, v, "blob", plx_v_str(arena, hex)) &&
             plx_v_set(arena, v, "path", plx_v_str(arena, spec->path));
    }
    return ok ? v : NULL;
}

static bool copy_text(const plx_value *entry, const char *key, char *out, size_t cap)
{
    const char *text = plx_v_get_text(entry, key);
    return text && strlen(text) < cap && snprintf(out, cap, "%s", text) >= 0;
}

static bool parse_extent(const plx_value *list, int ndim, size_t *out)
{
    if (!list || list->kind != PLX_V_ARR || list->u.arr.n != (size_t)ndim) {
        return false;
    }
    for (int i = 0; i < ndim; i++) {
        int64_t n;
        if (!plx_v_as_i64(list->u.arr.items[i], &n) || n < 0) {
            return false;
        }
        out[i] = (size_t)n;
    }
    return true;
}

static bool parse_voxel(const plx_value *list, double out[3])
{
    bool known = list && list->kind == PLX_V_ARR && list->u.arr.n == 3;
    for (int i = 0; i < 3; i++) {
        out[i] = (double)NAN;
        if (known && (!plx_v_as_f64(list->u.arr.items[i], &out[i]) || !(out[i] > 0) || isinf(out[i]))) {
            return false;
        }
    }
    return known || (list && list->kind == PLX_V_NULL);
}

/* Each of the letters at most once, z, y and x in this order at the end of what there is. */
static bool sound_axes(const char *axes)
{
    const char *from = letters; /* what may still come */
    for (const char *a = axes; *a; a++) {
        const char *at = strchr(from, *a);
        if (!at) {
            return false;
        }
        from = at + 1;
    }
    size_t n = strlen(axes);
    return n >= 2 && strcmp(axes + n - 2, "yx") == 0;
}

static bool is_role(const char *role)
{
    for (const char *const *r = plx_volume_roles; *r; r++) {
        if (strcmp(*r, role) == 0) {
            return true;
        }
    }
    return false;
}

static bool sound_name(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
    return name[0] && strspn(name, allowed) == strlen(name);
}

const char *plx_volume_spec_parse(const plx_value *entry, plx_volume_spec *out)
{
    memset(out, 0, sizeof *out);
    const char *dtype = plx_v_get_text(entry, "dtype");
    const plx_value *overlapping = plx_v_get(entry, "overlapping");
    if (!copy_text(entry, "name", out->name, sizeof out->name) || !sound_name(out->name)) {
        return "no name of small letters, digits, _ and -";
    }
    if (!copy_text(entry, "role", out->role, sizeof out->role) || !is_role(out->role)) {
        return "a role that is none of affinity, image, labels, mask";
    }
    if (!copy_text(entry, "axes", out->axes, sizeof out->axes) || !sound_axes(out->axes)) {
        return "axes that are not in the order t, c, z, y, x";
    }
    out->ndim = (int)strlen(out->axes);
    if (!dtype || !plx_dtype_from_name(dtype, &out->dtype) || out->dtype == PLX_STR) {
        return "no dtype of numbers";
    }
    if (!parse_extent(plx_v_get(entry, "shape"), out->ndim, out->shape) ||
        !parse_extent(plx_v_get(entry, "chunks"), out->ndim, out->chunk)) {
        return "a shape or chunks that do not fit its axes";
    }
    if (!parse_voxel(plx_v_get(entry, "voxel_um"), out->voxel_um)) {
        return "a voxel size that is neither null nor three lengths";
    }
    if (!overlapping || overlapping->kind != PLX_V_BOOL) {
        return "no word about whether its labels overlap";
    }
    out->overlapping = overlapping->u.b;
    int64_t parts;
    const char *blob = plx_v_get_text(entry, "blob");
    if (plx_v_as_i64(plx_v_get(entry, "parts"), &parts)) {
        out->n_parts = parts > 0 && parts <= PLX_VOLUME_PARTS ? (unsigned)parts : 0;
        return out->n_parts ? NULL : "a number of parts that cannot be";
    }
    if (!blob || !plx_digest_parse(blob, strlen(blob), &out->blob) ||
        !copy_text(entry, "path", out->path, sizeof out->path)) {
        return "neither parts nor a blob and a path in it";
    }
    return NULL;
}

bool plx_volume_spec_find(const plx_value *attributes, const char *name, plx_volume_spec *out, plx_err *err)
{
    const plx_value *list = plx_v_get(attributes, "arrays");
    char names[PLX_ERR_NOTE] = "";
    size_t used = 0;
    for (size_t i = 0; list && list->kind == PLX_V_ARR && i < list->u.arr.n; i++) {
        const char *why = plx_volume_spec_parse(list->u.arr.items[i], out);
        if (why) {
            return plx_fail(err, PLX_E_SCHEMA, "array %zu of the record has %s", i, why);
        }
        if (!name || strcmp(name, out->name) == 0) {
            return true;
        }
        used += used < sizeof names
                    ? (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", out->name)
                    : 0;
    }
    plx_fail(err, PLX_E_NOTFOUND, "the record has no array %s", name ? name : "at all");
    return plx_err_why(err, used ? "it has: %s" : "it is no volume%s", names);
}

static plx_value *one_axis(plx_arena *arena, char letter, bool scaled)
{
    const char name[2] = {letter, '\0'};
    const char *type = letter == 'c' ? "channel" : letter == 't' ? "time" : "space";
    plx_value *v = plx_v_obj(arena);
    bool ok =
        v && plx_v_set(arena, v, "name", plx_v_str(arena, name)) &&
        plx_v_set(arena, v, "type", plx_v_str(arena, type)) &&
        (letter == 'c' || letter == 't' || !scaled || plx_v_set(arena, v, "unit", plx_v_str(arena, "micrometer")));
    return ok ? v : NULL;
}

plx_value *plx_volume_ngff(plx_arena *arena, const plx_volume_spec *spec)
{
    plx_value *root = plx_v_obj(arena), *scales = plx_v_arr(arena), *one = plx_v_obj(arena), *axes = plx_v_arr(arena);
    plx_value *sets = plx_v_arr(arena), *set = plx_v_obj(arena), *moves = plx_v_arr(arena), *move = plx_v_obj(arena);
    plx_value *scale = plx_v_arr(arena);
    bool known = !isnan(spec->voxel_um[0]);
    bool ok = root && scales && one && axes && sets && set && moves && move && scale;
    for (int d = 0; ok && d < spec->ndim; d++) {
        int space = spec->axes[d] == 'z' ? 0 : spec->axes[d] == 'y' ? 1 : spec->axes[d] == 'x' ? 2 : -1;
        ok = plx_v_push(arena, axes, one_axis(arena, spec->axes[d], known)) &&
             plx_v_push(arena, scale, plx_v_f64(arena, known && space >= 0 ? spec->voxel_um[space] : 1));
    }
    ok = ok && plx_v_set(arena, move, "type", plx_v_str(arena, "scale")) && plx_v_set(arena, move, "scale", scale) &&
         plx_v_push(arena, moves, move) && plx_v_set(arena, set, "path", plx_v_str(arena, "0")) &&
         plx_v_set(arena, set, "coordinateTransformations", moves) && plx_v_push(arena, sets, set) &&
         plx_v_set(arena, one, "version", plx_v_str(arena, "0.4")) &&
         plx_v_set(arena, one, "name", plx_v_str(arena, spec->name)) && plx_v_set(arena, one, "axes", axes) &&
         plx_v_set(arena, one, "datasets", sets) && plx_v_push(arena, scales, one) &&
         plx_v_set(arena, root, "multiscales", scales);
    if (ok && strcmp(spec->role, "labels") == 0) {
        plx_value *label = plx_v_obj(arena);
        ok = label && plx_v_set(arena, label, "version", plx_v_str(arena, "0.4")) &&
             plx_v_set(arena, root, "image-label", label);
    }
    return ok ? root : NULL;
}

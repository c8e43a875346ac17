/* SPDX-License-Identifier: Apache-2.0
 *
 * HDF5 types and extents in the terms of core/array.h. Runs in the child process.
 */
#include "core/str.h"
#include "formats/h5_lib.h"

#include <string.h>

static bool sized(plx_h5_type *t, size_t size, const plx_dtype by_log[4])
{
    for (int i = 0; i < 4; i++) {
        if (size == (size_t)1 << i && by_log[i] != PLX_STR) {
            t->sort = PLX_H5_NUMBER;
            t->dtype = by_log[i];
            t->what = plx_dtype_name(t->dtype);
            return true;
        }
    }
    return false;
}

static bool integer(const plx_h5_lib *lib, hid_t native, plx_h5_type *t)
{
    static const plx_dtype with_sign[] = {PLX_I8, PLX_I16, PLX_I32, PLX_I64};
    static const plx_dtype without[] = {PLX_U8, PLX_U16, PLX_U32, PLX_U64};
    return sized(t, t->size, lib->H5Tget_sign(native) == H5T_SGN_2 ? with_sign : without);
}

static bool member_is(const plx_h5_lib *lib, hid_t type, unsigned i, const char *name)
{
    char *got = lib->H5Tget_member_name(type, i);
    bool same = got && strcmp(got, name) == 0;
    lib->H5free_memory(got);
    return same;
}

static bool enumeration(const plx_h5_lib *lib, hid_t native, plx_h5_type *t)
{
    hid_t base = lib->H5Tget_super(native);
    bool ok = base >= 0 && integer(lib, base, t);
    if (ok && t->size == 1 && lib->H5Tget_nmembers(native) == 2 && member_is(lib, native, 0, "FALSE") &&
        member_is(lib, native, 1, "TRUE")) {
        t->dtype = PLX_B1;
        t->what = plx_dtype_name(PLX_B1);
    }
    return ok;
}

static bool complex_number(const plx_h5_lib *lib, hid_t native, plx_h5_type *t)
{
    if (lib->H5Tget_nmembers(native) != 2 || !member_is(lib, native, 0, "r") || !member_is(lib, native, 1, "i") ||
        lib->H5Tget_member_class(native, 0) != H5T_FLOAT || lib->H5Tget_member_class(native, 1) != H5T_FLOAT ||
        lib->H5Tget_member_offset(native, 1) * 2 != t->size || (t->size != 8 && t->size != 16)) {
        return false;
    }
    t->sort = PLX_H5_NUMBER;
    t->dtype = t->size == 8 ? PLX_C64 : PLX_C128;
    t->what = plx_dtype_name(t->dtype);
    return true;
}

static void numeric(const plx_h5_lib *lib, hid_t type, H5T_class_t class, plx_h5_type *t)
{
    static const plx_dtype reals[] = {PLX_STR, PLX_STR, PLX_F32, PLX_F64};
    hid_t native = lib->H5Tget_native_type(type, H5T_DIR_ASCEND);
    if (native < 0) {
        return;
    }
    t->memory = native;
    t->size = lib->H5Tget_size(native);
    if (class == H5T_INTEGER) {
        integer(lib, native, t);
    } else if (class == H5T_FLOAT) {
        sized(t, t->size, reals);
    } else if (class == H5T_ENUM) {
        enumeration(lib, native, t);
    } else {
        complex_number(lib, native, t);
    }
}

bool plx_h5_type_of(const plx_h5_lib *lib, hid_t type, plx_h5_type *out)
{
    static const char *const classes[] = {"integer",  "real", "time", "str",  "bit field", "opaque",
                                          "compound", "ref",  "enum", "vlen", "array"};
    H5T_class_t class = lib->H5Tget_class(type);
    if (class < 0 || (size_t) class >= sizeof classes / sizeof *classes) {
        return false;
    }
    *out = (plx_h5_type){.sort = PLX_H5_OTHER, .dtype = PLX_STR, .memory = type, .what = classes[class]};
    out->size = lib->H5Tget_size(type);
    if (class == H5T_INTEGER || class == H5T_FLOAT || class == H5T_ENUM || class == H5T_COMPOUND) {
        numeric(lib, type, class, out);
    } else if (class == H5T_STRING) {
        htri_t variable = lib->H5Tis_variable_str(type);
        out->memory = lib->H5Tcopy(type);
        out->pad = lib->H5Tget_strpad(type);
        out->sort = variable > 0 ? PLX_H5_VARIABLE : variable == 0 ? PLX_H5_FIXED : PLX_H5_OTHER;
    } else if (class == H5T_REFERENCE) {
        out->memory = lib->H5Tcopy(type);
        out->sort = lib->H5Tequal(type, *lib->ref_obj) > 0 ? PLX_H5_REFERENCE : PLX_H5_OTHER;
    }
    return out->memory >= 0 && out->size > 0;
}

bool plx_h5_text(const plx_h5_lib *lib, hid_t file, const plx_h5_type *type, const uint8_t *at, plx_sb *sb)
{
    if (type->sort == PLX_H5_FIXED) {
        const char *text = (const char *)at;
        size_t len = type->size;
        if (type->pad == H5T_STR_SPACEPAD) {
            for (; len > 0 && text[len - 1] == ' '; len--) {
            }
        } else {
            len = strnlen(text, len);
        }
        plx_sb_bytes(sb, text, len);
        return true;
    }
    if (type->sort == PLX_H5_VARIABLE) {
        char *text;
        memcpy(&text, at, sizeof text);
        plx_sb_text(sb, text ? text : "");
        return true;
    }
    hobj_ref_t ref;
    memcpy(&ref, at, sizeof ref);
    if (ref == 0) {
        return true; /* an empty reference is empty text */
    }
    hid_t object = lib->H5Rdereference2(file, H5P_DEFAULT, H5R_OBJECT, &ref);
    char name[4096];
    ssize_t n = object >= 0 ? lib->H5Iget_name(object, name, sizeof name) : -1;
    if (object >= 0) {
        lib->H5Oclose(object);
    }
    if (n <= 0 || (size_t)n >= sizeof name) {
        return false;
    }
    plx_sb_bytes(sb, name, (size_t)n);
    return true;
}

bool plx_h5_extent(const plx_h5_lib *lib, hid_t space, int *ndim, hsize_t shape[H5S_MAX_RANK], uint64_t *count)
{
    H5S_class_t class = lib->H5Sget_simple_extent_type(space);
    int n = class == H5S_SIMPLE ? lib->H5Sget_simple_extent_ndims(space) : 0;
    if (class == H5S_NO_CLASS || n < 0 || n > PLX_MAX_DIMS) {
        return false;
    }
    if (n > 0 && lib->H5Sget_simple_extent_dims(space, shape, NULL) != n) {
        return false;
    }
    if (class == H5S_NULL) {
        n = 1;
        shape[0] = 0;
    }
    *ndim = n;
    *count = 1;
    for (int i = 0; i < n; i++) {
        if (__builtin_mul_overflow(*count, (uint64_t)shape[i], count)) {
            return false;
        }
    }
    return true;
}

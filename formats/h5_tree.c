/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk over groups, and the description of what is met. Runs in the child process. A group that holds itself is
 * shown as a link where it comes again; soft and external links are shown and not followed.
 */
#include "core/utf8.h"
#include "formats/h5_lib.h"
#include "formats/outline.h"

#include <string.h>

enum { DEPTH = 64, TARGET = 4096, VALUES = 4096, FILTERS = 32, SINGLE_BYTES = 1 << 16 };

typedef struct walk {
    const plx_h5_lib *lib;
    const plx_ctx *ctx;
    const char *name;
    plx_h5_visit visit;
    void *payload;
    plx_err *err;
    plx_sb path;
    haddr_t above[DEPTH]; /* groups that are open */
    uint32_t depth, max_depth, n, max_n;
    bool failed;
} walk;

static bool walk_node(walk *w, hid_t node);

static bool walk_object(walk *w, hid_t group, const char *name)
{
    hid_t node = w->lib->H5Oopen(group, name, H5P_DEFAULT);
    if (node < 0) {
        return plx_fail(w->err, PLX_E_FORMAT, "%s is damaged: its object %s cannot be opened", w->name,
                        plx_sb_str(&w->path));
    }
    bool ok = walk_node(w, node);
    w->lib->H5Oclose(node);
    return ok;
}

static bool walk_link(walk *w, hid_t group, const char *name, const H5L_info_t *info)
{
    char target[TARGET] = "";
    if (info->type == H5L_TYPE_SOFT && info->u.val_size < sizeof target) {
        (void)w->lib->H5Lget_val(group, name, target, sizeof target - 1, H5P_DEFAULT);
    } else if (info->type == H5L_TYPE_EXTERNAL) {
        memcpy(target, "another file", sizeof "another file");
    }
    return w->visit(w->payload, plx_sb_str(&w->path), -1, H5I_BADID, target, w->err);
}

static herr_t each_link(hid_t group, const char *name, const H5L_info_t *info, void *payload)
{
    walk *w = payload;
    size_t len = w->path.len;
    plx_sb_printf(&w->path, "%s%s", len > 1 ? "/" : "", name);
    bool ok = !w->path.failed || plx_fail_nomem(w->err, w->path.len);
    if (ok && ++w->n > w->max_n) {
        ok = plx_fail(w->err, PLX_E_LIMIT, "%s holds more than %u objects", w->name, w->max_n);
    }
    ok = ok && plx_ctx_go_on(w->ctx, w->err) &&
         (info->type == H5L_TYPE_HARD ? walk_object(w, group, name) : walk_link(w, group, name, info));
    if (w->path.ptr && !w->path.failed) {
        w->path.len = len;
        w->path.ptr[len] = '\0';
    }
    w->failed = w->failed || !ok;
    return ok ? 0 : -1;
}

static bool walk_node(walk *w, hid_t node)
{
    H5I_type_t kind = w->lib->H5Iget_type(node);
    if (kind != H5I_GROUP) {
        return w->visit(w->payload, plx_sb_str(&w->path), node, kind, NULL, w->err);
    }
    H5O_info_t info;
    if (w->lib->H5Oget_info2(node, &info, H5O_INFO_BASIC) < 0) {
        return plx_fail(w->err, PLX_E_FORMAT, "%s is damaged at %s", w->name, plx_sb_str(&w->path));
    }
    for (uint32_t i = 0; i < w->depth; i++) {
        if (w->above[i] == info.addr) {
            return w->visit(w->payload, plx_sb_str(&w->path), -1, H5I_BADID, "a group above", w->err);
        }
    }
    if (w->depth == w->max_depth) {
        return plx_fail(w->err, PLX_E_LIMIT, "%s has groups more than %u levels deep", w->name, w->max_depth);
    }
    if (!w->visit(w->payload, plx_sb_str(&w->path), node, kind, NULL, w->err)) {
        return false;
    }
    w->above[w->depth++] = info.addr;
    hsize_t index = 0;
    herr_t got = w->lib->H5Literate(node, H5_INDEX_NAME, H5_ITER_INC, &index, each_link, w);
    w->depth--;
    if (got < 0 && !w->failed) {
        return plx_fail(w->err, PLX_E_FORMAT, "%s is damaged: group %s cannot be listed", w->name,
                        plx_sb_str(&w->path));
    }
    return got >= 0;
}

bool plx_h5_walk(const plx_h5_lib *lib, const plx_ctx *ctx, const char *name, hid_t file, plx_h5_visit visit,
                 void *payload, plx_err *err)
{
    plx_limits limits = plx_limits_of(ctx);
    walk w = {.lib = lib, .ctx = ctx, .name = name, .visit = visit, .payload = payload, .err = err};
    w.max_depth = limits.depth < DEPTH ? limits.depth : DEPTH;
    w.max_n = limits.entries;
    plx_sb_char(&w.path, '/');
    bool ok = walk_object(&w, file, "/");
    plx_sb_free(&w.path);
    return ok;
}

/* --- description --- */

static plx_value *element(const plx_h5_lib *lib, hid_t file, const plx_h5_type *type, const uint8_t *at,
                          plx_arena *arena)
{
    if (type->sort != PLX_H5_NUMBER) {
        plx_sb sb = {0};
        bool ok = plx_h5_text(lib, file, type, at, &sb) && !sb.failed;
        bool text = ok && plx_utf8_valid_prefix(plx_sb_str(&sb), sb.len) == sb.len;
        plx_value *value = text ? plx_v_strn(arena, plx_sb_str(&sb), sb.len) : plx_v_null(arena);
        plx_sb_free(&sb);
        return value;
    }
    return plx_outline_number(arena, type->dtype, at);
}

static plx_value *shape_value(plx_arena *arena, int ndim, const hsize_t *shape)
{
    plx_value *list = plx_v_arr(arena);
    for (int i = 0; list && i < ndim; i++) {
        if (!plx_v_push(arena, list, plx_v_u64(arena, shape[i]))) {
            return NULL;
        }
    }
    return list;
}

static bool attribute_value(const plx_h5_lib *lib, hid_t file, hid_t attribute, const plx_h5_type *type, uint64_t count,
                            bool scalar, plx_value *out, plx_arena *arena)
{
    uint8_t *bytes = plx_arena_zero(arena, (size_t)count + 1, type->size);
    if (!bytes) {
        return false;
    }
    if (count > 0 && lib->H5Aread(attribute, type->memory, bytes) < 0) {
        return true; /* described, without a value */
    }
    if (scalar) {
        return plx_v_set(arena, out, "value", element(lib, file, type, bytes, arena));
    }
    plx_value *list = plx_v_arr(arena);
    for (uint64_t i = 0; list && i < count; i++) {
        if (!plx_v_push(arena, list, element(lib, file, type, bytes + i * type->size, arena))) {
            return false;
        }
    }
    return plx_v_set(arena, out, "value", list);
}

typedef struct attributes {
    const plx_h5_lib *lib;
    hid_t file;
    plx_arena *arena;
    plx_value *out;
} attributes;

static herr_t each_attribute(hid_t node, const char *name, const H5A_info_t *info, void *payload)
{
    (void)info;
    attributes *a = payload;
    const plx_h5_lib *lib = a->lib;
    hid_t attribute = lib->H5Aopen(node, name, H5P_DEFAULT);
    hid_t type = attribute >= 0 ? lib->H5Aget_type(attribute) : -1;
    hid_t space = attribute >= 0 ? lib->H5Aget_space(attribute) : -1;
    plx_h5_type t;
    hsize_t shape[H5S_MAX_RANK];
    int ndim;
    uint64_t count;
    plx_value *entry = plx_v_obj(a->arena);
    bool ok = entry != NULL;
    if (ok && type >= 0 && space >= 0 && plx_h5_type_of(lib, type, &t) &&
        plx_h5_extent(lib, space, &ndim, shape, &count)) {
        ok = plx_v_set(a->arena, entry, "dtype", plx_v_str(a->arena, t.what)) &&
             plx_v_set(a->arena, entry, "shape", shape_value(a->arena, ndim, shape));
        if (ok && t.sort != PLX_H5_OTHER && count <= VALUES && t.size <= ((size_t)1 << 20) / (count + 1)) {
            ok = attribute_value(lib, a->file, attribute, &t, count, ndim == 0, entry, a->arena);
        }
    }
    ok = ok && plx_v_set(a->arena, a->out, name, entry);
    if (space >= 0) {
        lib->H5Sclose(space);
    }
    if (attribute >= 0) {
        lib->H5Aclose(attribute);
    }
    return ok ? 0 : -1;
}

static bool describe_storage(const plx_h5_lib *lib, hid_t plist, plx_value *out, plx_arena *arena)
{
    H5D_layout_t layout = lib->H5Pget_layout(plist);
    const char *name = layout == H5D_COMPACT      ? "compact"
                       : layout == H5D_CONTIGUOUS ? "contiguous"
                       : layout == H5D_CHUNKED    ? "chunked"
                       : layout == H5D_VIRTUAL    ? "virtual"
                                                  : "unknown";
    hsize_t chunks[H5S_MAX_RANK];
    bool ok = plx_v_set(arena, out, "layout", plx_v_str(arena, name));
    if (ok && layout == H5D_CHUNKED) {
        int n = lib->H5Pget_chunk(plist, H5S_MAX_RANK, chunks);
        ok = plx_v_set(arena, out, "chunks", shape_value(arena, n > 0 && n <= H5S_MAX_RANK ? n : 0, chunks));
    }
    int n = lib->H5Pget_nfilters(plist);
    if (n <= 0) {
        return ok;
    }
    plx_value *list = plx_v_arr(arena);
    for (int i = 0; list && i < n && i < FILTERS; i++) {
        char text[64] = "";
        unsigned flags, config, values[16];
        size_t n_values = sizeof values / sizeof *values;
        H5Z_filter_t id =
            lib->H5Pget_filter2(plist, (unsigned)i, &flags, &n_values, values, sizeof text, text, &config);
        text[sizeof text - 1] = '\0';
        bool named = text[0] && plx_utf8_valid_prefix(text, strlen(text)) == strlen(text);
        char *label = named ? plx_arena_strdup(arena, text) : plx_arena_printf(arena, "filter %d", (int)id);
        if (!label || !plx_v_push(arena, list, plx_v_str(arena, label))) {
            return false;
        }
    }
    return ok && plx_v_set(arena, out, "filters", list);
}

/* The one value of a data set, which costs less to show than to ask for. */
static bool single_value(const plx_h5_lib *lib, hid_t file, hid_t node, hid_t plist, const plx_h5_type *type,
                         plx_value *out, plx_arena *arena)
{
    if (type->sort == PLX_H5_OTHER || type->size > SINGLE_BYTES || lib->H5Pget_external_count(plist) != 0 ||
        lib->H5Pget_layout(plist) == H5D_VIRTUAL || lib->H5Pget_layout(plist) == H5D_CHUNKED) {
        return true;
    }
    uint8_t *bytes = plx_arena_zero(arena, 1, type->size);
    if (!bytes) {
        return false;
    }
    return lib->H5Dread(node, type->memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) < 0 ||
           plx_v_set(arena, out, "value", element(lib, file, type, bytes, arena));
}

static bool describe_dataset(const plx_h5_lib *lib, hid_t file, hid_t node, plx_value *out, plx_arena *arena)
{
    hid_t type = lib->H5Dget_type(node), space = lib->H5Dget_space(node), plist = lib->H5Dget_create_plist(node);
    plx_h5_type t;
    hsize_t shape[H5S_MAX_RANK];
    int ndim;
    uint64_t count;
    bool known = type >= 0 && plx_h5_type_of(lib, type, &t);
    bool ok = plx_v_set(arena, out, "dtype", plx_v_str(arena, known ? t.what : "unknown"));
    bool sized = known && space >= 0 && plx_h5_extent(lib, space, &ndim, shape, &count);
    if (ok && sized) {
        ok = plx_v_set(arena, out, "shape", shape_value(arena, ndim, shape));
    }
    if (ok && plist >= 0) {
        ok = describe_storage(lib, plist, out, arena) &&
             (!sized || count != 1 || single_value(lib, file, node, plist, &t, out, arena));
        lib->H5Pclose(plist);
    }
    if (space >= 0) {
        lib->H5Sclose(space);
    }
    return ok;
}

plx_value *plx_h5_describe(const plx_h5_lib *lib, hid_t file, const char *path, hid_t node, H5I_type_t kind,
                           const char *target, plx_arena *arena)
{
    plx_value *out = plx_v_obj(arena);
    const char *name = target                 ? "link"
                       : kind == H5I_GROUP    ? "group"
                       : kind == H5I_DATASET  ? "dataset"
                       : kind == H5I_DATATYPE ? "type"
                                              : "unknown";
    bool ok = out && plx_v_set(arena, out, "path", plx_v_str(arena, path)) &&
              plx_v_set(arena, out, "kind", plx_v_str(arena, name));
    if (ok && target) {
        return plx_v_set(arena, out, "target", plx_v_str(arena, target)) ? out : NULL;
    }
    if (ok && kind == H5I_DATASET) {
        ok = describe_dataset(lib, file, node, out, arena);
    }
    attributes a = {.lib = lib, .file = file, .arena = arena, .out = plx_v_obj(arena)};
    if (ok && a.out) {
        hsize_t index = 0;
        (void)lib->H5Aiterate2(node, H5_INDEX_NAME, H5_ITER_INC, &index, each_attribute, &a);
        ok = a.out->u.obj.n == 0 || plx_v_set(arena, out, "attributes", a.out);
    }
    return ok && a.out ? out : NULL;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Kind "volume": images, labels, masks and affinities on a grid of voxels, bigger than memory. The arrays are described
 * in the attribute "arrays" (schemas/volume.h) and are no columns; labels may come with a table of instances.
 */
#include "schemas/kind.h"
#include "schemas/volume.h"

#include <string.h>

static const plx_member_spec members[] = {
    {"instances/array", PLX_STR, 1, "", false, "array of labels the instance is in"},
    {"instances/channel", PLX_U32, 1, "", false, "channel it is in; 0 where labels have no channels"},
    {"instances/label", PLX_U64, 1, "", false, "value of its voxels; rows are sorted by array, channel and label"},
    {"instances/voxels", PLX_U64, 1, "", false, "number of its voxels"},
    {"instances/shared_voxels", PLX_U64, 1, "", false, "how many of them other instances have too"},
    {"instances/dim", PLX_I8, 1, "", false, "1 when the source calls it dim, 0 when not, -1 when it says nothing"},
    {NULL, PLX_U8, 0, NULL, false, NULL},
};

static const char *const attributes[] = {"arrays", "organism", "region", NULL};

static const plx_count_spec count_specs[] = {
    {"arrays", "arrays"},
    {"voxels", "places of the grid of the first array, channels not counted"},
    {"channels", "channels of the first array"},
    {"instances", "labelled instances"},
    {"dim_instances", "of them, called dim"},
    {"instance_voxels", "sum of the voxels of all instances"},
    {"overlap_voxels", "places of more than one instance"},
    {NULL, NULL},
};

static const char *const columns[] = {"array", "channel", "label", "voxels", "shared_voxels", "dim"};

static bool same_grid(const plx_volume_spec *a, const plx_volume_spec *b)
{
    const char *za = strpbrk(a->axes, "zy"), *zb = strpbrk(b->axes, "zy");
    size_t n = strlen(za);
    return strcmp(za, zb) == 0 && memcmp(a->shape + a->ndim - n, b->shape + b->ndim - n, n * sizeof *a->shape) == 0;
}

static size_t channels(const plx_volume_spec *spec)
{
    const char *at = strchr(spec->axes, 'c');
    return at ? spec->shape[at - spec->axes] : 1;
}

static void check_arrays(const plx_value *list, plx_violations *found)
{
    plx_volume_spec first = {0}, spec;
    if (!list || list->kind != PLX_V_ARR || list->u.arr.n == 0) {
        plx_violation(found, "attribute arrays must be a list of at least one array");
        return;
    }
    for (size_t i = 0; i < list->u.arr.n; i++) {
        const char *why = plx_volume_spec_parse(list->u.arr.items[i], &spec);
        if (why) {
            plx_violation(found, "arrays[%zu] has %s", i, why);
            return;
        }
        if (i == 0) {
            first = spec;
        }
        bool labels = strcmp(spec.role, "labels") == 0;
        if (!same_grid(&first, &spec)) {
            plx_violation(found, "array %s has another grid of voxels than array %s", spec.name, first.name);
        }
        if (spec.overlapping && (!labels || !strchr(spec.axes, 'c'))) {
            plx_violation(found, "array %s: only labels with channels can overlap", spec.name);
        }
        if (labels && (spec.dtype < PLX_I8 || spec.dtype > PLX_U64)) {
            plx_violation(found, "array %s: labels must be integers", spec.name);
        }
        for (size_t k = 0; k < i; k++) {
            const char *name = plx_v_get_text(list->u.arr.items[k], "name");
            if (name && strcmp(name, spec.name) == 0) {
                plx_violation(found, "two arrays are called %s", name);
            }
        }
    }
}

static void check_instances(const plx_record_view *view, const plx_table *table, plx_violations *found)
{
    const plx_column *c[6];
    for (size_t i = 0; i < 6; i++) {
        c[i] = plx_table_find(table, columns[i]);
        if (!c[i]) {
            plx_violation(found, "instances/%s is missing", columns[i]);
            return;
        }
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        plx_volume_spec spec;
        char name[PLX_VOLUME_NAME];
        plx_slice text = plx_column_str(c[0], i);
        snprintf(name, sizeof name, "%.*s", (int)(text.len < sizeof name ? text.len : sizeof name - 1), text.ptr);
        if (!plx_volume_spec_find(view->meta, name, &spec, NULL) || strcmp(spec.role, "labels") != 0) {
            plx_violation(found, "instances row %zu: there are no labels called %s", i, name);
            continue;
        }
        double channel = plx_column_f64(c[1], i), voxels = plx_column_f64(c[3], i), dim = plx_column_f64(c[5], i);
        if (channel >= (double)channels(&spec)) {
            plx_violation(found, "instances row %zu: array %s has no channel %g", i, name, channel);
        }
        if (!(plx_column_f64(c[2], i) > 0) || !(voxels > 0)) {
            plx_violation(found, "instances row %zu: label and voxels must be above 0", i);
        }
        if (plx_column_f64(c[4], i) > voxels || (!spec.overlapping && plx_column_f64(c[4], i) > 0)) {
            plx_violation(found, "instances row %zu shares more voxels than it can", i);
        }
        if (dim < -1 || dim > 1) {
            plx_violation(found, "instances row %zu: dim must be -1, 0 or 1", i);
        }
        bool sorted = i == 0;
        for (size_t k = 0; !sorted && k < 3; k++) {
            int order = k == 0 ? plx_slice_cmp(plx_column_str(c[0], i - 1), text)
                               : (plx_column_f64(c[k], i - 1) > plx_column_f64(c[k], i)) -
                                     (plx_column_f64(c[k], i - 1) < plx_column_f64(c[k], i));
            sorted = order < 0;
            if (order > 0) {
                break;
            }
        }
        if (!sorted) {
            plx_violation(found, "instances rows %zu and %zu are out of order or the same", i - 1, i);
        }
    }
}

static bool validate(const plx_ctx *ctx, const plx_record_view *view, plx_violations *found, plx_err *err)
{
    const plx_table *table = NULL;
    if (!plx_ctx_go_on(ctx, err) || !view->table(view, "instances", &table, err)) {
        return false;
    }
    size_t before = found->n;
    check_arrays(plx_v_get(view->meta, "arrays"), found);
    if (found->n == before && table) {
        check_instances(view, table, found);
    }
    return true;
}

static bool counts(const plx_ctx *ctx, const plx_record_view *view, plx_arena *arena, plx_value *out, plx_err *err)
{
    const plx_table *table = NULL;
    plx_volume_spec first;
    if (!plx_ctx_go_on(ctx, err) || !view->table(view, "instances", &table, err) ||
        !plx_volume_spec_find(view->meta, NULL, &first, err)) {
        return false;
    }
    uint64_t voxels = 1, n_dim = 0, n_voxels = 0;
    int64_t overlap = 0;
    for (int d = 0; d < first.ndim; d++) {
        voxels *= first.axes[d] == 'c' ? 1 : first.shape[d];
    }
    for (size_t i = 0; table && i < table->n_rows; i++) {
        n_dim += plx_column_f64(plx_table_find(table, "dim"), i) > 0;
        n_voxels += (uint64_t)plx_column_f64(plx_table_find(table, "voxels"), i);
    }
    (void)plx_v_as_i64(plx_v_get(view->meta, "overlap_voxels"), &overlap);
    const uint64_t values[] = {
        plx_v_get(view->meta, "arrays")->u.arr.n, voxels, channels(&first), table ? table->n_rows : 0, n_dim, n_voxels,
        overlap > 0 ? (uint64_t)overlap : 0};
    plx_value *obj = plx_v_obj(arena);
    bool ok = obj != NULL;
    for (size_t i = 0; ok && count_specs[i].name; i++) {
        ok = plx_v_set(arena, obj, count_specs[i].name, plx_v_u64(arena, values[i]));
    }
    return (ok && plx_v_set(arena, out, "counts", obj)) || plx_fail_nomem(err, 0);
}

extern const plx_kind plx_kind_volume;
const plx_kind plx_kind_volume = {
    .name = "volume",
    .title = "Volume",
    .doc =
        "Images, labels, masks and affinities on one grid of voxels, each an array in chunks that may be bigger than "
        "memory; labels may overlap, one instance per channel.",
    .members = members,
    .attributes = attributes,
    .count_specs = count_specs,
    .validate = validate,
    .counts = counts,
};

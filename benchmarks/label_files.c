/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading pairs of label volumes.
 */
#include "benchmarks/label_files.h"

#include "core/str.h"
#include "formats/json.h"
#include "formats/source.h"
#include "registry/hash_file.h"

/* A third of what may be held: runs are gathered, sorted, and joined in a second list. */
static size_t run_budget(const plx_ctx *ctx)
{
    enum { BYTES_PER_RUN = 96 };
    return (size_t)(plx_limits_of(ctx).memory_bytes / BYTES_PER_RUN);
}

static const char *shape_text(int ndim, const size_t *shape, plx_arena *arena)
{
    plx_sb sb = {0};
    for (int k = 0; k < ndim; k++) {
        plx_sb_printf(&sb, "%s%zu", k ? " x " : "", shape[k]);
    }
    const char *text = plx_arena_strdup(arena, plx_sb_str(&sb));
    plx_sb_free(&sb);
    return text ? text : "";
}

static bool add_block(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    return plx_instance_builder_add(payload, start, block, err);
}

/* What is asked of either kind of side. */
typedef struct about {
    plx_dtype dtype;
    int ndim;
    const size_t *shape;
    const plx_volume_info *info; /* NULL: labels in memory */
} about;

static about about_of(const plx_label_side *side)
{
    const plx_array *array = side->array;
    if (array) {
        return (about){array->dtype, array->ndim, array->shape, NULL};
    }
    const plx_volume_info *info = plx_volume_about(side->volume);
    return (about){info->dtype, info->ndim, info->shape, info};
}

static bool read_side(const plx_ctx *ctx, const plx_label_side *side, const plx_label_layout *layout,
                      plx_instances *out, plx_err *err)
{
    static const size_t origin[PLX_MAX_DIMS] = {0};
    plx_instance_builder *builder;
    if (!plx_instance_builder_new(layout, about_of(side).dtype, run_budget(ctx), &builder, err)) {
        return plx_note(err, "in %s", side->name);
    }
    bool ok = side->volume ? plx_volume_each(ctx, side->volume, true, add_block, builder, err)
                           : plx_instance_builder_add(builder, origin, side->array, err);
    if (!ok) {
        plx_instance_builder_free(builder);
        return plx_note(err, "in %s", side->name);
    }
    return plx_instance_builder_finish(builder, out, err);
}

static bool read_dim(const plx_volume_info *info, const plx_value *listed, plx_arena *arena, plx_label_pair *out,
                     plx_err *err)
{
    const plx_value *list = plx_v_get(info->attributes, "dim_neurons");
    if (!list || list->kind == PLX_V_NULL) {
        const char *base = plx_path_base(info->path), *name = plx_arena_strndup(arena, base, strcspn(base, "."));
        list = name ? plx_v_find_list(listed, name) : NULL;
        if (!list) {
            return name || plx_fail_nomem(err, strlen(base));
        }
    }
    if (list->kind != PLX_V_ARR) {
        return plx_fail(err, PLX_E_FORMAT, "dim_neurons of %s is not a list", info->path);
    }
    out->dim = plx_arena_zero(arena, list->u.arr.n + 1, sizeof *out->dim);
    if (!out->dim) {
        return plx_fail_nomem(err, list->u.arr.n * sizeof *out->dim);
    }
    for (size_t i = 0; i < list->u.arr.n; i++) {
        if (!plx_v_as_i64(list->u.arr.items[i], &out->dim[out->n_dim++])) {
            return plx_fail(err, PLX_E_FORMAT, "dim_neurons of %s holds something that is no label", info->path);
        }
    }
    return true;
}

typedef struct tree {
    const plx_ctx *ctx;
    const char *dir;
    plx_sha256 sha;
} tree;

static bool add_file(void *payload, const char *rel_path, uint64_t bytes, bool is_link, plx_err *err)
{
    tree *t = payload;
    char path[PLX_PATH];
    plx_digest digest;
    (void)is_link;
    if (!plx_path_join(path, t->dir, rel_path, err) || !plx_hash_path(t->ctx, path, &digest, &bytes, err)) {
        return false;
    }
    plx_sha256_update(&t->sha, rel_path, strlen(rel_path) + 1);
    plx_sha256_update(&t->sha, digest.bytes, sizeof digest.bytes);
    return true;
}

bool plx_label_hash(const plx_ctx *ctx, const char *path, char hex[PLX_SHA256_HEX + 1], plx_err *err)
{
    plx_digest digest;
    uint64_t bytes;
    if (plx_fs_is_dir(path)) {
        tree t = {.ctx = ctx, .dir = path};
        plx_sha256_init(&t.sha);
        if (!plx_fs_walk(path, add_file, &t, err)) {
            return false;
        }
        digest = plx_sha256_final(&t.sha);
    } else if (!plx_hash_path(ctx, path, &digest, &bytes, err)) {
        return false;
    }
    plx_digest_hex(&digest, hex);
    return true;
}

static bool read_both(const plx_ctx *ctx, const plx_label_side *pred, const plx_label_side *truth,
                      const plx_label_pair_opts *opts, plx_arena *arena, plx_label_pair *out, plx_err *err)
{
    const about p = about_of(pred), t = about_of(truth);
    plx_label_layout pl, tl;
    out->spatial = opts->spatial ? opts->spatial : p.ndim == 2 && t.ndim == 2 ? 2 : 3;
    out->pred_shape = shape_text(p.ndim, p.shape, arena);
    out->truth_shape = shape_text(t.ndim, t.shape, arena);
    if (!plx_label_layout_of(p.ndim, p.shape, out->spatial, opts->squeeze, &pl, err)) {
        return plx_note(err, "in %s", pred->name);
    }
    if (!plx_label_layout_of(t.ndim, t.shape, out->spatial, opts->squeeze, &tl, err)) {
        return plx_note(err, "in %s", truth->name);
    }
    if (!plx_label_layout_crop(&pl, &tl, &out->cropped, err)) {
        plx_note(err, "prediction %s", pred->name);
        return plx_note(err, "truth %s", truth->name);
    }
    if (opts->digests && ((p.info && !plx_label_hash(ctx, p.info->path, out->pred_sha256, err)) ||
                          (t.info && !plx_label_hash(ctx, t.info->path, out->truth_sha256, err)))) {
        return false;
    }
    return (!t.info || read_dim(t.info, opts->dim, arena, out, err)) && read_side(ctx, pred, &pl, &out->pred, err) &&
           read_side(ctx, truth, &tl, &out->truth, err);
}

bool plx_label_pair_of(const plx_ctx *ctx, const plx_label_side *pred, const plx_label_side *truth,
                       const plx_label_pair_opts *opts, plx_arena *arena, plx_label_pair *out, plx_err *err)
{
    *out = (plx_label_pair){0};
    bool ok = read_both(ctx, pred, truth, opts, arena, out, err);
    if (!ok) {
        plx_label_pair_free(out);
    }
    return ok;
}

bool plx_label_pair_read(const plx_ctx *ctx, const char *pred, const char *truth, const plx_label_pair_opts *opts,
                         plx_arena *arena, plx_label_pair *out, plx_err *err)
{
    plx_volume *p, *t;
    *out = (plx_label_pair){0};
    if (!plx_volume_open(ctx, pred, &p, err)) {
        return false;
    }
    if (!plx_volume_open(ctx, truth, &t, err)) {
        plx_volume_close(p);
        return false;
    }
    const plx_label_side a = {.name = pred, .volume = p}, b = {.name = truth, .volume = t};
    bool ok = plx_label_pair_of(ctx, &a, &b, opts, arena, out, err);
    plx_volume_close(p);
    plx_volume_close(t);
    return ok;
}

bool plx_label_pair_score(const plx_ctx *ctx, plx_label_pair *pair, plx_iscore_options *options, plx_arena *arena,
                          plx_iscore *out, plx_err *err)
{
    options->spatial = pair->spatial;
    options->dim = pair->dim;
    options->n_dim = pair->n_dim;
    return plx_iscore_run(&pair->truth, &pair->pred, options, plx_iscore_max_cells(plx_limits_of(ctx).memory_bytes),
                          arena, out, err) &&
           (!pair->cropped || plx_iscore_say(arena, out, "cropped", err,
                                             "prediction %s and truth %s were cropped to one size around the centre",
                                             pair->pred_shape, pair->truth_shape));
}

bool plx_label_dim_read(const plx_ctx *ctx, const char *path, plx_arena *arena, plx_value **out, plx_err *err)
{
    plx_source *source;
    if (!plx_source_file(ctx, path, false, &source, err)) {
        return false;
    }
    bool ok = plx_json_read(ctx, arena, source, NULL, out, err);
    plx_source_close(source);
    return ok;
}

void plx_label_pair_free(plx_label_pair *pair)
{
    plx_instances_free(&pair->truth);
    plx_instances_free(&pair->pred);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Label volumes painted from boxes, and scores of two of them.
 */
#ifndef PLX_TESTS_LABEL_VOLUME_H
#define PLX_TESTS_LABEL_VOLUME_H

#include "benchmarks/kernels/iscore.h"
#include "support/support.h"

#include <check.h>
#include <string.h>

/* Channels first, then z (unless `spatial` is 2), y, x. */
static inline plx_array label_volume(plx_dtype dtype, size_t channels, int spatial, const size_t *shape)
{
    size_t full[4] = {channels};
    memcpy(full + 1, shape, (size_t)spatial * sizeof *shape);
    plx_array a;
    ck_assert(plx_array_new(dtype, spatial + 1, full, &a, NULL));
    return a;
}

static inline void paint_voxel(plx_array *a, size_t at, long label)
{
    uint8_t *p = a->buf.ptr + at * plx_dtype_size(a->dtype);
    int32_t i32 = (int32_t)label;
    int64_t i64 = label;
    uint16_t u16 = (uint16_t)label;
    if (a->dtype == PLX_I32) {
        memcpy(p, &i32, sizeof i32);
    } else if (a->dtype == PLX_I64) {
        memcpy(p, &i64, sizeof i64);
    } else if (a->dtype == PLX_U16) {
        memcpy(p, &u16, sizeof u16);
    } else {
        *p = (uint8_t)label;
    }
}

/* box: channel, then lower and upper end of each axis in space, then the label. */
static inline void paint_box(plx_array *a, const long *box)
{
    ck_assert_int_ge(a->ndim, 3);
    int n = a->ndim - 1;
    long lo[3] = {0, 0, 0}, hi[3] = {1, 1, 1};
    for (int k = 0; k < n; k++) {
        lo[3 - n + k] = box[1 + 2 * k];
        hi[3 - n + k] = box[2 + 2 * k];
    }
    size_t ny = a->shape[a->ndim - 2], nx = a->shape[a->ndim - 1], nz = n == 3 ? a->shape[1] : 1;
    for (long z = lo[0]; z < hi[0]; z++) {
        for (long y = lo[1]; y < hi[1]; y++) {
            for (long x = lo[2]; x < hi[2]; x++) {
                paint_voxel(a, (((size_t)box[0] * nz + (size_t)z) * ny + (size_t)y) * nx + (size_t)x, box[1 + 2 * n]);
            }
        }
    }
}

static inline plx_instances instances_of(const plx_array *a, const plx_label_layout *layout)
{
    plx_err err;
    plx_err_clear(&err);
    plx_instance_builder *builder;
    plx_instances out;
    static const size_t start[PLX_MAX_DIMS] = {0};
    ck_assert_msg(plx_instance_builder_new(layout, a->dtype, SIZE_MAX, &builder, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_instance_builder_add(builder, start, a, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_instance_builder_finish(builder, &out, &err), "%s", plx_test_err(&err));
    return out;
}

/* Score two volumes that were painted; their memory goes. `score` lives in `arena`. */
static inline bool score_volumes(plx_array *truth, plx_array *pred, const plx_iscore_options *options, plx_arena *arena,
                                 plx_iscore *score, plx_err *err)
{
    plx_label_layout a, b;
    bool cropped;
    ck_assert(plx_label_layout_of(truth->ndim, truth->shape, options->spatial, false, &a, NULL));
    ck_assert(plx_label_layout_of(pred->ndim, pred->shape, options->spatial, false, &b, NULL));
    ck_assert(plx_label_layout_crop(&a, &b, &cropped, NULL));
    plx_instances t = instances_of(truth, &a), p = instances_of(pred, &b);
    bool ok = plx_iscore_run(&t, &p, options, (size_t)1 << 24, arena, score, err);
    plx_instances_free(&t);
    plx_instances_free(&p);
    plx_array_free(truth);
    plx_array_free(pred);
    return ok;
}

#endif

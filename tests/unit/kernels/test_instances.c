/* SPDX-License-Identifier: Apache-2.0
 *
 * kernels/instances and label_cover: axes and cropping, blocks in any order and size, what is refused, and covers
 * against a look at every voxel.
 */
#include "benchmarks/kernels/label_cover.h"
#include "core/alloc.h"
#include "support/golden_input.h"
#include "support/label_volume.h"

START_TEST(axes)
{
    plx_label_layout l;
    plx_err err;
    plx_err_clear(&err);
    ck_assert(plx_label_layout_of(4, (size_t[]){7, 5, 6, 8}, 3, true, &l, NULL));
    ck_assert(l.n_channels == 7 && l.shape[0] == 5 && l.shape[2] == 8 && l.axis[0] == 0 && l.axis[3] == 3);
    ck_assert(plx_label_layout_of(3, (size_t[]){5, 6, 8}, 3, true, &l, NULL));
    ck_assert(l.n_channels == 1 && l.axis[0] == -1 && l.axis[1] == 0);
    ck_assert(plx_label_layout_of(3, (size_t[]){4, 6, 8}, 2, true, &l, NULL));
    ck_assert(l.n_channels == 4 && l.axis[1] == -1 && l.shape[0] == 1 && l.shape[1] == 6);
    /* One plane of a volume: the reference takes channels for planes; strict keeps the axes. */
    ck_assert(plx_label_layout_of(4, (size_t[]){3, 1, 6, 8}, 3, true, &l, NULL));
    ck_assert(l.n_channels == 1 && l.shape[0] == 3);
    ck_assert(plx_label_layout_of(4, (size_t[]){3, 1, 6, 8}, 3, false, &l, NULL));
    ck_assert(l.n_channels == 3 && l.shape[0] == 1);
    ck_assert(!plx_label_layout_of(3, (size_t[]){1, 6, 8}, 3, true, &l, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert(plx_label_layout_of(3, (size_t[]){1, 6, 8}, 3, false, &l, NULL));
    ck_assert(plx_label_layout_of(5, (size_t[]){1, 1, 4, 6, 8}, 3, false, &l, NULL));
    ck_assert(l.n_channels == 1 && l.axis[0] == 1 && l.axis[1] == 2);
    ck_assert(!plx_label_layout_of(5, (size_t[]){2, 2, 4, 6, 8}, 3, false, &l, &err));
    ck_assert(!plx_label_layout_of(2, (size_t[]){6, 8}, 3, true, &l, &err));
    ck_assert(!plx_label_layout_of(3, (size_t[]){6, 0, 8}, 3, true, &l, &err));
}
END_TEST

START_TEST(cropping)
{
    plx_label_layout a, b;
    bool cropped;
    plx_err err;
    plx_err_clear(&err);
    ck_assert(plx_label_layout_of(3, (size_t[]){10, 9, 8}, 3, true, &a, NULL));
    ck_assert(plx_label_layout_of(3, (size_t[]){7, 9, 4}, 3, true, &b, NULL));
    ck_assert(plx_label_layout_crop(&a, &b, &cropped, NULL));
    ck_assert(cropped && a.crop_lo[0] == 1 && a.crop_lo[1] == 0 && a.crop_lo[2] == 2 && a.crop_n[0] == 7);
    ck_assert(b.crop_lo[0] == 0 && b.crop_n[0] == 7);
    ck_assert(plx_label_layout_of(3, (size_t[]){11, 9, 4}, 3, true, &a, NULL));
    ck_assert(plx_label_layout_of(3, (size_t[]){7, 9, 5}, 3, true, &b, NULL));
    ck_assert(!plx_label_layout_crop(&a, &b, &cropped, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.what, "11 x 9 x 4 and 7 x 9 x 5"));
    b = a;
    ck_assert(plx_label_layout_crop(&a, &b, &cropped, NULL) && !cropped);
}
END_TEST

static void add_blocks(plx_instance_builder *b, const plx_array *a, const size_t *block, bool backwards)
{
    size_t n[4], total = 1;
    for (int k = 0; k < 4; k++) {
        n[k] = (a->shape[k] + block[k] - 1) / block[k];
        total *= n[k];
    }
    for (size_t i = 0; i < total; i++) {
        size_t at = backwards ? total - 1 - i : i, start[4], shape[4];
        for (int k = 3; k >= 0; k--) {
            start[k] = at % n[k] * block[k];
            at /= n[k];
            shape[k] = a->shape[k] - start[k] < block[k] ? a->shape[k] - start[k] : block[k];
        }
        plx_array part = plx_array_view(a->dtype, 4, shape, NULL), copy;
        memcpy(part.stride, a->stride, sizeof part.stride);
        ptrdiff_t offset = 0;
        for (int k = 0; k < 4; k++) {
            offset += (ptrdiff_t)start[k] * a->stride[k];
        }
        part.buf = plx_buf_view(a->buf.ptr + offset, a->buf.len - (size_t)offset);
        ck_assert(plx_array_to_c_order(&part, &copy, NULL));
        ck_assert(plx_instance_builder_add(b, start, &copy, NULL));
        plx_array_free(&copy);
    }
}

static plx_array noise(uint64_t seed, plx_dtype dtype)
{
    plx_array a = label_volume(dtype, 3, 3, (size_t[]){6, 7, 11});
    for (size_t i = 0; i < plx_array_count(&a); i++) {
        double u = golden_uniform(seed, 3, i);
        paint_voxel(&a, i, u < 0.5 ? 0 : 1 + (long)(u * 8) % 4);
    }
    return a;
}

START_TEST(blocks_in_any_order)
{
    static const size_t blocks[][4] = {{3, 6, 7, 11}, {1, 2, 3, 4}, {2, 1, 1, 1}, {3, 6, 7, 2}, {1, 5, 7, 3}};
    for (uint64_t seed = 0; seed < 20; seed++) {
        plx_array a = noise(seed, seed % 2 ? PLX_I32 : PLX_U8);
        plx_label_layout l;
        ck_assert(plx_label_layout_of(4, a.shape, 3, true, &l, NULL));
        if (seed % 3 == 0) {
            l.crop_lo[1] = 2;
            l.crop_n[1] = 4;
            l.crop_lo[2] = 1;
            l.crop_n[2] = 9;
        }
        plx_instances whole = instances_of(&a, &l);
        for (size_t k = 0; k < sizeof blocks / sizeof blocks[0]; k++) {
            plx_instance_builder *b;
            plx_instances parts;
            ck_assert(plx_instance_builder_new(&l, a.dtype, SIZE_MAX, &b, NULL));
            add_blocks(b, &a, blocks[k], seed % 2);
            ck_assert(plx_instance_builder_finish(b, &parts, NULL));
            ck_assert_uint_eq(parts.n, whole.n);
            for (size_t i = 0; i < whole.n; i++) {
                plx_mask p = plx_instance_mask(&parts, i), w = plx_instance_mask(&whole, i);
                ck_assert(parts.items[i].label == whole.items[i].label);
                ck_assert(parts.items[i].n_voxels == whole.items[i].n_voxels && p.n_runs == w.n_runs);
                ck_assert_mem_eq(p.runs, w.runs, p.n_runs * sizeof *p.runs);
            }
            plx_instances_free(&parts);
        }
        plx_instances_free(&whole);
        plx_array_free(&a);
    }
}
END_TEST

START_TEST(covers)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        plx_array a = noise(seed, PLX_U8);
        plx_label_layout l;
        ck_assert(plx_label_layout_of(4, a.shape, 3, true, &l, NULL));
        plx_instances in = instances_of(&a, &l);
        plx_label_cover cover;
        ck_assert(plx_label_cover_make(&in, &cover, NULL));
        ck_assert(cover.overlaps);
        size_t n = 6 * 7 * 11, hint = 0, back = 0;
        for (size_t v = 0; v < n; v++) {
            const plx_stretch *s = plx_label_cover_at(&cover, v, &hint);
            const plx_stretch *r = plx_label_cover_at(&cover, n - 1 - v, &back);
            ck_assert(!r || (r->start <= n - 1 - v && n - 1 - v < r->end));
            uint32_t found = 0;
            for (size_t c = 0; c < 3; c++) {
                int label = a.buf.ptr[c * n + v];
                for (size_t i = 0; label && i < in.n; i++) {
                    if (in.items[i].channel == c && in.items[i].label == label) {
                        ck_assert(s && found < s->n_ids && cover.ids[s->first_id + found] == i + 1);
                        found++;
                    }
                }
            }
            ck_assert_uint_eq(s ? s->n_ids : 0, found);
        }
        plx_label_cover_free(&cover);
        plx_instances_free(&in);
        plx_array_free(&a);
    }
}
END_TEST

START_TEST(refused)
{
    plx_label_layout l;
    plx_instance_builder *b = NULL;
    plx_err err;
    plx_err_clear(&err);
    ck_assert(plx_label_layout_of(2, (size_t[]){1, 4}, 2, false, &l, NULL));
    ck_assert(!plx_instance_builder_new(&l, PLX_F32, 9, &b, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    const uint64_t big[4] = {1, UINT64_MAX, 0, 3};
    plx_array a = plx_array_view(PLX_U64, 2, (size_t[]){1, 4}, big);
    ck_assert(plx_instance_builder_new(&l, PLX_U64, 9, &b, &err));
    ck_assert(!plx_instance_builder_add(b, (size_t[]){0, 0}, &a, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    plx_instance_builder_free(b);
    const int8_t below[4] = {-1, -1, 2, -3};
    a = plx_array_view(PLX_I8, 2, (size_t[]){1, 4}, below);
    plx_instances in = instances_of(&a, &l);
    ck_assert(in.n == 1 && in.n_negative == 3 && in.items[0].label == 2);
    plx_instances_free(&in);
    ck_assert(plx_instance_builder_new(&l, PLX_I8, 1, &b, &err));
    const int8_t many[4] = {1, 2, 1, 2};
    a = plx_array_view(PLX_I8, 2, (size_t[]){1, 4}, many);
    ck_assert(!plx_instance_builder_add(b, (size_t[]){0, 0}, &a, &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    plx_instance_builder_free(b);
}
END_TEST

START_TEST(memory_runs_out)
{
    plx_array a = noise(1, PLX_U8);
    plx_label_layout l;
    ck_assert(plx_label_layout_of(4, a.shape, 3, true, &l, NULL));
    bool done = false;
    for (size_t k = 0; !done; k++) {
        plx_err err;
        plx_err_clear(&err);
        size_t live = plx_alloc_live();
        plx_instance_builder *b = NULL;
        plx_instances in = {0};
        plx_label_cover cover = {0};
        plx_test_alloc_fail_at(k);
        bool ok = plx_instance_builder_new(&l, PLX_U8, SIZE_MAX, &b, &err);
        if (ok && !plx_instance_builder_add(b, (size_t[4]){0}, &a, &err)) {
            plx_instance_builder_free(b);
            ok = false;
        } else {
            ok = ok && plx_instance_builder_finish(b, &in, &err) && plx_label_cover_make(&in, &cover, &err);
        }
        plx_test_alloc_ok();
        ck_assert(ok || err.code == PLX_E_NOMEM);
        plx_label_cover_free(&cover);
        plx_instances_free(&in);
        ck_assert_uint_eq(plx_alloc_live(), live);
        done = ok;
    }
    plx_array_free(&a);
}
END_TEST

Suite *instances_suite(void)
{
    Suite *s = suite_create("instances");
    TCase *c = tcase_create("instances");
    tcase_add_test(c, axes);
    tcase_add_test(c, cropping);
    tcase_add_test(c, blocks_in_any_order);
    tcase_add_test(c, covers);
    tcase_add_test(c, refused);
    tcase_add_test(c, memory_runs_out);
    suite_add_tcase(s, c);
    return s;
}

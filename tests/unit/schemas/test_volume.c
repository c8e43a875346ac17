/* SPDX-License-Identifier: Apache-2.0
 *
 * Kind "volume": each rule is broken once.
 */
#include "schemas/volume.h"

#include "core/alloc.h"
#include "support/memory_view.h"
#include "support/support.h"

#include <check.h>
#include <math.h>

static plx_volume_spec spec_of(const char *name, const char *role, const char *axes, plx_dtype dtype)
{
    plx_volume_spec s = {.dtype = dtype, .ndim = (int)strlen(axes), .n_parts = 1};
    snprintf(s.name, sizeof s.name, "%s", name);
    snprintf(s.role, sizeof s.role, "%s", role);
    snprintf(s.axes, sizeof s.axes, "%s", axes);
    for (int d = 0; d < s.ndim; d++) {
        s.shape[d] = 3 + (axes[d] != 'c') * 10;
        s.chunk[d] = 2;
    }
    s.voxel_um[0] = s.voxel_um[1] = s.voxel_um[2] = 0.44;
    return s;
}

static void add_instances(memory_record *m, uint32_t channel, uint64_t label, uint64_t voxels, uint64_t shared,
                          int8_t dim, const char *array)
{
    plx_table *t = &m->table[0];
    plx_column *c;
    m->name[0] = "instances";
    m->n_tables = 1;
    const plx_slice names[2] = {plx_slice_of("instances"), plx_slice_of(array)};
    ck_assert(plx_table_add_strings(t, "array", names, 2, NULL));
    ck_assert(plx_table_add(t, "channel", "", PLX_U32, 2, &c, NULL));
    memcpy(c->values.ptr, (uint32_t[]){0, channel}, 8);
    ck_assert(plx_table_add(t, "label", "", PLX_U64, 2, &c, NULL));
    memcpy(c->values.ptr, (uint64_t[]){1, label}, 16);
    ck_assert(plx_table_add(t, "voxels", "", PLX_U64, 2, &c, NULL));
    memcpy(c->values.ptr, (uint64_t[]){10, voxels}, 16);
    ck_assert(plx_table_add(t, "shared_voxels", "", PLX_U64, 2, &c, NULL));
    memcpy(c->values.ptr, (uint64_t[]){2, shared}, 16);
    ck_assert(plx_table_add(t, "dim", "", PLX_I8, 2, &c, NULL));
    memcpy(c->values.ptr, (int8_t[]){0, dim}, 2);
}

static size_t validate(plx_volume_spec *specs, size_t n, memory_record *m, plx_violations *found)
{
    plx_ctx ctx = plx_ctx_default();
    plx_arena *arena = plx_arena_new(0);
    plx_value *attributes = plx_v_obj(arena), *list = plx_v_arr(arena);
    for (size_t i = 0; i < n; i++) {
        ck_assert(plx_v_push(arena, list, plx_volume_spec_value(arena, &specs[i])));
    }
    plx_v_set(arena, attributes, "arrays", list);
    plx_v_set(arena, attributes, "organism", plx_v_str(arena, "fly"));
    plx_v_set(arena, attributes, "region", plx_v_str(arena, "brain"));
    plx_record_view view = memory_view(m, attributes);
    memset(found, 0, sizeof *found);
    ck_assert(plx_kind_validate(&ctx, plx_kind_find("volume"), &view, found, NULL));
    plx_value *out = plx_v_obj(arena);
    if (found->n == 0) {
        ck_assert(plx_kind_find("volume")->counts(&ctx, &view, arena, out, NULL));
        int64_t instances;
        ck_assert(plx_v_as_i64(plx_v_at(out, "counts.instances"), &instances) && instances == (m->n_tables ? 2 : 0));
    }
    memory_record_free(m);
    plx_arena_free(arena);
    return found->n;
}

START_TEST(test_rules)
{
    static const struct {
        const char *words;
        int which;
    } rows[] = {{"", 0},
                {"has another grid", 1},
                {"only labels with channels", 2},
                {"integers", 3},
                {"two arrays are called", 4},
                {"a role", 5},
                {"axes", 6},
                {"voxel size", 7},
                {"no channel", 8},
                {"above 0", 9},
                {"shares more", 10},
                {"dim must be", 11},
                {"out of order", 12},
                {"no labels called", 13},
                {"at least one", 14},
                {"", 15},
                {"name", 16}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        plx_volume_spec s[2] = {spec_of("raw", "image", "czyx", PLX_U16),
                                spec_of("instances", "labels", "czyx", PLX_U8)};
        memory_record m = {.n_tables = 0};
        plx_violations found;
        int w = rows[i].which;
        s[1].overlapping = true;
        s[1].shape[2] += w == 1;
        s[0].overlapping = w == 2;
        s[1].dtype = w == 3 ? PLX_F32 : PLX_U8;
        snprintf(s[1].name, sizeof s[1].name, "%s", w == 4 ? "raw" : w == 16 ? "Raw!" : "instances");
        snprintf(s[0].role, sizeof s[0].role, "%s", w == 5 ? "photo" : "image");
        snprintf(s[0].axes, sizeof s[0].axes, "%s", w == 6 ? "cxyz" : "czyx");
        s[0].voxel_um[1] = w == 7 ? -1 : w == 15 ? (double)NAN : 0.44;
        if (w == 0 || (w >= 8 && w <= 13)) {
            add_instances(&m, w == 8 ? 7 : 1,
                          w == 9    ? 0
                          : w == 12 ? 1
                                    : 2,
                          10, w == 10 ? 11 : 2, w == 11 ? 2 : 1, w == 13 ? "none" : "instances");
            if (w == 12) {
                ((uint32_t *)(void *)m.table[0].cols[1].values.ptr)[1] = 0;
            }
        }
        size_t n = validate(s, w == 14 ? 0 : 2, &m, &found);
        if (!rows[i].words[0]) {
            ck_assert_msg(n == 0, "row %zu: %s", i, found.text[0]);
        } else {
            ck_assert_msg(n >= 1 && strstr(found.text[0], rows[i].words), "row %zu: %zu %s", i, n, found.text[0]);
        }
    }
}
END_TEST

START_TEST(test_spec)
{
    plx_arena *arena = plx_arena_new(0);
    plx_volume_spec s = spec_of("raw", "image", "zyx", PLX_F32), back;
    s.n_parts = 0;
    s.blob = plx_sha256_of("x", 1);
    snprintf(s.path, sizeof s.path, "a/b");
    ck_assert_ptr_null(plx_volume_spec_parse(plx_volume_spec_value(arena, &s), &back));
    ck_assert(plx_digest_eq(&s.blob, &back.blob));
    ck_assert_str_eq(back.path, "a/b");
    ck_assert_int_eq(back.dtype, PLX_F32);
    ck_assert_mem_eq(back.shape, s.shape, sizeof s.shape);
    char name[PLX_VOLUME_NAME + 16];
    plx_volume_part_name(&s, 12, name);
    ck_assert_str_eq(name, "raw.012.zip");
    const plx_value *ngff = plx_volume_ngff(arena, &s);
    const plx_value *one = plx_v_get(ngff, "multiscales")->u.arr.items[0];
    ck_assert_str_eq(plx_v_get_text(one, "version"), "0.4");
    ck_assert_uint_eq(plx_v_get(one, "axes")->u.arr.n, 3);
    ck_assert_str_eq(plx_v_get_text(plx_v_get(one, "axes")->u.arr.items[0], "unit"), "micrometer");
    plx_arena_free(arena);
}
END_TEST

Suite *volume_suite(void)
{
    Suite *s = suite_create("volume");
    TCase *t = tcase_create("volume");
    tcase_add_test(t, test_rules);
    tcase_add_test(t, test_spec);
    suite_add_tcase(s, t);
    return s;
}

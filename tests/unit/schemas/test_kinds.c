/* SPDX-License-Identifier: Apache-2.0 */
#include "core/alloc.h"
#include "schemas/kind.h"
#include "schemas/neurons.h"
#include "support/memory_view.h"
#include "support/suites.h"
#include "support/support.h"

#include <math.h>
#include <stdio.h>

/* Three neurons and a muscle; rows may be changed by a test before they are looked at. */
enum { N_NODES = 4, N_EDGES = 8 };
typedef struct fixture {
    const char *label[N_NODES], *name[N_NODES], *category[N_NODES];
    int32_t slot[N_NODES];
    uint8_t observable[N_NODES], in_source[N_NODES];
    uint8_t kind[N_EDGES];
    uint32_t pre[N_EDGES], post[N_EDGES], n_rows[N_EDGES];
    double weight[N_EDGES];
    size_t n_edges;
    const char *kinds[2], *unit;
    plx_arena *arena;
    memory_record record;
    plx_value *meta;
} fixture;

static fixture sound(void)
{
    return (fixture){
        .label = {"ADAL", "ADAR", "ADEL", "pm1"},
        .name = {"ADAL", "ADAR", "ADEL", ""},
        .category = {"neuron", "neuron", "neuron", "muscle"},
        .slot = {0, 1, 2, -1},
        .observable = {1, 1, 1, 1},
        .in_source = {1, 1, 1, 1},
        /* chemical: 0>1 (2), 0>3 (4), 1>1 (1); gap: 0-1 (3), 2-2 (5), 2-3 (7) */
        .kind = {0, 0, 0, 1, 1, 1, 1, 1},
        .pre = {0, 0, 1, 0, 1, 2, 2, 3},
        .post = {1, 3, 1, 1, 0, 2, 3, 2},
        .weight = {2, 4, 1, 3, 3, 5, 7, 7},
        .n_rows = {1, 1, 1, 1, 1, 1, 1, 1},
        .n_edges = N_EDGES,
        .kinds = {"chemical", "gap"},
        .unit = "synapses",
    };
}

static void add_values(plx_table *t, const char *name, const char *unit, plx_dtype dtype, size_t n, const void *values)
{
    plx_column *column;
    plx_err err;
    ck_assert_msg(plx_table_add(t, name, unit, dtype, n, &column, &err), "%s", plx_test_err(&err));
    if (n) {
        memcpy(column->values.ptr, values, n * plx_dtype_size(dtype));
    }
}

static void add_texts(plx_table *t, const char *name, const char *const *values, size_t n)
{
    plx_slice slices[N_NODES];
    plx_err err;
    for (size_t i = 0; i < n; i++) {
        slices[i] = plx_slice_of(values[i]);
    }
    ck_assert_msg(plx_table_add_strings(t, name, slices, n, &err), "%s", plx_test_err(&err));
}

static plx_record_view build(fixture *f)
{
    static const char *const blank[N_NODES] = {"", "", "", ""};
    const double unknown[N_NODES] = {(double)NAN, (double)NAN, (double)NAN, (double)NAN};
    f->arena = plx_arena_new(0);
    f->record = (memory_record){.name = {"nodes", "edges"}, .n_tables = 2};
    plx_table *nodes = &f->record.table[0];
    plx_table *edges = &f->record.table[1];
    add_texts(nodes, "label", f->label, N_NODES);
    add_texts(nodes, "name", f->name, N_NODES);
    add_values(nodes, "slot", "", PLX_I32, N_NODES, f->slot);
    add_texts(nodes, "category", f->category, N_NODES);
    add_texts(nodes, "class", blank, N_NODES);
    add_texts(nodes, "type", blank, N_NODES);
    add_texts(nodes, "transmitter", blank, N_NODES);
    add_values(nodes, "x_um", "um", PLX_F64, N_NODES, unknown);
    add_values(nodes, "y_um", "um", PLX_F64, N_NODES, unknown);
    add_values(nodes, "z_um", "um", PLX_F64, N_NODES, unknown);
    add_values(nodes, "observable", "", PLX_U8, N_NODES, f->observable);
    add_values(nodes, "in_source", "", PLX_U8, N_NODES, f->in_source);
    add_values(edges, "pre", "", PLX_U32, f->n_edges, f->pre);
    add_values(edges, "post", "", PLX_U32, f->n_edges, f->post);
    add_values(edges, "kind", "", PLX_U8, f->n_edges, f->kind);
    add_values(edges, "weight", f->unit, PLX_F64, f->n_edges, f->weight);
    add_values(edges, "n_rows", "", PLX_U32, f->n_edges, f->n_rows);
    f->meta = plx_v_obj(f->arena);
    plx_value *kinds = plx_v_arr(f->arena);
    ck_assert(plx_v_push(f->arena, kinds, plx_v_str(f->arena, f->kinds[0])) &&
              plx_v_push(f->arena, kinds, plx_v_str(f->arena, f->kinds[1])) &&
              plx_v_set(f->arena, f->meta, "edge_kinds", kinds) &&
              plx_v_set(f->arena, f->meta, "region", plx_v_str(f->arena, "named")) &&
              plx_v_set(f->arena, f->meta, "weight_unit", plx_v_str(f->arena, f->unit)));
    return memory_view(&f->record, f->meta);
}

static void drop(fixture *f)
{
    memory_record_free(&f->record);
    plx_arena_free(f->arena);
}

static plx_violations validate(fixture *f)
{
    plx_ctx ctx = plx_ctx_default();
    plx_violations found = {0};
    plx_err err;
    plx_record_view view = build(f);
    ck_assert_msg(plx_kind_validate(&ctx, plx_kind_find("connectome"), &view, &found, &err), "%s", plx_test_err(&err));
    drop(f);
    return found;
}

static void expect_violation(fixture *f, size_t n, const char *text)
{
    plx_violations found = validate(f);
    ck_assert_msg(found.n == n, "%zu violations, first: %s", found.n, found.text[0]);
    for (size_t i = 0; i < found.shown; i++) {
        if (strstr(found.text[i], text)) {
            return;
        }
    }
    ck_abort_msg("no violation says \"%s\" but %s", text, found.text[0]);
}

START_TEST(test_sound_record)
{
    fixture f = sound();
    plx_violations found = validate(&f);
    ck_assert_msg(found.n == 0, "%s", found.text[0]);
    f = sound();
    f.n_edges = 0;
    found = validate(&f);
    ck_assert_uint_eq(found.n, 0);
}
END_TEST

START_TEST(test_counts)
{
    static const struct {
        const char *name;
        int64_t canonical, all;
    } want[] = {{"nodes", 3, 4}, {"edges", 4, 7},     {"gap_directed", 3, 5}, {"gap_pairs", 2, 3}, {"chemical", 2, 3},
                {"both", 1, 1},  {"gap_sum", 11, 25}, {"chemical_sum", 3, 7}, {"self", 2, 2}};
    fixture f = sound();
    plx_record_view view = build(&f);
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    plx_value *out = plx_v_obj(f.arena);
    ck_assert_msg(plx_kind_find("connectome")->counts(&ctx, &view, f.arena, out, &err), "%s", plx_test_err(&err));
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        int64_t canonical = -1;
        int64_t all = -1;
        ck_assert(plx_v_as_i64(plx_v_get(plx_v_get(out, "counts"), want[i].name), &canonical));
        ck_assert(plx_v_as_i64(plx_v_get(plx_v_get(out, "counts_all"), want[i].name), &all));
        ck_assert_msg(canonical == want[i].canonical && all == want[i].all, "%s: %lld, %lld", want[i].name,
                      (long long)canonical, (long long)all);
    }
    drop(&f);
    f = sound();
    f.weight[3] = f.weight[4] = 3.5; /* sums that are not whole stay fractions */
    view = build(&f);
    out = plx_v_obj(f.arena);
    double sum = 0;
    ck_assert(plx_kind_find("connectome")->counts(&ctx, &view, f.arena, out, &err));
    ck_assert(plx_v_as_f64(plx_v_at(out, "counts.gap_sum"), &sum) && sum == 12);
    ck_assert(plx_v_as_f64(plx_v_at(out, "counts.chemical_sum"), &sum) && sum == 3);
    drop(&f);
}
END_TEST

START_TEST(test_each_rule)
{
    fixture f = sound();
    f.post[0] = 9;
    expect_violation(&f, 2, "joins nodes 0 and 9 of 4"); /* and out of order */
    f = sound();
    f.kind[7] = 2;
    expect_violation(&f, 2, "kind 2"); /* and the way back is missing */
    f = sound();
    f.weight[0] = 0;
    expect_violation(&f, 1, "weight 0");
    f = sound();
    f.weight[2] = -1;
    expect_violation(&f, 1, "weight -1");
    f = sound();
    f.weight[2] = (double)INFINITY;
    expect_violation(&f, 1, "weight inf");
    f = sound();
    f.n_rows[1] = 0;
    expect_violation(&f, 1, "no source row");
    f = sound();
    f.post[1] = 1;
    expect_violation(&f, 1, "out of order or the same");
    f = sound();
    f.weight[4] = 4;
    expect_violation(&f, 2, "one way and"); /* seen from both ends */
    f = sound();
    f.n_edges = 7;
    expect_violation(&f, 1, "has no way back");
    f = sound();
    f.label[3] = "ADAL";
    expect_violation(&f, 1, "same label \"ADAL\"");
    f = sound();
    f.label[3] = "";
    expect_violation(&f, 1, "empty label");
    f = sound();
    f.name[0] = "AVAL";
    expect_violation(&f, 1, "slot 0 (ADAL) but the name \"AVAL\"");
    f = sound();
    f.slot[1] = 0;
    f.name[1] = "ADAL";
    expect_violation(&f, 1, "taken twice");
    f = sound();
    f.slot[3] = 300;
    expect_violation(&f, 1, "outside -1..299");
    f = sound();
    f.name[3] = "ADEL";
    expect_violation(&f, 1, "has no slot");
    f = sound();
    f.category[0] = "muscle";
    expect_violation(&f, 1, "but of category \"muscle\"");
    f = sound();
    f.category[3] = "";
    expect_violation(&f, 1, "no category");
    f = sound();
    f.observable[0] = 2;
    expect_violation(&f, 1, "must be 0 or 1");
    f = sound();
    f.kinds[1] = "electrical";
    expect_violation(&f, 1, "edge_kinds must be");
    f = sound();
    f.unit = "";
    expect_violation(&f, 1, "weight_unit must be a text");
}
END_TEST

START_TEST(test_missing_parts)
{
    plx_ctx ctx = plx_ctx_default();
    plx_violations found = {0};
    plx_err err;
    fixture f = sound();
    plx_record_view view = build(&f);
    f.record.n_tables = 1;
    ck_assert(plx_kind_validate(&ctx, plx_kind_find("connectome"), &view, &found, &err));
    ck_assert_uint_eq(found.n, 5);
    ck_assert_str_eq(found.text[0], "edges/pre is missing");
    f.record.n_tables = 2;
    found = (plx_violations){0};
    f.record.table[0].cols[2].dtype = PLX_U32; /* slot */
    ck_assert(plx_kind_validate(&ctx, plx_kind_find("connectome"), &view, &found, &err));
    ck_assert_uint_eq(found.n, 1);
    ck_assert_str_eq(found.text[0], "nodes/slot is u32, must be i32");
    f.record.table[0].cols[2].dtype = PLX_I32;
    view.meta = plx_v_obj(f.arena);
    found = (plx_violations){0};
    ck_assert(plx_kind_validate(&ctx, plx_kind_find("connectome"), &view, &found, &err));
    ck_assert_uint_eq(found.n, 3);
    ck_assert_str_eq(found.text[0], "attribute edge_kinds is missing");
    drop(&f);
}
END_TEST

START_TEST(test_allocations_may_fail)
{
    plx_ctx ctx = plx_ctx_default();
    fixture f = sound();
    plx_record_view view = build(&f);
    plx_err err;
    size_t k = 0;
    for (;; k++) {
        plx_violations found = {0};
        plx_test_alloc_fail_at(k);
        bool ok = plx_kind_validate(&ctx, plx_kind_find("connectome"), &view, &found, &err);
        size_t asked = plx_test_alloc_ok();
        if (asked <= k) {
            ck_assert(ok);
            break;
        }
        ck_assert(!ok && err.code == PLX_E_NOMEM);
    }
    ck_assert_uint_gt(k, 0);
    drop(&f);
}
END_TEST

START_TEST(test_many_violations_are_counted)
{
    plx_violations v = {0};
    for (int i = 0; i < 50; i++) {
        plx_violation(&v, "number %d of %s", i,
                      "many, and a text that is longer than what one violation may keep of it in the end, so "
                      "that it has to be cut somewhere, which must not write past its place in the list");
    }
    ck_assert_uint_eq(v.n, 50);
    ck_assert_uint_eq(v.shown, 20);
    ck_assert_ptr_nonnull(strstr(v.text[19], "number 19"));
    ck_assert_uint_lt(strlen(v.text[19]), sizeof v.text[19]);
}
END_TEST

START_TEST(test_kinds_are_described)
{
    for (size_t i = 0; plx_kinds[i]; i++) {
        const plx_kind *k = plx_kinds[i];
        ck_assert(i == 0 || strcmp(plx_kinds[i - 1]->name, k->name) < 0);
        ck_assert_ptr_eq(plx_kind_find(k->name), k);
        ck_assert(k->title && k->doc && k->members && k->validate && k->counts && k->count_specs);
        for (const plx_member_spec *m = k->members; m->path; m++) {
            ck_assert_msg(m->doc && *m->doc && m->unit && m->ndim >= 1, "%s", m->path);
        }
        for (const plx_count_spec *c = k->count_specs; c->name; c++) {
            ck_assert(c->doc && *c->doc);
        }
    }
    ck_assert_ptr_null(plx_kind_find("nothing"));
    ck_assert_ptr_null(plx_kind_find(NULL));
}
END_TEST

/* --- neuron atlas --- */

typedef struct atlas {
    const char *name[3], *class_name[3], *type[3], *transmitter[3];
    int32_t slot[3];
    double um[3];
    uint8_t flag[3];
} atlas;

static atlas sound_atlas(void)
{
    return (atlas){{"ADAL", "ADAR", "VD9"},
                   {"ADA", "ADA", "VD"},
                   {"inter", "inter", "motor"},
                   {"Glu", "Glu", "unknown"},
                   {0, 1, 299},
                   {1, (double)NAN, 3},
                   {1, 0, 1}};
}

static plx_violations validate_atlas(const atlas *a, plx_value *counts, plx_arena *arena)
{
    memory_record record = {.name = {"neurons"}, .n_tables = 1};
    plx_table *t = &record.table[0];
    plx_violations found = {0};
    plx_ctx ctx = plx_ctx_default();
    plx_err err;
    add_texts(t, "name", a->name, 3);
    add_values(t, "slot", "", PLX_I32, 3, a->slot);
    add_texts(t, "class", a->class_name, 3);
    add_texts(t, "type", a->type, 3);
    add_texts(t, "transmitter", a->transmitter, 3);
    add_values(t, "x_um", "um", PLX_F64, 3, a->um);
    add_values(t, "y_um", "um", PLX_F64, 3, a->um);
    add_values(t, "z_um", "um", PLX_F64, 3, a->um);
    add_values(t, "in_head", "", PLX_U8, 3, a->flag);
    add_values(t, "in_tail", "", PLX_U8, 3, a->flag);
    add_values(t, "embryonic", "", PLX_U8, 3, a->flag);
    plx_value *meta = plx_v_obj(arena);
    ck_assert(plx_v_set(arena, meta, "observability", plx_v_str(arena, "no")) &&
              plx_v_set(arena, meta, "species", plx_v_str(arena, "worm")));
    plx_record_view view = memory_view(&record, meta);
    ck_assert(plx_kind_validate(&ctx, plx_kind_find("neuron_atlas"), &view, &found, &err));
    ck_assert(found.n || plx_kind_find("neuron_atlas")->counts(&ctx, &view, arena, counts, &err));
    memory_record_free(&record);
    return found;
}

START_TEST(test_atlas)
{
    plx_arena *arena = plx_arena_new(0);
    plx_value *out = plx_v_obj(arena);
    atlas a = sound_atlas();
    ck_assert_uint_eq(validate_atlas(&a, out, arena).n, 0);
    static const struct {
        const char *path;
        int64_t value;
    } want[] = {{"counts.neurons", 3},   {"counts.classes", 2}, {"counts.types", 2},   {"counts.transmitters", 1},
                {"counts.positions", 2}, {"counts.in_head", 2}, {"counts.in_tail", 2}, {"counts.embryonic", 2}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        int64_t value = -1;
        ck_assert(plx_v_as_i64(plx_v_at(out, want[i].path), &value));
        ck_assert_msg(value == want[i].value, "%s is %lld", want[i].path, (long long)value);
    }
    a.slot[1] = 0;
    a.name[1] = "ADAL";
    ck_assert_ptr_nonnull(strstr(validate_atlas(&a, out, arena).text[0], "out of order or the same"));
    a = sound_atlas();
    a.name[2] = "VD8";
    ck_assert_ptr_nonnull(strstr(validate_atlas(&a, out, arena).text[0], "slot 299 (VD9) but the name \"VD8\""));
    a = sound_atlas();
    a.type[0] = "";
    ck_assert_str_eq(validate_atlas(&a, out, arena).text[0], "neurons row 0 has no type");
    a = sound_atlas();
    a.flag[0] = 3;
    ck_assert_uint_eq(validate_atlas(&a, out, arena).n, 3);
    plx_arena_free(arena);
}
END_TEST

Suite *kinds_suite(void)
{
    Suite *suite = suite_create("kinds");
    TCase *tc = tcase_create("kinds");
    tcase_add_test(tc, test_sound_record);
    tcase_add_test(tc, test_counts);
    tcase_add_test(tc, test_each_rule);
    tcase_add_test(tc, test_missing_parts);
    tcase_add_test(tc, test_allocations_may_fail);
    tcase_add_test(tc, test_many_violations_are_counted);
    tcase_add_test(tc, test_kinds_are_described);
    tcase_add_test(tc, test_atlas);
    suite_add_tcase(suite, tc);
    return suite;
}

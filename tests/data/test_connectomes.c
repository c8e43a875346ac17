/* SPDX-License-Identifier: Apache-2.0
 *
 * Acceptance on the published files: every connectome and the atlas, in both modes, against counts computed from the
 * same files by an independent program (Python, pandas); NemaNode's JSON against its tables; one thread against eight.
 */
#include "core/pool.h"
#include "support/suites.h"
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_COUNTS = 9 };
static const char *const count_names[N_COUNTS] = {"nodes", "edges",   "gap_directed", "gap_pairs", "chemical",
                                                  "both",  "gap_sum", "chemical_sum", "self"};

typedef struct row {
    const char *name;
    plx_mode mode;
    double counts[N_COUNTS];     /* canonical neurons */
    double counts_all[N_COUNTS]; /* every cell */
} row;

/* source: section 3.3 of the C. elegans report and its independent recomputation; the rows over all cells are of the
 * latter. */
#define COMPAT_ALSO(name, ...)                                                                                         \
    {                                                                                                                  \
        name, PLX_COMPAT, {__VA_ARGS__},                                                                               \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
static const row rows[] = {
    {"white1986-whole",
     PLX_STRICT,
     {299, 3145, 1132, 569, 2266, 253, 1916, 6509, 6},
     {309, 3277, 1144, 575, 2386, 253, 1928, 7943, 6}},
    COMPAT_ALSO("white1986-whole", 299, 3145, 1132, 569, 2266, 253, 1916, 6509, 6),
    {"white1986-n2u",
     PLX_STRICT,
     {180, 1848, 526, 264, 1414, 92, 660, 3740, 2},
     {221, 2075, 538, 270, 1629, 92, 672, 4538, 2}},
    COMPAT_ALSO("white1986-n2u", 180, 1848, 526, 264, 1414, 92, 660, 3740, 2),
    {"white1986-jsh",
     PLX_STRICT,
     {178, 1783, 570, 286, 1291, 78, 1510, 3702, 2},
     {215, 1978, 576, 289, 1480, 78, 1522, 4340, 2}},
    COMPAT_ALSO("white1986-jsh", 178, 1783, 570, 286, 1291, 78, 1510, 3702, 2),
    {"white1986-jse", PLX_STRICT, {34, 94, 0, 0, 94, 0, 0, 261, 0}, {34, 94, 0, 0, 94, 0, 0, 261, 0}},
    COMPAT_ALSO("white1986-jse", 34, 94, 0, 0, 94, 0, 0, 261, 0),
    {"witvliet2020-7",
     PLX_STRICT,
     {180, 2364, 528, 267, 1944, 108, 732, 6587, 16},
     {222, 2662, 576, 291, 2202, 116, 794, 7467, 16}},
    COMPAT_ALSO("witvliet2020-7", 180, 2364, 528, 267, 1944, 108, 732, 6587, 16),
    {"witvliet2020-8",
     PLX_STRICT,
     {180, 2371, 600, 304, 1933, 162, 839, 7099, 8},
     {219, 2630, 612, 310, 2186, 168, 851, 7970, 8}},
    COMPAT_ALSO("witvliet2020-8", 180, 2371, 600, 304, 1933, 162, 839, 7099, 8),
    {"premaratne",
     PLX_STRICT,
     {300, 5138, 2188, 1101, 3707, 757, 9519, 20905, 47},
     {473, 6947, 2883, 1450, 4879, 815, 23313, 28113, 50}},
    COMPAT_ALSO("premaratne", 300, 5138, 2188, 1101, 3707, 757, 9519, 20905, 47),
    {"emmons2015",
     PLX_STRICT,
     {300, 5089, 2173, 1093, 3638, 722, 8649, 20589, 45},
     {448, 6631, 2704, 1359, 4681, 754, 12692, 27019, 46}},
    {"white1986-whole-nemanode",
     PLX_STRICT,
     {299, 3145, 1132, 569, 2266, 253, 1916, 6509, 6},
     {319, 3296, 1144, 575, 2405, 253, 1928, 8189, 6}},
    COMPAT_ALSO("white1986-whole-nemanode", 299, 3145, 1132, 569, 2266, 253, 1916, 6509, 6),
    {"white1986-n2u-nemanode",
     PLX_STRICT,
     {180, 1848, 526, 264, 1414, 92, 660, 3740, 2},
     {221, 2075, 538, 270, 1629, 92, 672, 4541, 2}},
    COMPAT_ALSO("white1986-n2u-nemanode", 180, 1848, 526, 264, 1414, 92, 660, 3740, 2),
    {"white1986-jsh-nemanode",
     PLX_STRICT,
     {178, 1783, 570, 286, 1291, 78, 1510, 3702, 2},
     {215, 1978, 576, 289, 1480, 78, 1522, 4340, 2}},
    COMPAT_ALSO("white1986-jsh-nemanode", 178, 1783, 570, 286, 1291, 78, 1510, 3702, 2),
    {"white1986-jse-nemanode", PLX_STRICT, {34, 94, 0, 0, 94, 0, 0, 261, 0}, {34, 94, 0, 0, 94, 0, 0, 261, 0}},
    COMPAT_ALSO("white1986-jse-nemanode", 34, 94, 0, 0, 94, 0, 0, 245, 0), /* D16: the first of repeated rows */
    {"witvliet2020-7-nemanode",
     PLX_STRICT,
     {180, 2364, 528, 267, 1944, 108, 732, 6587, 16},
     {224, 2668, 582, 294, 2202, 116, 800, 7467, 16}},
    COMPAT_ALSO("witvliet2020-7-nemanode", 180, 2364, 528, 267, 1944, 108, 732, 6587, 16),
    {"witvliet2020-8-nemanode",
     PLX_STRICT,
     {180, 2371, 600, 304, 1933, 162, 839, 7099, 8},
     {221, 2638, 620, 314, 2186, 168, 859, 7970, 8}},
    COMPAT_ALSO("witvliet2020-8-nemanode", 180, 2371, 600, 304, 1933, 162, 839, 7099, 8),
    {"cook2019",
     PLX_STRICT,
     {300, 5138, 2188, 1101, 3707, 757, 9519, 20905, 47},
     {473, 6947, 2883, 1450, 4879, 815, 23313, 28113, 50}},
    COMPAT_ALSO("cook2019", 236, 4085, 1681, 846, 3038, 634, 7639, 17676, 42),
    {"varshney2011",
     PLX_STRICT, /* without the padding of names, S and Sp; all cells: with muscles as one node */
     {279, 2993, 1031, 517, 2194, 232, 1777, 6394, 3},
     {281, 3108, 1031, 517, 2309, 232, 1777, 7804, 3}},
    COMPAT_ALSO("varshney2011", 215, 2079, 676, 339, 1537, 134, 1038, 3822, 2), /* D2, D3 */
    {"openworm",
     PLX_STRICT,
     {299, 3142, 1109, 557, 2279, 246, 1876, 6465, 5},
     {299, 3142, 1109, 557, 2279, 246, 1876, 6465, 5}},
    COMPAT_ALSO("openworm", 299, 3142, 1109, 557, 2279, 246, 1876, 6465, 5),
    {"cook2019-male",
     PLX_STRICT,
     {289, 3262, 1482, 748, 2203, 423, 10568, 19186, 37},
     {590, 7813, 3482, 1758, 5306, 975, 31702, 45959, 88}},
    {"witvliet2020-1",
     PLX_STRICT,
     {161, 821, 164, 83, 675, 18, 206, 1152, 2},
     {187, 921, 164, 83, 775, 18, 206, 1296, 2}},
    {"witvliet2020-2",
     PLX_STRICT,
     {162, 1069, 240, 121, 865, 36, 258, 1687, 2},
     {194, 1196, 246, 124, 986, 36, 264, 1895, 2}},
    {"witvliet2020-4",
     PLX_STRICT,
     {168, 1365, 407, 205, 1011, 53, 475, 2521, 3},
     {204, 1498, 415, 209, 1136, 53, 483, 2777, 3}},
    {"witvliet2020-6",
     PLX_STRICT,
     {174, 1667, 422, 212, 1314, 69, 528, 3893, 2},
     {216, 1881, 426, 214, 1525, 70, 532, 4456, 2}},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

static void check_counts(const row *r, const plx_value *meta, const char *key, const double *want)
{
    const plx_value *counts = plx_v_get(meta, key);
    for (size_t i = 0; i < N_COUNTS; i++) {
        double got = -1;
        ck_assert(plx_v_as_f64(plx_v_get(counts, count_names[i]), &got));
        ck_assert_msg(got == want[i], "%s:%s %s.%s is %g, must be %g", r->name, plx_mode_name(r->mode), key,
                      count_names[i], got, want[i]);
    }
}

START_TEST(test_published_counts)
{
    world w;
    open_world(&w, "counts", 1);
    for (size_t i = 0; i < N_ROWS; i++) {
        plx_err err;
        plx_got got;
        ck_assert_msg(get(&w, "connectome", rows[i].name, rows[i].mode, &got, &err), "%s", plx_test_err(&err));
        ck_assert(!got.was_there);
        ck_assert_uint_eq(got.n_units, 1);
        plx_record *record = open_record(&w, "connectome", rows[i].name, rows[i].mode);
        check_counts(&rows[i], plx_record_meta(record), "counts", rows[i].counts);
        check_counts(&rows[i], plx_record_meta(record), "counts_all", rows[i].counts_all);
        plx_record_close(record);
        ck_assert_msg(get(&w, "connectome", rows[i].name, rows[i].mode, &got, &err), "%s", plx_test_err(&err));
        ck_assert(got.was_there);
        ck_assert_uint_eq(got.n_fetched, 0);
    }
    close_world(&w);
}
END_TEST

START_TEST(test_atlas)
{
    static const struct {
        const char *name;
        double value;
    } want[] = {{"neurons", 300},   {"classes", 117}, {"types", 4},    {"transmitters", 6},
                {"positions", 300}, {"in_head", 180}, {"in_tail", 48}, {"embryonic", 216}};
    world w;
    plx_err err;
    plx_got got;
    open_world(&w, "atlas", 1);
    ck_assert_msg(get(&w, "atlas", "celegans-neurons", PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
    plx_record *record = open_record(&w, "atlas", "celegans-neurons", PLX_STRICT);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        double value = -1;
        ck_assert(plx_v_as_f64(plx_v_get(plx_v_get(plx_record_meta(record), "counts"), want[i].name), &value));
        ck_assert_msg(value == want[i].value, "%s is %g", want[i].name, value);
    }
    const plx_table *neurons = table_of(record, "neurons");
    ck_assert_uint_eq(count_where(neurons, "transmitter", "ACh"), 157); /* 153, and 4 written Ach */
    ck_assert_uint_eq(count_where(neurons, "transmitter", "Ach"), 0);
    ck_assert_uint_eq(count_where(neurons, "transmitter", "unknown"), 23);
    ck_assert_uint_eq(count_where(neurons, "type", "motor"), 116);
    ck_assert_uint_eq(count_where(neurons, "type", "sensory"), 85);
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(neurons, "name"), 53), "AVAL"));
    ck_assert(fabs(plx_column_f64(plx_table_find(neurons, "y_um"), 0) - 94.34) < 1e-12); /* ADAL */
    ck_assert(fabs(plx_column_f64(plx_table_find(neurons, "x_um"), 0) - 0.03) < 1e-12);
    const plx_table *changes = table_of(record, "changes");
    ck_assert_uint_eq(count_where(changes, "rule", "transmitter-case"), 4);
    ck_assert_uint_eq(count_where(changes, "rule", "transmitter-unknown"), 23);
    ck_assert_uint_eq(count_where(changes, "action", "drop"), 147); /* cells of NemaNode's table that are no neurons */
    plx_record_close(record);
    ck_assert(!get(&w, "atlas", "celegans-neurons", PLX_COMPAT, &got, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    close_world(&w);
}
END_TEST

START_TEST(test_no_compat_without_upstream)
{
    world w;
    plx_err err;
    plx_got got;
    open_world(&w, "emmons", 1);
    ck_assert(!get(&w, "connectome", "emmons2015", PLX_COMPAT, &got, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
    ck_assert_ptr_nonnull(strstr(err.what, "no compat mode"));
    close_world(&w);
}
END_TEST

START_TEST(test_changes_are_told)
{
    world w;
    plx_err err;
    plx_got got;
    open_world(&w, "changes", 1);
    ck_assert_msg(get(&w, "connectome", "emmons2015", PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
    plx_record *record = open_record(&w, "connectome", "emmons2015", PLX_STRICT);
    const plx_table *changes = table_of(record, "changes");
    ck_assert_uint_eq(count_where(changes, "rule", "trim+pad-zero"), 64); /* the motor neurons of D2 */
    ck_assert_uint_eq(count_where(changes, "rule", "gap-unequal"), 13);   /* 12 between neurons and PVPL-hyp */
    ck_assert_uint_eq(count_where(changes, "action", "drop"), 0);
    const plx_table *nodes = table_of(record, "nodes");
    ck_assert_uint_eq(nodes->n_rows, 448);
    ck_assert_uint_eq(count_where(nodes, "category", "neuron"), 300);
    ck_assert_uint_eq(count_where(nodes, "category", "other"), 0);
    plx_record_close(record);
    ck_assert_msg(get(&w, "connectome", "premaratne", PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
    record = open_record(&w, "connectome", "premaratne", PLX_STRICT);
    changes = table_of(record, "changes");
    ck_assert_uint_eq(changes->n_rows, 64);
    ck_assert_uint_eq(count_where(changes, "rule", "pad-zero"), 64);
    plx_record_close(record);
    ck_assert_msg(get(&w, "connectome", "white1986-n2u", PLX_COMPAT, &got, &err), "%s", plx_test_err(&err));
    record = open_record(&w, "connectome", "white1986-n2u", PLX_COMPAT);
    changes = table_of(record, "changes");
    ck_assert_uint_eq(count_where(changes, "rule", "outside-300"), 221); /* 1899 rows, 1678 between neurons */
    ck_assert_uint_eq(table_of(record, "nodes")->n_rows, 300);
    plx_record_close(record);
    close_world(&w);
}
END_TEST

START_TEST(test_observability)
{
    static const struct {
        const char *name;
        size_t neurons, named;
    } want[] = {{"white1986-n2u", 180, 180},   {"white1986-jsh", 180, 178},  {"white1986-jse", 48, 34},
                {"white1986-whole", 300, 300}, {"witvliet2020-8", 180, 180}, {"premaratne", 300, 300}};
    world w;
    plx_err err;
    plx_got got;
    open_world(&w, "observable", 1);
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        ck_assert_msg(get(&w, "connectome", want[k].name, PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
        plx_record *record = open_record(&w, "connectome", want[k].name, PLX_STRICT);
        const plx_table *nodes = table_of(record, "nodes");
        size_t neurons = 0;
        size_t named = 0;
        for (size_t i = 0; i < 300; i++) {
            ck_assert(plx_column_f64(plx_table_find(nodes, "slot"), i) == (double)i);
            neurons += plx_column_f64(plx_table_find(nodes, "observable"), i) > 0;
            named += plx_column_f64(plx_table_find(nodes, "in_source"), i) > 0;
        }
        ck_assert_msg(neurons == want[k].neurons, "%s: %zu observable", want[k].name, neurons);
        ck_assert_msg(named == want[k].named, "%s: %zu named", want[k].name, named);
        plx_record_close(record);
    }
    close_world(&w);
}
END_TEST

typedef struct edge {
    char pre[72], post[72];
    int kind;
    double weight;
    bool neurons; /* between canonical neurons */
} edge;

static int by_ends(const void *a, const void *b)
{
    const edge *x = a;
    const edge *y = b;
    int order = x->kind - y->kind;
    order = order ? order : strcmp(x->pre, y->pre);
    return order ? order : strcmp(x->post, y->post);
}

static edge *edges_of(plx_record *record, size_t *n)
{
    const plx_table *nodes = table_of(record, "nodes");
    const plx_table *edges = table_of(record, "edges");
    const plx_column *label = plx_table_find(nodes, "label");
    const plx_column *slot = plx_table_find(nodes, "slot");
    edge *out = calloc(edges->n_rows, sizeof *out);
    *n = edges->n_rows;
    for (size_t i = 0; i < edges->n_rows; i++) {
        size_t pre = (size_t)plx_column_f64(plx_table_find(edges, "pre"), i);
        size_t post = (size_t)plx_column_f64(plx_table_find(edges, "post"), i);
        snprintf(out[i].pre, sizeof out[i].pre, "%.*s", (int)plx_column_str(label, pre).len,
                 plx_column_str(label, pre).ptr);
        snprintf(out[i].post, sizeof out[i].post, "%.*s", (int)plx_column_str(label, post).len,
                 plx_column_str(label, post).ptr);
        out[i].kind = (int)plx_column_f64(plx_table_find(edges, "kind"), i);
        out[i].weight = plx_column_f64(plx_table_find(edges, "weight"), i);
        out[i].neurons = plx_column_f64(slot, pre) >= 0 && plx_column_f64(slot, post) >= 0;
    }
    qsort(out, *n, sizeof *out, by_ends);
    return out;
}

/* Two exports of one graph, by different people: Cook's workbook and Premaratne's tables. */
START_TEST(test_cook_equals_premaratne)
{
    world w;
    plx_err err;
    plx_got got;
    open_world(&w, "cook", 1);
    ck_assert_msg(get(&w, "connectome", "cook2019", PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
    ck_assert_msg(get(&w, "connectome", "premaratne", PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
    plx_record *cook = open_record(&w, "connectome", "cook2019", PLX_STRICT);
    plx_record *tables = open_record(&w, "connectome", "premaratne", PLX_STRICT);
    size_t n, m;
    edge *a = edges_of(cook, &n);
    edge *b = edges_of(tables, &m);
    ck_assert_uint_eq(n, 4879 + 2883);
    ck_assert_uint_eq(m, n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(by_ends(&a[i], &b[i]) == 0 && a[i].weight == b[i].weight, "%s to %s: %g, %s to %s: %g", a[i].pre,
                      a[i].post, a[i].weight, b[i].pre, b[i].post, b[i].weight);
    }
    free(a);
    free(b);
    const plx_table *changes = table_of(cook, "changes");
    ck_assert_uint_eq(count_where(changes, "rule", "pad-zero"), 64);
    ck_assert_uint_eq(count_where(changes, "rule", "repeated-name"), 5);
    plx_record_close(cook);
    plx_record_close(tables);
    close_world(&w);
}
END_TEST

START_TEST(test_nemanode_against_tables)
{
    /* Weights that differ on connections both have, and connections only one has. The latter all end on a pharyngeal
     * cell or an untraced fragment, the former (one synapse of size 2 each) on a muscle. Between neurons nothing
     * differs. */
    static const struct {
        const char *name;
        size_t weights, only_json, only_table;
    } want[] = {{"white1986-whole", 0, 19, 0}, {"white1986-n2u", 3, 0, 0},  {"white1986-jsh", 0, 0, 0},
                {"white1986-jse", 0, 0, 0},    {"witvliet2020-7", 0, 6, 0}, {"witvliet2020-8", 0, 8, 0}};
    world w;
    open_world(&w, "nemanode", 1);
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        plx_err err;
        plx_got got;
        char json_name[64];
        snprintf(json_name, sizeof json_name, "%s-nemanode", want[k].name);
        ck_assert_msg(get(&w, "connectome", want[k].name, PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
        ck_assert_msg(get(&w, "connectome", json_name, PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
        plx_record *table = open_record(&w, "connectome", want[k].name, PLX_STRICT);
        plx_record *json = open_record(&w, "connectome", json_name, PLX_STRICT);
        size_t n, m;
        edge *a = edges_of(table, &n);
        edge *b = edges_of(json, &m);
        size_t weights = 0, only_json = 0, only_table = 0;
        for (size_t i = 0, j = 0; i < n || j < m;) {
            int order = i == n ? 1 : j == m ? -1 : by_ends(&a[i], &b[j]);
            if (order < 0) {
                only_table++;
                ck_assert(!a[i].neurons);
            } else if (order > 0) {
                only_json++;
                ck_assert(!b[j].neurons);
            } else if (a[i].weight != b[j].weight) {
                weights++;
                ck_assert(!a[i].neurons);
            }
            i += order <= 0;
            j += order >= 0;
        }
        ck_assert_msg(weights == want[k].weights && only_json == want[k].only_json && only_table == want[k].only_table,
                      "%s: %zu weights, %zu only in JSON, %zu only in the table", want[k].name, weights, only_json,
                      only_table);
        free(a);
        free(b);
        plx_record_close(table);
        plx_record_close(json);
    }
    close_world(&w);
}
END_TEST

static bool get_row(void *payload, size_t i, plx_err *err)
{
    plx_got got;
    return get(payload, "connectome", rows[i].name, rows[i].mode, &got, err);
}

START_TEST(test_threads_change_nothing)
{
    world one, eight;
    plx_err err;
    open_world(&one, "one", 1);
    open_world(&eight, "eight", 8);
    ck_assert_msg(plx_pool_map(&one.ctx, N_ROWS, get_row, NULL, &one, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_pool_map(&eight.ctx, N_ROWS, get_row, NULL, &eight, &err), "%s", plx_test_err(&err));
    for (size_t i = 0; i < N_ROWS; i++) {
        char a[PLX_SHA256_HEX + 1];
        char b[PLX_SHA256_HEX + 1];
        record_digest(&one, "connectome", rows[i].name, rows[i].mode, a);
        record_digest(&eight, "connectome", rows[i].name, rows[i].mode, b);
        ck_assert_str_eq(a, b);
    }
    close_world(&one);
    close_world(&eight);
}
END_TEST

Suite *connectomes_suite(void)
{
    if (!plx_test_data("celegans/worm-data-preprocess") || !plx_test_data("celegans/nemanode") ||
        !plx_test_data("celegans/c302")) {
        return NULL;
    }
    Suite *suite = suite_create("connectomes");
    TCase *tc = tcase_create("real files");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_published_counts);
    tcase_add_test(tc, test_atlas);
    tcase_add_test(tc, test_no_compat_without_upstream);
    tcase_add_test(tc, test_changes_are_told);
    tcase_add_test(tc, test_observability);
    tcase_add_test(tc, test_cook_equals_premaratne);
    tcase_add_test(tc, test_nemanode_against_tables);
    tcase_add_test(tc, test_threads_change_nothing);
    suite_add_tcase(suite, tc);
    return suite;
}

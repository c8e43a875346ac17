/* SPDX-License-Identifier: Apache-2.0
 *
 * Acceptance of what is no plain list of synapses: the signal propagation atlas in both modes, signalling outside
 * synapses, predicted signs, and summed arrays, against counts computed from the same files by an independent program
 * (Python, openpyxl, h5py).
 */
#include "support/suites.h"
#include "world.h"

#include <math.h>

enum { MAX_COUNTS = 8 };
typedef struct counted {
    const char *name;
    plx_mode mode;
    const char *scope;
    struct {
        const char *name;
        double value;
    } counts[MAX_COUNTS];
} counted;

/* source: section 3.3 of the C. elegans report for the first two of Randi 2023, where "chem" is what is functional
 * here; the others are the independent program's. */
static const counted sets[] = {
    {"randi2023",
     PLX_STRICT,
     "counts",
     {{"nodes", 166}, {"edges", 976}, {"functional", 976}, {"functional_sum", 220.3401}, {"self", 155}}},
    {"randi2023",
     PLX_STRICT,
     "counts_all",
     {{"nodes", 167}, {"functional", 978}, {"gap_directed", 0}, {"chemical", 0}}},
    {"randi2023",
     PLX_COMPAT,
     "counts",
     {{"nodes", 167},
      {"edges", 11175},
      {"functional", 11175},
      {"functional_sum", 208.6714},
      {"chemical", 11175},
      {"chemical_sum", 208.6714},
      {"self", 0}}},
    {"randi2023-pairs",
     PLX_STRICT,
     "counts",
     {{"nodes", 147}, {"edges", 1780}, {"functional_sum", 17681}, {"self", 93}}},
    {"bentley2016",
     PLX_STRICT,
     "counts",
     {{"nodes", 288},
      {"edges", 8770},
      {"monoamine", 1932},
      {"monoamine_sum", 2586},
      {"neuropeptide", 7078},
      {"neuropeptide_sum", 8931},
      {"self", 53}}},
    {"bentley2016", PLX_STRICT, "counts_all", {{"nodes", 290}, {"monoamine", 1952}, {"monoamine_sum", 2626}}},
    {"fenyves2020",
     PLX_STRICT,
     "counts",
     {{"nodes", 297}, {"edges", 3638}, {"chemical_sum", 20589}, {"gap_directed", 0}, {"self", 34}}},
    {"wormneuroatlas",
     PLX_STRICT,
     "counts",
     {{"nodes", 296},
      {"edges", 4943},
      {"gap_directed", 1613},
      {"gap_pairs", 815},
      {"chemical", 3857},
      {"both", 527},
      {"gap_sum", 4947},
      {"chemical_sum", 23281}}},
    {"wormneuroatlas", /* the arrays as they are */
     PLX_COMPAT,
     "counts",
     {{"nodes", 298},
      {"edges", 5154},
      {"gap_directed", 1650},
      {"gap_pairs", 834},
      {"chemical", 4051},
      {"both", 547},
      {"gap_sum", 5079},
      {"chemical_sum", 27729}}},
    {"cook2019-wormwideweb",
     PLX_STRICT,
     "counts",
     {{"nodes", 300},
      {"edges", 5138},
      {"gap_directed", 2188},
      {"gap_pairs", 1101},
      {"chemical", 3707},
      {"gap_sum", 9519},
      {"chemical_sum", 20905},
      {"self", 47}}},
    {"cook2019-wormwideweb", PLX_STRICT, "counts_all", {{"nodes", 473}, {"chemical_sum", 28113}, {"gap_sum", 23313}}},
};

START_TEST(test_counts)
{
    world w;
    open_world(&w, "counts", 1);
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        plx_err err;
        plx_got got;
        ck_assert_msg(get(&w, "connectome", sets[i].name, sets[i].mode, &got, &err), "%s", plx_test_err(&err));
        plx_record *record = open_record(&w, "connectome", sets[i].name, sets[i].mode);
        const plx_value *counts = plx_v_get(plx_record_meta(record), sets[i].scope);
        for (size_t k = 0; k < MAX_COUNTS && sets[i].counts[k].name; k++) {
            double value = -1;
            ck_assert(plx_v_as_f64(plx_v_get(counts, sets[i].counts[k].name), &value));
            ck_assert_msg(fabs(value - sets[i].counts[k].value) < 1e-4, "%s:%s %s.%s is %.10g", sets[i].name,
                          plx_mode_name(sets[i].mode), sets[i].scope, sets[i].counts[k].name, value);
        }
        plx_record_close(record);
    }
    close_world(&w);
}
END_TEST

static double number_at(const plx_table *table, const char *column, size_t row)
{
    return plx_column_f64(plx_table_find(table, column), row);
}

/* Row of the edge between two labels, or the number of rows. */
static size_t edge_row(plx_record *record, size_t kind, const char *pre, const char *post)
{
    const plx_table *nodes = table_of(record, "nodes");
    const plx_table *edges = table_of(record, "edges");
    const plx_column *label = plx_table_find(nodes, "label");
    for (size_t i = 0; i < edges->n_rows; i++) {
        if ((size_t)number_at(edges, "kind", i) == kind &&
            plx_slice_is(plx_column_str(label, (size_t)number_at(edges, "pre", i)), pre) &&
            plx_slice_is(plx_column_str(label, (size_t)number_at(edges, "post", i)), post)) {
            return i;
        }
    }
    return edges->n_rows;
}

START_TEST(test_responses)
{
    world w;
    plx_err err;
    plx_got got;
    open_world(&w, "responses", 1);
    ck_assert_msg(get(&w, "connectome", "randi2023", PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
    plx_record *record = open_record(&w, "connectome", "randi2023", PLX_STRICT);
    const plx_table *pairs = table_of(record, "pairs");
    const plx_table *edges = table_of(record, "edges");
    const plx_table *nodes = table_of(record, "nodes");
    ck_assert_uint_eq(pairs->n_rows, 22521); /* of 168 x 168, 5703 cells are blank */
    ck_assert_uint_eq(nodes->n_rows, 168);
    size_t significant = 0;
    for (size_t i = 0; i < pairs->n_rows; i++) {
        significant += number_at(pairs, "q", i) < 0.05;
    }
    ck_assert_uint_eq(significant, 978);
    size_t self = edge_row(record, 0, "ADEL", "ADEL");
    ck_assert_uint_lt(self, edges->n_rows);
    ck_assert(fabs(number_at(edges, "weight", self) - 0.919628708767323) < 1e-15); /* cell B2 of the first sheet */
    ck_assert(fabs(number_at(edges, "q", self) - (1 - 0.999999999924635)) < 1e-15);
    ck_assert_uint_eq(edge_row(record, 0, "ADEL", "ADER"), edges->n_rows); /* C2: 1 - q is 0.947 */
    /* the stray label is no neuron, and is explained */
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(nodes, "label"), 167), "IL2V4"));
    ck_assert(number_at(nodes, "slot", 167) == -1);
    const plx_table *changes = table_of(record, "changes");
    ck_assert_uint_eq(count_where(changes, "rule", "misprint"), 1);
    ck_assert_uint_eq(changes->n_rows, 1);
    ck_assert(strstr(plx_v_get_text(plx_record_as_view(record)->meta, "orientation"), "a row is the stimulated"));
    plx_record_close(record);
    ck_assert_msg(get(&w, "connectome", "randi2023", PLX_COMPAT, &got, &err), "%s", plx_test_err(&err));
    record = open_record(&w, "connectome", "randi2023", PLX_COMPAT);
    ck_assert(strstr(plx_v_get_text(plx_record_as_view(record)->meta, "edge_rule"), "D1"));
    edges = table_of(record, "edges");
    for (size_t i = 0; i < edges->n_rows; i++) {
        ck_assert(number_at(edges, "q", i) > 0.95);
    }
    plx_record_close(record);
    close_world(&w);
}
END_TEST

START_TEST(test_signs_and_transmitters)
{
    world w;
    plx_err err;
    plx_got got;
    open_world(&w, "signs", 1);
    ck_assert_msg(get(&w, "connectome", "fenyves2020", PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
    plx_record *record = open_record(&w, "connectome", "fenyves2020", PLX_STRICT);
    const plx_table *edges = table_of(record, "edges");
    ck_assert_uint_eq(count_where(edges, "polarity", "+"), 1327);
    ck_assert_uint_eq(count_where(edges, "polarity", "-"), 425);
    ck_assert_uint_eq(count_where(edges, "polarity", "complex"), 471);
    ck_assert_uint_eq(count_where(edges, "polarity", "no pred"), 1415);
    double sum = 0;
    for (size_t i = 0; i < edges->n_rows; i++) {
        sum += number_at(edges, "sign", i);
    }
    ck_assert(sum == 1327 - 425);
    size_t row = edge_row(record, 0, "ADAL", "AIBL");
    ck_assert(number_at(edges, "sign", row) == 1 && number_at(edges, "weight", row) == 2);
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(edges, "transmitter"), row), "Glu"));
    plx_record_close(record);
    ck_assert_msg(get(&w, "connectome", "bentley2016", PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
    record = open_record(&w, "connectome", "bentley2016", PLX_STRICT);
    const plx_table *pairings = table_of(record, "pairings");
    ck_assert_uint_eq(pairings->n_rows, 2626 + 8931);
    ck_assert_uint_eq(count_where(pairings, "transmitter", "dopamine"), 1752);
    ck_assert_uint_eq(count_where(pairings, "transmitter", "serotonin"), 540);
    ck_assert_uint_eq(count_where(pairings, "transmitter", "flp-21"), 3348);
    ck_assert_uint_eq(count_where(pairings, "receptor", "lgc-55"), 54);
    ck_assert_uint_eq(table_of(record, "changes")->n_rows, 0);
    edges = table_of(record, "edges");
    row = edge_row(record, 1, "AIAL", "AIYL");
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(edges, "gene"), row), "C25G6.5"));
    plx_record_close(record);
    close_world(&w);
}
END_TEST

/* Weights of all chemical edges by slots. */
static void load_weights(plx_record *record, size_t kind, double *out)
{
    const plx_table *nodes = table_of(record, "nodes");
    const plx_table *edges = table_of(record, "edges");
    memset(out, 0, sizeof *out * 300 * 300);
    for (size_t i = 0; i < edges->n_rows; i++) {
        double pre = number_at(nodes, "slot", (size_t)number_at(edges, "pre", i));
        double post = number_at(nodes, "slot", (size_t)number_at(edges, "post", i));
        if ((size_t)number_at(edges, "kind", i) == kind && pre >= 0 && post >= 0) {
            out[(size_t)pre * 300 + (size_t)post] += number_at(edges, "weight", i);
        }
    }
}

/* Orientation, order of the names and what VD9 stands for are proved by the connectomes the arrays were summed from. */
START_TEST(test_summed_arrays)
{
    static const char *const parts[] = {"white1986-whole", "white1986-jsh", "witvliet2020-7", "witvliet2020-8"};
    static double sum[300 * 300], one[300 * 300], given[300 * 300];
    world w;
    plx_err err;
    plx_got got;
    open_world(&w, "summed", 1);
    memset(sum, 0, sizeof sum);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        ck_assert_msg(get(&w, "connectome", parts[i], PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
        plx_record *record = open_record(&w, "connectome", parts[i], PLX_STRICT);
        load_weights(record, 0, one);
        for (size_t k = 0; k < sizeof sum / sizeof *sum; k++) {
            sum[k] += one[k];
        }
        plx_record_close(record);
    }
    ck_assert_msg(get(&w, "connectome", "wormneuroatlas", PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
    plx_record *record = open_record(&w, "connectome", "wormneuroatlas", PLX_STRICT);
    load_weights(record, 0, given);
    size_t same = 0;
    size_t turned = 0;
    size_t n = 0;
    for (size_t i = 0; i < 300; i++) {
        for (size_t j = 0; j < 300; j++) {
            if (given[i * 300 + j] > 0) {
                n++;
                same += given[i * 300 + j] == sum[i * 300 + j];
                turned += given[i * 300 + j] == sum[j * 300 + i];
            }
        }
    }
    ck_assert_uint_eq(n, 3857);
    ck_assert_msg(same == 3805 && turned * 10 < n, "%zu of %zu agree, %zu when turned", same, n, turned);
    const plx_table *changes = table_of(record, "changes");
    ck_assert_uint_eq(count_where(changes, "rule", "alias"), 2);
    ck_assert_uint_eq(count_where(changes, "rule", "not-observed"), changes->n_rows - 2);
    const plx_table *nodes = table_of(record, "nodes");
    size_t unobserved = 0;
    for (size_t i = 0; i < nodes->n_rows; i++) {
        unobserved += number_at(nodes, "observable", i) == 0;
    }
    ck_assert_uint_eq(unobserved, 3); /* VD9, AWCL and AWCR */
    plx_record_close(record);
    close_world(&w);
}
END_TEST

Suite *signals_suite(void)
{
    if (!plx_test_data("celegans/wormneuroatlas/aconnectome_default.h5")) {
        return NULL;
    }
    Suite *suite = suite_create("signals");
    TCase *tc = tcase_create("signals");
    tcase_set_timeout(tc, 240);
    tcase_add_test(tc, test_counts);
    tcase_add_test(tc, test_responses);
    tcase_add_test(tc, test_signs_and_transmitters);
    tcase_add_test(tc, test_summed_arrays);
    suite_add_tcase(suite, tc);
    return suite;
}

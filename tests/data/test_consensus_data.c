/* SPDX-License-Identifier: Apache-2.0
 *
 * The consensus of the published connectomes: in compat mode what the published files hold, in strict mode what an
 * independent program (Python, NumPy) makes of the same records. All 90000 rows were compared with one that follows
 * upstream's script; what is left here are its counts, sums and some rows.
 */
#include "schemas/neurons.h"
#include "support/suites.h"
#include "world.h"

#include <math.h>

static void expect_count(const plx_value *meta, const char *path, double want)
{
    double got = -1;
    ck_assert_msg(plx_v_as_f64(plx_v_at(meta, path), &got), "no %s", path);
    ck_assert_msg(fabs(got - want) < 1e-4, "%s is %.10g", path, got);
}

static double value_at(const plx_table *table, const char *pre, const char *post, const char *column)
{
    size_t row =
        (size_t)plx_neuron_slot(plx_slice_of(pre)) * PLX_N_NEURONS + (size_t)plx_neuron_slot(plx_slice_of(post));
    const plx_column *c = plx_table_find(table, column);
    ck_assert_ptr_nonnull(c);
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(table, "from_neuron"), row), pre));
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(table, "to_neuron"), row), post));
    return plx_column_f64(c, row);
}

static double sum_of(const plx_table *table, const char *column, size_t *n)
{
    const plx_column *c = plx_table_find(table, column);
    double sum = 0;
    *n = 0;
    for (size_t i = 0; i < c->n; i++) {
        double value = plx_column_f64(c, i);
        sum += isnan(value) ? 0 : value;
        *n += isnan(value) ? 0 : 1;
    }
    return sum;
}

START_TEST(test_published)
{
    static const char *const columns[] = {"from_neuron", "to_neuron",         "from_pos",        "to_pos",
                                          "from_type",   "to_type",           "mean_gap_weight", "mean_chem_weight",
                                          "uncertainty", "functional_weight", "data_sources"};
    world w;
    plx_err err;
    plx_got got;
    size_t n;
    open_world(&w, "published", 1);
    ck_assert_msg(get(&w, "connectome", "consensus", PLX_COMPAT, &got, &err), "%s", plx_test_err(&err));
    plx_record *record = open_record(&w, "connectome", "consensus", PLX_COMPAT);
    const plx_table *t = table_of(record, "consensus");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        ck_assert_msg(plx_table_find(t, columns[i]) != NULL, "no column %s", columns[i]);
    }
    ck_assert_uint_eq(t->n_cols, sizeof columns / sizeof *columns);
    ck_assert_uint_eq(t->n_rows, 90000);
    const plx_value *meta = plx_record_as_view(record)->meta;
    expect_count(meta, "published_rows.full", 90000);
    expect_count(meta, "published_rows.trimmed_nofunc", 6365);
    expect_count(meta, "published_rows.trimmed_withfunc", 16373);
    ck_assert(fabs(sum_of(t, "mean_gap_weight", &n) - 7484.6) < 1e-9 && n == 2605);
    double chemical = sum_of(t, "mean_chem_weight", &n);
    ck_assert(fabs(chemical / (double)n - 2.742048476170996) < 1e-12 && n == 4889);
    ck_assert(fabs(sum_of(t, "uncertainty", &n) - 1269.341446934429) < 1e-9 && n == 1129); /* D11 */
    ck_assert(fabs(sum_of(t, "functional_weight", &n) - 208.6714417205858) < 1e-9 && n == 11175);
    double unordered = 0;
    n = 0;
    for (size_t i = 0; i < PLX_N_NEURONS; i++) {
        for (size_t k = i; k < PLX_N_NEURONS; k++) {
            double value = plx_column_f64(plx_table_find(t, "mean_gap_weight"), i * PLX_N_NEURONS + k);
            unordered += isnan(value) ? 0 : value;
            n += isnan(value) ? 0 : 1;
        }
    }
    ck_assert(n == 1313 && fabs(unordered / (double)n - 2.8633917237877635) < 1e-12);
    ck_assert(value_at(t, "AVAL", "AVAR", "mean_gap_weight") == 6.5); /* D10: of 1, 2, 5 and 18 */
    ck_assert(value_at(t, "AVAL", "AVAR", "mean_chem_weight") == 4.5);
    ck_assert(fabs(value_at(t, "AVAL", "AVAR", "uncertainty") - 4.5771878424667465) < 1e-14);
    ck_assert(value_at(t, "ASHL", "AVAL", "mean_chem_weight") == 6);
    ck_assert(value_at(t, "AVBL", "AVAL", "mean_chem_weight") == 6);
    ck_assert(value_at(t, "AVBL", "AVAL", "functional_weight") == -0.012272310443222523);
    size_t ash =
        (size_t)plx_neuron_slot(plx_slice_of("ASHL")) * PLX_N_NEURONS + (size_t)plx_neuron_slot(plx_slice_of("AVAL"));
    ck_assert(
        plx_slice_is(plx_column_str(plx_table_find(t, "data_sources"), ash),
                     "['chklovskii', 'cook2019', 'openworm', 'white1986_jsh', 'white1986_n2u', 'white1986_whole', "
                     "'witvliet2020_7', 'witvliet2020_8']"));
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(t, "from_pos"), ash), "(4.21, 58.42, 8.35)"));
    ck_assert_uint_eq(count_where(table_of(record, "changes"), "rule", "D10"), 337);
    ck_assert(strstr(plx_v_get_text(meta, "uncertainty"), "1129 of 6365"));
    plx_record_close(record);
    close_world(&w);
}
END_TEST

START_TEST(test_by_what_could_be_seen)
{
    world w;
    plx_err err;
    plx_got got;
    size_t n;
    open_world(&w, "seen", 1);
    ck_assert_msg(get(&w, "connectome", "consensus", PLX_STRICT, &got, &err), "%s", plx_test_err(&err));
    plx_record *record = open_record(&w, "connectome", "consensus", PLX_STRICT);
    const plx_table *t = table_of(record, "consensus");
    ck_assert(sum_of(t, "gap_present", &n) == 5544);
    ck_assert(sum_of(t, "chem_present", &n) == 12649);
    ck_assert(sum_of(t, "gap_observable", &n) == 2 * 57600 + 6 * 32400); /* whole animals; and heads, 180 neurons */
    ck_assert(sum_of(t, "chem_observable", &n) == 2 * 55825 + 6 * 31871 + 3 * 1775 + 7 * 529); /* and a tail */
    ck_assert(sum_of(t, "functional_measured", &n) == 22256);
    ck_assert(fabs(sum_of(t, "functional_weight", &n) - 220.3401) < 1e-4 && n == 976);
    ck_assert(value_at(t, "AVAL", "AVAR", "mean_gap_synapses") == 2 &&
              value_at(t, "AVAL", "AVAR", "mean_gap_sections") == 18);
    ck_assert(value_at(t, "ASHL", "AVAL", "mean_chem_synapses") == 5.8);
    ck_assert(value_at(t, "ASHL", "AVAL", "mean_chem_sections") == 15);
    ck_assert(fabs(value_at(t, "AVBL", "AVAL", "mean_chem_synapses") - 1.4) < 1e-15); /* in one of five: absent is 0 */
    ck_assert(value_at(t, "AVBL", "AVAL", "chem_observable") == 6 && value_at(t, "AVBL", "AVAL", "chem_present") == 2);
    const plx_value *graphs = plx_v_get(plx_record_as_view(record)->meta, "graphs");
    ck_assert_uint_eq(graphs->u.arr.n, 8);
    ck_assert_str_eq(plx_v_text(graphs->u.arr.items[0]), "connectome/cook2019:strict (EM sections)");
    plx_record_close(record);
    close_world(&w);
}
END_TEST

Suite *consensus_data_suite(void)
{
    if (!plx_test_data("celegans/worm-data-preprocess/Cook2019.xlsx")) {
        return NULL;
    }
    Suite *suite = suite_create("consensus_data");
    TCase *tc = tcase_create("consensus_data");
    tcase_set_timeout(tc, 240);
    tcase_add_test(tc, test_published);
    tcase_add_test(tc, test_by_what_could_be_seen);
    suite_add_tcase(suite, tc);
    return suite;
}

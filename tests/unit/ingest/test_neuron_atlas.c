/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_sink.h"
#include "support/suites.h"

static const char sheet[] = "label,class,neurotransmitter,type,x,y,z\n"
                            "VD9,VD,GABA,motor,-13.48,548.63,-0.01\n"
                            "ADFL,ADF,Ach,sensory,8.48,54.18,7\n"
                            "RIH,RIH,Unknown (orphan),inter,,,\n";
static const char positions[] =
    "VD9,548.63,-13.48,-0.01\nADFL,54,8.48,7.00\nRIH,47.05,-0.69,-0.08\nAVAL,1,2,3\nXYZ,1,2,3\n";
static const char cells[] = "[{\"name\": \"VD9\", \"inhead\": 0, \"intail\": 1, \"emb\": 0, \"nt\": \"g\"},\n"
                            " {\"name\": \"ADFL\", \"inhead\": 1, \"intail\": 0, \"emb\": 1},\n"
                            " {\"name\": \"RIH\", \"inhead\": 1, \"intail\": 0, \"emb\": 1},\n"
                            " {\"name\": \"BWM-DL01\", \"inhead\": 1, \"intail\": 0, \"emb\": 1}]";
static const char *const all_files[] = {"complete",  "no",    "sheet", "sheet", "positions",
                                        "positions", "cells", "cells", NULL};
static const char *const sheet_only[] = {"complete", "no", "sheet", "sheet", NULL};

static bool run(const char *const *options, const char *s, const char *p, const char *c, memory_sink *sink,
                plx_err *err)
{
    const text_file files[] = {{"sheet", s, 0}, {"positions", p, 0}, {"cells", c, 0}};
    text_file given[4] = {files[0], files[1], files[2], {0}};
    return run_job("neuron_atlas", options, given, PLX_STRICT, sink, err);
}

static double number(const memory_sink *s, const char *column, size_t row)
{
    return plx_column_f64(plx_table_find(&s->record.table[0], column), row);
}

START_TEST(test_three_files)
{
    memory_sink s;
    plx_err err;
    ck_assert_msg(run(all_files, sheet, positions, cells, &s, &err), "%s", plx_test_err(&err));
    ck_assert(ms_count(&s, "counts.neurons") == 3 && ms_count(&s, "counts.positions") == 3);
    ck_assert(ms_count(&s, "counts.in_head") == 2 && ms_count(&s, "counts.in_tail") == 1);
    ck_assert(plx_slice_is(ms_text(&s, "neurons", "name", 0), "ADFL")); /* slot order */
    ck_assert(plx_slice_is(ms_text(&s, "neurons", "transmitter", 0), "ACh"));
    ck_assert(plx_slice_is(ms_text(&s, "neurons", "transmitter", 1), "unknown"));
    ck_assert(number(&s, "y_um", 0) == 54.18); /* the sheet's stands */
    ck_assert(number(&s, "y_um", 1) == 47.05 && number(&s, "x_um", 1) == -0.69);
    ck_assert(number(&s, "z_um", 2) == -0.01);
    ck_assert_uint_eq(ms_changes(&s, "transmitter-case"), 1);
    ck_assert_uint_eq(ms_changes(&s, "transmitter-unknown"), 1);
    ck_assert_uint_eq(ms_changes(&s, "position-differs"), 1);
    ck_assert_str_eq(ms_change_of(&s, "position-differs")->before, "8.48 54.0 7.0");
    ck_assert_uint_eq(ms_changes(&s, "position-from-atlas"), 1);
    ck_assert_uint_eq(ms_changes(&s, "not-in-sheet"), 1);
    ck_assert_uint_eq(ms_changes(&s, "unknown"), 1);
    ck_assert_uint_eq(ms_changes(&s, "non-neuron"), 1);
    ck_assert_uint_eq(s.n_changes, 7);
    ms_free(&s);
}
END_TEST

START_TEST(test_incomplete)
{
    static const char *const complete[] = {"sheet", "sheet", NULL};
    memory_sink s;
    plx_err err;
    ck_assert(!run(complete, sheet, "", "", &s, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_ptr_nonnull(strstr(err.what, "no row for ADAL"));
    ms_free(&s);
    ck_assert(
        !run(all_files, sheet, positions, "[{\"name\": \"VD9\", \"inhead\": 0, \"intail\": 1, \"emb\": 0}]", &s, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_ptr_nonnull(strstr(err.what, "cell table has no row for ADFL"));
    ms_free(&s);
    ck_assert_msg(run(sheet_only, sheet, "", "", &s, &err), "%s", plx_test_err(&err));
    ck_assert_str_eq(plx_v_get_text(s.attributes, "observability"), "not stated");
    ck_assert(ms_count(&s, "counts.positions") == 2);
    ms_free(&s);
}
END_TEST

START_TEST(test_bad_input)
{
    static const struct {
        const char *sheet, *positions, *cells, *says;
    } cases[] = {
        {"label,class,neurotransmitter,type,x,y\n", positions, cells, "z"},
        {"label,class,neurotransmitter,type,x,y,z\nVB02,VB,ACh,motor,1,2,3\n", positions, cells,
         "not the name of one of the 300"},
        {"label,class,neurotransmitter,type,x,y,z\nNOBODY,VB,ACh,motor,1,2,3\n", positions, cells,
         "not the name of one of the 300"},
        {"label,class,neurotransmitter,type,x,y,z\nVB2,,ACh,motor,1,2,3\n", positions, cells, "VB2 has no class"},
        {"label,class,neurotransmitter,type,x,y,z\nVB2,VB,,motor,1,2,3\n", positions, cells,
         "VB2 has no neurotransmitter"},
        {"label,class,neurotransmitter,type,x,y,z\nVB2,VB,ACh,mover,1,2,3\n", positions, cells, "type \"mover\""},
        {"label,class,neurotransmitter,type,x,y,z\nVB2,VB,ACh,motor,1,b,3\n", positions, cells, "position \"b\""},
        {"label,class,neurotransmitter,type,x,y,z\nVB2,VB,ACh,motor,1,2,inf\n", positions, cells, "position \"inf\""},
        {"label,class,neurotransmitter,type,x,y,z\nVB2,VB,ACh,motor,1,2,3\nVB2,VB,ACh,motor,1,2,3\n", positions, cells,
         "VB2 stands twice"},
        {sheet, "VD9,1,2\n", cells, "3 columns"},
        {sheet, "VD9,1,2,q\n", cells, "position \"q\""},
        {sheet, positions, "[{\"inhead\": 0}]", "\"name\""},
        {sheet, positions, "[{\"name\": \"VD9\", \"inhead\": 2, \"intail\": 1, \"emb\": 0}]", "\"inhead\""},
        {sheet, positions, "[{\"name\": \"VD9\", \"inhead\": 0, \"emb\": 0}]", "\"intail\""},
        {sheet, positions, "[{\"name\": \"VD9\", \"inhead\": 0, \"intail\": 0, \"emb\": true}]", "\"emb\""},
        {sheet, positions,
         "[{\"name\": \"VD9\", \"inhead\": 0, \"intail\": 0, \"emb\": 1}, {\"name\": \"VD9\", \"inhead\": 0, "
         "\"intail\": 0, \"emb\": 1}]",
         "\"name\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memory_sink s;
        plx_err err;
        ck_assert_msg(!run(all_files, cases[i].sheet, cases[i].positions, cases[i].cells, &s, &err),
                      "case %zu was taken", i);
        ck_assert_msg(err.code == PLX_E_FORMAT || err.code == PLX_E_SCHEMA, "case %zu: %s", i, plx_test_err(&err));
        ck_assert_msg(strstr(plx_test_err(&err), cases[i].says) != NULL, "case %zu: %s", i, plx_test_err(&err));
        ms_free(&s);
    }
}
END_TEST

START_TEST(test_every_prefix)
{
    for (size_t len = 1; len < sizeof sheet; len++) {
        const text_file files[] = {{"sheet", sheet, len}, {0}};
        memory_sink s;
        plx_err err = {0};
        static const char *const only[] = {"complete", "no", NULL}; /* the only file is the sheet */
        bool ok = run_job("neuron_atlas", only, files, PLX_STRICT, &s, &err);
        ck_assert_msg(ok || err.code == PLX_E_FORMAT || err.code == PLX_E_TRUNCATED || err.code == PLX_E_NOTFOUND ||
                          err.code == PLX_E_SCHEMA,
                      "%zu bytes: %s", len, plx_test_err(&err));
        ms_free(&s);
    }
}
END_TEST

START_TEST(test_every_allocation)
{
    size_t live = plx_alloc_live();
    for (size_t k = 0;; k++) {
        memory_sink s;
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        bool ok = run(all_files, sheet, positions, cells, &s, &err);
        bool through = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ms_free(&s);
        ck_assert_uint_eq(plx_alloc_live(), live);
        if (through) {
            ck_assert(ok);
            break;
        }
    }
}
END_TEST

Suite *neuron_atlas_suite(void)
{
    Suite *suite = suite_create("neuron_atlas");
    TCase *tc = tcase_create("neuron_atlas");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_three_files);
    tcase_add_test(tc, test_incomplete);
    tcase_add_test(tc, test_bad_input);
    tcase_add_test(tc, test_every_prefix);
    tcase_add_test(tc, test_every_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}

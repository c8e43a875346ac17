/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/graphml_write.h"

#include "core/alloc.h"
#include "support/support.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

typedef struct sample {
    plx_table nodes, edges;
} sample;

static void add_u32(plx_table *table, const char *name, uint32_t a, uint32_t b)
{
    plx_column *column;
    ck_assert(plx_table_add(table, name, "", PLX_U32, 2, &column, NULL));
    memcpy(column->values.ptr, (const uint32_t[2]){a, b}, 2 * sizeof a);
}

static void make(sample *s, const char *label, uint32_t last)
{
    *s = (sample){0};
    plx_column *x;
    const plx_slice labels[2] = {plx_slice_of(label), plx_slice_of("B")};
    const plx_slice types[2] = {plx_slice_of("tab\there"), plx_slice_of("")};
    const plx_slice kinds[2] = {plx_slice_of("chemical"), plx_slice_of("gap")};
    ck_assert(plx_table_add_strings(&s->nodes, "label", labels, 2, NULL));
    ck_assert(plx_table_add_strings(&s->nodes, "type", types, 2, NULL));
    ck_assert(plx_table_add(&s->nodes, "x_um", "um", PLX_F64, 2, &x, NULL));
    memcpy(x->values.ptr, (const double[2]){(double)NAN, 0.5}, 2 * sizeof(double));
    add_u32(&s->edges, "pre", 0, 0);
    add_u32(&s->edges, "post", 1, last);
    ck_assert(plx_table_add_strings(&s->edges, "kind", kinds, 2, NULL));
}

static bool write(const sample *s, char **text, plx_err *err)
{
    size_t len;
    plx_ctx ctx = plx_ctx_default();
    const plx_graphml g = {"a & b", &s->nodes, "label", &s->edges, "pre", "post"};
    FILE *to = open_memstream(text, &len);
    plx_err_clear(err);
    bool ok = plx_graphml_write(&ctx, &g, to, err);
    fclose(to);
    return ok;
}

static void drop(sample *s)
{
    plx_table_free(&s->nodes);
    plx_table_free(&s->edges);
}

static const char golden[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                             "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"
                             "  <key id=\"n1\" for=\"node\" attr.name=\"type\" attr.type=\"string\"/>\n"
                             "  <key id=\"n2\" for=\"node\" attr.name=\"x_um\" attr.type=\"double\"/>\n"
                             "  <key id=\"e2\" for=\"edge\" attr.name=\"kind\" attr.type=\"string\"/>\n"
                             "  <graph edgedefault=\"directed\">\n"
                             "    <desc>a &amp; b</desc>\n"
                             "    <node id=\"&lt;A&gt; &amp; &quot;'\"><data key=\"n1\">tab&#9;here</data></node>\n"
                             "    <node id=\"B\"><data key=\"n2\">0.5</data></node>\n"
                             "    <edge id=\"e0\" source=\"&lt;A&gt; &amp; &quot;'\" target=\"B\">"
                             "<data key=\"e2\">chemical</data></edge>\n"
                             "    <edge id=\"e1\" source=\"&lt;A&gt; &amp; &quot;'\" target=\"B\">"
                             "<data key=\"e2\">gap</data></edge>\n"
                             "  </graph>\n</graphml>\n";

START_TEST(test_text)
{
    sample s;
    plx_err err;
    char *text;
    make(&s, "<A> & \"'", 1);
    ck_assert_msg(write(&s, &text, &err), "%s", plx_test_err(&err));
    ck_assert_str_eq(text, golden);
    free(text);
    drop(&s);
}
END_TEST

START_TEST(test_refused)
{
    sample s;
    plx_err err;
    char *text;
    make(&s, "bell\a", 1);
    ck_assert(!write(&s, &text, &err));
    ck_assert_int_eq(err.code, PLX_E_UNSUPPORTED);
    free(text);
    drop(&s);
    make(&s, "A", 2);
    ck_assert(!write(&s, &text, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    free(text);
    drop(&s);
}
END_TEST

START_TEST(test_no_memory)
{
    sample s;
    unsigned n_failed = 0;
    char label[200] = "";
    memset(label, 'A', sizeof label - 1); /* more than a builder can fall back to when it grows */
    make(&s, label, 1);
    size_t before = plx_alloc_live();
    for (size_t k = 0; k < 40; k++) {
        plx_err err;
        char *text;
        plx_test_alloc_fail_at(k);
        bool ok = write(&s, &text, &err);
        plx_test_alloc_ok();
        free(text);
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), before);
        n_failed += !ok;
    }
    ck_assert_uint_gt(n_failed, 0);
    drop(&s);
}
END_TEST

Suite *graphml_write_suite(void)
{
    Suite *s = suite_create("graphml_write");
    TCase *tc = tcase_create("graphml_write");
    tcase_add_test(tc, test_text);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_no_memory);
    suite_add_tcase(s, tc);
    return s;
}

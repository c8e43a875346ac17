/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose files these are, by their layout.
 */
#include "ingest/guess.h"
#include "support/suites.h"
#include "support/support.h"

#include <string.h>

static const char *file(const char *name, const char *text)
{
    static char paths[8][PLX_PATH];
    static size_t next;
    char *path = paths[next++ % 8];
    plx_test_file(name, text, strlen(text));
    ck_assert(plx_path_join(path, plx_test_dir(), name, NULL));
    return path;
}

/* "edge_table pre_column=Source ...", or "none". */
static const char *guess(const char *const *files, size_t n)
{
    static char text[512];
    plx_ctx ctx = plx_ctx_default();
    plx_err err = {0};
    plx_arena *arena = plx_arena_new(0);
    const plx_ingester *found = NULL;
    plx_guess how = {0};
    ck_assert_msg(plx_ingest_guess(&ctx, arena, files, n, &found, &how, &err), "%s", plx_test_err(&err));
    size_t used = (size_t)snprintf(text, sizeof text, "%s", found ? found->name : "none");
    for (size_t i = 0; found && i < how.n_options; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, " %s", how.options[i]);
    }
    plx_arena_free(arena);
    return text;
}

static const char *guess_one(const char *name, const char *text)
{
    const char *path = file(name, text);
    return guess(&path, 1);
}

START_TEST(tables_of_edges)
{
    ck_assert_str_eq(guess_one("a.csv", "pre,post,type,synapses\nA,B,chemical,1\n"), "edge_table unknown_cells=keep");
    ck_assert_str_eq(
        guess_one("b.csv", "Source,Target,Weight,Type\nA,B,1,chemical\n"),
        "edge_table pre_column=Source post_column=Target type_column=Type weight_column=Weight unknown_cells=keep");
    ck_assert_str_eq(guess_one("c.tsv", "from\tto\tkind\nA\tB\tchemical\n"),
                     "edge_table pre_column=from post_column=to type_column=kind weight_column= unknown_cells=keep");
    ck_assert_str_eq(guess_one("d.csv", "pre,post,synapses\nA,B,1\n"), "none"); /* of which kind? */
    ck_assert_str_eq(guess_one("e.csv", "name,x,y\nA,1,2\n"), "none");
}
END_TEST

START_TEST(documents_of_nemanode)
{
    ck_assert_str_eq(guess_one("a.json", "[{\"pre\": \"A\", \"post\": \"B\", \"typ\": 0, \"syn\": [1, 2]}]"),
                     "nemanode_json unknown_cells=keep");
    ck_assert_str_eq(guess_one("b.json", "[{\"pre\": \"A\", \"post\": \"B\"}]"), "none");
    ck_assert_str_eq(guess_one("c.json", "{\"pre\": \"A\"}"), "none");
    ck_assert_str_eq(guess_one("d.json", "[]"), "none");
    ck_assert_str_eq(guess_one("e.json", "[1"), "none");
}
END_TEST

START_TEST(all_files_must_agree)
{
    const char *same[] = {file("s1.csv", "pre,post,type,synapses\nA,B,chemical,1\n"),
                          file("s2.csv", "pre,post,type,synapses\nB,A,chemical,1\n")};
    ck_assert_str_eq(guess(same, 2), "edge_table unknown_cells=keep");
    const char *other[] = {same[0], file("o.csv", "Source,Target,Type,Weight\nB,A,chemical,1\n")};
    ck_assert_str_eq(guess(other, 2), "none");
    const char *mixed[] = {same[0], file("m.json", "[{\"pre\": \"A\", \"post\": \"B\", \"typ\": 0, \"syn\": [1]}]")};
    ck_assert_str_eq(guess(mixed, 2), "none");
    const char *unreadable[] = {same[0], file("u.bin", "\001\002\003")};
    ck_assert_str_eq(guess(unreadable, 2), "none");
    const char *missing[] = {same[0], "/nowhere/at/all.csv"};
    ck_assert_str_eq(guess(missing, 2), "none");
    ck_assert_str_eq(guess(NULL, 0), "none");
}
END_TEST

START_TEST(survives_every_failed_allocation)
{
    const char *path = file("alloc.csv", "Source,Target,Weight,Type\nA,B,1,chemical\n");
    plx_ctx ctx = plx_ctx_default();
    for (size_t k = 0;; k++) {
        plx_arena *arena = plx_arena_new(0);
        const plx_ingester *found = NULL;
        plx_guess how = {0};
        plx_err err = {0};
        plx_test_alloc_fail_at(k);
        bool ok = plx_ingest_guess(&ctx, arena, &path, 1, &found, &how, &err);
        bool through = plx_test_alloc_ok() <= k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "allocation %zu: %s", k, plx_test_err(&err));
        plx_arena_free(arena);
        if (through) {
            ck_assert(ok && found && how.n_options == 5);
            break;
        }
    }
}
END_TEST

Suite *guess_suite(void);
Suite *guess_suite(void)
{
    Suite *suite = suite_create("guess");
    TCase *tc = tcase_create("guess");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, tables_of_edges);
    tcase_add_test(tc, documents_of_nemanode);
    tcase_add_test(tc, all_files_must_agree);
    tcase_add_test(tc, survives_every_failed_allocation);
    suite_add_tcase(suite, tc);
    return suite;
}

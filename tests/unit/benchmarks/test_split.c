/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/split.h"
#include "support/support.h"

#include <check.h>

enum { N = 200 };
static uint32_t group[N], stratum[N];

static plx_split_input make(unsigned fold, uint64_t seed)
{
    for (uint32_t i = 0; i < N; i++) {
        group[i] = i < 80 ? 1000 - i / 2 : i; /* forty pairs, then singles */
        stratum[i] = i < 80 ? 0 : 7 + i % 3;
    }
    return (plx_split_input){
        .n = N, .group = group, .stratum = stratum, .fold = fold, .n_folds = 5, .seed = seed, .stream = "test"};
}

static uint8_t *divide(plx_arena *arena, const char *rule, const char *params, const plx_split_input *in)
{
    uint8_t *part;
    plx_err err;
    plx_err_clear(&err);
    ck_assert_msg(plx_split_divide(rule, params, in, arena, &part, &err), "%s", plx_test_err(&err));
    return part;
}

START_TEST(groups_stay_together)
{
    static const char *const rules[] = {"folds", "holdout"};
    plx_arena *arena = plx_arena_new(0);
    for (size_t r = 0; r < 2; r++) {
        for (uint64_t seed = 0; seed < 5; seed++) {
            plx_split_input in = make((unsigned)seed, seed);
            uint8_t *part = divide(arena, rules[r], NULL, &in);
            for (size_t i = 0; i < 80; i += 2) {
                ck_assert_uint_eq(part[i], part[i + 1]);
            }
        }
    }
    plx_arena_free(arena);
}
END_TEST

START_TEST(every_item_is_tested_once)
{
    plx_arena *arena = plx_arena_new(0);
    unsigned tested[N] = {0}, valid[N] = {0}, of_stratum[10] = {0};
    for (unsigned fold = 0; fold < 5; fold++) {
        plx_split_input in = make(fold, 11);
        uint8_t *part = divide(arena, "folds", NULL, &in);
        for (size_t i = 0; i < N; i++) {
            tested[i] += part[i] == PLX_PART_TEST;
            valid[i] += part[i] == PLX_PART_VALID;
            of_stratum[stratum[i]] += fold == 0 && part[i] == PLX_PART_TEST;
        }
    }
    for (size_t i = 0; i < N; i++) {
        ck_assert_uint_eq(tested[i], 1);
        ck_assert_uint_eq(valid[i], 1);
    }
    ck_assert_uint_eq(of_stratum[0], 16); /* a fifth of forty pairs, and of forty singles in each other stratum */
    ck_assert_uint_eq(of_stratum[7], 8);
    ck_assert_uint_eq(of_stratum[8], 8);
    ck_assert_uint_eq(of_stratum[9], 8);
    plx_arena_free(arena);
}
END_TEST

START_TEST(shares_are_kept)
{
    plx_arena *arena = plx_arena_new(0);
    plx_split_input in = make(0, 2);
    in.group = NULL;
    uint8_t *part = divide(arena, "holdout", "train=0.5 valid=0.25", &in);
    unsigned n[10][4] = {{0}};
    for (size_t i = 0; i < N; i++) {
        n[stratum[i]][part[i]]++;
    }
    ck_assert_uint_eq(n[0][PLX_PART_TRAIN], 40);
    ck_assert_uint_eq(n[0][PLX_PART_VALID], 20);
    ck_assert_uint_eq(n[0][PLX_PART_TEST], 20);
    ck_assert_uint_eq(n[8][PLX_PART_TRAIN], 20);
    plx_arena_free(arena);
}
END_TEST

START_TEST(seeds_and_streams_differ)
{
    plx_arena *arena = plx_arena_new(0);
    plx_split_input in = make(0, 1);
    uint8_t *a = divide(arena, "holdout", NULL, &in);
    uint8_t *again = divide(arena, "holdout", NULL, &in);
    ck_assert_mem_eq(a, again, N);
    in.seed = 2;
    ck_assert_mem_ne(a, divide(arena, "holdout", NULL, &in), N);
    in.seed = 1;
    in.stream = "other";
    ck_assert_mem_ne(a, divide(arena, "holdout", NULL, &in), N);
    plx_arena_free(arena);
}
END_TEST

/* The order of these parts is part of what a task's version stands for: when it changes, boards are no longer
 * comparable. */
START_TEST(parts_are_frozen)
{
    plx_arena *arena = plx_arena_new(0);
    plx_split_input in = make(0, 0);
    uint8_t *part = divide(arena, "holdout", NULL, &in);
    char hex[PLX_SHA256_HEX + 1];
    plx_digest digest = plx_sha256_of(part, N);
    plx_digest_hex(&digest, hex);
    ck_assert_str_eq(hex, "64e33482127b9e72e7db2ec5415529dff9aa8f432fec422e4ab3d673f9189150");
    digest = plx_sha256_of(divide(arena, "folds", NULL, &in), N);
    plx_digest_hex(&digest, hex);
    ck_assert_str_eq(hex, "58f9037fd43a67c18acfa2c69aa365cd1810f4ca715216a7653b904952382a7d");
    plx_arena_free(arena);
}
END_TEST

START_TEST(what_cannot_be_divided)
{
    plx_arena *arena = plx_arena_new(0);
    uint8_t *part;
    plx_err err;
    plx_split_input in = make(0, 0);
    ck_assert(!plx_split_divide("holdout", "train=0.9 valid=0.2", &in, arena, &part, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert(!plx_split_divide("holdout", "tran=0.9", &in, arena, &part, &err));
    ck_assert_int_eq(err.code, PLX_E_ARG);
    in.fold = 5;
    ck_assert(!plx_split_divide("folds", NULL, &in, arena, &part, &err));
    ck_assert(!plx_split_divide("nothing", NULL, &in, arena, &part, &err));
    in.n = 0;
    in.fold = 0;
    ck_assert(plx_split_divide("folds", NULL, &in, arena, &part, &err));
    plx_arena_free(arena);
}
END_TEST

START_TEST(memory_runs_out)
{
    plx_split_input in = make(0, 0);
    for (size_t k = 0;; k++) {
        plx_arena *arena = plx_arena_new(0);
        uint8_t *part;
        plx_err err;
        plx_test_alloc_fail_at(k);
        bool ok = plx_split_divide("holdout", NULL, &in, arena, &part, &err);
        size_t asked = plx_test_alloc_ok();
        plx_arena_free(arena);
        if (asked <= k) {
            ck_assert(ok);
            break;
        }
        ck_assert(!ok && err.code == PLX_E_NOMEM);
    }
}
END_TEST

Suite *split_suite(void)
{
    Suite *s = suite_create("split");
    TCase *t = tcase_create("rules");
    tcase_add_test(t, groups_stay_together);
    tcase_add_test(t, every_item_is_tested_once);
    tcase_add_test(t, shares_are_kept);
    tcase_add_test(t, seeds_and_streams_differ);
    tcase_add_test(t, parts_are_frozen);
    tcase_add_test(t, what_cannot_be_divided);
    tcase_add_test(t, memory_runs_out);
    suite_add_tcase(s, t);
    return s;
}

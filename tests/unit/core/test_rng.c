/* SPDX-License-Identifier: Apache-2.0
 *
 * core/rng: the reference streams, fairness of what is drawn from them, and the normal quantile against SciPy.
 * Expected integers come from the authors' reference algorithms, written again in Python.
 */
#include "core/rng.h"

#include <check.h>
#include <math.h>
#include <string.h>

START_TEST(xoshiro_reference)
{
    static const uint64_t expected[] = {41943041U,
                                        58720359U,
                                        3588806011781223U,
                                        3591011842654386U,
                                        9228616714210784205U,
                                        9973669472204895162U,
                                        14011001112246962877U,
                                        12406186145184390807U,
                                        15849039046786891736U,
                                        10450023813501588000U};
    plx_rng rng = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        ck_assert_uint_eq(plx_rng_u64(&rng), expected[i]);
    }
}
END_TEST

START_TEST(seeds_by_splitmix)
{
    static const struct {
        uint64_t seed, s[4];
    } rows[] = {
        {0, {0xE220A8397B1DCDAFU, 0x6E789E6AA1B965F4U, 0x06C45D188009454FU, 0xF88BB8A8724C81ECU}},
        {1234567, {0x599ED017FB08FC85U, 0x2C73F08458540FA5U, 0x883EBCE5A3F27C77U, 0x3FBEF740E9177B3FU}},
        {UINT64_MAX, {0xE4D971771B652C20U, 0xE99FF867DBF682C9U, 0x382FF84CB27281E9U, 0x6D1DB36CCBA982D2U}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        plx_rng rng = plx_rng_seed(rows[i].seed);
        ck_assert_mem_eq(rng.s, rows[i].s, sizeof rng.s);
    }
    plx_rng rng = plx_rng_seed(42);
    ck_assert_uint_eq(plx_rng_u64(&rng), 15021278609987233951U);
    ck_assert_uint_eq(plx_rng_u64(&rng), 5881210131331364753U);
}
END_TEST

/* Python: struct.unpack("<4Q", hashlib.sha256(struct.pack("<QQ", 7, 3) + b"baseline").digest()) */
START_TEST(streams)
{
    static const uint64_t expected[4] = {0x559DEECD4DB6C025U, 0x50FFE7B32E9BEFADU, 0x0499BBBD8C1E8190U,
                                         0xC3534632ED76924CU};
    plx_rng a = plx_rng_stream(7, "baseline", 3);
    ck_assert_mem_eq(a.s, expected, sizeof expected);
    ck_assert_uint_eq(plx_rng_u64(&a), 15401050094828730559U);
    plx_rng b = plx_rng_stream(7, "baseline", 4), c = plx_rng_stream(8, "baseline", 3),
            d = plx_rng_stream(7, "base", 3);
    ck_assert_mem_ne(b.s, expected, sizeof expected);
    ck_assert_mem_ne(c.s, expected, sizeof expected);
    ck_assert_mem_ne(d.s, expected, sizeof expected);
}
END_TEST

START_TEST(below)
{
    static const uint64_t bounds[] = {1, 2, 10, 1000, (UINT64_C(1) << 63) + 1, UINT64_MAX};
    static const uint64_t expected[] = {0, 0, 5, 851, 5851082451139817760U, 13382781184930849911U};
    plx_rng rng = plx_rng_seed(9);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_uint_eq(plx_rng_below(&rng, bounds[i]), expected[i]);
    }
    unsigned counts[7] = {0};
    for (int i = 0; i < 700000; i++) {
        counts[plx_rng_below(&rng, 7)]++;
    }
    double chi2 = 0;
    for (int i = 0; i < 7; i++) {
        chi2 += (counts[i] - 100000.0) * (counts[i] - 100000.0) / 100000.0;
    }
    ck_assert_double_lt(chi2, 22.46); /* 0.999 quantile with 6 degrees of freedom */
}
END_TEST

START_TEST(unit_interval)
{
    plx_rng rng = plx_rng_seed(2024);
    ck_assert_double_eq(plx_rng_f64(&rng), 0x1.0c824a7f1fdb0p-1);
    ck_assert_double_eq(plx_rng_f64(&rng), 0x1.2dfbbb18abd9ap-2);
    ck_assert_double_eq(plx_rng_f64(&rng), 0x1.f2caff4e7ba34p-3);
    double sum = 0;
    int inside = 0;
    for (int i = 0; i < 1000000; i++) {
        double x = plx_rng_f64(&rng);
        inside += x >= 0.0 && x < 1.0;
        sum += x;
    }
    ck_assert_int_eq(inside, 1000000);
    ck_assert_double_eq_tol(sum / 1e6, 0.5, 0.0015);
}
END_TEST

/* scipy.stats.norm.ppf */
START_TEST(normal_quantile)
{
    static const double rows[][2] = {{5e-324, -38.467405617144344},
                                     {1e-300, -37.0470962993612},
                                     {1e-100, -21.273453560965322},
                                     {1e-20, -9.262340089798409},
                                     {1e-16, -8.222082216130435},
                                     {1e-11, -6.706023155495137},
                                     {1.3e-11, -6.667611456510741},
                                     {1.5e-11, -6.646570887477113},
                                     {1e-05, -4.264890793922825},
                                     {0.001, -3.090232306167813},
                                     {0.0749, -1.4402382675279635},
                                     {0.075, -1.4395314709384563},
                                     {0.0751, -1.4388253927525403},
                                     {0.1, -1.2815515655446004},
                                     {0.25, -0.6744897501960817},
                                     {0.4, -0.2533471031357997},
                                     {0.499, -0.0025066308995717666},
                                     {0.6, 0.2533471031357997},
                                     {0.75, 0.6744897501960817},
                                     {0.925, 1.4395314709384563},
                                     {0.9251, 1.4402382675279635},
                                     {0.97, 1.8807936081512509},
                                     {0.999, 3.090232306167813},
                                     {0.9999999999990905, 7.047700256664409},
                                     {0.9999999999999998, 8.125890664701908}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double x = plx_normal_quantile(rows[i][0]), e = rows[i][1];
        ck_assert_msg(fabs(x - e) <= 1e-14 * fabs(e), "quantile(%.17g) = %.17g, expected %.17g", rows[i][0], x, e);
    }
    ck_assert_double_eq(plx_normal_quantile(0.5), 0.0);
    ck_assert(isinf(plx_normal_quantile(0.0)) && plx_normal_quantile(0.0) < 0);
    ck_assert(isinf(plx_normal_quantile(1.0)) && plx_normal_quantile(1.0) > 0);
    ck_assert(isnan(plx_normal_quantile(-0.1)));
    ck_assert(isnan(plx_normal_quantile(1.1)));
    ck_assert(isnan(plx_normal_quantile((double)NAN)));
}
END_TEST

START_TEST(normals)
{
    static const double expected[] = {0.06127912287870253, -0.539109676757392, -0.6949246909246839,
                                      -0.19765815253475416};
    plx_rng rng = plx_rng_seed(2024);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_double_eq_tol(plx_rng_normal(&rng), expected[i], 1e-14);
    }
    enum { N = 1000000 };
    double sum = 0, sum2 = 0, sum4 = 0;
    for (int i = 0; i < N; i++) {
        double x = plx_rng_normal(&rng);
        sum += x;
        sum2 += x * x;
        sum4 += x * x * x * x;
    }
    ck_assert_double_eq_tol(sum / N, 0.0, 0.005);
    ck_assert_double_eq_tol(sum2 / N, 1.0, 0.008);
    ck_assert_double_eq_tol(sum4 / N, 3.0, 0.05);
}
END_TEST

START_TEST(shuffles)
{
    static const int expected[10] = {3, 2, 9, 5, 4, 1, 0, 7, 6, 8};
    int items[10];
    for (int i = 0; i < 10; i++) {
        items[i] = i;
    }
    plx_rng rng = plx_rng_seed(5);
    plx_rng_shuffle(&rng, items, 10, sizeof items[0]);
    ck_assert_mem_eq(items, expected, sizeof expected);
    plx_rng_shuffle(&rng, items, 0, sizeof items[0]);
    plx_rng_shuffle(&rng, items, 1, sizeof items[0]);
    ck_assert_mem_eq(items, expected, sizeof expected);

    /* Elements larger than the swap buffer move whole, and the order follows from the stream alone. */
    struct large {
        int id;
        char body[150];
    } large[10];
    for (int i = 0; i < 10; i++) {
        large[i].id = i;
        memset(large[i].body, 'a' + i, sizeof large[i].body);
    }
    rng = plx_rng_seed(5);
    plx_rng_shuffle(&rng, large, 10, sizeof large[0]);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(large[i].id, expected[i]);
        for (size_t j = 0; j < sizeof large[i].body; j++) {
            ck_assert_int_eq(large[i].body[j], 'a' + expected[i]);
        }
    }

    unsigned counts[6] = {0};
    for (int i = 0; i < 60000; i++) {
        char three[3] = {0, 1, 2};
        plx_rng_shuffle(&rng, three, 3, 1);
        counts[three[0] * 2 + (three[1] > three[2])]++;
    }
    for (int i = 0; i < 6; i++) {
        ck_assert_msg(counts[i] > 9600 && counts[i] < 10400, "order %d came %u times", i, counts[i]);
    }
}
END_TEST

Suite *rng_suite(void)
{
    Suite *s = suite_create("rng");
    TCase *tc = tcase_create("rng");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, xoshiro_reference);
    tcase_add_test(tc, seeds_by_splitmix);
    tcase_add_test(tc, streams);
    tcase_add_test(tc, below);
    tcase_add_test(tc, unit_interval);
    tcase_add_test(tc, normal_quantile);
    tcase_add_test(tc, normals);
    tcase_add_test(tc, shuffles);
    suite_add_tcase(s, tc);
    return s;
}

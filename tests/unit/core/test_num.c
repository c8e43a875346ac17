/* SPDX-License-Identifier: Apache-2.0
 *
 * core/num: rounding against strtod, the shortest text against Python's repr and NumPy's str, grammar, units.
 */
#include "core/num.h"
#include "core/rng.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For long loops: Check writes a message for every assertion it makes, these only when one fails. */
#define check_msg(ok, ...)                                                                                             \
    do {                                                                                                               \
        if (!(ok)) {                                                                                                   \
            ck_abort_msg(__VA_ARGS__);                                                                                 \
        }                                                                                                              \
    } while (0)
#define check(ok) check_msg(ok, "%s", #ok)

static void check_parse(const char *text, double expected)
{
    double x = -12345.0;
    ck_assert_msg(plx_parse_f64(text, strlen(text), &x), "'%s' is refused", text);
    ck_assert_msg(memcmp(&x, &expected, sizeof x) == 0, "'%.60s' gives %a, expected %a", text, x, expected);
}

START_TEST(known_hard_cases)
{
    check_parse("0", 0.0);
    check_parse("-0", -0.0);
    check_parse("-0.0e5", -0.0);
    check_parse("0e999999999999999999999", 0.0);
    check_parse("9007199254740993", 9007199254740992.0); /* half way, to even */
    check_parse("9007199254740995", 9007199254740996.0); /* half way, to even upwards */
    check_parse("9007199254740993.00000000000000001", 9007199254740994.0);
    check_parse("9007199254740992.99999999999999999", 9007199254740992.0);
    check_parse("1e23", 1e23);
    check_parse("8.5e22", 8.5e22);
    check_parse("2.2250738585072011e-308", 0x0.fffffffffffffp-1022); /* the text that once hung PHP */
    check_parse("2.2250738585072014e-308", DBL_MIN);
    check_parse("4.9406564584124654e-324", 0x1p-1074);
    check_parse("2.4703282292062327e-324", 0.0);
    check_parse("2.4703282292062328e-324", 0x1p-1074);
    check_parse("1.7976931348623157e308", DBL_MAX);
    check_parse("1.7976931348623158e308", DBL_MAX);
    check_parse("1.797693134862315808e308", (double)INFINITY);
    check_parse("1e309", (double)INFINITY);
    check_parse("-1e400", -(double)INFINITY);
    check_parse("1e-400", 0.0);
    check_parse("1e99999999999999999999", (double)INFINITY);
    check_parse("1e-99999999999999999999", 0.0);
    check_parse("7.2057594037927933e16", 0x1p56);
    check_parse("123456789012345678901234567890", 123456789012345678901234567890.0);
    check_parse("0.000000000000000000000000000000000000000000000000000000000000000000001", 1e-69);
    check_parse("1448997445238699", 1448997445238699.0);
    check_parse("6.631236871469758276785396630275e-316", 0x0.0000008000000p-1022);
}
END_TEST

static void put(char *at, const char *text)
{
    memcpy(at, text, strlen(text) + 1);
}

/* The middle between 1 and the next double has 53 decimals; a digit after a thousand zeros decides upwards. */
START_TEST(texts_of_any_length)
{
    static const char middle[] = "1.00000000000000011102230246251565404236316680908203125";
    static char text[6000];
    check_parse(middle, 1.0);
    size_t n = sizeof middle - 1;
    memcpy(text, middle, n);
    memset(text + n, '0', 2000);
    put(text + n + 2000, "1");
    check_parse(text, 1.0 + DBL_EPSILON);
    put(text + n + 2000, "0");
    check_parse(text, 1.0);

    memset(text, '0', 5000); /* leading zeros count for nothing */
    put(text + 5000, "12.5e1");
    check_parse(text, 125.0);
    memset(text, '0', 5000);
    text[1] = '.';
    put(text + 5000, "25e4999");
    check_parse(text, 2.5);
    memset(text, '9', 5000); /* 1e5000 is out of range, its 1e-5000th is not */
    text[5000] = '\0';
    check_parse(text, (double)INFINITY);
    put(text + 5000, "e-4999");
    check_parse(text, 10.0);
    put(text + 5000, ".e-5320");
    check_parse(text, strtod("1e-320", NULL));
    for (size_t i = 0; i < 200; i++) {
        put(text + 10 * i, "1234567890");
    }
    put(text + 2000, "e-2000");
    check_parse(text, 0.1234567890123456789);
}
END_TEST

START_TEST(grammar)
{
    static const char *const good[] = {"1",    "+1", "-1",   "1.",   ".5",  "1e5", "1E5",  "1e+5",
                                       "1e-5", "01", "1.e2", ".5e1", "1.0", "inf", "+inf", "-Infinity"};
    static const char *const bad[] = {"",        ".",         "+",    "-",   "e5",      "1e",  "1e+",  "1e-",
                                      " 1",      "1 ",        "0x10", "1,5", "1_0",     "--1", "+-1",  "1e5.0",
                                      "1.2.3",   "infin",     "in",   "na",  "nano",    "1f",  "1e5x", ".e5",
                                      "infinit", "infinityx", "-.",   "1\n", "\xd9\xa1"};
    double x;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        check_parse(good[i], strtod(good[i], NULL));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        x = 7.0;
        ck_assert_msg(!plx_parse_f64(bad[i], strlen(bad[i]), &x), "'%s' is accepted", bad[i]);
        ck_assert_double_eq(x, 7.0);
    }
    ck_assert(!plx_parse_f64("1\0", 2, &x));
    ck_assert(plx_parse_f64("12345", 3, &x) && x == 123.0); /* only len bytes count */
    ck_assert(plx_parse_f64("NaN", 3, &x) && isnan(x));
    ck_assert(plx_parse_f64("-nan", 4, &x) && isnan(x));
    ck_assert(plx_parse_f64("1e5", 1, &x) && x == 1.0);
}
END_TEST

START_TEST(rounding_agrees_with_strtod)
{
    plx_rng rng = plx_rng_seed(11);
    char text[512];
    for (int i = 0; i < 1000000; i++) {
        uint64_t mantissa = plx_rng_u64(&rng) >> plx_rng_below(&rng, 64);
        int exponent = (int)plx_rng_below(&rng, i % 2 ? 150 : 700) - (i % 2 ? 75 : 350);
        int n = snprintf(text, sizeof text, "%llu%llue%d", (unsigned long long)mantissa,
                         (unsigned long long)(i % 4 ? 0 : plx_rng_u64(&rng)), exponent);
        double x, expected = strtod(text, NULL);
        check(plx_parse_f64(text, (size_t)n, &x));
        check_msg(memcmp(&x, &expected, sizeof x) == 0, "%s gives %a, expected %a", text, x, expected);
    }
}
END_TEST

/* The exact middle between two doubles, and the next decimals below and above it. */
START_TEST(halfway_cases)
{
    plx_rng rng = plx_rng_seed(12);
    char text[2000];
    for (int i = 0; i < 20000; i++) {
        uint64_t fraction = plx_rng_u64(&rng) >> 11 | UINT64_C(1) << 52;
        int power = (int)plx_rng_below(&rng, 200) - 201;
        long double middle = ldexpl((long double)(2 * fraction + 1), power); /* 54 bits: exact in long double */
        int n = snprintf(text, sizeof text, "%.250Lf", middle);
        char *five = text + n - 1; /* the last digit that is not 0 is a 5 */
        while (*five == '0' || *five == '.') {
            five--;
        }
        for (int change = -1; change <= 1; change++) {
            *five = change < 0 ? '4' : '5';
            text[n - 1] = change < 0 ? '9' : change > 0 ? '1' : '0';
            double x, expected = strtod(text, NULL);
            check(plx_parse_f64(text, (size_t)n, &x));
            check_msg(x == expected, "%s gives %a, expected %a", text, x, expected);
        }
    }
}
END_TEST

START_TEST(random_bits_come_back)
{
    plx_rng rng = plx_rng_seed(13);
    char text[PLX_NUM_TEXT];
    for (int i = 0; i < 1000000; i++) {
        uint64_t bits = plx_rng_u64(&rng);
        double x, y;
        memcpy(&x, &bits, sizeof x);
        if (isnan(x)) {
            continue;
        }
        size_t n = plx_print_f64(x, text);
        check(n < PLX_NUM_TEXT);
        check(strlen(text) == n);
        check(plx_parse_f64(text, n, &y));
        check_msg(memcmp(&x, &y, sizeof x) == 0, "%a prints as %s, which is %a", x, text, y);
        check_msg(strtod(text, NULL) == x, "%a prints as %s", x, text);
        uint32_t low = (uint32_t)bits;
        float f;
        memcpy(&f, &low, sizeof f);
        if (i % 4 == 0 && !isnan(f)) {
            n = plx_print_f32(f, text);
            check(plx_parse_f64(text, n, &y));
            check_msg((float)y == f, "%a prints as %s", (double)f, text);
            check((signbit((float)y) != 0) == (signbit(f) != 0));
        }
    }
}
END_TEST

START_TEST(short_decimals_print_as_they_were)
{
    plx_rng rng = plx_rng_seed(14);
    char text[64], out[PLX_NUM_TEXT];
    for (int i = 0; i < 300000; i++) {
        /* d.dd...de+xx with at most 15 digits, the last not 0, is the shortest text of its double. */
        int digits = 1 + (int)plx_rng_below(&rng, 15);
        uint64_t mantissa = 1 + plx_rng_below(&rng, 9);
        for (int d = 1; d < digits; d++) {
            mantissa = mantissa * 10 + (d == digits - 1 ? 1 + plx_rng_below(&rng, 9) : plx_rng_below(&rng, 10));
        }
        int exponent = (int)plx_rng_below(&rng, 40) - 20;
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)mantissa, exponent);
        plx_print_f64(strtod(text, NULL), out);
        uint64_t back = 0;
        int n = 0;
        for (const char *p = out; *p && *p != 'e'; p++) {
            if (*p >= '0' && *p <= '9' && (n > 0 || *p != '0')) {
                back = back * 10 + (uint64_t)(*p - '0');
                n++;
            }
        }
        while (back % 10 == 0) {
            back /= 10;
        }
        check_msg(back == mantissa, "%s prints as %s", text, out);
        check(strtod(out, NULL) == strtod(text, NULL));
    }
}
END_TEST

/* Python 3 repr(x), but for the layout of numbers from 1e15 on. */
START_TEST(doubles_print_like_python)
{
    static const struct {
        double x;
        const char *text;
    } rows[] = {{0.0, "0.0"},
                {-0.0, "-0.0"},
                {1.0, "1.0"},
                {-1.0, "-1.0"},
                {0.1, "0.1"},
                {1.0 / 3.0, "0.3333333333333333"},
                {2.0 / 3.0, "0.6666666666666666"},
                {1e22, "1e+22"},
                {1e23, "1e+23"},
                {5e-324, "5e-324"},
                {5e-310, "5e-310"},
                {2.2250738585072014e-308, "2.2250738585072014e-308"},
                {2.225073858507201e-308, "2.225073858507201e-308"},
                {DBL_MAX, "1.7976931348623157e+308"},
                {-DBL_MAX, "-1.7976931348623157e+308"},
                {123456789012345.6, "123456789012345.6"},
                {999999999999999.0, "999999999999999.0"},
                {1e14, "100000000000000.0"},
                {1e15, "1e+15"},
                {1e16, "1e+16"},
                {9007199254740992.0, "9.007199254740992e+15"},
                {0.0001, "0.0001"},
                {0.00001, "1e-05"},
                {1.5e-5, "1.5e-05"},
                {-0.001234, "-0.001234"},
                {3.141592653589793, "3.141592653589793"},
                {4.35, "4.35"},
                {0.3, "0.3"},
                {0.1 + 0.2, "0.30000000000000004"},
                {2.5, "2.5"},
                {100.0, "100.0"},
                {9.5367431640625e-07, "9.5367431640625e-07"},
                {299792458.0, "299792458.0"},
                {6.02214076e23, "6.02214076e+23"},
                {(double)INFINITY, "inf"},
                {-(double)INFINITY, "-inf"},
                {(double)NAN, "nan"}};
    char out[PLX_NUM_TEXT];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_uint_eq(plx_print_f64(rows[i].x, out), strlen(rows[i].text));
        ck_assert_str_eq(out, rows[i].text);
    }
}
END_TEST

/* str(numpy.float32(x)) */
START_TEST(floats_print_like_numpy)
{
    static const struct {
        float x;
        const char *text;
    } rows[] = {{0.1f, "0.1"},
                {16777216.0f, "16777216.0"},
                {FLT_MAX, "3.4028235e+38"},
                {0x1p-149f, "1e-45"},
                {FLT_MIN, "1.1754944e-38"},
                {0.3f, "0.3"},
                {0x1.921fb6p+1f, "3.1415927"},
                {1e10f, "10000000000.0"},
                {123456.7f, "123456.7"},
                {1.0f / 3.0f, "0.33333334"},
                {-0.0f, "-0.0"},
                {(float)-INFINITY, "-inf"}};
    char out[PLX_NUM_TEXT];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert_uint_eq(plx_print_f32(rows[i].x, out), strlen(rows[i].text));
        ck_assert_str_eq(out, rows[i].text);
    }
}
END_TEST

START_TEST(integers)
{
    static const char *const bad[] = {"", "-", "+", " 1", "1 ", "1.0", "1e3", "0x1", "--1", "12a", "1_000"};
    int64_t i;
    uint64_t u;
    char out[PLX_NUM_TEXT];
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        ck_assert_msg(!plx_parse_i64(bad[k], strlen(bad[k]), &i), "'%s'", bad[k]);
        ck_assert_msg(!plx_parse_u64(bad[k], strlen(bad[k]), &u), "'%s'", bad[k]);
    }
    ck_assert(plx_parse_i64("9223372036854775807", 19, &i) && i == INT64_MAX);
    ck_assert(plx_parse_i64("-9223372036854775808", 20, &i) && i == INT64_MIN);
    ck_assert(!plx_parse_i64("9223372036854775808", 19, &i));
    ck_assert(!plx_parse_i64("-9223372036854775809", 20, &i));
    ck_assert(plx_parse_i64("+007", 4, &i) && i == 7);
    ck_assert(plx_parse_i64("-0", 2, &i) && i == 0);
    ck_assert(plx_parse_u64("18446744073709551615", 20, &u) && u == UINT64_MAX);
    ck_assert(!plx_parse_u64("18446744073709551616", 20, &u));
    ck_assert(!plx_parse_u64("99999999999999999999999", 23, &u));
    ck_assert(!plx_parse_u64("-1", 2, &u));
    ck_assert(!plx_parse_u64("+1", 2, &u));
    ck_assert_uint_eq(plx_print_i64(INT64_MIN, out), 20);
    ck_assert_str_eq(out, "-9223372036854775808");
    ck_assert_uint_eq(plx_print_i64(0, out), 1);
    ck_assert_str_eq(out, "0");
    ck_assert_uint_eq(plx_print_u64(UINT64_MAX, out), 20);
    ck_assert_str_eq(out, "18446744073709551615");
}
END_TEST

START_TEST(sizes_for_people)
{
    static const struct {
        uint64_t n;
        const char *text;
    } sizes[] = {{0, "0 B"},
                 {312, "312 B"},
                 {999, "999 B"},
                 {1000, "1.0 kB"},
                 {1049, "1.0 kB"},
                 {1050, "1.1 kB"},
                 {1400000, "1.4 MB"},
                 {999949, "999.9 kB"},
                 {999950, "1.0 MB"},
                 {1999999999, "2.0 GB"},
                 {123456789012, "123.5 GB"},
                 {UINT64_MAX, "18.4 EB"}};
    char out[PLX_NUM_TEXT];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        ck_assert_uint_eq(plx_print_bytes(sizes[i].n, out), strlen(sizes[i].text));
        ck_assert_str_eq(out, sizes[i].text);
    }
    ck_assert_uint_eq(plx_print_grouped(12345678, out), 10);
    ck_assert_str_eq(out, "12 345 678");
    plx_print_grouped(0, out);
    ck_assert_str_eq(out, "0");
    plx_print_grouped(999, out);
    ck_assert_str_eq(out, "999");
    plx_print_grouped(1000, out);
    ck_assert_str_eq(out, "1 000");
    plx_print_grouped(UINT64_MAX, out);
    ck_assert_str_eq(out, "18 446 744 073 709 551 615");
    uint64_t n;
    ck_assert(plx_parse_bytes("4G", &n) && n == UINT64_C(4) << 30);
    ck_assert(plx_parse_bytes("512m", &n) && n == 512U << 20);
    ck_assert(plx_parse_bytes("10k", &n) && n == 10240);
    ck_assert(plx_parse_bytes("123", &n) && n == 123);
    ck_assert(plx_parse_bytes("1T", &n) && n == UINT64_C(1) << 40);
    ck_assert(plx_parse_bytes("16383P", &n) && n == UINT64_C(16383) << 50);
    static const char *const bad[] = {"",   "G",  "4GB", "4X", "-1", "1.5G", "16384P", "99999999999999999999",
                                      " 1", "4 G"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!plx_parse_bytes(bad[i], &n), "'%s'", bad[i]);
    }
}
END_TEST

Suite *num_suite(void)
{
    Suite *s = suite_create("num");
    TCase *tc = tcase_create("num");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, known_hard_cases);
    tcase_add_test(tc, texts_of_any_length);
    tcase_add_test(tc, grammar);
    tcase_add_test(tc, rounding_agrees_with_strtod);
    tcase_add_test(tc, halfway_cases);
    tcase_add_test(tc, random_bits_come_back);
    tcase_add_test(tc, short_decimals_print_as_they_were);
    tcase_add_test(tc, doubles_print_like_python);
    tcase_add_test(tc, floats_print_like_numpy);
    tcase_add_test(tc, integers);
    tcase_add_test(tc, sizes_for_people);
    suite_add_tcase(s, tc);
    return s;
}

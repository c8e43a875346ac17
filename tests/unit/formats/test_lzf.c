/* SPDX-License-Identifier: Apache-2.0
 *
 * Streams by hand, and every way in which one can end early or reach too far. Real ones: test_h5, test_h5_data.
 */
#include "formats/lzf.h"

#include "support/support.h"

#include <check.h>
#include <string.h>

/* "abc", "abcabc" copied from 3 back, "xy", 300 times 'y' by two copies from 1 back. */
static const uint8_t stream[] = {2, 'a', 'b', 'c', 0x80, 2, 1, 'x', 'y', 0xe0, 255, 0, 0xe0, 27, 0};
enum { UNPACKED = 3 + 6 + 2 + 264 + 36 };

START_TEST(test_stream)
{
    uint8_t out[UNPACKED];
    plx_err err = {0};
    ck_assert_msg(plx_lzf_decode(stream, sizeof stream, out, UNPACKED, &err), "%s", plx_test_err(&err));
    ck_assert_mem_eq(out, "abcabcabcxyyyyyy", 16);
    for (size_t i = 10; i < UNPACKED; i++) {
        ck_assert_int_eq(out[i], 'y');
    }
    ck_assert(plx_lzf_decode(stream, 0, out, 0, &err));
}
END_TEST

static void refuse(const uint8_t *bytes, size_t n, size_t want, const char *why)
{
    uint8_t out[UNPACKED];
    plx_err err = {0};
    ck_assert(!plx_lzf_decode(bytes, n, out, want, &err));
    ck_assert_int_eq(err.code, PLX_E_FORMAT);
    ck_assert_msg(strstr(err.why, why), "%s", plx_test_err(&err));
}

START_TEST(test_damaged)
{
    for (size_t n = 0; n < sizeof stream; n++) { /* every prefix */
        uint8_t out[UNPACKED];
        plx_err err = {0};
        ck_assert(!plx_lzf_decode(stream, n, out, UNPACKED, &err));
        ck_assert_int_eq(err.code, PLX_E_FORMAT);
    }
    refuse(stream, 3, UNPACKED, "ends inside a run");
    refuse(stream, 5, UNPACKED, "ends inside a copy");
    refuse(stream, 11, UNPACKED, "ends inside a copy");
    refuse(stream, sizeof stream, 2, "more bytes");
    refuse(stream, sizeof stream, 8, "more bytes");
    refuse(stream, 4, 4, "fewer bytes");
    refuse((const uint8_t[]){0, 'a', 0x20, 1}, 4, 4, "before its start");
}
END_TEST

Suite *lzf_suite(void)
{
    Suite *suite = suite_create("lzf");
    TCase *tc = tcase_create("lzf");
    tcase_add_test(tc, test_stream);
    tcase_add_test(tc, test_damaged);
    suite_add_tcase(suite, tc);
    return suite;
}

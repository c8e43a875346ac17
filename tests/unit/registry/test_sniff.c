/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages are told from data, and data from other data where they carry a signature.
 */
#include "registry/sniff.h"

#include <check.h>
#include <string.h>

START_TEST(pages)
{
    static const char *const yes[] = {"<!DOCTYPE html>",
                                      "<!doctype HTML>\n",
                                      " \t\r\n<HTML lang=en>",
                                      "<head>",
                                      "<body x>",
                                      "<script>",
                                      "<title>x",
                                      "<meta charset>",
                                      "\xEF\xBB\xBF<html>",
                                      "<!-- a --><!-- b -->\n<html>",
                                      "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC"};
    static const char *const no[] = {"",
                                     "<",
                                     "<!-- never ends <html>",
                                     "<?xml version=\"1.0\"?><svg>",
                                     "a,b\n<html>",
                                     "<h",
                                     "{\"html\": 1}",
                                     "\xEF\xBB\xBF",
                                     "<graphml>",
                                     "<!doctype svg>",
                                     "PK\3\4"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        ck_assert_msg(plx_sniff_is_page(yes[i], strlen(yes[i])), "%s", yes[i]);
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        ck_assert_msg(!plx_sniff_is_page(no[i], strlen(no[i])), "%s", no[i]);
    }
}
END_TEST

START_TEST(every_prefix_of_a_page)
{
    static const char page[] = "\xEF\xBB\xBF <?xml version=\"1.0\"?><!-- x --><!doctype html>";
    for (size_t n = 0; n < sizeof page - 1; n++) {
        char exact[64];
        memcpy(exact + sizeof exact - n, page, n);
        ck_assert_int_eq(plx_sniff_is_page(exact + sizeof exact - n, n), n >= sizeof page - 2);
    }
}
END_TEST

START_TEST(pages_that_are_wanted)
{
    ck_assert(plx_sniff_page_is_wanted("text/html; charset=utf-8", "x"));
    ck_assert(plx_sniff_page_is_wanted(NULL, "a/b.html"));
    ck_assert(!plx_sniff_page_is_wanted("text/csv", "html"));
    ck_assert(!plx_sniff_page_is_wanted(NULL, "x.csv"));
}
END_TEST

START_TEST(signatures)
{
    ck_assert(plx_sniff_fits("application/zip", "x", "PK\3\4", 4));
    ck_assert(!plx_sniff_fits("application/zip", "x", "Rar!", 4));
    ck_assert(!plx_sniff_fits("application/zip", "x", "P", 1));
    ck_assert(!plx_sniff_fits(NULL, "x.h5", "oops", 4));
    ck_assert(plx_sniff_fits(NULL, "x.h5", "\x89HDF\r\n", 6));
    ck_assert(plx_sniff_fits("text/csv", "x.zip", "a,b", 3)); /* the manifest knows better than a name */
    ck_assert(plx_sniff_fits("text/csv", "x.csv", "anything", 8));
    ck_assert(plx_sniff_fits(NULL, "", "", 0));
}
END_TEST

Suite *sniff_suite(void)
{
    Suite *s = suite_create("sniff");
    TCase *tc = tcase_create("sniff");
    tcase_add_test(tc, pages);
    tcase_add_test(tc, every_prefix_of_a_page);
    tcase_add_test(tc, pages_that_are_wanted);
    tcase_add_test(tc, signatures);
    suite_add_tcase(s, tc);
    return s;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "hostile.h"

static void done(const hostile *h, const char *what)
{
    printf("hostile tar archives, %s: %zu cases\n", what, h->n_cases);
}

static void label_name(char out[64], const char *label)
{
    snprintf(out, 64, "%s.tar", label);
}

static void one(hostile *h, const char *label, tar_part part, plx_code code, const char *what)
{
    plx_sb tar = {0};
    char name[64];
    label_name(name, label);
    make_tar(&tar, &part);
    make_tar_end(&tar);
    hostile_expect(h, name, &tar, code, what);
}

static void two(hostile *h, const char *label, tar_part a, tar_part b, plx_code code, const char *what)
{
    plx_sb tar = {0};
    char name[64];
    label_name(name, label);
    make_tar(&tar, &a);
    make_tar(&tar, &b);
    make_tar_end(&tar);
    hostile_expect(h, name, &tar, code, what);
}

/* A member "m" of 5 bytes with one pax record before it. */
static void pax(hostile *h, const char *label, const char *key, const char *value, size_t len, plx_code code,
                const char *what)
{
    plx_sb tar = {0};
    char name[64];
    label_name(name, label);
    make_pax(&tar, key, value, len);
    make_tar(&tar, &(tar_part){.name = "m", .data = "hello", .len = 5});
    make_tar_end(&tar);
    hostile_expect(h, name, &tar, code, what);
}

/* A name or link target too long for the header, the GNU way. */
static void gnu_long(hostile *h, const char *label, char type, const char *text, plx_code code, const char *what)
{
    plx_sb tar = {0};
    char name[64];
    label_name(name, label);
    make_tar(&tar, &(tar_part){.name = "././@LongLink", .type = type, .data = text, .len = strlen(text) + 1});
    make_tar(&tar, &(tar_part){.name = "m", .type = type == 'K' ? '2' : '0', .link = type == 'K' ? "x" : NULL});
    make_tar_end(&tar);
    hostile_expect(h, name, &tar, code, what);
}

#define PART(n)                                                                                                        \
    (tar_part)                                                                                                         \
    {                                                                                                                  \
        .name = n, .data = "1", .len = 1                                                                               \
    }
#define S(text) text, sizeof text - 1

START_TEST(test_names)
{
    hostile h;
    hostile_setup(&h);
    one(&h, "parent", PART("../evil"), PLX_E_POLICY, "climbs out");
    one(&h, "inner-parent", PART("a/../../evil"), PLX_E_POLICY, "climbs out");
    one(&h, "sibling", PART("../canary_sibling/x"), PLX_E_POLICY, "climbs out");
    one(&h, "absolute", PART("/tmp/evil"), PLX_E_POLICY, "absolute");
    one(&h, "drive", PART("C:\\evil"), PLX_E_POLICY, NULL);
    one(&h, "backslash", PART("..\\evil"), PLX_E_POLICY, "backslash");
    one(&h, "newline", PART("a\nb"), PLX_E_POLICY, "control");
    one(&h, "ansi", PART("a\033[31mred"), PLX_E_POLICY, "control");
    one(&h, "not-utf8", PART("caf\351"), PLX_E_UNSUPPORTED, "UTF-8");
    pax(&h, "pax-parent", "path", S("../evil"), PLX_E_POLICY, "climbs out");
    pax(&h, "pax-absolute", "path", S("/etc/cron.d/x"), PLX_E_POLICY, "absolute");
    pax(&h, "pax-newline", "path", S("a\nb"), PLX_E_POLICY, "control");
    pax(&h, "pax-utf8", "path", S("\316\261\316\262/\303\251.csv"), PLX_OK, NULL);
    ck_assert_uint_eq(h.bytes, 5);
    pax(&h, "pax-nul", "path", S("a\0../evil"), PLX_OK, NULL); /* libarchive ends the name at the NUL: it is "a" */
    pax(&h, "pax-nul-parent", "path", S("../evil\0a"), PLX_E_POLICY, "climbs out");
    gnu_long(&h, "gnu-parent", 'L', "../evil", PLX_E_POLICY, "climbs out");
    gnu_long(&h, "gnu-link-absolute", 'K', "/etc/passwd", PLX_E_POLICY, "absolute");
    plx_sb text = {0};
    for (int i = 0; i < 500; i++) {
        plx_sb_text(&text, "0123456789/");
    }
    gnu_long(&h, "gnu-long", 'L', text.ptr, PLX_E_POLICY, "longer than 4096");
    text.len = 0;
    for (int i = 0; i < 2000; i++) {
        plx_sb_text(&text, "d/");
    }
    pax(&h, "pax-deep", "path", text.ptr, text.len, PLX_E_LIMIT, "2000 levels");
    plx_sb_free(&text);
    done(&h, "names");
}
END_TEST

START_TEST(test_collisions)
{
    hostile h;
    hostile_setup(&h);
    two(&h, "twice", PART("a"), PART("a"), PLX_E_POLICY, "another member");
    two(&h, "case", PART("a"), PART("A"), PLX_E_POLICY, "another member");
    two(&h, "accents", PART("\303\251"), PART("e\314\201"), PLX_E_POLICY, "another member");
    two(&h, "dot", PART("./a"), PART("a"), PLX_E_POLICY, "another member");
    two(&h, "file-is-folder", PART("a"), PART("a/b"), PLX_E_POLICY, "not a folder");
    two(&h, "root-folder", (tar_part){.name = "./", .type = '5'}, PART("./a"), PLX_OK, NULL);
    ck_assert_uint_eq(h.files, 1);
    done(&h, "colliding names");
}
END_TEST

#define LINK(n, to)                                                                                                    \
    (tar_part)                                                                                                         \
    {                                                                                                                  \
        .name = n, .type = '2', .link = to                                                                             \
    }
#define HARD(n, to)                                                                                                    \
    (tar_part)                                                                                                         \
    {                                                                                                                  \
        .name = n, .type = '1', .link = to                                                                             \
    }

START_TEST(test_links_and_devices)
{
    hostile h;
    hostile_setup(&h);
    one(&h, "link-absolute", LINK("s", "/etc/passwd"), PLX_E_POLICY, "absolute");
    one(&h, "link-parent", LINK("s", ".."), PLX_E_POLICY, "out of the archive");
    one(&h, "link-empty", LINK("s", NULL), PLX_E_POLICY, "target");
    one(&h, "link-inside", LINK("d/s", "../x"), PLX_OK, NULL);
    one(&h, "hard-absolute", HARD("s", "/etc/passwd"), PLX_E_POLICY, "absolute");
    one(&h, "hard-parent", HARD("d/e/s", "d/../../x"), PLX_E_POLICY, "out of the archive");
    one(&h, "hard-parent-inside", HARD("d/s", "../x"), PLX_E_POLICY, "out of the archive");
    one(&h, "hard-inside", HARD("s", "a"), PLX_OK, NULL);
    ck_assert_uint_eq(h.others, 1);
    two(&h, "write-through-link", LINK("s", "d"), PART("s/evil"), PLX_E_POLICY, "not a folder");
    two(&h, "write-through-hard-link", HARD("s", "d"), PART("s/evil"), PLX_E_POLICY, "not a folder");
    two(&h, "hard-link-over-link", LINK("s", "d"), HARD("s", "d"), PLX_E_POLICY, "another member");
    two(&h, "link-loop", LINK("a", "b"), LINK("b", "a"), PLX_OK, NULL);
    ck_assert_uint_eq(h.others, 2);
    one(&h, "character-device", (tar_part){.name = "d", .type = '3'}, PLX_E_POLICY, "device");
    one(&h, "block-device", (tar_part){.name = "d", .type = '4'}, PLX_E_POLICY, "device");
    one(&h, "fifo", (tar_part){.name = "d", .type = '6'}, PLX_E_POLICY, "device");
    one(&h, "setuid", (tar_part){.name = "d", .mode = "0004755"}, PLX_OK, NULL);
    ck_assert_uint_eq(h.files, 1);
    plx_sb tar = {0};
    make_pax(&tar, "linkpath", S("/etc/passwd"));
    make_tar(&tar, &LINK("s", "x"));
    make_tar_end(&tar);
    hostile_expect(&h, "pax-link-absolute.tar", &tar, PLX_E_POLICY, "absolute");
    pax(&h, "pax-link-of-a-file", "linkpath", S("/etc/passwd"), PLX_OK, NULL);
    done(&h, "links and devices");
}
END_TEST

START_TEST(test_lies)
{
    hostile h;
    hostile_setup(&h);
    one(&h, "honest", PART("a"), PLX_OK, NULL);
    tar_part p = PART("a");
    p.bad_sum = true;
    one(&h, "checksum", p, PLX_E_FORMAT, NULL);
    two(&h, "second-checksum", PART("b"), p, PLX_E_FORMAT, NULL);
    p = PART("a");
    p.size = "00000001000\0";
    two(&h, "size-swallows-next", p, PART("b"), PLX_OK, NULL); /* 512 bytes: what follows is taken for content */
    p.size = "00000010000\0";
    two(&h, "size-past-the-end", p, PART("b"), PLX_E_TRUNCATED, "\"a\"");
    p.size = "77777777777\0";
    one(&h, "size-eight-gigabytes", p, PLX_E_TRUNCATED, NULL);
    p.size = "\200\0\0\0\177\377\377\377\377\377\377\377";
    one(&h, "size-exabytes", p, PLX_E_FORMAT, NULL);
    p.size = "\377\377\377\377\377\377\377\377\377\377\377\377";
    one(&h, "size-negative", p, PLX_E_FORMAT, NULL);
    p.size = "not a number";
    one(&h, "size-no-number", p, PLX_E_FORMAT, NULL);
    pax(&h, "pax-size-huge", "size", S("9223372036854775807"), PLX_E_FORMAT, NULL);
    pax(&h, "pax-size-terabyte", "size", S("1000000000000"), PLX_E_LIMIT, "budget");
    pax(&h, "pax-size-longer", "size", S("100000"), PLX_E_TRUNCATED, "\"m\"");
    pax(&h, "pax-size-negative", "size", S("-1"), PLX_E_FORMAT, NULL);
    pax(&h, "pax-sparse-giant", "GNU.sparse.realsize", S("8000000000000000"), PLX_E_LIMIT, "budget");

    plx_sb tar = {0};
    make_pax(&tar, "GNU.sparse.major", "1", 1);
    make_tar(&tar, &(tar_part){.name = "m", .data = "1\n0\n0\n", .len = 6});
    make_tar_end(&tar);
    hostile_expect(&h, "sparse-partial.tar", &tar, PLX_E_FORMAT, NULL);

    make_tar(&tar, &(tar_part){.name = "x", .type = 'x', .data = "99999999999999999999 path=a\n", .len = 28});
    make_tar(&tar, &PART("m"));
    make_tar_end(&tar);
    hostile_expect(&h, "pax-length.tar", &tar, PLX_E_FORMAT, NULL);
    make_tar(&tar, &(tar_part){.name = "x", .type = 'x', .size = "77777777777\0"});
    make_tar(&tar, &PART("m"));
    make_tar_end(&tar);
    hostile_expect(&h, "pax-header-huge.tar", &tar, PLX_E_FORMAT, NULL);
    make_tar(&tar, &(tar_part){.name = "x", .type = 'L', .size = "77777777777\0"});
    make_tar_end(&tar);
    hostile_expect(&h, "gnu-name-huge.tar", &tar, PLX_E_FORMAT, NULL);
    make_tar(&tar, &PART("m"));
    hostile_expect(&h, "no-end.tar", &tar, PLX_E_TRUNCATED, "end marker");
    make_tar(&tar, &PART("m"));
    make_tar_end(&tar);
    make_tar(&tar, &PART("hidden"));
    make_tar_end(&tar);
    hostile_expect(&h, "after-end.tar", &tar, PLX_E_FORMAT, "after the end");
    make_tar_end(&tar);
    hostile_expect(&h, "nothing.tar", &tar, PLX_OK, NULL);
    done(&h, "lies");
}
END_TEST

START_TEST(test_bombs)
{
    hostile h;
    hostile_setup(&h);
    plx_sb bytes = {0};
    make_gzip_zeros(&bytes, 64 << 20);
    hostile_expect(&h, "zeros.gz", &bytes, PLX_E_LIMIT, NULL);
    ck_assert_uint_le(h.bytes, 2 << 20);

    /* A small member before a giant one that nobody asked for: skipping it must cost no more than reading it. */
    make_gzip_zeros(&bytes, 64 << 20);
    plx_sb named = {0};
    plx_sb_bytes(&named, bytes.ptr, bytes.len);
    plx_sb_free(&bytes);
    hostile_expect(&h, "zeros.tar.gz", &named, PLX_E_LIMIT, NULL);

    plx_sb inner = {0};
    make_gzip_zeros(&inner, 64 << 20);
    make_deflated(&bytes, inner.ptr, inner.len, true);
    plx_sb_free(&inner);
    hostile_expect(&h, "twice.gz", &bytes, PLX_OK, NULL); /* one layer at a time: the caller counts them */
    ck_assert_uint_lt(h.bytes, 1 << 20);

    for (int i = 0; i < 2000; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        make_tar(&bytes, &(tar_part){.name = name});
    }
    make_tar_end(&bytes);
    plx_sb again = {0};
    plx_sb_bytes(&again, bytes.ptr, bytes.len);
    h.ctx.limits.entries = 1999;
    hostile_expect(&h, "many.tar", &bytes, PLX_E_LIMIT, "too many members");
    h.ctx.limits.entries = 2000;
    hostile_expect(&h, "many-allowed.tar", &again, PLX_OK, NULL);
    ck_assert_uint_eq(h.files, 2000);

    char block[4096] = {1};
    h.ctx.limits.file_bytes = 4095;
    one(&h, "file-budget", (tar_part){.name = "a", .data = block, .len = sizeof block}, PLX_E_LIMIT, "one file");
    h.ctx.limits.file_bytes = 4096;
    h.ctx.limits.total_bytes = 5000;
    two(&h, "total-budget", (tar_part){.name = "a", .data = block, .len = sizeof block},
        (tar_part){.name = "b", .data = block, .len = sizeof block}, PLX_E_LIMIT, "one archive");
    done(&h, "bombs");
}
END_TEST

START_TEST(test_compressed)
{
    hostile h;
    hostile_setup(&h);
    plx_sb tar = {0};
    plx_sb bytes = {0};
    char text[3000];
    memset(text, 'y', sizeof text);
    make_tar(&tar, &(tar_part){.name = "a", .data = text, .len = sizeof text});
    make_tar_end(&tar);
    make_deflated(&bytes, tar.ptr, tar.len, true);
    plx_sb gz = {0};
    plx_sb_bytes(&gz, bytes.ptr, bytes.len);
    hostile_expect(&h, "good.tar.gz", &gz, PLX_OK, NULL);
    ck_assert_uint_eq(h.bytes, 3000);
    for (size_t n = 1; n < bytes.len; n++) {
        plx_sb_bytes(&gz, bytes.ptr, n);
        hostile_expect(&h, "prefix.tar.gz", &gz, n < 2 ? PLX_E_FORMAT : PLX_E_TRUNCATED, NULL);
    }
    bytes.ptr[bytes.len - 6] ^= 1; /* the CRC, read only after the last member */
    plx_sb_bytes(&gz, bytes.ptr, bytes.len);
    hostile_expect(&h, "crc.tar.gz", &gz, PLX_E_FORMAT, NULL);
    make_deflated(&gz, "not a tar", 9, true);
    hostile_expect(&h, "named.tgz", &gz, PLX_E_TRUNCATED, NULL);
    plx_sb_text(&gz, "BZh9 and no more");
    hostile_expect(&h, "bad.bz2", &gz, PLX_E_FORMAT, NULL);
    plx_sb_bytes(&gz, "\xFD\x37\x7A\x58\x5A\x00garbage", 13);
    hostile_expect(&h, "bad.xz", &gz, PLX_E_FORMAT, NULL);
    plx_sb_bytes(&gz, "\x28\xB5\x2F\xFDgarbage", 11);
    hostile_expect(&h, "bad.zst", &gz, PLX_E_FORMAT, NULL);
    plx_sb_free(&bytes);
    plx_sb_free(&tar);
    done(&h, "compressed");
}
END_TEST

START_TEST(test_prefixes)
{
    hostile h;
    hostile_setup(&h);
    plx_sb tar = {0};
    make_pax(&tar, "path", "long/name", 9);
    make_tar(&tar, &PART("m"));
    make_tar(&tar, &(tar_part){.name = "d/", .type = '5'});
    make_tar_end(&tar);
    for (size_t n = 0; n < tar.len; n++) {
        plx_sb part = {0};
        plx_sb_bytes(&part, tar.ptr, n);
        /* Less than one block cannot be told from any other file. */
        hostile_expect(&h, "prefix.tar", &part, n > 0 && n < 512 ? PLX_E_FORMAT : PLX_E_TRUNCATED, NULL);
    }
    plx_sb_free(&tar);
    done(&h, "prefixes");
}
END_TEST

Suite *hostile_tar_suite(void)
{
    Suite *s = suite_create("hostile_tar");
    TCase *tc = tcase_create("hostile_tar");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_collisions);
    tcase_add_test(tc, test_links_and_devices);
    tcase_add_test(tc, test_lies);
    tcase_add_test(tc, test_bombs);
    tcase_add_test(tc, test_compressed);
    tcase_add_test(tc, test_prefixes);
    suite_add_tcase(s, tc);
    return s;
}

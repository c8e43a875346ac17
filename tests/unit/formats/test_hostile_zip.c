/* SPDX-License-Identifier: Apache-2.0 */
#include "hostile.h"

static void one(hostile *h, const char *label, zip_part part, plx_code code, const char *what)
{
    plx_sb zip = {0};
    char name[64];
    snprintf(name, sizeof name, "%s.zip", label);
    if (!part.data) {
        part.data = "hello";
        part.len = 5;
    }
    make_zip(&zip, &part, 1, NULL);
    hostile_expect(h, name, &zip, code, what);
}

static void two(hostile *h, const char *label, zip_part a, zip_part b, plx_code code, const char *what)
{
    const zip_part parts[2] = {a, b};
    plx_sb zip = {0};
    char name[64];
    snprintf(name, sizeof name, "%s.zip", label);
    make_zip(&zip, parts, 2, NULL);
    hostile_expect(h, name, &zip, code, what);
}

static void lying(hostile *h, const char *label, zip_lies lies, plx_code code, const char *what)
{
    const zip_part parts[2] = {{.name = "a", .data = "1", .len = 1}, {.name = "b", .data = "22", .len = 2}};
    plx_sb zip = {0};
    char name[64];
    snprintf(name, sizeof name, "%s.zip", label);
    make_zip(&zip, parts, 2, &lies);
    hostile_expect(h, name, &zip, code, what);
}

static void done(const hostile *h, const char *what)
{
    printf("hostile zip archives, %s: %zu cases\n", what, h->n_cases);
}

/* A piece n times; valid until the next call. */
static const char *repeat(const char *piece, size_t n)
{
    static char text[8192];
    size_t len = strlen(piece);
    ck_assert_uint_lt(len * n, sizeof text);
    for (size_t i = 0; i < n; i++) {
        memcpy(text + i * len, piece, len);
    }
    text[len * n] = 0;
    return text;
}

START_TEST(test_names)
{
    hostile h;
    hostile_setup(&h);
    one(&h, "parent", (zip_part){.name = "../evil"}, PLX_E_POLICY, "climbs out");
    one(&h, "deep-parent", (zip_part){.name = "a/b/../../../evil"}, PLX_E_POLICY, "climbs out");
    one(&h, "inner-parent", (zip_part){.name = "a/../b"}, PLX_E_POLICY, "climbs out");
    one(&h, "only-parent", (zip_part){.name = ".."}, PLX_E_POLICY, "climbs out");
    one(&h, "last-parent", (zip_part){.name = "a/.."}, PLX_E_POLICY, "climbs out");
    one(&h, "sibling", (zip_part){.name = "../canary_sibling/x"}, PLX_E_POLICY, "climbs out");
    one(&h, "absolute", (zip_part){.name = "/tmp/evil"}, PLX_E_POLICY, "absolute");
    one(&h, "unc", (zip_part){.name = "//host/share/x"}, PLX_E_POLICY, "absolute");
    one(&h, "drive", (zip_part){.name = "C:/evil"}, PLX_E_POLICY, "absolute");
    one(&h, "drive-relative", (zip_part){.name = "c:evil"}, PLX_E_POLICY, "absolute");
    one(&h, "backslash", (zip_part){.name = "..\\evil"}, PLX_E_POLICY, "backslash");
    one(&h, "backslash-inside", (zip_part){.name = "a\\b"}, PLX_E_POLICY, "backslash");
    one(&h, "newline", (zip_part){.name = "a\nb"}, PLX_E_POLICY, "control");
    one(&h, "ansi", (zip_part){.name = "a\033[31mred"}, PLX_E_POLICY, "control");
    one(&h, "delete", (zip_part){.name = "a\x7F"}, PLX_E_POLICY, "control");
    one(&h, "c1", (zip_part){.name = "a\302\23331m"}, PLX_E_POLICY, "control");
    one(&h, "right-to-left", (zip_part){.name = "a\342\200\256txt.exe"}, PLX_E_POLICY, "control");
    one(&h, "nul", (zip_part){.name = "a\0b", .name_len = 3}, PLX_E_POLICY, "NUL");
    one(&h, "empty", (zip_part){.name = ""}, PLX_E_POLICY, "empty");
    one(&h, "dot", (zip_part){.name = "."}, PLX_E_POLICY, "folder");
    one(&h, "not-utf8", (zip_part){.name = "caf\xE9"}, PLX_E_UNSUPPORTED, "UTF-8");
    one(&h, "overlong-utf8", (zip_part){.name = "a\300\257..\300\257b"}, PLX_E_UNSUPPORTED, "UTF-8");
    one(&h, "long", (zip_part){.name = repeat("0123456789/", 500)}, PLX_E_POLICY, "longer than 4096");
    one(&h, "long-part", (zip_part){.name = repeat("x", 256)}, PLX_E_POLICY, "longer than 255");
    one(&h, "deep", (zip_part){.name = repeat("d/", 65)}, PLX_E_LIMIT, "65 levels");
    one(&h, "longest", (zip_part){.name = repeat("x", 255)}, PLX_OK, NULL);
    one(&h, "unicode", (zip_part){.name = "d\303\251p\303\264t/\xCE\xB1.txt", .flags = 0x800}, PLX_OK, NULL);
    done(&h, "names");
}
END_TEST

#define PART(n)                                                                                                        \
    (zip_part)                                                                                                         \
    {                                                                                                                  \
        .name = n, .data = "1", .len = 1                                                                               \
    }

START_TEST(test_collisions)
{
    hostile h;
    hostile_setup(&h);
    two(&h, "twice", PART("a"), PART("a"), PLX_E_POLICY, "another member has this name");
    two(&h, "case", PART("Data/A.csv"), PART("data/a.CSV"), PLX_E_POLICY, "another member has this name");
    two(&h, "accent-case", PART("\xC3\x89t\xC3\xA9"), PART("\xC3\xA9T\xC3\x89"), PLX_E_POLICY, "another member");
    two(&h, "accent-form", PART("\xC3\xA9"), PART("e\xCC\x81"), PLX_E_POLICY, "another member");
    two(&h, "accent-both", PART("\xC3\x89"), PART("e\xCC\x81"), PLX_E_POLICY, "another member");
    two(&h, "greek", PART("\xCE\xA3"), PART("\xCF\x83"), PLX_E_POLICY, "another member");
    two(&h, "cyrillic", PART("\xD0\x94"), PART("\xD0\xB4"), PLX_E_POLICY, "another member");
    two(&h, "kelvin", PART("\xE2\x84\xAA"), PART("k"), PLX_E_POLICY, "another member");
    two(&h, "dot-slash", PART("a"), PART("./a"), PLX_E_POLICY, "another member");
    two(&h, "two-slashes", PART("d/a"), PART("d//a"), PLX_E_POLICY, "another member");
    two(&h, "file-is-folder", PART("a"), PART("a/b"), PLX_E_POLICY, "below a member that is not a folder");
    two(&h, "folder-is-file", PART("a/b"), PART("A"), PLX_E_POLICY, "a file and a folder");
    two(&h, "folder-entry-is-file", (zip_part){.name = "a/"}, PART("a"), PLX_E_POLICY, "a file and a folder");
    two(&h, "folder-twice", (zip_part){.name = "a/"}, (zip_part){.name = "a/"}, PLX_OK, NULL);
    two(&h, "different-accents", PART("\xC3\xA9"), PART("\xC3\xA8"), PLX_OK, NULL);
    two(&h, "neighbours", PART("ab/c"), PART("a/bc"), PLX_OK, NULL);
    done(&h, "colliding names");
}
END_TEST

#define LINK(n, to)                                                                                                    \
    (zip_part)                                                                                                         \
    {                                                                                                                  \
        .name = n, .data = to, .len = sizeof to - 1, .mode = 0120777                                                   \
    }

START_TEST(test_links_and_devices)
{
    hostile h;
    hostile_setup(&h);
    one(&h, "link-absolute", LINK("s", "/etc/passwd"), PLX_E_POLICY, "absolute");
    one(&h, "link-parent", LINK("s", "../x"), PLX_E_POLICY, "out of the archive");
    one(&h, "link-deep-parent", LINK("a/s", "b/../../../x"), PLX_E_POLICY, "out of the archive");
    one(&h, "link-drive", LINK("s", "C:x"), PLX_E_POLICY, "absolute");
    one(&h, "link-backslash", LINK("s", "..\\x"), PLX_E_POLICY, "unsafe");
    one(&h, "link-newline", LINK("s", "a\nb"), PLX_E_POLICY, "unsafe");
    one(&h, "link-deflated-absolute",
        (zip_part){.name = "s", .data = "/etc/passwd", .len = 11, .mode = 0120777, .deflate = true}, PLX_E_POLICY,
        NULL);
    one(&h, "link-up-and-down", LINK("a/s", "../b"), PLX_OK, NULL);
    ck_assert_uint_eq(h.others, 1);
    ck_assert_uint_eq(h.files, 0);
    two(&h, "write-through-link", LINK("s", "d"), PART("s/evil"), PLX_E_POLICY, "not a folder");
    two(&h, "write-over-link", LINK("s", "d"), PART("s"), PLX_E_POLICY, "another member");
    two(&h, "write-through-link-in-case", LINK("S", "d"), PART("s/evil"), PLX_E_POLICY, "not a folder");
    two(&h, "link-loop", LINK("a", "b"), LINK("b", "a"), PLX_OK, NULL);
    ck_assert_uint_eq(h.others, 2);
    one(&h, "link-to-itself", LINK("a", "a"), PLX_OK, NULL);
    one(&h, "fifo", (zip_part){.name = "p", .mode = 0010644}, PLX_E_POLICY, "device");
    one(&h, "character-device", (zip_part){.name = "p", .mode = 0020644}, PLX_E_POLICY, "device");
    one(&h, "block-device", (zip_part){.name = "p", .mode = 0060644}, PLX_E_POLICY, "device");
    one(&h, "socket", (zip_part){.name = "p", .mode = 0140644}, PLX_E_POLICY, "device");
    one(&h, "setuid", (zip_part){.name = "p", .mode = 0106755}, PLX_OK, NULL);
    ck_assert_uint_eq(h.files, 1);
    done(&h, "links and devices");
}
END_TEST

START_TEST(test_lying_members)
{
    hostile h;
    hostile_setup(&h);
    char text[1000];
    memset(text, 'x', sizeof text);
    const zip_part honest = {.name = "m", .data = text, .len = sizeof text, .deflate = true};
    zip_part p = honest;
    one(&h, "honest", p, PLX_OK, NULL);
    ck_assert_uint_eq(h.bytes, 1000);
    p.later = true;
    one(&h, "sizes-later", p, PLX_OK, NULL);
    ck_assert_uint_eq(h.bytes, 1000);
    p.later_size = true; /* as macOS writes them */
    one(&h, "size-before-crc-later", p, PLX_OK, NULL);
    p.local_size_change = 1;
    one(&h, "size-before-another-later", p, PLX_E_FORMAT, "disagrees");
    p = honest;
    p.zip64 = true;
    one(&h, "zip64", p, PLX_OK, NULL);
    ck_assert_uint_eq(h.bytes, 1000);
    p = honest;
    p.local_name = "n";
    one(&h, "local-name", p, PLX_E_FORMAT, "another name");
    p.local_name = "../evil";
    one(&h, "local-name-longer", p, PLX_E_FORMAT, "another name");
    p = honest;
    p.local_flags_change = 0x800;
    one(&h, "local-flags", p, PLX_E_FORMAT, "disagrees");
    p = honest;
    p.local_crc_change = 1;
    one(&h, "local-crc", p, PLX_E_FORMAT, "disagrees");
    p = honest;
    p.local_size_change = 1;
    one(&h, "local-size", p, PLX_E_FORMAT, "disagrees");
    p.zip64 = true;
    one(&h, "local-size-zip64", p, PLX_E_FORMAT, "disagrees");
    p = honest;
    p.crc_change = 1;
    one(&h, "crc", p, PLX_E_FORMAT, "CRC");
    p.deflate = false;
    one(&h, "crc-stored", p, PLX_E_FORMAT, "CRC");
    p = honest;
    p.size = 999;
    one(&h, "shorter", p, PLX_E_FORMAT, "\"m\"");
    p.size = 1001;
    one(&h, "longer", p, PLX_E_FORMAT, "\"m\"");
    p = honest;
    p.packed = 3;
    one(&h, "packed-shorter", p, PLX_E_FORMAT, NULL);
    p.packed = 5000;
    one(&h, "packed-longer", p, PLX_E_FORMAT, "outside the archive");
    p = honest;
    p.deflate = false;
    p.size = 2000;
    one(&h, "stored-sizes-differ", p, PLX_E_FORMAT, "stored");
    p = honest;
    p.offset = 1;
    one(&h, "offset", p, PLX_E_FORMAT, NULL);
    p.offset = 0xFFFFFFF0;
    one(&h, "offset-far", p, PLX_E_FORMAT, NULL);
    p = honest;
    p.extra = "\x01\x00\x10\x00short";
    p.extra_len = 9;
    one(&h, "extra-past-its-end", p, PLX_E_FORMAT, "extra");
    p = honest;
    p.flags = 1;
    one(&h, "encrypted", p, PLX_E_UNSUPPORTED, "encrypted");
    p.flags = 0x2000;
    one(&h, "directory-encrypted", p, PLX_E_UNSUPPORTED, "encrypted");
    p = honest;
    p.method = 99;
    one(&h, "aes", p, PLX_E_UNSUPPORTED, "method 99");
    p.method = 12;
    one(&h, "bzip2-method", p, PLX_E_UNSUPPORTED, "method 12");
    p = honest;
    p.data = "not deflate at all";
    p.len = 18;
    p.deflate = false;
    p.method = 8;
    one(&h, "not-deflate", p, PLX_E_FORMAT, "\"m\"");
    two(&h, "overlap", PART("a"), (zip_part){.name = "a2", .data = "1", .len = 1, .reuse_offset = true}, PLX_E_FORMAT,
        "overlaps");
    done(&h, "lying members");
}
END_TEST

START_TEST(test_lying_directories)
{
    hostile h;
    hostile_setup(&h);
    lying(&h, "honest", (zip_lies){0}, PLX_OK, NULL);
    ck_assert_uint_eq(h.files, 2);
    lying(&h, "honest-zip64", (zip_lies){.zip64 = true}, PLX_OK, NULL);
    ck_assert_uint_eq(h.files, 2);
    lying(&h, "one-more", (zip_lies){.n_change = 1}, PLX_E_FORMAT, NULL);
    lying(&h, "one-less", (zip_lies){.n_change = -1}, PLX_E_FORMAT, NULL);
    lying(&h, "none", (zip_lies){.n_change = -2}, PLX_E_FORMAT, NULL);
    lying(&h, "size-more", (zip_lies){.size_change = 1}, PLX_E_FORMAT, NULL);
    lying(&h, "size-less", (zip_lies){.size_change = -1}, PLX_E_FORMAT, NULL);
    lying(&h, "offset-more", (zip_lies){.offset_change = 1}, PLX_E_FORMAT, NULL);
    lying(&h, "offset-less", (zip_lies){.offset_change = -1}, PLX_E_FORMAT, NULL);
    lying(&h, "gap", (zip_lies){.gap = 8}, PLX_E_FORMAT, NULL);
    lying(&h, "comment-missing", (zip_lies){.comment_change = 7}, PLX_E_TRUNCATED, NULL);
    lying(&h, "second-end", (zip_lies){.comment_end = true}, PLX_E_FORMAT, "more than one end record");
    lying(&h, "disk", (zip_lies){.disk = 1}, PLX_E_UNSUPPORTED, "several disks");
    lying(&h, "zip64-count", (zip_lies){.zip64 = true, .zip64_n = 3}, PLX_E_FORMAT, NULL);
    lying(&h, "zip64-count-huge", (zip_lies){.zip64 = true, .zip64_n = (uint64_t)1 << 60}, PLX_E_LIMIT, "too many");
    lying(&h, "zip64-count-false", (zip_lies){.zip64 = true, .zip64_n = 100000}, PLX_E_FORMAT, NULL);
    h.ctx.limits.entries = 1;
    lying(&h, "entries", (zip_lies){0}, PLX_E_LIMIT, "too many");
    h.ctx.limits.entries = 0;

    plx_sb bytes = {0};
    make_zip(&bytes, &(zip_part){.name = "a", .data = "1", .len = 1}, 1, &(zip_lies){.prefix = 10});
    memcpy(bytes.ptr, "PK\3\4", 4); /* what a program in front of a zip looks like to a guesser */
    hostile_expect(&h, "prefix.zip", &bytes, PLX_E_FORMAT, "before the archive");
    hostile_expect(&h, "nothing.zip", &bytes, PLX_E_TRUNCATED, "empty");
    plx_sb_text(&bytes, "PK\3\4");
    hostile_expect(&h, "magic.zip", &bytes, PLX_E_TRUNCATED, NULL);
    plx_sb_text(&bytes, "<html>404</html>");
    hostile_expect(&h, "page.zip", &bytes, PLX_E_FORMAT, "not an archive");
    make_zip(&bytes, NULL, 0, NULL);
    hostile_expect(&h, "empty-zip.zip", &bytes, PLX_OK, NULL);
    plx_sb inner = {0};
    make_zip(&inner, &PART("a"), 1, NULL);
    make_zip(&bytes, &(zip_part){.name = "inner.zip", .data = inner.ptr, .len = inner.len}, 1, NULL);
    hostile_expect(&h, "zip-in-zip.zip", &bytes, PLX_OK, NULL);
    ck_assert_uint_eq(h.files, 1);
    make_zip(&bytes, &PART("a"), 1, NULL);
    plx_sb_text(&bytes, "more");
    hostile_expect(&h, "trailing.zip", &bytes, PLX_E_FORMAT, "not at the end");
    plx_sb_bytes(&bytes, inner.ptr, inner.len);
    make_zip(&bytes, &PART("b"), 1, NULL);
    hostile_expect(&h, "two-zips.zip", &bytes, PLX_E_FORMAT, NULL);
    plx_sb_free(&inner);
    done(&h, "lying directories");
}
END_TEST

START_TEST(test_bombs)
{
    hostile h;
    hostile_setup(&h);
    plx_sb zeros = {0};
    for (int i = 0; i < 1 << 16; i++) {
        plx_sb_bytes(&zeros, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
        plx_sb_bytes(&zeros, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    }
    for (int i = 0; i < 4; i++) {
        plx_sb copy = {0};
        plx_sb_bytes(&copy, zeros.ptr, zeros.len);
        plx_sb_bytes(&zeros, copy.ptr, copy.len);
        plx_sb_free(&copy);
    }
    ck_assert_uint_eq(zeros.len, 32 << 20);
    const zip_part bomb = {.name = "zeros", .data = zeros.ptr, .len = zeros.len, .deflate = true};
    zip_part p = bomb;
    one(&h, "ratio", p, PLX_E_LIMIT, "at most 400 to 1");
    ck_assert_uint_eq(h.bytes, 0); /* the header alone gives it away */
    p.size = 1000;
    one(&h, "ratio-hidden", p, PLX_E_FORMAT, NULL);
    ck_assert_uint_le(h.bytes, 1 << 20);
    p = bomb;
    p.size = (uint64_t)10 << 30;
    p.zip64 = true;
    one(&h, "ten-gigabytes", p, PLX_E_LIMIT, NULL);
    p.size = (uint64_t)1 << 62;
    one(&h, "exabytes", p, PLX_E_LIMIT, "budget for one file");
    p.size = UINT64_MAX;
    one(&h, "negative", p, PLX_E_FORMAT, "zeros");
    h.ctx.limits.ratio = 2000;
    one(&h, "ratio-allowed", bomb, PLX_OK, NULL);
    ck_assert_uint_eq(h.bytes, 32 << 20);
    h.ctx.limits.file_bytes = (32 << 20) - 1;
    one(&h, "file-budget", bomb, PLX_E_LIMIT, "budget for one file");
    h.ctx.limits.file_bytes = 0;
    h.ctx.limits.total_bytes = 40 << 20;
    p = bomb;
    p.name = "more-zeros";
    two(&h, "total-budget", bomb, p, PLX_E_LIMIT, "budget for one archive");
    ck_assert_uint_eq(h.bytes, 32 << 20);
    plx_sb_free(&zeros);

    enum { MANY = 100000 };
    static zip_part many[MANY];
    static char names[MANY][8];
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "f%d", i);
        many[i].name = names[i];
    }
    plx_sb zip = {0};
    make_zip(&zip, many, MANY, &(zip_lies){.zip64 = true});
    plx_sb again = {0};
    plx_sb_bytes(&again, zip.ptr, zip.len);
    h.ctx.limits = (plx_limits){.entries = 1000};
    hostile_expect(&h, "many.zip", &zip, PLX_E_LIMIT, "too many members");
    h.ctx.limits.entries = MANY;
    hostile_expect(&h, "many-allowed.zip", &again, PLX_OK, NULL);
    ck_assert_uint_eq(h.files, MANY);
    done(&h, "bombs");
}
END_TEST

/* Every prefix of a small archive fails, for the right reason; every flipped bit is met without harm. */
START_TEST(test_prefixes_and_flips)
{
    hostile h;
    hostile_setup(&h);
    const zip_part parts[2] = {{.name = "a.txt", .data = "hello hello hello", .len = 17, .deflate = true}, PART("d/b")};
    plx_sb zip = {0};
    make_zip(&zip, parts, 2, NULL);
    for (size_t n = 0; n < zip.len; n++) {
        plx_sb part = {0};
        plx_sb_bytes(&part, zip.ptr, n);
        hostile_expect(&h, "prefix.zip", &part, n > 0 && n < 4 ? PLX_E_FORMAT : PLX_E_TRUNCATED, NULL);
    }
    size_t accepted = 0;
    for (size_t bit = 0; bit < zip.len * 8; bit++) {
        zip.ptr[bit / 8] = (char)(zip.ptr[bit / 8] ^ 1 << bit % 8);
        const char *path = plx_test_file("flip.zip", zip.ptr, zip.len);
        plx_err err = {0};
        bool ok = plx_archive_walk(&h.ctx, path, hostile_choose, hostile_read, &h, &err);
        ck_assert(ok || err.what[0]);
        accepted += ok;
        unlink(path);
        zip.ptr[bit / 8] = (char)(zip.ptr[bit / 8] ^ 1 << bit % 8);
        h.n_cases++;
    }
    hostile_check_canary(&h);
    /* Dates, versions and attributes carry no content: a flip there goes unseen. Names cannot differ from the local
     * one. */
    ck_assert_uint_lt(accepted, zip.len * 8 / 2);
    plx_sb_free(&zip);
    done(&h, "prefixes and flipped bits");
}
END_TEST

Suite *hostile_zip_suite(void)
{
    Suite *s = suite_create("hostile_zip");
    TCase *tc = tcase_create("hostile_zip");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_collisions);
    tcase_add_test(tc, test_links_and_devices);
    tcase_add_test(tc, test_lying_members);
    tcase_add_test(tc, test_lying_directories);
    tcase_add_test(tc, test_bombs);
    tcase_add_test(tc, test_prefixes_and_flips);
    suite_add_tcase(s, tc);
    return s;
}

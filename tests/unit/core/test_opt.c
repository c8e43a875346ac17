/* SPDX-License-Identifier: Apache-2.0 */
#include "core/opt.h"
#include "support/support.h"

#include <check.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef struct global {
    bool quiet, dry_run;
    int verbose;
    int64_t jobs;
    double wait;
} global;

typedef struct own {
    const char *from, *format;
    plx_opt_list tags;
    uint64_t budget;
} own;

static const plx_opt global_table[] = {
    {"quiet", 'q', PLX_OPT_FLAG, offsetof(global, quiet), NULL, NULL, "Say less."},
    {"dry-run", 'n', PLX_OPT_FLAG, offsetof(global, dry_run), NULL, NULL, "Change nothing."},
    {"verbose", 'v', PLX_OPT_COUNT, offsetof(global, verbose), NULL, NULL, "Say more."},
    {"jobs", 'j', PLX_OPT_INT, offsetof(global, jobs), "N", NULL, "Threads."},
    {"wait", 0, PLX_OPT_SECONDS, offsetof(global, wait), "TIME", NULL, "How long."},
    {0},
};
static const plx_opt own_table[] = {
    {"from", 'f', PLX_OPT_TEXT, offsetof(own, from), "DIR", NULL,
     "Where from, in so many words that they have to be wrapped."},
    {"format", 'O', PLX_OPT_CHOICE, offsetof(own, format), NULL, "text|json|csv", "How."},
    {"tag", 0, PLX_OPT_LIST, offsetof(own, tags), "TAG", NULL, "Tags."},
    {"budget", 0, PLX_OPT_BYTES, offsetof(own, budget), "BYTES", NULL, "How much."},
    {0},
};

static global g;
static own o;
static const char *args[8];
static size_t n_args;
static plx_err err;
static char words[512];

/* Parse blank-separated words. */
static bool parse(const char *line)
{
    static char *argv[64];
    int argc = 1;
    argv[0] = words;
    snprintf(words, sizeof words, "%s", line);
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " ")) {
        argv[argc++] = w;
    }
    g = (global){0};
    o = (own){0};
    plx_err_clear(&err);
    return plx_opt_parse((const plx_opt *const[]){global_table, own_table}, (void *const[]){&g, &o}, 2, argc, argv,
                         args, 8, &n_args, &err);
}

static void fails(const char *line, const char *what, const char *why)
{
    ck_assert_msg(!parse(line), "%s", line);
    ck_assert_int_eq(err.code, PLX_E_ARG);
    ck_assert_str_eq(err.what, what);
    ck_assert_str_eq(err.why, why);
}

START_TEST(long_and_short)
{
    ck_assert(parse("a --from=x b --jobs 4 -vv c"));
    ck_assert_str_eq(o.from, "x");
    ck_assert_int_eq(g.jobs, 4);
    ck_assert_int_eq(g.verbose, 2);
    ck_assert_uint_eq(n_args, 3);
    ck_assert_str_eq(args[0], "a");
    ck_assert_str_eq(args[1], "b");
    ck_assert_str_eq(args[2], "c");

    ck_assert(parse("-qnj8 -f dir -Ojson"));
    ck_assert(g.quiet && g.dry_run);
    ck_assert_int_eq(g.jobs, 8);
    ck_assert_str_eq(o.from, "dir");
    ck_assert_str_eq(o.format, "json");

    ck_assert(parse("--from= -j -3 --from -x"));
    ck_assert_str_eq(o.from, "-x");
    ck_assert_int_eq(g.jobs, -3);
    ck_assert(parse("- -q -- -q --what"));
    ck_assert_uint_eq(n_args, 3);
    ck_assert_str_eq(args[0], "-");
    ck_assert_str_eq(args[1], "-q");
    ck_assert_str_eq(args[2], "--what");
    ck_assert(parse(""));
    ck_assert_uint_eq(n_args, 0);
}
END_TEST

START_TEST(values)
{
    ck_assert(parse("--tag a,b --tag c --budget 4G"));
    ck_assert_uint_eq(o.tags.n, 3);
    ck_assert_str_eq(o.tags.items[0], "a");
    ck_assert_str_eq(o.tags.items[1], "b");
    ck_assert_str_eq(o.tags.items[2], "c");
    ck_assert_uint_eq(o.budget, (uint64_t)4 << 30);

    static const struct {
        const char *text;
        double seconds;
    } times[] = {{"30s", 30},     {"5m", 300},    {"0", 0},        {"1.5h", 5400},
                 {"250ms", 0.25}, {"2d", 172800}, {"forever", -1}, {"7", 7}};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        char line[64];
        snprintf(line, sizeof line, "--wait %s", times[i].text);
        ck_assert(parse(line));
        ck_assert_double_eq(g.wait, times[i].seconds);
    }
}
END_TEST

START_TEST(mistakes)
{
    fails("--form x", "unknown option --form", "did you mean --from?");
    fails("--dryrun", "unknown option --dryrun", "did you mean --dry-run?");
    fails("--zzzzzz", "unknown option --zzzzzz", "");
    fails("--jbos=3", "unknown option --jbos=3", "did you mean --jobs?");
    fails("-z", "unknown option -z", "");
    fails("-qz", "unknown option -z in -qz", "");
    fails("-wait", "unknown option -wait", "did you mean --wait?");
    fails("--from", "option --from needs a value", "write --from DIR");
    fails("-qf", "option --from needs a value", "write --from DIR");
    fails("--quiet=1", "option --quiet takes no value", "");
    fails("--jobs many", "--jobs cannot be many", "it is a whole number, such as 4");
    fails("--jobs 99999999999999999999", "--jobs cannot be 99999999999999999999", "it is a whole number, such as 4");
    fails("--budget 4X", "--budget cannot be 4X", "it is a number of bytes, such as 512M or 4G");
    fails("--wait soon", "--wait cannot be soon", "it is a time, such as 30s, 5m or forever");
    fails("--wait -1", "--wait cannot be -1", "it is a time, such as 30s, 5m or forever");
    fails("--wait nan", "--wait cannot be nan", "it is a time, such as 30s, 5m or forever");
    fails("-O jsno", "--format cannot be jsno", "it is one of text|json|csv; did you mean json?");
    fails("-O js", "--format cannot be js", "it is one of text|json|csv");
    fails("--tag a,,b", "--tag has an empty item", "");
    fails("1 2 3 4 5 6 7 8 9", "one argument too many: 9", "");
}
END_TEST

START_TEST(lists_are_bounded)
{
    char line[400] = "--tag a";
    for (int i = 1; i < PLX_OPT_LIST_MAX; i++) {
        strcat(line, ",a");
    }
    ck_assert(parse(line));
    ck_assert_uint_eq(o.tags.n, PLX_OPT_LIST_MAX);
    strcat(line, ",a");
    ck_assert(!parse(line));
    ck_assert_int_eq(err.code, PLX_E_ARG);
}
END_TEST

static const char *help(const plx_opt *table, unsigned width)
{
    static char text[4096];
    FILE *f = tmpfile();
    plx_opt_help(table, width, f);
    rewind(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

START_TEST(help_lines)
{
    ck_assert_str_eq(help(own_table, 60), "  -f, --from DIR            Where from, in so many words\n"
                                          "                            that they have to be wrapped.\n"
                                          "  -O, --format text|json|csv\n"
                                          "                            How.\n"
                                          "      --tag TAG             Tags.\n"
                                          "      --budget BYTES        How much.\n");
    ck_assert_ptr_nonnull(
        strstr(help(own_table, 0), "  -f, --from DIR            Where from, in so many words that they have"));
    ck_assert_str_eq(help(NULL, 80), "");
}
END_TEST

Suite *opt_suite(void)
{
    Suite *s = suite_create("opt");
    TCase *tc = tcase_create("opt");
    tcase_add_test(tc, long_and_short);
    tcase_add_test(tc, values);
    tcase_add_test(tc, mistakes);
    tcase_add_test(tc, lists_are_bounded);
    tcase_add_test(tc, help_lines);
    suite_add_tcase(s, tc);
    return s;
}

/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* strsep */
#include "core/log.h"
#include "core/pool.h"
#include "core/progress.h"
#include "core/utf8.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char text[1 << 16];

static const char *drain(FILE *f)
{
    fflush(f);
    rewind(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    rewind(f);
    ck_assert_int_eq(ftruncate(fileno(f), 0), 0);
    return text;
}

static size_t count(const char *haystack, const char *needle)
{
    size_t n = 0;
    for (const char *p = haystack; (p = strstr(p, needle)); p += strlen(needle)) {
        n++;
    }
    return n;
}

static void pause_ms(long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&t, NULL);
}

static plx_ctx showing(FILE *f, bool terminal)
{
    plx_ctx ctx = plx_ctx_default();
    ctx.progress = plx_progress_new(f, terminal, false);
    ck_assert_ptr_nonnull(ctx.progress);
    return ctx;
}

/* What is left on the line after carriage returns and erasures. */
static void final_line(const char *raw, char *out)
{
    size_t n = 0;
    for (const char *p = raw; *p; p++) {
        if (*p == '\r' || *p == '\n') {
            n = 0;
        } else if (strncmp(p, "\033[K", 3) == 0) {
            out[n] = '\0';
            p += 2;
        } else {
            out[n++] = *p;
            out[n] = '\0';
        }
    }
    out[n] = '\0';
}

START_TEST(no_progress_is_fine)
{
    plx_ctx ctx = plx_ctx_default();
    plx_progress_begin(&ctx, "x", 1, "files");
    plx_progress_step(&ctx, 1);
    plx_progress_note(&ctx, "x");
    plx_progress_hide(&ctx);
    plx_progress_show(&ctx);
    plx_progress_end(&ctx);
    plx_progress_begin(NULL, "x", 1, "files");
    plx_progress_step(NULL, 1);
    plx_progress_end(NULL);
    plx_progress_free(NULL);
}
END_TEST

START_TEST(short_work_leaves_nothing)
{
    FILE *f = tmpfile();
    plx_ctx ctx = showing(f, false);
    plx_progress_begin(&ctx, "reading", 3, "files");
    plx_progress_step(&ctx, 3);
    plx_progress_end(&ctx);
    ck_assert_str_eq(drain(f), "");
    plx_progress_free(ctx.progress);
    ctx = showing(f, true);
    plx_progress_begin(&ctx, "reading", 3, "files");
    plx_progress_step(&ctx, 3);
    plx_progress_end(&ctx);
    ck_assert_str_eq(drain(f), "");
    plx_progress_free(ctx.progress);
    fclose(f);
}
END_TEST

START_TEST(off_a_terminal_lines)
{
    FILE *f = tmpfile();
    plx_ctx ctx = showing(f, false);
    plx_progress_begin(&ctx, "reading", 40, "files");
    for (int i = 0; i < 13; i++) {
        pause_ms(100);
        plx_progress_step(&ctx, 1);
    }
    const char *out = drain(f);
    ck_assert_uint_eq(count(out, "\n"), 1); /* the first line past a second; the next 10 s later */
    ck_assert_ptr_nonnull(strstr(out, "reading: "));
    ck_assert_ptr_nonnull(strstr(out, "/40 files"));
    ck_assert_ptr_nonnull(strstr(out, " left"));
    ck_assert_ptr_null(strchr(out, '\r'));
    ck_assert_ptr_null(strchr(out, '\033'));
    plx_progress_end(&ctx);
    ck_assert_str_eq(drain(f), "reading: 13 files in 0:01\n");
    plx_progress_free(ctx.progress);
    fclose(f);
}
END_TEST

START_TEST(bar_fits_and_goes_away)
{
    setenv("COLUMNS", "60", 1);
    FILE *f = tmpfile();
    plx_ctx ctx = showing(f, true);
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    plx_progress_begin(&ctx, "hashing", 1000, "B");
    plx_progress_note(&ctx, "a/very/long/name/of/a/file/that/cannot/fit/on/the/line/at/all.npy");
    for (int i = 0; i < 700; i++) {
        pause_ms(1);
        plx_progress_step(&ctx, 1);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) * 1e-9;
    const char *out = drain(f);
    size_t draws = count(out, "\r");
    ck_assert_uint_ge(draws, 2);
    ck_assert_uint_le(draws, 2 + (size_t)(seconds * 10)); /* at most 10 Hz, however long a busy machine took */
    char *copy = strdup(out), *save = copy;
    for (char *line; (line = strsep(&save, "\r"));) {
        char *end = strstr(line, "\033[K");
        if (end) {
            *end = '\0';
            ck_assert_uint_lt(plx_utf8_width(line, strlen(line)), 60);
        }
    }
    free(copy);
    ck_assert_ptr_nonnull(strstr(out, "hashing"));
    ck_assert_ptr_nonnull(strstr(out, "/1.0 kB"));
    ck_assert_ptr_nonnull(strstr(out, "#"));
    plx_progress_end(&ctx);
    ck_assert_str_eq(drain(f), "\r\033[K");
    plx_progress_free(ctx.progress);
    fclose(f);
}
END_TEST

START_TEST(narrow_terminals)
{
    FILE *f = tmpfile();
    for (int width = 1; width < 40; width++) {
        char columns[16];
        snprintf(columns, sizeof columns, "%d", width);
        setenv("COLUMNS", columns, 1);
        plx_ctx ctx = showing(f, true);
        plx_progress_begin(&ctx, "a label of some length", 10, "files");
        plx_progress_hide(&ctx);
        plx_progress_show(&ctx); /* makes the next step draw at once */
        plx_progress_step(&ctx, 5);
        char line[256];
        final_line(drain(f), line);
        ck_assert_uint_lt(strlen(line), (size_t)width);
        plx_progress_end(&ctx);
        plx_progress_free(ctx.progress);
        drain(f);
    }
    fclose(f);
}
END_TEST

START_TEST(log_lines_are_not_garbled)
{
    setenv("COLUMNS", "80", 1);
    FILE *f = tmpfile();
    plx_ctx ctx = showing(f, true);
    ctx.log = plx_log_new(f, PLX_LOG_INFO, false);
    plx_progress_begin(&ctx, "reading", 10, "files");
    plx_progress_hide(&ctx);
    plx_progress_show(&ctx);
    plx_progress_step(&ctx, 1);
    plx_logf(&ctx, PLX_LOG_INFO, NULL, "hello");
    plx_progress_step(&ctx, 1);
    const char *out = drain(f);
    ck_assert_ptr_nonnull(strstr(out, "\033[K\r\033[Khello\n\rreading"));
    plx_progress_end(&ctx);
    plx_log_free(ctx.log);
    plx_progress_free(ctx.progress);
    fclose(f);
}
END_TEST

START_TEST(phases_nest)
{
    setenv("COLUMNS", "80", 1);
    FILE *f = tmpfile();
    plx_ctx ctx = showing(f, true);
    plx_progress_begin(&ctx, "outer", 7, "sets");
    plx_progress_step(&ctx, 2);
    for (int depth = 0; depth < 6; depth++) { /* deeper than what is kept */
        plx_progress_begin(&ctx, "inner", 5, "files");
        plx_progress_step(&ctx, 1);
    }
    for (int depth = 0; depth < 6; depth++) {
        plx_progress_end(&ctx);
    }
    drain(f);
    plx_progress_hide(&ctx);
    plx_progress_show(&ctx);
    plx_progress_step(&ctx, 1);
    const char *out = drain(f);
    ck_assert_ptr_nonnull(strstr(out, "outer"));
    ck_assert_ptr_nonnull(strstr(out, "3/7 sets"));
    plx_progress_end(&ctx);
    plx_progress_end(&ctx); /* one too many does no harm */
    plx_progress_free(ctx.progress);
    fclose(f);
}
END_TEST

static bool step(void *payload, size_t i, plx_err *err)
{
    (void)i, (void)err;
    plx_progress_step(payload, 1);
    plx_progress_note(payload, "x");
    return true;
}

/* A terminal of 20 lines that knows what is sent to it; the bottom one is not reached. */
static char screen[20][200];

static void show_on_screen(const char *raw)
{
    size_t row = 0, column = 0;
    memset(screen, 0, sizeof screen);
    for (const char *p = raw; *p; p++) {
        if (*p == '\r') {
            column = 0;
        } else if (*p == '\n') {
            row++;
            column = 0;
        } else if (strncmp(p, "\033[K", 3) == 0) {
            memset(screen[row] + column, 0, sizeof screen[row] - column);
            p += 2;
        } else if (*p == '\033') {
            char *end;
            long up = strtol(p + 2, &end, 10);
            ck_assert_msg(*end == 'A' && (size_t)up <= row, "%s", p + 1);
            row -= (size_t)up;
            p = end;
        } else {
            screen[row][column++] = *p;
        }
        ck_assert_uint_lt(row, 20);
        ck_assert_uint_lt(column, 199);
    }
}

START_TEST(items_have_lines_of_their_own)
{
    FILE *f = tmpfile();
    plx_ctx ctx = showing(f, true);
    static char all[1 << 16];
    plx_progress_begin(&ctx, "downloading", 3000, "B");
    plx_progress_item *a = plx_progress_item_begin(&ctx, "a.csv", 1000);
    plx_progress_item *b = plx_progress_item_begin(&ctx, "b.csv", 0);
    plx_progress_item_step(&ctx, a, 300);
    pause_ms(250);
    plx_progress_item_step(&ctx, b, 200);
    strcpy(all, drain(f));
    show_on_screen(all);
    ck_assert_msg(strstr(screen[0], "a.csv") && strstr(screen[0], "300 B/1.0 kB"), "%s", screen[0]);
    ck_assert_msg(strstr(screen[1], "b.csv") && strstr(screen[1], "200 B"), "%s", screen[1]);
    ck_assert_msg(strstr(screen[2], "downloading") && strstr(screen[2], "500 B/3.0 kB"), "%s", screen[2]);
    /* One goes, its total is known meanwhile; then two come. */
    plx_progress_item_total(b, 900);
    plx_progress_item_end(&ctx, a);
    pause_ms(120);
    plx_progress_item_step(&ctx, b, 100);
    strcat(all, drain(f));
    show_on_screen(all);
    ck_assert_msg(strstr(screen[0], "b.csv") && strstr(screen[0], "300 B/900 B"), "%s", screen[0]);
    ck_assert_msg(strstr(screen[1], "downloading") != NULL, "%s", screen[1]);
    ck_assert_str_eq(screen[2], "");
    plx_progress_item *c = plx_progress_item_begin(&ctx, "c.csv", 5);
    plx_progress_item *d = plx_progress_item_begin(&ctx, "d\033.csv", 5);
    pause_ms(120);
    plx_progress_item_step(&ctx, c, 1);
    strcat(all, drain(f));
    show_on_screen(all);
    ck_assert(strstr(screen[0], "c.csv") && strstr(screen[1], "b.csv") && strstr(screen[2], "d\\x1b.csv"));
    ck_assert(strstr(screen[3], "downloading") != NULL);
    plx_progress_item_end(&ctx, b);
    plx_progress_item_end(&ctx, c);
    plx_progress_item_end(&ctx, d);
    plx_progress_end(&ctx);
    strcat(all, drain(f));
    show_on_screen(all);
    for (size_t i = 0; i < 20; i++) {
        ck_assert_str_eq(screen[i], "");
    }
    plx_progress_free(ctx.progress);
    fclose(f);
}
END_TEST

START_TEST(more_items_than_lines)
{
    FILE *f = tmpfile();
    plx_ctx ctx = showing(f, true);
    plx_progress_item *items[20];
    size_t shown = 0;
    plx_progress_begin(&ctx, "downloading", 0, "B");
    for (int i = 0; i < 20; i++) {
        items[i] = plx_progress_item_begin(&ctx, "x", 1);
        shown += items[i] != NULL;
        plx_progress_item_step(&ctx, items[i], 1);
    }
    ck_assert(shown > 0 && shown < 20);
    pause_ms(250);
    plx_progress_step(&ctx, 1);
    show_on_screen(drain(f));
    ck_assert_msg(strstr(screen[shown], "downloading  21 B") != NULL, "%s", screen[shown]);
    for (int i = 0; i < 20; i++) {
        plx_progress_item_end(&ctx, items[i]);
    }
    plx_progress_end(&ctx);
    plx_progress_free(ctx.progress);
    ctx = showing(f, false);
    plx_progress_begin(&ctx, "downloading", 5, "B");
    ck_assert_ptr_null(plx_progress_item_begin(&ctx, "x", 1)); /* off a terminal there is one line */
    plx_progress_end(&ctx);
    plx_progress_free(ctx.progress);
    fclose(f);
}
END_TEST

START_TEST(many_threads_count_right)
{
    setenv("COLUMNS", "80", 1);
    FILE *f = tmpfile();
    plx_ctx ctx = showing(f, true);
    ctx.jobs = 8;
    plx_err err;
    plx_progress_begin(&ctx, "counting", 20001, "items");
    ck_assert(plx_pool_map(&ctx, 20000, step, NULL, &ctx, &err));
    plx_progress_hide(&ctx);
    plx_progress_show(&ctx);
    drain(f);
    plx_progress_step(&ctx, 1);
    ck_assert_ptr_nonnull(strstr(drain(f), "20 001/20 001 items"));
    plx_progress_end(&ctx);
    plx_progress_free(ctx.progress);
    fclose(f);
}
END_TEST

Suite *progress_suite(void)
{
    Suite *s = suite_create("progress");
    TCase *tc = tcase_create("progress");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, no_progress_is_fine);
    tcase_add_test(tc, short_work_leaves_nothing);
    tcase_add_test(tc, off_a_terminal_lines);
    tcase_add_test(tc, bar_fits_and_goes_away);
    tcase_add_test(tc, narrow_terminals);
    tcase_add_test(tc, log_lines_are_not_garbled);
    tcase_add_test(tc, phases_nest);
    tcase_add_test(tc, items_have_lines_of_their_own);
    tcase_add_test(tc, more_items_than_lines);
    tcase_add_test(tc, many_threads_count_right);
    suite_add_tcase(s, tc);
    return s;
}

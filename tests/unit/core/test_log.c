/* SPDX-License-Identifier: Apache-2.0 */
#include "core/log.h"
#include "core/pool.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Everything written so far; the file is emptied. */
static const char *drain(FILE *f)
{
    static char text[1 << 18];
    fflush(f);
    rewind(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    rewind(f);
    ck_assert_int_eq(ftruncate(fileno(f), 0), 0);
    return text;
}

static plx_ctx logging(FILE *f, plx_level level, bool color)
{
    plx_ctx ctx = plx_ctx_default();
    ctx.log = plx_log_new(f, level, color);
    ck_assert_ptr_nonnull(ctx.log);
    return ctx;
}

START_TEST(levels)
{
    FILE *f = tmpfile();
    plx_ctx ctx = logging(f, PLX_LOG_INFO, false);
    plx_logf(&ctx, PLX_LOG_INFO, "get", "%d files", 3);
    plx_logf(&ctx, PLX_LOG_WARN, "get", "odd");
    plx_logf(&ctx, PLX_LOG_ERROR, NULL, "bad");
    plx_logf(&ctx, PLX_LOG_DEBUG, "get", "hidden");
    ck_assert_str_eq(drain(f), "3 files\nwarning: odd\nerror: bad\n");
    plx_log_free(ctx.log);

    ctx = logging(f, PLX_LOG_TRACE, true);
    plx_logf(&ctx, PLX_LOG_DEBUG, "blob", "seen");
    ck_assert_str_eq(drain(f), "\033[2mdebug: \033[0mblob: seen\n");
    plx_log_free(ctx.log);
    ctx.log = NULL;
    plx_logf(&ctx, PLX_LOG_ERROR, "x", "nobody listens");
    plx_logf(NULL, PLX_LOG_ERROR, "x", "nobody listens");
    fclose(f);
}
END_TEST

START_TEST(control_characters_are_escaped)
{
    FILE *f = tmpfile();
    plx_ctx ctx = logging(f, PLX_LOG_INFO, false);
    plx_logf(&ctx, PLX_LOG_INFO, NULL, "name %s end", "a\033[2Jb\nc");
    const char *line = drain(f);
    ck_assert_ptr_null(strchr(line, '\033'));
    ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
    ck_assert_ptr_nonnull(strstr(line, "\\x1b"));
    plx_log_free(ctx.log);
    fclose(f);
}
END_TEST

START_TEST(long_text_is_cut)
{
    FILE *f = tmpfile();
    plx_ctx ctx = logging(f, PLX_LOG_INFO, false);
    char *text = calloc(1, 10001);
    memset(text, 'x', 10000);
    plx_logf(&ctx, PLX_LOG_INFO, NULL, "%s", text);
    const char *line = drain(f);
    ck_assert_uint_ge(strlen(line), 2000);
    ck_assert_uint_lt(strlen(line), 2200);
    ck_assert_int_eq(line[strlen(line) - 1], '\n');
    free(text);
    plx_log_free(ctx.log);
    fclose(f);
}
END_TEST

typedef struct shared {
    const plx_ctx *ctx;
} shared;

static bool talk(void *payload, size_t i, plx_err *err)
{
    (void)err;
    shared *s = payload;
    plx_logf(s->ctx, PLX_LOG_INFO, NULL, "item %zu says abcdefghijklmnopqrstuvwxyz", i);
    return true;
}

START_TEST(lines_of_threads_stay_whole)
{
    FILE *f = tmpfile();
    plx_ctx ctx = logging(f, PLX_LOG_INFO, false);
    ctx.jobs = 8;
    shared s = {&ctx};
    plx_err err;
    ck_assert(plx_pool_map(&ctx, 1000, talk, NULL, &s, &err));
    bool seen[1000] = {false};
    size_t n = 0;
    char *copy = strdup(drain(f));
    for (char *line = copy, *end; (end = strchr(line, '\n')); line = end + 1) {
        size_t i;
        char tail[64];
        *end = '\0';
        ck_assert_int_eq(sscanf(line, "item %zu says %63s", &i, tail), 2);
        ck_assert_str_eq(tail, "abcdefghijklmnopqrstuvwxyz");
        ck_assert(i < 1000 && !seen[i]);
        seen[i] = true;
        n++;
    }
    ck_assert_uint_eq(n, 1000);
    free(copy);
    plx_log_free(ctx.log);
    fclose(f);
}
END_TEST

Suite *log_suite(void)
{
    Suite *s = suite_create("log");
    TCase *tc = tcase_create("log");
    tcase_add_test(tc, levels);
    tcase_add_test(tc, control_characters_are_escaped);
    tcase_add_test(tc, long_text_is_cut);
    tcase_add_test(tc, lines_of_threads_stay_whole);
    suite_add_tcase(s, tc);
    return s;
}

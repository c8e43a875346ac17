/* SPDX-License-Identifier: Apache-2.0 */
#include "core/log.h"

#include "core/alloc.h"
#include "core/fs.h"
#include "core/progress.h"
#include "core/utf8.h"

#include <pthread.h>
#include <stdarg.h>
#include <string.h>

enum { LOG_TEXT = 2048 };

struct plx_log {
    FILE *to;
    plx_level level;
    bool color;
    pthread_mutex_t mutex;
};

plx_log *plx_log_new(FILE *to, plx_level level, bool color)
{
    plx_log *log = plx_alloc_zero(1, sizeof *log);
    if (!log) {
        return NULL;
    }
    if (pthread_mutex_init(&log->mutex, NULL) != 0) {
        plx_free(log);
        return NULL;
    }
    log->to = to;
    log->level = level;
    log->color = color;
    return log;
}

void plx_log_free(plx_log *log)
{
    if (log) {
        pthread_mutex_destroy(&log->mutex);
        plx_free(log);
    }
}

static void write_line(plx_log *log, const char *line, size_t len)
{
    int fd = fileno(log->to);
    pthread_mutex_lock(&log->mutex);
    fflush(log->to);
    if (fd >= 0) {
        plx_fs_write_all(fd, line, len, "log", NULL); /* nowhere to report a log that cannot be written */
    } else {
        fwrite(line, 1, len, log->to);
        fflush(log->to);
    }
    pthread_mutex_unlock(&log->mutex);
}

void plx_logf(const plx_ctx *ctx, plx_level level, const char *module, const char *fmt, ...)
{
    if (!ctx || !ctx->log || level > ctx->log->level) {
        return;
    }
    static const char *const words[] = {"error: ", "warning: ", "", "debug: ", "trace: "};
    static const char *const colors[] = {"\033[31m", "\033[33m", "", "\033[2m", "\033[2m"};
    char raw[LOG_TEXT], text[LOG_TEXT], line[LOG_TEXT + 128];
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    if (len < 0) {
        return;
    }
    plx_escape(text, sizeof text, raw, (size_t)len < sizeof raw ? (size_t)len : sizeof raw - 1);
    bool detail = level >= PLX_LOG_DEBUG && module && module[0];
    bool paint = ctx->log->color && words[level][0];
    int n = snprintf(line, sizeof line, "%s%s%s%.64s%s%s\n", paint ? colors[level] : "", words[level],
                     paint ? "\033[0m" : "", detail ? module : "", detail ? ": " : "", text);
    if (n > 0) {
        plx_progress_hide(ctx);
        write_line(ctx->log, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
        plx_progress_show(ctx);
    }
}

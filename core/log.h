/* SPDX-License-Identifier: Apache-2.0
 *
 * One line per message on stderr. Library code logs at debug; verbs say what matters at info.
 */
#ifndef PLX_CORE_LOG_H
#define PLX_CORE_LOG_H

#include "core/ctx.h"

#include <stdio.h>

typedef enum plx_level { PLX_LOG_ERROR, PLX_LOG_WARN, PLX_LOG_INFO, PLX_LOG_DEBUG, PLX_LOG_TRACE } plx_level;

/* owner: caller, plx_log_free. Thread-safe: one write(2) per line. */
plx_log *plx_log_new(FILE *to, plx_level level, bool color);
void plx_log_free(plx_log *log);
void plx_logf(const plx_ctx *ctx, plx_level level, const char *module, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif

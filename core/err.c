/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling errors. Every text goes through plx_escape on its way in: file names and cell contents come from outside and
 * must not steer a terminal or break a line. Nothing here allocates.
 */
#include "core/err.h"

#include "core/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* Longer than any field, so that a text cut here is always cut again, at a whole character, by plx_escape. */
enum { RAW_TEXT = 2 * PLX_ERR_TEXT };

__attribute__((format(printf, 3, 0))) static void fill(char *out, size_t cap, const char *fmt, va_list args)
{
    char raw[RAW_TEXT];
    int n = vsnprintf(raw, sizeof raw, fmt, args);
    if (n < 0) {
        n = snprintf(raw, sizeof raw, "(message could not be formatted)");
    }
    size_t len = (size_t)n < sizeof raw ? (size_t)n : sizeof raw - 1;
    plx_escape(out, cap, raw, len);
}

void plx_err_clear(plx_err *err)
{
    if (err) {
        memset(err, 0, sizeof *err);
    }
}

/* The arguments may point into *err itself, so the text is made before anything is cleared. */
__attribute__((format(printf, 4, 0))) static bool fail(plx_err *err, plx_code code, int sys, const char *fmt,
                                                       va_list args)
{
    if (err) {
        char text[PLX_ERR_TEXT];
        fill(text, sizeof text, fmt, args);
        plx_err_clear(err);
        err->code = code;
        err->sys = sys;
        memcpy(err->what, text, sizeof text);
    }
    return false;
}

bool plx_fail(plx_err *err, plx_code code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fail(err, code, 0, fmt, args);
    va_end(args);
    return false;
}

static plx_code code_of_errno(int sys)
{
    switch (sys) {
    case ENOSPC:
    case EDQUOT:
    case EROFS:
        return PLX_E_NOSPACE;
    case ENOMEM:
        return PLX_E_NOMEM;
    case ENOENT:
        return PLX_E_NOTFOUND;
    default:
        return PLX_E_IO;
    }
}

bool plx_fail_sys(plx_err *err, int sys, const char *fmt, ...)
{
    if (!err) {
        return false;
    }
    va_list args;
    va_start(args, fmt);
    fail(err, code_of_errno(sys), sys, fmt, args);
    va_end(args);
    char reason[128];
    if (strerror_r(sys, reason, sizeof reason) != 0) {
        snprintf(reason, sizeof reason, "system error %d", sys);
    }
    size_t used = strlen(err->what);
    snprintf(err->what + used, sizeof err->what - used, ": %s", reason);
    return false;
}

bool plx_fail_nomem(plx_err *err, size_t bytes)
{
    return plx_fail(err, PLX_E_NOMEM, "out of memory (%zu bytes were asked for)", bytes);
}

bool plx_note(plx_err *err, const char *fmt, ...)
{
    if (!err) {
        return false;
    }
    char text[PLX_ERR_NOTE];
    va_list args;
    va_start(args, fmt);
    fill(text, sizeof text, fmt, args);
    va_end(args);
    int at = err->n_notes < PLX_ERR_NOTES ? err->n_notes++ : PLX_ERR_NOTES - 1;
    memcpy(err->note[at], text, sizeof text);
    return false;
}

bool plx_err_why(plx_err *err, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        fill(err->why, sizeof err->why, fmt, args);
        va_end(args);
    }
    return false;
}

bool plx_err_kept(plx_err *err, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        fill(err->kept, sizeof err->kept, fmt, args);
        va_end(args);
    }
    return false;
}

bool plx_err_next(plx_err *err, const char *fmt, ...)
{
    if (err) {
        va_list args;
        va_start(args, fmt);
        fill(err->next, sizeof err->next, fmt, args);
        va_end(args);
    }
    return false;
}

typedef struct code_row {
    const char *name;
    int exit_code;
} code_row;

static const code_row codes[PLX_N_CODES] = {
    [PLX_OK] = {"ok", 0},           [PLX_E_NEGATIVE] = {"negative", 1},
    [PLX_E_ARG] = {"arg", 2},       [PLX_E_NOTFOUND] = {"notfound", 3},
    [PLX_E_DIGEST] = {"digest", 4}, [PLX_E_NET] = {"net", 5},
    [PLX_E_BUSY] = {"busy", 6},     [PLX_E_LIMIT] = {"limit", 7},
    [PLX_E_NOMEM] = {"nomem", 7},   [PLX_E_NOSPACE] = {"nospace", 7},
    [PLX_E_IO] = {"io", 7},         [PLX_E_TRUNCATED] = {"truncated", 8},
    [PLX_E_FORMAT] = {"format", 8}, [PLX_E_UNSUPPORTED] = {"unsupported", 8},
    [PLX_E_SCHEMA] = {"schema", 8}, [PLX_E_POLICY] = {"policy", 9},
    [PLX_E_NEWER] = {"newer", 10},  [PLX_E_CANCELLED] = {"cancelled", 130},
    [PLX_E_BUG] = {"bug", 70},
};

const char *plx_code_name(plx_code code)
{
    return (unsigned)code < PLX_N_CODES ? codes[code].name : "unknown";
}

int plx_code_exit(plx_code code)
{
    return (unsigned)code < PLX_N_CODES ? codes[code].exit_code : 70;
}

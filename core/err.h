/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors: an explicit last parameter, filled where the failure happens and annotated on the way up.
 * A function returns bool; false means the error is set. NULL is allowed wherever a plx_err * is taken.
 * Libraries never print: cli/ renders an error as what / where / why / kept / next.
 */
#ifndef PLX_CORE_ERR_H
#define PLX_CORE_ERR_H

#include <stdbool.h>
#include <stdio.h>

typedef enum plx_code {
    PLX_OK = 0,
    PLX_E_NEGATIVE, /* ran, the answer is no, or part of a batch failed */
    PLX_E_ARG,      /* the caller's or the user's words are off */
    PLX_E_NOTFOUND, /* no such reference or file */
    PLX_E_DIGEST,   /* bytes differ from their digest */
    PLX_E_NET,      /* source unreachable, or offline */
    PLX_E_BUSY,     /* another process holds the store */
    PLX_E_LIMIT,    /* a budget of bytes, entries, depth or time is used up */
    PLX_E_NOMEM,
    PLX_E_NOSPACE,     /* disk or quota full, read-only file system */
    PLX_E_IO,          /* the system refused a read or write */
    PLX_E_TRUNCATED,   /* input ends early */
    PLX_E_FORMAT,      /* input is malformed */
    PLX_E_UNSUPPORTED, /* input is well formed, but of a kind not read here */
    PLX_E_SCHEMA,      /* a record or manifest breaks its schema */
    PLX_E_POLICY,      /* refused: unsafe path, licence, leakage */
    PLX_E_NEWER,       /* store written by a newer program */
    PLX_E_CANCELLED,   /* interrupted */
    PLX_E_BUG,         /* internal error */
    PLX_N_CODES
} plx_code;

enum { PLX_ERR_TEXT = 480, PLX_ERR_NOTES = 6, PLX_ERR_NOTE = 240 };

typedef struct plx_err {
    plx_code code;
    int sys; /* errno, or 0 */
    int n_notes;
    char what[PLX_ERR_TEXT];                /* one sentence, in the user's words */
    char note[PLX_ERR_NOTES][PLX_ERR_NOTE]; /* where, innermost first: file, line, byte */
    char why[PLX_ERR_TEXT];                 /* expected against got; may be empty */
    char kept[PLX_ERR_NOTE];                /* what is safe; may be empty */
    char next[PLX_ERR_TEXT];                /* one exact command; may be empty */
} plx_err;

/* Start from a clean error. */
void plx_err_clear(plx_err *err);

/* Set code and message, dropping what was there; control characters in the text are escaped.
 * Returns false, so that a failing function can say `return plx_fail(...)`. */
bool plx_fail(plx_err *err, plx_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same for a failed system call: the code follows from errno value `sys`
 * (ENOSPC EDQUOT EROFS -> NOSPACE, ENOMEM -> NOMEM, ENOENT -> NOTFOUND, else IO) and its text is appended. */
bool plx_fail_sys(plx_err *err, int sys, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Out of memory, without allocating. */
bool plx_fail_nomem(plx_err *err, size_t bytes);

/* Append where it happened (innermost first); when all notes are taken the last is replaced. Returns false. */
bool plx_note(plx_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Say why, what is safe, and the next command. All return false. Later calls replace earlier text. */
bool plx_err_why(plx_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool plx_err_kept(plx_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool plx_err_next(plx_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Lower-case name of a code ("truncated") and the process exit code of DESIGN section 8. */
const char *plx_code_name(plx_code code);
int plx_code_exit(plx_code code);

#endif

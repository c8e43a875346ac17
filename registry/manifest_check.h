/* SPDX-License-Identifier: Apache-2.0
 *
 * Typed checks over a parsed YAML tree, private to the manifest reader. Violations are collected with line and column.
 */
#ifndef PLX_REGISTRY_MANIFEST_CHECK_H
#define PLX_REGISTRY_MANIFEST_CHECK_H

#include "core/value.h"

enum { CHECK_MAX = 20 };

typedef struct violation {
    uint32_t line, column;
    const char *text;
} violation;

typedef struct checker {
    plx_arena *arena;
    size_t n; /* found; the first CHECK_MAX are kept */
    violation found[CHECK_MAX];
    bool nomem;
} checker;

typedef struct key_spec {
    const char *name;
    bool required;
    plx_vkind kind; /* STR, ARR or OBJ: YAML scalars are text until the schema says more */
} key_spec;

typedef enum text_shape { LINE, PROSE } text_shape; /* one line, or lines */

/* Note a violation at `at`. Always false. */
bool check_add(checker *c, const plx_value *at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Unknown (with the nearest known), missing and wrongly typed keys of one mapping. */
void check_keys(checker *c, const plx_value *object, const key_spec *keys, size_t n, const char *what);
/* A non-empty text without control characters; `what` names it in messages. */
bool check_is_text(checker *c, const plx_value *value, const char *what, text_shape shape);
/* The same for a key of a mapping: NULL when it is absent, of another type (check_keys has said so) or no good. */
const plx_value *check_text(checker *c, const plx_value *object, const char *key, text_shape shape);
/* Exactly `digits` hex digits. */
bool check_hex(checker *c, const plx_value *value, const char *what, size_t digits);
/* Arena memory; failure is remembered in c->nomem. */
void *check_array(checker *c, size_t n, size_t size);
const char *check_keep(checker *c, const char *text);
const char *check_keep_n(checker *c, const char *text, size_t len);
/* True when nothing was found; else one SCHEMA error with all of it in file order. */
bool check_finish(checker *c, const char *origin, const char *noun, plx_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Typed checks over a parsed YAML tree, private to the manifest reader. Violations are collected with line and column.
 */
#ifndef PLX_REGISTRY_MANIFEST_CHECK_H
#define PLX_REGISTRY_MANIFEST_CHECK_H

#include "core/value.h"

enum { PLX_CHECK_MAX = 20 };

typedef struct plx_manifest_violation {
    uint32_t line, column;
    const char *text;
} plx_manifest_violation;

typedef struct plx_checker {
    plx_arena *arena;
    size_t n; /* found; the first PLX_CHECK_MAX are kept */
    plx_manifest_violation found[PLX_CHECK_MAX];
    bool nomem;
} plx_checker;

typedef struct plx_key_spec {
    const char *name;
    bool required;
    plx_vkind kind; /* STR, ARR or OBJ: YAML scalars are text until the schema says more */
} plx_key_spec;

typedef enum plx_text_shape { PLX_LINE, PLX_PROSE } plx_text_shape; /* one line, or lines */

/* Note a violation at `at`. Always false. */
bool plx_check_add(plx_checker *c, const plx_value *at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Unknown (with the nearest known), missing and wrongly typed keys of one mapping. */
void plx_check_keys(plx_checker *c, const plx_value *object, const plx_key_spec *keys, size_t n, const char *what);
/* A non-empty text without control characters; `what` names it in messages. */
bool plx_check_is_text(plx_checker *c, const plx_value *value, const char *what, plx_text_shape shape);
/* The same for a key of a mapping: NULL when it is absent, of another type (plx_check_keys has said so) or no good. */
const plx_value *plx_check_text(plx_checker *c, const plx_value *object, const char *key, plx_text_shape shape);
/* Exactly `digits` hex digits. */
bool plx_check_hex(plx_checker *c, const plx_value *value, const char *what, size_t digits);
/* Arena memory; failure is remembered in c->nomem. */
void *plx_check_array(plx_checker *c, size_t n, size_t size);
const char *plx_check_keep(plx_checker *c, const char *text);
const char *plx_check_keep_n(plx_checker *c, const char *text, size_t len);
/* True when nothing was found; else one SCHEMA error with all of it in file order. */
bool plx_check_finish(plx_checker *c, const char *origin, const char *noun, plx_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A tree of values: what YAML and JSON parse into, and what metadata is written from. Lives in an arena.
 * Every node knows where it stood in its file, so that a schema error can name line and column.
 */
#ifndef PLX_CORE_VALUE_H
#define PLX_CORE_VALUE_H

#include "core/arena.h"
#include "core/err.h"
#include "core/str.h"

#include <stdint.h>

typedef enum plx_vkind {
    PLX_V_NULL,
    PLX_V_BOOL,
    PLX_V_I64, /* fits int64 */
    PLX_V_U64, /* above INT64_MAX */
    PLX_V_F64,
    PLX_V_STR,
    PLX_V_ARR,
    PLX_V_OBJ
} plx_vkind;

typedef struct plx_value plx_value;
typedef struct plx_member {
    plx_slice key; /* NUL-terminated */
    plx_value *value;
} plx_member;

struct plx_value {
    plx_vkind kind;
    uint32_t line, column; /* 1-based; 0 when made in memory */
    uint64_t offset;       /* byte offset in its file */
    union {
        bool b;
        int64_t i64;
        uint64_t u64;
        double f64;
        plx_slice str; /* NUL-terminated; may hold NUL inside when it came from JSON \u0000 */
        struct {
            plx_value **items;
            size_t n, cap;
        } arr;
        struct {
            plx_member *members;
            size_t n, cap;
        } obj; /* in file order */
    } u;
};

/* All of it, in the arena. errors: NULL when that is out of memory. */
plx_value *plx_v_copy(plx_arena *a, const plx_value *v);

/* Makers. errors: NULL when the arena is out of memory. */
plx_value *plx_v_null(plx_arena *a);
plx_value *plx_v_bool(plx_arena *a, bool b);
plx_value *plx_v_i64(plx_arena *a, int64_t i);
plx_value *plx_v_u64(plx_arena *a, uint64_t u); /* I64 when it fits */
plx_value *plx_v_f64(plx_arena *a, double d);
plx_value *plx_v_str(plx_arena *a, const char *text);
plx_value *plx_v_strn(plx_arena *a, const char *text, size_t len);
plx_value *plx_v_arr(plx_arena *a);
plx_value *plx_v_obj(plx_arena *a);
/* Append / set; a NULL `value` (failed maker) makes these fail, so a chain is checked once. An existing key is
 * replaced. */
bool plx_v_push(plx_arena *a, plx_value *arr, plx_value *value);
bool plx_v_set(plx_arena *a, plx_value *obj, const char *key, plx_value *value);
/* Append without looking for the key first, for parsers of large objects: cost O(1), where n times plx_v_set is O(n^2).
 * The key is copied; the caller sees to it that it is new. */
bool plx_v_add(plx_arena *a, plx_value *obj, plx_slice key, plx_value *value);

/* Readers: NULL when absent or `obj` is not an object. */
const plx_value *plx_v_get(const plx_value *obj, const char *key);
/* Dotted path, "a.b.c". */
const plx_value *plx_v_at(const plx_value *root, const char *path);
/* The first member of that name whose value is a list, at whatever depth; what stands behind a '.' in a key does not
 * count, so that "a1" is found as "a1.zarr". */
const plx_value *plx_v_find_list(const plx_value *root, const char *name);
const char *plx_v_text(const plx_value *v);                        /* NULL unless a string */
const char *plx_v_get_text(const plx_value *obj, const char *key); /* NULL unless present and a string */
bool plx_v_as_i64(const plx_value *v, int64_t *out);               /* integers only */
bool plx_v_as_f64(const plx_value *v, double *out);                /* any number */
/* Same kinds and values (the integer 1 is not the float 1.0, NaN equals NaN); object member order does not matter. */
bool plx_v_equal(const plx_value *a, const plx_value *b);

#endif

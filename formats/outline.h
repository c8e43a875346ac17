/* SPDX-License-Identifier: Apache-2.0
 *
 * What a file holds, as a tree for people and programs: what `plexus dump` prints. Each format makes the tree of its
 * own files (plx_format.outline) out of the pieces below.
 *
 * An item is an object: "name"; "kind" (file, group, array, column, object, list, sheet, table, member, text, link,
 * ...); as they apply "dtype", "shape", "note" (one sentence of what else is known), "attributes" (by name objects of
 * "dtype", "shape", "value"), "value" of a single one, "items", and "n_items" where not all of them are listed. What
 * was asked for by name also has its content: "values" (nested lists, the first ones along each axis), or "columns" and
 * "rows", or "lines" of text.
 */
#ifndef PLX_FORMATS_OUTLINE_H
#define PLX_FORMATS_OUTLINE_H

#include "core/array.h"
#include "core/ctx.h"
#include "core/table.h"
#include "core/value.h"

typedef struct plx_outline_ask {
    const plx_ctx *ctx;
    plx_arena *arena; /* owns the tree */
    const char *path; /* of the file */
    const char *item; /* in it, without the slash in front: "" is the file's own content; NULL: the tree of all */
    uint64_t limit;   /* rows, elements along an axis and entries of a list that are shown; 0: all */
} plx_outline_ask;

/* How many of n are shown. */
uint64_t plx_outline_shown(const plx_outline_ask *ask, uint64_t n);

/* Makers. errors: NULL or false when the arena is out of memory; a NULL item makes them fail, so a chain is checked
 * once. */
plx_value *plx_outline_item(plx_arena *arena, const char *name, const char *kind);
bool plx_outline_shape(plx_arena *arena, plx_value *item, int ndim, const size_t *shape);
bool plx_outline_note(plx_arena *arena, plx_value *item, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Append to "items" of `parent`. */
bool plx_outline_add(plx_arena *arena, plx_value *parent, plx_value *item);

/* One element of an array, at any address: reals in as few digits as they have, complex numbers as text ("1+2j"). */
plx_value *plx_outline_number(plx_arena *arena, plx_dtype dtype, const uint8_t *at);
/* "values" of an item: the first elements along each axis. */
bool plx_outline_values(const plx_outline_ask *ask, plx_value *item, const plx_array *array);
/* The same of text in C order; `shape` is that of the elements in `text`, no more than are to be shown. */
bool plx_outline_texts(const plx_outline_ask *ask, plx_value *item, const plx_column *text, int ndim,
                       const size_t *shape);
/* An array with dtype and shape; with `values` also its content. */
plx_value *plx_outline_array(const plx_outline_ask *ask, const char *name, const plx_array *array, bool values);
/* "lines" of an item when the bytes are text, else a note that they are not. */
bool plx_outline_text(const plx_outline_ask *ask, plx_value *item, const char *bytes, size_t len);

/* The outline of a tree of values, or of what `ask->item` names in it ("traces/0/name"). errors: NOTFOUND with near
 * names; NOMEM. */
bool plx_outline_tree(const plx_outline_ask *ask, const char *title, const plx_value *root, plx_value **out,
                      plx_err *err);

/* The outline of a table: its columns; or, as `ask->item` says, the rows ("") or one column. errors: NOTFOUND with near
 * names; NOMEM. */
bool plx_outline_table(const plx_outline_ask *ask, const plx_table *table, plx_value **out, plx_err *err);

/* NOTFOUND that lists what is there: `names` of n. */
bool plx_outline_missing(const plx_outline_ask *ask, const char *const *names, size_t n, plx_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A record held in memory: a few tables and an attributes object, seen through plx_record_view.
 */
#ifndef PLX_TESTS_MEMORY_VIEW_H
#define PLX_TESTS_MEMORY_VIEW_H

#include "schemas/kind.h"

#include <string.h>

enum { MEMORY_TABLES = 4 };

typedef struct memory_record {
    const char *name[MEMORY_TABLES];
    plx_table table[MEMORY_TABLES];
    size_t n_tables;
} memory_record;

static inline bool memory_table(const plx_record_view *view, const char *name, const plx_table **out, plx_err *err)
{
    (void)err;
    const memory_record *m = view->self;
    *out = NULL;
    for (size_t i = 0; i < m->n_tables; i++) {
        if (strcmp(m->name[i], name) == 0) {
            *out = &m->table[i];
        }
    }
    return true;
}

static inline bool memory_array(const plx_record_view *view, const char *path, const plx_array **out, plx_err *err)
{
    (void)view;
    (void)path;
    (void)err;
    *out = NULL;
    return true;
}

static inline plx_record_view memory_view(memory_record *record, const plx_value *attributes)
{
    return (plx_record_view){record, attributes, memory_table, memory_array};
}

static inline void memory_record_free(memory_record *record)
{
    for (size_t i = 0; i < record->n_tables; i++) {
        plx_table_free(&record->table[i]);
    }
    record->n_tables = 0;
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * A store and the registry for acceptance tests on the published files of C. elegans.
 */
#ifndef PLX_TESTS_WORLD_H
#define PLX_TESTS_WORLD_H

#include "ingest/ingest.h"
#include "registry/refs.h"
#include "support/support.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

typedef struct world {
    plx_ctx ctx;
    plx_store store;
    plx_registry *registry;
    char folder[PLX_PATH];
    const char *from[1];
} world;

static inline void open_world(world *w, const char *store_name, unsigned jobs)
{
    plx_err err;
    char dir[PLX_PATH];
    bool existed;
    w->ctx = plx_ctx_default();
    w->ctx.jobs = jobs;
    w->ctx.offline = true;
    snprintf(dir, sizeof dir, "%s/%s", plx_test_dir(), store_name);
    ck_assert_msg(plx_store_init(&w->ctx, dir, &existed, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_store_open(&w->ctx, dir, PLX_STORE_WRITE, 0, &w->store, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_registry_open(&w->ctx, NULL, &w->registry, &err), "%s", plx_test_err(&err));
    snprintf(w->folder, PLX_PATH, "%s", plx_test_data("celegans"));
    w->from[0] = w->folder;
    for (size_t i = 0; i < plx_registry_count(w->registry); i++) { /* threads may only read it */
        const plx_manifest *m;
        ck_assert_msg(plx_registry_get(w->registry, i, &m, &err), "%s", plx_test_err(&err));
    }
}

static inline void close_world(world *w)
{
    plx_registry_close(w->registry);
    plx_store_close(&w->store);
}

static inline bool get(world *w, const char *family, const char *name, plx_mode mode, plx_got *got, plx_err *err)
{
    const plx_manifest *m = NULL;
    const plx_get_opts opts = {.fetch = {.from_dirs = w->from, .n_from_dirs = 1}};
    return plx_registry_find(w->registry, family, name, &m, err) &&
           plx_get(&w->ctx, &w->store, w->registry, m, mode, &opts, got, err);
}

static inline void record_digest(world *w, const char *family, const char *name, plx_mode mode,
                                 char hex[PLX_SHA256_HEX + 1])
{
    plx_err err;
    plx_ref ref = {.kind = PLX_REF_DATASET, .has_mode = true, .mode = mode};
    snprintf(ref.family, sizeof ref.family, "%s", family);
    snprintf(ref.name, sizeof ref.name, "%s", name);
    snprintf(ref.version, sizeof ref.version, "1");
    plx_arena *arena = plx_arena_new(0);
    const plx_value *content = NULL;
    ck_assert_msg(plx_refs_read(&w->ctx, &w->store, &ref, arena, &content, &err), "%s", plx_test_err(&err));
    ck_assert_ptr_nonnull(content);
    const plx_value *units = plx_v_get(content, "units");
    ck_assert_uint_eq(units->u.arr.n, 1);
    snprintf(hex, PLX_SHA256_HEX + 1, "%s", plx_v_get_text(units->u.arr.items[0], "record"));
    plx_arena_free(arena);
}

static inline plx_record *open_record(world *w, const char *family, const char *name, plx_mode mode)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest digest;
    plx_record *record = NULL;
    plx_err err;
    record_digest(w, family, name, mode, hex);
    ck_assert(plx_digest_parse(hex, strlen(hex), &digest));
    ck_assert_msg(plx_record_open(&w->ctx, &w->store, &digest, &record, &err), "%s", plx_test_err(&err));
    return record;
}

static inline const plx_table *table_of(plx_record *record, const char *name)
{
    const plx_record_view *view = plx_record_as_view(record);
    const plx_table *table = NULL;
    plx_err err;
    ck_assert_msg(view->table(view, name, &table, &err), "%s", plx_test_err(&err));
    ck_assert_ptr_nonnull(table);
    return table;
}

static inline size_t count_where(const plx_table *table, const char *column, const char *text)
{
    const plx_column *c = plx_table_find(table, column);
    size_t n = 0;
    for (size_t i = 0; i < table->n_rows; i++) {
        n += plx_slice_is(plx_column_str(c, i), text);
    }
    return n;
}

#endif

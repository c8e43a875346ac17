/* SPDX-License-Identifier: Apache-2.0
 *
 * A store with a data set of volumes, for tests that look into its records.
 */
#ifndef PLX_TESTS_VOLUME_STORE_H
#define PLX_TESTS_VOLUME_STORE_H

#include "ingest/ingest.h"
#include "registry/record_volume.h"
#include "registry/refs.h"
#include "support/support.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

typedef struct volume_store {
    plx_ctx ctx;
    plx_store store;
    plx_registry *registry;
} volume_store;

/* An empty store `name`; `manifests` is a folder of more manifests, or NULL. */
static inline void vs_open(volume_store *w, const char *name, const char *manifests, unsigned jobs)
{
    plx_err err = {0};
    char dir[PLX_PATH];
    bool existed;
    w->ctx = plx_ctx_default();
    w->ctx.jobs = jobs;
    w->ctx.offline = true;
    snprintf(dir, sizeof dir, "%s/%s", plx_test_dir(), name);
    ck_assert_msg(plx_store_init(&w->ctx, dir, &existed, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_store_open(&w->ctx, dir, PLX_STORE_WRITE, 0, &w->store, &err), "%s", plx_test_err(&err));
    ck_assert_msg(plx_registry_open(&w->ctx, manifests, &w->registry, &err), "%s", plx_test_err(&err));
}

static inline void vs_close(volume_store *w)
{
    plx_registry_close(w->registry);
    plx_store_close(&w->store);
}

static inline bool vs_get(volume_store *w, const char *family, const char *name, plx_err *err)
{
    const plx_manifest *m = NULL;
    plx_got got;
    const char *from[] = {plx_test_dir()};
    const plx_get_opts opts = {.fetch = {.from_dirs = from, .n_from_dirs = 1}};
    return plx_registry_find(w->registry, family, name, &m, err) &&
           plx_get(&w->ctx, &w->store, w->registry, m, PLX_STRICT, &opts, &got, err);
}

/* Unit `i` of the data set's ref. owner: caller, plx_record_close. */
static inline plx_record *vs_record(volume_store *w, const char *family, const char *name, size_t i)
{
    plx_ref ref = {.kind = PLX_REF_DATASET, .has_mode = true, .mode = PLX_STRICT};
    plx_err err = {0};
    plx_arena *arena = plx_arena_new(0);
    const plx_value *content = NULL;
    plx_digest digest;
    plx_record *record = NULL;
    snprintf(ref.family, sizeof ref.family, "%s", family);
    snprintf(ref.name, sizeof ref.name, "%s", name);
    snprintf(ref.version, sizeof ref.version, "1");
    ck_assert_msg(plx_refs_read(&w->ctx, &w->store, &ref, arena, &content, &err) && content, "%s", plx_test_err(&err));
    const char *hex = plx_v_get_text(plx_v_get(content, "units")->u.arr.items[i], "record");
    ck_assert(plx_digest_parse(hex, strlen(hex), &digest));
    ck_assert_msg(plx_record_open(&w->ctx, &w->store, &digest, &record, &err), "%s", plx_test_err(&err));
    plx_arena_free(arena);
    return record;
}

static inline int64_t vs_count(const plx_record *record, const char *name)
{
    int64_t n = -1;
    ck_assert_msg(plx_v_as_i64(plx_v_get(plx_v_get(plx_record_meta(record), "counts"), name), &n), "no count %s", name);
    return n;
}

/* A number of the table of instances. */
static inline double vs_instance(const plx_record *record, const char *column, size_t row)
{
    const plx_record_view *view = plx_record_as_view(record);
    const plx_table *table = NULL;
    ck_assert(view->table(view, "instances", &table, NULL) && table && row < table->n_rows);
    return plx_column_f64(plx_table_find(table, column), row);
}

/* A manifest t/NAME in the folder `dir` below the scratch folder, over one file of unit "u". */
static inline void vs_manifest(const char *dir, const char *name, const char *ingester, const char *options,
                               const char *file, const char *url)
{
    plx_sb sb = {0};
    char path[PLX_PATH], folder[PLX_PATH];
    plx_sb_printf(&sb,
                  "schema: manifest/1\nname: t/%s\nversion: \"1\"\ntitle: \"T\"\ndescription: |\n  T.\nkind: volume\n"
                  "licence: CC-BY-4.0\ncitations:\n  - |\n    @misc{t%s,\n      title = {T}\n    }\ningester: %s\n%s"
                  "files:\n  - name: %s\n    unit: u\n    urls:\n      - %s\n",
                  name, name, ingester, options, file, url);
    snprintf(folder, sizeof folder, "%s/%s/t", plx_test_dir(), dir);
    ck_assert(plx_fs_mkdirs(folder, NULL));
    snprintf(path, sizeof path, "%s/t/%s.yaml", dir, name);
    (void)plx_test_file(path, plx_sb_str(&sb), sb.len);
    plx_sb_free(&sb);
}

#endif

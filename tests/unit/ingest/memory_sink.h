/* SPDX-License-Identifier: Apache-2.0
 *
 * A sink that keeps one record in memory and validates it at commit, and a job that runs an ingester over texts.
 */
#ifndef PLX_TESTS_MEMORY_SINK_H
#define PLX_TESTS_MEMORY_SINK_H

#include "core/alloc.h"
#include "ingest/ingest_job.h"
#include "support/memory_view.h"
#include "support/support.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct told {
    char action[16], rule[32], subject[96], before[96], after[96], file[48];
    uint64_t line;
} told;

typedef struct memory_sink {
    plx_sink base;
    memory_record record;
    plx_arena *arena;
    plx_value *attributes, *counts;
    char kind[32];
    told *changes; /* plain malloc: the tests' own */
    size_t n_changes;
    bool committed;
    plx_violations found;
} memory_sink;

static inline bool ms_begin(plx_sink *sink, const char *kind, const char *unit, plx_err *err)
{
    memory_sink *s = sink->self;
    (void)unit;
    snprintf(s->kind, sizeof s->kind, "%s", kind);
    s->arena = plx_arena_new(0);
    s->attributes = s->arena ? plx_v_obj(s->arena) : NULL;
    return s->attributes || plx_fail_nomem(err, 0);
}

static inline bool ms_table(plx_sink *sink, const char *name, const plx_table *table, plx_err *err)
{
    memory_sink *s = sink->self;
    ck_assert_uint_lt(s->record.n_tables, MEMORY_TABLES);
    plx_table *to = &s->record.table[s->record.n_tables];
    static const char *const names[] = {"nodes", "edges", "pairings", "pairs", "consensus", "neurons"};
    size_t which = 0;
    while (which + 1 < sizeof names / sizeof *names && strcmp(name, names[which]) != 0) {
        which++;
    }
    s->record.name[s->record.n_tables++] = names[which];
    for (size_t i = 0; i < table->n_cols; i++) {
        const plx_column *from = &table->cols[i];
        plx_column *column = NULL;
        if (from->dtype == PLX_STR) {
            plx_slice *texts = calloc(from->n + 1, sizeof *texts);
            for (size_t k = 0; k < from->n; k++) {
                texts[k] = plx_column_str(from, k);
            }
            bool ok = plx_table_add_strings(to, from->name, texts, from->n, err);
            free(texts);
            if (!ok) {
                return false;
            }
        } else if (!plx_table_add(to, from->name, from->unit, from->dtype, from->n, &column, err)) {
            return false;
        } else if (from->n) {
            memcpy(column->values.ptr, from->values.ptr, from->n * plx_dtype_size(from->dtype));
        }
    }
    return true;
}

static inline bool ms_attribute(plx_sink *sink, const char *key, const plx_value *value, plx_err *err)
{
    memory_sink *s = sink->self;
    /* Values of the ingester's own arena are gone later; texts are all the tests look at. */
    plx_value *copy = plx_v_text(value) ? plx_v_str(s->arena, plx_v_text(value)) : NULL;
    if (!copy && value->kind == PLX_V_ARR) {
        copy = plx_v_arr(s->arena);
        for (size_t i = 0; copy && i < value->u.arr.n; i++) {
            copy = plx_v_push(s->arena, copy, plx_v_str(s->arena, plx_v_text(value->u.arr.items[i]))) ? copy : NULL;
        }
    } else if (!copy) {
        copy = plx_v_bool(s->arena, true);
    }
    return plx_v_set(s->arena, s->attributes, key, copy) || plx_fail_nomem(err, 0);
}

static inline bool ms_change(plx_sink *sink, const plx_change *c, plx_err *err)
{
    memory_sink *s = sink->self;
    (void)err;
    ck_assert(c->action && *c->action && c->rule && *c->rule && c->reason && *c->reason && c->subject && c->before &&
              c->after);
    s->changes = realloc(s->changes, (s->n_changes + 1) * sizeof *s->changes);
    told *t = &s->changes[s->n_changes++];
    snprintf(t->action, sizeof t->action, "%s", c->action);
    snprintf(t->rule, sizeof t->rule, "%s", c->rule);
    snprintf(t->subject, sizeof t->subject, "%s", c->subject);
    snprintf(t->before, sizeof t->before, "%s", c->before);
    snprintf(t->after, sizeof t->after, "%s", c->after);
    snprintf(t->file, sizeof t->file, "%s", c->file);
    t->line = c->line;
    return true;
}

static inline plx_record_view ms_view(memory_sink *s)
{
    return memory_view(&s->record, s->attributes);
}

static inline bool ms_commit(plx_sink *sink, plx_digest *out, plx_err *err)
{
    memory_sink *s = sink->self;
    plx_ctx ctx = plx_ctx_default();
    plx_record_view view = ms_view(s);
    const plx_kind *kind = plx_kind_find(s->kind);
    memset(out, 0, sizeof *out);
    s->counts = plx_v_obj(s->arena);
    if (!plx_kind_validate(&ctx, kind, &view, &s->found, err)) {
        return false;
    }
    ck_assert_msg(s->found.n == 0, "%s", s->found.text[0]);
    s->committed = s->counts && kind->counts(&ctx, &view, s->arena, s->counts, err);
    return s->committed || (s->counts ? false : plx_fail_nomem(err, 0));
}

static inline void ms_abort(plx_sink *sink)
{
    (void)sink;
}

static inline void ms_init(memory_sink *s)
{
    *s = (memory_sink){.base = {.begin = ms_begin,
                                .table = ms_table,
                                .attribute = ms_attribute,
                                .change = ms_change,
                                .commit = ms_commit,
                                .abort = ms_abort}};
    s->base.self = s;
}

static inline void ms_free(memory_sink *s)
{
    memory_record_free(&s->record);
    plx_arena_free(s->arena);
    free(s->changes);
    *s = (memory_sink){0};
}

static inline double ms_count(const memory_sink *s, const char *path)
{
    double value = -1;
    ck_assert_msg(plx_v_as_f64(plx_v_at(s->counts, path), &value), "no count %s", path);
    return value;
}

static inline size_t ms_changes(const memory_sink *s, const char *rule)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_changes; i++) {
        n += strcmp(s->changes[i].rule, rule) == 0;
    }
    return n;
}

static inline const told *ms_change_of(const memory_sink *s, const char *rule)
{
    for (size_t i = 0; i < s->n_changes; i++) {
        if (strcmp(s->changes[i].rule, rule) == 0) {
            return &s->changes[i];
        }
    }
    ck_abort_msg("no change by rule %s", rule);
    return NULL;
}

static inline const plx_column *ms_column(const memory_sink *s, const char *table, const char *column)
{
    for (size_t i = 0; i < s->record.n_tables; i++) {
        const plx_column *found =
            strcmp(s->record.name[i], table) == 0 ? plx_table_find(&s->record.table[i], column) : NULL;
        if (found) {
            return found;
        }
    }
    ck_abort_msg("no column %s/%s", table, column);
    return NULL;
}

static inline plx_slice ms_text(const memory_sink *s, const char *table, const char *column, size_t row)
{
    for (size_t i = 0; i < s->record.n_tables; i++) {
        if (strcmp(s->record.name[i], table) == 0) {
            return plx_column_str(plx_table_find(&s->record.table[i], column), row);
        }
    }
    ck_abort_msg("no table %s", table);
    return (plx_slice){0};
}

/* Weight of an edge by labels, 0 when there is none. */
static inline double ms_weight(const memory_sink *s, int kind, const char *pre, const char *post)
{
    const plx_table *edges = &s->record.table[1];
    for (size_t i = 0; i < edges->n_rows; i++) {
        size_t from = (size_t)plx_column_f64(plx_table_find(edges, "pre"), i);
        size_t to = (size_t)plx_column_f64(plx_table_find(edges, "post"), i);
        if ((int)plx_column_f64(plx_table_find(edges, "kind"), i) == kind &&
            plx_slice_is(ms_text(s, "nodes", "label", from), pre) &&
            plx_slice_is(ms_text(s, "nodes", "label", to), post)) {
            return plx_column_f64(plx_table_find(edges, "weight"), i);
        }
    }
    return 0;
}

typedef struct text_file {
    const char *name, *text;
    size_t len; /* 0: all of it */
} text_file;

enum { JOB_FILES = 3 };

/* Run an ingester over texts. `options` is key, value, key, value, NULL. */
static inline bool run_job(const char *ingester, const char *const *options, const text_file *texts, plx_mode mode,
                           memory_sink *sink, plx_err *err)
{
    plx_ctx ctx = plx_ctx_default();
    plx_manifest_file files[JOB_FILES];
    static plx_fetched fetched[JOB_FILES];
    plx_manifest manifest = {.family = "test",
                             .name = "set",
                             .version = "1",
                             .kind = "connectome",
                             .ingester = ingester,
                             .files = files,
                             .origin = "test.yaml",
                             .title = "",
                             .licence = "none-stated"};
    memset(files, 0, sizeof files);
    memset(fetched, 0, sizeof fetched);
    for (; texts[manifest.n_files].name; manifest.n_files++) {
        const text_file *t = &texts[manifest.n_files];
        files[manifest.n_files].name = t->name;
        fetched[manifest.n_files].name = t->name;
        snprintf(fetched[manifest.n_files].from, PLX_PATH, "%s",
                 plx_test_file(t->name, t->text, t->len ? t->len : strlen(t->text)));
    }
    /* The manifest's own memory is not what is tried. */
    plx_arena *arena = plx_arena_new(0);
    plx_value *object = arena ? plx_v_obj(arena) : NULL;
    bool ok = object || plx_fail_nomem(err, 0);
    for (size_t i = 0; ok && options[i]; i += 2) {
        ok = plx_v_set(arena, object, options[i], plx_v_str(arena, options[i + 1])) || plx_fail_nomem(err, 0);
    }
    manifest.options = object;
    ms_init(sink);
    plx_ingest job = {.ctx = &ctx,
                      .ingester = plx_ingester_find(ingester),
                      .manifest = &manifest,
                      .mode = mode,
                      .arena = arena,
                      .sink = &sink->base,
                      .files = fetched};
    ok = ok && plx_ingest_check_options(job.ingester, &manifest, err) &&
         plx_ingest_check_mode(job.ingester, &manifest, mode, err) && job.ingester->run(&job, err);
    plx_arena_free(arena);
    return ok;
}

#endif

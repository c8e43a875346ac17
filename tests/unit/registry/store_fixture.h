/* SPDX-License-Identifier: Apache-2.0
 *
 * A small store for tests: a data set is a manifest blob, one file blob, one connectome of three cells and a ref.
 */
#ifndef PLX_TESTS_STORE_FIXTURE_H
#define PLX_TESTS_STORE_FIXTURE_H

#include "core/alloc.h"
#include "registry/blob.h"
#include "registry/record.h"
#include "registry/refs.h"
#include "registry/runs.h"
#include "schemas/neurons.h"
#include "support/support.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OK(call) ck_assert_msg((call), "%s", plx_test_err(&err))

static inline void fx_path(char out[PLX_PATH], const char *a, const char *b)
{
    ck_assert(plx_path_join(out, a, b, NULL));
}

/* A fresh store below the scratch folder, open for writing. */
static inline void fx_store(const char *name, plx_store *out)
{
    plx_err err = {0};
    plx_ctx ctx = plx_ctx_default();
    char dir[PLX_PATH];
    bool existed;
    fx_path(dir, plx_test_dir(), name);
    OK(plx_store_init(&ctx, dir, &existed, &err));
    ck_assert(!existed);
    OK(plx_store_open(&ctx, dir, PLX_STORE_WRITE, 0, out, &err));
}

static inline bool fx_blob(plx_store *store, const char *text, plx_digest *out, plx_err *err)
{
    plx_ctx ctx = plx_ctx_default();
    plx_source *source;
    uint64_t bytes;
    if (!plx_source_mem("memory", text, strlen(text), &source, err)) {
        return false;
    }
    bool ok = plx_blob_put(&ctx, store, source, NULL, NULL, out, &bytes, err);
    plx_source_close(source);
    return ok;
}

static inline bool fx_nodes(plx_table *table, size_t n, plx_err *err)
{
    static const char *const labels[] = {"AVAL", "AVAR", "m1"}, *const names[] = {"AVAL", "AVAR", ""};
    static const char *const cats[] = {"neuron", "neuron", "muscle"}, *const classes[] = {"AVA", "AVA", ""};
    static const char *const types[] = {"inter", "inter", ""}, *const sends[] = {"acetylcholine", "acetylcholine", ""};
    const char *const *const texts[] = {labels, names, cats, classes, types, sends};
    const char *const text_names[] = {"label", "name", "category", "class", "type", "transmitter"};
    const char *const um[] = {"x_um", "y_um", "z_um"}, *const flags[] = {"observable", "in_source"};
    plx_column *column;
    for (size_t k = 0; k < 6; k++) {
        plx_slice values[3];
        for (size_t i = 0; i < n; i++) {
            values[i] = plx_slice_of(texts[k][i]);
        }
        if (!plx_table_add_strings(table, text_names[k], values, n, err)) {
            return false;
        }
    }
    for (size_t k = 0; k < 3; k++) {
        if (!plx_table_add(table, um[k], "um", PLX_F64, n, &column, err)) {
            return false;
        }
    }
    for (size_t k = 0; k < 2; k++) {
        if (!plx_table_add(table, flags[k], "", PLX_U8, n, &column, err)) {
            return false;
        }
        memset(column->values.ptr, 1, n);
    }
    return true;
}

static inline bool fx_slots(plx_table *table, size_t n, plx_err *err)
{
    plx_column *column;
    if (!plx_table_add(table, "slot", "", PLX_I32, n, &column, err)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        plx_slice name = plx_column_str(plx_table_find(table, "name"), i);
        ((int32_t *)(void *)column->values.ptr)[i] = name.len ? plx_neuron_slot(name) : -1;
    }
    return true;
}

/* AVAL -> AVAR chemical, weight `weight`; AVAR -> m1 chemical, weight 1. */
static inline bool fx_edges(plx_table *table, double weight, plx_err *err)
{
    plx_column *c;
    static const uint32_t pre[] = {0, 1}, post[] = {1, 2}, rows[] = {1, 1};
    const double weights[] = {weight, 1};
    if (!plx_table_add(table, "pre", "", PLX_U32, 2, &c, err)) {
        return false;
    }
    memcpy(c->values.ptr, pre, sizeof pre);
    if (!plx_table_add(table, "post", "", PLX_U32, 2, &c, err)) {
        return false;
    }
    memcpy(c->values.ptr, post, sizeof post);
    if (!plx_table_add(table, "kind", "", PLX_U8, 2, &c, err) ||
        !plx_table_add(table, "weight", "synapses", PLX_F64, 2, &c, err)) {
        return false;
    }
    memcpy(c->values.ptr, weights, sizeof weights);
    if (!plx_table_add(table, "n_rows", "", PLX_U32, 2, &c, err)) {
        return false;
    }
    memcpy(c->values.ptr, rows, sizeof rows);
    return true;
}

static inline bool fx_fill(plx_sink *sink, double weight, plx_err *err)
{
    plx_table nodes = {0}, edges = {0};
    plx_arena *arena = plx_arena_new(0);
    plx_value *kinds = arena ? plx_v_arr(arena) : NULL;
    plx_change change = {"rename", "case", "aval", "aval", "AVAL", "upper case is canonical", "cells.csv", 7};
    bool ok = kinds && plx_v_push(arena, kinds, plx_v_str(arena, "chemical")) &&
              plx_v_push(arena, kinds, plx_v_str(arena, "gap"));
    ok = ok || plx_fail_nomem(err, 64);
    ok = ok && fx_nodes(&nodes, 3, err) && fx_slots(&nodes, 3, err) && fx_edges(&edges, weight, err) &&
         sink->table(sink, "nodes", &nodes, err) && sink->table(sink, "edges", &edges, err) &&
         sink->attribute(sink, "edge_kinds", kinds, err) && plx_sink_text(sink, "region", "head", err) &&
         plx_sink_text(sink, "weight_unit", "synapses", err) && sink->change(sink, &change, err);
    plx_table_free(&nodes);
    plx_table_free(&edges);
    plx_arena_free(arena);
    return ok;
}

/* Commit the record of a data set; `store` NULL throws it away. */
static inline bool fx_record(plx_store *store, const char *dataset, double weight, const char *input_hex,
                             plx_digest *out, plx_err *err)
{
    plx_ctx ctx = plx_ctx_default();
    plx_arena *arena = plx_arena_new(0);
    plx_value *provenance = arena ? plx_v_obj(arena) : NULL;
    if (!provenance || !plx_v_set(arena, provenance, "input", plx_v_str(arena, input_hex))) {
        plx_arena_free(arena);
        return plx_fail_nomem(err, 64);
    }
    plx_record_origin origin = {
        .dataset = dataset, .version = "1", .mode = PLX_STRICT, .demo = true, .provenance = provenance};
    plx_sink *sink = NULL;
    bool ok = plx_record_sink_new(&ctx, store, &origin, &sink, err) && sink->begin(sink, "connectome", "", err) &&
              fx_fill(sink, weight, err) && sink->commit(sink, out, err);
    plx_record_sink_free(sink);
    plx_arena_free(arena);
    return ok;
}

static inline plx_ref fx_ref(const char *name)
{
    plx_ref ref = {
        .kind = PLX_REF_DATASET, .family = "connectome", .version = "1", .has_mode = true, .mode = PLX_STRICT};
    snprintf(ref.name, sizeof ref.name, "%s", name);
    return ref;
}

/* Content of a ref over these objects. */
static inline plx_value *fx_content(plx_arena *a, const char *name, const plx_digest *manifest, const plx_digest *file,
                                    size_t file_bytes, const plx_digest *record)
{
    char dataset[128], hex[3][PLX_SHA256_HEX + 1];
    snprintf(dataset, sizeof dataset, "connectome/%s", name);
    plx_digest_hex(manifest, hex[0]);
    plx_digest_hex(file, hex[1]);
    plx_digest_hex(record, hex[2]);
    plx_value *c = plx_v_obj(a), *files = plx_v_arr(a), *f = plx_v_obj(a), *units = plx_v_arr(a), *u = plx_v_obj(a);
    bool ok = c && files && f && units && u && plx_v_set(a, f, "name", plx_v_str(a, "cells.csv")) &&
              plx_v_set(a, f, "sha256", plx_v_str(a, hex[1])) && plx_v_set(a, f, "bytes", plx_v_u64(a, file_bytes)) &&
              plx_v_set(a, f, "trust", plx_v_str(a, "sha256")) &&
              plx_v_set(a, f, "url", plx_v_str(a, "https://example.org/cells.csv")) && plx_v_push(a, files, f) &&
              plx_v_set(a, u, "unit", plx_v_str(a, "")) && plx_v_set(a, u, "record", plx_v_str(a, hex[2])) &&
              plx_v_push(a, units, u) && plx_v_set(a, c, "dataset", plx_v_str(a, dataset)) &&
              plx_v_set(a, c, "version", plx_v_str(a, "1")) && plx_v_set(a, c, "mode", plx_v_str(a, "strict")) &&
              plx_v_set(a, c, "title", plx_v_str(a, "Three cells")) && plx_v_set(a, c, "demo", plx_v_bool(a, true)) &&
              plx_v_set(a, c, "kind", plx_v_str(a, "connectome")) &&
              plx_v_set(a, c, "licence", plx_v_str(a, "CC0-1.0")) && plx_v_set(a, c, "citations", plx_v_arr(a)) &&
              plx_v_set(a, c, "manifest", plx_v_str(a, hex[0])) && plx_v_set(a, c, "files", files) &&
              plx_v_set(a, c, "uses", plx_v_arr(a)) && plx_v_set(a, c, "units", units);
    return ok ? c : NULL;
}

/* What `get` does for a data set, its last look included. */
static inline bool fx_get(plx_store *store, const char *name, double weight, plx_err *err)
{
    plx_ctx ctx = plx_ctx_default();
    char dataset[128], manifest_text[128], file_text[128], hex[PLX_SHA256_HEX + 1];
    plx_ref ref = fx_ref(name);
    snprintf(dataset, sizeof dataset, "connectome/%s", name);
    snprintf(manifest_text, sizeof manifest_text, "name: %s\nweight: %g\n", name, weight);
    snprintf(file_text, sizeof file_text, "pre,post,weight\naval,AVAR,%g\n", weight);
    for (int tries = 0; tries < 1000; tries++) {
        plx_digest manifest, file, record;
        if (!fx_blob(store, manifest_text, &manifest, err) || !fx_blob(store, file_text, &file, err)) {
            return false;
        }
        plx_digest_hex(&file, hex);
        if (!fx_record(store, dataset, weight, hex, &record, err)) {
            return false;
        }
        plx_arena *arena = plx_arena_new(0);
        plx_value *content = fx_content(arena, name, &manifest, &file, strlen(file_text), &record);
        bool present = false;
        bool ok =
            plx_refs_write(store, &ref, content, err) && plx_refs_check_objects(&ctx, store, content, &present, err);
        plx_arena_free(arena);
        if (!ok || present) {
            return ok;
        }
    }
    return plx_fail(err, PLX_E_BUSY, "objects keep going away");
}

/* A run that has only been planned; its inputs are one digest (NULL: none). Returns the path of run.json, static. */
static inline const char *fx_run(plx_store *store, const char *input)
{
    static char rel[128];
    char hex[PLX_SHA256_HEX + 1];
    plx_err err = {0};
    plx_arena *arena = plx_arena_new(0);
    plx_value *identity = plx_v_obj(arena);
    plx_run_writer writer;
    ck_assert(plx_v_set(arena, identity, "task", plx_v_str(arena, "t")));
    ck_assert(!input || plx_v_set(arena, identity, "input", plx_v_str(arena, input)));
    OK(plx_run_writer_open(store, identity, &writer, &err));
    plx_digest_hex(&writer.run, hex);
    plx_run_writer_close(&writer);
    plx_arena_free(arena);
    snprintf(rel, sizeof rel, "runs/%s/run.json", hex);
    return rel;
}

static inline void fx_write(const char *path, const char *text)
{
    unlink(path);
    FILE *f = fopen(path, "wb");
    ck_assert_msg(f != NULL, "%s", path);
    ck_assert_uint_eq(fwrite(text, 1, strlen(text), f), strlen(text));
    ck_assert_int_eq(fclose(f), 0);
}

/* Flip one bit in place, read-only or not. Doing it twice undoes it. */
static inline void fx_flip(const char *path, uint64_t offset, unsigned bit)
{
    ck_assert_int_eq(chmod(path, 0644), 0);
    int fd = open(path, O_RDWR);
    ck_assert_int_ge(fd, 0);
    unsigned char c;
    ck_assert_int_eq(pread(fd, &c, 1, (off_t)offset), 1);
    c = (unsigned char)(c ^ (1u << bit));
    ck_assert_int_eq(pwrite(fd, &c, 1, (off_t)offset), 1);
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(chmod(path, 0444), 0);
}

/* Relative paths of all files below a folder. */
typedef struct fx_files {
    size_t n;
    char path[256][PLX_REF_TEXT];
    uint64_t bytes[256];
} fx_files;
static inline bool fx_add_file(void *payload, const char *rel, uint64_t bytes, bool is_link, plx_err *err)
{
    (void)is_link;
    (void)err;
    fx_files *files = payload;
    ck_assert_uint_lt(files->n, 256);
    snprintf(files->path[files->n], sizeof files->path[0], "%s", rel);
    files->bytes[files->n++] = bytes;
    return true;
}
static inline void fx_list(const char *dir, fx_files *out)
{
    plx_err err = {0};
    memset(out, 0, sizeof *out);
    OK(plx_fs_walk(dir, fx_add_file, out, &err));
}

static inline size_t fx_count(const plx_store *store, const char *folder)
{
    char dir[PLX_PATH];
    char **names;
    size_t n;
    fx_path(dir, store->root, folder);
    ck_assert(plx_fs_names(dir, &names, &n, NULL));
    plx_fs_names_free(names, n);
    return n;
}

static inline void fx_age(const char *path, time_t seconds)
{
    struct timespec now, times[2];
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec -= seconds;
    times[0] = times[1] = now;
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

#endif

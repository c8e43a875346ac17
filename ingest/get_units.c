/* SPDX-License-Identifier: Apache-2.0
 *
 * A ref may hold a part of a data set's records. Each record is made from the files of its own unit, whichever others
 * were asked for in the same breath, so it has the same bytes and the same name in every case.
 */
#include "ingest/get_units.h"

#include "ingest/expect.h"
#include "registry/blob.h"
#include "registry/record.h"
#include "registry/refs.h"

#include <stdio.h>

/* The ref as it stands, if it was made from this very manifest by this very ingester; else NULL. A damaged one is none.
 */
static bool ref_before(const plx_ctx *ctx, const plx_store *store, plx_arena *arena, const plx_get_facts *f,
                       const plx_value **out, plx_err *err)
{
    const plx_manifest *m = f->whole;
    plx_ref ref = {.kind = PLX_REF_DATASET, .has_mode = true, .mode = f->mode};
    char hex[PLX_SHA256_HEX + 1];
    plx_err why;
    plx_err_clear(&why);
    snprintf(ref.family, sizeof ref.family, "%s", m->family);
    snprintf(ref.name, sizeof ref.name, "%s", m->name);
    snprintf(ref.version, sizeof ref.version, "%s", m->version);
    *out = NULL;
    const plx_value *content = NULL;
    if (!plx_refs_read(ctx, store, &ref, arena, &content, &why)) {
        return why.code == PLX_E_NOMEM ? plx_fail_nomem(err, 0) : true;
    }
    const plx_value *ingester = content ? plx_v_get(content, "ingester") : NULL;
    const char *made_from = content ? plx_v_get_text(content, "manifest") : NULL;
    const char *name = ingester ? plx_v_get_text(ingester, "name") : NULL;
    int64_t version = -1;
    plx_v_as_i64(ingester ? plx_v_get(ingester, "version") : NULL, &version);
    plx_digest_hex(&f->manifest_sha256, hex);
    if (made_from && name && strcmp(made_from, hex) == 0 && strcmp(name, f->ingester->name) == 0 &&
        version == f->ingester->version) {
        *out = content;
    }
    return true;
}

static const plx_value *named(const plx_value *content, const char *list, const char *key, const char *name)
{
    const plx_value *items = content ? plx_v_get(content, list) : NULL;
    for (size_t i = 0; items && items->kind == PLX_V_ARR && i < items->u.arr.n; i++) {
        const char *text = plx_v_get_text(items->u.arr.items[i], key);
        if (text && strcmp(text, name) == 0) {
            return items->u.arr.items[i];
        }
    }
    return NULL;
}

static bool digest_of(const plx_value *item, const char *key, plx_digest *out)
{
    const char *hex = item ? plx_v_get_text(item, key) : NULL;
    return hex && plx_digest_parse(hex, strlen(hex), out);
}

/* Are the unit's files, and its record where there is to be one, in the store? Then its files are carried. */
static bool is_there(const plx_ctx *ctx, const plx_store *store, const plx_get_facts *f, const plx_value *before,
                     const char *unit, bool records, const plx_value **carried, plx_digest *record, bool *there,
                     plx_err *err)
{
    plx_digest digest;
    *there = false;
    if (records && !digest_of(named(before, "units", "unit", unit), "record", record)) {
        return true;
    }
    for (size_t i = 0; i < f->whole->n_files; i++) {
        const plx_manifest_file *file = &f->whole->files[i];
        if (!file->unit || strcmp(file->unit, unit) != 0) {
            continue;
        }
        const plx_value *item = named(before, "files", "name", file->name);
        if (!digest_of(item, "sha256", &digest) || !plx_blob_has(store, &digest, NULL)) {
            return true;
        }
    }
    if (records && !plx_record_has(ctx, store, record, there, err)) {
        return false;
    }
    *there |= !records;
    for (size_t i = 0; *there && i < f->whole->n_files; i++) {
        const plx_manifest_file *file = &f->whole->files[i];
        if (file->unit && strcmp(file->unit, unit) == 0) {
            carried[i] = named(before, "files", "name", file->name);
        }
    }
    return true;
}

bool plx_get_part_choose(const plx_ctx *ctx, const plx_store *store, plx_arena *arena, plx_get_facts *facts,
                         const plx_get_opts *opts, bool records, plx_get_part *out, plx_err *err)
{
    const char *const *all = NULL;
    const plx_value *before = NULL;
    plx_manifest *picked = plx_arena_zero(arena, 1, sizeof *picked);
    *out = (plx_get_part){0};
    if (!picked) {
        return plx_fail_nomem(err, sizeof *picked);
    }
    if (!plx_manifest_units(arena, facts->whole, &all, &out->n_all, err)) {
        return false;
    }
    if (out->n_all == 0) {
        return opts->n_units == 0 || plx_manifest_pick(arena, facts->whole, opts->units, opts->n_units, picked, err);
    }
    const char **wanted = plx_arena_zero(arena, out->n_all, sizeof *wanted);
    const plx_value **carried = plx_arena_zero(arena, facts->whole->n_files, sizeof *carried);
    out->carried = plx_arena_zero(arena, out->n_all, sizeof *out->carried);
    if (!wanted || !carried || !out->carried) {
        return plx_fail_nomem(err, out->n_all * sizeof *wanted);
    }
    /* Before anything else: an unknown unit is the user's slip. */
    if (!plx_manifest_pick(arena, facts->whole, opts->units, opts->n_units, picked, err) ||
        (store && !ref_before(ctx, store, arena, facts, &before, err))) {
        return false;
    }
    for (size_t i = 0; i < out->n_all; i++) {
        bool asked = opts->n_units == 0 || plx_unit_among(all[i], opts->units, opts->n_units);
        bool there = false;
        plx_digest record = {{0}};
        if (before && !(asked && opts->force) &&
            !is_there(ctx, store, facts, before, all[i], records, carried, &record, &there, err)) {
            return false;
        }
        if (there) {
            out->carried[out->n_carried++] = (plx_get_unit){all[i], record};
        } else if (asked) {
            wanted[out->n_wanted++] = all[i];
        }
    }
    out->wanted = wanted;
    facts->carried = carried;
    facts->manifest = picked;
    return plx_manifest_pick(arena, facts->whole, wanted, out->n_wanted, picked, err);
}

static const plx_get_unit *find_unit(const plx_get_unit *units, size_t n, const char *unit)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(units[i].unit, unit) == 0) {
            return &units[i];
        }
    }
    return NULL;
}

bool plx_get_part_merge(plx_arena *arena, const plx_get_facts *facts, const plx_get_part *part,
                        const plx_get_unit *made, size_t n_made, plx_get_unit **out, size_t *n, plx_err *err)
{
    const char *const *all = NULL;
    size_t n_all = 0;
    plx_get_unit *units = plx_arena_zero(arena, n_made + part->n_carried + 1, sizeof *units);
    *n = 0;
    if (!units || !plx_manifest_units(arena, facts->whole, &all, &n_all, err)) {
        return plx_fail_nomem(err, (n_made + part->n_carried) * sizeof *units);
    }
    for (size_t i = 0; i < n_made; i++) {
        if (!plx_unit_among(made[i].unit, all, n_all)) {
            units[(*n)++] = made[i];
        }
    }
    for (size_t i = 0; i < n_all; i++) {
        const plx_get_unit *unit = find_unit(made, n_made, all[i]);
        unit = unit ? unit : find_unit(part->carried, part->n_carried, all[i]);
        if (unit) {
            units[(*n)++] = *unit;
        }
    }
    *out = units;
    return true;
}

/* Add the counts of one record to the sums. */
static bool add_counts(plx_arena *arena, plx_value *sums, const plx_value *counts, plx_err *err)
{
    for (size_t i = 0; counts && counts->kind == PLX_V_OBJ && i < counts->u.obj.n; i++) {
        const char *key = plx_arena_strdup(arena, counts->u.obj.members[i].key.ptr);
        double value = 0, sum = 0;
        if (!plx_v_as_f64(counts->u.obj.members[i].value, &value)) {
            continue;
        }
        plx_v_as_f64(key ? plx_v_get(sums, key) : NULL, &sum);
        if (!key || !plx_v_set(arena, sums, key, plx_v_f64(arena, sum + value))) {
            return plx_fail_nomem(err, 0);
        }
    }
    return true;
}

bool plx_get_sums_begin(plx_arena *arena, plx_get_sums *out, plx_err *err)
{
    *out = (plx_get_sums){plx_v_obj(arena), plx_v_obj(arena)};
    return (out->counts && out->counts_all) || plx_fail_nomem(err, 0);
}

bool plx_get_sums_add(plx_arena *arena, const plx_get_sums *sums, const plx_value *meta, plx_err *err)
{
    return add_counts(arena, sums->counts, plx_v_get(meta, "counts"), err) &&
           add_counts(arena, sums->counts_all, plx_v_get(meta, "counts_all"), err);
}

bool plx_get_part_expect(const plx_ctx *ctx, const plx_store *store, plx_arena *arena, const plx_get_facts *facts,
                         const plx_get_part *part, size_t n, const plx_get_sums *sums, plx_err *err)
{
    plx_value *meta = plx_v_obj(arena);
    for (size_t i = 0; i < part->n_carried; i++) {
        plx_record *record = NULL;
        if (!plx_record_open(ctx, store, &part->carried[i].record, &record, err)) {
            return false;
        }
        bool ok = plx_get_sums_add(arena, sums, plx_record_meta(record), err);
        plx_record_close(record);
        if (!ok) {
            return false;
        }
    }
    if (!meta || !plx_v_set(arena, meta, "counts", sums->counts) ||
        !plx_v_set(arena, meta, "counts_all", sums->counts_all) ||
        !plx_v_set(arena, sums->counts, "units", plx_v_u64(arena, n))) {
        return plx_fail_nomem(err, 0);
    }
    return plx_expect_check(facts->whole, facts->mode, meta, err);
}

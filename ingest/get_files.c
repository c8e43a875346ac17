/* SPDX-License-Identifier: Apache-2.0
 *
 * Files first, then the ref: the same order, and the same look back after it, as for a data set that is ingested.
 */
#include "ingest/get_files.h"

#include "ingest/get_units.h"
#include "registry/refs.h"

#include <stdio.h>

enum { REF_TRIES = 4 };

/* What the ref says made it. */
static const plx_ingester no_ingester = {.name = "none", .reference = ""};

static bool fetch_all(const plx_ctx *ctx, plx_store *store, const plx_get_facts *facts, const plx_get_opts *opts,
                      plx_fetched *files, plx_got *out, plx_err *err)
{
    const plx_manifest *m = facts->manifest;
    if (!plx_fetch(ctx, store, m, &opts->fetch, files, err)) {
        bool of_source = err && (err->code == PLX_E_NET || err->code == PLX_E_DIGEST || err->code == PLX_E_POLICY ||
                                 err->code == PLX_E_LIMIT || err->code == PLX_E_UNSUPPORTED);
        return !of_source ? false : plx_err_next(err, "plexus get --files-only %s/%s --from DIR", m->family, m->name);
    }
    for (size_t i = 0; i < m->n_files; i++) {
        if (!files[i].was_present) {
            out->n_fetched++;
            out->fetched_bytes += files[i].bytes;
        }
    }
    return true;
}

static bool put_manifest(const plx_ctx *ctx, plx_store *store, const plx_get_facts *facts, plx_err *err)
{
    const plx_manifest *m = facts->manifest;
    plx_source *source = NULL;
    uint64_t bytes = m->text.len;
    plx_digest got;
    if (!plx_source_mem("manifest", m->text.ptr, m->text.len, &source, err)) {
        return false;
    }
    bool ok = plx_blob_put(ctx, store, source, &facts->manifest_sha256, &bytes, &got, &bytes, err);
    plx_source_close(source);
    return ok;
}

static bool publish(const plx_ctx *ctx, plx_store *store, plx_arena *arena, plx_get_facts *facts,
                    const plx_get_opts *opts, plx_got *out, plx_err *err)
{
    const plx_manifest *m = facts->whole;
    plx_get_part part;
    if (!plx_get_part_choose(ctx, store, arena, facts, opts, false, &part, err)) {
        return false;
    }
    plx_fetched *files = plx_arena_zero(arena, m->n_files, sizeof *files);
    plx_ref ref = {.kind = PLX_REF_DATASET, .has_mode = true, .mode = PLX_STRICT};
    snprintf(ref.family, sizeof ref.family, "%s", m->family);
    snprintf(ref.name, sizeof ref.name, "%s", m->name);
    snprintf(ref.version, sizeof ref.version, "%s", m->version);
    if (!files) {
        return plx_fail_nomem(err, m->n_files * sizeof *files);
    }
    facts->files = files;
    for (int tries = 0; tries < REF_TRIES; tries++) {
        char derivation[PLX_SHA256_HEX + 1];
        plx_value *content = NULL;
        const plx_value *before = NULL;
        bool whole = false;
        if (!fetch_all(ctx, store, facts, opts, files, out, err) || !put_manifest(ctx, store, facts, err) ||
            !plx_get_derivation(arena, facts, derivation, err) ||
            !plx_get_ref_content(arena, facts, derivation, NULL, 0, &content, err)) {
            return false;
        }
        if (tries == 0 && plx_refs_read(ctx, store, &ref, arena, &before, NULL) && before) {
            const char *had = plx_v_get_text(before, "derivation");
            out->was_there = had && strcmp(had, derivation) == 0 && out->n_fetched == 0;
        }
        if (!plx_refs_write(store, &ref, content, err) || !plx_refs_check_objects(ctx, store, content, &whole, err)) {
            return false;
        }
        if (whole) {
            out->n_files = plx_get_n_files(facts);
            return true;
        }
    }
    plx_fail(err, PLX_E_BUSY, "objects of %s/%s keep disappearing from the store", m->family, m->name);
    return plx_err_why(err, "another process seems to be removing them");
}

bool plx_get_files(const plx_ctx *ctx, plx_store *store, const plx_manifest *manifest, const plx_get_opts *opts,
                   plx_got *out, plx_err *err)
{
    *out = (plx_got){0};
    if (manifest->ingester) {
        plx_fail(err, PLX_E_ARG, "%s/%s can be read: its files come with its records", manifest->family,
                 manifest->name);
        return plx_err_next(err, "plexus get %s/%s", manifest->family, manifest->name);
    }
    if (manifest->n_files == 0) {
        plx_fail(err, PLX_E_UNSUPPORTED, "the manifest of %s/%s names no files", manifest->family, manifest->name);
        plx_err_why(err, "%s", manifest->no_address ? manifest->no_address : "its host lists them");
        return plx_err_next(err, "plexus show %s/%s", manifest->family, manifest->name);
    }
    plx_arena *arena = plx_arena_new(0);
    if (!arena) {
        return plx_fail_nomem(err, 0);
    }
    plx_get_facts facts = {.whole = manifest,
                           .manifest = manifest,
                           .ingester = &no_ingester,
                           .mode = PLX_STRICT,
                           .manifest_sha256 = plx_sha256_of(manifest->text.ptr, manifest->text.len)};
    bool ok = publish(ctx, store, arena, &facts, opts, out, err);
    plx_arena_free(arena);
    return ok;
}

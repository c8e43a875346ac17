/* SPDX-License-Identifier: Apache-2.0
 *
 * Getting a data set: what it uses first, then its files, then the ingester into a record sink, and at the very end the
 * ref that makes the records visible. Until then nothing but verified objects has been added to the store; gc takes
 * those no ref needs.
 */
#include "core/log.h"
#include "ingest/expect.h"
#include "ingest/get_units.h"
#include "ingest/ingest_job.h"
#include "registry/refs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 8, MAX_UNITS = 1 << 20, REF_TRIES = 4 };

/* The store's sink with its commits and counts written down. */
typedef struct watched_sink {
    plx_sink base; /* first: commit gets a pointer to it */
    plx_sink *inner;
    plx_arena *arena;
    const plx_manifest *manifest;
    plx_mode mode;
    plx_get_sums sums; /* begun if the expected counts are those of all records together; else those of each */
    plx_get_unit *units;
    size_t n_units, cap;
    const char *unit; /* of the record being reviewed */
    uint64_t n_changes;
    plx_sb *summary; /* one line per record; NULL: none wanted */
} watched_sink;

/* errors in a record are those of its unit; the place is noted once, here. */
static bool note_unit(const watched_sink *w, plx_err *err)
{
    return w->unit && *w->unit ? plx_note(err, "unit %s", w->unit) : false;
}

static void summarize(watched_sink *w, const plx_value *meta)
{
    const char *kind = plx_v_get_text(meta, "kind");
    plx_sb_printf(w->summary, "%s/%s:%s%s%s: %s", w->manifest->family, w->manifest->name, plx_mode_name(w->mode),
                  *w->unit ? "#" : "", w->unit, kind ? kind : "record");
    const plx_value *counts = plx_v_get(meta, "counts");
    for (size_t i = 0; counts && counts->kind == PLX_V_OBJ && i < counts->u.obj.n; i++) {
        double value = 0;
        if (plx_v_as_f64(counts->u.obj.members[i].value, &value)) {
            plx_sb_printf(w->summary, " %s %.15g", counts->u.obj.members[i].key.ptr, value);
        }
    }
    plx_sb_printf(w->summary, " changes %llu\n", (unsigned long long)plx_expect_changes(meta));
}

static bool review(void *payload, const plx_value *meta, plx_err *err)
{
    watched_sink *w = payload;
    const char *unit = plx_v_get_text(meta, "unit");
    w->unit = plx_arena_strdup(w->arena, unit ? unit : "");
    if (!w->unit) {
        return plx_fail_nomem(err, 0);
    }
    w->n_changes += plx_expect_changes(meta);
    if (w->summary) {
        summarize(w, meta);
    }
    if (w->sums.counts) {
        return plx_get_sums_add(w->arena, &w->sums, meta, err);
    }
    return plx_expect_check(w->manifest, w->mode, meta, err) || note_unit(w, err);
}

static bool watched_commit(plx_sink *sink, plx_digest *out, plx_err *err)
{
    watched_sink *w = (watched_sink *)sink;
    w->unit = "";
    if (!w->inner->commit(w->inner, out, err)) {
        return false;
    }
    if (w->n_units == MAX_UNITS) {
        return plx_fail(err, PLX_E_LIMIT, "a data set has at most %d records", MAX_UNITS);
    }
    for (size_t i = 0; i < w->n_units; i++) {
        if (strcmp(w->units[i].unit, w->unit) == 0) {
            return plx_fail(err, PLX_E_SCHEMA, "the ingester made two records for the unit \"%s\"", w->unit);
        }
    }
    if (w->n_units == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 4;
        plx_get_unit *units = plx_arena_zero(w->arena, cap, sizeof *units);
        if (!units) {
            return plx_fail_nomem(err, cap * sizeof *units);
        }
        if (w->n_units) {
            memcpy(units, w->units, w->n_units * sizeof *units);
        }
        w->units = units;
        w->cap = cap;
    }
    w->units[w->n_units++] = (plx_get_unit){w->unit, *out};
    return true;
}

/* One get on its way. */
typedef struct getter {
    const plx_ctx *ctx;
    plx_store *store;      /* NULL: check only */
    plx_store *uses_store; /* holds the data sets this one is made from; the same but for a check */
    plx_registry *registry;
    const plx_get_opts *opts;
    plx_arena *arena;
    int depth;
    plx_get_facts facts;
    plx_get_part part; /* which records, when not all */
    plx_record **uses;
    plx_sb *summary;
    bool *had; /* by file: its blob was there before */
    bool had_manifest;
} getter;

static bool get(const plx_ctx *ctx, plx_store *store, plx_registry *registry, const plx_manifest *manifest,
                plx_mode mode, const plx_get_opts *opts, int depth, plx_got *out, plx_err *err);

static void ref_of(const plx_manifest *m, plx_mode mode, plx_ref *out)
{
    *out = (plx_ref){.kind = PLX_REF_DATASET, .has_mode = true, .mode = mode};
    snprintf(out->family, sizeof out->family, "%s", m->family);
    snprintf(out->name, sizeof out->name, "%s", m->name);
    snprintf(out->version, sizeof out->version, "%s", m->version);
}

/* The only record of a data set in the store. */
static bool only_record(const getter *g, const plx_ref *ref, const char *text, plx_digest *out, plx_err *err)
{
    const plx_value *content = NULL;
    if (!plx_refs_read(g->ctx, g->uses_store, ref, g->arena, &content, err)) {
        return false;
    }
    const plx_value *units = plx_v_get(content, "units");
    if (!units || units->kind != PLX_V_ARR || units->u.arr.n != 1) {
        return plx_fail(err, PLX_E_SCHEMA, "%s does not consist of one record", text);
    }
    const char *hex = plx_v_get_text(units->u.arr.items[0], "record");
    return (hex && plx_digest_parse(hex, strlen(hex), out)) ||
           plx_fail(err, PLX_E_SCHEMA, "the record of %s has no digest", text);
}

static bool open_use(getter *g, size_t i, plx_get_use *use, plx_err *err)
{
    const plx_manifest *m = g->facts.manifest;
    plx_ref ref;
    const plx_manifest *used = NULL;
    bool wanted = false;
    if (!plx_manifest_use(m, i, g->facts.mode, &ref, &wanted, err)) {
        return false;
    }
    if (!wanted) {
        return true;
    }
    const plx_mode mode = ref.mode;
    if (!plx_registry_find(g->registry, ref.family, ref.name, &used, err)) {
        return plx_note(err, "%s/%s uses it (%s)", m->family, m->name, m->origin);
    }
    if (ref.version[0] && strcmp(ref.version, used->version) != 0) {
        plx_fail(err, PLX_E_NOTFOUND, "%s is not known in version %s", m->uses[i], ref.version);
        return plx_note(err, "%s/%s uses it (%s)", m->family, m->name, m->origin);
    }
    char text[PLX_REF_TEXT];
    ref_of(used, mode, &ref);
    plx_ref_print(&ref, text);
    use->ref = plx_arena_strdup(g->arena, text);
    if (!use->ref) {
        return plx_fail_nomem(err, sizeof text);
    }
    plx_get_opts opts = *g->opts;
    opts.force = false;
    opts.fetch.dry_run = false;
    opts.n_units = 0;
    plx_got got;
    bool ok = get(g->ctx, g->uses_store, g->registry, used, mode, &opts, g->depth + 1, &got, err) &&
              only_record(g, &ref, text, &use->record, err) &&
              plx_record_open(g->ctx, g->uses_store, &use->record, &g->uses[i], err);
    if (!ok && err && err->code == PLX_E_NET) {
        plx_err_next(err, "plexus get %s/%s --from DIR", m->family, m->name); /* gets both */
    }
    return ok || plx_note(err, "%s/%s uses %s", m->family, m->name, text);
}

static bool open_uses(getter *g, plx_err *err)
{
    size_t n = g->facts.manifest->n_uses;
    plx_get_use *uses = plx_arena_zero(g->arena, n, sizeof *uses);
    g->uses = plx_arena_zero(g->arena, n, sizeof(plx_record *));
    if (n && (!uses || !g->uses)) {
        return plx_fail_nomem(err, n * sizeof *uses);
    }
    g->facts.uses = uses;
    for (size_t i = 0; i < n; i++) {
        if (!open_use(g, i, &uses[i], err)) {
            return false;
        }
    }
    return true;
}

/* What the store holds before anything is brought in. */
static bool look_before(getter *g, plx_err *err)
{
    const plx_manifest *m = g->facts.manifest;
    bool *had = plx_arena_zero(g->arena, m->n_files + 1, sizeof *had);
    if (!had) {
        return plx_fail_nomem(err, m->n_files + 1);
    }
    for (size_t i = 0; i < m->n_files; i++) {
        had[i] = !m->files[i].has_sha256 || plx_blob_has(g->store, &m->files[i].sha256, NULL);
    }
    g->had = had;
    g->had_manifest = plx_blob_has(g->store, &g->facts.manifest_sha256, NULL);
    return true;
}

static bool fetch_all(getter *g, plx_got *out, plx_err *err)
{
    size_t n = g->facts.manifest->n_files;
    plx_fetched *files = plx_arena_zero(g->arena, n, sizeof *files);
    if (n && !files) {
        return plx_fail_nomem(err, n * sizeof *files);
    }
    g->facts.files = files;
    if (g->store && !g->had && !look_before(g, err)) {
        return false;
    }
    if (!plx_fetch(g->ctx, g->store, g->facts.manifest, &g->opts->fetch, files, err)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!files[i].was_present) {
            out->n_fetched++;
            out->fetched_bytes += files[i].bytes;
        }
    }
    return true;
}

/* Over the files of `f`, which may be those of one unit. */
static bool run_ingester(getter *g, const plx_get_facts *f, const char *unit, watched_sink *watched, plx_err *err)
{
    const plx_manifest *m = f->manifest;
    plx_record_origin origin = {
        .version = m->version, .mode = f->mode, .demo = m->demo, .review = review, .payload = watched};
    plx_value *provenance = NULL;
    size_t n_before = watched->n_units;
    origin.dataset = plx_arena_printf(g->arena, "%s/%s", m->family, m->name);
    if (!origin.dataset || !plx_get_provenance(g->arena, f, &provenance, err)) {
        return plx_fail_nomem(err, 0);
    }
    origin.provenance = provenance;
    plx_sink *sink = NULL;
    if (!plx_record_sink_new(g->ctx, g->store, &origin, &sink, err)) {
        return false;
    }
    watched->base = *sink;
    watched->base.commit = watched_commit;
    watched->inner = sink;
    plx_ingest job = {.ctx = g->ctx,
                      .store = g->store,
                      .ingester = f->ingester,
                      .manifest = m,
                      .mode = f->mode,
                      .unit = unit,
                      .arena = g->arena,
                      .sink = &watched->base,
                      .files = f->files,
                      .uses = g->uses};
    plx_err why;
    plx_err_clear(&why);
    bool ok = g->facts.ingester->run(&job, &why);
    plx_record_sink_free(sink);
    if (!ok && why.code == PLX_OK) {
        plx_fail(&why, PLX_E_BUG, "the ingester %s failed without saying why", g->facts.ingester->name);
    }
    if (ok && watched->n_units == n_before) {
        ok = plx_fail(&why, PLX_E_SCHEMA, "the ingester %s made no record of %s", g->facts.ingester->name,
                      origin.dataset);
    }
    if (!ok) {
        plx_note(&why, "%s:%s", origin.dataset, plx_mode_name(g->facts.mode));
        if (!why.kept[0] && g->store) {
            plx_err_kept(&why, g->opts->take_back
                                   ? "the store is as it was"
                                   : "nothing was published; source files that were verified stay in the "
                                     "store");
        }
        if (err) {
            *err = why;
        }
    }
    return ok;
}

/* One run for each unit, so that what a record says of its inputs does not depend on what else was asked for. */
static bool run_all(getter *g, watched_sink *watched, plx_err *err)
{
    *watched = (watched_sink){
        .arena = g->arena, .manifest = g->facts.whole, .mode = g->facts.mode, .unit = "", .summary = g->summary};
    if (g->part.n_all == 0) {
        return run_ingester(g, &g->facts, "", watched, err);
    }
    if (!plx_get_sums_begin(g->arena, &watched->sums, err)) {
        return false;
    }
    for (size_t i = 0; i < g->part.n_wanted; i++) {
        plx_manifest one;
        plx_get_facts f = g->facts;
        if (!plx_manifest_pick(g->arena, g->facts.manifest, &g->part.wanted[i], 1, &one, err)) {
            return false;
        }
        plx_fetched *files = plx_arena_zero(g->arena, one.n_files, sizeof *files);
        if (!files) {
            return plx_fail_nomem(err, one.n_files * sizeof *files);
        }
        for (size_t k = 0, n = 0; n < one.n_files; k++) {
            if (strcmp(g->facts.manifest->files[k].name, one.files[n].name) == 0) {
                files[n++] = g->facts.files[k];
            }
        }
        f.whole = f.manifest = &one;
        f.files = files;
        f.carried = NULL;
        if (!plx_ctx_go_on(g->ctx, err) || !run_ingester(g, &f, g->part.wanted[i], watched, err)) {
            return plx_note(err, "unit %s", g->part.wanted[i]);
        }
        if (strcmp(watched->units[watched->n_units - 1].unit, g->part.wanted[i]) != 0) {
            return plx_fail(err, PLX_E_BUG, "the ingester %s made a record of \"%s\" from the files of %s",
                            f.ingester->name, watched->units[watched->n_units - 1].unit, g->part.wanted[i]);
        }
    }
    return true;
}

/* *done: the ref says it comes from the very same inputs, and all it names is there. A damaged ref is as good as none.
 */
static bool was_done(const getter *g, const plx_ref *ref, const char *derivation, plx_got *out, bool *done,
                     plx_err *err)
{
    const plx_value *content = NULL;
    plx_err why;
    plx_err_clear(&why);
    *done = false;
    if (!plx_refs_read(g->ctx, g->store, ref, g->arena, &content, &why)) {
        if (why.code != PLX_E_NOMEM && why.code != PLX_E_IO && why.code != PLX_E_CANCELLED) {
            plx_logf(g->ctx, PLX_LOG_WARN, "get", "%s/%s is ingested again: %s", ref->family, ref->name, why.what);
            return true;
        }
        if (err) {
            *err = why;
        }
        return false;
    }
    const char *have = content ? plx_v_get_text(content, "derivation") : NULL;
    if (!have || strcmp(have, derivation) != 0) {
        return true;
    }
    const plx_value *units = plx_v_get(content, "units");
    out->n_units = units && units->kind == PLX_V_ARR ? units->u.arr.n : 0;
    return plx_refs_check_objects(g->ctx, g->store, content, done, err);
}

static bool put_manifest(getter *g, plx_err *err)
{
    const plx_manifest *m = g->facts.manifest;
    plx_source *source = NULL;
    uint64_t bytes = m->text.len;
    plx_digest got;
    if (!plx_source_mem("manifest", m->text.ptr, m->text.len, &source, err)) {
        return false;
    }
    bool ok = plx_blob_put(g->ctx, g->store, source, &g->facts.manifest_sha256, &bytes, &got, &bytes, err);
    plx_source_close(source);
    return ok;
}

/* Objects may vanish under us while another process collects garbage, hence the look back after the ref is written. */
static bool ingest_and_publish(getter *g, const plx_ref *ref, const char *derivation, plx_got *out, plx_err *err)
{
    for (int tries = 0; tries < REF_TRIES; tries++) {
        watched_sink watched;
        plx_value *content = NULL;
        bool whole = false;
        plx_got again = {0};
        plx_get_unit *units = NULL;
        size_t n_units = 0;
        if ((tries > 0 && !fetch_all(g, &again, err)) || !put_manifest(g, err) || !run_all(g, &watched, err) ||
            !plx_get_part_merge(g->arena, &g->facts, &g->part, watched.units, watched.n_units, &units, &n_units, err) ||
            (g->part.n_all > 0 && n_units == g->part.n_all &&
             !plx_get_part_expect(g->ctx, g->store, g->arena, &g->facts, &g->part, n_units, &watched.sums, err)) ||
            !plx_get_ref_content(g->arena, &g->facts, derivation, units, n_units, &content, err) ||
            !plx_refs_write(g->store, ref, content, err) ||
            !plx_refs_check_objects(g->ctx, g->store, content, &whole, err)) {
            return false;
        }
        if (whole) {
            out->n_units = n_units;
            out->n_changes = (size_t)watched.n_changes;
            return true;
        }
    }
    plx_fail(err, PLX_E_BUSY, "objects of %s/%s keep disappearing from the store", ref->family, ref->name);
    return plx_err_why(err, "another process seems to be removing them");
}

static bool get_in_arena(getter *g, plx_got *out, plx_err *err)
{
    const plx_manifest *m = g->facts.manifest;
    plx_ref ref;
    char derivation[PLX_SHA256_HEX + 1];
    bool done = false;
    ref_of(m, g->facts.mode, &ref);
    if (!plx_get_part_choose(g->ctx, g->store, g->arena, &g->facts, g->opts, true, &g->part, err) ||
        !plx_ctx_go_on(g->ctx, err) || !open_uses(g, err) || !fetch_all(g, out, err) ||
        !plx_get_derivation(g->arena, &g->facts, derivation, err)) {
        return false;
    }
    if (!g->opts->force && !was_done(g, &ref, derivation, out, &done, err)) {
        return false;
    }
    out->n_files = plx_get_n_files(&g->facts);
    out->was_there = done;
    return done || ingest_and_publish(g, &ref, derivation, out, err);
}

static bool prepare(getter *g, plx_err *err)
{
    const plx_manifest *m = g->facts.manifest;
    if (!m->ingester) {
        plx_fail(err, PLX_E_UNSUPPORTED, "nothing reads %s/%s yet", m->family, m->name);
        plx_err_why(err,
                    "its manifest is here so that its files can be found and cited, but this program has no ingester "
                    "for their layout");
        return plx_err_next(err, "plexus get --files-only %s/%s", m->family, m->name);
    }
    if (!plx_ingest_check_manifest(m, err)) {
        return false;
    }
    g->facts.ingester = plx_ingester_find(m->ingester);
    if (g->depth > MAX_DEPTH) {
        plx_fail(err, PLX_E_SCHEMA, "%s/%s is used by data sets more than %d deep", m->family, m->name, MAX_DEPTH);
        return plx_err_why(err, "two manifests may use each other");
    }
    g->facts.manifest_sha256 = plx_sha256_of(m->text.ptr, m->text.len);
    return plx_ingest_check_mode(g->facts.ingester, m, g->facts.mode, err);
}

static void close_uses(getter *g)
{
    for (size_t i = 0; g->uses && i < g->facts.manifest->n_uses; i++) {
        plx_record_close(g->uses[i]);
    }
}

/* What cannot be taken back is an orphan, which gc removes: no reason to hide the error there was. */
static void take_back(const getter *g)
{
    const plx_manifest *m = g->facts.manifest;
    for (size_t i = 0; g->had && i < m->n_files; i++) {
        if (!g->had[i]) {
            plx_blob_withdraw(g->store, &m->files[i].sha256, NULL);
        }
    }
    if (g->had && !g->had_manifest) {
        plx_blob_withdraw(g->store, &g->facts.manifest_sha256, NULL);
    }
}

static bool get(const plx_ctx *ctx, plx_store *store, plx_registry *registry, const plx_manifest *manifest,
                plx_mode mode, const plx_get_opts *opts, int depth, plx_got *out, plx_err *err)
{
    *out = (plx_got){0};
    getter g = {.ctx = ctx, .store = store, .uses_store = store, .registry = registry, .opts = opts, .depth = depth};
    g.facts = (plx_get_facts){.whole = manifest, .manifest = manifest, .mode = mode};
    if (!prepare(&g, err)) {
        return false;
    }
    g.arena = plx_arena_new(0);
    if (!g.arena) {
        return plx_fail_nomem(err, 0);
    }
    bool ok = get_in_arena(&g, out, err);
    if (!ok && opts->take_back && depth == 0) {
        take_back(&g);
    }
    close_uses(&g);
    plx_arena_free(g.arena);
    return ok;
}

bool plx_get(const plx_ctx *ctx, plx_store *store, plx_registry *registry, const plx_manifest *manifest, plx_mode mode,
             const plx_get_opts *opts, plx_got *out, plx_err *err)
{
    return get(ctx, store, registry, manifest, mode, opts, 0, out, err);
}

/* What a data set uses is made for good in a store that is thrown away, the data set itself only looked at. */
static bool check_in(getter *g, const char *dir, plx_err *err)
{
    plx_store store;
    plx_got got = {0};
    watched_sink watched;
    bool existed;
    if (!plx_store_init(g->ctx, dir, &existed, err) || !plx_store_open(g->ctx, dir, PLX_STORE_WRITE, 0, &store, err)) {
        return false;
    }
    g->uses_store = &store;
    bool ok = plx_get_part_choose(g->ctx, NULL, g->arena, &g->facts, g->opts, true, &g->part, err) &&
              open_uses(g, err) && fetch_all(g, &got, err) && run_all(g, &watched, err) &&
              (g->part.n_all == 0 ||
               plx_get_part_expect(g->ctx, NULL, g->arena, &g->facts, &g->part, watched.n_units, &watched.sums, err));
    close_uses(g);
    g->uses_store = NULL;
    plx_store_close(&store);
    return ok;
}

bool plx_ingest_check(const plx_ctx *ctx, plx_registry *registry, const plx_manifest *manifest, plx_mode mode,
                      const plx_fetch_opts *opts, plx_sb *summary, plx_err *err)
{
    plx_get_opts dry = {.fetch = *opts};
    dry.fetch.dry_run = true;
    getter g = {.ctx = ctx, .registry = registry, .opts = &dry, .summary = summary};
    g.facts = (plx_get_facts){.whole = manifest, .manifest = manifest, .mode = mode};
    if (!prepare(&g, err)) {
        return false;
    }
    char dir[PLX_PATH];
    const char *tmp = getenv("TMPDIR");
    if (!plx_path_join(dir, tmp && *tmp ? tmp : "/tmp", "plexus-check-XXXXXX", err)) {
        return false;
    }
    if (!mkdtemp(dir)) {
        return plx_fail_sys(err, errno, "cannot make a temporary folder in %s", tmp && *tmp ? tmp : "/tmp");
    }
    g.arena = plx_arena_new(0);
    bool ok = g.arena ? check_in(&g, dir, err) : plx_fail_nomem(err, 0);
    plx_arena_free(g.arena);
    return plx_fs_remove_tree(dir, ok ? err : NULL) && ok;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Walk refs, runs and the provenance of the records they name, and remember every digest on the way.
 */
#include "registry/survey.h"

#include "core/alloc.h"
#include "core/buf.h"
#include "formats/json.h"
#include "registry/object.h"
#include "registry/record_members.h"
#include "registry/refs.h"
#include "registry/runs.h"
#include "registry/sealed.h"

#include <string.h>

enum { RUN_MAX_BYTES = 256 << 20 };

typedef struct walk {
    const plx_ctx *ctx;
    const plx_store *store;
    const plx_ref *only;
    plx_survey *survey;
    const char *used_by; /* of the ref being looked at */
    const plx_ref *ref;
} walk;

bool plx_ref_matches(const plx_ref *ref, const plx_ref *only)
{
    return (!only->family[0] || strcmp(ref->family, only->family) == 0) && strcmp(ref->name, only->name) == 0 &&
           (!only->version[0] || strcmp(ref->version, only->version) == 0) &&
           (!only->has_mode || ref->mode == only->mode);
}

static size_t slot_of(const plx_survey *s, const plx_digest *digest)
{
    uint64_t h;
    memcpy(&h, digest->bytes, sizeof h);
    size_t i = (size_t)h & (s->n_slots - 1);
    while (s->slots[i] && !plx_digest_eq(&s->reached[s->slots[i] - 1].digest, digest)) {
        i = (i + 1) & (s->n_slots - 1);
    }
    return i;
}

const plx_reached *plx_survey_find(const plx_survey *s, const plx_digest *digest)
{
    if (s->n_slots == 0) {
        return NULL;
    }
    uint32_t at = s->slots[slot_of(s, digest)];
    return at ? &s->reached[at - 1] : NULL;
}

static bool grow_slots(plx_survey *s, plx_err *err)
{
    size_t n = s->n_slots ? s->n_slots * 2 : 256;
    uint32_t *slots = plx_alloc_zero(n, sizeof *slots);
    if (!slots) {
        return plx_fail_nomem(err, n * sizeof *slots);
    }
    plx_free(s->slots);
    s->slots = slots;
    s->n_slots = n;
    for (size_t i = 0; i < s->n_reached; i++) {
        s->slots[slot_of(s, &s->reached[i].digest)] = (uint32_t)(i + 1);
    }
    return true;
}

static bool reach(plx_survey *s, const plx_digest *digest, const char *used_by, plx_err *err)
{
    if (plx_survey_find(s, digest)) {
        return true;
    }
    if (s->n_reached >= UINT32_MAX - 1) {
        return plx_fail(err, PLX_E_LIMIT, "the store has too many objects");
    }
    if ((s->n_reached + 1) * 2 > s->n_slots && !grow_slots(s, err)) {
        return false;
    }
    if (!plx_grow(&s->reached, &s->reached_cap, s->n_reached + 1, sizeof *s->reached)) {
        return plx_fail_nomem(err, sizeof *s->reached);
    }
    s->reached[s->n_reached++] = (plx_reached){*digest, used_by};
    s->slots[slot_of(s, digest)] = (uint32_t)s->n_reached;
    return true;
}

/* Every text in the tree that is a SHA-256. The depth is bounded by the parser. */
static bool reach_all(plx_survey *s, const plx_value *v, const char *used_by, plx_err *err)
{
    plx_digest digest;
    if (!v) {
        return true;
    }
    if (v->kind == PLX_V_STR) {
        return !plx_digest_parse(v->u.str.ptr, v->u.str.len, &digest) || reach(s, &digest, used_by, err);
    }
    for (size_t i = 0; v->kind == PLX_V_ARR && i < v->u.arr.n; i++) {
        if (!reach_all(s, v->u.arr.items[i], used_by, err)) {
            return false;
        }
    }
    for (size_t i = 0; v->kind == PLX_V_OBJ && i < v->u.obj.n; i++) {
        if (!reach_all(s, v->u.obj.members[i].value, used_by, err)) {
            return false;
        }
    }
    return true;
}

/* Of a file that cannot be read it is not known whether it is bad. */
static bool add_unreadable(plx_survey *s, const plx_err *problem)
{
    if (s->unreadable.code == PLX_OK) {
        s->unreadable = *problem;
    }
    return true;
}

static bool add_bad(plx_survey *s, const char *path, const char *what, const char *used_by, bool is_run, plx_err *err)
{
    if (!plx_grow(&s->bad, &s->bad_cap, s->n_bad + 1, sizeof *s->bad)) {
        return plx_fail_nomem(err, sizeof *s->bad);
    }
    plx_bad_root bad = {plx_arena_strdup(s->arena, path), plx_arena_strdup(s->arena, what),
                        plx_arena_strdup(s->arena, used_by), is_run, plx_starts_with(what, "unexpected")};
    if (!bad.path || !bad.what || !bad.used_by) {
        return plx_fail_nomem(err, strlen(path) + strlen(what));
    }
    s->bad[s->n_bad++] = bad;
    return true;
}

static bool add_need(void *payload, const char *area, const plx_digest *digest, const uint64_t *bytes, plx_err *err)
{
    walk *w = payload;
    plx_survey *s = w->survey;
    if (!plx_grow(&s->needs, &s->needs_cap, s->n_needs + 1, sizeof *s->needs)) {
        return plx_fail_nomem(err, sizeof *s->needs);
    }
    s->needs[s->n_needs++] = (plx_need){.is_blob = strcmp(area, "blobs") == 0,
                                        .has_bytes = bytes != NULL,
                                        .digest = *digest,
                                        .bytes = bytes ? *bytes : 0,
                                        .used_by = w->used_by,
                                        .ref = *w->ref};
    return reach(s, digest, w->used_by, err);
}

static bool each_ref(void *payload, const plx_ref *ref, const char *rel_path, const plx_value *content,
                     const plx_digest *seal, const plx_err *problem, plx_err *err)
{
    (void)seal;
    walk *w = payload;
    plx_survey *s = w->survey;
    char text[PLX_REF_TEXT] = "";
    if (ref->name[0]) {
        plx_ref_print(ref, text);
    }
    if (!plx_ctx_go_on(w->ctx, err)) {
        return false;
    }
    if (w->only && !plx_ref_matches(ref, w->only)) {
        return true;
    }
    s->n_refs++;
    if (!content && plx_object_unreadable(problem)) {
        return add_unreadable(s, problem);
    }
    if (!content) {
        return add_bad(s, rel_path, problem->what, text, false, err);
    }
    w->ref = ref;
    w->used_by = plx_arena_strdup(s->arena, text);
    if (!w->used_by) {
        return plx_fail_nomem(err, sizeof text);
    }
    plx_err seen;
    plx_err_clear(&seen);
    if (!plx_refs_objects(content, add_need, w, &seen)) {
        if (seen.code != PLX_E_SCHEMA) {
            if (err) {
                *err = seen;
            }
            return false;
        }
        return add_bad(s, rel_path, seen.what, text, false, err);
    }
    return reach_all(s, content, w->used_by, err);
}

static bool read_run(walk *w, const char *rel, const plx_digest *run, plx_run_file file, uint32_t index,
                     plx_arena *arena, plx_err *problem)
{
    char path[PLX_PATH];
    plx_buf text;
    plx_value *content;
    plx_digest seal;
    size_t body;
    if (!plx_path_join(path, w->store->root, rel, problem) || !plx_buf_read_file(path, RUN_MAX_BYTES, &text, problem)) {
        return false;
    }
    w->survey->bytes += text.len;
    const char *used_by = plx_arena_strdup(w->survey->arena, rel);
    bool ok = (used_by || plx_fail_nomem(problem, strlen(rel))) &&
              plx_sealed_check(rel, text.ptr, text.len, &body, &seal, problem) &&
              plx_json_parse(w->ctx, arena, rel, (const char *)text.ptr, body, NULL, &content, problem) &&
              plx_runs_check(run, file, index, content, problem) && reach_all(w->survey, content, used_by, problem);
    plx_buf_free(&text);
    return ok;
}

static bool each_run(void *payload, const char *rel_path, uint64_t bytes, bool is_link, plx_err *err)
{
    (void)bytes;
    walk *w = payload;
    char rel[PLX_PATH];
    if (!plx_ctx_go_on(w->ctx, err) || !plx_path_join(rel, "runs", rel_path, err)) {
        return false;
    }
    plx_digest run;
    plx_run_file file;
    uint32_t index;
    w->survey->n_runs++;
    if (!plx_runs_of_path(rel_path, &run, &file, &index) || is_link) {
        return add_bad(w->survey, rel, is_link ? "unexpected link" : "unexpected file", "", true, err);
    }
    plx_arena *arena = plx_arena_new(0);
    if (!arena) {
        return plx_fail_nomem(err, 0);
    }
    plx_err problem;
    plx_err_clear(&problem);
    bool ok = read_run(w, rel, &run, file, index, arena, &problem);
    plx_arena_free(arena);
    if (ok || problem.code == PLX_E_NOTFOUND) {
        return true;
    }
    if (problem.code == PLX_E_NOMEM || problem.code == PLX_E_CANCELLED) {
        if (err) {
            *err = problem;
        }
        return false;
    }
    return plx_object_unreadable(&problem) ? add_unreadable(w->survey, &problem)
                                           : add_bad(w->survey, rel, problem.what, "", true, err);
}

/* A record's inputs are in its provenance. Records come after the refs that name them, so the list grows while it is
 * walked. */
static bool reach_inputs(walk *w, size_t i, plx_err *err)
{
    plx_survey *s = w->survey;
    char dir[PLX_PATH];
    plx_digest digest = s->reached[i].digest;
    const char *used_by = s->reached[i].used_by;
    if (!plx_store_object_path(w->store, "records", &digest, dir, err)) {
        return false;
    }
    if (!plx_fs_exists(dir)) {
        return true;
    }
    plx_record *record;
    plx_err problem;
    plx_err_clear(&problem);
    if (!plx_record_open(w->ctx, w->store, &digest, &record, &problem)) {
        if (problem.code == PLX_E_NOMEM || problem.code == PLX_E_CANCELLED) {
            if (err) {
                *err = problem;
            }
            return false;
        }
        if (plx_object_unreadable(&problem)) {
            return add_unreadable(s, &problem);
        }
        s->n_bad_records += plx_fs_exists(dir);
        return true;
    }
    bool ok = reach_all(s, plx_v_get(plx_record_meta(record), "provenance"), used_by, err);
    plx_record_close(record);
    return ok;
}

bool plx_survey_make(const plx_ctx *ctx, const plx_store *store, const plx_ref *only, plx_survey *out, plx_err *err)
{
    char runs[PLX_PATH];
    walk w = {.ctx = ctx, .store = store, .only = only, .survey = out};
    memset(out, 0, sizeof *out);
    plx_err_clear(&out->unreadable);
    out->arena = plx_arena_new(0);
    if (!out->arena) {
        return plx_fail_nomem(err, 0);
    }
    if (!plx_refs_walk(ctx, store, each_ref, &w, err) || !plx_path_join(runs, store->root, "runs", err)) {
        return false;
    }
    if (!only && plx_fs_is_dir(runs) && !plx_fs_walk(runs, each_run, &w, err)) {
        return false;
    }
    for (size_t i = 0; i < out->n_reached; i++) {
        if (!plx_ctx_go_on(ctx, err) || !reach_inputs(&w, i, err)) {
            return false;
        }
    }
    return true;
}

void plx_survey_free(plx_survey *survey)
{
    plx_arena_free(survey->arena);
    plx_free(survey->needs);
    plx_free(survey->bad);
    plx_free(survey->reached);
    plx_free(survey->slots);
    memset(survey, 0, sizeof *survey);
}

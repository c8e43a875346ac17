/* SPDX-License-Identifier: Apache-2.0 */
#include "benchmarks/bench.h"

#include "core/alloc.h"
#include "core/pool.h"
#include "registry/refs.h"
#include "registry/resolve.h"

#include <stdio.h>

enum { REFS_MAX = 4, UNITS_MAX = 10000 };

/* One record a unit is made of. */
typedef struct part {
    const char *ref; /* complete, with #unit where there are several */
    plx_digest record;
} part;

typedef struct plan {
    plx_bench *bench;
    plx_sb missing; /* "connectome/a connectome/b" */
    size_t cap;     /* of units */
    part (*parts)[REFS_MAX];
} plan;

static bool split_unit(const plx_task *task, const char *unit, char refs[REFS_MAX][PLX_REF_TEXT], plx_err *err)
{
    size_t n = 0;
    for (const char *p = unit; p && n < REFS_MAX;) {
        const char *arrow = strstr(p, "->");
        size_t len = arrow ? (size_t)(arrow - p) : strlen(p);
        if (len >= PLX_REF_TEXT) {
            return plx_fail(err, PLX_E_ARG, "the unit %.80s... is too long", unit);
        }
        snprintf(refs[n++], PLX_REF_TEXT, "%.*s", (int)len, p);
        p = arrow ? arrow + 2 : NULL;
    }
    if (n != task->n_refs) {
        plx_fail(err, PLX_E_ARG, "%s is no unit of %s", unit, task->name);
        return task->n_refs == 1
                   ? plx_err_why(err, "expected one data set")
                   : plx_err_why(err, "expected %u data sets joined by ->: learned from first", task->n_refs);
    }
    return true;
}

static void add_missing(plan *p, const char *ref)
{
    const char *have = plx_sb_str(&p->missing);
    size_t len = strlen(ref);
    for (const char *at = strstr(have, ref); at; at = strstr(at + 1, ref)) {
        if ((at == have || at[-1] == ' ') && (at[len] == ' ' || !at[len])) {
            return;
        }
    }
    plx_sb_printf(&p->missing, "%s%s", p->missing.len ? " " : "", ref);
}

/* The records of one reference: *n of them, in the ref's order. 0 when it is not in the store. */
static bool find_records(plan *p, const char *text, part **out, size_t *n, plx_err *err)
{
    plx_bench *b = p->bench;
    plx_ref asked, ref;
    char near[PLX_REF_TEXT], printed[PLX_REF_TEXT];
    bool found;
    const plx_value *content = NULL;
    *n = 0;
    if (!plx_ref_parse(text, &asked, err)) {
        return false;
    }
    if (asked.kind != PLX_REF_DATASET) {
        return plx_fail(err, PLX_E_ARG, "%s is no data set", text);
    }
    if (!plx_resolve(b->store, &asked, &ref, &found, near, err) ||
        (found && !plx_refs_read(b->ctx, b->store, &ref, b->arena, &content, err))) {
        return false;
    }
    const plx_value *units = plx_v_get(content, "units");
    size_t n_units = units && units->kind == PLX_V_ARR ? units->u.arr.n : 0;
    *out = plx_arena_zero(b->arena, n_units + 1, sizeof **out);
    if (!*out) {
        return plx_fail_nomem(err, n_units * sizeof **out);
    }
    for (size_t i = 0; i < n_units; i++) {
        const char *name = plx_v_get_text(units->u.arr.items[i], "unit");
        const char *hex = plx_v_get_text(units->u.arr.items[i], "record");
        part *to = &(*out)[*n];
        if (!name || !hex || !plx_digest_parse(hex, strlen(hex), &to->record) ||
            (asked.unit[0] && strcmp(asked.unit, name) != 0)) {
            continue;
        }
        ref.has_mode = true;
        snprintf(ref.unit, sizeof ref.unit, "%s", name);
        plx_ref_print(&ref, printed);
        to->ref = plx_arena_strdup(b->arena, printed);
        if (!to->ref) {
            return plx_fail_nomem(err, sizeof printed);
        }
        *n += 1;
    }
    return true;
}

static bool add_unit(plan *p, const char *name, const part *parts, plx_err *err)
{
    plx_bench *b = p->bench;
    if (b->n_units == p->cap) {
        return plx_fail(err, PLX_E_LIMIT, "more than %d units", UNITS_MAX);
    }
    for (size_t i = 0; i < b->n_units; i++) {
        if (strcmp(b->units[i], name) == 0) {
            return plx_fail(err, PLX_E_ARG, "the unit %s is named twice", name);
        }
    }
    memcpy(p->parts[b->n_units], parts, b->task->n_refs * sizeof *parts);
    b->units[b->n_units] = plx_arena_strdup(b->arena, name);
    return b->units[b->n_units++] ? true : plx_fail_nomem(err, strlen(name));
}

/* One or several units from what the user or the task wrote. */
static bool expand(plan *p, const char *text, plx_err *err)
{
    const plx_task *task = p->bench->task;
    char refs[REFS_MAX][PLX_REF_TEXT];
    part *found[REFS_MAX] = {NULL};
    size_t n[REFS_MAX] = {0};
    bool all = true;
    if (!split_unit(task, text, refs, err)) {
        return false;
    }
    for (size_t r = 0; r < task->n_refs; r++) {
        if (!find_records(p, refs[r], &found[r], &n[r], err)) {
            return false;
        }
        if (n[r] == 0) {
            add_missing(p, refs[r]);
            all = false;
        } else if (n[r] > 1 && task->n_refs > 1) {
            plx_fail(err, PLX_E_ARG, "%s has %zu records", refs[r], n[r]);
            return plx_err_why(err, "name one, as %s#UNIT", refs[r]);
        }
    }
    for (size_t i = 0; all && found[0] && i < n[0]; i++) {
        part parts[REFS_MAX] = {{0}};
        char name[PLX_REF_TEXT + 64];
        const char *of_record = strchr(found[0][i].ref, '#');
        for (size_t r = 0; r < task->n_refs; r++) {
            const part *of = found[r];
            parts[r] = of ? of[r ? 0 : i] : (part){0};
        }
        snprintf(name, sizeof name, "%s%s", text, n[0] > 1 && of_record ? of_record : "");
        if (!add_unit(p, name, parts, err)) {
            return false;
        }
    }
    return true;
}

static bool collect_inputs(plan *p, plx_err *err)
{
    plx_bench *b = p->bench;
    size_t most = b->n_units * b->task->n_refs;
    b->input_refs = plx_arena_zero(b->arena, most + 1, sizeof *b->input_refs);
    b->input_records = plx_arena_zero(b->arena, most + 1, sizeof *b->input_records);
    if (!b->input_refs || !b->input_records) {
        return plx_fail_nomem(err, most * sizeof *b->input_records);
    }
    for (size_t i = 0; i < most; i++) {
        const part *x = &p->parts[i / b->task->n_refs][i % b->task->n_refs];
        bool known = false;
        for (size_t k = 0; k < b->n_inputs && !known; k++) {
            known = strcmp(b->input_refs[k], x->ref) == 0;
        }
        if (!known) {
            b->input_refs[b->n_inputs] = x->ref;
            b->input_records[b->n_inputs++] = x->record;
        }
    }
    return true;
}

static bool load_unit(plan *p, size_t i, plx_err *err)
{
    plx_bench *b = p->bench;
    plx_record *records[REFS_MAX] = {NULL};
    const char *refs[REFS_MAX];
    bool ok = true;
    for (size_t r = 0; ok && r < b->task->n_refs; r++) {
        refs[r] = p->parts[i][r].ref;
        ok = plx_record_open(b->ctx, b->store, &p->parts[i][r].record, &records[r], err) ||
             plx_note(err, "the record of %s", refs[r]);
    }
    plx_task_input input = {.unit = b->units[i],
                            .n = b->task->n_refs,
                            .ref = refs,
                            .record = records,
                            .store = b->store,
                            .metric_params = b->metric_params};
    plx_err failure;
    plx_err_clear(&failure);
    if (ok && !b->task->load(b->ctx, &input, b->arena, &b->data[i], &failure)) {
        if (failure.code == PLX_OK) {
            plx_fail(&failure, PLX_E_BUG, "the task %s failed without saying why", b->task->name);
        }
        if (err) {
            *err = failure;
        }
        ok = plx_note(err, "task %s, unit %s", b->task->name, b->units[i]);
    }
    for (size_t r = 0; r < b->task->n_refs; r++) {
        plx_record_close(records[r]);
    }
    return ok;
}

static bool divide_cell(void *payload, size_t i, plx_err *err)
{
    plx_bench *b = payload;
    plx_bench_cell *c = &b->cells[i];
    plx_trial trial;
    plx_arena *arena = plx_arena_new(0);
    if (!arena) {
        return plx_fail_nomem(err, 0);
    }
    bool ok = b->task->trial(b->ctx, b->data[c->unit], c->fold, c->seed, arena, &trial, err) ||
              plx_note(err, "task %s, unit %s", b->task->name, b->units[c->unit]);
    if (ok) {
        c->split = trial.split;
        c->target = trial.target;
    }
    plx_arena_free(arena);
    return ok;
}

static bool make_cells(plx_bench *b, plx_err *err)
{
    size_t per_unit = (size_t)b->n_seeds * b->task->n_folds, k = 0;
    b->n_cells = b->n_units * per_unit;
    if (b->n_cells == 0 || b->n_cells > 999999) {
        return plx_fail(err, PLX_E_ARG, "%zu cells: a run has from 1 to 999999", b->n_cells);
    }
    b->cells = plx_arena_zero(b->arena, b->n_cells, sizeof *b->cells);
    if (!b->cells) {
        return plx_fail_nomem(err, b->n_cells * sizeof *b->cells);
    }
    for (uint32_t u = 0; u < b->n_units; u++) {
        for (unsigned s = 0; s < b->n_seeds; s++) {
            for (unsigned f = 0; f < b->task->n_folds; f++) {
                b->cells[k++] = (plx_bench_cell){.unit = u, .fold = f, .seed = b->first_seed + s};
            }
        }
    }
    if (!plx_pool_map(b->ctx, b->n_cells, divide_cell, NULL, b, err)) {
        return false;
    }
    plx_sha256 hash;
    char head[96];
    plx_sha256_init(&hash);
    plx_sha256_text(&hash, b->task->name);
    snprintf(head, sizeof head, "version %d folds %u", b->task->version, b->task->n_folds);
    plx_sha256_text(&hash, head);
    if (b->metric_params) {
        plx_sha256_text(&hash, b->metric_params);
    }
    for (size_t i = 0; i < b->n_cells; i++) {
        plx_sha256_text(&hash, b->units[b->cells[i].unit]);
        snprintf(head, sizeof head, "%u %llu", b->cells[i].fold, (unsigned long long)b->cells[i].seed);
        plx_sha256_text(&hash, head);
        plx_sha256_update(&hash, b->cells[i].split.bytes, PLX_SHA256_BYTES);
        plx_sha256_update(&hash, b->cells[i].target.bytes, PLX_SHA256_BYTES);
    }
    b->board = plx_sha256_final(&hash);
    return true;
}

static bool fail_missing(plan *p, plx_err *err)
{
    if (p->missing.failed) {
        return plx_fail_nomem(err, p->missing.len);
    }
    plx_fail(err, PLX_E_NOTFOUND, "the task %s needs data sets that are not in the store", p->bench->task->name);
    const char *missing = plx_sb_str(&p->missing);
    enum { SHOWN = 400 };
    if (p->missing.len <= SHOWN) {
        plx_err_why(err, "missing: %s", missing);
        return plx_err_next(err, "plexus get %s", missing);
    }
    /* A list that would be cut: their data sets, and the first. */
    plx_sb sets = {0};
    size_t n = 0;
    for (const char *at = missing; *at; at += strspn(at, " "), n++) {
        char set[PLX_REF_TEXT];
        snprintf(set, sizeof set, "%.*s", (int)strcspn(at, "# "), at);
        if (!strstr(plx_sb_str(&sets), set)) {
            plx_sb_printf(&sets, "%s%s", sets.len ? " " : "", set);
        }
        at += strcspn(at, " ");
    }
    plx_err_why(err, "missing: %zu, such as %.*s", n, (int)strcspn(missing, " "), missing);
    plx_err_next(err, "plexus get %s", plx_sb_str(&sets));
    plx_sb_free(&sets);
    return false;
}

static bool open_all(plan *p, const plx_bench_opts *opts, plx_err *err)
{
    plx_bench *b = p->bench;
    size_t n = opts->n_units;
    const char *const *units = opts->units;
    if (opts->split && !b->task->split_units) {
        return plx_fail(err, PLX_E_ARG, "the task %s has no official splits", b->task->name);
    }
    if (!units && b->task->split_units) {
        if (!b->task->split_units(opts->split ? opts->split : "test", b->arena, &units, &n, err)) {
            return false;
        }
    } else if (!units) {
        units = b->task->units;
        for (n = 0; units[n]; n++) {
        }
    }
    p->cap = UNITS_MAX;
    p->parts = plx_alloc_zero(p->cap, sizeof *p->parts);
    b->units = plx_arena_zero(b->arena, p->cap, sizeof *b->units);
    if (!p->parts || !b->units) {
        return plx_fail_nomem(err, p->cap * sizeof *p->parts);
    }
    for (size_t i = 0; i < n; i++) {
        if (!expand(p, units[i], err)) {
            return false;
        }
    }
    if (p->missing.failed || (p->missing.len && (!opts->present || b->n_units == 0))) {
        return fail_missing(p, err);
    }
    b->data = plx_arena_zero(b->arena, b->n_units + 1, sizeof *b->data);
    if (!b->data) {
        return plx_fail_nomem(err, b->n_units * sizeof *b->data);
    }
    for (size_t i = 0; i < b->n_units; i++) {
        if (!load_unit(p, i, err)) {
            return false;
        }
    }
    return collect_inputs(p, err) && make_cells(b, err);
}

bool plx_bench_open(const plx_ctx *ctx, plx_store *store, const plx_task *task, const plx_bench_opts *opts,
                    plx_bench **out, plx_err *err)
{
    plx_bench *b = plx_alloc_zero(1, sizeof *b);
    plan p = {.bench = b};
    if (!b) {
        return plx_fail_nomem(err, sizeof *b);
    }
    *b = (plx_bench){.ctx = ctx,
                     .store = store,
                     .task = task,
                     .arena = plx_arena_new(0),
                     .first_seed = opts->first_seed,
                     .metric_params = opts->metric_params,
                     .n_seeds = opts->n_seeds ? opts->n_seeds : task->n_seeds};
    bool ok = b->arena ? open_all(&p, opts, err) : plx_fail_nomem(err, 0);
    plx_free(p.parts);
    plx_sb_free(&p.missing);
    if (!ok) {
        plx_bench_close(b);
        return false;
    }
    *out = b;
    return true;
}

void plx_bench_close(plx_bench *bench)
{
    if (bench) {
        plx_arena_free(bench->arena);
        plx_free(bench);
    }
}

bool plx_bench_accepts(const plx_task *task, const plx_model *model, plx_err *err)
{
    if (!(model->solves & (unsigned)task->problem)) {
        plx_fail(err, PLX_E_UNSUPPORTED, "the model %s does not answer the task %s", model->name, task->name);
        plx_err_why(err, "%s",
                    task->problem == PLX_PROBLEM_LINKS   ? "the task asks for scores of pairs"
                    : task->problem == PLX_PROBLEM_TYPES ? "the task asks for classes of nodes"
                                                         : "the task asks for arrays");
        return plx_err_next(err, "plexus show model:%s", model->name);
    }
    unsigned lacks = model->uses & ~task->hands_out;
    if (lacks) {
        plx_fail(err, PLX_E_UNSUPPORTED, "the model %s does not answer the task %s", model->name, task->name);
        plx_err_why(err, "it uses %s, which the task does not hand out",
                    lacks & PLX_USES_POSITIONS    ? "positions"
                    : lacks & PLX_USES_HOMOLOGUES ? "homologues"
                                                  : "types");
        return plx_err_next(err, "plexus show task:%s", task->name);
    }
    return true;
}

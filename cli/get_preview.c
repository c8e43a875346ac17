/* SPDX-License-Identifier: Apache-2.0
 *
 * What `plexus get` would do, without doing it.
 */
#include "cli/get_plan.h"

#include "core/num.h"
#include "registry/manifest_units.h"

#include <stdio.h>

typedef struct preview {
    plx_cli *cli;
    const plx_fetch_opts *opts;
    plx_grid *grid;
    plx_value *list;
    plx_manifest_size to_fetch;
    const plx_manifest_file *archive; /* of the member seen last */
    plx_manifest_size archives;       /* whole archives of which members are to be fetched */
    size_t n_skipped;
} preview;

static void count(plx_manifest_size *sum, const plx_manifest_file *file)
{
    sum->n_files++;
    plx_manifest_add_file(sum, file);
}

static const char nowhere[] = "nowhere known";

/* Where one file is: in the store, in a folder given with --from, or only at its address. */
static const char *place_of(const preview *p, const plx_manifest *m, size_t i, const plx_fetched *found)
{
    const plx_manifest_file *file = &m->files[i];
    if (p->cli->has_store && file->has_sha256 &&
        plx_blob_has(&p->cli->store, &file->sha256, file->has_bytes ? &file->bytes : NULL)) {
        return "in the store";
    }
    if (found && found[i].from[0]) {
        return found[i].from;
    }
    if (file->n_urls == 0 && file->archive) {
        const char *archive = file->archive->n_urls ? file->archive->urls[0] : file->archive->name;
        const char *place = plx_arena_printf(p->cli->arena, "%s: %s", archive, file->member);
        return place ? place : archive;
    }
    return file->n_urls ? file->urls[0] : nowhere;
}

static bool add_file(preview *p, const plx_get_item *item, const plx_manifest_file *file, bool first, const char *place,
                     plx_err *err)
{
    plx_arena *a = p->cli->arena;
    char size[PLX_NUM_TEXT + 1] = "unknown";
    if (file->has_bytes) {
        plx_print_bytes(file->bytes, size);
    } else if (file->has_bytes_about) {
        size[0] = '~';
        plx_print_bytes(file->bytes_about, size + 1);
    }
    if (plx_cli_wants_json(p->cli)) {
        plx_value *obj = plx_v_obj(a);
        bool ok = obj && plx_v_set(a, obj, "ref", plx_v_str(a, item->ref)) &&
                  plx_v_set(a, obj, "file", plx_v_str(a, file->name)) &&
                  plx_v_set(a, obj, "bytes", file->has_bytes ? plx_v_u64(a, file->bytes) : plx_v_null(a)) &&
                  plx_v_set(a, obj, "from", plx_v_str(a, place)) &&
                  plx_v_set(a, obj, "licence", plx_v_str(a, item->manifest->licence)) && plx_v_push(a, p->list, obj);
        return ok || plx_fail_nomem(err, 0);
    }
    const plx_manifest *m = item->manifest;
    const char *name = plx_arena_printf(a, "%s/%s%s", m->family, m->name, item->mode == PLX_COMPAT ? ":compat" : "");
    if (p->cli->out_format == PLX_OUT_TEXT) { /* an address cut to fit a table would be of no use */
        if (first) {
            fprintf(p->cli->out, "%s  licence %s\n", name ? name : item->ref, m->licence);
        }
        fprintf(p->cli->out, "  %9s  %s  from %s\n", size, file->name, place);
        return true;
    }
    const char *const cells[] = {name, file->name, size, item->manifest->licence, place};
    return plx_grid_row(p->grid, cells) || plx_fail_nomem(err, 0);
}

static bool add_item(preview *p, const plx_get_item *item, plx_err *err)
{
    plx_manifest picked = *item->manifest;
    const plx_manifest *m = &picked;
    plx_fetched *found = NULL;
    if (item->n_units && !plx_manifest_pick(p->cli->arena, item->manifest, item->units, item->n_units, &picked, err)) {
        return false;
    }
    if (p->opts->n_from_dirs) {
        plx_ctx offline = p->cli->ctx;
        plx_fetch_opts dry = *p->opts;
        plx_err why;
        offline.offline = true;
        dry.dry_run = true;
        found = plx_arena_zero(p->cli->arena, m->n_files, sizeof *found);
        if (m->n_files && !found) {
            return plx_fail_nomem(err, m->n_files * sizeof *found);
        }
        if (!plx_fetch(&offline, p->cli->has_store ? &p->cli->store : NULL, m, &dry, found, &why) &&
            (why.code == PLX_E_NOMEM || why.code == PLX_E_CANCELLED)) {
            *err = why;
            return false;
        }
    }
    bool lacks = m->n_files == 0 && m->n_uses == 0;
    if (lacks && p->cli->out_format == PLX_OUT_TEXT) {
        fprintf(p->cli->out, "%s/%s  licence %s\n", m->family, m->name, m->licence);
    }
    for (size_t i = 0; i < m->n_files; i++) {
        const char *place = place_of(p, m, i, found);
        if (strcmp(place, "in the store") != 0) {
            count(&p->to_fetch, &m->files[i]);
            if (m->files[i].archive && m->files[i].archive != p->archive) {
                p->archive = m->files[i].archive;
                count(&p->archives, p->archive);
            }
        }
        lacks |= strcmp(place, nowhere) == 0;
        if (!add_file(p, item, &m->files[i], i == 0, place, err)) {
            return false;
        }
    }
    if (lacks && m->no_address && p->cli->out_format == PLX_OUT_TEXT) {
        plx_help_text(m->no_address, 4, p->cli->width, p->cli->out);
    }
    return true;
}

static void sum_up(const preview *p)
{
    char size[PLX_SIZE_TEXT], archives[PLX_SIZE_TEXT];
    plx_manifest_size_text(&p->to_fetch, size);
    fprintf(stderr, "dry run: %zu %s to fetch, %s%s", p->to_fetch.n_files, p->to_fetch.n_files == 1 ? "file" : "files",
            strcmp(size, "unknown") == 0 ? "size " : "", size);
    if (p->archives.n_files && p->to_fetch.incomplete) {
        plx_manifest_size_text(&p->archives, archives);
        fprintf(stderr, ", parts of %s of %s", p->archives.n_files == 1 ? "an archive" : "archives", archives);
    }
    if (p->n_skipped) {
        fprintf(stderr, "; %zu data %s left out that nothing reads yet", p->n_skipped,
                p->n_skipped == 1 ? "set" : "sets");
    }
    fputs("; nothing was changed\n", stderr);
}

bool plx_get_preview(plx_cli *cli, const plx_get_plan *plan, const plx_fetch_opts *opts, plx_err *err)
{
    static const char *const headers[] = {"data set", "file", "size", "licence", "from"};
    static const plx_align align[] = {PLX_LEFT, PLX_LEFT, PLX_RIGHT, PLX_LEFT, PLX_LEFT};
    preview p = {.cli = cli, .opts = opts, .grid = plx_grid_new(5, headers, align), .list = plx_v_arr(cli->arena)};
    bool ok = (p.grid && p.list) || plx_fail_nomem(err, 0);
    for (size_t i = 0; ok && i < plan->n; i++) {
        p.n_skipped += plan->items[i].skip ? 1 : 0;
        ok = plan->items[i].skip || add_item(&p, &plan->items[i], err);
    }
    if (ok && plx_cli_wants_json(cli)) {
        ok = plx_cli_json(cli, p.list, err);
    } else if (ok) {
        ok = cli->out_format == PLX_OUT_TEXT || plx_cli_grid(cli, p.grid, err);
        if (!cli->g.quiet) {
            sum_up(&p);
        }
    }
    plx_grid_free(p.grid);
    return ok;
}

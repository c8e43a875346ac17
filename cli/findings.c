/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings as text or JSON.
 */
#include "cli/findings.h"

#include "core/utf8.h"

#include <string.h>

enum { ROWS_SHOWN = 20 };

static const char *kind_name(plx_damage kind)
{
    static const char *const names[] = {
        [PLX_DAMAGE_BLOB] = "blob",     [PLX_DAMAGE_RECORD] = "record",   [PLX_DAMAGE_REF] = "ref",
        [PLX_DAMAGE_RUN] = "run",       [PLX_DAMAGE_CATALOG] = "catalog", [PLX_DAMAGE_MISSING] = "missing",
        [PLX_DAMAGE_FORMAT] = "format",
    };
    return names[kind];
}

/* The digest that an object's path spells in two parts, or "". */
static void digest_of(const char *path, char out[PLX_SHA256_HEX + 1])
{
    static const char area[] = "/sha256/";
    const char *at = strstr(path, area);
    plx_digest digest;
    at = at ? at + sizeof area - 1 : "";
    snprintf(out, PLX_SHA256_HEX + 1, "%.2s%.62s", at, strlen(at) > 3 ? at + 3 : "");
    if (!plx_digest_parse(out, strlen(out), &digest)) {
        out[0] = '\0';
    }
}

static void print(plx_findings *f, const plx_finding *finding)
{
    FILE *to = f->cli->out;
    char hex[PLX_SHA256_HEX + 1], path[1024], what[1024];
    plx_escape(path, sizeof path, finding->path, strlen(finding->path));
    plx_escape(what, sizeof what, finding->what, strlen(finding->what));
    digest_of(finding->path, hex);
    bool missing = finding->kind == PLX_DAMAGE_MISSING;
    fprintf(to, "%s: %s%s%s\n", missing ? "missing" : f->label, path, missing && !hex[0] ? ": " : "",
            missing && hex[0] ? ""
            : missing         ? what
                              : "");
    if (!missing) {
        fprintf(to, "  what:   %s\n", what);
    }
    if (hex[0]) {
        fprintf(to, "  digest: sha256:%s\n", hex);
    }
    if (finding->used_by[0]) {
        fprintf(to, "  for:    %s\n", finding->used_by);
    }
    if (finding->next[0]) {
        fprintf(to, "  next:   %s\n", finding->next);
    }
}

static plx_value *as_value(plx_arena *a, const plx_finding *finding)
{
    char hex[PLX_SHA256_HEX + 1];
    digest_of(finding->path, hex);
    plx_value *v = plx_v_obj(a);
    bool ok = v && plx_v_set(a, v, "kind", plx_v_str(a, kind_name(finding->kind))) &&
              plx_v_set(a, v, "path", plx_v_str(a, finding->path)) &&
              plx_v_set(a, v, "what", plx_v_str(a, finding->what)) &&
              plx_v_set(a, v, "sha256", hex[0] ? plx_v_str(a, hex) : plx_v_null(a)) &&
              plx_v_set(a, v, "used_by", finding->used_by[0] ? plx_v_str(a, finding->used_by) : plx_v_null(a)) &&
              plx_v_set(a, v, "next", finding->next[0] ? plx_v_str(a, finding->next) : plx_v_null(a));
    return ok ? v : NULL;
}

bool plx_findings_add(plx_findings *f, const plx_finding *finding)
{
    bool row = finding->kind == PLX_DAMAGE_CATALOG;
    f->n_rows += row;
    f->n_needed += finding->kind == PLX_DAMAGE_MISSING || (finding->kind == PLX_DAMAGE_REF && finding->next[0]);
    if (!plx_cli_wants_json(f->cli)) {
        if (!row || f->n_rows <= ROWS_SHOWN) {
            print(f, finding);
        }
        return true;
    }
    if (!f->list) {
        f->list = plx_v_arr(f->cli->arena);
    }
    f->failed = !f->list || !plx_v_push(f->cli->arena, f->list, as_value(f->cli->arena, finding));
    return !f->failed;
}

void plx_findings_end(const plx_findings *f)
{
    if (f->n_rows > ROWS_SHOWN) {
        fprintf(f->cli->out, "... and %zu more differences in catalog.db; --json lists all\n", f->n_rows - ROWS_SHOWN);
    }
}

bool plx_findings_json(plx_findings *f, plx_value *summary, plx_err *err)
{
    plx_arena *a = f->cli->arena;
    plx_value *list = f->list ? f->list : plx_v_arr(a);
    if (f->failed || !list || !summary) {
        return plx_fail_nomem(err, 0);
    }
    if (f->cli->out_format == PLX_OUT_JSONL) {
        return plx_v_push(a, list, summary) ? plx_cli_json(f->cli, list, err) : plx_fail_nomem(err, 0);
    }
    return plx_v_set(a, summary, "findings", list) ? plx_cli_json(f->cli, summary, err) : plx_fail_nomem(err, 0);
}

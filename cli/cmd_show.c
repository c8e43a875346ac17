/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus show: one data set or record on a page: what it is, where each byte came from, what was changed and why.
 */
#include "cli/show_driver.h"
#include "cli/show_facts.h"
#include "cli/show_graph.h"

#include "core/num.h"
#include "core/utf8.h"
#include "schemas/volume.h"

#include <math.h>
#include <stdio.h>

typedef struct show_opts {
    bool changes, class, degrees, symmetry;
    const char *cell, *kind;
    plx_opt_list path;
    int64_t hops, max;
} show_opts;

static const show_opts defaults = {.hops = 3, .max = 20};

static const plx_opt opts_table[] = {
    {"changes", 0, PLX_OPT_FLAG, offsetof(show_opts, changes), NULL, NULL,
     "List every change made at ingest, not just their rules."},
    {"cell", 0, PLX_OPT_TEXT, offsetof(show_opts, cell), "NAME", NULL,
     "Of a connectome: this cell and its partners. REF#NAME is short for it."},
    {"class", 0, PLX_OPT_FLAG, offsetof(show_opts, class), NULL, NULL,
     "The class of that cell, or the class of that name, and its partners by class."},
    {"path", 0, PLX_OPT_LIST, offsetof(show_opts, path), "FROM,TO", NULL,
     "Of a connectome: ways from one cell to another, fewest hops first; FROM TO may also stand apart."},
    {"hops", 0, PLX_OPT_INT, offsetof(show_opts, hops), "N", NULL, "Of ways: at most N steps; 3 when left out."},
    {"degrees", 0, PLX_OPT_FLAG, offsetof(show_opts, degrees), NULL, NULL,
     "Of a connectome: numbers and weights of each cell's edges."},
    {"symmetry", 0, PLX_OPT_FLAG, offsetof(show_opts, symmetry), NULL, NULL,
     "Of a connectome: how alike its two sides are, and the most unequal edges."},
    {"kind", 0, PLX_OPT_TEXT, offsetof(show_opts, kind), "KIND", NULL,
     "With these: only edges of this kind (chemical, gap, ...)."},
    {"max", 0, PLX_OPT_INT, offsetof(show_opts, max), "N", NULL,
     "With these: at most N rows of each table; 20 when left out, 0 for all. Ways and unequal edges are limited in "
     "JSON "
     "too."},
    {0},
};

enum { INDENT = 16, HASH_SHOWN = 16, FILES_SHOWN = 24, CHANGE_TEXT = 512 };

static void heading(const plx_cli *cli, const char *text)
{
    fprintf(cli->out, "\n%s%s%s\n", cli->color ? "\033[1m" : "", text, cli->color ? "\033[0m" : "");
}

static void line(const plx_cli *cli, const char *label, const char *text)
{
    if (text && *text) {
        fprintf(cli->out, "  %-*s", INDENT - 2, label);
        if (strlen(label) > INDENT - 3) { /* a long name has the line to itself */
            fprintf(cli->out, "\n%-*s", INDENT, "");
        }
        plx_tty_wrap(text, INDENT, cli->width, cli->out);
    }
}

static const char *text_of(const plx_value *obj, const char *key)
{
    const char *text = plx_v_get_text(obj, key);
    return text ? text : "";
}

static size_t list_of(const plx_value *obj, const char *key, plx_value *const **items)
{
    const plx_value *list = plx_v_get(obj, key);
    *items = list && list->kind == PLX_V_ARR ? list->u.arr.items : NULL;
    return *items ? list->u.arr.n : 0;
}

static const char *number_text(const plx_value *v, char out[PLX_NUM_TEXT])
{
    int64_t whole;
    double real;
    out[0] = '\0';
    if (plx_v_as_i64(v, &whole)) {
        plx_print_i64(whole, out);
    } else if (plx_v_as_f64(v, &real)) {
        plx_print_f64(real, out);
    }
    return out;
}

static void print_identity(const plx_cli *cli, const plx_value *f)
{
    const char *ref = text_of(f, "ref"), *unit = strchr(ref, '#') ? "" : text_of(f, "unit");
    fprintf(cli->out, "%s%s%s%s%s\n", cli->color ? "\033[1m" : "", ref, *unit ? "#" : "", unit,
            cli->color ? "\033[0m" : "");
    fprintf(cli->out, "%s\n", text_of(f, "title"));
    const plx_value *demo = plx_v_get(f, "demo");
    if (demo && demo->kind == PLX_V_BOOL && demo->u.b) {
        fputs("A demo set: facts transcribed by hand or synthetic values, not data to analyse.\n", cli->out);
    }
    if (*text_of(f, "description")) {
        fputc('\n', cli->out);
        plx_help_text(text_of(f, "description"), 0, cli->width, cli->out);
    }
    fputc('\n', cli->out);
    char licence[1024];
    bool note = *text_of(f, "licence_note") != '\0';
    snprintf(licence, sizeof licence, "%s%s%s%s", text_of(f, "licence"), note ? " (" : "", text_of(f, "licence_note"),
             note ? ")" : "");
    line(cli, "kind", text_of(f, "kind"));
    int64_t here = 0, known = 0;
    if (plx_v_as_i64(plx_v_get(f, "units_here"), &here) && plx_v_as_i64(plx_v_get(f, "units_known"), &known) &&
        here < known) {
        char part[128];
        snprintf(part, sizeof part, "%lld of %lld are in the store; plexus get brings the others", (long long)here,
                 (long long)known);
        line(cli, "records", part);
    }
    line(cli, "licence", licence);
    line(cli, "homepage", text_of(f, "homepage"));
    plx_value *const *items;
    size_t n = list_of(f, "citations", &items);
    plx_sb keys = {0};
    for (size_t i = 0; i < n; i++) {
        plx_sb_printf(&keys, "%s%s", i ? ", " : "", text_of(items[i], "key"));
    }
    if (n && !keys.failed) {
        plx_sb_printf(&keys, "  (plexus cite %s)", text_of(f, "ref"));
    }
    line(cli, "cite", plx_sb_str(&keys));
    plx_sb_free(&keys);
}

static void size_text(const plx_value *file, char out[PLX_NUM_TEXT + 1])
{
    int64_t bytes = 0;
    snprintf(out, PLX_NUM_TEXT + 1, "size unknown");
    if (plx_v_as_i64(plx_v_get(file, "bytes"), &bytes)) {
        plx_print_bytes((uint64_t)bytes, out);
    } else if (plx_v_as_i64(plx_v_get(file, "bytes_about"), &bytes)) {
        out[0] = '~';
        plx_print_bytes((uint64_t)bytes, out + 1);
    }
}

static void print_file(const plx_cli *cli, const plx_value *file, bool in_store)
{
    char size[PLX_NUM_TEXT + 1];
    size_text(file, size);
    fprintf(cli->out, "  %s  %s\n", text_of(file, "name"), size);
    if (*text_of(file, "archive")) {
        fprintf(cli->out, "    in      %s: %s\n", text_of(file, "archive"), text_of(file, "member"));
    }
    if (*text_of(file, "url") || !*text_of(file, "archive")) {
        fprintf(cli->out, "    url     %s\n", *text_of(file, "url") ? text_of(file, "url") : "none known");
    }
    if (*text_of(file, "commit")) {
        fprintf(cli->out, "    commit  %s\n", text_of(file, "commit"));
    }
    const char *trust = text_of(file, "trust");
    bool pinned = strcmp(trust, "sha256") == 0;
    const char *meaning = !in_store                         ? (pinned ? "  pinned in the manifest" : "")
                          : pinned                          ? "  verified: it is the one the manifest pins"
                          : strcmp(trust, "first-use") == 0 ? "  first-use: pinned when it first came in"
                          : strcmp(trust, "md5") == 0       ? "  md5: verified by the host's own MD5"
                          : strcmp(trust, "etag") == 0      ? "  etag: verified by the host's MD5 of its parts"
                          : strcmp(trust, "sha1") == 0      ? "  sha1: verified by git's SHA-1 of it"
                          : strcmp(trust, "crc") == 0       ? "  crc: verified by the checksum in its archive"
                                                            : "";
    fprintf(cli->out, "    sha256  %s%s\n", *text_of(file, "sha256") ? text_of(file, "sha256") : "not known yet",
            meaning);
}

/* Of many files one line each; the rest is in the JSON. */
static void print_file_line(const plx_cli *cli, const plx_value *file)
{
    char size[PLX_NUM_TEXT + 1];
    size_text(file, size);
    const char *pin = text_of(file, "sha256");
    fprintf(cli->out, "  %-48s %12s  %.*s%s\n", text_of(file, "name"), size, HASH_SHOWN, *pin ? pin : "not pinned",
            *pin ? "..." : "");
}

static void print_files(const plx_cli *cli, const plx_value *f, bool in_store)
{
    plx_value *const *items;
    char title[96];
    size_t n = list_of(f, "archives", &items);
    if (n && !in_store) {
        heading(cli, "Archives: what holds the files");
    }
    for (size_t i = 0; i < n && !in_store; i++) {
        print_file(cli, items[i], false);
    }
    n = list_of(f, "files", &items);
    snprintf(title, sizeof title,
             n > FILES_SHOWN ? "Files: %zu (with their addresses in --json)" : "Files: where each byte came from", n);
    heading(cli, title);
    for (size_t i = 0; i < n; i++) {
        if (n > FILES_SHOWN) {
            print_file_line(cli, items[i]);
        } else {
            print_file(cli, items[i], in_store);
        }
    }
    if (n == 0) {
        plx_value *const *used;
        bool made = list_of(f, "uses", &used) > 0;
        fputs(made ? "  none of its own: it is made from the data sets it uses\n"
                   : "  none listed: the host has the list\n",
              cli->out);
    }
}

static void print_origin(const plx_cli *cli, const plx_value *f, bool in_store)
{
    const plx_value *ingester = plx_v_get(f, "ingester");
    char made[512];
    char version[PLX_NUM_TEXT];
    number_text(plx_v_get(ingester, "version"), version);
    snprintf(made, sizeof made, "ingester %s%s%s%s%s", text_of(ingester, "name"), *version ? " version " : "", version,
             *text_of(ingester, "reference") ? ", after " : "", text_of(ingester, "reference"));
    bool none = strcmp(text_of(ingester, "name"), "none") == 0;
    line(cli, none ? "reader" : "made by", none ? "none yet: the files can be fetched and kept, not ingested" : made);
    plx_value *const *items;
    size_t n = list_of(f, "uses", &items);
    for (size_t i = 0; i < n; i++) {
        line(cli, i ? "" : "uses", text_of(items[i], "ref"));
    }
    line(cli, "manifest", *text_of(f, "manifest") ? text_of(f, "manifest") : text_of(f, "origin"));
    if (*text_of(f, "layout")) {
        heading(cli, "What is in the files");
        plx_help_text(text_of(f, "layout"), 2, cli->width, cli->out);
    }
    print_files(cli, f, in_store);
    if (*text_of(f, "no_address") && !in_store) {
        heading(cli, "Why no address is given, and what to do");
        plx_help_text(text_of(f, "no_address"), 2, cli->width, cli->out);
    }
}

static bool print_counts(plx_cli *cli, const plx_value *f, plx_err *err)
{
    const plx_value *counts = plx_v_get(f, "counts");
    const plx_value *all = plx_v_get(f, "counts_all");
    const plx_kind *kind = plx_kind_find(text_of(f, "kind"));
    if (!counts || counts->kind != PLX_V_OBJ || !kind || !kind->count_specs) {
        return true;
    }
    bool two = all && all->kind == PLX_V_OBJ && all->u.obj.n > 0;
    static const char *const headers3[] = {"", "canonical neurons", "all cells", ""};
    static const char *const headers2[] = {"", "", ""};
    static const plx_align align3[] = {PLX_LEFT, PLX_RIGHT, PLX_RIGHT, PLX_LEFT};
    static const plx_align align2[] = {PLX_LEFT, PLX_RIGHT, PLX_LEFT};
    plx_grid *grid = plx_grid_new(two ? 4 : 3, two ? headers3 : headers2, two ? align3 : align2);
    if (!grid) {
        return plx_fail_nomem(err, 0);
    }
    bool ok = true;
    for (const plx_count_spec *c = kind->count_specs; ok && c->name; c++) {
        if (!plx_v_get(counts, c->name)) {
            continue;
        }
        char a[PLX_NUM_TEXT];
        char b[PLX_NUM_TEXT];
        number_text(plx_v_get(counts, c->name), a);
        number_text(plx_v_get(all, c->name), b);
        const char *const cells3[] = {c->name, a, b, c->doc};
        const char *const cells2[] = {c->name, a, c->doc};
        ok = plx_grid_row(grid, two ? cells3 : cells2) || plx_fail_nomem(err, 0);
    }
    heading(cli, "Counts");
    ok = ok && plx_grid_print_text(grid, cli->out, cli->width, cli->color, err);
    plx_grid_free(grid);
    return ok;
}

/* "arrays" of a volume: one line for each. */
static void print_arrays(const plx_cli *cli, const plx_value *list)
{
    for (size_t i = 0; list->kind == PLX_V_ARR && i < list->u.arr.n; i++) {
        plx_volume_spec spec;
        plx_sb sb = {0};
        if (plx_volume_spec_parse(list->u.arr.items[i], &spec)) {
            continue;
        }
        plx_sb_printf(&sb, "%s %s ", spec.role, plx_dtype_name(spec.dtype));
        for (int d = 0; d < spec.ndim; d++) {
            plx_sb_printf(&sb, "%s%zu", d ? " x " : "", spec.shape[d]);
        }
        plx_sb_printf(&sb, " along %s", spec.axes);
        const double *um = spec.voxel_um;
        if (um[0] <= um[1] && um[1] <= um[2] && um[2] <= um[0]) {
            plx_sb_printf(&sb, ", voxels of %g um", um[0]);
        } else if (!isnan(um[0])) {
            plx_sb_printf(&sb, ", voxels of %g x %g x %g um", um[0], um[1], um[2]);
        }
        plx_sb_text(&sb, spec.overlapping ? ", one instance per channel" : "");
        plx_sb_text(&sb, spec.n_parts ? "" : ", inside its source file");
        line(cli, spec.name, plx_sb_str(&sb));
        plx_sb_free(&sb);
    }
}

static void print_attributes(const plx_cli *cli, const plx_value *f)
{
    const plx_value *attributes = plx_v_get(f, "attributes");
    if (!attributes || attributes->kind != PLX_V_OBJ || attributes->u.obj.n == 0) {
        return;
    }
    heading(cli, "Attributes");
    for (size_t i = 0; i < attributes->u.obj.n; i++) {
        const plx_member *m = &attributes->u.obj.members[i];
        char number[PLX_NUM_TEXT];
        plx_sb list = {0};
        if (plx_slice_is(m->key, "arrays")) {
            print_arrays(cli, m->value);
            continue;
        }
        const char *text = plx_v_text(m->value) ? plx_v_text(m->value) : number_text(m->value, number);
        for (size_t k = 0; m->value->kind == PLX_V_ARR && k < m->value->u.arr.n; k++) {
            plx_sb_printf(&list, "%s%s", k ? ", " : "",
                          plx_v_text(m->value->u.arr.items[k]) ? plx_v_text(m->value->u.arr.items[k]) : "");
        }
        line(cli, m->key.ptr, list.len ? plx_sb_str(&list) : text);
        plx_sb_free(&list);
    }
}

/* Texts of a source may hold anything; a terminal gets them escaped. */
static void escaped(const plx_value *obj, const char *key, char out[CHANGE_TEXT])
{
    const char *text = text_of(obj, key);
    plx_escape(out, CHANGE_TEXT, text, strlen(text));
}

static void print_change(const plx_cli *cli, const plx_value *c)
{
    int64_t at = 0;
    plx_v_as_i64(plx_v_get(c, "line"), &at);
    char before[CHANGE_TEXT];
    char after[CHANGE_TEXT];
    escaped(c, "subject", before);
    fprintf(cli->out, "%s", before);
    escaped(c, "before", before);
    escaped(c, "after", after);
    if (*before || *after) {
        fprintf(cli->out, ": \"%s\" -> \"%s\"", before, after);
    }
    if (*text_of(c, "file")) {
        fprintf(cli->out, "  (%s", text_of(c, "file"));
        if (at > 0) {
            fprintf(cli->out, " line %lld", (long long)at);
        }
        fputc(')', cli->out);
    }
    fputc('\n', cli->out);
}

static void print_changes(const plx_cli *cli, const plx_value *f)
{
    const plx_value *changes = plx_v_get(f, "changes");
    if (!changes || changes->kind != PLX_V_OBJ) {
        return;
    }
    char total[PLX_NUM_TEXT];
    char title[96];
    number_text(plx_v_get(changes, "total"), total);
    snprintf(title, sizeof title, "Changes made at ingest: %s", total);
    heading(cli, title);
    plx_value *const *items;
    size_t n = list_of(changes, "by_rule", &items);
    if (n == 0) {
        fputs("  none: the record says what the source says\n", cli->out);
    }
    for (size_t i = 0; i < n; i++) {
        char count[PLX_NUM_TEXT];
        number_text(plx_v_get(items[i], "n"), count);
        fprintf(cli->out, "  %5s  %s, rule %s: ", count, text_of(items[i], "action"), text_of(items[i], "rule"));
        plx_tty_wrap(text_of(items[i], "reason"), INDENT, cli->width, cli->out);
        fputs("         such as ", cli->out);
        print_change(cli, plx_v_get(items[i], "first"));
    }
    n = list_of(changes, "list", &items);
    if (n) {
        heading(cli, "Every change");
    }
    for (size_t i = 0; i < n; i++) {
        fprintf(cli->out, "  %s %s  ", text_of(items[i], "action"), text_of(items[i], "rule"));
        print_change(cli, items[i]);
    }
    if (n == 0 && strcmp(total, "0") != 0) {
        fprintf(cli->out, "  (plexus show %s --changes lists them all)\n", text_of(f, "ref"));
    }
}

static bool print_members(plx_cli *cli, const plx_value *f, plx_err *err)
{
    plx_value *const *items;
    size_t n = list_of(f, "members", &items);
    if (n == 0) {
        return true;
    }
    static const char *const headers[] = {"file", "dtype", "shape", "unit", "sha256", "what"};
    static const plx_align align[] = {PLX_LEFT, PLX_LEFT, PLX_RIGHT, PLX_LEFT, PLX_LEFT, PLX_LEFT};
    plx_grid *grid = plx_grid_new(6, headers, align);
    if (!grid) {
        return plx_fail_nomem(err, 0);
    }
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        char shape[256] = "";
        char hash[HASH_SHOWN + 1];
        size_t used = 0;
        plx_value *const *dims;
        size_t n_dims = list_of(items[i], "shape", &dims);
        for (size_t k = 0; k < n_dims && used < sizeof shape; k++) {
            char dim[PLX_NUM_TEXT];
            int wrote = snprintf(shape + used, sizeof shape - used, "%s%s", k ? " x " : "", number_text(dims[k], dim));
            used += wrote > 0 ? (size_t)wrote : 0;
        }
        snprintf(hash, sizeof hash, "%s", text_of(items[i], "sha256"));
        const char *const cells[] = {
            text_of(items[i], "path"), text_of(items[i], "dtype"), shape, text_of(items[i], "unit"), hash,
            text_of(items[i], "doc")};
        ok = plx_grid_row(grid, cells) || plx_fail_nomem(err, 0);
    }
    heading(cli, "On disk");
    fprintf(cli->out, "  record  sha256:%s\n  path    %s\n\n", text_of(f, "record"), text_of(f, "path"));
    ok = ok && plx_grid_print_text(grid, cli->out, cli->width, cli->color, err);
    plx_grid_free(grid);
    return ok;
}

static void print_python(const plx_cli *cli, const plx_value *f)
{
    const char *code = text_of(f, "python");
    if (*code) {
        heading(cli, "Open it in Python");
    }
    while (*code) {
        size_t len = strcspn(code, "\n");
        fprintf(cli->out, "  %.*s\n", (int)len, code);
        code += len + (code[len] == '\n');
    }
}

static void print_absent(const plx_cli *cli, const plx_found_ref *found, const plx_value *f)
{
    const plx_value *expected = plx_v_get(f, "expected");
    if (expected && expected->kind == PLX_V_OBJ) {
        heading(cli,
                found->manifest && !found->manifest->ingester ? "Published counts" : "Counts the manifest expects");
        for (size_t i = 0; i < expected->u.obj.n; i++) {
            char number[PLX_NUM_TEXT];
            fprintf(cli->out, "  %-18s %8s\n", expected->u.obj.members[i].key.ptr,
                    number_text(expected->u.obj.members[i].value, number));
        }
    }
    bool readable = !found->manifest || found->manifest->ingester;
    fprintf(cli->out, "\n%s. Next: plexus get %s%s\n",
            found->in_other_mode ? "In the store only in the other mode" : "Not in the store",
            readable ? "" : "--files-only ", found->text);
}

static void print_units(const plx_cli *cli, const plx_value *f)
{
    plx_value *const *items;
    size_t n = list_of(f, "units", &items);
    char title[64];
    if (n == 0) {
        return;
    }
    snprintf(title, sizeof title, "Records: %zu", n);
    heading(cli, title);
    for (size_t i = 0; i < n; i++) {
        fprintf(cli->out, "  %-24s sha256:%s\n", text_of(items[i], "unit"), text_of(items[i], "record"));
    }
    fprintf(cli->out, "\nOne of them: plexus show %s#%s\n", text_of(f, "ref"), text_of(items[0], "unit"));
}

static bool print_text(plx_cli *cli, const plx_found_ref *found, const plx_value *facts, plx_err *err)
{
    print_identity(cli, facts);
    print_origin(cli, facts, found->content || found->by_digest);
    if (!print_counts(cli, facts, err)) {
        return false;
    }
    print_attributes(cli, facts);
    print_changes(cli, facts);
    if (!print_members(cli, facts, err)) {
        return false;
    }
    print_python(cli, facts);
    print_units(cli, facts);
    if (!found->content && !found->by_digest) {
        print_absent(cli, found, facts);
    }
    return true;
}

/* What is asked of a connectome; false when nothing is. `ways` has room for both ends. */
static bool is_query(const show_opts *opts, const plx_found_ref *found, const char *const ways[2], plx_graph_query *q)
{
    *q = (plx_graph_query){
        .cell = opts->cell, .class = opts->class, .kind = opts->kind, .hops = opts->hops, .max = opts->max};
    q->degrees = opts->degrees;
    q->symmetry = opts->symmetry;
    q->from = ways[0];
    q->to = ways[1];
    const plx_value *units = found->content ? plx_v_get(found->content, "units") : NULL;
    bool single = units && units->kind == PLX_V_ARR && units->u.arr.n == 1 && !*text_of(units->u.arr.items[0], "unit");
    const char *kind = found->content ? text_of(found->content, "kind") : found->manifest ? found->manifest->kind : "";
    if (!q->cell && found->ref.unit[0] && (single || !found->content) && strcmp(kind, "connectome") == 0) {
        q->cell = found->ref.unit;
    }
    return q->cell || q->from || q->degrees || q->symmetry;
}

/* Two questions at once have no answer, and an option that belongs to none would be passed over in silence. */
static bool check_query(const show_opts *opts, const plx_graph_query *q, bool asked, plx_err *err)
{
    if (opts->hops < 1 || opts->max < 0) {
        return plx_fail(err, PLX_E_ARG, opts->max < 0 ? "--max is not below 0" : "--hops is at least 1");
    }
    if ((q->cell != NULL) + (q->from != NULL) + q->degrees + q->symmetry > 1) {
        return plx_fail(err, PLX_E_ARG, "a cell, --path, --degrees and --symmetry are questions of their own");
    }
    if (asked && opts->changes) {
        return plx_fail(err, PLX_E_ARG, "--changes is about the whole record");
    }
    if (!q->cell && opts->class) {
        plx_fail(err, PLX_E_ARG, "--class needs a cell or a class");
        return plx_err_next(err, "plexus show REF#AVA --class");
    }
    return asked || !opts->kind || plx_fail(err, PLX_E_ARG, "--kind goes with a cell, --path, --degrees or --symmetry");
}

static bool show_query(plx_cli *cli, plx_found_ref *found, const plx_graph_query *q, plx_err *err)
{
    plx_value *answer;
    char cell[PLX_REF_PART];
    plx_graph_query query = *q;
    plx_found_ref whole = *found;
    if (q->cell == found->ref.unit) { /* the unit was a cell's name */
        snprintf(cell, sizeof cell, "%s", q->cell);
        query.cell = cell;
        whole.ref.unit[0] = '\0';
        plx_ref_print(&whole.ref, whole.text);
    }
    return plx_show_graph(cli, &whole, &query, &answer, err) &&
           (!plx_cli_wants_json(cli) || plx_cli_json(cli, answer, err));
}

/* "--path FROM,TO", "--path FROM --path TO", or "--path FROM REF TO" with TO where references stand. */
static bool find_ends(const show_opts *opts, const char *const *args, size_t *n_args, const char *ways[2], plx_err *err)
{
    ways[0] = ways[1] = NULL;
    if (opts->path.n == 0) {
        return true;
    }
    ways[0] = opts->path.items[0];
    if (opts->path.n == 2) {
        ways[1] = opts->path.items[1];
    } else if (opts->path.n == 1 && *n_args == 2) {
        ways[1] = args[1];
        *n_args = 1;
    }
    if (!ways[1]) {
        plx_fail(err, PLX_E_ARG, "a way has two ends");
        return plx_err_next(err, "plexus show %s --path FROM,TO", args[0]);
    }
    return true;
}

/* A task, model, metric or run; *facts is for JSON. */
static bool show_driver(plx_cli *cli, const plx_ref *ref, plx_value **facts, plx_err *err)
{
    plx_page *page;
    *facts = plx_arena_zero(cli->arena, 1, sizeof **facts);
    if (!*facts) {
        return plx_fail_nomem(err, sizeof **facts);
    }
    if (!plx_cli_driver_page(cli, ref, &page, err)) {
        return false;
    }
    **facts = *plx_cli_page_value(page);
    return plx_cli_wants_json(cli) || plx_cli_page_print(cli, page, err);
}

static bool run(plx_cli *cli, const void *opts_ptr, const char *const *args, size_t n_args, int *exit_code,
                plx_err *err)
{
    const show_opts *opts = opts_ptr;
    const char *ways[2];
    (void)exit_code;
    if (!find_ends(opts, args, &n_args, ways, err)) {
        return false;
    }
    plx_value *list = plx_v_arr(cli->arena);
    for (size_t i = 0; i < n_args; i++) {
        plx_found_ref found;
        plx_ref ref;
        plx_value *facts = NULL;
        plx_graph_query query;
        if (!plx_ref_parse(args[i], &ref, err)) {
            return false;
        }
        bool is_driver = ref.kind != PLX_REF_DATASET && ref.kind != PLX_REF_SHA256;
        if (i > 0 && !plx_cli_wants_json(cli)) {
            fputs("\n\n", cli->out);
        }
        if (is_driver ? !show_driver(cli, &ref, &facts, err) : !plx_cli_find_ref(cli, args[i], &found, err)) {
            return false;
        }
        bool asked = !is_driver && is_query(opts, &found, ways, &query);
        if (!is_driver && !check_query(opts, &query, asked, err)) {
            return false;
        }
        if (asked) {
            if (n_args > 1) {
                return plx_fail(err, PLX_E_ARG, "questions are asked of one connectome at a time");
            }
            return show_query(cli, &found, &query, err);
        }
        if (!is_driver && cli->out_format != PLX_OUT_TEXT && !plx_cli_wants_json(cli)) {
            plx_fail(err, PLX_E_ARG, "the page of a data set is no table");
            return plx_err_next(err, "plexus show %s --json", args[i]);
        }
        if (!is_driver && !plx_show_facts(cli, &found, opts->changes, &facts, err)) {
            return false;
        }
        if (plx_cli_wants_json(cli)) {
            if (!list || !plx_v_push(cli->arena, list, facts)) {
                return plx_fail_nomem(err, 0);
            }
            continue;
        }
        if (!is_driver && !print_text(cli, &found, facts, err)) {
            return false;
        }
    }
    /* One reference gives one object, so that `counts` is found at the top. */
    return !plx_cli_wants_json(cli) || plx_cli_json(cli, n_args == 1 && list ? list->u.arr.items[0] : list, err);
}

const plx_command plx_cmd_show = {
    .name = "show",
    .group = "catalog",
    .summary = "All about one data set, task, model, metric or run",
    .usage = "show REF... [--changes] | show REF#CELL [--class] | show REF --path FROM,TO [--hops N]",
    .examples = "plexus show connectome/white1986-n2u\twhat it is, whence, what was changed, how to open it\n"
                "plexus show connectome/emmons2015 --changes\tevery change made at ingest with its reason\n"
                "plexus show connectome/premaratne:compat --json\tcounts, digests and paths for programs\n"
                "plexus show sha256:41c80b\ta record by the start of its digest\n"
                "plexus show connectome/cook2019#AVAL\ta cell: whom it sends to, receives from and is joined to\n"
                "plexus show connectome/cook2019#AVA --class\tits class, partners by class\n"
                "plexus show connectome/cook2019 --path ASHL,AVAL --hops 2\tways between two cells\n"
                "plexus show connectome/cook2019 --degrees -O csv\tnumbers and weights of every cell's edges\n"
                "plexus show connectome/cook2019 --symmetry\tleft against right\n"
                "plexus show task:connectome-link\ta task: question, split, negatives, scores\n"
                "plexus show model:random metric:roc_auc\ta model and a metric\n",
    .doc =
        "Shows what is stored: each file's address, commit, sha256 and how far it is verified, the licence, the papers "
        "to "
        "cite, counts over canonical neurons and over all cells, every rule that changed something with its reason, "
        "digests, "
        "files on disk and a Python snippet that opens them. For a data set that is not in the store it shows what the "
        "manifest says and how to get it. In JSON absent values are null and `reasons` says why. Tasks, models, "
        "metrics and "
        "runs (task:NAME, model:NAME, metric:NAME, run:HEX) show their own documentation or result.\n"
        "\n"
        "A connectome answers questions: a cell's partners by kind and weight, beside the weight of the same "
        "connection on "
        "the other side; ways between two cells, where kinds of one pair are one step; degrees; symmetry. A cell is "
        "called "
        "by its label or its name (VB1 is VB01); its near names are shown when there is none. The answers come from "
        "the record's files, so its size does not matter. The views synapse, partner, degree, class_synapse and mirror "
        "of `plexus sql` say the same of records up to 100000 edges.",
    .needs = PLX_NEEDS_REGISTRY | PLX_MAY_STORE,
    .formats = PLX_AS_GRID | PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(show_opts),
    .defaults = &defaults,
    .min_args = 1,
    .max_args = 256,
    .args_doc = "ref",
    .run = run,
};

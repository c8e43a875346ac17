/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts come from the record where there is one, else from the ref, else from the manifest, so that what is shown is
 * what is stored and not what the registry says today.
 */
#include "cli/show_facts.h"

#include "formats/json.h"
#include "registry/fetch.h"
#include "registry/manifest_units.h"
#include "schemas/kind.h"

#include <stdio.h>

typedef struct facts {
    plx_cli *cli;
    plx_arena *a;
    plx_value *root, *reasons;
    bool failed;
} facts;

static void set(facts *f, plx_value *obj, const char *key, plx_value *value)
{
    f->failed |= !plx_v_set(f->a, obj, key, value);
}

static void push(facts *f, plx_value *list, plx_value *value)
{
    f->failed |= !plx_v_push(f->a, list, value);
}

static plx_value *text(facts *f, const char *value)
{
    return plx_v_str(f->a, value ? value : "");
}

static void unknown(facts *f, const char *key, const char *why)
{
    set(f, f->root, key, plx_v_null(f->a));
    set(f, f->reasons, key, text(f, why));
}

/* Trees of records and refs live as long as the record; what is printed must outlive it. */
static plx_value *copy(facts *f, const plx_value *v)
{
    plx_value *out = NULL;
    if (!v) {
        return plx_v_null(f->a);
    }
    if (v->kind == PLX_V_ARR) {
        out = plx_v_arr(f->a);
        for (size_t i = 0; out && i < v->u.arr.n; i++) {
            push(f, out, copy(f, v->u.arr.items[i]));
        }
    } else if (v->kind == PLX_V_OBJ) {
        out = plx_v_obj(f->a);
        for (size_t i = 0; out && i < v->u.obj.n; i++) {
            set(f, out, v->u.obj.members[i].key.ptr, copy(f, v->u.obj.members[i].value));
        }
    } else if (v->kind == PLX_V_STR) {
        out = plx_v_strn(f->a, v->u.str.ptr, v->u.str.len);
    } else {
        out = plx_v_null(f->a);
        if (out) {
            *out = *v;
        }
    }
    f->failed |= out == NULL;
    return out;
}

static void add_file(facts *f, plx_value *obj, const plx_manifest_file *file)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(&file->sha256, hex);
    set(f, obj, "name", text(f, file->name));
    set(f, obj, "url", text(f, file->n_urls ? file->urls[0] : NULL));
    set(f, obj, "commit", text(f, file->commit));
    set(f, obj, "bytes", file->has_bytes ? plx_v_u64(f->a, file->bytes) : plx_v_null(f->a));
    set(f, obj, "bytes_about", file->has_bytes_about ? plx_v_u64(f->a, file->bytes_about) : plx_v_null(f->a));
    set(f, obj, "sha256", file->has_sha256 ? text(f, hex) : plx_v_null(f->a));
    set(f, obj, "trust",
        text(f, plx_trust_name(file->has_sha256 ? PLX_LEVEL_SHA256
                               : file->md5      ? PLX_LEVEL_MD5
                               : file->git_sha1 ? PLX_LEVEL_SHA1
                               : file->archive  ? PLX_LEVEL_CRC
                                                : PLX_LEVEL_FIRST_USE)));
}

static void from_manifest(facts *f, const plx_manifest *m)
{
    plx_value *root = f->root;
    plx_value *files = plx_v_arr(f->a);
    plx_value *archives = plx_v_arr(f->a);
    plx_value *citations = plx_v_arr(f->a);
    plx_value *uses = plx_v_arr(f->a);
    plx_value *ingester = plx_v_obj(f->a);
    f->failed |= !files || !archives || !citations || !uses || !ingester;
    for (size_t i = 0; !f->failed && i < m->n_files; i++) {
        const plx_manifest_file *file = &m->files[i];
        plx_value *obj = plx_v_obj(f->a);
        set(f, obj, "unit", text(f, file->unit));
        set(f, obj, "archive", text(f, file->archive ? file->archive->name : NULL));
        set(f, obj, "member", text(f, file->member));
        add_file(f, obj, file);
        push(f, files, obj);
    }
    for (size_t i = 0; !f->failed && i < m->n_archives; i++) {
        plx_value *obj = plx_v_obj(f->a);
        add_file(f, obj, &m->archives[i]);
        push(f, archives, obj);
    }
    for (size_t i = 0; !f->failed && i < m->n_citations; i++) {
        plx_value *obj = plx_v_obj(f->a);
        set(f, obj, "key", text(f, m->citation_keys[i]));
        set(f, obj, "bibtex", text(f, m->citations[i]));
        push(f, citations, obj);
    }
    for (size_t i = 0; !f->failed && i < m->n_uses; i++) {
        plx_value *obj = plx_v_obj(f->a);
        set(f, obj, "ref", text(f, m->uses[i]));
        push(f, uses, obj);
    }
    set(f, ingester, "name", text(f, m->ingester ? m->ingester : "none"));
    set(f, root, "title", text(f, m->title));
    set(f, root, "kind", text(f, m->kind));
    set(f, root, "demo", plx_v_bool(f->a, m->demo));
    set(f, root, "homepage", text(f, m->homepage));
    set(f, root, "licence", text(f, m->licence));
    set(f, root, "licence_note", text(f, m->licence_note));
    set(f, root, "citations", citations);
    set(f, root, "files", files);
    set(f, root, "archives", archives);
    set(f, root, "layout", text(f, m->layout));
    set(f, root, "no_address", text(f, m->no_address));
    set(f, root, "uses", uses);
    set(f, root, "ingester", ingester);
    set(f, root, "origin", text(f, m->origin));
}

static void from_ref(facts *f, const plx_value *content)
{
    static const char *const keys[] = {"title",        "kind",       "demo",    "homepage", "licence",
                                       "licence_note", "citations",  "files",   "uses",     "ingester",
                                       "manifest",     "derivation", "version", "mode"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        set(f, f->root, keys[i], copy(f, plx_v_get(content, keys[i])));
    }
}

static bool has_named(const plx_value *list, const char *key, const char *name)
{
    for (size_t i = 0; list && list->kind == PLX_V_ARR && i < list->u.arr.n; i++) {
        const char *value = plx_v_get_text(list->u.arr.items[i], key);
        if (value && strcmp(value, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool holds_unit(const plx_value *content, const plx_manifest *m, const char *unit)
{
    const plx_value *units = plx_v_get(content, "units");
    if (units && units->kind == PLX_V_ARR && units->u.arr.n > 0) {
        return has_named(units, "unit", unit);
    }
    for (size_t i = 0; i < m->n_files; i++) {
        if (m->files[i].unit && strcmp(m->files[i].unit, unit) == 0 &&
            !has_named(plx_v_get(content, "files"), "name", m->files[i].name)) {
            return false;
        }
    }
    return true;
}

/* How many of the units known today are in the store. */
static bool count_units(facts *f, const plx_value *content, const plx_manifest *m, plx_err *err)
{
    const char *const *names = NULL;
    size_t n = 0, here = 0;
    if (!plx_manifest_units(f->a, m, &names, &n, err)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        here += holds_unit(content, m, names[i]);
    }
    if (n > 0) {
        set(f, f->root, "units_known", plx_v_u64(f->a, n));
        set(f, f->root, "units_here", plx_v_u64(f->a, here));
    }
    return true;
}

/* A record reached by its digest alone: what it says of itself. */
static void from_provenance(facts *f, const plx_value *meta)
{
    const plx_value *p = plx_v_get(meta, "provenance");
    static const char *const keys[] = {"title", "licence", "licence_note", "citations", "uses", "ingester", "manifest"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        set(f, f->root, keys[i], copy(f, plx_v_get(p, keys[i])));
    }
    set(f, f->root, "files", copy(f, plx_v_get(p, "inputs")));
    set(f, f->root, "demo", copy(f, plx_v_get(meta, "demo")));
    set(f, f->root, "dataset", copy(f, plx_v_get(meta, "dataset")));
    set(f, f->root, "version", copy(f, plx_v_get(meta, "version")));
    set(f, f->root, "mode", copy(f, plx_v_get(meta, "mode")));
}

static plx_value *one_change(facts *f, const plx_table *table, size_t row)
{
    static const char *const texts[] = {"action", "rule", "subject", "before", "after", "reason", "file"};
    plx_value *obj = plx_v_obj(f->a);
    for (size_t i = 0; obj && i < sizeof texts / sizeof *texts; i++) {
        const plx_column *column = plx_table_find(table, texts[i]);
        plx_slice value = column && column->dtype == PLX_STR ? plx_column_str(column, row) : (plx_slice){"", 0};
        set(f, obj, texts[i], plx_v_strn(f->a, value.ptr, value.len));
    }
    const plx_column *line = plx_table_find(table, "line");
    if (obj) {
        set(f, obj, "line", plx_v_u64(f->a, line ? (uint64_t)plx_column_f64(line, row) : 0));
    }
    return obj;
}

/* Entry of by_rule with this action and rule, made with the first change's reason and an example when new. */
static plx_value *rule_entry(facts *f, plx_value *by_rule, const plx_table *table, size_t row)
{
    plx_slice action = plx_column_str(plx_table_find(table, "action"), row);
    plx_slice rule = plx_column_str(plx_table_find(table, "rule"), row);
    for (size_t i = 0; i < by_rule->u.arr.n; i++) {
        const char *a = plx_v_get_text(by_rule->u.arr.items[i], "action");
        const char *r = plx_v_get_text(by_rule->u.arr.items[i], "rule");
        if (a && r && plx_slice_is(action, a) && plx_slice_is(rule, r)) {
            return by_rule->u.arr.items[i];
        }
    }
    plx_value *obj = plx_v_obj(f->a);
    plx_slice reason = plx_column_str(plx_table_find(table, "reason"), row);
    if (obj) {
        set(f, obj, "action", plx_v_strn(f->a, action.ptr, action.len));
        set(f, obj, "rule", plx_v_strn(f->a, rule.ptr, rule.len));
        set(f, obj, "n", plx_v_u64(f->a, 0));
        set(f, obj, "reason", plx_v_strn(f->a, reason.ptr, reason.len));
        set(f, obj, "first", one_change(f, table, row));
        push(f, by_rule, obj);
    }
    return obj;
}

static bool add_changes(facts *f, plx_record *record, bool all, plx_err *err)
{
    const plx_table *table = NULL;
    const plx_record_view *view = plx_record_as_view(record);
    if (!view->table(view, "changes", &table, err)) {
        return false;
    }
    plx_value *changes = plx_v_obj(f->a);
    plx_value *by_rule = plx_v_arr(f->a);
    plx_value *list = plx_v_arr(f->a);
    if (!changes || !by_rule || !list) {
        return plx_fail_nomem(err, 0);
    }
    size_t n =
        table && plx_table_find(table, "action") && plx_table_find(table, "rule") && plx_table_find(table, "reason")
            ? table->n_rows
            : 0;
    for (size_t i = 0; i < n && !f->failed; i++) {
        plx_value *entry = rule_entry(f, by_rule, table, i);
        int64_t count = 0;
        if (entry && plx_v_as_i64(plx_v_get(entry, "n"), &count)) {
            set(f, entry, "n", plx_v_i64(f->a, count + 1));
        }
        if (all) {
            push(f, list, one_change(f, table, i));
        }
    }
    set(f, changes, "total", plx_v_u64(f->a, n));
    set(f, changes, "by_rule", by_rule);
    if (all) {
        set(f, changes, "list", list);
    }
    set(f, f->root, "changes", changes);
    return true;
}

/* One way to open the record, with numpy alone. */
static plx_value *python(facts *f, const char *dir, const char *kind)
{
    const char *use = strcmp(kind, "connectome") == 0
                          ? "label = column(\"nodes/label\")\n"
                            "pre, post = column(\"edges/pre\"), column(\"edges/post\")\n"
                            "kind, weight = column(\"edges/kind\"), column(\"edges/weight\")  # kind: see edge_kinds\n"
                            "print(label[pre[0]], label[post[0]], weight[0])\n"
                      : strcmp(kind, "neuron_atlas") == 0
                          ? "name, transmitter = column(\"neurons/name\"), column(\"neurons/transmitter\")\n"
                            "print(name[0], transmitter[0])\n"
                      : strcmp(kind, "volume") == 0
                          ? "# arrays: docs/read_store.py, Record(record).volume(name)\n"
                            "print(list(zip(column(\"instances/label\"), column(\"instances/voxels\"))))\n"
                          : "print(sorted(p.relative_to(record) for p in record.rglob(\"*.npy\")))\n";
    plx_sb quoted = {0}; /* JSON's quoting is Python's too */
    plx_json_write_text(&quoted, plx_slice_of(dir));
    char *code = plx_arena_printf(f->a,
                                  "import pathlib, numpy as np\n"
                                  "record = pathlib.Path(%s)\n"
                                  "def column(name):\n"
                                  "    if (record / f\"{name}.npy\").exists():\n"
                                  "        return np.load(record / f\"{name}.npy\", mmap_mode=\"r\")\n"
                                  "    ends = np.load(record / f\"{name}.offsets.npy\")\n"
                                  "    text = np.load(record / f\"{name}.bytes.npy\").tobytes()\n"
                                  "    return np.array([text[a:b].decode() for a, b in zip(ends[:-1], ends[1:])])\n"
                                  "%s",
                                  plx_sb_str(&quoted), use);
    f->failed |= quoted.failed || !code;
    plx_sb_free(&quoted);
    return text(f, code);
}

/* Members with the doc of their kind, so that nobody has to guess what a column means. */
static void add_members(facts *f, const plx_value *meta, const plx_kind *kind)
{
    plx_value *members = copy(f, plx_v_get(meta, "members"));
    for (size_t i = 0; members && members->kind == PLX_V_ARR && i < members->u.arr.n; i++) {
        const char *path = plx_v_get_text(members->u.arr.items[i], "path");
        for (const plx_member_spec *spec = kind ? kind->members : NULL; path && spec && spec->path; spec++) {
            size_t len = strlen(spec->path);
            if (strncmp(path, spec->path, len) == 0 && path[len] == '.') {
                set(f, members->u.arr.items[i], "doc", text(f, spec->doc));
            }
        }
    }
    set(f, f->root, "members", members);
}

static bool add_record(facts *f, const plx_digest *digest, bool all_changes, bool by_digest, plx_err *err)
{
    plx_record *record = NULL;
    char hex[PLX_SHA256_HEX + 1];
    if (!plx_record_open(&f->cli->ctx, &f->cli->store, digest, &record, err)) {
        return plx_err_next(err, "plexus verify");
    }
    const plx_value *meta = plx_record_meta(record);
    const char *kind = plx_record_kind(record);
    plx_digest_hex(digest, hex);
    if (by_digest) {
        from_provenance(f, meta);
    }
    set(f, f->root, "kind", text(f, kind));
    set(f, f->root, "unit", copy(f, plx_v_get(meta, "unit")));
    set(f, f->root, "record", text(f, hex));
    set(f, f->root, "path", text(f, plx_record_dir(record)));
    set(f, f->root, "counts", copy(f, plx_v_get(meta, "counts")));
    set(f, f->root, "counts_all", copy(f, plx_v_get(meta, "counts_all")));
    set(f, f->root, "attributes", copy(f, plx_v_get(meta, "attributes")));
    add_members(f, meta, plx_kind_find(kind));
    set(f, f->root, "python", python(f, plx_record_dir(record), kind));
    bool ok = add_changes(f, record, all_changes, err);
    plx_record_close(record);
    return ok;
}

static const char *const record_keys[] = {"record",     "path",    "counts",  "counts_all",
                                          "attributes", "members", "changes", "python"};

static void no_record(facts *f, const char *why)
{
    for (size_t i = 0; i < sizeof record_keys / sizeof *record_keys; i++) {
        unknown(f, record_keys[i], why);
    }
}

bool plx_show_facts(plx_cli *cli, const plx_found_ref *found, bool all_changes, plx_value **out, plx_err *err)
{
    facts f = {.cli = cli, .a = cli->arena};
    f.root = plx_v_obj(f.a);
    f.reasons = plx_v_obj(f.a);
    if (!f.root || !f.reasons) {
        return plx_fail_nomem(err, 0);
    }
    *out = f.root;
    set(&f, f.root, "ref", text(&f, found->text));
    if (found->manifest) {
        from_manifest(&f, found->manifest);
        set(&f, f.root, "description", text(&f, found->manifest->description));
        if (found->manifest->expect) {
            set(&f, f.root, "expected", copy(&f, plx_v_get(found->manifest->expect, plx_mode_name(found->ref.mode))));
        }
    }
    if (found->content) {
        from_ref(&f, found->content);
    }
    set(&f, f.root, "in_store", plx_v_bool(f.a, found->content || found->by_digest));
    const plx_value *units = found->content ? plx_v_get(found->content, "units") : NULL;
    size_t n_units = units && units->kind == PLX_V_ARR ? units->u.arr.n : 0;
    bool ok = !found->content || !found->manifest || count_units(&f, found->content, found->manifest, err);
    if (!ok) {
        return false;
    }
    if (found->by_digest || (found->content && (n_units == 1 || found->ref.unit[0]))) {
        plx_digest digest;
        ok = plx_cli_record_of(cli, found, &digest, err) && add_record(&f, &digest, all_changes, found->by_digest, err);
    } else if (found->content) {
        set(&f, f.root, "units", copy(&f, units));
        no_record(&f, n_units ? "the data set has several records; name one with #UNIT"
                              : "only its files are in the store: nothing has read them yet");
    } else {
        no_record(&f, found->in_other_mode ? "the store holds it in the other mode only" : "it is not in the store");
    }
    set(&f, f.root, "reasons", f.reasons);
    return ok && (!f.failed || plx_fail_nomem(err, 0));
}

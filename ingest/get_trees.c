/* SPDX-License-Identifier: Apache-2.0
 *
 * Provenance, derivation and ref content as trees.
 */
#include "ingest/get_trees.h"

#include "formats/json.h"

static plx_value *hex_value(plx_arena *arena, const plx_digest *digest)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(digest, hex);
    return plx_v_str(arena, hex);
}

/* A missing text is "" in the files, so that readers need no special case. */
static plx_value *text_value(plx_arena *arena, const char *text)
{
    return plx_v_str(arena, text ? text : "");
}

static plx_value *ingester_value(plx_arena *a, const plx_ingester *ingester)
{
    plx_value *obj = plx_v_obj(a);
    bool ok = obj && plx_v_set(a, obj, "name", plx_v_str(a, ingester->name)) &&
              plx_v_set(a, obj, "version", plx_v_i64(a, ingester->version)) &&
              plx_v_set(a, obj, "reference", text_value(a, ingester->reference));
    return ok ? obj : NULL;
}

static plx_value *citations_value(plx_arena *a, const plx_manifest *m)
{
    plx_value *list = plx_v_arr(a);
    for (size_t i = 0; list && i < m->n_citations; i++) {
        plx_value *obj = plx_v_obj(a);
        bool ok = obj && plx_v_set(a, obj, "key", text_value(a, m->citation_keys[i])) &&
                  plx_v_set(a, obj, "bibtex", text_value(a, m->citations[i])) && plx_v_push(a, list, obj);
        list = ok ? list : NULL;
    }
    return list;
}

static plx_value *fetched_value(plx_arena *a, const plx_manifest_file *file, const plx_fetched *fetched,
                                bool with_trust)
{
    const plx_manifest_file *at = file->archive && !file->n_urls ? file->archive : file;
    plx_value *obj = plx_v_obj(a);
    bool ok = obj && plx_v_set(a, obj, "name", plx_v_str(a, file->name)) &&
              plx_v_set(a, obj, "url", text_value(a, at->n_urls ? at->urls[0] : NULL)) &&
              plx_v_set(a, obj, "sha256", hex_value(a, &fetched->sha256)) &&
              plx_v_set(a, obj, "bytes", plx_v_u64(a, fetched->bytes)) &&
              plx_v_set(a, obj, "commit", text_value(a, file->commit)) &&
              (!with_trust || plx_v_set(a, obj, "trust", plx_v_str(a, plx_trust_name(fetched->trust))));
    return ok ? obj : NULL;
}

/* An entry of the ref before; the same keys in the same order, or equal inputs would not give equal bytes. */
static plx_value *carried_value(plx_arena *a, const plx_value *entry, bool with_trust)
{
    static const char *const keys[] = {"name", "url", "sha256", "bytes", "commit", "trust"};
    plx_value *obj = plx_v_obj(a);
    for (size_t i = 0; obj && i < sizeof keys / sizeof keys[0]; i++) {
        const plx_value *from = plx_v_get(entry, keys[i]);
        int64_t n = 0;
        plx_value *value = plx_v_as_i64(from, &n) ? plx_v_u64(a, (uint64_t)n) : text_value(a, plx_v_text(from));
        bool wanted = with_trust || strcmp(keys[i], "trust") != 0;
        obj = !wanted || plx_v_set(a, obj, keys[i], value) ? obj : NULL;
    }
    return obj;
}

static plx_value *files_value(plx_arena *a, const plx_get_facts *f, bool with_trust)
{
    plx_value *list = plx_v_arr(a);
    size_t next = 0; /* the files of `manifest` are some of those of `whole`, in the same order */
    for (size_t i = 0; list && i < f->whole->n_files; i++) {
        const plx_manifest_file *file = &f->whole->files[i];
        plx_value *obj = NULL;
        if (next < f->manifest->n_files && strcmp(f->manifest->files[next].name, file->name) == 0) {
            obj = fetched_value(a, file, &f->files[next++], with_trust);
        } else if (f->carried && f->carried[i]) {
            obj = carried_value(a, f->carried[i], with_trust);
        } else {
            continue;
        }
        list = obj && plx_v_push(a, list, obj) ? list : NULL;
    }
    return list;
}

size_t plx_get_n_files(const plx_get_facts *facts)
{
    size_t n = facts->manifest->n_files;
    for (size_t i = 0; facts->carried && i < facts->whole->n_files; i++) {
        n += facts->carried[i] != NULL;
    }
    return n;
}

static plx_value *uses_value(plx_arena *a, const plx_get_facts *f)
{
    plx_value *list = plx_v_arr(a);
    for (size_t i = 0; list && i < f->manifest->n_uses; i++) {
        if (!f->uses[i].ref) {
            continue; /* not for this mode */
        }
        plx_value *obj = plx_v_obj(a);
        plx_value *records = plx_v_arr(a);
        bool ok = obj && records && plx_v_push(a, records, hex_value(a, &f->uses[i].record)) &&
                  plx_v_set(a, obj, "ref", plx_v_str(a, f->uses[i].ref)) && plx_v_set(a, obj, "records", records) &&
                  plx_v_push(a, list, obj);
        list = ok ? list : NULL;
    }
    return list;
}

bool plx_get_provenance(plx_arena *a, const plx_get_facts *f, plx_value **out, plx_err *err)
{
    const plx_manifest *m = f->manifest;
    plx_value *obj = plx_v_obj(a);
    bool ok = obj && plx_v_set(a, obj, "manifest", hex_value(a, &f->manifest_sha256)) &&
              plx_v_set(a, obj, "title", text_value(a, m->title)) &&
              plx_v_set(a, obj, "licence", text_value(a, m->licence)) &&
              plx_v_set(a, obj, "licence_note", text_value(a, m->licence_note)) &&
              plx_v_set(a, obj, "citations", citations_value(a, m)) &&
              plx_v_set(a, obj, "inputs", files_value(a, f, false)) && plx_v_set(a, obj, "uses", uses_value(a, f)) &&
              plx_v_set(a, obj, "ingester", ingester_value(a, f->ingester));
    *out = obj;
    return ok || plx_fail_nomem(err, 0);
}

bool plx_get_derivation(plx_arena *a, const plx_get_facts *f, char out[PLX_SHA256_HEX + 1], plx_err *err)
{
    plx_value *obj = plx_v_obj(a);
    bool ok = obj && plx_v_set(a, obj, "record_format", plx_v_i64(a, PLX_RECORD_FORMAT)) &&
              plx_v_set(a, obj, "manifest", hex_value(a, &f->manifest_sha256)) &&
              plx_v_set(a, obj, "mode", plx_v_str(a, plx_mode_name(f->mode))) &&
              plx_v_set(a, obj, "ingester", ingester_value(a, f->ingester)) &&
              plx_v_set(a, obj, "inputs", files_value(a, f, false)) && plx_v_set(a, obj, "uses", uses_value(a, f));
    plx_sb text = {0};
    ok = ok || plx_fail_nomem(err, 0);
    ok = ok && plx_json_write(obj, false, &text, err);
    if (ok && text.failed) {
        ok = plx_fail_nomem(err, text.len);
    }
    if (ok) {
        plx_digest digest = plx_sha256_of(text.ptr, text.len);
        plx_digest_hex(&digest, out);
    }
    plx_sb_free(&text);
    return ok;
}

bool plx_get_ref_content(plx_arena *a, const plx_get_facts *f, const char *derivation, const plx_get_unit *units,
                         size_t n_units, plx_value **out, plx_err *err)
{
    const plx_manifest *m = f->manifest;
    plx_value *list = plx_v_arr(a);
    for (size_t i = 0; list && i < n_units; i++) {
        plx_value *unit = plx_v_obj(a);
        bool ok = unit && plx_v_set(a, unit, "unit", plx_v_str(a, units[i].unit)) &&
                  plx_v_set(a, unit, "record", hex_value(a, &units[i].record)) && plx_v_push(a, list, unit);
        list = ok ? list : NULL;
    }
    plx_value *obj = plx_v_obj(a);
    char *dataset = plx_arena_printf(a, "%s/%s", m->family, m->name);
    bool ok = obj && dataset && plx_v_set(a, obj, "schema", plx_v_str(a, "ref/1")) &&
              plx_v_set(a, obj, "dataset", plx_v_str(a, dataset)) &&
              plx_v_set(a, obj, "version", text_value(a, m->version)) &&
              plx_v_set(a, obj, "mode", plx_v_str(a, plx_mode_name(f->mode))) &&
              plx_v_set(a, obj, "title", text_value(a, m->title)) &&
              plx_v_set(a, obj, "demo", plx_v_bool(a, m->demo)) && plx_v_set(a, obj, "kind", text_value(a, m->kind)) &&
              plx_v_set(a, obj, "homepage", text_value(a, m->homepage)) &&
              plx_v_set(a, obj, "licence", text_value(a, m->licence)) &&
              plx_v_set(a, obj, "licence_note", text_value(a, m->licence_note)) &&
              plx_v_set(a, obj, "citations", citations_value(a, m)) &&
              plx_v_set(a, obj, "manifest", hex_value(a, &f->manifest_sha256)) &&
              plx_v_set(a, obj, "ingester", ingester_value(a, f->ingester)) &&
              plx_v_set(a, obj, "derivation", plx_v_str(a, derivation)) &&
              plx_v_set(a, obj, "files", files_value(a, f, true)) && plx_v_set(a, obj, "uses", uses_value(a, f)) &&
              plx_v_set(a, obj, "units", list);
    *out = obj;
    return ok || plx_fail_nomem(err, 0);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Citations follow the manifests: of a stored data set the manifest it was made from, which lies in the store as a
 * blob, else the one the registry knows. What a data set uses is cited with it.
 */
#include "registry/cite.h"

#include "core/alloc.h"
#include "core/log.h"
#include "registry/blob.h"
#include "registry/refs.h"
#include "registry/resolve.h"

#include <stdlib.h>

enum { MANIFEST_BYTES = 1 << 20, USES_DEPTH = 16 };

typedef struct citer {
    const plx_ctx *ctx;
    plx_registry *registry;
    const plx_store *store;
    plx_bibliography *out;
} citer;

void plx_bibliography_free(plx_bibliography *bibliography)
{
    plx_arena_free(bibliography->arena);
    plx_free(bibliography->datasets);
    plx_free(bibliography->entries);
    *bibliography = (plx_bibliography){0};
}

/* The manifest a stored data set was made from. *out NULL when it is not stored. */
static bool stored_manifest(const citer *c, const plx_ref *ref, const plx_manifest **out, plx_err *err)
{
    plx_arena *arena = c->out->arena;
    const plx_value *content = NULL;
    *out = NULL;
    if (!c->store) {
        return true;
    }
    if (!plx_refs_read(c->ctx, c->store, ref, arena, &content, err)) {
        return false;
    }
    if (!content) {
        return true;
    }
    const char *hex = plx_v_get_text(content, "manifest");
    plx_digest digest;
    plx_source *source = NULL;
    plx_buf text = {0};
    if (!hex || !plx_digest_parse(hex, strlen(hex), &digest)) {
        return plx_fail(err, PLX_E_SCHEMA, "the ref of %s/%s names no manifest", ref->family, ref->name);
    }
    bool ok = plx_blob_open(c->ctx, c->store, &digest, "manifest", &source, err) &&
              plx_source_slurp(source, MANIFEST_BYTES, &text, err) &&
              plx_manifest_parse(c->ctx, arena, "stored manifest", (const char *)text.ptr, text.len, out, err);
    plx_source_close(source);
    plx_buf_free(&text);
    return ok || plx_note(err, "manifest of %s/%s in the store", ref->family, ref->name);
}

/* A reference may leave out family, version and mode; what the registry knows fills them in. */
static bool find_manifest(const citer *c, const plx_ref *asked, const plx_manifest **out, bool *present, plx_err *err)
{
    const plx_manifest *known = NULL;
    plx_err why;
    plx_err_clear(&why);
    plx_ref ref = *asked;
    ref.unit[0] = 0;
    if (plx_registry_find(c->registry, ref.family, ref.name, &known, &why)) {
        snprintf(ref.family, sizeof ref.family, "%s", known->family);
        if (!ref.version[0]) {
            snprintf(ref.version, sizeof ref.version, "%s", known->version);
        }
    } else if (c->store && why.code == PLX_E_NOTFOUND) { /* added from local files: only the store knows it */
        plx_ref stored;
        char near[PLX_REF_TEXT];
        bool found = false;
        if (!plx_resolve(c->store, &ref, &stored, &found, near, err)) {
            return false;
        }
        ref = found ? stored : ref;
    }
    *present = false;
    *out = NULL;
    for (int i = 0; ref.family[0] && ref.version[0] && i < (asked->has_mode ? 1 : 2) && !*out; i++) {
        ref.mode = asked->has_mode ? asked->mode : i == 0 ? PLX_STRICT : PLX_COMPAT;
        if (!stored_manifest(c, &ref, out, err)) {
            return false;
        }
    }
    *present = *out != NULL;
    if (*out) {
        return true;
    }
    if (known && strcmp(known->version, ref.version) == 0) {
        *out = known;
        return true;
    }
    if (known) {
        plx_fail(err, PLX_E_NOTFOUND, "version %s of %s/%s is neither in the store nor known", ref.version, ref.family,
                 ref.name);
        plx_err_why(err, "the registry knows version %s", known->version);
        return plx_err_next(err, "plexus cite %s/%s", ref.family, ref.name);
    }
    if (err) {
        *err = why;
    }
    return false;
}

static bool add_entries(const citer *c, const plx_cited *cited, plx_err *err)
{
    plx_bibliography *b = c->out;
    const plx_manifest *m = cited->manifest;
    for (size_t i = 0; i < m->n_citations; i++) {
        size_t at = 0;
        while (at < b->n_entries && strcmp(b->entries[at].key, m->citation_keys[i]) != 0) {
            at++;
        }
        if (at < b->n_entries) {
            if (strcmp(b->entries[at].bibtex, m->citations[i]) != 0) {
                plx_logf(c->ctx, PLX_LOG_WARN, "cite",
                         "%s and %s give different entries for the key %s; the first is printed", b->entries[at].ref,
                         cited->ref, b->entries[at].key);
            }
            continue;
        }
        if (!plx_grow(&b->entries, &b->entries_cap, b->n_entries + 1, sizeof *b->entries)) {
            return plx_fail_nomem(err, sizeof *b->entries);
        }
        b->entries[b->n_entries++] = (plx_cite_entry){m->citation_keys[i], m->citations[i], cited->ref};
    }
    return true;
}

static bool add_dataset(const citer *c, const plx_ref *ref, const char *used_by, unsigned depth, plx_err *err)
{
    plx_bibliography *b = c->out;
    plx_cited cited = {.used_by = used_by};
    if (ref->kind != PLX_REF_DATASET) {
        char text[PLX_REF_TEXT];
        plx_ref_print(ref, text);
        return plx_fail(err, PLX_E_ARG, "%s is not a data set: only data sets carry citations", text);
    }
    if (!find_manifest(c, ref, &cited.manifest, &cited.present, err)) {
        return used_by ? plx_note(err, "used by %s", used_by) : false;
    }
    cited.ref =
        plx_arena_printf(b->arena, "%s/%s@%s", cited.manifest->family, cited.manifest->name, cited.manifest->version);
    if (!cited.ref || !plx_grow(&b->datasets, &b->datasets_cap, b->n_datasets + 1, sizeof *b->datasets)) {
        return plx_fail_nomem(err, sizeof *b->datasets);
    }
    for (size_t i = 0; i < b->n_datasets; i++) {
        if (strcmp(b->datasets[i].ref, cited.ref) == 0) {
            b->datasets[i].used_by = used_by ? b->datasets[i].used_by : NULL;
            return true;
        }
    }
    if (depth > USES_DEPTH) {
        return plx_fail(err, PLX_E_SCHEMA, "the data sets %s uses go deeper than %d", used_by, USES_DEPTH);
    }
    b->datasets[b->n_datasets++] = cited;
    if (!add_entries(c, &cited, err)) {
        return false;
    }
    for (size_t i = 0; i < cited.manifest->n_uses; i++) {
        plx_ref used;
        if (!plx_ref_parse(cited.manifest->uses[i], &used, err) || !add_dataset(c, &used, cited.ref, depth + 1, err)) {
            return false;
        }
    }
    return true;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const plx_cite_entry *)a)->key, ((const plx_cite_entry *)b)->key);
}

bool plx_bibliography_make(const plx_ctx *ctx, plx_registry *registry, const plx_store *store, const plx_ref *refs,
                           size_t n, plx_bibliography *out, plx_err *err)
{
    *out = (plx_bibliography){.arena = plx_arena_new(0)};
    citer c = {.ctx = ctx, .registry = registry, .store = store, .out = out};
    bool ok = out->arena ? true : plx_fail_nomem(err, sizeof(void *));
    for (size_t i = 0; ok && i < n; i++) {
        ok = add_dataset(&c, &refs[i], NULL, 0, err);
    }
    if (!ok) {
        plx_bibliography_free(out);
        return false;
    }
    if (out->n_entries > 0) {
        qsort(out->entries, out->n_entries, sizeof *out->entries, by_key);
    }
    return true;
}

/* A text of several lines as BibTeX comments. */
static void print_comment(FILE *out, const char *label, const char *text)
{
    fprintf(out, "%%   %s: ", label);
    for (const char *p = text; *p; p++) {
        bool last = p[1] == '\0';
        if (*p != '\n') {
            fputc(*p, out);
        } else if (!last) {
            fputs("\n%     ", out);
        }
    }
    fputc('\n', out);
}

void plx_bibliography_print(const plx_bibliography *b, FILE *out)
{
    for (size_t i = 0; i < b->n_datasets; i++) {
        const plx_cited *d = &b->datasets[i];
        const plx_manifest *m = d->manifest;
        fprintf(out, "%% %s: %s\n", d->ref, m->title);
        if (d->used_by) {
            print_comment(out, "used by", d->used_by);
        }
        print_comment(out, "licence", m->licence);
        if (m->licence_note) {
            print_comment(out, "note", m->licence_note);
        }
        if (m->demo) {
            fputs("%   a demonstration set: not for results\n", out);
        }
        if (m->n_citations == 0) {
            fputs("%   its manifest names nothing to cite\n", out);
        }
    }
    for (size_t i = 0; i < b->n_entries; i++) {
        const char *text = b->entries[i].bibtex;
        size_t len = strlen(text);
        fprintf(out, "\n%s%s", text, len > 0 && text[len - 1] == '\n' ? "" : "\n");
    }
}

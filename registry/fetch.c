/* SPDX-License-Identifier: Apache-2.0
 *
 * Fetching: for each file the store itself, then local folders, then the manifest's addresses in their order. Whatever
 * the source, bytes enter the store only through plx_blob_put, which hashes them; a digest in the manifest, or the one
 * recorded on first use, decides whether they may. Only SHA-256 is computed here: a host's md5 is kept in the manifest
 * but proves nothing yet.
 */
#include "registry/fetch.h"

#include "core/alloc.h"
#include "core/log.h"
#include "core/progress.h"
#include "registry/local_files.h"
#include "registry/refs.h"
#include "registry/transports.h"

#include <stdarg.h>

const plx_transport *const plx_transports[] = {&plx_transport_builtin, &plx_transport_file, NULL};

static const uint64_t headroom = 16u << 20; /* left free on the disk for records and the catalog */

typedef struct fetcher {
    const plx_ctx *ctx;
    plx_store *store;
    const plx_manifest *manifest;
    const plx_fetch_opts *opts;
    plx_local_files *local; /* walked when first needed */
} fetcher;

/* One file on its way: what it must be, and where it was not. */
typedef struct wanted {
    const plx_manifest_file *file;
    bool known; /* sha256 is the manifest's or the pinned one */
    plx_digest sha256;
    bool pinned;
    plx_trust trust;
    plx_fetched *out;
    plx_sb looked; /* "; "-joined places */
    bool differs;  /* some source had it with other bytes */
    plx_err difference;
} wanted;

const char *plx_trust_name(plx_trust trust)
{
    switch (trust) {
    case PLX_LEVEL_SHA256:
        return "sha256";
    case PLX_LEVEL_MD5:
        return "md5";
    case PLX_LEVEL_CRC:
        return "crc";
    case PLX_LEVEL_FIRST_USE:
        return "first-use";
    }
    return "unknown";
}

const plx_transport *plx_transport_find(const char *url)
{
    size_t len = strcspn(url, ":");
    for (const plx_transport *const *t = plx_transports; url[len] && *t; t++) {
        if (strlen((*t)->scheme) == len && memcmp((*t)->scheme, url, len) == 0) {
            return *t;
        }
    }
    return NULL;
}

bool plx_fetched_open(const plx_ctx *ctx, const plx_store *store, const plx_fetched *fetched, plx_source **out,
                      plx_err *err)
{
    if (store) {
        return plx_blob_open(ctx, store, &fetched->sha256, fetched->name, out, err);
    }
    const plx_transport *transport = plx_transport_find(fetched->from);
    if (transport && !plx_fs_exists(fetched->from)) {
        return transport->open(ctx, fetched->from, out, err);
    }
    return plx_source_file(ctx, fetched->from, false, out, err);
}

static void looked_in(wanted *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void looked_in(wanted *w, const char *fmt, ...)
{
    char text[PLX_ERR_NOTE];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    plx_sb_printf(&w->looked, "%s%s", w->looked.len ? "; " : "", text);
}

/* Failures of one source that leave the next one a chance. All others concern the store, memory or the user. */
static bool try_next(plx_code code)
{
    return code == PLX_E_NOTFOUND || code == PLX_E_NET || code == PLX_E_DIGEST || code == PLX_E_TRUNCATED ||
           code == PLX_E_LIMIT || code == PLX_E_ARG;
}

static void remember_difference(wanted *w, const plx_err *from, const char *place)
{
    if (!w->differs) {
        w->differs = true;
        w->difference = *from;
        plx_note(&w->difference, "%s", place);
    }
}

/* The digest a file without one in the manifest had when it first came in, from the refs of this very version. */
static bool find_pin(const fetcher *f, wanted *w, plx_err *err)
{
    for (plx_mode mode = PLX_STRICT; mode <= PLX_COMPAT && !w->known; mode++) {
        plx_ref ref = {.kind = PLX_REF_DATASET, .has_mode = true, .mode = mode};
        snprintf(ref.family, sizeof ref.family, "%s", f->manifest->family);
        snprintf(ref.name, sizeof ref.name, "%s", f->manifest->name);
        snprintf(ref.version, sizeof ref.version, "%s", f->manifest->version);
        plx_arena *arena = plx_arena_new(0);
        const plx_value *content = NULL;
        plx_err why;
        plx_err_clear(&why);
        if (!arena || !plx_refs_read(f->ctx, f->store, &ref, arena, &content, &why)) {
            plx_arena_free(arena);
            if (!arena || why.code == PLX_E_NOMEM) {
                return plx_fail_nomem(err, 0);
            }
            continue; /* a damaged ref pins nothing; verify reports it */
        }
        const plx_value *files = content ? plx_v_get(content, "files") : NULL;
        for (size_t i = 0; files && files->kind == PLX_V_ARR && i < files->u.arr.n; i++) {
            const char *name = plx_v_get_text(files->u.arr.items[i], "name");
            const char *hex = plx_v_get_text(files->u.arr.items[i], "sha256");
            if (name && hex && strcmp(name, w->file->name) == 0 && plx_digest_parse(hex, strlen(hex), &w->sha256)) {
                w->known = w->pinned = true;
            }
        }
        plx_arena_free(arena);
    }
    return true;
}

/* Let one open source be the file: into the store, or (dry) only hashed. *taken false: look further. */
static bool take(const fetcher *f, wanted *w, plx_source *source, const char *from, bool *taken, plx_err *err)
{
    plx_err why;
    plx_err_clear(&why);
    const plx_digest *expect = w->known ? &w->sha256 : NULL;
    const uint64_t *bytes = w->file->has_bytes ? &w->file->bytes : NULL;
    bool ok = plx_blob_put(f->ctx, f->store, source, expect, bytes, &w->out->sha256, &w->out->bytes, &why);
    plx_source_close(source);
    if (!ok && try_next(why.code)) {
        looked_in(w, "%s: %s", from, why.what);
        if (why.code == PLX_E_DIGEST || why.code == PLX_E_TRUNCATED || why.code == PLX_E_LIMIT) {
            why.code = PLX_E_DIGEST;
            remember_difference(w, &why, from);
        }
        return true;
    }
    if (!ok) {
        if (err) {
            *err = why;
        }
        return plx_note(err, "%s", from);
    }
    snprintf(w->out->from, sizeof w->out->from, "%s", from);
    *taken = true;
    return true;
}

/* In a dry run the local copy stays where it is. */
static bool take_dry(wanted *w, const plx_digest *sha256, uint64_t bytes, const char *from, bool *taken)
{
    w->out->sha256 = *sha256;
    w->out->bytes = bytes;
    snprintf(w->out->from, sizeof w->out->from, "%s", from);
    *taken = true;
    return true;
}

static bool use_local(const fetcher *f, wanted *w, const plx_local_file *local, bool *taken, plx_err *err)
{
    if (f->opts->dry_run) {
        return take_dry(w, &local->sha256, local->bytes, local->path, taken);
    }
    plx_source *source = NULL;
    return plx_source_file(f->ctx, local->path, false, &source, err) && take(f, w, source, local->path, taken, err);
}

/* A file that cannot be read is no candidate. *ok tells whether it was hashed. */
static bool try_hash(const fetcher *f, wanted *w, plx_local_file *local, bool *ok, plx_err *err)
{
    plx_err why;
    plx_err_clear(&why);
    *ok = plx_local_file_hash(f->ctx, local, &why);
    if (!*ok && (why.code == PLX_E_NOMEM || why.code == PLX_E_CANCELLED)) {
        if (err) {
            *err = why;
        }
        return false;
    }
    if (!*ok) {
        looked_in(w, "%s: %s", local->path, why.what);
    }
    return true;
}

static bool named_alike(const plx_local_file *local, const plx_manifest_file *file)
{
    return strcmp(local->base, plx_path_base(file->name)) == 0;
}

/* By size and digest: files of the right name first, so that big strangers are hashed only when they must be. */
static bool search_by_digest(const fetcher *f, wanted *w, bool *taken, plx_err *err)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < plx_local_files_count(f->local) && !*taken; i++) {
            plx_local_file *local = plx_local_files_at(f->local, i);
            bool alike = named_alike(local, w->file);
            if (alike != (pass == 0)) {
                continue;
            }
            if (w->file->has_bytes && local->bytes != w->file->bytes) {
                if (alike) {
                    looked_in(w, "%s has %llu bytes, not %llu", local->path, (unsigned long long)local->bytes,
                              (unsigned long long)w->file->bytes);
                }
                continue;
            }
            bool hashed = false;
            if (!try_hash(f, w, local, &hashed, err)) {
                return false;
            }
            if (!hashed) {
                continue;
            }
            if (plx_digest_eq(&local->sha256, &w->sha256)) {
                if (!use_local(f, w, local, taken, err)) {
                    return false;
                }
            } else if (alike) {
                char got[PLX_SHA256_HEX + 1], want[PLX_SHA256_HEX + 1];
                plx_digest_hex(&local->sha256, got);
                plx_digest_hex(&w->sha256, want);
                plx_err why;
                plx_fail(&why, PLX_E_DIGEST, "%s is not the published %s", local->path, w->file->name);
                plx_err_why(&why, "sha256 is %s, %s says %s", got, w->pinned ? "the first fetch" : "the manifest",
                            want);
                looked_in(w, "%s: sha256 differs", local->path);
                remember_difference(w, &why, local->path);
            }
        }
    }
    return true;
}

/* With no digest known a name is all there is; two files of one name with different bytes would be a guess. */
static bool search_by_name(const fetcher *f, wanted *w, bool *taken, plx_err *err)
{
    plx_local_file *first = NULL;
    for (size_t i = 0; i < plx_local_files_count(f->local); i++) {
        plx_local_file *local = plx_local_files_at(f->local, i);
        if (!named_alike(local, w->file) || (w->file->has_bytes && local->bytes != w->file->bytes)) {
            continue;
        }
        bool hashed = false;
        if (!try_hash(f, w, local, &hashed, err)) {
            return false;
        }
        if (!hashed) {
            continue;
        }
        if (first && !plx_digest_eq(&first->sha256, &local->sha256)) {
            plx_fail(err, PLX_E_ARG, "%s was found twice with different content", w->file->name);
            plx_note(err, "%s", first->path);
            plx_note(err, "%s", local->path);
            return plx_err_why(
                err, "the manifest gives no digest that could decide between them; name one folder with --from");
        }
        first = first ? first : local;
    }
    return !first || use_local(f, w, first, taken, err);
}

static bool search_local(fetcher *f, wanted *w, bool *taken, plx_err *err)
{
    if (f->opts->n_from_dirs == 0) {
        return true;
    }
    if (!f->local && !plx_local_files_new(f->ctx, f->opts->from_dirs, f->opts->n_from_dirs, &f->local, err)) {
        return false;
    }
    if (!(w->known ? search_by_digest(f, w, taken, err) : search_by_name(f, w, taken, err))) {
        return false;
    }
    size_t n = plx_local_files_count(f->local);
    looked_in(w, "--from: none of %zu file%s fits", n, n == 1 ? "" : "s");
    return true;
}

/* A dry run reads the whole source, as a real one would, but keeps nothing. */
static bool hash_source(const fetcher *f, wanted *w, plx_source *source, const char *url, bool *taken, plx_err *err)
{
    plx_buf bytes = {0};
    bool ok = plx_source_slurp(source, f->ctx->limits.file_bytes, &bytes, err);
    plx_source_close(source);
    if (!ok) {
        return plx_note(err, "%s", url);
    }
    plx_digest sha256 = plx_sha256_of(bytes.ptr, bytes.len);
    uint64_t len = bytes.len;
    plx_buf_free(&bytes);
    if ((w->known && !plx_digest_eq(&sha256, &w->sha256)) || (w->file->has_bytes && len != w->file->bytes)) {
        plx_err why;
        plx_fail(&why, PLX_E_DIGEST, "%s is not the published %s", url, w->file->name);
        looked_in(w, "%s: other bytes", url);
        remember_difference(w, &why, url);
        return true;
    }
    return take_dry(w, &sha256, len, url, taken);
}

static bool search_urls(const fetcher *f, wanted *w, bool *taken, plx_err *err)
{
    for (size_t i = 0; i < w->file->n_urls && !*taken; i++) {
        const char *url = w->file->urls[i];
        const plx_transport *transport = plx_transport_find(url);
        if (!transport) {
            looked_in(w, "%s: this build has no network transport", url);
            continue;
        }
        if (transport->network && f->ctx->offline) {
            looked_in(w, "%s: not asked (offline)", url);
            continue;
        }
        plx_source *source = NULL;
        plx_err why;
        plx_err_clear(&why);
        if (!transport->open(f->ctx, url, &source, &why)) {
            if (!try_next(why.code)) {
                if (err) {
                    *err = why;
                }
                return false;
            }
            looked_in(w, "%s: %s", url, why.what);
            continue;
        }
        bool ok = f->opts->dry_run ? hash_source(f, w, source, url, taken, err) : take(f, w, source, url, taken, err);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool fetch_one(fetcher *f, wanted *w, bool *taken, plx_err *err)
{
    const plx_manifest_file *file = w->file;
    w->known = file->has_sha256;
    w->sha256 = file->sha256;
    w->out->name = file->name;
    if (f->store && !w->known && !find_pin(f, w, err)) {
        return false;
    }
    w->out->trust = file->has_sha256 ? PLX_LEVEL_SHA256 : PLX_LEVEL_FIRST_USE;
    if (f->store && w->known && plx_blob_has(f->store, &w->sha256, file->has_bytes ? &file->bytes : NULL)) {
        w->out->sha256 = w->sha256;
        w->out->was_present = true;
        *taken = true;
        char path[PLX_PATH];
        return plx_store_object_path(f->store, "blobs", &w->sha256, path, err) &&
               plx_fs_size(path, &w->out->bytes, err);
    }
    looked_in(w, "the store does not hold it");
    return search_local(f, w, taken, err) && (*taken || search_urls(f, w, taken, err));
}

/* What could not be had, where it was looked for, and how to give it. */
static bool fail_missing(const fetcher *f, wanted *w, plx_err *err)
{
    const plx_manifest *m = f->manifest;
    if (w->looked.failed) {
        return plx_fail_nomem(err, w->looked.len);
    }
    if (w->differs) {
        if (err) {
            *err = w->difference;
        }
        plx_note(err, "file %s of %s/%s", w->file->name, m->family, m->name);
    } else {
        plx_fail(err, PLX_E_NET, "file %s of %s/%s cannot be had", w->file->name, m->family, m->name);
        plx_err_why(err, "%s", plx_sb_str(&w->looked));
    }
    plx_err_kept(err, "the store is as it was; files already fetched for this data set are kept and used again");
    return plx_err_next(err, "plexus get %s/%s --from DIR", m->family, m->name);
}

/* Told before the first byte is written, not when the disk is full. */
static bool check_space(const fetcher *f, plx_err *err)
{
    uint64_t need = 0, have = 0;
    for (size_t i = 0; i < f->manifest->n_files; i++) {
        const plx_manifest_file *file = &f->manifest->files[i];
        bool here = file->has_sha256 && plx_blob_has(f->store, &file->sha256, NULL);
        if (file->has_bytes && !here && __builtin_add_overflow(need, file->bytes, &need)) {
            return plx_fail(err, PLX_E_LIMIT, "the files of %s/%s are too big to add up", f->manifest->family,
                            f->manifest->name);
        }
    }
    if (need == 0 || !plx_fs_free_bytes(f->store->root, &have, NULL) || have >= headroom + need) {
        return true;
    }
    plx_fail(err, PLX_E_NOSPACE, "no room for %s/%s in %s", f->manifest->family, f->manifest->name, f->store->root);
    plx_err_why(err, "%llu bytes are to come and %llu are left free for records, but only %llu are free",
                (unsigned long long)need, (unsigned long long)headroom, (unsigned long long)have);
    plx_err_kept(err, "the store is unchanged");
    return plx_err_next(err, "plexus gc");
}

bool plx_fetch(const plx_ctx *ctx, plx_store *store, const plx_manifest *manifest, const plx_fetch_opts *opts,
               plx_fetched *out, plx_err *err)
{
    fetcher f = {.ctx = ctx, .store = store, .manifest = manifest, .opts = opts};
    bool ok = !store || opts->dry_run || check_space(&f, err);
    size_t missing = 0;
    if (ok) {
        plx_progress_begin(ctx, "fetch", manifest->n_files, "files");
    }
    bool begun = ok;
    for (size_t i = 0; ok && i < manifest->n_files; i++) {
        memset(&out[i], 0, sizeof out[i]);
        wanted w = {.file = &manifest->files[i], .out = &out[i]};
        bool taken = false;
        plx_progress_note(ctx, w.file->name);
        ok = plx_ctx_go_on(ctx, err) && fetch_one(&f, &w, &taken, err);
        /* All files that are missing are named in one go; the first says where it was looked for. */
        if (ok && !taken && missing++ == 0) {
            fail_missing(&f, &w, err);
            ok = !w.looked.failed;
        } else if (ok && !taken) {
            plx_note(err, "also missing: %s", w.file->name);
        }
        if (ok && taken && !out[i].was_present) {
            plx_logf(ctx, PLX_LOG_DEBUG, "fetch", "%s from %s (%s)", out[i].name, out[i].from,
                     plx_trust_name(out[i].trust));
        }
        plx_sb_free(&w.looked);
        plx_progress_step(ctx, 1);
    }
    if (begun) {
        plx_progress_end(ctx);
    }
    plx_local_files_free(f.local);
    return ok && missing == 0;
}

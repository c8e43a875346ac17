/* SPDX-License-Identifier: Apache-2.0
 *
 * A manifest's file among those of the user's own folders: by size and digest whatever it is called, or by name where
 * no digest is known.
 */
#include "registry/fetch_job.h"

#include "core/alloc.h"
#include "core/md5.h"

#include <string.h>

enum { BLOCK = 256 * 1024 };

static bool use_local(const plx_fetch_job *f, plx_wanted *w, const plx_local_file *local, plx_err *err)
{
    if (f->opts->dry_run) {
        plx_fetch_take_dry(w, &local->sha256, local->bytes, local->path);
        return true;
    }
    plx_source *source = NULL;
    return plx_source_file(f->ctx, local->path, false, &source, err) && plx_fetch_take(f, w, source, local->path, err);
}

/* A file that cannot be read is no candidate. *ok tells whether it was hashed. */
static bool try_hash(const plx_fetch_job *f, plx_wanted *w, plx_local_file *local, bool *ok, plx_err *err)
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
        plx_wanted_looked(w, "%s: %s", local->path, why.what);
    }
    return true;
}

/* Where a host's MD5 is all that is known, a name alone is not enough. */
static bool md5_agrees(const plx_fetch_job *f, plx_wanted *w, const plx_local_file *local, bool *agrees, plx_err *err)
{
    plx_source *source = NULL;
    plx_md5 md5;
    char got[PLX_MD5_HEX + 1];
    uint8_t *block = plx_alloc(BLOCK);
    size_t n = 0;
    bool ok = block ? plx_source_file(f->ctx, local->path, false, &source, err) : plx_fail_nomem(err, BLOCK);
    plx_md5_init(&md5);
    while (ok) {
        ok = plx_ctx_go_on(f->ctx, err) && source->read(source, block, BLOCK, &n, err);
        if (!ok || n == 0) {
            break;
        }
        plx_md5_update(&md5, block, n);
    }
    plx_source_close(source);
    plx_free(block);
    plx_md5_final(&md5, got);
    *agrees = ok && strcmp(got, w->file->md5) == 0;
    if (ok && !*agrees) {
        plx_err why;
        plx_fail(&why, PLX_E_DIGEST, "%s is not the published %s", local->path, w->file->name);
        plx_err_why(&why, "md5 is %s, the manifest says %s", got, w->file->md5);
        plx_wanted_failed(w, local->path, &why);
    }
    return ok;
}

static bool named_alike(const plx_local_file *local, const plx_manifest_file *file)
{
    return strcmp(local->base, plx_path_base(file->name)) == 0;
}

/* By size and digest: files of the right name first, so that big strangers are hashed only when they must be. */
static bool search_by_digest(const plx_fetch_job *f, plx_wanted *w, plx_err *err)
{
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < plx_local_files_count(f->local) && !w->taken; i++) {
            plx_local_file *local = plx_local_files_at(f->local, i);
            bool alike = named_alike(local, w->file);
            if (alike != (pass == 0)) {
                continue;
            }
            if (w->file->has_bytes && local->bytes != w->file->bytes) {
                if (alike) {
                    plx_wanted_looked(w, "%s has %llu bytes, not %llu", local->path, (unsigned long long)local->bytes,
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
                if (!use_local(f, w, local, err)) {
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
                plx_wanted_failed(w, local->path, &why);
            }
        }
    }
    return true;
}

/* With no digest known a name is all there is; two files of one name with different bytes would be a guess. */
static bool search_by_name(const plx_fetch_job *f, plx_wanted *w, plx_err *err)
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
        bool fits = true;
        if (w->file->md5 && !md5_agrees(f, w, local, &fits, err)) {
            return false;
        }
        if (!fits) {
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
    return !first || use_local(f, w, first, err);
}

bool plx_fetch_local(plx_fetch_job *f, plx_wanted *w, plx_err *err)
{
    if (f->opts->n_from_dirs == 0) {
        return true;
    }
    if (!f->local && !plx_local_files_new(f->ctx, f->opts->from_dirs, f->opts->n_from_dirs, &f->local, err)) {
        return false;
    }
    if (!(w->known ? search_by_digest(f, w, err) : search_by_name(f, w, err))) {
        return false;
    }
    if (!w->taken && w->file->archive && !plx_fetch_local_member(f, w, err)) {
        return false;
    }
    size_t n = plx_local_files_count(f->local);
    plx_wanted_looked(w, "--from: none of %zu file%s fits", n, n == 1 ? "" : "s");
    return true;
}

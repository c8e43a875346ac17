/* SPDX-License-Identifier: Apache-2.0
 *
 * Fetching: for each file the store itself, then local folders (fetch_local.c), then addresses of this machine, then
 * all that is still missing over the network at once (fetch_net.c). Whatever the source, bytes are hashed on their way
 * into the store; a digest in the manifest, or the one recorded on first use, decides whether they may.
 */
#include "registry/fetch.h"

#include "core/log.h"
#include "core/pool.h"
#include "core/progress.h"
#include "registry/fetch_job.h"
#include "registry/md5_source.h"
#include "registry/refs.h"
#include "registry/transports.h"

#include <stdarg.h>

const plx_transport *const plx_transports[] = {&plx_transport_builtin, &plx_transport_file, &plx_transport_http,
                                               &plx_transport_https, NULL};

static const uint64_t headroom = 16u << 20; /* left free on the disk for records and the catalog */

const char *plx_trust_name(plx_trust trust)
{
    switch (trust) {
    case PLX_LEVEL_SHA256:
        return "sha256";
    case PLX_LEVEL_MD5:
        return "md5";
    case PLX_LEVEL_ETAG:
        return "etag";
    case PLX_LEVEL_SHA1:
        return "sha1";
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

void plx_wanted_looked(plx_wanted *w, const char *fmt, ...)
{
    char text[PLX_ERR_TEXT];
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

static int gravity(plx_code code)
{
    switch ((int)code) {
    case PLX_E_DIGEST:
        return 4;
    case PLX_E_POLICY:
        return 3;
    case PLX_E_LIMIT:
        return 2;
    case PLX_E_FORMAT:
    case PLX_E_TRUNCATED:
    case PLX_E_UNSUPPORTED:
        return 1;
    default:
        return 0;
    }
}

void plx_wanted_failed(plx_wanted *w, const char *place, const plx_err *why)
{
    plx_wanted_looked(w, "%s: %s%s%s%s", place, why->what, why->why[0] ? " (" : "", why->why, why->why[0] ? ")" : "");
    if (gravity(why->code) > 0 && (!w->has_reason || gravity(why->code) > gravity(w->reason.code))) {
        w->has_reason = true;
        w->reason = *why;
        plx_note(&w->reason, "%s", place);
    }
}

/* What was proven when it first came in: a digest of the host, or nothing. */
static plx_trust trust_of(const char *name)
{
    for (plx_trust trust = PLX_LEVEL_MD5; name && trust < PLX_LEVEL_FIRST_USE; trust++) {
        if (strcmp(name, plx_trust_name(trust)) == 0) {
            return trust;
        }
    }
    return PLX_LEVEL_FIRST_USE;
}

/* The digest a file without one in the manifest had when it first came in, from the refs of this very version. */
static bool find_pin(const plx_fetch_job *f, plx_wanted *w, plx_err *err)
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
            const char *trust = plx_v_get_text(files->u.arr.items[i], "trust");
            if (name && hex && strcmp(name, w->file->name) == 0 && plx_digest_parse(hex, strlen(hex), &w->sha256)) {
                w->known = w->pinned = true;
                w->trust = trust_of(trust);
            }
        }
        plx_arena_free(arena);
    }
    return true;
}

bool plx_fetch_take(const plx_fetch_job *job, plx_wanted *w, plx_source *source, const char *from, plx_err *err)
{
    plx_err why;
    plx_err_clear(&why);
    const plx_digest *expect = w->known ? &w->sha256 : NULL;
    const uint64_t *bytes = w->file->has_bytes ? &w->file->bytes : NULL;
    const char *md5 = w->known ? NULL : w->file->md5;
    bool ok = plx_source_with_md5(source, md5, &source, &why) &&
              plx_blob_put(job->ctx, job->store, source, expect, bytes, &w->out->sha256, &w->out->bytes, &why);
    plx_source_close(source);
    w->out->trust = ok && md5 ? PLX_LEVEL_MD5 : w->out->trust;
    if (!ok && try_next(why.code)) {
        if (why.code == PLX_E_TRUNCATED || why.code == PLX_E_LIMIT) {
            why.code = PLX_E_DIGEST;
        }
        plx_wanted_failed(w, from, &why);
        return true;
    }
    if (!ok) {
        if (err) {
            *err = why;
        }
        return plx_note(err, "%s", from);
    }
    snprintf(w->out->from, sizeof w->out->from, "%s", from);
    w->taken = true;
    return true;
}

void plx_fetch_take_dry(plx_wanted *w, const plx_digest *sha256, uint64_t bytes, const char *from)
{
    w->out->sha256 = *sha256;
    w->out->bytes = bytes;
    snprintf(w->out->from, sizeof w->out->from, "%s", from);
    w->taken = true;
}

/* A dry run reads the whole source, as a real one would, but keeps nothing. */
static bool hash_source(const plx_fetch_job *f, plx_wanted *w, plx_source *source, const char *url, plx_err *err)
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
        plx_wanted_failed(w, url, &why);
        return true;
    }
    plx_fetch_take_dry(w, &sha256, len, url);
    return true;
}

/* An address that needs no network. */
static bool ask_transport(const plx_fetch_job *f, plx_wanted *w, const plx_transport *transport, const char *url,
                          plx_err *err)
{
    plx_source *source = NULL;
    plx_err why;
    plx_err_clear(&why);
    if (transport->open(f->ctx, url, &source, &why)) {
        return f->opts->dry_run ? hash_source(f, w, source, url, err) : plx_fetch_take(f, w, source, url, err);
    }
    if (try_next(why.code)) {
        plx_wanted_looked(w, "%s: %s", url, why.what);
        return true;
    }
    if (err) {
        *err = why;
    }
    return false;
}

/* Copies of this machine first: what is near need not be asked for far away. */
static bool ask_near(plx_fetch_job *f, plx_wanted *w, plx_err *err)
{
    for (size_t i = 0; i < f->opts->n_mirrors; i++) {
        const char *base = f->opts->mirrors[i];
        const plx_transport *transport = plx_transport_find(base);
        for (int by_digest = w->known; transport && !transport->network && by_digest >= 0 && !w->taken; by_digest--) {
            const char *url = plx_fetch_mirror_url(f, w, base, by_digest);
            if (!url || !ask_transport(f, w, transport, url, err)) {
                return url != NULL ? false : plx_fail_nomem(err, 0);
            }
        }
    }
    for (size_t i = 0; i < w->file->n_urls && !w->taken; i++) {
        const plx_transport *transport = plx_transport_find(w->file->urls[i]);
        if (transport && !transport->network && !ask_transport(f, w, transport, w->file->urls[i], err)) {
            return false;
        }
    }
    return true;
}

/* All but the network. */
static bool look_near(plx_fetch_job *f, plx_wanted *w, plx_err *err)
{
    const plx_manifest_file *file = w->file;
    w->known = file->has_sha256;
    w->sha256 = file->sha256;
    w->trust = file->has_sha256 ? PLX_LEVEL_SHA256 : PLX_LEVEL_FIRST_USE;
    w->out->name = file->name;
    if (f->store && !w->known && !find_pin(f, w, err)) {
        return false;
    }
    w->out->trust = w->trust;
    if (f->store && w->known && plx_blob_has(f->store, &w->sha256, file->has_bytes ? &file->bytes : NULL)) {
        w->out->sha256 = w->sha256;
        w->out->was_present = true;
        w->taken = true;
        char path[PLX_PATH];
        return plx_store_object_path(f->store, "blobs", &w->sha256, path, err) &&
               plx_fs_size(path, &w->out->bytes, err);
    }
    plx_wanted_looked(w, "the store does not hold it");
    return plx_fetch_local(f, w, err) && (w->taken || ask_near(f, w, err));
}

/* What could not be had, where it was looked for, and how to give it. */
static bool fail_missing(const plx_fetch_job *f, plx_wanted *w, plx_err *err)
{
    const plx_manifest *m = f->manifest;
    if (w->looked.failed) {
        return plx_fail_nomem(err, w->looked.len);
    }
    if (w->has_reason) {
        if (err) {
            *err = w->reason;
        }
        plx_note(err, "file %s of %s/%s", w->file->name, m->family, m->name);
    } else {
        plx_fail(err, PLX_E_NET, "file %s of %s/%s cannot be had", w->file->name, m->family, m->name);
        plx_err_why(err, "%s%s%s", plx_sb_str(&w->looked), m->no_address && w->file->n_urls == 0 ? "; " : "",
                    m->no_address && w->file->n_urls == 0 ? m->no_address : "");
    }
    plx_err_kept(err, "the store is as it was; files already fetched for this data set are kept and used again");
    return plx_err_next(err, "plexus get %s/%s --from DIR", m->family, m->name);
}

/* Told before the first byte is written, not when the disk is full. */
static bool check_space(const plx_fetch_job *f, plx_err *err)
{
    uint64_t need = 0, have = 0;
    for (size_t i = 0; i < f->manifest->n_files; i++) {
        const plx_manifest_file *file = &f->manifest->files[i];
        bool here = file->has_sha256 && plx_blob_has(f->store, &file->sha256, NULL);
        uint64_t bytes = file->has_bytes ? file->bytes : file->bytes_about;
        if (!here && __builtin_add_overflow(need, bytes, &need)) {
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

/* The files that only the network can give, for the pool. */
typedef struct far {
    const plx_fetch_job *job;
    plx_wanted **list;
    size_t n;
} far;

static bool ask_far(void *payload, size_t i, plx_err *err)
{
    const far *f = payload;
    plx_progress_note(f->job->ctx, f->list[i]->file->name);
    return plx_fetch_network(f->job, f->list[i], err);
}

static bool one_came(void *payload, size_t i, bool ok, const plx_err *err_i, plx_err *err)
{
    (void)payload;
    (void)i;
    if (!ok) {
        *err = *err_i;
    }
    return ok;
}

static bool ask_network(plx_fetch_job *job, plx_wanted *wanted, plx_err *err)
{
    far f = {.job = job};
    uint64_t bytes = 0;
    bool exact = true;
    size_t missing = 0;
    for (size_t i = 0; i < job->manifest->n_files; i++) {
        missing += !wanted[i].taken;
    }
    if (missing == 0) {
        return true;
    }
    f.list = plx_arena_zero(job->arena, missing, sizeof(plx_wanted *));
    if (!f.list) {
        return plx_fail_nomem(err, missing * sizeof(plx_wanted *));
    }
    for (size_t i = 0; i < job->manifest->n_files; i++) {
        plx_wanted *w = &wanted[i];
        if (w->taken) {
            continue;
        }
        if (!plx_fetch_find_places(job, w, err)) {
            return false;
        }
        if (w->n_places > 0 || w->archive) {
            f.list[f.n++] = w;
            bytes += w->file->has_bytes ? w->file->bytes : w->file->bytes_about;
            exact &= w->file->has_bytes || w->file->has_bytes_about;
        }
    }
    if (f.n == 0) {
        return true;
    }
    plx_ctx ctx = *job->ctx; /* waiting for servers and disks takes no processor, so there may be more at a time */
    ctx.jobs = job->opts->jobs ? job->opts->jobs : ctx.jobs;
    plx_progress_begin(job->ctx, "downloading", exact ? bytes : 0, "B");
    bool ok = plx_pool_map(&ctx, f.n, ask_far, one_came, &f, err);
    plx_progress_end(job->ctx);
    return ok;
}

/* All files that are missing are named in one go; the first says where it was looked for. */
static bool report(const plx_fetch_job *job, plx_wanted *wanted, plx_err *err)
{
    bool whole = true;
    for (size_t i = 0; i < job->manifest->n_files; i++) {
        plx_wanted *w = &wanted[i];
        if (w->taken && !w->out->was_present) {
            plx_logf(job->ctx, PLX_LOG_DEBUG, "fetch", "%s from %s (%s)", w->out->name, w->out->from,
                     plx_trust_name(w->out->trust));
        } else if (!w->taken && whole) {
            whole = fail_missing(job, w, err);
        } else if (!w->taken) {
            plx_note(err, "also missing: %s", w->file->name);
        }
    }
    return whole;
}

static bool fetch_all(plx_fetch_job *job, plx_fetched *out, plx_err *err)
{
    size_t n = job->manifest->n_files;
    plx_wanted *wanted = plx_arena_zero(job->arena, n + 1, sizeof *wanted);
    bool ok = wanted != NULL || plx_fail_nomem(err, n * sizeof *wanted);
    plx_progress_begin(job->ctx, "fetch", n, "files");
    for (size_t i = 0; ok && i < n; i++) {
        memset(&out[i], 0, sizeof out[i]);
        wanted[i] = (plx_wanted){.file = &job->manifest->files[i], .out = &out[i]};
        plx_progress_note(job->ctx, wanted[i].file->name);
        ok = plx_ctx_go_on(job->ctx, err) && look_near(job, &wanted[i], err);
        plx_progress_step(job->ctx, 1);
    }
    plx_progress_end(job->ctx);
    ok = ok && ask_network(job, wanted, err) && report(job, wanted, err);
    for (size_t i = 0; wanted && i < n; i++) {
        plx_sb_free(&wanted[i].looked);
    }
    return ok;
}

bool plx_fetch(const plx_ctx *ctx, plx_store *store, const plx_manifest *manifest, const plx_fetch_opts *opts,
               plx_fetched *out, plx_err *err)
{
    static const plx_net_opts patience = {0};
    plx_fetch_job job = {.ctx = ctx, .store = store, .manifest = manifest, .opts = opts};
    if (store && !opts->dry_run && !check_space(&job, err)) {
        return false;
    }
    job.arena = plx_arena_new(0);
    bool asks = store && !opts->dry_run && !ctx->offline;
    job.net = asks && !opts->net ? plx_net_new(&patience) : asks ? opts->net : NULL;
    job.asking = (plx_asking){.ctx = ctx, .net = job.net, .arena = job.arena};
    job.archives = job.arena ? plx_arena_zero(job.arena, manifest->n_archives + 1, sizeof *job.archives) : NULL;
    bool ok = (job.archives && (!asks || job.net)) || plx_fail_nomem(err, 0);
    ok = ok && fetch_all(&job, out, err);
    if (job.net != opts->net) {
        plx_net_free(job.net);
    }
    plx_fetch_close_archives(&job);
    plx_local_files_free(job.local);
    plx_arena_free(job.arena);
    return ok;
}

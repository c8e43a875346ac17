/* SPDX-License-Identifier: Apache-2.0
 *
 * A manifest's file over the network. Whoever fetches a file holds a claim to it, so that others wait for it rather
 * than fetch it once more; the claim is a lock and only saves work.
 */
#include "registry/fetch_job.h"

#include "core/log.h"
#include "core/progress.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 200, MAX_STILL_MS = 60 * 1000 };

/* A claim to one file; `lock.fd` under 3: there is none. */
typedef struct claim {
    char path[PLX_PATH];
    plx_lock lock;
} claim;

/* What stands for the file: its digest, or else everything that says which file is meant. */
static bool key_of(const plx_wanted *w, char out[PLX_SHA256_HEX + 1], plx_err *err)
{
    plx_sb text = {0};
    char hex[PLX_SHA256_HEX + 1];
    if (w->known) {
        plx_digest_hex(&w->sha256, hex);
        plx_sb_printf(&text, "sha256 %s", hex);
    } else if (w->file->md5) {
        plx_sb_printf(&text, "md5 %s %llu", w->file->md5, (unsigned long long)w->file->bytes);
    } else {
        plx_sb_printf(&text, "file %s", w->file->name);
        if (w->archive) {
            plx_sb_printf(&text, "\n%s %s!%s", w->archive->place.url, w->archive->validator, w->file->member);
        }
        for (size_t i = 0; i < w->n_places; i++) {
            plx_sb_printf(&text, "\n%s", w->places[i].url);
        }
    }
    bool ok = !text.failed;
    plx_digest digest = plx_sha256_of(plx_sb_str(&text), text.len);
    plx_digest_hex(&digest, out);
    plx_sb_free(&text);
    return ok || plx_fail_nomem(err, 0);
}

/* Who finished the file wrote its digest into the claim. */
static bool read_claim(const claim *c, plx_digest *out)
{
    char text[PLX_SHA256_HEX + 1];
    return c->lock.fd >= 3 && pread(c->lock.fd, text, sizeof text, 0) == (ssize_t)sizeof text &&
           text[PLX_SHA256_HEX] == '\n' && plx_digest_parse(text, PLX_SHA256_HEX, out);
}

static void end_claim(claim *c, const plx_digest *done)
{
    char text[PLX_SHA256_HEX + 1];
    if (c->lock.fd < 3) {
        return;
    }
    if (done) {
        plx_digest_hex(done, text);
        text[PLX_SHA256_HEX] = '\n';
        if (pwrite(c->lock.fd, text, sizeof text, 0) < 0) {
            done = NULL; /* those who wait fetch it themselves */
        }
    }
    unlink(c->path);
    plx_lock_drop(&c->lock);
}

/* The file may have been removed and made again while we waited for the old one. */
static bool is_current(const claim *c)
{
    struct stat ours, there;
    return fstat(c->lock.fd, &ours) == 0 && stat(c->path, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

static bool there_already(const plx_fetch_job *job, plx_wanted *w, const plx_digest *sha256, plx_err *err)
{
    char path[PLX_PATH];
    if (!plx_blob_has(job->store, sha256, w->file->has_bytes ? &w->file->bytes : NULL)) {
        return true;
    }
    w->out->sha256 = *sha256;
    w->out->was_present = w->taken = true;
    return plx_store_object_path(job->store, "blobs", sha256, path, err) && plx_fs_size(path, &w->out->bytes, err);
}

/* Wait for whoever fetches the file already, as long as the part he writes grows or his claim is fresh. w->taken: he
 * has it. */
static bool make_claim(const plx_fetch_job *job, plx_wanted *w, const char *key, claim *c, plx_err *err)
{
    int64_t still_ms = 0;
    struct timespec last = {0};
    *c = (claim){0};
    if (!plx_store_claim_path(job->store, key, c->path, err)) {
        return false;
    }
    while (!w->taken) {
        plx_err why;
        plx_digest done;
        struct stat st;
        if (!plx_ctx_go_on(job->ctx, err)) {
            return false;
        }
        if (plx_lock_take(&c->lock, c->path, true, LOOK_MS, &why)) {
            bool told = read_claim(c, &done);
            if (told && !there_already(job, w, &done, err)) {
                plx_lock_drop(&c->lock);
                return false;
            }
            if (w->taken || is_current(c)) {
                break;
            }
            plx_lock_drop(&c->lock);
            continue;
        }
        if (why.code != PLX_E_BUSY) {
            return why.code != PLX_E_CANCELLED || plx_ctx_go_on(job->ctx, err); /* locks only save work */
        }
        if (stat(c->path, &st) == 0 && (st.st_mtim.tv_sec != last.tv_sec || st.st_mtim.tv_nsec != last.tv_nsec)) {
            last = st.st_mtim;
            still_ms = 0;
        }
        still_ms += LOOK_MS;
        if (still_ms > MAX_STILL_MS) {
            plx_logf(job->ctx, PLX_LOG_WARN, "fetch", "%s is fetched by another process too, which seems stuck",
                     w->file->name);
            return true;
        }
    }
    if (w->taken) {
        plx_lock_drop(&c->lock);
        return true;
    }
    if (w->known && !there_already(job, w, &w->sha256, err)) {
        end_claim(c, NULL);
        return false;
    }
    if (w->taken) {
        end_claim(c, NULL);
    }
    return true;
}

static void place_failed(void *payload, const plx_place *place, const plx_err *why)
{
    plx_wanted *w = payload;
    plx_wanted_failed(w, place->shown, why);
}

static bool publish(const plx_wanted *w, plx_arrival *arrival, plx_err *err)
{
    const plx_place *place = &w->places[arrival->place];
    plx_fetched *out = w->out;
    out->sha256 = arrival->sha256;
    out->bytes = arrival->part.bytes;
    if (!w->pinned && !w->file->has_sha256) {
        out->trust = arrival->by_sha256     ? PLX_LEVEL_SHA256
                     : arrival->by_md5      ? PLX_LEVEL_MD5
                     : arrival->by_etag     ? PLX_LEVEL_ETAG
                     : arrival->by_git_sha1 ? PLX_LEVEL_SHA1
                                            : PLX_LEVEL_FIRST_USE;
    }
    snprintf(out->from, sizeof out->from, "%s", place->shown);
    return plx_part_publish(&arrival->part, &arrival->sha256, err) || plx_note(err, "%s", place->shown);
}

bool plx_fetch_network(const plx_fetch_job *job, plx_wanted *w, plx_err *err)
{
    char key[PLX_SHA256_HEX + 1];
    claim c;
    if (!key_of(w, key, err) || !make_claim(job, w, key, &c, err)) {
        return false;
    }
    if (w->taken) {
        return true;
    }
    plx_wish wish = {.name = w->file->name,
                     .media = w->file->media,
                     .key = key,
                     .places = w->places,
                     .n_places = w->n_places,
                     .sha256 = w->known ? &w->sha256 : NULL,
                     .md5 = w->file->md5,
                     .git_sha1 = w->file->git_sha1,
                     .bytes = w->file->has_bytes ? &w->file->bytes : NULL,
                     .item = plx_progress_item_begin(job->ctx, w->file->name, w->file->bytes),
                     .bytes_about = w->file->bytes_about,
                     .failed = place_failed,
                     .payload = w};
    plx_arrival arrival;
    bool arrived = false;
    bool ok = w->n_places == 0 || plx_download(job->ctx, job->store, job->net, &wish, &arrival, &arrived, err);
    if (ok && arrived) {
        ok = publish(w, &arrival, err);
        w->taken = ok;
    }
    if (ok && !w->taken && w->archive) {
        ok = plx_fetch_remote_member(job, w, key, err);
    }
    plx_progress_item_end(job->ctx, wish.item);
    end_claim(&c, w->taken ? &w->out->sha256 : NULL);
    return ok;
}

static void add_place(plx_place *list, size_t *n, const char *url)
{
    list[(*n)++] = (plx_place){.url = url, .shown = url};
}

/* What a host says of its file; a host that cannot be asked is passed over. */
static bool add_host(plx_fetch_job *job, plx_wanted *w, plx_place *list, size_t *n, const char *address, plx_err *err)
{
    plx_err why;
    plx_err_clear(&why);
    if (plx_host_resolve(&job->asking, address, w->known, &list[*n], &why)) {
        (*n)++;
        return true;
    }
    if (why.code == PLX_E_NOMEM || why.code == PLX_E_CANCELLED || why.code == PLX_E_BUG) {
        if (err) {
            *err = why;
        }
        return false;
    }
    plx_wanted_failed(w, address, &why);
    return true;
}

const char *plx_fetch_mirror_url(const plx_fetch_job *job, const plx_wanted *w, const char *base, bool by_digest)
{
    const plx_manifest *m = job->manifest;
    int len = (int)strlen(base);
    len -= len > 0 && base[len - 1] == '/';
    if (by_digest) {
        char hex[PLX_SHA256_HEX + 1];
        plx_digest_hex(&w->sha256, hex);
        return plx_arena_printf(job->arena, "%.*s/blobs/sha256/%.2s/%s", len, base, hex, hex + 2);
    }
    return plx_arena_printf(job->arena, "%.*s/%s/%s/%s", len, base, m->family, m->name, w->file->name);
}

/* Mirrors first: who names one wants it asked. */
static bool add_mirrors(const plx_fetch_job *job, const plx_wanted *w, plx_place *list, size_t *n, plx_err *err)
{
    for (size_t i = 0; i < job->opts->n_mirrors; i++) {
        const char *base = job->opts->mirrors[i];
        const plx_transport *transport = plx_transport_find(base);
        for (int by_digest = w->known; transport && transport->network && by_digest >= 0; by_digest--) {
            const char *url = plx_fetch_mirror_url(job, w, base, by_digest);
            if (!url) {
                return plx_fail_nomem(err, 0);
            }
            add_place(list, n, url);
        }
    }
    return true;
}

bool plx_fetch_find_places(plx_fetch_job *job, plx_wanted *w, plx_err *err)
{
    const plx_manifest_file *file = w->file;
    size_t n = 0;
    plx_place *list = plx_arena_zero(job->arena, file->n_urls + 2 * job->opts->n_mirrors + 1, sizeof *list);
    if (!list) {
        return plx_fail_nomem(err, 0);
    }
    if (job->net && !add_mirrors(job, w, list, &n, err)) {
        return false;
    }
    for (size_t i = 0; i < file->n_urls; i++) {
        const char *url = file->urls[i];
        const plx_transport *transport = plx_transport_find(url);
        bool host = !transport && plx_host_find(url);
        if (!transport && !host) {
            plx_wanted_looked(w, "%s: no such kind of address is known", url);
        } else if ((host || transport->network) && !job->net) {
            plx_wanted_looked(w, "%s: not asked (%s)", url, job->ctx->offline ? "offline" : "dry run");
        } else if (host) {
            if (!add_host(job, w, list, &n, url, err)) {
                return false;
            }
        } else if (transport->network) {
            add_place(list, &n, url);
        }
    }
    w->places = list;
    w->n_places = n;
    return !file->archive || plx_fetch_find_archive(job, w, err);
}

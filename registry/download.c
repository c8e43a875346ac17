/* SPDX-License-Identifier: Apache-2.0
 *
 * Which address is asked next, when, and whether what came in is the file. One exchange with one address is in
 * download_try.c.
 *
 * An address that fails in a way that may pass is asked again after a pause, which doubles each time; meanwhile the
 * others have their turn. A MiB of progress gives it all its tries back.
 */
#include "registry/download.h"

#include "core/alloc.h"
#include "core/fs.h"
#include "core/progress.h"
#include "registry/download_try.h"
#include "registry/rare_digests.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_WAIT_MS = 30 * 1000, MAX_RETRY_AFTER_S = 120, NAP_MS = 50 };

/* One address during the download. */
typedef struct turn {
    unsigned failures; /* in a row, without progress */
    int64_t due_ms;
    bool given_up;
    bool from_scratch; /* its bytes were wrong once, though they may have been somebody else's */
} turn;

typedef struct download {
    const plx_ctx *ctx;
    const plx_net_opts *opts;
    const plx_wish *wish;
    plx_part *part;
    turn *turns;
    plx_http *http;
    int64_t start_ms;
} download;

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* With some chance in it, so that a crowd which was turned away together does not come back together. */
static int64_t pause_ms(const download *d, unsigned failures)
{
    uint64_t wait = d->opts->wait_ms, random = 0;
    for (unsigned i = 1; i < failures && wait < MAX_WAIT_MS; i++) {
        wait *= 2;
    }
    wait = wait < MAX_WAIT_MS ? wait : MAX_WAIT_MS;
    if (!plx_fs_random(&random, NULL)) {
        random = 0;
    }
    return (int64_t)(wait / 2 + random % (wait / 2 + 1));
}

static bool sleep_until(const download *d, int64_t due_ms, plx_err *err)
{
    for (int64_t left = due_ms - now_ms(); left > 0; left = due_ms - now_ms()) {
        struct timespec nap = {0, (left < NAP_MS ? left : NAP_MS) * 1000000};
        if (!plx_ctx_go_on(d->ctx, err)) {
            return false;
        }
        nanosleep(&nap, NULL);
    }
    return plx_ctx_go_on(d->ctx, err);
}

static void give_up(download *d, size_t i, const plx_err *why)
{
    d->turns[i].given_up = true;
    if (d->wish->failed) {
        d->wish->failed(d->wish->payload, &d->wish->places[i], why);
    }
}

/* The address whose turn comes first; n_places when all are given up. */
static size_t next_place(const download *d)
{
    size_t best = d->wish->n_places;
    for (size_t i = 0; i < d->wish->n_places; i++) {
        if (!d->turns[i].given_up && (best == d->wish->n_places || d->turns[i].due_ms < d->turns[best].due_ms)) {
            best = i;
        }
    }
    return best;
}

/* What no other address would mend. */
static bool is_ours(plx_code code)
{
    return code == PLX_E_CANCELLED || code == PLX_E_NOMEM || code == PLX_E_NOSPACE || code == PLX_E_IO ||
           code == PLX_E_BUG;
}

static void handle_failure(download *d, size_t i, const plx_try *t, uint64_t had, plx_err *why)
{
    turn *turn_i = &d->turns[i];
    bool progress = d->part->bytes >= had + PLX_PART_MARK;
    turn_i->failures = progress ? 1 : turn_i->failures + 1;
    int wait_s = t->reply.retry_after_s;
    if (t->reply.permanent || turn_i->failures >= d->opts->tries) {
        if (!t->reply.permanent && d->opts->tries > 1) {
            plx_note(why, "%u tries", turn_i->failures);
        }
        give_up(d, i, why);
    } else if (wait_s > MAX_RETRY_AFTER_S) {
        plx_err_why(why, "it asks to wait for %d s", wait_s);
        give_up(d, i, why);
    } else {
        turn_i->due_ms = now_ms() + (wait_s >= 0 ? (int64_t)wait_s * 1000 : pause_ms(d, turn_i->failures));
    }
}

/* Where no better digest is known: those of few hosts. *good false with *why set. */
static bool check_rare(const download *d, size_t i, const plx_try *t, plx_arrival *out, bool *good, plx_err *why,
                       plx_err *err)
{
    const plx_place *place = &d->wish->places[i];
    const char *etag = d->wish->ranged ? NULL : place->dandi_etag;
    const char *git = d->wish->git_sha1 ? d->wish->git_sha1 : t->git_sha1[0] ? t->git_sha1 : place->git_sha1;
    char got[PLX_GIT_SHA1_HEX + 1], got_etag[PLX_ETAG_TEXT];
    *good = true;
    git = d->wish->ranged ? NULL : git;
    if (etag && !d->wish->git_sha1) {
        if (!plx_dandi_etag(d->ctx, d->part->fd, d->part->bytes, got_etag, err)) {
            return false;
        }
        *good = out->by_etag = strcmp(etag, got_etag) == 0;
        plx_fail(why, PLX_E_DIGEST, "%s is not the published file: its ETag differs", d->wish->name);
        plx_err_why(why, "expected %s, got %s (%llu bytes)", etag, got_etag, (unsigned long long)d->part->bytes);
    } else if (git) {
        if (!plx_git_sha1(d->ctx, d->part->fd, d->part->bytes, got, err)) {
            return false;
        }
        *good = out->by_git_sha1 = strcmp(git, got) == 0;
        plx_fail(why, PLX_E_DIGEST, "%s is not the published file: git's SHA-1 of it differs", d->wish->name);
        plx_err_why(why, "expected %s, got %s (%llu bytes)", git, got, (unsigned long long)d->part->bytes);
    }
    return true;
}

/* Is the whole file what it must be? *good false: no, and the part is empty again. */
static bool check(download *d, size_t i, const plx_try *t, plx_arrival *out, bool *good, plx_err *err)
{
    const plx_wish *w = d->wish;
    const plx_place *place = &w->places[i];
    char got_md5[PLX_MD5_HEX + 1], got[PLX_SHA256_HEX + 1], want_hex[PLX_SHA256_HEX + 1] = "";
    if (w->sha256) {
        plx_digest_hex(w->sha256, want_hex);
    }
    const char *md5 = w->md5 ? w->md5 : place->md5;
    const char *sha256 = w->sha256 ? want_hex : place->sha256 ? place->sha256 : t->announced;
    sha256 = *sha256 && (w->sha256 || !w->ranged) ? sha256 : NULL;
    md5 = w->ranged && !w->md5 ? NULL : md5;
    out->sha256 = plx_part_digest(d->part, got_md5);
    plx_digest_hex(&out->sha256, got);
    *good = (!sha256 || strcmp(sha256, got) == 0) && (sha256 || !md5 || strcmp(md5, got_md5) == 0);
    out->by_sha256 = sha256 != NULL;
    out->by_md5 = !sha256 && md5;
    plx_err why;
    plx_fail(&why, PLX_E_DIGEST, "%s is not the published file: its %s differs", w->name, sha256 ? "SHA-256" : "MD5");
    if (sha256 || md5) {
        plx_err_why(&why, "expected %s, got %s (%llu bytes)", sha256 ? sha256 : md5, sha256 ? got : got_md5,
                    (unsigned long long)d->part->bytes);
    } else if (!check_rare(d, i, t, out, good, &why, err)) {
        return false;
    }
    if (*good) {
        return true;
    }
    if (d->part->mixed && !d->turns[i].from_scratch) {
        d->turns[i].from_scratch = true; /* pieces of several origins: once more, all from here */
    } else {
        give_up(d, i, &why);
    }
    return plx_part_restart(d->part, err);
}

static bool out_of_time(const download *d)
{
    return d->opts->total_s > 0 && (double)(now_ms() - d->start_ms) >= d->opts->total_s * 1000;
}

static bool run(download *d, plx_arrival *out, bool *arrived, plx_err *err)
{
    const plx_wish *w = d->wish;
    for (size_t i = next_place(d); i < w->n_places; i = next_place(d)) {
        plx_try t = {.ctx = d->ctx, .wish = w, .place = &w->places[i], .part = d->part, .opts = d->opts};
        plx_err why;
        plx_err_clear(&why);
        if (!sleep_until(d, d->turns[i].due_ms, err)) {
            return false;
        }
        if (out_of_time(d)) {
            plx_fail(&why, PLX_E_LIMIT, "the time for this file was up after %.1f s", d->opts->total_s);
            give_up(d, i, &why);
            continue;
        }
        t.left_s = d->opts->total_s > 0 ? d->opts->total_s - (double)(now_ms() - d->start_ms) / 1000 : 0;
        uint64_t had = d->part->bytes;
        if (!plx_try_place(&t, d->http, &why)) {
            if (is_ours(why.code)) {
                if (err) {
                    *err = why;
                }
                return plx_note(err, "%s", w->places[i].shown);
            }
            handle_failure(d, i, &t, had, &why);
            continue;
        }
        if (!check(d, i, &t, out, arrived, err)) {
            return false;
        }
        if (*arrived) {
            out->place = i;
            return true;
        }
    }
    return true;
}

bool plx_download(const plx_ctx *ctx, const plx_store *store, plx_net *net, const plx_wish *wish, plx_arrival *out,
                  bool *arrived, plx_err *err)
{
    *out = (plx_arrival){0};
    *arrived = false;
    bool with_md5 = !wish->sha256 && wish->md5;
    for (size_t i = 0; !wish->sha256 && i < wish->n_places; i++) {
        with_md5 |= wish->places[i].md5 != NULL;
    }
    download d = {.ctx = ctx, .opts = plx_net_options(net), .wish = wish, .part = &out->part, .start_ms = now_ms()};
    d.turns = plx_alloc_zero(wish->n_places ? wish->n_places : 1, sizeof *d.turns);
    if (!d.turns) {
        return plx_fail_nomem(err, wish->n_places * sizeof *d.turns);
    }
    bool ok = plx_net_take(net, &d.http, err);
    if (ok) {
        bool small = wish->bytes && *wish->bytes < PLX_PART_SMALL;
        ok = plx_part_open(ctx, store, wish->key, with_md5, small, &out->part, err);
        out->resumed = ok ? out->part.resumed : 0;
        plx_progress_item_step(ctx, wish->item, out->resumed);
        if (ok) {
            ok = run(&d, out, arrived, err);
            if (!*arrived) {
                plx_part_leave(&out->part);
            }
        }
        plx_net_give(net, d.http);
    }
    plx_free(d.turns);
    return ok;
}

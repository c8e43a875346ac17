/* SPDX-License-Identifier: Apache-2.0
 *
 * A server's answer is believed as little as can be: a range must be the one that was asked for and of the same file,
 * sizes must agree with what is known, nothing is decoded, and a page for people is not data.
 */
#include "registry/download_try.h"

#include "core/num.h"
#include "core/progress.h"
#include "registry/http_headers.h"

#include <strings.h>

static const uint64_t headroom = 16u << 20; /* left free on the disk for records and the catalog */

static bool lasting(plx_try *t)
{
    t->reply.permanent = true;
    return false;
}

bool plx_try_fail_status(plx_http_reply *reply, plx_err *err)
{
    int s = reply->status;
    bool busy = s == 408 || s == 425 || s == 429 || s >= 500 || (s == 403 && reply->retry_after_s >= 0);
    reply->permanent = !busy;
    const char *what = s == 200 || s == 206   ? "the server does not give parts of files as they are asked for"
                       : s == 404 || s == 410 ? "the server has no such file"
                       : s == 401 || s == 403 ? "the server does not give it out"
                       : s == 429             ? "the server is asked too often"
                       : s == 416             ? "the server has no such range"
                       : s >= 500             ? "the server has trouble of its own"
                                              : "the server gave an answer of no use";
    plx_fail(err, PLX_E_NET, "%s (status %d)", what, s);
    return false;
}

/* The validator to ask for the same state again: a strong ETag, else the date. */
static const char *validator_of(const plx_http_reply *reply)
{
    return reply->etag[0] == '"' ? reply->etag : reply->modified;
}

static bool is_known(const plx_wish *w)
{
    return w->sha256 || w->md5;
}

/* What a file of unknown size may have: more than others only if about as much was published. */
static uint64_t size_limit(const plx_try *t)
{
    uint64_t limit = plx_limits_of(t->ctx).file_bytes, about = t->wish->bytes_about;
    uint64_t slack = about / 4;
    about = about > UINT64_MAX - slack ? UINT64_MAX : about + slack;
    return about > limit ? about : limit;
}

static bool check_size(plx_try *t, plx_err *err)
{
    const plx_wish *w = t->wish;
    const uint64_t *known = w->bytes ? w->bytes : t->place->has_bytes ? &t->place->bytes : NULL;
    if (known && t->has_size && *known != t->size) {
        plx_fail(err, PLX_E_DIGEST, "%s has the wrong size there", w->name);
        plx_err_why(err, "expected %llu bytes, the server has %llu", (unsigned long long)*known,
                    (unsigned long long)t->size);
        return lasting(t);
    }
    if (known) {
        t->has_size = true;
        t->size = *known;
    }
    if (t->has_size) {
        plx_progress_item_total(w->item, t->size);
    }
    uint64_t limit = size_limit(t), have = 0;
    if (!known && t->has_size && t->size > limit) {
        plx_fail(err, PLX_E_LIMIT, "%s is larger than a file of unknown size may be", w->name);
        plx_err_why(err, "the server has %llu bytes, the limit is %llu", (unsigned long long)t->size,
                    (unsigned long long)limit);
        return lasting(t);
    }
    uint64_t left = t->has_size && t->size > t->part->bytes ? t->size - t->part->bytes : 0;
    if (left > 0 && plx_fs_free_bytes(t->part->store->root, &have, NULL) && have < left + headroom) {
        plx_fail(err, PLX_E_NOSPACE, "no room for %s in %s", w->name, t->part->store->root);
        plx_err_why(err, "%llu bytes are to come and %llu are left free for records, but only %llu are free",
                    (unsigned long long)left, (unsigned long long)headroom, (unsigned long long)have);
        return plx_err_next(err, "plexus gc");
    }
    return true;
}

/* The digests a host announces are compared before the bytes are fetched, not after. */
static bool check_announced(plx_try *t, const plx_http_reply *reply, plx_err *err)
{
    const plx_wish *w = t->wish;
    char want[PLX_SHA256_HEX + 1];
    memcpy(t->announced, reply->sha256, sizeof t->announced);
    memcpy(t->git_sha1, reply->git_sha1, sizeof t->git_sha1);
    if (t->place->etag_is_git && !t->git_sha1[0]) {
        plx_http_etag_git_sha1((plx_slice){reply->etag, strlen(reply->etag)}, t->git_sha1);
    }
    if (w->sha256 && reply->sha256[0]) {
        plx_digest_hex(w->sha256, want);
        if (strcmp(want, reply->sha256) != 0) {
            plx_fail(err, PLX_E_DIGEST, "%s is another file there: the server announces another SHA-256", w->name);
            plx_err_why(err, "expected %s, announced is %s", want, reply->sha256);
            return lasting(t);
        }
    }
    if (!w->sha256 && w->md5 && reply->md5[0] && strcmp(w->md5, reply->md5) != 0) {
        plx_fail(err, PLX_E_DIGEST, "%s is another file there: the server announces another MD5", w->name);
        plx_err_why(err, "expected %s, announced is %s", w->md5, reply->md5);
        return lasting(t);
    }
    return true;
}

static bool check_kind(plx_try *t, const plx_http_reply *reply, plx_err *err)
{
    const plx_wish *w = t->wish;
    if (reply->encoding[0] && strcasecmp(reply->encoding, "identity") != 0 && !is_known(w)) {
        plx_fail(err, PLX_E_UNSUPPORTED, "the server packs what it sends (%s), though that was not asked for",
                 reply->encoding);
        plx_err_why(err, "nothing is unpacked on the way, and no digest is known that could tell whether it is meant");
        return lasting(t);
    }
    bool page = strncasecmp(reply->type, "text/html", 9) == 0 || strncasecmp(reply->type, "application/xhtml", 17) == 0;
    if (page && !is_known(w) && !plx_sniff_page_is_wanted(w->media, w->name)) {
        plx_fail(err, PLX_E_NET, "the server answers with a web page in the place of data");
        plx_err_why(err, "its media type is %.80s; it may want a login, or the file was moved", reply->type);
        return lasting(t);
    }
    return true;
}

static bool begin_again(plx_try *t, plx_err *err)
{
    t->n_head = 0;
    t->judged = false;
    return t->part->bytes == 0 || plx_part_restart(t->part, err);
}

static bool take_whole(plx_try *t, const plx_http_reply *reply, plx_err *err)
{
    if (t->wish->ranged) {
        plx_fail(err, PLX_E_NET, "the server sends the whole file in the place of a part, or the file has changed");
        return lasting(t);
    }
    t->has_size = reply->has_length;
    t->size = reply->length;
    return begin_again(t, err); /* ranges are not done there, or it is another file by now */
}

static bool take_range(plx_try *t, const plx_http_reply *reply, plx_err *err)
{
    const plx_wish *w = t->wish;
    uint64_t from = t->place->from + t->part->bytes;
    if (!reply->has_range || reply->first != from ||
        (w->ranged && reply->last >= t->place->from + (w->bytes ? *w->bytes : 0))) {
        plx_fail(err, PLX_E_NET, "the server sends another range than the one asked for");
        return lasting(t);
    }
    const char *now = validator_of(reply);
    const char *then = t->place->validator ? t->place->validator : t->part->bytes ? t->part->validator : "";
    if (now[0] && then[0] && now[0] == then[0] && strcmp(now, then) != 0 &&
        (t->place->validator || plx_part_is_from(t->part, t->place->url))) {
        plx_fail(err, PLX_E_NET, "the file there has changed meanwhile");
        plx_part_restart(t->part, NULL);
        t->reply.permanent = t->place->validator != NULL;
        return false;
    }
    if (!w->ranged) {
        t->has_size = reply->has_total;
        t->size = reply->total;
    }
    return true;
}

static bool on_head(void *payload, const plx_http_reply *reply, plx_err *err)
{
    plx_try *t = payload;
    return (reply->status == 206 ? take_range(t, reply, err) : take_whole(t, reply, err)) &&
           check_announced(t, reply, err) && check_kind(t, reply, err) && check_size(t, err) &&
           plx_part_from(t->part, t->place->url, validator_of(reply), err);
}

/* The first bytes are there: are they data? */
static bool judge_head(plx_try *t, plx_err *err)
{
    const plx_wish *w = t->wish;
    t->judged = true;
    if (w->ranged || plx_sniff_page_is_wanted(w->media, w->name)) {
        return true;
    }
    if (plx_sniff_is_page(t->head, t->n_head)) {
        plx_fail(err, PLX_E_NET, "the server answers with a web page in the place of data");
        plx_err_why(err, "it may want a login, or the file was moved");
    } else if (!is_known(w) && !plx_sniff_fits(w->media, w->name, t->head, t->n_head)) {
        plx_fail(err, PLX_E_NET, "the server answers with something else than %s", w->media ? w->media : w->name);
        plx_err_why(err, "its first bytes are not those of such a file");
    } else {
        return true;
    }
    plx_part_restart(t->part, NULL);
    return lasting(t);
}

static bool on_body(void *payload, const void *bytes, size_t len, plx_err *err)
{
    plx_try *t = payload;
    uint64_t limit = t->has_size ? t->size : size_limit(t);
    if (!t->judged && t->part->bytes == t->n_head) {
        size_t room = sizeof t->head - t->n_head;
        size_t n = len < room ? len : room;
        memcpy(t->head + t->n_head, bytes, n);
        t->n_head += n;
        if (t->n_head == sizeof t->head && !judge_head(t, err)) {
            return false;
        }
    }
    if (len > limit || t->part->bytes > limit - len) {
        plx_fail(err, t->has_size ? PLX_E_DIGEST : PLX_E_LIMIT, "%s is longer than it should be", t->wish->name);
        plx_err_why(err, "more than %llu bytes are coming", (unsigned long long)limit);
        plx_part_restart(t->part, NULL);
        return lasting(t);
    }
    plx_progress_item_step(t->ctx, t->wish->item, len);
    return plx_part_write(t->part, bytes, len, err);
}

/* May the part be gone on with from this address? Without a digest only where the server can tell that nothing changed.
 */
static bool may_resume(const plx_try *t)
{
    return t->part->bytes == 0 || is_known(t->wish) || t->wish->ranged ||
           (plx_part_is_from(t->part, t->place->url) && t->part->validator[0]);
}

/* Status 416: nothing is left to send when the part ends where the file does. */
static bool ends_here(const plx_try *t)
{
    return t->reply.status == 416 && !t->wish->ranged && t->part->bytes > 0 && t->reply.has_total &&
           t->reply.total == t->part->bytes;
}

static bool finish(plx_try *t, plx_err *err)
{
    if (t->part->bytes == 0 && !is_known(t->wish) && !t->wish->bytes) {
        plx_fail(err, PLX_E_NET, "the server sends nothing");
        return lasting(t);
    }
    if (!t->judged && t->part->bytes == t->n_head && !judge_head(t, err)) {
        return false;
    }
    if (t->has_size && t->part->bytes < t->size) {
        plx_fail(err, PLX_E_NET, "the server ended before all was sent");
        return plx_err_why(err, "%llu of %llu bytes came", (unsigned long long)t->part->bytes,
                           (unsigned long long)t->size);
    }
    return true;
}

bool plx_try_place(plx_try *t, plx_http *http, plx_err *err)
{
    const plx_wish *w = t->wish;
    plx_part *part = t->part;
    const uint64_t *known = w->bytes ? w->bytes : t->place->has_bytes ? &t->place->bytes : NULL;
    t->reply = (plx_http_reply){.retry_after_s = -1};
    if ((!may_resume(t) || (known && part->bytes > *known)) && !plx_part_restart(part, err)) {
        return false;
    }
    if (known && part->bytes == *known && part->bytes > 0) {
        return true; /* the last process died between the last byte and the name */
    }
    part->mixed |= part->bytes > 0;
    plx_http_request request = {.url = t->place->url,
                                .ranged = part->bytes > 0 || w->ranged,
                                .from = t->place->from + part->bytes,
                                .to = w->ranged && known ? t->place->from + *known - 1 : UINT64_MAX,
                                .total_s = t->left_s,
                                .head = on_head,
                                .body = on_body,
                                .payload = t};
    if (t->place->validator) {
        request.if_range = t->place->validator;
    } else if (plx_part_is_from(part, t->place->url)) {
        request.if_range = part->validator;
    }
    plx_http_reply reply;
    bool ok = plx_http_get(http, t->ctx, &request, &reply, err);
    plx_err why;
    if (!plx_part_flush(part, &why)) { /* our trouble, whatever the server's */
        if (err) {
            *err = why;
        }
        return false;
    }
    reply.permanent |= t->reply.permanent;
    t->reply = reply;
    if (!ok) {
        return false;
    }
    if (ends_here(t)) {
        return true;
    }
    if (reply.status == 416) {
        plx_try_fail_status(&t->reply, err);
        t->reply.permanent = part->bytes == 0;
        return plx_part_restart(part, NULL) && false;
    }
    if (reply.status != 200 && reply.status != 206) {
        return plx_try_fail_status(&t->reply, err);
    }
    return finish(t, err);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that lie in an archive: its directory is read, here or far away, and then only the bytes of the member. A
 * member whose name ends in '/' is a whole folder of the archive; it becomes one zip with nothing compressed, so that
 * equal members are equal bytes.
 */
#include "registry/fetch_job.h"

#include "core/alloc.h"
#include "formats/zip_write.h"
#include "registry/download_small.h"
#include "registry/md5_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GAP = 1 << 20 };

static plx_fetch_archive *archive_of(plx_fetch_job *job, const plx_manifest_file *file)
{
    return &job->archives[file->archive - job->manifest->archives];
}

void plx_fetch_close_archives(plx_fetch_job *job)
{
    for (size_t i = 0; job->archives && i < job->manifest->n_archives; i++) {
        plx_zip_index_free(job->archives[i].index);
        plx_sb_free(&job->archives[i].looked);
    }
}

/* Members that are wanted, by their place in the archive. */
typedef struct picks {
    plx_zip_pick *items;
    size_t n, cap;
    const char *folder; /* "" for a single member */
} picks;

static bool find_picks(const plx_zip_index *index, const char *member, picks *out, plx_err *err)
{
    *out = (picks){.folder = ""};
    plx_zip_pick pick;
    if (!plx_ends_with(member, "/")) {
        if (!plx_zip_index_find(index, member, &pick, err)) {
            return false;
        }
        if (!plx_grow(&out->items, &out->cap, 1, sizeof *out->items)) {
            return plx_fail_nomem(err, sizeof pick);
        }
        out->items[out->n++] = pick;
        return true;
    }
    out->folder = member;
    for (size_t i = 0; i < plx_zip_index_count(index); i++) {
        plx_zip_index_at(index, i, &pick);
        if (!pick.is_file || !plx_starts_with(pick.name, member)) {
            continue;
        }
        if (!plx_path_is_safe(pick.name)) {
            return plx_fail(err, PLX_E_POLICY, "the archive holds the unsafe name \"%s\"", pick.name);
        }
        if (!plx_zip_pick_check(index, &pick, err)) {
            return false;
        }
        if (!plx_grow(&out->items, &out->cap, out->n + 1, sizeof *out->items)) {
            return plx_fail_nomem(err, sizeof pick);
        }
        out->items[out->n++] = pick;
    }
    return out->n > 0 || plx_fail(err, PLX_E_NOTFOUND, "the archive has no folder \"%s\"", member);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const plx_zip_pick *)a)->name, ((const plx_zip_pick *)b)->name);
}

/* A piece of the archive that lies in a file of its own. */
typedef struct piece {
    plx_part part;
    plx_ranged_file bytes;
    uint64_t from, to;
} piece;

/* Where the bytes of a member are: the whole archive in one piece, or pieces of it. */
static plx_ranged *piece_of(piece *pieces, size_t n, const plx_zip_pick *pick)
{
    for (size_t i = 0; i < n; i++) {
        if (pick->from >= pieces[i].from && pick->to <= pieces[i].to) {
            return &pieces[i].bytes.base;
        }
    }
    return NULL;
}

static bool add_member(const plx_fetch_job *job, const plx_zip_index *index, const plx_zip_pick *pick,
                       plx_ranged *bytes, const char *name, plx_zip_writer *zip, plx_err *err)
{
    plx_source *source = NULL;
    plx_buf whole = {0};
    bool ok = plx_zip_pick_open(job->ctx, index, pick, bytes, &source, err) &&
              plx_source_slurp(source, plx_limits_of(job->ctx).memory_bytes, &whole, err) &&
              plx_zip_add(zip, name, whole.ptr, whole.len, err);
    plx_source_close(source);
    plx_buf_free(&whole);
    return ok;
}

/* All members of a folder as one zip, in a private folder of the store. */
static bool pack_folder(const plx_fetch_job *job, const plx_zip_index *index, picks *list, piece *pieces,
                        size_t n_pieces, const char *path, plx_err *err)
{
    plx_zip_writer zip = {.to = fopen(path, "wxe")};
    if (!zip.to) {
        return plx_fail_sys(err, errno, "cannot make %s", path);
    }
    if (list->n > 1) {
        qsort(list->items, list->n, sizeof *list->items, by_name);
    }
    bool ok = true;
    for (size_t i = 0; ok && i < list->n; i++) {
        const plx_zip_pick *pick = &list->items[i];
        if (i > 0 && strcmp(pick->name, list->items[i - 1].name) == 0) {
            ok = plx_fail(err, PLX_E_FORMAT, "the archive holds two members \"%s\"", pick->name);
            break;
        }
        plx_ranged *bytes = piece_of(pieces, n_pieces, pick);
        ok = bytes ? add_member(job, index, pick, bytes, pick->name + strlen(list->folder), &zip, err)
                   : plx_fail(err, PLX_E_BUG, "a member lies in no piece");
    }
    ok = plx_zip_finish(&zip, ok, err);
    if (fclose(zip.to) != 0 && ok) {
        ok = plx_fail_sys(err, errno, "cannot write %s", path);
    }
    return ok;
}

/* The members' bytes are here: make the file of them. w->taken stays false when it is not what it must be. */
static bool unpack(const plx_fetch_job *job, plx_wanted *w, const plx_zip_index *index, picks *list, piece *pieces,
                   size_t n_pieces, const char *shown, plx_err *err)
{
    char dir[PLX_PATH] = "", path[PLX_PATH];
    plx_source *source = NULL;
    plx_err why;
    plx_err_clear(&why);
    bool ok;
    if (list->folder[0]) {
        ok = plx_store_partial(job->store, dir, &why) && plx_path_join(path, dir, "folder.zip", &why) &&
             pack_folder(job, index, list, pieces, n_pieces, path, &why) &&
             plx_source_file(job->ctx, path, false, &source, &why);
    } else {
        plx_ranged *bytes = piece_of(pieces, n_pieces, &list->items[0]);
        ok = bytes ? plx_zip_pick_open(job->ctx, index, &list->items[0], bytes, &source, &why)
                   : plx_fail(&why, PLX_E_BUG, "the member lies in no piece");
    }
    const plx_digest *expect = w->known ? &w->sha256 : NULL;
    const uint64_t *bytes = w->file->has_bytes ? &w->file->bytes : NULL;
    const char *md5 = w->known ? NULL : w->file->md5;
    ok = ok && plx_source_with_md5(source, md5, &source, &why) &&
         plx_blob_put(job->ctx, job->store, source, expect, bytes, &w->out->sha256, &w->out->bytes, &why);
    plx_source_close(source);
    if (dir[0]) {
        plx_fs_remove_tree(dir, NULL);
    }
    if (ok) {
        w->taken = true;
        snprintf(w->out->from, sizeof w->out->from, "%s!%s", shown, w->file->member);
        if (!w->pinned && !w->file->has_sha256) {
            w->out->trust = md5 ? PLX_LEVEL_MD5 : PLX_LEVEL_CRC;
        }
        return true;
    }
    if (why.code == PLX_E_FORMAT || why.code == PLX_E_TRUNCATED || why.code == PLX_E_DIGEST) {
        why.code = PLX_E_DIGEST; /* a CRC is a digest too */
        plx_wanted_failed(w, shown, &why);
        return true;
    }
    if (why.code == PLX_E_LIMIT || why.code == PLX_E_POLICY || why.code == PLX_E_UNSUPPORTED) {
        plx_wanted_failed(w, shown, &why);
        return true;
    }
    if (err) {
        *err = why;
    }
    return plx_note(err, "%s", shown);
}

/* What is wrong with the archive is told, and another source may have the file. */
static bool tell(plx_wanted *w, const char *place, plx_err *why, plx_err *err)
{
    if (why->code == PLX_E_NOMEM || why->code == PLX_E_CANCELLED || why->code == PLX_E_BUG) {
        if (err) {
            *err = *why;
        }
        return false;
    }
    plx_wanted_failed(w, place, why);
    return true;
}

static bool take_from_file(plx_fetch_job *job, plx_wanted *w, const plx_local_file *local, plx_err *err)
{
    piece whole = {.to = local->bytes};
    plx_zip_index *index = NULL;
    picks list = {0};
    plx_err why;
    plx_err_clear(&why);
    int fd = open(local->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        plx_wanted_looked(w, "%s cannot be opened", local->path);
        return true;
    }
    bool ok = plx_ranged_from_fd(fd, local->path, 0, &whole.bytes, &why) &&
              plx_zip_index_read(job->ctx, &whole.bytes.base, &index, &why) &&
              find_picks(index, w->file->member, &list, &why);
    ok = ok ? unpack(job, w, index, &list, &whole, 1, local->path, err) : tell(w, local->path, &why, err);
    plx_free(list.items);
    plx_zip_index_free(index);
    close(fd);
    return ok;
}

bool plx_fetch_local_member(plx_fetch_job *job, plx_wanted *w, plx_err *err)
{
    const plx_manifest_file *archive = w->file->archive;
    for (size_t i = 0; job->local && i < plx_local_files_count(job->local) && !w->taken; i++) {
        plx_local_file *local = plx_local_files_at(job->local, i);
        if (strcmp(local->base, plx_path_base(archive->name)) != 0 ||
            (archive->has_bytes && local->bytes != archive->bytes)) {
            continue;
        }
        if (!job->store || job->opts->dry_run) {
            plx_wanted_looked(w, "%s: not opened (dry run)", local->path);
        } else if (!take_from_file(job, w, local, err)) {
            return false;
        }
    }
    return true;
}

/* Read the directory at one address. */
static bool try_archive(plx_fetch_job *job, plx_fetch_archive *a, const plx_manifest_file *file, const plx_place *place,
                        plx_err *err)
{
    plx_remote remote;
    const uint64_t *bytes = file->has_bytes ? &file->bytes : place->has_bytes ? &place->bytes : NULL;
    if (!plx_remote_open(job->ctx, job->net, place->url, file->name, bytes, &remote, err)) {
        return false;
    }
    bool ok = plx_zip_index_read(job->ctx, &remote.base, &a->index, err);
    if (ok) {
        a->place = *place;
        memcpy(a->validator, remote.validator, sizeof a->validator);
        a->place.validator = a->validator[0] ? a->validator : NULL;
    }
    plx_remote_close(&remote);
    return ok;
}

bool plx_fetch_find_archive(plx_fetch_job *job, plx_wanted *w, plx_err *err)
{
    plx_fetch_archive *a = archive_of(job, w->file);
    const plx_manifest_file *file = w->file->archive;
    if (!a->tried && job->net) {
        a->tried = true;
        plx_wanted found = {.file = file};
        if (!plx_fetch_find_places(job, &found, err)) {
            plx_sb_free(&found.looked);
            return false;
        }
        for (size_t i = 0; i < found.n_places && !a->index; i++) {
            plx_err why;
            plx_err_clear(&why);
            if (!try_archive(job, a, file, &found.places[i], &why) && !tell(&found, found.places[i].shown, &why, err)) {
                plx_sb_free(&found.looked);
                return false;
            }
        }
        a->looked = found.looked;
        a->reason = found.reason;
    }
    w->archive = a->index ? a : NULL;
    if (!a->index) {
        plx_wanted_looked(w, "archive %s: %s", file->name, job->net ? plx_sb_str(&a->looked) : "not asked");
        if (a->reason.code != PLX_OK && !w->has_reason) {
            w->has_reason = true;
            w->reason = a->reason;
        }
    }
    return true;
}

static void piece_failed(void *payload, const plx_place *place, const plx_err *why)
{
    plx_wanted *w = payload;
    plx_wanted_failed(w, place->shown, why);
}

/* One run of members that lie side by side. *came false: the address failed. */
static bool fetch_piece(const plx_fetch_job *job, plx_wanted *w, const char *key, piece *p, bool *came, plx_err *err)
{
    char text[256], own_key[PLX_SHA256_HEX + 1];
    plx_place place = w->archive->place;
    uint64_t bytes = p->to - p->from;
    int n = snprintf(text, sizeof text, "piece %.64s %llu %llu", key, (unsigned long long)p->from,
                     (unsigned long long)p->to);
    plx_digest digest = plx_sha256_of(text, (size_t)n);
    plx_digest_hex(&digest, own_key);
    place.from = p->from;
    place.has_bytes = false;
    plx_wish wish = {.name = w->file->name,
                     .key = own_key,
                     .places = &place,
                     .n_places = 1,
                     .bytes = &bytes,
                     .ranged = true,
                     .failed = piece_failed,
                     .payload = w};
    plx_arrival arrival;
    if (!plx_download(job->ctx, job->store, job->net, &wish, &arrival, came, err)) {
        return false;
    }
    if (!*came) {
        return true;
    }
    p->part = arrival.part;
    return plx_ranged_from_fd(p->part.fd, w->file->archive->name, p->from, &p->bytes, err);
}

bool plx_fetch_remote_member(const plx_fetch_job *job, plx_wanted *w, const char *key, plx_err *err)
{
    picks list = {0};
    piece *pieces = NULL;
    size_t n = 0, cap = 0;
    plx_err why;
    plx_err_clear(&why);
    const plx_zip_index *index = w->archive->index;
    if (!find_picks(index, w->file->member, &list, &why)) {
        plx_free(list.items);
        return tell(w, w->archive->place.shown, &why, err);
    }
    bool ok = true;
    for (size_t i = 0; ok && i < list.n; i++) {
        const plx_zip_pick *pick = &list.items[i];
        if (n > 0 && pick->from >= pieces[n - 1].to && pick->from - pieces[n - 1].to <= GAP) {
            pieces[n - 1].to = pick->to;
            continue;
        }
        ok = plx_grow(&pieces, &cap, n + 1, sizeof *pieces) || plx_fail_nomem(err, sizeof *pieces);
        if (ok) {
            pieces[n++] = (piece){.from = pick->from, .to = pick->to, .part = {.fd = -1, .journal = -1}};
        }
    }
    bool came = true;
    for (size_t i = 0; ok && came && i < n; i++) {
        ok = fetch_piece(job, w, key, &pieces[i], &came, err);
    }
    if (ok && came) {
        ok = unpack(job, w, index, &list, pieces, n, w->archive->place.shown, err);
    }
    for (size_t i = 0; i < n; i++) {
        if (pieces[i].part.dir[0] && (ok && (w->taken || came))) {
            plx_part_drop(&pieces[i].part);
        } else if (pieces[i].part.dir[0]) {
            plx_part_leave(&pieces[i].part);
        }
    }
    plx_free(pieces);
    plx_free(list.items);
    return ok;
}

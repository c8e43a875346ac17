/* SPDX-License-Identifier: Apache-2.0
 *
 * The store's tree. docs/store.md has the layout. Everything under blobs/ and records/ is named by the SHA-256 of its
 * content and never changes; refs/ names what is current; catalog.db is an index rebuilt from them.
 */
#ifndef PLX_REGISTRY_STORE_H
#define PLX_REGISTRY_STORE_H

#include "core/ctx.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/str.h"

enum { PLX_STORE_FORMAT = 1, PLX_STORE_KEEP_PARTS_S = 7 * 24 * 60 * 60 };

typedef struct plx_store {
    char root[PLX_PATH];
    bool writable;
    bool format_damaged; /* only seen by readers and by repair: opening to write refuses */
    plx_lock lock;       /* shared while writing, exclusive for gc */
} plx_store;

typedef enum plx_store_need { PLX_STORE_READ, PLX_STORE_WRITE, PLX_STORE_EXCLUSIVE } plx_store_need;

/* Make an empty store at `dir` (made if missing; an empty folder is fine, an existing store is a no-op with *existed).
 * errors: POLICY for a folder with other things in it. */
bool plx_store_init(const plx_ctx *ctx, const char *dir, bool *existed, plx_err *err);
/* Opening to write also sweeps what dead processes left in partial/.
 * errors: NOTFOUND when there is no store (next: plexus init), NEWER, BUSY after wait_ms, NOSPACE when it cannot be
 * written, DIGEST when FORMAT is damaged (WRITE only). */
bool plx_store_open(const plx_ctx *ctx, const char *dir, plx_store_need need, int wait_ms, plx_store *out,
                    plx_err *err);
void plx_store_close(plx_store *store);
/* --store, else $PLEXUS_STORE, else $XDG_DATA_HOME/plexus, else ~/.local/share/plexus. */
bool plx_store_default_dir(const char *flag, char out[PLX_PATH], plx_err *err);

/* Path of an object: <root>/<area>/sha256/ab/cdef...; area is "blobs" or "records". */
bool plx_store_object_path(const plx_store *store, const char *area, const plx_digest *digest, char out[PLX_PATH],
                           plx_err *err);
/* The path without the store's root ("blobs/sha256/ab/cdef"); a path outside comes back as it is. Borrowed. */
const char *plx_store_rel(const plx_store *store, const char *path);

/* A fresh private folder partial/<pid>.<host>.<boot>.<start>.<random>/; its owner removes or publishes it. */
bool plx_store_partial(const plx_store *store, char out[PLX_PATH], plx_err *err);
/* Remove partial folders whose process is gone: no such pid, another start time or another boot on this host; those of
 * other hosts after a day without a change. Parts of downloads (with a journal) younger than `keep_s` stay. What cannot
 * be removed is left for the next sweep. */
bool plx_store_sweep_partials(const plx_store *store, int64_t keep_s, size_t *n_removed, plx_err *err);
/* Make the folder of a process that is gone our own, the first for which `fits` is true. Of several processes one gets
 * it. */
bool plx_store_adopt_partial(const plx_store *store, bool (*fits)(void *payload, const char *dir), void *payload,
                             char out[PLX_PATH], bool *found, plx_err *err);
/* Give a private folder to whoever adopts it. */
void plx_store_leave_partial(const plx_store *store, const char *path);
/* The file that is locked while somebody fetches what `key` (hex) stands for. Swept when nobody holds it. */
bool plx_store_claim_path(const plx_store *store, const char *key, char out[PLX_PATH], plx_err *err);
/* Give the file `path` in the store these bytes by way of partial/, so that nothing half-written is ever beside it. */
bool plx_store_replace(const plx_store *store, const char *path, const void *bytes, size_t len, plx_err *err);
/* Move a damaged object or ref under quarantine/ with a reason file. Gone already is fine. */
bool plx_store_quarantine(const plx_store *store, const char *path, const char *reason, plx_err *err);
/* Write FORMAT again; the damaged one is kept under quarantine/. */
bool plx_store_mend_format(const plx_store *store, plx_err *err);

/* Shared with verify: what is the matter with FORMAT. errors: NOTFOUND, DIGEST (also when a store with data has lost
 * it), NEWER, IO. */
bool plx_store_check_format(const char *root, plx_err *err);
/* The FORMAT file of this program. */
bool plx_store_format_text(plx_sb *text, plx_err *err);

#endif

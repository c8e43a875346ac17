/* SPDX-License-Identifier: Apache-2.0
 *
 * Refs: refs/<family>/<name>/<version>.<mode>.json names the records a data set stands for now. One small file,
 * replaced by rename, so a data set appears whole or not at all. Its last line is the SHA-256 of everything before it.
 */
#ifndef PLX_REGISTRY_REFS_H
#define PLX_REGISTRY_REFS_H

#include "core/value.h"
#include "registry/store.h"
#include "schemas/ref.h"

/* Content (object): dataset, version, mode, title, demo, kind, licence, citations, manifest (sha256 of its blob),
 * derivation (key), files [{name, url, sha256, bytes, trust, commit}], uses [{ref, records}], units [{unit, record}].
 * A ref that says the same already is left as it is. errors: SCHEMA when the content is of another ref or names no
 * units. */
bool plx_refs_write(plx_store *store, const plx_ref *ref, const plx_value *content, plx_err *err);
/* *out NULL when there is no such ref. errors: DIGEST when the seal is broken, FORMAT. */
bool plx_refs_read(const plx_ctx *ctx, const plx_store *store, const plx_ref *ref, plx_arena *arena,
                   const plx_value **out, plx_err *err);
bool plx_refs_remove(plx_store *store, const plx_ref *ref, bool *was_there, plx_err *err);
/* Every ref in sorted order. `content` NULL with `problem` set when the file is damaged or no ref's (`ref` is then as
 * much as its path tells). */
typedef bool (*plx_refs_each)(void *payload, const plx_ref *ref, const char *rel_path, const plx_value *content,
                              const plx_digest *seal, const plx_err *problem, plx_err *err);
bool plx_refs_walk(const plx_ctx *ctx, const plx_store *store, plx_refs_each each, void *payload, plx_err *err);

/* "family/name/version.mode.json" (below refs/) back into a ref; false when the path is not that of one. */
bool plx_refs_of_path(const char *rel, plx_ref *out);

/* Every object a ref's content names, in its order: the manifest's blob, files, records of units and of what it uses.
 * `bytes` NULL when the ref does not say. The same object may come more than once. */
typedef bool (*plx_refs_object)(void *payload, const char *area, const plx_digest *digest, const uint64_t *bytes,
                                plx_err *err);
bool plx_refs_objects(const plx_value *content, plx_refs_object each, void *payload, plx_err *err);
/* Are all of them in the store, with their sizes? Whoever writes a ref asks again afterwards and starts over when *ok
 * is false: that, not a lock, keeps gc in another process from taking an object away underneath. */
bool plx_refs_check_objects(const plx_ctx *ctx, const plx_store *store, const plx_value *content, bool *ok,
                            plx_err *err);

#endif

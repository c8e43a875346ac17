/* SPDX-License-Identifier: Apache-2.0
 *
 * Refs: refs/<family>/<name>/<version>.<mode>.json names the records a data set stands for now. One small file, replaced by
 * rename, so a data set appears whole or not at all. Its last line is the SHA-256 of everything before it.
 */
#ifndef PLX_REGISTRY_REFS_H
#define PLX_REGISTRY_REFS_H

#include "core/value.h"
#include "registry/store.h"
#include "schemas/ref.h"

/* Content (object): dataset, version, mode, title, demo, kind, licence, citations, manifest (sha256 of its blob), derivation (key),
 * files [{name, url, sha256, bytes, trust, commit}], uses [{ref, records}], units [{unit, record}]. */
bool plx_refs_write(plx_store *store, const plx_ref *ref, const plx_value *content, plx_err *err);
/* *out NULL when there is no such ref. errors: DIGEST when the seal is broken, FORMAT. */
bool plx_refs_read(const plx_ctx *ctx, const plx_store *store, const plx_ref *ref, plx_arena *arena, const plx_value **out,
                   plx_err *err);
bool plx_refs_remove(plx_store *store, const plx_ref *ref, bool *was_there, plx_err *err);
/* Every ref in sorted order. `content` NULL with `problem` set when the file is damaged. */
typedef bool (*plx_refs_each)(void *payload, const plx_ref *ref, const char *rel_path, const plx_value *content,
                              const plx_digest *seal, const plx_err *problem, plx_err *err);
bool plx_refs_walk(const plx_ctx *ctx, const plx_store *store, plx_refs_each each, void *payload, plx_err *err);

#endif

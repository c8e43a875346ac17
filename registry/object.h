/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects: what lies under blobs/ and records/. Publishing, keeping them fresh, listing them.
 */
#ifndef PLX_REGISTRY_OBJECT_H
#define PLX_REGISTRY_OBJECT_H

#include "core/arena.h"
#include "registry/store.h"

/* Rename `from` to the object path `to`, making its fan-out folder; *existed: another one is there and `from` was left.
 */
bool plx_object_publish(const char *from, const char *to, bool *existed, plx_err *err);
/* Give an object a fresh mtime and make sure its name is on disk. *present false when it is gone by now. */
bool plx_object_touch(const char *path, bool *present, plx_err *err);

typedef struct plx_object {
    plx_digest digest;
    const char *rel; /* "blobs/sha256/ab/cdef..." */
    bool odd;        /* not the name of an object: something else lies there */
} plx_object;
/* Everything in one area, sorted by path. owner: the arena. */
bool plx_objects_list(const plx_store *store, const char *area, plx_arena *arena, plx_object **out, size_t *n,
                      plx_err *err);
/* Did the system refuse to read it (a failing disk, no permission), as opposed to something else lying there? Then
 * nothing is known about the object, and it must not be moved away. */
bool plx_object_unreadable(const plx_err *err);
/* Bytes of a blob, or of all files of a record; 0 when gone. */
uint64_t plx_object_bytes(const plx_store *store, const char *rel);

#endif

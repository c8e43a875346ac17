/* SPDX-License-Identifier: Apache-2.0
 *
 * Walk a fuzz input as an archive, read every member, and hold the walk to its promises.
 */
#ifndef PLX_TESTS_FUZZ_WALK_INPUT_H
#define PLX_TESTS_FUZZ_WALK_INPUT_H

#include "fuzz/fuzz.h"
#include "fuzz/input_file.h"

#include "formats/archive.h"

#include <string.h>

typedef struct plx_walked {
    uint64_t members, bytes;
} plx_walked;

static inline plx_archive_step plx_walked_choose(void *payload, const plx_archive_entry *entry)
{
    plx_walked *w = payload;
    w->members++;
    PLX_FUZZ_EXPECT(entry->name && entry->name[0] && entry->name[0] != '/' && !strchr(entry->name, '\\'));
    PLX_FUZZ_EXPECT(strcmp(entry->name, "..") != 0 && strncmp(entry->name, "../", 3) != 0 &&
                    !strstr(entry->name, "/../"));
    return PLX_ARCHIVE_READ;
}

static inline bool plx_walked_read(void *payload, const plx_archive_entry *entry, plx_source *member, plx_err *err)
{
    plx_walked *w = payload;
    uint8_t block[8192];
    uint64_t bytes = 0;
    for (size_t got = 1; got; bytes += got) {
        if (!member->read(member, block, sizeof block, &got, err)) {
            return false;
        }
    }
    PLX_FUZZ_EXPECT(entry->is_file);
    PLX_FUZZ_EXPECT(entry->size < 0 || (uint64_t)entry->size == bytes);
    w->bytes += bytes;
    return true;
}

static inline void plx_walk_input(const uint8_t *data, size_t size)
{
    plx_ctx ctx = plx_fuzz_ctx();
    plx_input_file file = plx_input_open(data, size);
    plx_walked walked = {0, 0};
    plx_err err = {0};
    bool ok = plx_archive_walk(&ctx, file.path, plx_walked_choose, plx_walked_read, &walked, &err);
    close(file.fd);
    PLX_FUZZ_EXPECT(walked.members <= ctx.limits.entries && walked.bytes <= ctx.limits.total_bytes);
    PLX_FUZZ_EXPECT(ok || (err.what[0] &&
                           (err.code == PLX_E_FORMAT || err.code == PLX_E_TRUNCATED || err.code == PLX_E_UNSUPPORTED ||
                            err.code == PLX_E_POLICY || err.code == PLX_E_LIMIT || err.code == PLX_E_NOMEM)));
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The description of a zarr array, and chunks behind it: up to the first NUL it is .zarray, what follows is the first
 * chunk. What is said of an array fits together, and blocks lie inside it.
 */
#define _GNU_SOURCE /* mkdtemp */
#include "fuzz/fuzz.h"

#include "formats/json.h"
#include "formats/zarr.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const plx_zarr_meta *meta;

static bool look(void *payload, const size_t *start, const plx_array *block, plx_err *err)
{
    (void)err;
    size_t bytes = plx_dtype_size(block->dtype);
    for (int d = 0; d < block->ndim; d++) {
        PLX_FUZZ_EXPECT(block->shape[d] > 0 && start[d] + block->shape[d] <= meta->shape[d]);
        bytes *= block->shape[d];
    }
    PLX_FUZZ_EXPECT(block->buf.len == bytes);
    return ++*(size_t *)payload < 64 || plx_fail(err, PLX_E_LIMIT, "enough");
}

static void put(const char *dir, const char *name, const uint8_t *bytes, size_t n)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, n) != (ssize_t)n) {
        abort();
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    plx_ctx ctx = plx_fuzz_ctx();
    const uint8_t *stop = memchr(data, 0, size);
    size_t n = stop ? (size_t)(stop - data) : size;
    plx_arena *arena = plx_arena_new(0);
    plx_value *json;
    plx_zarr_meta m;
    plx_err err = {0};
    bool ok = plx_json_parse(&ctx, arena, ".zarray", (const char *)data, n, NULL, &json, &err) &&
              plx_zarr_parse(&ctx, "a", json, &m, &err);
    PLX_FUZZ_EXPECT(ok || (err.code != PLX_OK && err.what[0]));
    if (ok) {
        size_t bytes = plx_dtype_size(m.dtype), chunks = 1;
        for (int d = 0; d < m.ndim; d++) {
            bytes *= m.chunk[d];
            chunks *= m.grid[d];
            PLX_FUZZ_EXPECT(m.chunk[d] > 0 && m.grid[d] == (m.shape[d] + m.chunk[d] - 1) / m.chunk[d]);
        }
        PLX_FUZZ_EXPECT(bytes == m.chunk_bytes && chunks == m.n_chunks);
        char dir[64] = "/dev/shm/plexus-fuzz-XXXXXX", path[128];
        if (!mkdtemp(dir)) {
            abort();
        }
        static const char *const keys[] = {"0", "0.0", "0.0.0", "0.0.0.0"};
        const char *key = keys[m.ndim > 0 && m.ndim <= 4 ? m.ndim - 1 : 0];
        put(dir, ".zarray", data, n);
        put(dir, key, stop ? stop + 1 : data, stop ? size - n - 1 : 0);
        const char *paths = dir;
        plx_zarr_store *store;
        plx_zarr *z;
        size_t seen = 0;
        PLX_FUZZ_EXPECT(plx_zarr_store_open(&ctx, &paths, 1, NULL, NULL, &store, &err));
        if (plx_zarr_open(&ctx, store, "", &z, &err)) {
            meta = plx_zarr_about(z);
            PLX_FUZZ_EXPECT(plx_zarr_each(&ctx, z, false, look, &seen, &err) || err.code != PLX_OK);
            plx_zarr_close(z);
        }
        plx_zarr_store_close(store);
        snprintf(path, sizeof path, "%s/%s", dir, key);
        unlink(path);
        snprintf(path, sizeof path, "%s/.zarray", dir);
        unlink(path);
        rmdir(dir);
    }
    plx_arena_free(arena);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Replays a fuzz target without libFuzzer: every file of the folders given, its truncations, and mutations drawn from a
 * fixed seed. Prints how many inputs ran. Each input is a block of exactly its size, so that a sanitizer sees reads
 * past its end. replay_zip tests/fuzz/corpus/zip
 */
#include "fuzz/fuzz.h"

#include "core/buf.h"
#include "core/fs.h"
#include "core/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MUTATIONS = 4000, PREFIXES = 600, MAX_INPUT = 1 << 20, MAX_FILES = 4096 };

typedef struct corpus {
    char **paths;
    size_t n;
} corpus;

static size_t n_run;

static void run(const uint8_t *bytes, size_t n)
{
    uint8_t *exact = malloc(n ? n : 1);
    if (!exact) {
        abort();
    }
    if (n) {
        memcpy(exact, bytes, n);
    }
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    n_run++;
}

static void mutate_once(uint8_t *bytes, size_t *n, plx_rng *rng)
{
    static const uint8_t edges[] = {0, 1, 0x7F, 0x80, 0xFF, '\n', '"', '{', '/'};
    size_t at = (size_t)plx_rng_below(rng, *n);
    switch (plx_rng_below(rng, 5)) {
    case 0:
        bytes[at] = (uint8_t)(bytes[at] ^ (1U << plx_rng_below(rng, 8)));
        break;
    case 1:
        bytes[at] = (uint8_t)plx_rng_u64(rng);
        break;
    case 2:
        bytes[at] = edges[plx_rng_below(rng, sizeof edges)];
        break;
    case 3: /* drop a byte */
        memmove(bytes + at, bytes + at + 1, *n - at - 1);
        *n -= *n > 1;
        break;
    default: /* double a byte; the buffer has room for it */
        memmove(bytes + at + 1, bytes + at, *n - at);
        *n += 1;
        break;
    }
}

static void run_file(const char *path, size_t n_files)
{
    plx_buf file = {0};
    plx_err err = {0};
    if (!plx_buf_read_file(path, MAX_INPUT, &file, &err)) {
        fprintf(stderr, "%s\n", err.what);
        exit(EXIT_FAILURE);
    }
    run(file.ptr, file.len);
    size_t step = file.len / (PREFIXES / n_files + 1) + 1;
    for (size_t n = 0; n < file.len; n += step) {
        run(file.ptr, n);
    }
    plx_rng rng = plx_rng_stream(20240101, plx_path_base(path), 0);
    uint8_t *bytes = malloc(file.len + 16);
    for (size_t i = 0; bytes && file.len && i < MUTATIONS / n_files; i++) {
        size_t n = file.len;
        memcpy(bytes, file.ptr, n);
        for (uint64_t k = 1 + plx_rng_below(&rng, 8); k > 0; k--) {
            mutate_once(bytes, &n, &rng);
        }
        run(bytes, n);
    }
    free(bytes);
    plx_buf_free(&file);
}

static bool add_file(void *payload, const char *rel_path, uint64_t bytes, bool is_link, plx_err *err)
{
    corpus *c = payload;
    (void)bytes;
    if (is_link || c->n == MAX_FILES) {
        return plx_fail(err, PLX_E_ARG, "the corpus holds a link or too many files: %s", rel_path);
    }
    c->paths[c->n] = strdup(rel_path);
    return c->paths[c->n++] != NULL || plx_fail_nomem(err, 0);
}

int main(int argc, char **argv)
{
    corpus c = {.paths = calloc(MAX_FILES, sizeof *c.paths)};
    size_t n_files = 0;
    for (int i = 1; c.paths && i < argc; i++) {
        plx_err err = {0};
        if (!plx_fs_walk(argv[i], add_file, &c, &err)) {
            fprintf(stderr, "%s\n", err.what);
            return EXIT_FAILURE;
        }
        n_files += c.n;
        for (size_t k = 0; k < c.n; k++) {
            char path[PLX_PATH];
            if (!plx_path_join(path, argv[i], c.paths[k], &err)) {
                return EXIT_FAILURE;
            }
            run_file(path, c.n);
            free(c.paths[k]);
        }
        c.n = 0;
    }
    free(c.paths);
    printf("%zu inputs from %zu corpus files\n", n_run, n_files);
    return n_files ? EXIT_SUCCESS : EXIT_FAILURE;
}

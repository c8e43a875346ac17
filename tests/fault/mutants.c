/* SPDX-License-Identifier: Apache-2.0
 *
 * Damaged copies of a file, for mutants.sh: mutants FILE FIRST N FOLDER writes copy FIRST, FIRST + 1, ... as
 * FOLDER/0, FOLDER/1, ... Each copy follows from its number alone.
 */
#include "support/mutate_bytes.h"

#include <stdio.h>
#include <stdlib.h>

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = NULL;
    if (f && fseek(f, 0, SEEK_END) == 0 && ftell(f) > 0) {
        *len = (size_t)ftell(f);
        rewind(f);
        bytes = malloc(*len);
        if (bytes && fread(bytes, 1, *len, f) != *len) {
            free(bytes);
            bytes = NULL;
        }
    }
    if (f) {
        fclose(f);
    }
    return bytes;
}

static int write_file(const char *path, const uint8_t *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");
    int ok = f && fwrite(bytes, 1, len, f) == len;
    return f && fclose(f) == 0 && ok;
}

int main(int argc, char **argv)
{
    size_t len = 0;
    uint8_t *sound = argc == 5 ? read_file(argv[1], &len) : NULL;
    uint8_t *copy = sound ? malloc(len) : NULL;
    if (!copy) {
        fprintf(stderr, "usage: mutants FILE FIRST N FOLDER\n");
        return 2;
    }
    unsigned long first = strtoul(argv[2], NULL, 10), n = strtoul(argv[3], NULL, 10);
    for (unsigned long k = 0; k < n; k++) {
        char path[4096];
        uint64_t state = first + k;
        size_t left = len;
        memcpy(copy, sound, len);
        mutate_bytes(copy, &left, &state);
        snprintf(path, sizeof path, "%s/%lu", argv[4], k);
        if (!write_file(path, copy, left)) {
            perror(path);
            return 1;
        }
    }
    free(copy);
    free(sound);
    return 0;
}

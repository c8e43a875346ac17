/* SPDX-License-Identifier: Apache-2.0
 *
 * A fuzz input as a file: readers that need to seek take a path. The file lives in memory and has no name on any disk.
 */
#ifndef PLX_TESTS_FUZZ_INPUT_FILE_H
#define PLX_TESTS_FUZZ_INPUT_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct plx_input_file {
    int fd;
    char path[64];
} plx_input_file;

static inline plx_input_file plx_input_open(const uint8_t *data, size_t size)
{
    plx_input_file f = {memfd_create("input", MFD_CLOEXEC), ""};
    for (size_t done = 0; f.fd >= 0 && done < size;) {
        ssize_t n = write(f.fd, data + done, size - done);
        if (n <= 0) {
            abort();
        }
        done += (size_t)n;
    }
    if (f.fd < 0) {
        abort();
    }
    snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
    return f;
}

#endif

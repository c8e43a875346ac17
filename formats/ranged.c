/* SPDX-License-Identifier: Apache-2.0
 *
 * Files as ranged bytes.
 */
#include "formats/ranged.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_file_at(plx_ranged *self, uint64_t offset, void *out, size_t n, plx_err *err)
{
    const plx_ranged_file *file = (plx_ranged_file *)self;
    size_t done = 0;
    if (offset < file->start || offset > self->size || n > self->size - offset) {
        plx_fail(err, PLX_E_TRUNCATED, "%s ends early", self->name);
        return plx_err_why(err, "a record lies past the end of the file");
    }
    while (done < n) {
        ssize_t got = pread(file->fd, (uint8_t *)out + done, n - done, (off_t)(offset - file->start + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return plx_fail_sys(err, errno, "%s cannot be read", self->name);
        }
        if (got == 0) {
            return plx_fail(err, PLX_E_TRUNCATED, "%s became shorter while it was read", self->name);
        }
        done += (size_t)got;
    }
    return true;
}

bool plx_ranged_from_fd(int fd, const char *name, uint64_t start, plx_ranged_file *out, plx_err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return plx_fail_sys(err, errno, "%s cannot be read", name);
    }
    *out = (plx_ranged_file){.base = {.name = name, .size = start + (uint64_t)st.st_size, .read_at = read_file_at},
                             .fd = fd,
                             .start = start};
    return true;
}

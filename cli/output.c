/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* realpath */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool plx_output_open(plx_output *o, plx_cli *cli, plx_err *err)
{
    const char *path = cli->g.output_path;
    struct stat st;
    if (!path || strcmp(path, "-") == 0) {
        cli->width = plx_tty_width(stdout);
        cli->color = plx_tty_wants_color(stdout, cli->g.color);
        return true;
    }
    int fd;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) { /* /dev/null, a pipe: nothing to publish */
        fd = open(path, O_WRONLY | O_CLOEXEC);
    } else {
        char real[PLX_PATH]; /* a symbolic link stays one, and what it names is replaced */
        int n = snprintf(o->target, sizeof o->target, "%s", realpath(path, real) ? real : path);
        if (n < 0 || (size_t)n >= sizeof o->target) {
            return plx_fail(err, PLX_E_ARG, "the path %.80s... is too long", path);
        }
        if (!plx_fs_temp(o->target, o->temp, &o->temp_fd, err)) {
            return false;
        }
        fd = fcntl(o->temp_fd, F_DUPFD_CLOEXEC, 3);
    }
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!out) {
        return plx_fail_sys(err, errno, "cannot open %s", path);
    }
    cli->out = out;
    return true;
}

/* The reader of a pipe is gone: nobody wants to hear about it. */
static bool pipe_is_closed(FILE *f)
{
    struct pollfd p = {.fd = fileno(f), .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

bool plx_output_close(plx_output *o, plx_cli *cli, bool keep, bool *pipe_closed, plx_err *err)
{
    bool failed_before = ferror(cli->out) != 0;
    bool ok = fflush(cli->out) == 0 && !failed_before;
    int sys = ok ? 0 : failed_before ? EIO : errno;
    if (!ok) {
        *pipe_closed = sys == EPIPE || pipe_is_closed(cli->out);
        if (keep) {
            plx_fail_sys(err, sys, "cannot write %s", cli->g.output_path ? cli->g.output_path : "the output");
        }
    }
    if (cli->out != stdout && fclose(cli->out) != 0 && ok && keep) {
        ok = plx_fail_sys(err, errno, "cannot write %s", cli->g.output_path);
    }
    cli->out = stdout;
    if (o->temp_fd >= 0) {
        if (ok && keep) {
            ok = plx_fs_commit(o->temp_fd, o->temp, o->target, err);
        } else {
            close(o->temp_fd);
            unlink(o->temp);
        }
        o->temp_fd = -1;
    }
    return ok;
}

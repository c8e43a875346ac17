/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a verb prints: standard output, or -o FILE, which appears only when all of it is written.
 */
#ifndef PLX_CLI_OUTPUT_H
#define PLX_CLI_OUTPUT_H

#include "cli/cli.h"

typedef struct plx_output {
    int temp_fd; /* of -o FILE while it is being written, or -1 */
    char temp[PLX_PATH], target[PLX_PATH];
} plx_output;

/* Set cli->out, its width and its colour from the options. */
bool plx_output_open(plx_output *o, plx_cli *cli, plx_err *err);
/* Everything printed is out, and -o FILE is in place when `keep`. *pipe_closed: whoever was to read it has gone away.
 */
bool plx_output_close(plx_output *o, plx_cli *cli, bool keep, bool *pipe_closed, plx_err *err);

#endif

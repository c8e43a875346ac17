/* SPDX-License-Identifier: Apache-2.0
 *
 * The test server as a program: `serve [ROOT]` prints its port and answers until its standard input ends.
 */
#include "support/http_server.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    plx_server *server = plx_server_start(argc > 1 ? argv[1] : NULL);
    printf("%d\n", plx_server_port(server));
    fflush(stdout);
    while (getchar() != EOF) {
    }
    plx_server_stop(server);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Signals, and nothing else. The first SIGINT, SIGTERM or SIGHUP asks the verb to stop and roll back; the second ends
 * at once.
 */
#include "cli/cli.h"

/* The one static variable of the program: a signal handler has no other way to say anything. */
static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
    __atomic_store_n(&stop_signal, number, __ATOMIC_RELAXED);
}

static void listen_for(int number)
{
    struct sigaction was, now = {.sa_handler = on_signal};
    /* What the parent has us ignore (nohup) stays ignored. No SA_RESTART: a blocking wait must end. */
    if (sigaction(number, NULL, &was) == 0 && was.sa_handler != SIG_IGN) {
        now.sa_flags = (int)SA_RESETHAND;
        sigaction(number, &now, NULL);
    }
}

int main(int argc, char **argv)
{
    listen_for(SIGINT);
    listen_for(SIGTERM);
    listen_for(SIGHUP);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write, so that the verb can still roll back */
    return plx_cli_run(argc, argv, &stop_signal);
}

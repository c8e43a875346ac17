/* SPDX-License-Identifier: Apache-2.0
 *
 * Completion scripts for shells, from the same tables that parsing uses.
 */
#ifndef PLX_CLI_COMPLETION_H
#define PLX_CLI_COMPLETION_H

#include <stdio.h>

/* Write the script of one shell. */
void plx_completion_bash(FILE *to);
void plx_completion_zsh(FILE *to);
void plx_completion_fish(FILE *to);

#endif

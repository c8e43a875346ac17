/* SPDX-License-Identifier: Apache-2.0
 *
 * The pages of `plexus show task:NAME`, model:NAME, metric:NAME and run:HEX, and the lists of `plexus help tasks`, from
 * the drivers' own documentation.
 */
#ifndef PLX_CLI_SHOW_DRIVER_H
#define PLX_CLI_SHOW_DRIVER_H

#include "cli/cli.h"
#include "schemas/ref.h"

/* A page: a title and facts in the order people read them. */
typedef struct plx_page plx_page;
/* Of a task, model, metric or run. owner: cli->arena. errors: NOTFOUND with the nearest. */
bool plx_cli_driver_page(plx_cli *cli, const plx_ref *ref, plx_page **out, plx_err *err);
/* As text or, with -O md, as Markdown. */
bool plx_cli_page_print(plx_cli *cli, const plx_page *page, plx_err *err);
/* The same facts as an object; NULL when memory is out. */
const plx_value *plx_cli_page_value(const plx_page *page);

/* Bodies of the help topics "tasks", "models" and "metrics". */
void plx_help_tasks(FILE *to, unsigned width, bool color);
void plx_help_models(FILE *to, unsigned width, bool color);
void plx_help_metrics(FILE *to, unsigned width, bool color);

#endif

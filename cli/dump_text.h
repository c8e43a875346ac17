/* SPDX-License-Identifier: Apache-2.0
 *
 * Outlines of files (formats/outline.h) as tables.
 */
#ifndef PLX_CLI_DUMP_TEXT_H
#define PLX_CLI_DUMP_TEXT_H

#include "cli/cli.h"

/* Print {"file", "format", "item", "tree"}: the tree, or the rows, values or lines of what was asked for. With `named`
 * the file is named above. */
bool plx_dump_text(plx_cli *cli, const plx_value *dump, bool named, plx_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The page that `plexus demo` writes: one self-contained HTML file, no scripts, nothing from the network.
 */
#ifndef PLX_CLI_DEMO_PAGE_H
#define PLX_CLI_DEMO_PAGE_H

#include "registry/catalog.h"

/* Tables of what is in the catalog and, for every connectome, its adjacency matrix, what was changed at ingest and its
 * strongest connections; then the boards. errors: IO when `to` cannot be written;
 * those of plx_record_open. */
bool plx_demo_page(const plx_ctx *ctx, const plx_store *store, plx_catalog *catalog, FILE *to, plx_err *err);

#endif

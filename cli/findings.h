/* SPDX-License-Identifier: Apache-2.0
 *
 * How verify and repair tell what they found.
 */
#ifndef PLX_CLI_FINDINGS_H
#define PLX_CLI_FINDINGS_H

#include "cli/cli.h"
#include "registry/verify.h"

typedef struct plx_findings {
    plx_cli *cli;
    const char *label; /* what a line starts with */
    plx_value *list;   /* for JSON */
    size_t n_rows, n_needed;
    bool failed; /* out of memory */
} plx_findings;

/* Print one, or keep it for JSON. Of catalog rows, which can be very many, text shows the first twenty. */
bool plx_findings_add(plx_findings *findings, const plx_finding *finding);
/* Say how many rows were not shown. */
void plx_findings_end(const plx_findings *findings);
/* {"findings": [...], ...summary}; for jsonl one line per finding and the summary last. */
bool plx_findings_json(plx_findings *findings, plx_value *summary, plx_err *err);

#endif

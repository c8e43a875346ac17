/* SPDX-License-Identifier: Apache-2.0
 *
 * From a word on the command line to a data set: its manifest, what the store holds of it, and its records.
 */
#ifndef PLX_CLI_FIND_REF_H
#define PLX_CLI_FIND_REF_H

#include "cli/cli.h"
#include "registry/record.h"
#include "schemas/ref.h"

typedef struct plx_found_ref {
    plx_ref ref;                  /* complete: family, version and mode filled in */
    char text[PLX_REF_TEXT];      /* of it, with the mode */
    const plx_manifest *manifest; /* NULL when the registry does not know it */
    const plx_value *content;     /* of the ref in the store, or NULL */
    bool in_other_mode;           /* the store holds it, but in the other mode */
    bool by_digest;               /* sha256:HEX: only `record` is set */
    plx_digest record;
} plx_found_ref;

/* errors: NOTFOUND with near names, and for tasks, models, metrics and runs, which are no data sets; a damaged ref as
 * plx_refs_read reports it. */
bool plx_cli_find_ref(plx_cli *cli, const char *text, plx_found_ref *out, plx_err *err);
/* Digest of the record of `found->ref.unit`, or of the only one. errors: NOTFOUND when it is not in the store (next:
 * plexus get), when there is no such unit, when there are several and none is named. */
bool plx_cli_record_of(plx_cli *cli, const plx_found_ref *found, plx_digest *out, plx_err *err);
/* That record, open. owner: caller, plx_record_close. errors: those of plx_cli_record_of and plx_record_open. */
bool plx_cli_open_record(plx_cli *cli, const plx_found_ref *found, plx_record **out, plx_err *err);
/* The error that says so of a known data set, and how to get it. */
bool plx_cli_not_stored(const plx_cli *cli, const plx_found_ref *found, plx_err *err);
/* The error for a unit that is not among `units`, with the nearest. */
bool plx_cli_no_unit(const plx_value *units, const char *ref, const char *unit, plx_err *err);

#endif

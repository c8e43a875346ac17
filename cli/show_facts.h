/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything known of one data set or record, as one tree: what `show --json` prints and `show` lays out.
 */
#ifndef PLX_CLI_SHOW_FACTS_H
#define PLX_CLI_SHOW_FACTS_H

#include "cli/find_ref.h"

/* Keys: ref, title, description, kind, demo, in_store, licence, licence_note, homepage, citations, files, uses,
 * ingester, and of a record in the store: record, path, counts, counts_all, attributes, members, changes {total,
 * by_rule, list}, python. What is not known is null, with the reason in `reasons`. With several records `units` lists
 * them and the record's own keys are null. owner: cli->arena. */
bool plx_show_facts(plx_cli *cli, const plx_found_ref *found, bool all_changes, plx_value **out, plx_err *err);

#endif

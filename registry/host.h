/* SPDX-License-Identifier: Apache-2.0
 *
 * Hosts of published data: an address such as zenodo:10875063/completely.zip becomes a plain one, with the size and
 * digests the host publishes. One const struct per file host_<name>.c, one line in hosts.def.
 */
#ifndef PLX_REGISTRY_HOST_H
#define PLX_REGISTRY_HOST_H

#include "core/arena.h"
#include "core/value.h"
#include "registry/download.h"

/* What one data set's addresses have in common: answers are asked for once. Of one thread. */
typedef struct plx_host_answer plx_host_answer;
typedef struct plx_asking {
    const plx_ctx *ctx;
    plx_net *net;
    plx_arena *arena;
    plx_host_answer *answers;
} plx_asking;

typedef struct plx_host {
    const char *scheme; /* "zenodo" */
    const char *title;
    const char *form;      /* "zenodo:RECORD/FILE" */
    const char *publishes; /* what it says of a file: "size, MD5" */
    /* `rest` is what follows the colon. With `known` the bytes are pinned already, and nothing needs to be asked that
     * only tells digests. Sets url, and what is published; owner: the arena. errors: as plx_download_text; NOTFOUND. */
    bool (*resolve)(plx_asking *ask, const char *rest, bool known, plx_place *out, plx_err *err);
} plx_host;

extern const plx_host *const plx_hosts[]; /* sorted, NULL at the end */
/* By the scheme of an address, or NULL. */
const plx_host *plx_host_find(const char *address);
/* The plain address of `address`, which stays what messages show. */
bool plx_host_resolve(plx_asking *ask, const char *address, bool known, plx_place *out, plx_err *err);

/* For the drivers. */

/* A text in the arena; printf. NULL when memory is out. An address of https://host/... is rewritten where
 * plx_net_opts.hosts_at says that hosts are elsewhere. */
const char *plx_ask_url(plx_asking *ask, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The JSON at an address, asked once. */
bool plx_ask_json(plx_asking *ask, const char *url, const plx_value **out, plx_err *err);
/* %XX decoded. errors: ARG. */
bool plx_ask_decode(plx_asking *ask, const char *text, const char **out, plx_err *err);
/* The object of an array whose `key` is `value`, or NULL. */
const plx_value *plx_ask_pick(const plx_value *list, const char *key, const char *value);
/* Size and digests, each if it has its proper form. */
void plx_ask_size(const plx_value *size, plx_place *out);
void plx_ask_md5(const char *hex, plx_place *out);
void plx_ask_sha256(const char *hex, plx_place *out);
/* Only letters, digits and - _ . : what may stand in an address without further thought. */
bool plx_ask_is_word(const char *text);
/* NOTFOUND: the host has no such file. Returns false. */
bool plx_ask_missing(const char *rest, const char *where, plx_err *err);

#endif

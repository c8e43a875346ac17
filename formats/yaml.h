/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML for manifests, through libyaml's events. No typing is guessed: every scalar is text with its line and column,
 * and the schema decides. Anchors, aliases, tags, duplicate keys and several documents are refused.
 */
#ifndef PLX_FORMATS_YAML_H
#define PLX_FORMATS_YAML_H

#include "core/ctx.h"
#include "core/value.h"

/* owner: the arena. errors: FORMAT with line and column; LIMIT for depth or size. A plain (unquoted) null, ~ or empty
 * scalar is PLX_V_NULL; every other scalar is PLX_V_STR. */
bool plx_yaml_parse(const plx_ctx *ctx, plx_arena *arena, const char *name, const char *text, size_t len,
                    plx_value **out, plx_err *err);
/* Block-style YAML that plx_yaml_parse reads back; multi-line text as literal blocks. */
bool plx_yaml_write(const plx_value *value, plx_sb *out, plx_err *err);

#endif

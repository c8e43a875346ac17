/* SPDX-License-Identifier: Apache-2.0
 *
 * References: family/dataset[@version][:mode][#unit], task:NAME, model:NAME, metric:NAME, run:HEX, sha256:HEX.
 */
#ifndef PLX_SCHEMAS_REF_H
#define PLX_SCHEMAS_REF_H

#include "core/err.h"
#include "schemas/mode.h"

typedef enum plx_ref_kind {
    PLX_REF_DATASET,
    PLX_REF_TASK,
    PLX_REF_MODEL,
    PLX_REF_METRIC,
    PLX_REF_RUN,
    PLX_REF_SHA256
} plx_ref_kind;

enum { PLX_REF_PART = 96, PLX_REF_TEXT = 480 };

typedef struct plx_ref {
    plx_ref_kind kind;
    char family[PLX_REF_PART]; /* datasets only */
    char name[PLX_REF_PART];
    char version[PLX_REF_PART]; /* "" when not given */
    bool has_mode;
    plx_mode mode;           /* PLX_STRICT when not given */
    char unit[PLX_REF_PART]; /* "" when not given */
} plx_ref;

/* Parts are [a-z0-9] with . _ - inside (units also upper case); a bare "name" without a family is a dataset whose
 * family is "". errors: ARG pointing at the offending character. */
bool plx_ref_parse(const char *text, plx_ref *out, plx_err *err);
/* "family/name@version:mode#unit", leaving out what is not set; strict is written only when has_mode. shape:
 * out[PLX_REF_TEXT]. */
void plx_ref_print(const plx_ref *ref, char out[PLX_REF_TEXT]);

#endif

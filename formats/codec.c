/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of codecs, built from codecs.def, and what their settings have in common.
 */
#include "formats/codec.h"

#include <string.h>

#define PLX_CODEC(name) extern const plx_codec plx_codec_##name;
#include "formats/codecs.def"
#undef PLX_CODEC

#define PLX_CODEC(name) &plx_codec_##name,
const plx_codec *const plx_codecs[] = {
#include "formats/codecs.def"
    NULL,
};
#undef PLX_CODEC

const plx_codec *plx_codec_find(const char *name)
{
    for (const plx_codec *const *c = plx_codecs; *c; c++) {
        if (strcmp((*c)->name, name) == 0) {
            return *c;
        }
    }
    return NULL;
}

bool plx_codec_open(const plx_value *settings, size_t item, const plx_codec **codec, plx_codec_state *state,
                    plx_err *err)
{
    const char *name = plx_v_get_text(settings, "id");
    if (!name) {
        return plx_fail(err, PLX_E_FORMAT, "the compressor has no id");
    }
    *codec = plx_codec_find(name);
    if (!*codec) {
        char list[PLX_ERR_NOTE] = "";
        size_t used = 0;
        for (const plx_codec *const *c = plx_codecs; *c && used < sizeof list; c++) {
            int n = snprintf(list + used, sizeof list - used, "%s%s", c == plx_codecs ? "" : ", ", (*c)->name);
            used += n > 0 ? (size_t)n : 0;
        }
        plx_fail(err, PLX_E_UNSUPPORTED, "chunks packed by \"%.40s\" are not read", name);
        return plx_err_why(err, "read are %s and plain bytes", list);
    }
    *state = (plx_codec_state){.item = item};
    return (*codec)->open(settings, item, state, err);
}

bool plx_codec_int(const plx_value *settings, const char *key, int64_t fallback, int64_t low, int64_t high,
                   int64_t *out, plx_err *err)
{
    const plx_value *given = plx_v_get(settings, key);
    *out = fallback;
    if (!given || given->kind == PLX_V_NULL) {
        return true;
    }
    if (plx_v_as_i64(given, out) && *out >= low && *out <= high) {
        return true;
    }
    const char *name = plx_v_get_text(settings, "id");
    plx_fail(err, PLX_E_FORMAT, "the setting %s of codec %s is out of range", key, name ? name : "?");
    return plx_err_why(err, "expected a whole number from %lld to %lld", (long long)low, (long long)high);
}

bool plx_codec_damaged(plx_err *err, const char *codec, const char *why)
{
    plx_fail(err, PLX_E_FORMAT, "its packed bytes are damaged");
    return plx_err_why(err, "%s: %s", codec, why);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The seal line of FORMAT, refs and run files.
 */
#include "registry/sealed.h"

#include <string.h>

void plx_sealed_add(plx_sb *text)
{
    plx_digest digest = plx_sha256_of(plx_sb_str(text), text->len);
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(&digest, hex);
    plx_sb_text(text, "sha256 ");
    plx_sb_text(text, hex);
    plx_sb_char(text, '\n');
}

bool plx_sealed_check(const char *name, const void *bytes, size_t len, size_t *body_len, plx_digest *seal, plx_err *err)
{
    const char *text = bytes;
    if (len <= PLX_SEAL_LINE || text[len - PLX_SEAL_LINE - 1] != '\n') {
        plx_fail(err, PLX_E_DIGEST, "%s is damaged: it does not end with its seal", name);
        return plx_err_why(
            err, "expected a last line \"sha256 <64 hex digits>\" after some text, got %zu bytes without one", len);
    }
    plx_digest got = plx_sha256_of(text, len - PLX_SEAL_LINE);
    char line[PLX_SEAL_LINE + 1] = "sha256 ";
    plx_digest_hex(&got, line + 7);
    line[PLX_SEAL_LINE - 1] = '\n';
    /* Compared as text, so that a bit flipped in the seal itself (an upper-case digit) is damage too. */
    if (memcmp(text + len - PLX_SEAL_LINE, line, PLX_SEAL_LINE) != 0) {
        plx_fail(err, PLX_E_DIGEST, "%s is damaged: its content differs from its seal", name);
        return plx_err_why(err, "its content has sha256 %.64s", line + 7);
    }
    *body_len = len - PLX_SEAL_LINE;
    *seal = got;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * See lzf.h.
 */
#include "formats/lzf.h"

#include <string.h>

enum { LITERALS = 32, LONG = 7, SHORTEST = 2 }; /* copies are at least SHORTEST + 1 bytes */

static bool damaged(const char *what, plx_err *err)
{
    plx_fail(err, PLX_E_FORMAT, "an lzf stream is damaged");
    return plx_err_why(err, "%s", what);
}

bool plx_lzf_decode(const uint8_t *packed, size_t n, uint8_t *out, size_t want, plx_err *err)
{
    size_t at = 0, done = 0;
    while (at < n) {
        size_t control = packed[at++], len, back;
        if (control < LITERALS) {
            len = control + 1;
            if (len > n - at || len > want - done) {
                return damaged(len > n - at ? "it ends inside a run" : "it unpacks to more bytes than a chunk has",
                               err);
            }
            memcpy(out + done, packed + at, len);
            at += len;
            done += len;
            continue;
        }
        len = control >> 5;
        if (n - at < (len == LONG ? 2U : 1U)) {
            return damaged("it ends inside a copy", err);
        }
        len += len == LONG ? packed[at++] : 0;
        len += SHORTEST;
        back = ((control & 0x1f) << 8) + packed[at++] + 1;
        if (back > done || len > want - done) {
            return damaged(
                back > done ? "it copies from before its start" : "it unpacks to more bytes than a chunk has", err);
        }
        for (size_t i = 0; i < len; i++, done++) { /* the two may overlap, which repeats */
            out[done] = out[done - back];
        }
    }
    return done == want || damaged("it unpacks to fewer bytes than a chunk has", err);
}

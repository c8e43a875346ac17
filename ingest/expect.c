/* SPDX-License-Identifier: Apache-2.0
 *
 * Published counts are the cheapest proof that a file was read as its authors meant it, so a difference refuses the
 * record.
 */
#include "ingest/expect.h"

#include "core/num.h"

#include <string.h>

uint64_t plx_expect_changes(const plx_value *meta)
{
    const plx_value *by_rule = plx_v_get(meta, "n_changes");
    uint64_t sum = 0;
    for (size_t i = 0; by_rule && by_rule->kind == PLX_V_OBJ && i < by_rule->u.obj.n; i++) {
        int64_t n = 0;
        if (plx_v_as_i64(by_rule->u.obj.members[i].value, &n) && n > 0) {
            sum += (uint64_t)n;
        }
    }
    return sum;
}

static bool find_count(const plx_value *meta, const char *key, double *out)
{
    if (strcmp(key, "changes") == 0) {
        *out = (double)plx_expect_changes(meta);
        return true;
    }
    bool all = plx_starts_with(key, "all_");
    const plx_value *counts = plx_v_get(meta, all ? "counts_all" : "counts");
    return plx_v_as_f64(plx_v_get(counts, all ? key + strlen("all_") : key), out);
}

bool plx_expect_check(const plx_manifest *manifest, plx_mode mode, const plx_value *meta, plx_err *err)
{
    const plx_value *expect = manifest->expect ? plx_v_get(manifest->expect, plx_mode_name(mode)) : NULL;
    plx_sb differences = {0};
    size_t n = 0;
    for (size_t i = 0; expect && expect->kind == PLX_V_OBJ && i < expect->u.obj.n; i++) {
        const char *key = expect->u.obj.members[i].key.ptr;
        double want = 0;
        double got = 0;
        char want_text[PLX_NUM_TEXT];
        char got_text[PLX_NUM_TEXT];
        plx_v_as_f64(expect->u.obj.members[i].value, &want);
        bool known = find_count(meta, key, &got);
        if (known && !(got < want) && !(got > want)) {
            continue;
        }
        plx_print_f64(want, want_text);
        plx_print_f64(got, got_text);
        plx_sb_printf(&differences, "%s%s: expected %s, got %s", n++ ? "; " : "", key, want_text,
                      known ? got_text : "no such count");
    }
    if (differences.failed) {
        plx_sb_free(&differences);
        return plx_fail_nomem(err, 0);
    }
    if (n > 0) {
        plx_fail(err, PLX_E_SCHEMA, "%s/%s:%s does not give the counts its manifest expects", manifest->family,
                 manifest->name, plx_mode_name(mode));
        plx_err_why(err, "%s", plx_sb_str(&differences));
        plx_note(err, "%s", manifest->origin);
    }
    plx_sb_free(&differences);
    return n == 0;
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * plexus score --against: is an earlier result still of these files and settings?
 */
#include "cli/score_labels.h"

#include "formats/json.h"

static const char *text_or_empty(const plx_value *v, const char *key)
{
    const char *text = plx_v_get_text(v, key);
    return text ? text : "";
}

static void compare(const char *path, const char *of, const plx_value *then, const plx_value *now, bool *stale)
{
    static const char *const keys[] = {"metric",         "task",         "definition",
                                       "mode",           "partly",       "localization",
                                       "assignment",     "merges",       "remove_small_components",
                                       "whole_test_set", "truth_sha256", "prediction_sha256"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const plx_value *was = plx_v_get(then, keys[i]), *is = plx_v_get(now, keys[i]);
        if (is && (!was || !plx_v_equal(was, is))) {
            fprintf(stderr, "stale: %s%s%s %s %s\n", path, *of ? ", image " : "", of, was ? "has another" : "has no",
                    keys[i]);
            *stale = true;
        }
    }
}

static const plx_value *find_sample(const plx_value *list, const char *name)
{
    for (size_t i = 0; list && list->kind == PLX_V_ARR && i < list->u.arr.n; i++) {
        if (strcmp(text_or_empty(list->u.arr.items[i], "sample"), name) == 0) {
            return list->u.arr.items[i];
        }
    }
    return NULL;
}

/* Images of `list` that `other` has not. */
static void tell_strangers(const char *path, const plx_value *list, const plx_value *other, const char *what,
                           bool *stale)
{
    for (size_t i = 0; list && list->kind == PLX_V_ARR && i < list->u.arr.n; i++) {
        const char *name = text_or_empty(list->u.arr.items[i], "sample");
        if (!find_sample(other, name)) {
            fprintf(stderr, "stale: %s %s image %s\n", path, what, name);
            *stale = true;
        }
    }
}

bool plx_score_against(plx_cli *cli, const char *path, const plx_value *now, bool *stale, plx_err *err)
{
    plx_source *source;
    plx_value *then;
    if (!plx_source_file(&cli->ctx, path, false, &source, err)) {
        return false;
    }
    bool ok = plx_json_read(&cli->ctx, cli->arena, source, NULL, &then, err);
    plx_source_close(source);
    *stale = false;
    if (!ok) {
        return false;
    }
    const plx_value *was = plx_v_get(then, "samples"), *is = plx_v_get(now, "samples");
    compare(path, "", then, now, stale);
    tell_strangers(path, was, is, "also has an", stale);
    tell_strangers(path, is, was, "lacks the", stale);
    for (size_t i = 0; is && is->kind == PLX_V_ARR && i < is->u.arr.n; i++) {
        const char *name = text_or_empty(is->u.arr.items[i], "sample");
        const plx_value *sample = find_sample(was, name);
        if (sample) {
            compare(path, name, sample, is->u.arr.items[i], stale);
        }
    }
    return true;
}

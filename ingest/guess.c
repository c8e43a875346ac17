/* SPDX-License-Identifier: Apache-2.0
 *
 * Guessing by layout: the outline of each file is shown to every ingester that knows what its own look like.
 */
#include "ingest/guess.h"

#include "core/str.h"
#include "formats/format.h"

#include <string.h>
#include <strings.h>

enum { SHOWN = 16 }; /* rows and entries of lists in an outline: enough to see what the first one is like */

bool plx_guess_option(plx_guess *guess, const char *key, const char *value)
{
    for (const plx_ingest_option *o = guess->ingester->options; o && o->name; o++) {
        if (strcmp(o->name, key) == 0 && o->fallback && strcmp(o->fallback, value) == 0) {
            return true;
        }
    }
    if (guess->n_options == PLX_GUESS_MAX) {
        return false;
    }
    const char *option = plx_arena_printf(guess->arena, "%s=%s", key, value);
    guess->options[guess->n_options] = option;
    guess->n_options += option != NULL;
    return option != NULL;
}

const char *plx_guess_item(const plx_value *outline, const char *const *names)
{
    const plx_value *items = outline ? plx_v_get(outline, "items") : NULL;
    for (; *names; names++) {
        for (size_t i = 0; items && items->kind == PLX_V_ARR && i < items->u.arr.n; i++) {
            const char *name = plx_v_get_text(items->u.arr.items[i], "name");
            if (name && strcasecmp(name, *names) == 0) {
                return name;
            }
        }
    }
    return NULL;
}

/* *out NULL for a file that no format reads. */
static bool outline_of(const plx_ctx *ctx, plx_arena *arena, const char *path, const plx_format **format,
                       plx_value **out, plx_err *err)
{
    plx_err why;
    plx_err_clear(&why);
    *out = NULL;
    const plx_outline_ask ask = {.ctx = ctx, .arena = arena, .path = path, .limit = SHOWN};
    if ((plx_format_detect(path, format, &why) && (*format)->outline && (*format)->outline(&ask, out, &why)) ||
        (why.code != PLX_E_NOMEM && why.code != PLX_E_CANCELLED)) {
        return true;
    }
    if (err) {
        *err = why;
    }
    return false;
}

static bool same_options(const plx_guess *a, const plx_guess *b)
{
    bool same = a->n_options == b->n_options;
    for (size_t i = 0; same && i < a->n_options; i++) {
        same = strcmp(a->options[i], b->options[i]) == 0;
    }
    return same;
}

bool plx_ingest_guess(const plx_ctx *ctx, plx_arena *arena, const char *const *files, size_t n,
                      const plx_ingester **out, plx_guess *guess, plx_err *err)
{
    enum { MOST = 64 };
    plx_guess guesses[MOST] = {{0}};
    bool fits[MOST];
    size_t n_ingesters = 0, n_fit = 0;
    *out = NULL;
    for (; plx_ingesters[n_ingesters] && n_ingesters < MOST; n_ingesters++) {
        fits[n_ingesters] = n > 0 && plx_ingesters[n_ingesters]->fits != NULL;
    }
    for (size_t i = 0; i < n; i++) {
        const plx_format *format = NULL;
        plx_value *outline = NULL;
        if (!outline_of(ctx, arena, files[i], &format, &outline, err)) {
            return false;
        }
        for (size_t k = 0; k < n_ingesters; k++) {
            plx_guess one = {.arena = arena, .ingester = plx_ingesters[k]};
            fits[k] = fits[k] && outline && plx_ingesters[k]->fits(format->name, outline, &one) &&
                      (i == 0 || same_options(&one, &guesses[k]));
            guesses[k] = one;
        }
    }
    for (size_t k = 0; k < n_ingesters; k++) {
        if (fits[k]) {
            *out = n_fit++ == 0 ? plx_ingesters[k] : NULL;
            *guess = guesses[k];
        }
    }
    return true;
}

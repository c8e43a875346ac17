/* SPDX-License-Identifier: Apache-2.0
 *
 * GNU-style parsing by tables. Not supported: abbreviated long names (a new option would change what an old script
 * means) and optional values.
 */
#include "core/opt.h"

#include "core/num.h"
#include "core/str.h"
#include "core/tty.h"

#include <math.h>
#include <string.h>

enum { MAX_NAMES = 128, HELP_COLUMN = 28 };

typedef struct parser {
    const plx_opt *const *tables;
    void *const *targets;
    size_t n_tables;
} parser;

static const plx_opt *find(const parser *p, const char *name, size_t len, char letter, void **target)
{
    for (size_t t = 0; t < p->n_tables; t++) {
        for (const plx_opt *o = p->tables[t]; o && o->name; o++) {
            if (letter ? o->letter == letter : strlen(o->name) == len && memcmp(o->name, name, len) == 0) {
                *target = (char *)p->targets[t] + o->offset;
                return o;
            }
        }
    }
    return NULL;
}

static bool takes_value(const plx_opt *o)
{
    return o->type != PLX_OPT_FLAG && o->type != PLX_OPT_COUNT;
}

static bool unknown(const parser *p, const char *word, const char *name, size_t len, plx_err *err)
{
    const char *names[MAX_NAMES];
    size_t n = 0;
    char given[64];
    for (size_t t = 0; t < p->n_tables; t++) {
        for (const plx_opt *o = p->tables[t]; o && o->name && n < MAX_NAMES; o++) {
            names[n++] = o->name;
        }
    }
    plx_fail(err, PLX_E_ARG, "unknown option %s", word);
    if (len < sizeof given) {
        memcpy(given, name, len);
        given[len] = '\0';
        const char *near = plx_nearest(given, names, n);
        if (near) {
            plx_err_why(err, "did you mean --%s?", near);
        }
    }
    return false;
}

/* "30s", "5m", "2h", "1d", "250ms", "1.5", "forever". */
static bool parse_seconds(const char *text, double *out)
{
    static const struct {
        const char *suffix;
        double scale;
    } units[] = {{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    if (strcmp(text, "forever") == 0) {
        *out = -1;
        return true;
    }
    size_t len = strlen(text);
    double scale = 1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (plx_ends_with(text, units[i].suffix)) {
            len -= strlen(units[i].suffix);
            scale = units[i].scale;
            break;
        }
    }
    double value;
    if (!plx_parse_f64(text, len, &value) || !isfinite(value) || value < 0) {
        return false;
    }
    *out = value * scale;
    return true;
}

static bool store_choice(const plx_opt *o, const char *value, const char **target, plx_err *err)
{
    const char *names[32];
    char words[32][32];
    size_t n = 0;
    for (const char *p = o->choices; p && n < 32;) {
        const char *bar = strchr(p, '|');
        size_t len = bar ? (size_t)(bar - p) : strlen(p);
        if (len == strlen(value) && memcmp(p, value, len) == 0) {
            *target = value;
            return true;
        }
        snprintf(words[n], sizeof words[n], "%.*s", (int)len, p);
        names[n] = words[n];
        n++;
        p = bar ? bar + 1 : NULL;
    }
    const char *near = plx_nearest(value, names, n);
    plx_fail(err, PLX_E_ARG, "--%s cannot be %s", o->name, value);
    return near ? plx_err_why(err, "it is one of %s; did you mean %s?", o->choices, near)
                : plx_err_why(err, "it is one of %s", o->choices);
}

static bool store_list(const plx_opt *o, char *value, plx_opt_list *list, plx_err *err)
{
    for (char *p = value; p;) {
        char *comma = strchr(p, ',');
        if (comma) {
            *comma = '\0';
        }
        if (!*p) {
            return plx_fail(err, PLX_E_ARG, "--%s has an empty item", o->name);
        }
        if (list->n == PLX_OPT_LIST_MAX) {
            return plx_fail(err, PLX_E_ARG, "--%s takes at most %d items", o->name, PLX_OPT_LIST_MAX);
        }
        list->items[list->n++] = p;
        p = comma ? comma + 1 : NULL;
    }
    return true;
}

static bool store(const plx_opt *o, char *value, void *target, plx_err *err)
{
    switch (o->type) {
    case PLX_OPT_FLAG:
        *(bool *)target = true;
        return true;
    case PLX_OPT_COUNT:
        ++*(int *)target;
        return true;
    case PLX_OPT_TEXT:
        *(const char **)target = value;
        return true;
    case PLX_OPT_LIST:
        return store_list(o, value, target, err);
    case PLX_OPT_CHOICE:
        return store_choice(o, value, target, err);
    case PLX_OPT_INT:
        if (plx_parse_i64(value, strlen(value), target)) {
            return true;
        }
        plx_fail(err, PLX_E_ARG, "--%s cannot be %s", o->name, value);
        return plx_err_why(err, "it is a whole number, such as 4");
    case PLX_OPT_BYTES:
        if (plx_parse_bytes(value, target)) {
            return true;
        }
        plx_fail(err, PLX_E_ARG, "--%s cannot be %s", o->name, value);
        return plx_err_why(err, "it is a number of bytes, such as 512M or 4G");
    case PLX_OPT_SECONDS:
        if (parse_seconds(value, target)) {
            return true;
        }
        plx_fail(err, PLX_E_ARG, "--%s cannot be %s", o->name, value);
        return plx_err_why(err, "it is a time, such as 30s, 5m or forever");
    }
    return plx_fail(err, PLX_E_BUG, "option --%s has no known type", o->name);
}

static bool missing_value(const plx_opt *o, plx_err *err)
{
    plx_fail(err, PLX_E_ARG, "option --%s needs a value", o->name);
    return plx_err_why(err, "write --%s %s", o->name, o->value_name ? o->value_name : "VALUE");
}

static bool parse_long(const parser *p, int argc, char **argv, int *at, plx_err *err)
{
    char *word = argv[*at], *name = word + 2, *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    void *target;
    const plx_opt *o = find(p, name, len, 0, &target);
    if (!o) {
        return unknown(p, word, name, len, err);
    }
    if (!takes_value(o)) {
        return equals ? plx_fail(err, PLX_E_ARG, "option --%s takes no value", o->name) : store(o, NULL, target, err);
    }
    if (equals) {
        return store(o, equals + 1, target, err);
    }
    if (*at + 1 >= argc) {
        return missing_value(o, err);
    }
    return store(o, argv[++*at], target, err);
}

static bool parse_letters(const parser *p, int argc, char **argv, int *at, plx_err *err)
{
    char *word = argv[*at];
    for (char *c = word + 1; *c; c++) {
        void *target;
        const plx_opt *o = find(p, NULL, 0, *c, &target);
        if (!o) {
            /* "-store" is more likely a long name with a dash missing than five letters. */
            if (c == word + 1 && c[1]) {
                return unknown(p, word, c, strcspn(c, "="), err);
            }
            return plx_fail(err, PLX_E_ARG, c[1] || c > word + 1 ? "unknown option -%c in %s" : "unknown option -%c",
                            *c, word);
        }
        if (!takes_value(o)) {
            if (!store(o, NULL, target, err)) {
                return false;
            }
            continue;
        }
        if (c[1]) {
            return store(o, c + 1, target, err);
        }
        if (*at + 1 >= argc) {
            return missing_value(o, err);
        }
        return store(o, argv[++*at], target, err);
    }
    return true;
}

bool plx_opt_parse(const plx_opt *const *tables, void *const *targets, size_t n_tables, int argc, char **argv,
                   const char **positional, size_t max_positional, size_t *n_positional, plx_err *err)
{
    parser p = {tables, targets, n_tables};
    bool options = true;
    *n_positional = 0;
    for (int i = 1; i < argc; i++) {
        char *word = argv[i];
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && plx_starts_with(word, "--")) {
            if (!parse_long(&p, argc, argv, &i, err)) {
                return false;
            }
        } else if (options && word[0] == '-' && word[1]) {
            if (!parse_letters(&p, argc, argv, &i, err)) {
                return false;
            }
        } else if (*n_positional == max_positional) {
            return plx_fail(err, PLX_E_ARG, "one argument too many: %s", word);
        } else {
            positional[(*n_positional)++] = word;
        }
    }
    return true;
}

void plx_opt_help(const plx_opt *table, unsigned width, FILE *to)
{
    for (const plx_opt *o = table; o && o->name; o++) {
        char left[96];
        const char *value = o->choices ? o->choices : o->value_name ? o->value_name : "VALUE";
        int n = snprintf(left, sizeof left, "  %c%c%s --%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
                         o->letter ? "," : " ", o->name, takes_value(o) ? " " : "", takes_value(o) ? value : "");
        if (n + 2 > HELP_COLUMN) {
            fprintf(to, "%s\n%*s", left, HELP_COLUMN, "");
        } else {
            fprintf(to, "%-*s", HELP_COLUMN, left);
        }
        plx_tty_wrap(o->doc ? o->doc : "", HELP_COLUMN, width, to);
    }
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables that are built in.
 */
#include "benchmarks/label_samples.h"

#include "core/embed.h"
#include "core/num.h"
#include "core/str.h"

extern const plx_embedded plx_benchmark_data[];

const char *const plx_published_names[PLX_PUBLISHED_SCORES] = {"S", "avF1", "C", "clDice_TP", "tp", "FS", "FM"};

enum { MAX_FIELDS = 10 };

/* Fields of the next row; false at the end. */
static bool next_row(const char **at, plx_slice fields[MAX_FIELDS], size_t *n)
{
    const char *line = *at, *end = strchr(line, '\n');
    if (!end) {
        return false;
    }
    *n = 0;
    for (const char *start = line; *n < MAX_FIELDS; start++) {
        const char *tab = start;
        while (tab < end && *tab != '\t') {
            tab++;
        }
        fields[(*n)++] = (plx_slice){start, (size_t)(tab - start)};
        start = tab;
        if (tab == end) {
            break;
        }
    }
    *at = end + 1;
    return true;
}

static const char *text_of(const char *name, size_t *n_lines)
{
    *n_lines = 0;
    for (const plx_embedded *e = plx_benchmark_data; e->name; e++) {
        if (strcmp(e->name, name) == 0) {
            for (size_t i = 0; i < e->len; i++) {
                *n_lines += e->bytes[i] == '\n';
            }
            return (const char *)e->bytes;
        }
    }
    return NULL;
}

/* The table behind its header; NULL when it is not there. */
static const char *open_table(const char *name, size_t *n_rows, plx_err *err)
{
    plx_slice fields[MAX_FIELDS];
    size_t n;
    const char *at = text_of(name, n_rows);
    if (!at || !next_row(&at, fields, &n)) {
        plx_fail(err, PLX_E_BUG, "the table %s is not built in", name);
        return NULL;
    }
    --*n_rows;
    return at;
}

static const char *keep(plx_arena *arena, plx_slice s)
{
    return plx_arena_strndup(arena, s.ptr, s.len);
}

bool plx_label_samples(plx_arena *arena, plx_label_listed **out, size_t *n, plx_err *err)
{
    plx_slice f[MAX_FIELDS] = {0};
    size_t n_rows, n_fields;
    const char *at = open_table("fisbe_samples.tsv", &n_rows, err);
    *n = 0;
    if (!at) {
        return false;
    }
    *out = plx_arena_zero(arena, n_rows + 1, sizeof **out);
    while (*out && next_row(&at, f, &n_fields)) {
        plx_label_listed *row = &(*out)[(*n)++];
        *row = (plx_label_listed){keep(arena, f[2]), keep(arena, f[1]), plx_slice_is(f[0], "partly")};
        if (!row->name || !row->split) {
            *out = NULL;
        }
    }
    return *out || plx_fail_nomem(err, n_rows * sizeof **out);
}

bool plx_published_fisbe(plx_arena *arena, plx_published **out, size_t *n, plx_err *err)
{
    plx_slice f[MAX_FIELDS] = {0};
    size_t n_rows, n_fields;
    const char *at = open_table("published.tsv", &n_rows, err);
    *n = 0;
    if (!at) {
        return false;
    }
    *out = plx_arena_zero(arena, n_rows + 1, sizeof **out);
    while (*out && next_row(&at, f, &n_fields)) {
        plx_published *row = &(*out)[(*n)++];
        row->set = keep(arena, f[1]);
        row->method = keep(arena, f[2]);
        for (size_t k = 0; k < PLX_PUBLISHED_SCORES; k++) {
            if (!plx_parse_f64(f[3 + k].ptr, f[3 + k].len, &row->scores[k])) {
                return plx_fail(err, PLX_E_BUG, "a published score is no number");
            }
        }
        if (!row->set || !row->method) {
            *out = NULL;
        }
    }
    return *out || plx_fail_nomem(err, n_rows * sizeof **out);
}

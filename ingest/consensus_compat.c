/* SPDX-License-Identifier: Apache-2.0
 *
 * The published consensus: per ordered pair the mean of the distinct gap weights of both directions (D10), the mean of
 * the chemical weights of those graphs that have the connection, the response, and 0.9 times the deviation of the
 * chemical weights plus 0.1 times that of the distinct gap weights, which is missing unless both are there (D11).
 *
 * source: qsimeon/worm-data-preprocess@953f66a7ff7e:extra/consensus_connectome.py. Sums run in the order of NumPy's, so
 * that means and deviations agree to the last digit.
 */
#include "core/num.h"
#include "ingest/consensus.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_GRAPHS = 64, NAMES = 512 };
static const double chemical_share = 0.9;

typedef struct values {
    double of[2 * MOST_GRAPHS];
    size_t n;
} values;

/* As numpy.add.reduce adds up to 128 numbers: eight running sums once there are eight. */
static double sum_of(const values *v)
{
    double sum = 0;
    size_t i = 0;
    if (v->n >= 8) {
        double r[8];
        memcpy(r, v->of, sizeof r);
        for (i = 8; i < v->n - v->n % 8; i += 8) {
            for (size_t k = 0; k < 8; k++) {
                r[k] += v->of[i + k];
            }
        }
        sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    }
    for (; i < v->n; i++) {
        sum += v->of[i];
    }
    return sum;
}

static double mean_of(const values *v)
{
    return v->n ? sum_of(v) / (double)v->n : (double)NAN;
}

/* Of the population. */
static double deviation_of(const values *v)
{
    values squares = {.n = v->n};
    double mean = mean_of(v);
    for (size_t i = 0; i < v->n; i++) {
        squares.of[i] = (v->of[i] - mean) * (v->of[i] - mean);
    }
    return v->n ? sqrt(sum_of(&squares) / (double)v->n) : (double)NAN;
}

static void add_distinct(values *v, double value)
{
    size_t i = 0;
    while (i < v->n && v->of[i] < value) {
        i++;
    }
    if (i < v->n && !(v->of[i] > value)) {
        return;
    }
    for (size_t k = v->n++; k > i; k--) {
        v->of[k] = v->of[k - 1];
    }
    v->of[i] = value;
}

typedef struct pair {
    values chemical, gap, all_gap; /* gap: distinct */
    double functional;             /* NaN: none */
    char names[NAMES];             /* of graphs, as Python prints a list */
    size_t n_names;
} pair;

static void add_name(pair *p, const char *name)
{
    size_t used = p->n_names ? strlen(p->names) - 1 : 0;
    snprintf(p->names + used, sizeof p->names - used, "%s'%s']", p->n_names ? ", " : "[", name);
    p->n_names++;
}

static double at(const double *array, size_t pre, size_t post)
{
    return array ? array[pre * PLX_N_NEURONS + post] : 0;
}

static void look_at(const plx_consensus *c, size_t pre, size_t post, pair *out)
{
    *out = (pair){.functional = (double)NAN, .names = "[]"};
    for (size_t i = 0; i < c->n_graphs; i++) {
        const plx_consensus_graph *g = &c->graphs[i];
        double chemical = at(g->chemical, pre, post);
        double functional = at(g->functional, pre, post);
        const double gap[] = {at(g->gap, pre, post), at(g->gap, post, pre)};
        bool there = false;
        for (size_t k = 0; k < 2; k++) {
            if (gap[k] > 0) {
                there = true;
                add_distinct(&out->gap, gap[k]);
            }
        }
        if (gap[0] > 0) {
            out->all_gap.of[out->all_gap.n++] = gap[0];
        }
        if (chemical > 0) {
            there = true;
            out->chemical.of[out->chemical.n++] = chemical;
        }
        if (functional < 0 || functional > 0) {
            there = true;
            out->functional = (double)(float)functional; /* upstream's tensors are of single precision */
        }
        if (there) {
            add_name(out, g->name);
        }
    }
}

static bool add(plx_consensus *c, size_t pre, size_t post, plx_edge_kind kind, double weight, plx_err *err)
{
    const plx_connectome_row row = {.pre = plx_slice_of(plx_neurons[pre]),
                                    .post = plx_slice_of(plx_neurons[post]),
                                    .kind = kind,
                                    .weight = weight,
                                    .file = c->file};
    bool said = isnan(weight) || (kind == PLX_EDGE_GAP && pre > post); /* the builder adds the other direction */
    return said || plx_connectome_add(c->builder, &row, err);
}

/* Once per junction whose mean is another because equal weights count once. */
static bool tell_distinct(plx_consensus *c, size_t pre, size_t post, const pair *p, plx_err *err)
{
    char subject[64];
    char before[256] = "";
    char after[PLX_NUM_TEXT];
    size_t used = 0;
    double mean = mean_of(&p->gap);
    double all = mean_of(&p->all_gap);
    if (pre > post || p->gap.n == 0 || !(all < mean || all > mean)) {
        return true;
    }
    snprintf(subject, sizeof subject, "%s->%s gap", plx_neurons[pre], plx_neurons[post]);
    for (size_t i = 0; i < p->all_gap.n && used + PLX_NUM_TEXT + 4 < sizeof before; i++) {
        char number[PLX_NUM_TEXT];
        plx_print_f64(p->all_gap.of[i], number);
        used += (size_t)snprintf(before + used, sizeof before - used, "%s%s", i ? " | " : "", number);
    }
    plx_print_f64(mean, after);
    plx_sink *sink = plx_ingest_sink(c->job);
    const plx_change change = {.action = "average",
                               .rule = "D10",
                               .subject = subject,
                               .before = before,
                               .after = after,
                               .reason =
                                   "upstream averages the distinct weights of the graphs, so equal ones count once",
                               .file = c->file};
    return sink->change(sink, &change, err);
}

bool plx_consensus_compat_rows(plx_consensus *c, plx_err *err)
{
    if (c->n_graphs > MOST_GRAPHS) {
        return plx_fail(err, PLX_E_LIMIT, "a consensus is of at most %d graphs", MOST_GRAPHS);
    }
    for (size_t pre = 0; pre < PLX_N_NEURONS; pre++) {
        for (size_t post = 0; post < PLX_N_NEURONS; post++) {
            pair p;
            look_at(c, pre, post, &p);
            if (!add(c, pre, post, PLX_EDGE_CHEMICAL, mean_of(&p.chemical), err) ||
                !add(c, pre, post, PLX_EDGE_GAP, mean_of(&p.gap), err) ||
                !add(c, pre, post, PLX_EDGE_FUNCTIONAL, p.functional, err) || !tell_distinct(c, pre, post, &p, err)) {
                return false;
            }
        }
        if (!plx_ctx_go_on(plx_ingest_ctx(c->job), err)) {
            return false;
        }
    }
    return true;
}

/* "(94.34, 0.03, 10.31)" */
static size_t print_position(const double um[3], char out[128])
{
    size_t used = 0;
    for (size_t k = 0; k < 3; k++) {
        char number[PLX_NUM_TEXT];
        plx_print_f64(um[k], number);
        used += (size_t)snprintf(out + used, 128 - used, "%s%s", k ? ", " : "(", number);
    }
    return used + (size_t)snprintf(out + used, 128 - used, ")");
}

enum { FROM_NEURON, TO_NEURON, FROM_POS, TO_POS, FROM_TYPE, TO_TYPE, DATA_SOURCES, N_TEXTS };
enum { MEAN_GAP, MEAN_CHEMICAL, UNCERTAINTY, FUNCTIONAL, N_NUMBERS };
/* In the order in which the published files have them; a text or a number. */
static const struct {
    const char *name;
    int text, number;
} published[] = {{"from_neuron", FROM_NEURON, -1},  {"to_neuron", TO_NEURON, -1},
                 {"from_pos", FROM_POS, -1},        {"to_pos", TO_POS, -1},
                 {"from_type", FROM_TYPE, -1},      {"to_type", TO_TYPE, -1},
                 {"mean_gap_weight", -1, MEAN_GAP}, {"mean_chem_weight", -1, MEAN_CHEMICAL},
                 {"uncertainty", -1, UNCERTAINTY},  {"functional_weight", -1, FUNCTIONAL},
                 {"data_sources", DATA_SOURCES, -1}};
enum { N_PUBLISHED = sizeof published / sizeof *published };

typedef struct table_state {
    plx_strcol texts[N_TEXTS];
    double *numbers[N_NUMBERS]; /* in the arena */
    uint64_t n_anatomical, n_any, n_uncertain;
} table_state;

static void add_row(const plx_consensus *c, size_t pre, size_t post, table_state *t)
{
    pair p;
    char from[128];
    char to[128];
    size_t row = pre * PLX_N_NEURONS + post;
    look_at(c, pre, post, &p);
    plx_strcol_add(&t->texts[FROM_NEURON], plx_slice_of(plx_neurons[pre]));
    plx_strcol_add(&t->texts[TO_NEURON], plx_slice_of(plx_neurons[post]));
    plx_strcol_add(&t->texts[FROM_POS], (plx_slice){from, print_position(c->um[pre], from)});
    plx_strcol_add(&t->texts[TO_POS], (plx_slice){to, print_position(c->um[post], to)});
    plx_strcol_add(&t->texts[FROM_TYPE], plx_slice_of(c->type[pre]));
    plx_strcol_add(&t->texts[TO_TYPE], plx_slice_of(c->type[post]));
    plx_strcol_add(&t->texts[DATA_SOURCES], plx_slice_of(p.names));
    t->numbers[MEAN_GAP][row] = mean_of(&p.gap);
    t->numbers[MEAN_CHEMICAL][row] = mean_of(&p.chemical);
    t->numbers[UNCERTAINTY][row] = chemical_share * deviation_of(&p.chemical) +
                                   (1 - chemical_share) * deviation_of(&p.gap); /* NaN unless both are there */
    t->numbers[FUNCTIONAL][row] = p.functional;
    bool anatomical = p.gap.n || p.chemical.n;
    t->n_anatomical += anatomical;
    t->n_any += anatomical || !isnan(p.functional);
    t->n_uncertain += isnan(t->numbers[UNCERTAINTY][row]) ? 0 : 1;
}

static bool emit_table(plx_consensus *c, table_state *t, plx_err *err)
{
    plx_sink *sink = plx_ingest_sink(c->job);
    plx_table table = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < N_PUBLISHED; i++) {
        plx_column *column = NULL;
        if (published[i].text >= 0) {
            ok = plx_strcol_finish(&t->texts[published[i].text], &table, published[i].name, err);
            continue;
        }
        ok = plx_table_add(&table, published[i].name, "", PLX_F64, PLX_N_PAIRS, &column, err);
        if (ok) {
            memcpy(column->values.ptr, t->numbers[published[i].number], PLX_N_PAIRS * sizeof(double));
        }
    }
    ok = ok && sink->table(sink, "consensus", &table, err);
    plx_table_free(&table);
    return ok;
}

static bool say(plx_consensus *c, const table_state *t, plx_err *err)
{
    plx_sink *sink = plx_ingest_sink(c->job);
    plx_arena *arena = plx_ingest_arena(c->job);
    plx_value *rows = plx_v_obj(arena);
    const char *d11 = plx_arena_printf(
        arena, "D11: uncertainty is there for %llu of %llu anatomical pairs, those with both kinds of synapses",
        (unsigned long long)t->n_uncertain, (unsigned long long)t->n_anatomical);
    bool made = rows && d11 && plx_v_set(arena, rows, "full", plx_v_u64(arena, PLX_N_PAIRS)) &&
                plx_v_set(arena, rows, "trimmed_nofunc", plx_v_u64(arena, t->n_anatomical)) &&
                plx_v_set(arena, rows, "trimmed_withfunc", plx_v_u64(arena, t->n_any));
    return (made || plx_fail_nomem(err, 0)) && sink->attribute(sink, "published_rows", rows, err) &&
           plx_sink_text(sink, "uncertainty", d11, err);
}

bool plx_consensus_compat_table(plx_consensus *c, plx_err *err)
{
    table_state t = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < N_NUMBERS; i++) {
        t.numbers[i] = plx_arena_zero(plx_ingest_arena(c->job), PLX_N_PAIRS, sizeof(double));
        ok = t.numbers[i] || plx_fail_nomem(err, PLX_N_PAIRS * sizeof(double));
    }
    for (size_t i = 0; ok && i < PLX_N_PAIRS; i++) {
        add_row(c, i / PLX_N_NEURONS, i % PLX_N_NEURONS, &t);
    }
    ok = ok && emit_table(c, &t, err) && say(c, &t, err);
    for (size_t i = 0; i < N_TEXTS; i++) {
        plx_strcol_free(&t.texts[i]);
    }
    return ok;
}

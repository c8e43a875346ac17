/* SPDX-License-Identifier: Apache-2.0
 *
 * Connectomes published as edge tables: one row per connection with sender, receiver, weight and, where one file holds
 * both kinds, a word for the kind. CSV, TSV or a sheet of a workbook; node files may list the cells there are.
 * Transmitter, receptor and predicted sign become columns of the edges. Adjacency matrices are not read here.
 */
#include "core/num.h"
#include "ingest/connectome_job.h"
#include "ingest/edge_rows.h"
#include "ingest/guess.h"

#include <math.h>
#include <stdio.h>

enum { WORD = 64 };
#define ABSENT SIZE_MAX /* a column the file does not have */

static const plx_ingest_option options[] = {
    PLX_CONNECTOME_OPTIONS,
    {"edge_files", "",
     "manifest files with edges, each \"file\" (a column gives the kind) or \"file=kind\"; empty: all but the node "
     "files"},
    {"node_files", "", "manifest files that list the cells; an edge to a cell in none of them is an error"},
    {"delimiter", "auto", "auto, tab, comma, semicolon or pipe"},
    {"comment", "", "character that starts a line of text to be skipped; empty: none"},
    {"sheet", "", "sheet of a workbook; empty: the only one"},
    {"header", "yes", "no: the table starts with data, and its columns are named c1, c2, ..."},
    {"first_row", "1", "row where the data of a sheet without header start"},
    {"computed_columns", "", "columns of such a sheet where a formula stands for what was last computed"},
    {"pre_column", "pre", "column of the sender"},
    {"post_column", "post", "column of the receiver"},
    {"weight_column", "synapses", "column of the weight; empty: every row weighs 1"},
    {"type_column", "type", "column of the kind"},
    {"type_words", "chemical=chemical electrical=gap",
     "what the words of that column mean: a kind, or drop:RULE for rows that are not taken"},
    {"compat_type_words", "", "the same in compat mode; empty: no difference"},
    {"zero_rows", "each", "count: rows of weight 0 are told as one change for all, not as one each"},
    {"transmitter_column", "", "column of what is sent; empty: none"},
    {"receptor_column", "", "column of what receives it; empty: none"},
    {"gene_column", "", "column of the receptor's gene, which a file without header may lack; empty: none"},
    {"sign_column", "", "column of the predicted sign: +, -, complex or no pred; empty: none"},
    {"pairings", "no", "yes: a table `pairings` keeps these columns row by row"},
    {"node_column", "Name", "column of the name in node files"},
    {NULL, NULL, NULL},
};

/* Next "key" or "key=value" of a blank-separated list. */
static bool next_pair(const char **cursor, plx_slice *key, plx_slice *value)
{
    const char *p = *cursor;
    p += strspn(p, " ,");
    if (!*p) {
        return false;
    }
    size_t len = strcspn(p, " ,");
    const char *equals = memchr(p, '=', len);
    *key = (plx_slice){p, equals ? (size_t)(equals - p) : len};
    *value = equals ? (plx_slice){equals + 1, len - key->len - 1} : (plx_slice){p + len, 0};
    *cursor = p + len;
    return true;
}

static bool bad_option(const plx_ingest *job, const char *option, const char *expected, plx_err *err)
{
    plx_fail(err, PLX_E_SCHEMA, "option %s cannot be \"%s\"", option, plx_ingest_text(job, option));
    plx_note(err, "%s", plx_ingest_manifest(job)->origin);
    return plx_err_why(err, "expected %s", expected);
}

/* An option that is one of two words. */
static bool either(const plx_ingest *job, const char *option, const char *no, const char *yes, bool *out, plx_err *err)
{
    const char *text = plx_ingest_text(job, option);
    *out = strcmp(text, yes) == 0;
    return *out || strcmp(text, no) == 0 ||
           bad_option(job, option, plx_arena_printf(plx_ingest_arena(job), "%s or %s", yes, no), err);
}

static bool read_delimiter(const plx_ingest *job, char *out, plx_err *err)
{
    static const struct {
        const char *name;
        char delimiter;
    } known[] = {{"auto", 0}, {"tab", '\t'}, {"comma", ','}, {"semicolon", ';'}, {"pipe", '|'}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, plx_ingest_text(job, "delimiter")) == 0) {
            *out = known[i].delimiter;
            return true;
        }
    }
    return bad_option(job, "delimiter", "auto, tab, comma, semicolon or pipe", err);
}

/* Why rows of a type are not taken. */
static const struct {
    const char *rule, *reason;
} drop_rules[] = {
    {"D3", "upstream reads the chemical rows of type Sp and loses those of type S"},
    {"receive-side", "the row gives a connection once more, from the side of its receiver"},
};
enum { N_DROP_RULES = sizeof drop_rules / sizeof *drop_rules };

/* What a word of the type column, or the kind of a file, means. */
typedef struct row_type {
    plx_edge_kind kind;
    size_t drop; /* index of drop_rules, or N_DROP_RULES */
} row_type;

static bool read_meaning(plx_slice word, row_type *out)
{
    static const char prefix[] = "drop:";
    size_t len = sizeof prefix - 1;
    *out = (row_type){PLX_EDGE_CHEMICAL, N_DROP_RULES};
    if (word.len <= len || memcmp(word.ptr, prefix, len) != 0) {
        return plx_edge_kind_parse(word, &out->kind);
    }
    plx_slice rule = {word.ptr + len, word.len - len};
    for (size_t i = 0; i < N_DROP_RULES; i++) {
        out->drop = plx_slice_is(rule, drop_rules[i].rule) ? i : out->drop;
    }
    return out->drop < N_DROP_RULES;
}

/* Further columns, in the order of their values. */
enum { TRANSMITTER, RECEPTOR, GENE, POLARITY, SIGN, N_EXTRAS };
static const char *const extra_options[N_EXTRAS] = {"transmitter_column", "receptor_column", "gene_column",
                                                    "sign_column", "sign_column"};
static const plx_edge_column extra_columns[N_EXTRAS] = {{"transmitter", "", PLX_STR},
                                                        {"receptor", "", PLX_STR},
                                                        {"gene", "", PLX_STR},
                                                        {"polarity", "", PLX_STR},
                                                        {"sign", "", PLX_I32}};

/* One run: what the options say. */
typedef struct table_job {
    plx_ingest *job;
    plx_connectome_builder *builder;
    plx_edge_rows_opts rows;
    const char *type_option;
    bool count_zeros, pairings;
    size_t extras[N_EXTRAS]; /* those there are */
    plx_edge_column columns[N_EXTRAS];
    size_t n_extras;
} table_job;

typedef struct edge_file {
    const table_job *t;
    const char *name;
    plx_edge_rows *rows;
    size_t pre, post, weight, type;
    size_t extras[N_EXTRAS];          /* columns of t->extras */
    bool has_type, has_weight, whole; /* whole: weights have no fraction */
    bool closed;                      /* every cell must be known already */
    row_type kind;
    uint64_t n_zeros;
} edge_file;

static bool check_label(const edge_file *f, const plx_slice *fields, size_t column, plx_err *err)
{
    const char *problem = plx_cell_label_problem(fields[column]);
    if (!problem) {
        return true;
    }
    plx_edge_rows_fail(f->rows, PLX_E_FORMAT, column, err, "the cell name %s", problem);
    return plx_err_why(err, "expected the name of a cell in column \"%.*s\"",
                       (int)plx_edge_rows_column_name(f->rows, column).len,
                       plx_edge_rows_column_name(f->rows, column).ptr);
}

static bool read_weight(const edge_file *f, const plx_slice *fields, plx_edge_kind kind, double *out, plx_err *err)
{
    plx_slice text = plx_slice_trim(fields[f->weight]);
    bool signed_ = kind == PLX_EDGE_FUNCTIONAL;
    char expected[WORD];
    snprintf(expected, sizeof expected, "a %snumber%s", f->whole ? "whole " : "", signed_ ? "" : " of at least 0");
    if (!plx_parse_f64(text.ptr, text.len, out)) {
        plx_edge_rows_fail(f->rows, PLX_E_FORMAT, f->weight, err, "the weight \"%.*s\" is not a number", (int)text.len,
                           text.ptr);
        return plx_err_why(err, "expected %s", expected);
    }
    if (!isfinite(*out) || (*out < 0 && !signed_) ||
        (f->whole && (floor(*out) < *out || fabs(*out) > 9007199254740992.0))) {
        plx_edge_rows_fail(f->rows, PLX_E_FORMAT, f->weight, err, "the weight %.*s cannot be", (int)text.len, text.ptr);
        return plx_err_why(err, "expected %s", expected);
    }
    return true;
}

static bool read_type(const edge_file *f, const plx_slice *fields, row_type *out, plx_err *err)
{
    plx_slice text = plx_slice_trim(fields[f->type]);
    const char *words = plx_ingest_text(f->t->job, f->t->type_option);
    const char *cursor = words;
    plx_slice word;
    plx_slice meaning;
    while (next_pair(&cursor, &word, &meaning)) {
        if (plx_slice_eq(word, text)) {
            return read_meaning(meaning, out) ||
                   bad_option(f->t->job, f->t->type_option, "word=KIND or word=drop:RULE", err);
        }
    }
    plx_edge_rows_fail(f->rows, PLX_E_FORMAT, f->type, err, "the kind of connection \"%.*s\" is not known",
                       (int)text.len, text.ptr);
    return plx_err_why(err, "expected one of: %s", words);
}

static bool read_sign(const edge_file *f, size_t column, plx_slice text, double *out, plx_err *err)
{
    static const struct {
        const char *word;
        double sign;
    } signs[] = {{"+", 1}, {"-", -1}, {"complex", 0}, {"no pred", 0}};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (plx_slice_is(plx_slice_trim(text), signs[i].word)) {
            *out = signs[i].sign;
            return true;
        }
    }
    plx_edge_rows_fail(f->rows, PLX_E_FORMAT, column, err, "the sign \"%.*s\" is not known", (int)text.len, text.ptr);
    return plx_err_why(err, "expected +, -, complex or no pred");
}

static bool read_extras(const edge_file *f, const plx_slice *fields, plx_edge_value *values, plx_err *err)
{
    for (size_t i = 0; i < f->t->n_extras; i++) {
        values[i] = (plx_edge_value){0, f->extras[i] == ABSENT ? (plx_slice){"", 0} : fields[f->extras[i]]};
        if (f->t->extras[i] == SIGN && !read_sign(f, f->extras[i], values[i].text, &values[i].number, err)) {
            return false;
        }
    }
    return true;
}

/* A row that is no connection, told at the end with all its like; its cells are there all the same. */
static bool count_zero(edge_file *f, const plx_connectome_row *row, plx_err *err)
{
    f->n_zeros++;
    return plx_connectome_cell(f->t->builder, row->pre, row->file, row->line, err) &&
           plx_connectome_cell(f->t->builder, row->post, row->file, row->line, err);
}

static bool take_row(edge_file *f, const plx_connectome_row *row, const row_type *type, plx_err *err)
{
    if (type->drop < N_DROP_RULES) {
        return plx_connectome_drop(f->t->builder, row, drop_rules[type->drop].rule, drop_rules[type->drop].reason, err);
    }
    bool zero = !(row->weight > 0 || row->weight < 0);
    return f->t->count_zeros && zero ? count_zero(f, row, err) : plx_connectome_add(f->t->builder, row, err);
}

static bool read_row(edge_file *f, const plx_slice *fields, plx_err *err)
{
    plx_edge_value values[N_EXTRAS];
    row_type type = f->kind;
    plx_connectome_row row = {.pre = fields[f->pre],
                              .post = fields[f->post],
                              .weight = 1,
                              .file = f->name,
                              .line = plx_edge_rows_line(f->rows),
                              .values = values};
    if (!check_label(f, fields, f->pre, err) || !check_label(f, fields, f->post, err) ||
        (f->has_type && !read_type(f, fields, &type, err)) ||
        (f->has_weight && !read_weight(f, fields, type.kind, &row.weight, err)) ||
        !read_extras(f, fields, values, err)) {
        return false;
    }
    row.kind = type.kind;
    size_t known = plx_connectome_n_cells(f->t->builder);
    if (!take_row(f, &row, &type, err)) {
        return plx_note(err, "%s line %llu", f->name, (unsigned long long)row.line);
    }
    if (f->closed && plx_connectome_n_cells(f->t->builder) != known) {
        plx_edge_rows_fail(f->rows, PLX_E_FORMAT, f->pre, err,
                           "the edge %.*s to %.*s names a cell that no node file lists", (int)row.pre.len, row.pre.ptr,
                           (int)row.post.len, row.post.ptr);
        return plx_err_why(err, "expected cells of: %s", plx_ingest_text(f->t->job, "node_files"));
    }
    return true;
}

static bool find_columns(edge_file *f, plx_err *err)
{
    plx_ingest *job = f->t->job;
    const char *weight = plx_ingest_text(job, "weight_column");
    f->has_weight = *weight != '\0';
    bool ok = plx_edge_rows_need(f->rows, plx_ingest_text(job, "pre_column"), &f->pre, err) &&
              plx_edge_rows_need(f->rows, plx_ingest_text(job, "post_column"), &f->post, err) &&
              (!f->has_weight || plx_edge_rows_need(f->rows, weight, &f->weight, err)) &&
              (!f->has_type || plx_edge_rows_need(f->rows, plx_ingest_text(job, "type_column"), &f->type, err));
    for (size_t i = 0; ok && i < f->t->n_extras; i++) {
        plx_err ignored;
        bool may_lack = f->t->extras[i] == GENE && f->t->rows.no_header;
        const char *column = plx_ingest_text(job, extra_options[f->t->extras[i]]);
        if (may_lack && !plx_edge_rows_need(f->rows, column, &f->extras[i], &ignored)) {
            f->extras[i] = ABSENT;
            continue;
        }
        ok = plx_edge_rows_need(f->rows, column, &f->extras[i], err);
    }
    return ok;
}

static bool tell_zeros(const edge_file *f, plx_err *err)
{
    plx_sink *sink = plx_ingest_sink(f->t->job);
    char subject[WORD];
    snprintf(subject, sizeof subject, "%llu rows", (unsigned long long)f->n_zeros);
    const plx_change change = {.action = "drop",
                               .rule = "zero-weight",
                               .subject = subject,
                               .before = "0",
                               .after = "",
                               .reason = "a weight of 0 is no connection; told once for all rows",
                               .file = f->name};
    return f->n_zeros == 0 || sink->change(sink, &change, err);
}

static bool read_rows(edge_file *f, plx_err *err)
{
    const plx_ctx *ctx = plx_ingest_ctx(f->t->job);
    const plx_slice *fields = NULL;
    bool ok = find_columns(f, err) && plx_edge_rows_next(f->rows, &fields, err);
    while (ok && fields) {
        ok = plx_ctx_go_on(ctx, err) && read_row(f, fields, err) && plx_edge_rows_next(f->rows, &fields, err);
    }
    return ok && tell_zeros(f, err);
}

static bool read_edge_file(const table_job *t, plx_slice name, plx_slice kind, plx_err *err)
{
    /* The builder keeps the file's name until it is done, hence the arena. */
    edge_file f = {.t = t,
                   .name = plx_arena_strndup(plx_ingest_arena(t->job), name.ptr, name.len),
                   .has_type = kind.len == 0,
                   .whole = plx_connectome_whole_weights(t->job),
                   .closed = *plx_ingest_text(t->job, "node_files") != '\0'};
    if (!f.name) {
        return plx_fail_nomem(err, name.len);
    }
    if (kind.len > 0 && !read_meaning(kind, &f.kind)) {
        return bad_option(t->job, "edge_files", "file or file=KIND", err);
    }
    bool ok = plx_edge_rows_open(t->job, f.name, &t->rows, &f.rows, err) && read_rows(&f, err);
    plx_edge_rows_close(f.rows);
    return ok;
}

static bool read_node_file(const table_job *t, plx_slice name, plx_err *err)
{
    plx_edge_rows *rows = NULL;
    size_t column = 0;
    const char *kept = plx_arena_strndup(plx_ingest_arena(t->job), name.ptr, name.len);
    if (!kept) {
        return plx_fail_nomem(err, name.len);
    }
    bool ok = plx_edge_rows_open(t->job, kept, &t->rows, &rows, err) &&
              plx_edge_rows_need(rows, plx_ingest_text(t->job, "node_column"), &column, err);
    while (ok) {
        const plx_slice *fields = NULL;
        ok = plx_edge_rows_next(rows, &fields, err);
        if (!ok || !fields) {
            break;
        }
        const char *problem = plx_cell_label_problem(fields[column]);
        if (problem) {
            ok = plx_edge_rows_fail(rows, PLX_E_FORMAT, column, err, "the cell name %s", problem);
        } else {
            ok = plx_connectome_cell(t->builder, fields[column], kept, plx_edge_rows_line(rows), err);
        }
    }
    plx_edge_rows_close(rows);
    return ok;
}

static bool is_node_file(const plx_ingest *job, const char *file)
{
    plx_slice name;
    plx_slice kind;
    for (const char *cursor = plx_ingest_text(job, "node_files"); next_pair(&cursor, &name, &kind);) {
        if (plx_slice_is(name, file)) {
            return true;
        }
    }
    return false;
}

static bool read_edge_files(const table_job *t, plx_err *err)
{
    const plx_manifest *m = plx_ingest_manifest(t->job);
    const char *cursor = plx_ingest_text(t->job, "edge_files");
    plx_slice name;
    plx_slice kind;
    if (!*cursor) {
        for (size_t i = 0; i < m->n_files; i++) {
            if (!is_node_file(t->job, m->files[i].name) &&
                !read_edge_file(t, plx_slice_of(m->files[i].name), (plx_slice){0}, err)) {
                return false;
            }
        }
        return true;
    }
    size_t n = 0;
    for (; next_pair(&cursor, &name, &kind); n++) {
        if (!read_edge_file(t, name, kind, err)) {
            return false;
        }
    }
    return n > 0 || bad_option(t->job, "edge_files", "at least one file", err);
}

/* Bits of the columns named c1 to c64. */
static uint64_t column_bits(const char *names)
{
    uint64_t bits = 0;
    plx_slice name;
    plx_slice ignored;
    while (next_pair(&names, &name, &ignored)) {
        double number = 0;
        if (name.len > 1 && name.ptr[0] == 'c' && plx_parse_f64(name.ptr + 1, name.len - 1, &number) && number >= 1 &&
            number <= 64) {
            bits |= UINT64_C(1) << ((unsigned)number - 1);
        }
    }
    return bits;
}

static bool read_rows_options(table_job *t, plx_err *err)
{
    static const char *const columns[] = {"pre_column", "post_column", "weight_column", "type_column"};
    const char *first = plx_ingest_text(t->job, "first_row");
    double row = 0;
    bool header;
    if (!read_delimiter(t->job, &t->rows.delimiter, err) || !either(t->job, "header", "no", "yes", &header, err)) {
        return false;
    }
    const char *comment = plx_ingest_text(t->job, "comment");
    if (strlen(comment) > 1) {
        return bad_option(t->job, "comment", "one character", err);
    }
    t->rows.comment = *comment;
    if (!plx_parse_f64(first, strlen(first), &row) || !(row >= 1 && row <= 1048576) || floor(row) < row) {
        return bad_option(t->job, "first_row", "the number of a row", err);
    }
    t->rows.no_header = !header;
    t->rows.sheet = plx_ingest_text(t->job, "sheet");
    t->rows.first_row = (uint32_t)row - 1;
    t->rows.computed = column_bits(plx_ingest_text(t->job, "computed_columns"));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        t->rows.columns |= column_bits(plx_ingest_text(t->job, columns[i]));
    }
    for (size_t i = 0; i < N_EXTRAS; i++) {
        t->rows.columns |= column_bits(plx_ingest_text(t->job, extra_options[i]));
    }
    return true;
}

static void choose_extras(table_job *t)
{
    for (size_t i = 0; i < N_EXTRAS; i++) {
        if (*plx_ingest_text(t->job, extra_options[i])) {
            t->columns[t->n_extras] = extra_columns[i];
            t->extras[t->n_extras++] = i;
        }
    }
}

/* Kinds that the words of a list can mean; a file without a kind has those of the type column. */
static unsigned kinds_of(const char *words, unsigned otherwise)
{
    unsigned kinds = 0;
    plx_slice word;
    plx_slice meaning;
    row_type type;
    while (next_pair(&words, &word, &meaning)) {
        if (meaning.len == 0) {
            kinds |= otherwise;
        } else if (read_meaning(meaning, &type) && type.drop == N_DROP_RULES) {
            kinds |= 1U << type.kind;
        }
    }
    return kinds;
}

static bool begin(table_job *t, plx_err *err)
{
    bool compat = plx_ingest_mode(t->job) == PLX_COMPAT && *plx_ingest_text(t->job, "compat_type_words");
    t->type_option = compat ? "compat_type_words" : "type_words";
    if (!read_rows_options(t, err) || !either(t->job, "zero_rows", "each", "count", &t->count_zeros, err) ||
        !either(t->job, "pairings", "no", "yes", &t->pairings, err)) {
        return false;
    }
    choose_extras(t);
    unsigned typed = kinds_of(plx_ingest_text(t->job, t->type_option), 0);
    const char *files = plx_ingest_text(t->job, "edge_files");
    const plx_connectome_opts more = {.kinds = *files ? kinds_of(files, typed) : typed,
                                      .columns = t->columns,
                                      .n_columns = t->n_extras,
                                      .pairings = t->pairings};
    return plx_connectome_begin(t->job, &more, &t->builder, err);
}

static bool run(plx_ingest *job, plx_err *err)
{
    table_job t = {.job = job};
    if (!begin(&t, err)) {
        return false;
    }
    bool ok = true;
    plx_slice name;
    plx_slice kind;
    for (const char *cursor = plx_ingest_text(job, "node_files"); ok && next_pair(&cursor, &name, &kind);) {
        ok = read_node_file(&t, name, err);
    }
    ok = ok && read_edge_files(&t, err);
    ok = ok && plx_connectome_finish(job, t.builder, err);
    plx_connectome_builder_free(t.builder);
    return ok;
}

/* One table of rows "from, to, kind, weight", under the names people give these columns. */
static bool fits(const char *format, const plx_value *outline, plx_guess *guess)
{
    static const char *const pre[] = {"pre", "source", "from", "origin", "presynaptic", NULL};
    static const char *const post[] = {"post", "target", "to", "postsynaptic", NULL};
    static const char *const type[] = {"type", "kind", NULL};
    static const char *const weight[] = {"synapses", "weight", "count", "number", "nbr", "n", NULL};
    const char *from = plx_guess_item(outline, pre), *to = plx_guess_item(outline, post);
    const char *kind = plx_guess_item(outline, type), *n = plx_guess_item(outline, weight);
    return strcmp(format, "csv") == 0 && from && to && kind && plx_guess_option(guess, "pre_column", from) &&
           plx_guess_option(guess, "post_column", to) && plx_guess_option(guess, "type_column", kind) &&
           plx_guess_option(guess, "weight_column", n ? n : "") && plx_guess_option(guess, "unknown_cells", "keep");
}

const plx_ingester plx_ingester_edge_table = {
    .name = "edge_table",
    .title = "Connectome from edge tables",
    .version = 2,
    .kind = "connectome",
    .reference = "qsimeon/worm-data-preprocess@953f66a7ff7e:preprocess/preprocessors/_connectome.py",
    .options = options,
    .defects = plx_connectome_defects,
    .run = run,
    .fits = fits,
};

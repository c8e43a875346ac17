/* SPDX-License-Identifier: Apache-2.0
 *
 * Man pages from the option tables, in the man macros that every roff knows. Checked with mandoc -T lint.
 */
#include "cli/build_info.h"
#include "cli/cli.h"

#include "core/str.h"

#include <ctype.h>

enum { LINE = 72 }; /* columns of input text; mandoc frowns on more than 80 bytes */

/* Roff text: backslashes doubled, dashes kept as minus (so that options can be copied), no line starts a request. With
 * `fill`, blanks become line ends where the line is long enough. */
static void put_roff(FILE *to, const char *text, size_t len, bool fill)
{
    size_t column = 0;
    for (size_t i = 0; i < len; i++) {
        size_t word = strcspn(text + i + 1, " \n");
        if (fill && text[i] == ' ' && column + word > LINE) {
            fputc('\n', to);
            column = 0;
            continue;
        }
        if ((text[i] == '.' || text[i] == '\'') && (column == 0)) {
            fputs("\\&", to);
        }
        if (text[i] == '\\' || text[i] == '-') {
            fputs(text[i] == '-' ? "\\-" : "\\e", to);
            column++;
        } else {
            fputc(text[i], to);
        }
        column = text[i] == '\n' ? 0 : column + 1;
    }
}

static void put(FILE *to, const char *text, size_t len)
{
    put_roff(to, text, len, false);
}

static void put_text(FILE *to, const char *text)
{
    put_roff(to, text, strlen(text), true);
}

/* Paragraphs; runs of lines that start with a blank keep their shape. */
static void put_doc(FILE *to, const char *text)
{
    bool kept = false, gap = false, first = true;
    for (const char *p = text; *p;) {
        size_t len = strcspn(p, "\n");
        bool keep = len > 0 && *p == ' ';
        if (len == 0) {
            gap = true;
        } else {
            if (keep != kept) {
                fputs(keep && first ? ".nf\n" : keep ? ".PP\n.nf\n" : ".fi\n.PP\n", to);
            } else if (gap) {
                fputs(keep ? "\n" : ".PP\n", to);
            }
            kept = keep;
            gap = false;
            if (keep) {
                fputs("\\&", to);
            }
            put_roff(to, p, len, !keep);
            fputc('\n', to);
            first = false;
        }
        p += len + (p[len] == '\n');
    }
    fputs(kept ? ".fi\n" : "", to);
}

static void put_options(FILE *to, const plx_opt *table)
{
    for (const plx_opt *o = table; o && o->name; o++) {
        fputs(".TP\n", to);
        if (o->letter) {
            fprintf(to, "\\fB\\-%c\\fR, ", o->letter);
        }
        fputs("\\fB\\-\\-", to);
        put_text(to, o->name);
        fputs("\\fR", to);
        if (o->type != PLX_OPT_FLAG && o->type != PLX_OPT_COUNT) {
            fputs(" \\fI", to);
            put_text(to, o->choices ? o->choices : o->value_name ? o->value_name : "VALUE");
            fputs("\\fR", to);
        }
        fputc('\n', to);
        put_text(to, o->doc);
        fputc('\n', to);
    }
}

static void put_examples(FILE *to, const char *examples)
{
    for (const char *p = examples; *p;) {
        size_t len = strcspn(p, "\n"), command = strcspn(p, "\t\n");
        fputs(".TP\n\\fB", to);
        put(to, p, command);
        fputs("\\fR\n", to);
        if (command < len) {
            put_roff(to, p + command + 1, len - command - 1, true);
            fputc('\n', to);
        }
        p += len + (p[len] == '\n');
    }
}

static void put_title(FILE *to, const char *verb)
{
    fputs(".TH \"PLEXUS", to);
    if (verb) {
        fputs("\\-", to);
        for (const char *p = verb; *p; p++) {
            fputc(toupper((unsigned char)*p), to);
        }
    }
    fprintf(to, "\" 1 \"%s\" \"plexus %s\" \"Plexus\"\n.SH NAME\nplexus%s%s \\- ", plx_build.date, plx_build.version,
            verb ? "\\-" : "", verb ? verb : "");
}

static void program_page(FILE *to)
{
    put_title(to, NULL);
    fputs("get, homogenize, check and compare public neuroscience data sets\n"
          ".SH SYNOPSIS\n\\fBplexus\\fR \\fIVERB\\fR [\\fIREF\\fR...] [\\fIoptions\\fR]\n.SH VERBS\n",
          to);
    for (const plx_command *const *c = plx_commands; *c; c++) {
        fprintf(to, ".TP\n\\fBplexus\\-%s\\fR(1)\n", (*c)->name);
        put_text(to, (*c)->summary);
        fputc('\n', to);
    }
    fputs(".SH OPTIONS\nThey mean the same for every verb, and stand before or after it.\n", to);
    put_options(to, plx_global_opts);
    for (const plx_topic *t = plx_topics; t->name; t++) {
        if (t->text) {
            fputs(".SH \"", to);
            for (const char *p = t->name; *p; p++) {
                fputc(*p == '-' ? ' ' : toupper((unsigned char)*p), to);
            }
            fputs("\"\n", to);
            put_doc(to, t->text);
        }
    }
}

static void verb_page(const plx_command *command, FILE *to)
{
    put_title(to, command->name);
    /* The NAME line is one phrase without its full stop, as whatis wants it. */
    size_t len = strlen(command->summary);
    fputc(tolower((unsigned char)command->summary[0]), to);
    put(to, command->summary + 1, len - 1 - (len > 1 && command->summary[len - 1] == '.'));
    fputs("\n.SH SYNOPSIS\n\\fBplexus\\fR ", to);
    put_text(to, command->usage);
    fputs("\n.SH EXAMPLES\n", to);
    put_examples(to, command->examples);
    fputs(".SH DESCRIPTION\n", to);
    put_doc(to, command->doc);
    if (command->opts) {
        fputs(".SH OPTIONS\n", to);
        put_options(to, command->opts);
    }
    fputs(".SH \"SEE ALSO\"\n\\fBplexus\\fR(1), which has the options that mean the same for every verb, and the exit "
          "codes\n",
          to);
}

void plx_man_page(const plx_command *command, FILE *to)
{
    if (command) {
        verb_page(command, to);
    } else {
        program_page(to);
    }
}

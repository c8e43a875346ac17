/* SPDX-License-Identifier: Apache-2.0
 *
 * Help pages on the terminal, from the same tables that parsing uses.
 */
#include "cli/cli.h"

#include "core/str.h"

static const struct {
    const char *name, *title;
} groups[] = {
    {"data", "Get data"},        {"catalog", "Look at it"}, {"store", "Look after the store"},
    {"bench", "Compare models"}, {"other", "Other"},
};

static const char overview_examples[] =
    "plexus ls\twhat there is to get\n"
    "plexus get connectome/white1986-n2u\tfetch, check and homogenize a connectome into the store\n"
    "plexus show connectome/white1986-n2u\twhat it is, where each byte came from, what was changed and why\n"
    "plexus path connectome/white1986-n2u\twhere its arrays lie on disk, ready for NumPy\n"
    "plexus cite connectome/white1986-n2u\tBibTeX for exactly what you use\n";

static void heading(FILE *to, const char *text, bool color)
{
    fprintf(to, "%s%s%s\n", color ? "\033[1m" : "", text, color ? "\033[0m" : "");
}

void plx_help_text(const char *text, unsigned indent, unsigned width, FILE *to)
{
    plx_sb paragraph = {0};
    for (const char *p = text; *p;) {
        size_t len = strcspn(p, "\n");
        bool kept = len == 0 || *p == ' ';
        if (!kept) {
            plx_sb_text(&paragraph, paragraph.len ? " " : "");
            plx_sb_bytes(&paragraph, p, len);
        }
        const char *next = p[len] ? p + len + 1 : p + len;
        if (paragraph.len && (kept || !*next)) {
            fprintf(to, "%*s", (int)indent, "");
            plx_tty_wrap(plx_sb_str(&paragraph), indent, width, to);
            plx_sb_free(&paragraph);
        }
        if (kept) {
            fprintf(to, "%*s%.*s\n", len ? (int)indent : 0, "", (int)len, p);
        }
        p = next;
    }
    plx_sb_free(&paragraph);
}

void plx_help_examples(const char *examples, FILE *to, unsigned width, bool color)
{
    for (const char *p = examples; *p;) {
        size_t len = strcspn(p, "\n"), command = strcspn(p, "\t\n");
        fprintf(to, "  %s%.*s%s\n", color ? "\033[36m" : "", (int)command, p, color ? "\033[0m" : "");
        if (command < len) {
            char says[256];
            snprintf(says, sizeof says, "%.*s", (int)(len - command - 1), p + command + 1);
            fprintf(to, "      ");
            plx_tty_wrap(says, 6, width, to);
        }
        p += len + (p[len] == '\n');
    }
}

void plx_help_overview(FILE *to, unsigned width, bool color)
{
    plx_help_text("plexus gets public neuroscience data sets, homogenizes them into a store you can check, and answers "
                  "questions about them.",
                  0, width, to);
    fputc('\n', to);
    heading(to, "Start here", color);
    plx_help_examples(overview_examples, to, width, color);
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        bool any = false;
        for (const plx_command *const *c = plx_commands; *c; c++) {
            if (strcmp((*c)->group, groups[g].name) != 0) {
                continue;
            }
            if (!any) {
                fputc('\n', to);
                heading(to, groups[g].title, color);
                any = true;
            }
            fprintf(to, "  %-12s", (*c)->name);
            plx_tty_wrap((*c)->summary, 14, width, to);
        }
    }
    fputc('\n', to);
    heading(to, "Options that mean the same everywhere", color);
    plx_opt_help(plx_global_opts, width, to);
    fputc('\n', to);
    heading(to, "More", color);
    fprintf(to, "  %-26s", "plexus help VERB");
    plx_tty_wrap("one verb, by example", 28, width, to);
    for (const plx_topic *t = plx_topics; t->name; t++) {
        char command[64];
        snprintf(command, sizeof command, "plexus help %s", t->name);
        fprintf(to, "  %-26s", command);
        plx_tty_wrap(t->summary, 28, width, to);
    }
}

void plx_help_verb(const plx_command *command, FILE *to, unsigned width, bool color)
{
    fprintf(to, "%splexus %s%s: ", color ? "\033[1m" : "", command->name, color ? "\033[0m" : "");
    plx_tty_wrap(command->summary, 4, width, to);
    fputc('\n', to);
    plx_help_examples(command->examples, to, width, color);
    fputc('\n', to);
    heading(to, "Usage", color);
    fprintf(to, "  plexus %s\n\n", command->usage);
    plx_help_text(command->doc, 0, width, to);
    if (command->opts) {
        fputc('\n', to);
        heading(to, "Options", color);
        plx_opt_help(command->opts, width, to);
    }
    fputc('\n', to);
    plx_help_text("Options that mean the same everywhere, such as --store, -j, -n, -o and -O: plexus help", 0, width,
                  to);
}

const plx_topic *plx_topic_find(const char *name)
{
    for (const plx_topic *t = plx_topics; t->name; t++) {
        if (strcmp(t->name, name) == 0) {
            return t;
        }
    }
    return NULL;
}

void plx_help_topic(const plx_topic *topic, FILE *to, unsigned width, bool color)
{
    if (topic->text) {
        plx_help_text(topic->text, 0, width, to);
    }
    if (topic->print) {
        topic->print(to, width, color);
    }
}

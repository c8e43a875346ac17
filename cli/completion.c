/* SPDX-License-Identifier: Apache-2.0
 *
 * Verbs, options and choices stand in the script; names of data sets are asked of `plexus ls` when they are needed.
 */
#include "cli/completion.h"

#include "benchmarks/task.h"
#include "cli/cli.h"

#include <string.h>

/* What a shell runs to learn names: columns of the table that `plexus ls` prints. */
#define LIST_REFS     "plexus ls -O csv 2>/dev/null | tail -n +2 | cut -d, -f1"
#define LIST_FAMILIES "plexus ls -O csv 2>/dev/null | tail -n +2 | cut -d/ -f1 | sort -u"

static bool takes_value(const plx_opt *o)
{
    return o->type != PLX_OPT_FLAG && o->type != PLX_OPT_COUNT;
}

static bool names_folder(const plx_opt *o)
{
    return o->value_name && strncmp(o->value_name, "DIR", 3) == 0;
}

static bool names_file(const plx_opt *o)
{
    return o->value_name && strcmp(o->value_name, "FILE") == 0;
}

/* Text inside single quotes, with `more` characters behind a backslash. */
static void put_quoted(FILE *to, const char *text, const char *more)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\'') {
            fputs("'\\''", to);
            continue;
        }
        if (strchr(more, *p)) {
            fputc('\\', to);
        }
        fputc(*p, to);
    }
}

/* Fish knows two escapes inside single quotes. */
static void put_fish(FILE *to, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\'' || *p == '\\') {
            fputc('\\', to);
        }
        fputc(*p, to);
    }
}

static void put_words(FILE *to, const char *separated)
{
    for (const char *p = separated; *p; p++) {
        fputc(*p == '|' ? ' ' : *p, to);
    }
}

static void put_names(FILE *to, const plx_opt *table)
{
    const char *gap = "";
    for (const plx_opt *o = table; o && o->name; o++) {
        fprintf(to, "%s--%s", gap, o->name);
        gap = " ";
    }
}

/* Tasks and models, for verbs that take a task and then models. */
static void put_tasks(FILE *to)
{
    for (const plx_task *const *t = plx_tasks; *t; t++) {
        fprintf(to, "%s%s", t == plx_tasks ? "" : " ", (*t)->name);
    }
    for (const plx_model *const *m = plx_models; *m; m++) {
        fprintf(to, " %s", (*m)->name);
    }
}

static bool takes_task(const plx_command *command)
{
    return command->args_doc && strcmp(command->args_doc, "task") == 0;
}

/* One branch per option that takes a value: what its value is. `verb` is a pattern. */
static void bash_values(FILE *to, const plx_opt *table, const char *verb)
{
    for (const plx_opt *o = table; o && o->name; o++) {
        if (!takes_value(o)) {
            continue;
        }
        fprintf(to, "    %s:--%s", verb, o->name);
        if (o->letter) {
            fprintf(to, " | %s:-%c", verb, o->letter);
        }
        if (o->choices) {
            fputs(") kind='words' words='", to);
            put_words(to, o->choices);
            fputs("' ;;\n", to);
        } else {
            fprintf(to, ") kind='%s' ;;\n", names_folder(o) ? "dir" : names_file(o) ? "file" : "none");
        }
    }
}

void plx_completion_bash(FILE *to)
{
    fputs("# bash completion for plexus; made by `plexus completion bash`\n"
          "_plexus() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb='' kind='' words='' "
          "options='' i\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        case ${COMP_WORDS[i]} in\n        ",
          to);
    const char *gap = "";
    for (const plx_opt *o = plx_global_opts; o->name; o++) {
        if (takes_value(o)) {
            fprintf(to, "%s--%s", gap, o->name);
            gap = " | ";
            if (o->letter) {
                fprintf(to, " | -%c", o->letter);
            }
        }
    }
    fputs(") ((i++)) ;;\n"
          "        -*) ;;\n"
          "        *) verb=${COMP_WORDS[i]} && break ;;\n"
          "        esac\n"
          "    done\n"
          "    case $verb in\n"
          "    '') kind=verb ;;\n",
          to);
    for (const plx_command *const *c = plx_commands; *c; c++) {
        fprintf(to, "    %s) kind='%s' options='", (*c)->name, (*c)->args_doc ? (*c)->args_doc : "");
        put_names(to, (*c)->opts);
        fputs("' ;;\n", to);
    }
    fputs("    esac\n    case $verb:$prev in\n", to);
    for (const plx_command *const *c = plx_commands; *c; c++) {
        bash_values(to, (*c)->opts, (*c)->name);
    }
    bash_values(to, plx_global_opts, "*"); /* after the verbs' own, which may stand in for one of these */
    fputs("    *) [[ $cur != -* ]] || kind=option ;;\n    esac\n    case $kind in\n    option) words=\"$options ", to);
    put_names(to, plx_global_opts);
    fputs("\" ;;\n    verb) words='", to);
    for (const plx_command *const *c = plx_commands; *c; c++) {
        fprintf(to, "%s%s", c == plx_commands ? "" : " ", (*c)->name);
    }
    fputs("' ;;\n    topic) words='", to);
    for (const plx_command *const *c = plx_commands; *c; c++) {
        fprintf(to, "%s ", (*c)->name);
    }
    for (const plx_topic *t = plx_topics; t->name; t++) {
        fprintf(to, "%s%s", t == plx_topics ? "" : " ", t->name);
    }
    fputs("' ;;\n    task) words='", to);
    put_tasks(to);
    fputs("' ;;\n"
          "    shell) words='bash zsh fish' ;;\n"
          "    ref) words=$(" LIST_REFS ") ;;\n"
          "    family) words=$(" LIST_FAMILIES ") ;;\n"
          "    dir) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") && return ;;\n"
          "    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") && return ;;\n"
          "    esac\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
          "}\n"
          "complete -F _plexus plexus\n",
          to);
}

static void zsh_options(FILE *to, const plx_opt *table)
{
    for (const plx_opt *o = table; o && o->name; o++) {
        fputs("        ", to);
        if (o->type == PLX_OPT_LIST || o->type == PLX_OPT_COUNT) {
            fputs("'*'", to);
        } else if (o->letter) {
            fprintf(to, "'(-%c --%s)'", o->letter, o->name);
        }
        if (o->letter) {
            fprintf(to, "{-%c,--%s}", o->letter, o->name);
        } else {
            fprintf(to, "--%s", o->name);
        }
        fputs("'[", to);
        put_quoted(to, o->doc, "[]\\");
        fputc(']', to);
        if (takes_value(o)) {
            fprintf(to, ":%s:", o->value_name ? o->value_name : o->name);
            if (o->choices) {
                fputc('(', to);
                put_words(to, o->choices);
                fputc(')', to);
            } else {
                fputs(names_folder(o) ? "_files -/" : names_file(o) ? "_files" : " ", to);
            }
        }
        fputs("'\n", to);
    }
}

/* The zsh function or words that complete a verb's arguments. */
static const char *zsh_action(const char *what)
{
    static const char *const actions[][2] = {
        {"ref", "_plexus_refs"},   {"family", "_plexus_families"}, {"file", "_files"},           {"dir", "_files -/"},
        {"verb", "_plexus_verbs"}, {"topic", "_plexus_topics"},    {"shell", "(bash zsh fish)"},
    };
    for (size_t i = 0; what && i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(what, actions[i][0]) == 0) {
            return actions[i][1];
        }
    }
    return " ";
}

void plx_completion_zsh(FILE *to)
{
    fputs("#compdef plexus\n"
          "# zsh completion for plexus; made by `plexus completion zsh`\n"
          "_plexus_refs() { local -a found; found=(${(f)\"$(" LIST_REFS ")\"}); compadd -a found }\n"
          "_plexus_families() { local -a found; found=(${(f)\"$(" LIST_FAMILIES ")\"}); compadd -a found }\n"
          "_plexus_verbs() {\n    local -a verbs=(\n",
          to);
    for (const plx_command *const *c = plx_commands; *c; c++) {
        fprintf(to, "        '%s:", (*c)->name);
        put_quoted(to, (*c)->summary, ":\\");
        fputs("'\n", to);
    }
    fputs("    )\n    _describe verb verbs\n}\n_plexus_topics() {\n    local -a topics=(\n", to);
    for (const plx_topic *t = plx_topics; t->name; t++) {
        fprintf(to, "        '%s:", t->name);
        put_quoted(to, t->summary, ":\\");
        fputs("'\n", to);
    }
    fputs("    )\n    _describe topic topics\n    _plexus_verbs\n}\n"
          "_plexus() {\n    local context state state_descr line\n    typeset -A opt_args\n    local -a shared=(\n",
          to);
    zsh_options(to, plx_global_opts);
    fputs("    ) own=()\n"
          "    _arguments -C $shared '1:verb:_plexus_verbs' '*::argument:->arguments' && return\n"
          "    case $words[1] in\n",
          to);
    for (const plx_command *const *c = plx_commands; *c; c++) {
        fprintf(to, "    %s) own=(\n", (*c)->name);
        zsh_options(to, (*c)->opts);
        if (takes_task(*c)) {
            fputs("        '*:argument:(", to);
            put_tasks(to);
            fputs(")'\n    ) ;;\n", to);
            continue;
        }
        fprintf(to, "        '*:argument:%s'\n    ) ;;\n", zsh_action((*c)->args_doc));
    }
    fputs("    esac\n    _arguments $own $shared\n}\n_plexus \"$@\"\n", to);
}

static void fish_options(FILE *to, const plx_opt *table, const char *verb)
{
    for (const plx_opt *o = table; o && o->name; o++) {
        fputs("complete -c plexus", to);
        if (verb) {
            fprintf(to, " -n '__fish_seen_subcommand_from %s'", verb);
        }
        if (o->letter) {
            fprintf(to, " -s %c", o->letter);
        }
        fprintf(to, " -l %s", o->name);
        if (takes_value(o)) {
            fputs(" -x", to);
            if (o->choices) {
                fputs(" -a '", to);
                put_words(to, o->choices);
                fputc('\'', to);
            } else if (names_folder(o)) {
                fputs(" -a '(__fish_complete_directories)'", to);
            } else if (names_file(o)) {
                fputs(" -a '(__fish_complete_path)'", to);
            }
        }
        fputs(" -d '", to);
        put_fish(to, o->doc);
        fputs("'\n", to);
    }
}

/* The command substitution or words that complete a verb's arguments; NULL for none. */
static const char *fish_action(const char *what)
{
    static const char *const actions[][2] = {
        {"ref", "(" LIST_REFS ")"},         {"family", "(" LIST_FAMILIES ")"},
        {"file", "(__fish_complete_path)"}, {"dir", "(__fish_complete_directories)"},
        {"shell", "bash zsh fish"},
    };
    for (size_t i = 0; what && i < sizeof actions / sizeof *actions; i++) {
        if (strcmp(what, actions[i][0]) == 0) {
            return actions[i][1];
        }
    }
    return NULL;
}

void plx_completion_fish(FILE *to)
{
    fputs("# fish completion for plexus; made by `plexus completion fish`\ncomplete -c plexus -f\n", to);
    for (const plx_command *const *c = plx_commands; *c; c++) {
        fprintf(to, "complete -c plexus -n __fish_use_subcommand -a %s -d '", (*c)->name);
        put_fish(to, (*c)->summary);
        fputs("'\n", to);
    }
    fish_options(to, plx_global_opts, NULL);
    for (const plx_command *const *c = plx_commands; *c; c++) {
        fish_options(to, (*c)->opts, (*c)->name);
        const char *action = fish_action((*c)->args_doc);
        if (takes_task(*c)) {
            fprintf(to, "complete -c plexus -n '__fish_seen_subcommand_from %s' -a '", (*c)->name);
            put_tasks(to);
            fputs("'\n", to);
        }
        if (action) {
            fprintf(to, "complete -c plexus -n '__fish_seen_subcommand_from %s' -a '%s'\n", (*c)->name, action);
        }
    }
    for (const plx_topic *t = plx_topics; t->name; t++) {
        fprintf(to, "complete -c plexus -n '__fish_seen_subcommand_from help' -a %s -d '", t->name);
        put_fish(to, t->summary);
        fputs("'\n", to);
    }
    for (const plx_command *const *c = plx_commands; *c; c++) {
        fprintf(to, "complete -c plexus -n '__fish_seen_subcommand_from help' -a %s\n", (*c)->name);
    }
}

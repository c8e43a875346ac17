/* SPDX-License-Identifier: Apache-2.0
 *
 * What `plexus help TOPIC` says about what all verbs share.
 */
#include "cli/cli.h"
#include "cli/show_driver.h"

#include "core/str.h"
#include "formats/format.h"
#include "ingest/ingest.h"
#include "registry/fetch.h"
#include "registry/host.h"
#include "schemas/kind.h"

static const char references[] =
    "A reference names a thing. Most name a data set:\n"
    "\n"
    "  family/dataset                       connectome/white1986-n2u\n"
    "  family/dataset@version               connectome/white1986-n2u@1\n"
    "  family/dataset:mode                  connectome/white1986-n2u:compat\n"
    "  family/dataset#unit                  one record of a data set that has several\n"
    "  family/dataset@version:mode#unit     all of it\n"
    "\n"
    "The family may be left out where the name alone is clear. Without a version it is the newest one. Without a mode "
    "it is "
    "strict.\n"
    "\n"
    "The mode says how the published files were read. strict is right: every defect of the published pipeline is "
    "mended, and "
    "each change is listed by plexus show REF --changes. compat reproduces the published pipeline with its defects, so "
    "that "
    "published numbers come out again. Both can stand in one store side by side; plexus diff shows where they differ.\n"
    "\n"
    "Others start with a word:\n"
    "\n"
    "  sha256:HEX      bytes by their digest: a published file or a record\n"
    "  task:NAME       a benchmark task; model:NAME and metric:NAME likewise\n"
    "  run:HEX         a run of a model on a task, by the start of its name\n"
    "\n"
    "A name that does not exist is answered with the nearest ones and exit code 3, one that several things have with "
    "what they are and exit code 3.\n";

static const char exit_codes[] =
    "  0    done, or nothing was left to do\n"
    "  1    it ran, and the answer is no: diff found a difference, search nothing, part of a batch failed\n"
    "  2    the command line is wrong: unknown verb or option, missing argument\n"
    "  3    no such reference, file or store\n"
    "  4    integrity: verify found damage, bytes differ from their digest or are missing\n"
    "  5    a source cannot be reached, or --offline forbids to\n"
    "  6    the store is busy longer than --wait\n"
    "  7    a limit: disk, memory, time, the budget for unpacking; or the system refused a read or write\n"
    "  8    an input is malformed or of a kind not read here\n"
    "  9    refused by policy: an unsafe path, a licence, a statement that writes\n"
    "  10   the store was written by a newer plexus\n"
    "  70   a bug in plexus\n"
    "  130  interrupted (SIGINT), after a clean rollback; 143 for SIGTERM, 129 for SIGHUP\n"
    "  141  the reader of a pipe went away; nothing is printed\n"
    "\n"
    "An error is printed on standard error, with --json as well: standard output then holds nothing of it. It says "
    "what "
    "happened, where (file, line or byte), why (what was expected, what was there), what is kept (safe), and the next "
    "command:\n"
    "\n"
    "  plexus: there is no verb gte\n"
    "    why:   did you mean get?\n"
    "    next:  plexus help get\n";

static const char store[] =
    "A store is a folder. --store DIR names it, else $PLEXUS_STORE, else plexus below $XDG_DATA_HOME or "
    "~/.local/share. "
    "Verbs that write make it when it is missing; plexus init makes an empty one.\n"
    "\n"
    "  FORMAT       the version of this layout\n"
    "  blobs/       published files exactly as they came, named by their SHA-256\n"
    "  records/     homogenized records: folders of .npy files and a record.json, named by content\n"
    "  refs/        which records a data set stands for now\n"
    "  catalog.db   an index in SQLite, rebuilt from the above whenever it must be\n"
    "  partial/     work in progress; what a dead process left there is swept away\n"
    "  quarantine/  what was found damaged, kept for you to look at\n"
    "\n"
    "A path in blobs/ or records/ is absent, or complete and checked. Nothing there ever changes. Any number of "
    "processes may "
    "use one store at a time. Pull the plug at any moment: plexus verify stays clean, and running the same command "
    "again "
    "finishes the work.\n"
    "\n"
    "Records need no plexus to be read. plexus path REF says where one lies; numpy.load opens each array.\n";

static const char downloads[] =
    "plexus get looks for each file in the store, in folders given with --from, and then asks addresses: mirrors "
    "(--mirror, $PLEXUS_MIRRORS), then those of the manifest, which plexus get -n lists with sizes and licences. No "
    "other "
    "verb uses the network, and --offline forbids it to get too.\n"
    "\n"
    "An address that fails in a way that may pass is asked again after a pause that doubles, or as long as the server "
    "says; the others have their turn meanwhile. What came in is kept: the next plexus get goes on from there, in this "
    "process or another, and loses at most a MiB. Several processes that want one file fetch it once.\n"
    "\n"
    "  https only           http to this machine, and to others with --allow-http\n"
    "  redirects            followed to https alone, at most 10, never from outside into a private network\n"
    "  sizes                no more than the manifest says, or 16 GiB where it says nothing; free disk is checked "
    "first\n"
    "  web pages            refused where data were asked for, whatever media type they claim\n"
    "  digests              computed while bytes are written; nothing else enters the store\n"
    "\n"
    "What was verified is kept with each file and shown by plexus show: sha256 (the manifest's, or the host's own), "
    "md5 "
    "(the host's), etag (the host's MD5 of parts), sha1 (git's name of the file), crc (a member of a zip), first-use "
    "(nothing was known; from then on these bytes are held to).\n"
    "\n"
    "  https_proxy, no_proxy          a proxy, as curl reads them\n"
    "  SSL_CERT_FILE, SSL_CERT_DIR    other certificate authorities to trust\n"
    "  PLEXUS_MIRRORS                 mirrors, separated by blanks\n"
    "\n"
    "Exit codes: 5 nobody could be reached, 4 the bytes were others, 7 a limit of size, time or disk, 8 packed without "
    "need or a broken archive, 9 a redirect or certificate not to be trusted.\n";

static void print_downloads(FILE *to, unsigned width, bool color)
{
    plx_help_text(downloads, 0, width, to);
    plx_help_text("\nAddresses in a manifest:\n\n", 0, width, to);
    for (const plx_transport *const *t = plx_transports; *t; t++) {
        fprintf(to, "  %s%-10s%s  %s\n", color ? "\033[1m" : "", (*t)->scheme, color ? "\033[0m" : "", (*t)->title);
    }
    for (const plx_host *const *h = plx_hosts; *h; h++) {
        fprintf(to, "  %s%-10s%s  %s, as %s; publishes %s\n", color ? "\033[1m" : "", (*h)->scheme,
                color ? "\033[0m" : "", (*h)->title, (*h)->form, (*h)->publishes);
    }
}

static void print_formats(FILE *to, unsigned width, bool color)
{
    plx_help_text("Files that plexus check and the ingesters read:\n\n", 0, width, to);
    for (const plx_format *const *f = plx_formats; *f; f++) {
        fprintf(to, "  %s%-6s%s  ", color ? "\033[1m" : "", (*f)->name, color ? "\033[0m" : "");
        plx_tty_wrap((*f)->title, 10, width, to);
        fprintf(to, "%*s", 10, "");
        plx_tty_wrap((*f)->limits, 10, width, to);
    }
    fputc('\n', to);
    plx_help_text("Kinds of record they become:\n\n", 0, width, to);
    for (const plx_kind *const *k = plx_kinds; *k; k++) {
        fprintf(to, "  %s%-12s%s  ", color ? "\033[1m" : "", (*k)->name, color ? "\033[0m" : "");
        plx_tty_wrap((*k)->title, 16, width, to);
    }
    fputc('\n', to);
    plx_help_text(
        "Ingesters that make them, for plexus add --ingester, and what --set or a manifest may tell each:\n\n", 0,
        width, to);
    for (const plx_ingester *const *i = plx_ingesters; *i; i++) {
        fprintf(to, "  %s%s%s  ", color ? "\033[1m" : "", (*i)->name, color ? "\033[0m" : "");
        plx_tty_wrap((*i)->title, 10, width, to);
        for (const plx_ingest_option *o = (*i)->options; o && o->name; o++) {
            int used = fprintf(to, "    %s", o->name);
            used += o->fallback ? (o->fallback[0] ? fprintf(to, "=%s", o->fallback) : 0) : fprintf(to, " (required)");
            fprintf(to, "%*s", used < 30 ? 30 - used : 2, "");
            plx_tty_wrap(o->doc, 30, width, to);
        }
    }
    fputc('\n', to);
    plx_help_text(
        "Answers are printed as text, or with -O as json, jsonl (one line per row), csv, md (Markdown), html or toml; "
        "what a verb does not print is refused with exit code 2. --json is -O json. NaN and absent values are null "
        "in JSON. Keys are sorted, so that equal answers are equal bytes.\n",
        0, width, to);
}

const plx_topic plx_topics[] = {
    {"references", "how data sets and records are named", references, NULL},
    {"exit-codes", "what the exit code says, and how errors read", exit_codes, NULL},
    {"store", "where data lies and what can be relied on", store, NULL},
    {"downloads", "how files come over the network, and what is refused", NULL, print_downloads},
    {"formats", "what is read and what is printed", NULL, print_formats},
    {"tasks", "what models are compared on", NULL, plx_help_tasks},
    {"models", "the models there are", NULL, plx_help_models},
    {"metrics", "how predictions are scored", NULL, plx_help_metrics},
    {NULL, NULL, NULL, NULL},
};

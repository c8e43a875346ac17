/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes with the data wherever they go: licences, citations, origin, and how to open them.
 */
#include "registry/export_job.h"

#include "formats/json.h"

#include <string.h>

static bool fill_licence(const plx_export_job *job, const void *payload, FILE *to, plx_err *err)
{
    bool unstated = false;
    (void)payload;
    (void)err;
    fprintf(to, "Licences of %s and of the data sets it was made with.\n", job->ref);
    for (size_t i = 0; i < job->cited->n_datasets; i++) {
        const plx_cited *d = &job->cited->datasets[i];
        const plx_manifest *m = d->manifest;
        fprintf(to, "\n%s: %s\n", d->ref, m->title);
        if (d->used_by) {
            fprintf(to, "  used by   %s\n", d->used_by);
        }
        fprintf(to, "  licence   %s\n", m->licence);
        if (m->licence_note && *m->licence_note) {
            fprintf(to, "  note      %s\n", m->licence_note);
        }
        if (m->homepage && *m->homepage) {
            fprintf(to, "  homepage  %s\n", m->homepage);
        }
        unstated |= strcmp(m->licence, "none-stated") == 0;
    }
    if (unstated) {
        fputs("\nnone-stated: the source says under no licence that others may copy or change it. Then all rights stay "
              "with those who made it.\nUse it for your own study and cite it; ask its authors before you pass it on, "
              "these files included.\n",
              to);
    }
    return true;
}

static bool fill_citation(const plx_export_job *job, const void *payload, FILE *to, plx_err *err)
{
    (void)payload;
    (void)err;
    plx_bibliography_print(job->cited, to);
    return true;
}

/* Trees of the record are taken in as they are: they live as long as the job. */
static bool set_from(const plx_export_job *job, plx_value *obj, const char *key, const plx_value *value)
{
    union {
        const plx_value *shared;
        plx_value *member;
    } v = {.shared = value};
    return !value || plx_v_set(job->arena, obj, key, v.member);
}

plx_value *plx_export_provenance(const plx_export_job *job)
{
    static const char *const keys[] = {"attributes", "counts",    "counts_all", "dataset", "demo",   "kind",
                                       "mode",       "n_changes", "provenance", "unit",    "version"};
    char hex[PLX_SHA256_HEX + 1];
    const plx_value *meta = plx_record_meta(job->record);
    plx_value *obj = plx_v_obj(job->arena);
    plx_digest_hex(plx_record_digest(job->record), hex);
    bool ok = obj && plx_v_set(job->arena, obj, "ref", plx_v_str(job->arena, job->ref)) &&
              plx_v_set(job->arena, obj, "record_sha256", plx_v_str(job->arena, hex));
    for (size_t i = 0; ok && i < sizeof keys / sizeof *keys; i++) {
        ok = set_from(job, obj, keys[i], plx_v_get(meta, keys[i]));
    }
    return ok ? obj : NULL;
}

static bool fill_provenance(const plx_export_job *job, const void *payload, FILE *to, plx_err *err)
{
    const plx_value *value = plx_export_provenance(job);
    plx_sb sb = {0};
    (void)payload;
    bool ok = value ? plx_json_write(value, true, &sb, err) : plx_fail_nomem(err, 0);
    if (ok) {
        fputs(plx_sb_str(&sb), to);
    }
    plx_sb_free(&sb);
    return ok;
}

/* How the data files are opened, in the language of those who will. */
static void print_opening(const plx_export_job *job, FILE *to)
{
    const char *first = job->n_tables ? job->tables[0].name : "table";
    const char *shown = job->edges ? "nodes" : first;
    switch (job->as) {
    case PLX_EXPORT_CSV:
        for (size_t i = 0; i < job->n_tables; i++) {
            fprintf(to, "  pandas.read_csv(\"%s.csv\", float_precision=\"round_trip\")\n", job->tables[i].name);
        }
        break;
    case PLX_EXPORT_GRAPHML:
        fputs("  networkx.read_graphml(\"graph.graphml\", force_multigraph=True)\n", to);
        break;
    case PLX_EXPORT_NPZ:
        fprintf(to, "  numpy.load(\"%s.npz\")\n", shown);
        for (size_t i = 0; job->edges && i < job->edge_kinds->u.arr.n; i++) {
            const char *kind = plx_v_text(job->edge_kinds->u.arr.items[i]);
            fprintf(
                to,
                "  scipy.sparse.load_npz(\"%s.npz\")   rows send, columns receive; row i is nodes.npz[\"label\"][i]\n",
                kind ? kind : "");
        }
        break;
    case PLX_EXPORT_NPY:
        fprintf(to, "  numpy.load(\"%s/NAME.npy\")\n", shown);
        break;
    case PLX_EXPORT_JSON:
        fputs("  json.load(open(\"record.json\"))\n", to);
        break;
    }
}

static bool fill_readme(const plx_export_job *job, const void *payload, FILE *to, plx_err *err)
{
    char hex[PLX_SHA256_HEX + 1];
    const plx_cited *first = job->cited->n_datasets ? &job->cited->datasets[0] : NULL;
    const plx_value *demo = plx_v_get(plx_record_meta(job->record), "demo");
    (void)payload;
    (void)err;
    plx_digest_hex(plx_record_digest(job->record), hex);
    fprintf(to, "%s\n%s\n\nExported by plexus from the record sha256:%s\n", job->ref,
            first ? first->manifest->title : "", hex);
    if (demo && demo->kind == PLX_V_BOOL && demo->u.b) {
        fputs("A demonstration set: not for results.\n", to);
    }
    fputs("\nLICENCE.txt      under which licences these data stand\n"
          "CITATION.bib     what to cite\n"
          "provenance.json  where each byte came from, counts, units\n",
          to);
    if (job->changes) {
        fputs("changes.csv      every change made on the way in, with its reason\n", to);
    }
    fputs("\nIn Python:\n\n", to);
    print_opening(job, to);
    if (job->edges) {
        const char *unit = plx_v_get_text(plx_record_as_view(job->record)->meta, "weight_unit");
        fprintf(to,
                "\nEdges have a direction, from pre to post. A gap junction has none: it stands in both directions, "
                "with equal\nweight (one of a cell with itself once). Weights are in: %s.\n",
                unit ? unit : "");
    }
    return true;
}

bool plx_export_notes(const plx_export_job *job, plx_err *err)
{
    return plx_export_file(job, "LICENCE.txt", fill_licence, NULL, err) &&
           plx_export_file(job, "CITATION.bib", fill_citation, NULL, err) &&
           plx_export_file(job, "provenance.json", fill_provenance, NULL, err) &&
           plx_export_file(job, "README.txt", fill_readme, NULL, err);
}

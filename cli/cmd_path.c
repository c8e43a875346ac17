/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/find_ref.h"

#include "registry/resolve.h"

#include <stddef.h>

typedef struct options {
    bool sources;
} options;

static const plx_opt opts_table[] = {
    {"sources", 0, PLX_OPT_FLAG, offsetof(options, sources), NULL, NULL,
     "The published files the data set was made from, instead of its records."},
    {0},
};

/* One line of the answer; for JSON it is collected in `list`. */
static bool say(plx_cli *cli, plx_value *list, const char *area, const char *name, const plx_digest *digest,
                plx_err *err)
{
    char path[PLX_PATH], hex[PLX_SHA256_HEX + 1];
    if (!plx_store_object_path(&cli->store, area, digest, path, err)) {
        return false;
    }
    if (!plx_fs_exists(path)) {
        plx_fail(err, PLX_E_DIGEST, "%s is missing from the store", plx_store_rel(&cli->store, path));
        return plx_err_next(err, "plexus repair");
    }
    if (!plx_cli_wants_json(cli)) {
        fprintf(cli->out, "%s\n", path);
        return true;
    }
    plx_digest_hex(digest, hex);
    plx_arena *a = cli->arena;
    plx_value *row = plx_v_obj(a);
    bool ok = row && plx_v_set(a, row, strcmp(area, "blobs") == 0 ? "file" : "unit", plx_v_str(a, name)) &&
              plx_v_set(a, row, "path", plx_v_str(a, path)) && plx_v_set(a, row, "sha256", plx_v_str(a, hex)) &&
              plx_v_push(a, list, row);
    return ok || plx_fail_nomem(err, 0);
}

static bool say_digest(plx_cli *cli, plx_value *list, const plx_ref *ref, plx_err *err)
{
    const char *area;
    plx_digest digest;
    return plx_resolve_digest(&cli->store, ref->name, &area, &digest, err) && say(cli, list, area, "", &digest, err);
}

static bool say_dataset(plx_cli *cli, plx_value *list, const char *asked, bool sources, plx_err *err)
{
    plx_found_ref found;
    char text[PLX_REF_TEXT];
    if (!plx_cli_find_ref(cli, asked, &found, err)) {
        return false;
    }
    if (!found.content) {
        return plx_cli_not_stored(cli, &found, err);
    }
    plx_ref whole = found.ref;
    whole.unit[0] = '\0';
    plx_ref_print(&whole, text);
    const plx_value *items = plx_v_get(found.content, sources ? "files" : "units");
    if (!items || items->kind != PLX_V_ARR) {
        return plx_fail(err, PLX_E_SCHEMA, "the ref of %s names no records", text);
    }
    size_t n = 0;
    for (size_t i = 0; i < items->u.arr.n; i++) {
        const plx_value *item = items->u.arr.items[i];
        const char *name = plx_v_get_text(item, sources ? "name" : "unit");
        const char *hex = plx_v_get_text(item, sources ? "sha256" : "record");
        plx_digest digest;
        if (!hex || !plx_digest_parse(hex, strlen(hex), &digest)) {
            return plx_fail(err, PLX_E_FORMAT, "entry %zu of %s has no digest", i, text);
        }
        if (!sources && found.ref.unit[0] && (!name || strcmp(name, found.ref.unit) != 0)) {
            continue;
        }
        if (!say(cli, list, sources ? "blobs" : "records", name ? name : "", &digest, err)) {
            return plx_note(err, "%s", text);
        }
        n++;
    }
    return n || sources || (items->u.arr.n && !found.ref.unit[0]) || plx_cli_no_unit(items, text, found.ref.unit, err);
}

static bool run(plx_cli *cli, const void *opts, const char *const *args, size_t n_args, int *exit_code, plx_err *err)
{
    const options *o = opts;
    (void)exit_code;
    plx_value *list = plx_v_arr(cli->arena);
    if (!list) {
        return plx_fail_nomem(err, 0);
    }
    for (size_t i = 0; i < n_args; i++) {
        plx_ref ref;
        if (!plx_ref_parse(args[i], &ref, err)) {
            return false;
        }
        if (ref.kind == PLX_REF_SHA256 ? !say_digest(cli, list, &ref, err)
                                       : !say_dataset(cli, list, args[i], o->sources, err)) {
            return false;
        }
    }
    return !plx_cli_wants_json(cli) || plx_cli_json(cli, list, err);
}

const plx_command plx_cmd_path = {
    .name = "path",
    .group = "catalog",
    .summary = "Where a record or a published file lies on disk",
    .usage = "path REF... [--sources]",
    .examples = "plexus path connectome/white1986-n2u\tthe folder of its record: .npy files and a record.json\n"
                "ls $(plexus path connectome/white1986-n2u)\twhat is in it\n"
                "plexus path connectome/white1986-n2u --sources\tthe published files, byte for byte\n"
                "plexus path sha256:9f86d081\tby the start of a digest, of a published file or of a record\n",
    .doc = "One path per line, one line per unit of a data set. What it names never changes: it is named by the digest "
           "of its "
           "content, and an update of the data set gets another path. Read it with anything, but do not write there: "
           "plexus "
           "verify would find it damaged.\n"
           "\n"
           "With --json each path comes with its unit or file name and its digest.\n",
    .needs = PLX_NEEDS_STORE | PLX_NEEDS_REGISTRY,
    .formats = PLX_AS_JSON | PLX_AS_JSONL,
    .opts = opts_table,
    .opts_size = sizeof(options),
    .min_args = 1,
    .max_args = 1000,
    .args_doc = "ref",
    .run = run,
};

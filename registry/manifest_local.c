/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the manifest of a data set that somebody adds from files of their own.
 */
#define _GNU_SOURCE /* realpath */
#include "registry/manifest_local.h"

#include "core/fs.h"
#include "core/num.h"
#include "core/utf8.h"
#include "formats/yaml.h"
#include "registry/hash_file.h"

#include <errno.h>
#include <stdlib.h>

static bool set_text(plx_arena *arena, plx_value *object, const char *key, const char *text)
{
    return plx_v_set(arena, object, key, plx_v_str(arena, text));
}

/* file:///path with everything but unreserved characters and '/' percent-encoded (RFC 3986). */
static const char *file_url(plx_arena *arena, const char *path)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t len = strlen(path);
    char *url = plx_arena_alloc(arena, 3 * len + 8);
    if (!url) {
        return NULL;
    }
    memcpy(url, "file://", 7);
    char *to = url + 7;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)path[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("/-._~", c)) {
            *to++ = (char)c;
        } else {
            *to++ = '%';
            *to++ = hex[c >> 4];
            *to++ = hex[c & 15];
        }
    }
    *to = '\0';
    return url;
}

/* By the end of the name; "application/octet-stream" is what is meant by saying nothing. */
static const char *media_of(const char *name)
{
    static const struct {
        const char *end, *media;
    } known[] = {
        {".csv", "text/csv"},
        {".tsv", "text/tab-separated-values"},
        {".txt", "text/plain"},
        {".json", "application/json"},
        {".yaml", "application/yaml"},
        {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {".xls", "application/vnd.ms-excel"},
        {".h5", "application/x-hdf5"},
        {".hdf5", "application/x-hdf5"},
        {".hdf", "application/x-hdf5"},
        {".nwb", "application/x-hdf5"},
        {".mat", "application/x-matlab-data"},
        {".npy", "application/x-npy"},
        {".npz", "application/x-npz"},
        {".zip", "application/zip"},
        {".tar", "application/x-tar"},
        {".gz", "application/gzip"},
        {".png", "image/png"},
        {".tif", "image/tiff"},
        {".tiff", "image/tiff"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (plx_ends_with(name, known[i].end)) {
            return known[i].media;
        }
    }
    return NULL;
}

/* The base name without its ending, as far as it can be a unit: "run 3.csv.gz" is run_3. */
static const char *unit_of(plx_arena *arena, const char *name)
{
    const char *base = plx_path_base(name);
    size_t len = strlen(base);
    len -= plx_ends_with(base, ".gz") && len > 3 ? 3 : 0;
    for (size_t i = len; i > 1; i--) {
        if (base[i - 1] == '.') {
            len = i - 1;
            break;
        }
    }
    char *unit = plx_arena_strndup(arena, base, len);
    for (size_t i = 0; unit && i < len; i++) {
        char c = unit[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        bool inside = i > 0 && i + 1 < len;
        unit[i] = word || (inside && strchr("._-", c)) ? c : inside ? '_' : 'x';
    }
    return unit;
}

static plx_value *file_entry(const plx_ctx *ctx, plx_arena *arena, const plx_local_spec *spec, size_t i, plx_err *err)
{
    const char *path = spec->files[i];
    char *resolved = plx_arena_alloc(arena, PLX_PATH);
    plx_digest digest;
    uint64_t bytes;
    if (!resolved) {
        plx_fail_nomem(err, PLX_PATH);
        return NULL;
    }
    if (!realpath(path, resolved)) {
        plx_fail_sys(err, errno, "%s cannot be added", path);
        return NULL;
    }
    const char *name = spec->names ? spec->names[i] : plx_path_base(resolved);
    if (strpbrk(name, "\t\n\r") || plx_utf8_valid_prefix(name, strlen(name)) != strlen(name)) {
        plx_fail(err, PLX_E_FORMAT, "%s cannot be added: its name is not one line of UTF-8", path);
        plx_err_why(err, "a manifest names its files as text");
        plx_err_next(err, "mv OLD NEW");
        return NULL;
    }
    if (plx_fs_is_dir(resolved)) {
        plx_fail(err, PLX_E_ARG, "%s is a folder, and a file is needed", path);
        plx_err_next(err, "plexus help add");
        return NULL;
    }
    if (!plx_hash_path(ctx, resolved, &digest, &bytes, err)) {
        return NULL;
    }
    char hex[PLX_SHA256_HEX + 1], size[PLX_NUM_TEXT];
    plx_digest_hex(&digest, hex);
    plx_print_u64(bytes, size);
    plx_value *file = plx_v_obj(arena), *urls = plx_v_arr(arena);
    const char *url = file_url(arena, resolved), *media = media_of(name);
    const char *unit = spec->unit_per_file ? unit_of(arena, name) : NULL;
    if (!file || !urls || !url || (spec->unit_per_file && !unit) || !plx_v_push(arena, urls, plx_v_str(arena, url)) ||
        !set_text(arena, file, "name", name) || (unit && !set_text(arena, file, "unit", unit)) ||
        !plx_v_set(arena, file, "urls", urls) || !set_text(arena, file, "bytes", size) ||
        !set_text(arena, file, "sha256", hex) || (media && !set_text(arena, file, "media", media))) {
        plx_fail_nomem(err, 0);
        return NULL;
    }
    return file;
}

static bool add_options(plx_arena *arena, const plx_local_spec *spec, plx_value *root, plx_err *err)
{
    plx_value *options = plx_v_obj(arena);
    for (size_t i = 0; options && i < spec->n_options; i++) {
        const char *equals = strchr(spec->options[i], '=');
        if (!equals || equals == spec->options[i]) {
            return plx_fail(err, PLX_E_ARG, "the option %s is not of the form key=value", spec->options[i]);
        }
        const char *key = plx_arena_strndup(arena, spec->options[i], (size_t)(equals - spec->options[i]));
        if (!key || !set_text(arena, options, key, equals + 1)) {
            return plx_fail_nomem(err, 0);
        }
    }
    return spec->n_options == 0 || plx_v_set(arena, root, "options", options) || plx_fail_nomem(err, 0);
}

static bool add_lists(const plx_ctx *ctx, plx_arena *arena, const plx_local_spec *spec, plx_value *root, plx_err *err)
{
    plx_value *files = plx_v_arr(arena), *uses = plx_v_arr(arena), *citations = plx_v_arr(arena);
    for (size_t i = 0; uses && i < spec->n_uses; i++) {
        if (!plx_v_push(arena, uses, plx_v_str(arena, spec->uses[i]))) {
            return plx_fail_nomem(err, 0);
        }
    }
    for (size_t i = 0; files && i < spec->n_files; i++) {
        plx_value *file = file_entry(ctx, arena, spec, i, err);
        if (!file) {
            return false;
        }
        if (!plx_v_push(arena, files, file)) {
            return plx_fail_nomem(err, 0);
        }
    }
    const char *bibtex = spec->bibtex;
    if (!bibtex) {
        bibtex = plx_arena_printf(
            arena, "@misc{%s,\n  title = {%s},\n  note = {Local files; whoever added them gave no source}\n}\n",
            spec->name, spec->title ? spec->title : spec->name);
    }
    return (citations && bibtex && plx_v_push(arena, citations, plx_v_str(arena, bibtex)) &&
            plx_v_set(arena, root, "citations", citations) &&
            (spec->n_uses == 0 || plx_v_set(arena, root, "uses", uses)) && plx_v_set(arena, root, "files", files)) ||
           plx_fail_nomem(err, 0);
}

bool plx_manifest_from_files(const plx_ctx *ctx, plx_arena *arena, const plx_local_spec *spec, const plx_manifest **out,
                             plx_err *err)
{
    plx_value *root = plx_v_obj(arena);
    const char *name = plx_arena_printf(arena, "%s/%s", spec->family, spec->name);
    bool named_licence = spec->licence && strcmp(spec->licence, "none-stated") != 0;
    if (!root || !name || !set_text(arena, root, "schema", "manifest/1") || !set_text(arena, root, "name", name) ||
        !set_text(arena, root, "version", spec->version) ||
        !set_text(arena, root, "title", spec->title ? spec->title : name) ||
        !set_text(arena, root, "description", "Added from local files.") ||
        !set_text(arena, root, "kind", spec->kind) ||
        !set_text(arena, root, "licence", named_licence ? spec->licence : "none-stated") ||
        (!named_licence &&
         !set_text(arena, root, "licence_note", "Whoever added the files stated no licence; ask before sharing.")) ||
        !set_text(arena, root, "ingester", spec->ingester ? spec->ingester : "none") ||
        (!spec->ingester && !set_text(arena, root, "layout", spec->layout))) {
        return plx_fail_nomem(err, 0);
    }
    plx_sb text = {0};
    bool ok = add_options(arena, spec, root, err) && add_lists(ctx, arena, spec, root, err) &&
              plx_yaml_write(root, &text, err);
    const char *copy = ok ? plx_arena_strndup(arena, plx_sb_str(&text), text.len) : NULL;
    size_t len = text.len;
    plx_sb_free(&text);
    if (!ok) {
        return false;
    }
    if (!copy) {
        return plx_fail_nomem(err, len);
    }
    return plx_manifest_parse(ctx, arena, name, copy, len, out, err);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Manifests, schema "manifest/1" (docs/manifests.md): YAML text -> plx_manifest. A manifest is written by hand, so
 * every violation is reported at its line and column, not just the first. Licences are checked for the shape of an SPDX
 * expression, not against the SPDX list; options and expected counts are checked by the ingester, which alone knows
 * their names.
 */
#include "registry/manifest.h"

#include "core/num.h"
#include "formats/yaml.h"
#include "registry/bibtex.h"
#include "registry/manifest_check.h"
#include "registry/manifest_files.h"
#include "schemas/kind.h"
#include "schemas/ref.h"

static const plx_key_spec top_keys[] = {
    {"schema", true, PLX_V_STR},      {"name", true, PLX_V_STR},        {"version", true, PLX_V_STR},
    {"title", true, PLX_V_STR},       {"description", true, PLX_V_STR}, {"kind", true, PLX_V_STR},
    {"homepage", false, PLX_V_STR},   {"licence", true, PLX_V_STR},     {"licence_note", false, PLX_V_STR},
    {"citations", false, PLX_V_ARR},  {"ingester", true, PLX_V_STR},    {"options", false, PLX_V_OBJ},
    {"uses", false, PLX_V_ARR},       {"demo", false, PLX_V_STR},       {"files", true, PLX_V_ARR},
    {"expect", false, PLX_V_OBJ},     {"layout", false, PLX_V_STR},     {"archives", false, PLX_V_ARR},
    {"no_address", false, PLX_V_STR},
};
static const plx_key_spec mode_keys[] = {{"strict", false, PLX_V_OBJ}, {"compat", false, PLX_V_OBJ}};

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

/* "family/name" alone, in the syntax of references; of a data set that is used, version and mode as well. */
static bool dataset_name(plx_checker *c, const plx_value *value, bool used, plx_ref *out)
{
    plx_err why;
    plx_err_clear(&why);
    if (!plx_ref_parse(value->u.str.ptr, out, &why)) {
        return plx_check_add(c, value, "%s", why.what);
    }
    if (out->kind != PLX_REF_DATASET || !out->family[0]) {
        return plx_check_add(c, value, "a data set is named family/name, as in connectome/white1986-n2u");
    }
    if (out->unit[0] || (!used && (out->has_mode || out->version[0]))) {
        return plx_check_add(c, value, "only %s here: no %s", used ? "family/name[@version][:mode]" : "family/name",
                             used ? "unit" : "version, mode or unit");
    }
    return true;
}

static void read_name(plx_checker *c, const plx_value *root, plx_manifest *m)
{
    const plx_value *value = plx_check_text(c, root, "name", PLX_LINE);
    plx_ref ref;
    if (value && dataset_name(c, value, false, &ref)) {
        m->family = plx_check_keep(c, ref.family);
        m->name = plx_check_keep(c, ref.name);
        const plx_value *version = plx_check_text(c, root, "version", PLX_LINE);
        plx_err why;
        char text[PLX_REF_TEXT];
        int n = version ? snprintf(text, sizeof text, "%s@%s", value->u.str.ptr, version->u.str.ptr) : 0;
        if (version && ((size_t)n >= sizeof text || !plx_ref_parse(text, &ref, &why) || ref.has_mode || ref.unit[0])) {
            plx_check_add(c, version, "a version is letters a-z, digits and . _ - inside, as in \"1\" or \"2.1\"");
        } else if (version) {
            m->version = version->u.str.ptr;
        }
    }
}

/* Letters, digits, + - . and blanks or brackets between identifiers: the shape of an SPDX expression. */
static bool spdx_shape(const char *text)
{
    for (const char *p = text; *p; p++) {
        bool word = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');
        if (!word && !strchr("+-. ()", *p)) {
            return false;
        }
    }
    return true;
}

static void read_licence(plx_checker *c, const plx_value *root, plx_manifest *m)
{
    const plx_value *licence = plx_check_text(c, root, "licence", PLX_LINE);
    const plx_value *note = plx_check_text(c, root, "licence_note", PLX_PROSE);
    m->licence = licence ? licence->u.str.ptr : NULL;
    m->licence_note = note ? note->u.str.ptr : NULL;
    if (licence && !spdx_shape(m->licence)) {
        plx_check_add(c, licence, "a licence is an SPDX id such as CC-BY-4.0, or none-stated");
    } else if (licence && strcmp(m->licence, "none-stated") == 0 && !note) {
        plx_check_add(c, licence, "none-stated needs a licence_note that says where one was looked for");
    }
}

static void read_kind(plx_checker *c, const plx_value *root, plx_manifest *m)
{
    const plx_value *kind = plx_check_text(c, root, "kind", PLX_LINE);
    if (!kind) {
        return;
    }
    m->kind = kind->u.str.ptr;
    if (!m->ingester) { /* the kind may be as much of the future as the ingester */
        if (m->kind[strspn(m->kind, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0') {
            plx_check_add(c, kind, "a record kind is a word of a-z, 0-9 and _");
        }
        return;
    }
    if (plx_kind_find(m->kind)) {
        return;
    }
    const char *names[64];
    size_t n = 0;
    for (const plx_kind *const *k = plx_kinds; *k && n < N_OF(names); k++) {
        names[n++] = (*k)->name;
    }
    const char *near = plx_nearest(m->kind, names, n);
    plx_check_add(c, kind, "no record kind \"%s\"%s%s%s", m->kind, near ? " (did you mean " : "", near ? near : "",
                  near ? "?)" : "");
}

static void read_citations(plx_checker *c, const plx_value *root, plx_manifest *m)
{
    const plx_value *list = plx_v_get(root, "citations");
    if (!list || list->kind != PLX_V_ARR || list->u.arr.n == 0) {
        return;
    }
    const char **keys = plx_check_array(c, list->u.arr.n, sizeof *keys);
    const char **texts = plx_check_array(c, list->u.arr.n, sizeof *texts);
    for (size_t i = 0; keys && texts && i < list->u.arr.n; i++) {
        const plx_value *item = list->u.arr.items[i];
        if (!plx_check_is_text(c, item, "a citation", PLX_PROSE)) {
            continue;
        }
        plx_slice key = {0};
        const char *why = "";
        size_t at = 0;
        if (!plx_bibtex_check(item->u.str, &key, &why, &at)) {
            plx_check_add(c, item, "citation %zu: %s (character %zu)", i + 1, why, at + 1);
            continue;
        }
        const char *text = plx_check_keep_n(c, key.ptr, key.len);
        for (size_t j = 0; text && j < m->n_citations; j++) {
            if (strcmp(keys[j], text) == 0) {
                plx_check_add(c, item, "citation key \"%s\" is given twice", text);
            }
        }
        keys[m->n_citations] = text;
        texts[m->n_citations] = item->u.str.ptr;
        m->n_citations += text != NULL;
    }
    m->citation_keys = keys;
    m->citations = texts;
}

static void read_uses(plx_checker *c, const plx_value *root, plx_manifest *m)
{
    const plx_value *list = plx_v_get(root, "uses");
    if (!list || list->kind != PLX_V_ARR || list->u.arr.n == 0) {
        return;
    }
    const char **uses = plx_check_array(c, list->u.arr.n, sizeof *uses);
    for (size_t i = 0; uses && i < list->u.arr.n; i++) {
        const plx_value *item = list->u.arr.items[i];
        plx_ref ref;
        if (plx_check_is_text(c, item, "a used data set", PLX_LINE) && dataset_name(c, item, true, &ref)) {
            uses[m->n_uses++] = item->u.str.ptr;
        }
    }
    m->uses = uses;
}

bool plx_manifest_use(const plx_manifest *m, size_t i, plx_mode mode, plx_ref *out, bool *wanted, plx_err *err)
{
    *wanted = false;
    if (!plx_ref_parse(m->uses[i], out, err)) {
        return plx_note(err, "%s/%s uses it (%s)", m->family, m->name, m->origin);
    }
    *wanted = !out->has_mode || out->mode == mode;
    return true;
}

/* Options stay text: scalars only, so that the ingester's table can say what each means. */
static void read_options(plx_checker *c, const plx_value *root, plx_manifest *m)
{
    const plx_value *options = plx_v_get(root, "options");
    if (!options || options->kind != PLX_V_OBJ) {
        return;
    }
    for (size_t i = 0; i < options->u.obj.n; i++) {
        const plx_member *option = &options->u.obj.members[i];
        if (option->value->kind != PLX_V_STR) {
            plx_check_add(c, option->value, "option \"%s\" must be a single value", option->key.ptr);
        }
    }
    m->options = options;
}

/* Expected counts become numbers here, so that whoever compares them needs no parsing. */
static plx_value *expected_counts(plx_checker *c, const plx_value *from)
{
    plx_value *out = plx_v_obj(c->arena);
    for (size_t i = 0; i < from->u.obj.n; i++) {
        const plx_member *count = &from->u.obj.members[i];
        uint64_t n;
        double x;
        plx_value *number = NULL;
        if (count->value->kind != PLX_V_STR) {
            plx_check_add(c, count->value, "expected count \"%s\" must be a number", count->key.ptr);
            continue;
        }
        plx_slice text = count->value->u.str;
        bool digit = text.len > 0 && text.ptr[0] >= '0' && text.ptr[0] <= '9';
        if (digit && plx_parse_u64(text.ptr, text.len, &n)) {
            number = plx_v_u64(c->arena, n);
        } else if (digit && plx_parse_f64(text.ptr, text.len, &x)) {
            number = plx_v_f64(c->arena, x);
        } else {
            plx_check_add(c, count->value, "expected count \"%s\" must be a number, not \"%s\"", count->key.ptr,
                          text.ptr);
            continue;
        }
        c->nomem |= !out || !plx_v_set(c->arena, out, count->key.ptr, number);
    }
    return out;
}

static void read_expect(plx_checker *c, const plx_value *root, plx_manifest *m)
{
    const plx_value *expect = plx_v_get(root, "expect");
    if (!expect || expect->kind != PLX_V_OBJ) {
        return;
    }
    plx_check_keys(c, expect, mode_keys, N_OF(mode_keys), "expect");
    plx_value *out = plx_v_obj(c->arena);
    for (size_t i = 0; i < N_OF(mode_keys); i++) {
        const plx_value *counts = plx_v_get(expect, mode_keys[i].name);
        if (counts && counts->kind == PLX_V_OBJ) {
            plx_value *numbers = expected_counts(c, counts);
            c->nomem |= !out || !plx_v_set(c->arena, out, mode_keys[i].name, numbers);
        }
    }
    m->expect = out;
}

/* Text that is also part of messages, which have no line ends. */
static const char *one_line(plx_checker *c, plx_slice text)
{
    text = plx_slice_trim(text);
    char *line = plx_arena_strndup(c->arena, text.ptr, text.len);
    for (char *p = line; p && *p; p++) {
        *p = *p == '\n' ? ' ' : *p;
    }
    c->nomem |= line == NULL;
    return line;
}

static void read_rest(plx_checker *c, const plx_value *root, plx_manifest *m)
{
    const plx_value *schema = plx_check_text(c, root, "schema", PLX_LINE);
    if (schema && strcmp(schema->u.str.ptr, "manifest/1") != 0) {
        plx_check_add(c, schema, "this program reads schema manifest/1, not \"%s\"", schema->u.str.ptr);
    }
    const plx_value *title = plx_check_text(c, root, "title", PLX_LINE);
    const plx_value *description = plx_check_text(c, root, "description", PLX_PROSE);
    const plx_value *homepage = plx_check_text(c, root, "homepage", PLX_LINE);
    const plx_value *ingester = plx_check_text(c, root, "ingester", PLX_LINE);
    const plx_value *layout = plx_check_text(c, root, "layout", PLX_PROSE);
    const plx_value *no_address = plx_check_text(c, root, "no_address", PLX_PROSE);
    const plx_value *demo = plx_check_text(c, root, "demo", PLX_LINE);
    m->title = title ? title->u.str.ptr : NULL;
    m->description = description ? description->u.str.ptr : NULL;
    m->homepage = homepage ? homepage->u.str.ptr : NULL;
    m->layout = layout ? layout->u.str.ptr : NULL;
    m->no_address = no_address ? one_line(c, no_address->u.str) : NULL;
    bool none = ingester && strcmp(ingester->u.str.ptr, "none") == 0;
    m->ingester = ingester && !none ? ingester->u.str.ptr : NULL;
    if (none && !plx_v_get(root, "layout")) {
        plx_check_add(c, ingester, "without an ingester the manifest needs a layout that says what is in the files");
    }
    if (none && plx_v_get(root, "options")) {
        plx_check_add(c, plx_v_get(root, "options"), "options are for an ingester, and there is none");
    }
    if (homepage && !plx_starts_with(m->homepage, "https://")) {
        plx_check_add(c, homepage, "homepage must start with https://");
    }
    m->demo = demo && strcmp(demo->u.str.ptr, "true") == 0;
    if (demo && !m->demo && strcmp(demo->u.str.ptr, "false") != 0) {
        plx_check_add(c, demo, "demo must be true or false, not \"%s\"", demo->u.str.ptr);
    }
}

bool plx_manifest_parse(const plx_ctx *ctx, plx_arena *arena, const char *origin, const char *text, size_t len,
                        const plx_manifest **out, plx_err *err)
{
    plx_value *root = NULL;
    if (!plx_yaml_parse(ctx, arena, origin, text, len, &root, err)) {
        return strchr(origin, ' ') ? false : plx_err_next(err, "plexus check %s", origin); /* "built in" is no path */
    }
    plx_checker c = {.arena = arena};
    plx_manifest *m = plx_arena_zero(arena, 1, sizeof *m);
    char *copy = m ? plx_arena_strndup(arena, text, len) : NULL;
    char *from = copy ? plx_arena_strdup(arena, origin) : NULL;
    if (!from) {
        return plx_fail_nomem(err, len);
    }
    m->text = (plx_slice){copy, len};
    m->origin = from;
    if (root->kind != PLX_V_OBJ) {
        plx_check_add(&c, root, "a manifest is a mapping that starts with schema: manifest/1");
        return plx_check_finish(&c, origin, "manifest", err);
    }
    plx_check_keys(&c, root, top_keys, N_OF(top_keys), "a manifest");
    read_name(&c, root, m);
    read_rest(&c, root, m);
    read_licence(&c, root, m);
    read_kind(&c, root, m);
    read_citations(&c, root, m);
    read_uses(&c, root, m);
    read_options(&c, root, m);
    plx_manifest_read_files(&c, root, m);
    read_expect(&c, root, m);
    if (!plx_check_finish(&c, origin, "manifest", err)) {
        return false;
    }
    *out = m;
    return true;
}

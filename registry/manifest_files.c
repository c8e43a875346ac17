/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of a manifest: where their bytes are and how they are known again. An address of a host such as zenodo: is only
 * checked for its shape here; whoever fetches turns it into a plain one.
 */
#include "registry/manifest_files.h"

#include "core/fs.h"
#include "core/num.h"
#include "schemas/ref.h"

#include <stdio.h>

static const plx_key_spec file_keys[] = {
    {"name", true, PLX_V_STR},      {"urls", false, PLX_V_ARR},        {"bytes", false, PLX_V_STR},
    {"md5", false, PLX_V_STR},      {"bytes_about", false, PLX_V_STR}, {"sha256", false, PLX_V_STR},
    {"git_sha1", false, PLX_V_STR}, {"media", false, PLX_V_STR},       {"commit", false, PLX_V_STR},
    {"unit", false, PLX_V_STR},     {"archive", false, PLX_V_STR},     {"member", false, PLX_V_STR},
};

#define N_OF(array) (sizeof(array) / sizeof(array)[0])

/* '9': digits, 'w': letters, digits and . _ -, 'p': the path that is left, anything else: itself. */
typedef struct host_shape {
    const char *scheme, *pattern, *example;
} host_shape;
static const host_shape hosts[] = {
    {"zenodo:", "9/p", "zenodo:RECORD/FILE"},
    {"figshare:", "w/p", "figshare:ARTICLE/FILE"},
    {"osf:", "w", "osf:FILE-ID or osf:NODE/FILE"},
    {"osf:", "w/p", "osf:FILE-ID or osf:NODE/FILE"},
    {"dandi:", "9/w/p", "dandi:DANDISET/VERSION/PATH"},
    {"hf:", "w/w/w@w/p", "hf:datasets/OWNER/NAME@REVISION/PATH"},
    {"github:", "w/w@w/p", "github:OWNER/NAME@COMMIT/PATH"},
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

static bool fits(const char *text, const char *pattern)
{
    for (; *pattern; pattern++) {
        size_t n = 0;
        if (*pattern == 'p') {
            return plx_path_is_safe(text);
        }
        if (*pattern == '9' || *pattern == 'w') {
            while (*pattern == '9' ? text[n] >= '0' && text[n] <= '9' : is_word(text[n])) {
                n++;
            }
        } else {
            n = *text == *pattern;
        }
        if (n == 0) {
            return false;
        }
        text += n;
    }
    return *text == '\0';
}

static void check_url(plx_checker *c, const plx_value *item)
{
    const char *url = item->u.str.ptr;
    for (const char *p = url; *p; p++) {
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f) {
            plx_check_add(c, item, "an address has no blanks, control or non-ASCII characters: percent-encode them");
            return;
        }
    }
    const char *expected = NULL;
    for (size_t i = 0; i < N_OF(hosts); i++) {
        if (plx_starts_with(url, hosts[i].scheme)) {
            if (fits(url + strlen(hosts[i].scheme), hosts[i].pattern)) {
                return;
            }
            expected = hosts[i].example;
        }
    }
    if (expected) {
        plx_check_add(c, item, "an address of this host is %s", expected);
        return;
    }
    if (plx_starts_with(url, "https://") || plx_starts_with(url, "http://")) {
        const char *host = strstr(url, "//") + 2;
        size_t len = strcspn(host, "/?#");
        if (len == 0 || memchr(host, '@', len)) {
            plx_check_add(c, item, "a web address needs a plain host name after //");
        }
    } else if (plx_starts_with(url, "file:")) {
        if (!plx_starts_with(url, "file:///")) {
            plx_check_add(c, item, "a file address is file:///absolute/path");
        }
    } else if (plx_starts_with(url, "builtin:")) {
        if (!plx_path_is_safe(url + 8)) {
            plx_check_add(c, item, "a built-in address is builtin:folder/file");
        }
    } else {
        plx_check_add(c, item,
                      "an address starts with https:// or file:/// or builtin: or the name of a host, such as "
                      "zenodo:");
    }
}

static void read_urls(plx_checker *c, const plx_value *entry, plx_manifest_file *file)
{
    const plx_value *list = plx_v_get(entry, "urls");
    if (!list || list->kind != PLX_V_ARR) {
        return;
    }
    const char **urls = plx_check_array(c, list->u.arr.n, sizeof *urls);
    for (size_t i = 0; urls && i < list->u.arr.n; i++) {
        const plx_value *item = list->u.arr.items[i];
        if (plx_check_is_text(c, item, "an address", PLX_LINE)) {
            check_url(c, item);
            urls[file->n_urls++] = item->u.str.ptr;
        }
    }
    file->urls = urls;
}

static bool read_size(plx_checker *c, const plx_value *entry, const char *key, uint64_t *out)
{
    const plx_value *size = plx_check_text(c, entry, key, PLX_LINE);
    if (!size) {
        return false;
    }
    return plx_parse_u64(size->u.str.ptr, size->u.str.len, out) ||
           plx_check_add(c, size, "%s must be a whole number in plain digits, not \"%s\"", key, size->u.str.ptr);
}

static void read_digests(plx_checker *c, const plx_value *entry, plx_manifest_file *file)
{
    file->has_bytes = read_size(c, entry, "bytes", &file->bytes);
    file->has_bytes_about = read_size(c, entry, "bytes_about", &file->bytes_about);
    if (plx_v_get(entry, "bytes") && plx_v_get(entry, "bytes_about")) {
        plx_check_add(c, plx_v_get(entry, "bytes_about"), "bytes_about is for files whose exact size is not known");
    }
    const plx_value *sha256 = plx_check_text(c, entry, "sha256", PLX_LINE);
    if (sha256 && plx_check_hex(c, sha256, "sha256", PLX_SHA256_HEX)) {
        file->has_sha256 = plx_digest_parse(sha256->u.str.ptr, sha256->u.str.len, &file->sha256);
    }
    const plx_value *md5 = plx_check_text(c, entry, "md5", PLX_LINE);
    if (md5 && plx_check_hex(c, md5, "md5", 32)) {
        file->md5 = md5->u.str.ptr;
    }
    const plx_value *git = plx_check_text(c, entry, "git_sha1", PLX_LINE);
    if (git && plx_check_hex(c, git, "git_sha1", 40)) {
        file->git_sha1 = git->u.str.ptr;
    }
    const plx_value *commit = plx_check_text(c, entry, "commit", PLX_LINE);
    if (commit && plx_check_hex(c, commit, "commit", 40)) {
        file->commit = commit->u.str.ptr;
    }
}

static void read_unit(plx_checker *c, const plx_value *entry, plx_manifest_file *file)
{
    const plx_value *unit = plx_check_text(c, entry, "unit", PLX_LINE);
    char text[PLX_REF_TEXT];
    plx_ref ref;
    if (!unit) {
        return;
    }
    int n = snprintf(text, sizeof text, "family/name#%s", unit->u.str.ptr);
    if ((size_t)n >= sizeof text || !plx_ref_parse(text, &ref, NULL) || !ref.unit[0]) {
        plx_check_add(c, unit, "a unit is letters, digits and . _ - inside, as in 2022-07-27-45");
    }
    file->unit = unit->u.str.ptr;
}

/* An archive counts as a place like an address; what of it is wanted must then be said. */
static void read_member(plx_checker *c, const plx_value *entry, const plx_manifest *m, plx_manifest_file *file)
{
    const plx_value *archive = plx_check_text(c, entry, "archive", PLX_LINE);
    const plx_value *member = plx_check_text(c, entry, "member", PLX_LINE);
    if (archive && !member) {
        plx_check_add(c, archive, "which member of the archive?");
    }
    if (member && !archive) {
        plx_check_add(c, member, "a member needs the archive it is in");
    }
    for (size_t i = 0; archive && i < m->n_archives; i++) {
        if (m->archives[i].name && strcmp(m->archives[i].name, archive->u.str.ptr) == 0) {
            file->archive = &m->archives[i];
        }
    }
    if (archive && !file->archive) {
        plx_check_add(c, archive, "there is no \"%s\" among the archives", archive->u.str.ptr);
    }
    size_t len = member ? member->u.str.len : 0;
    const char *path = member ? plx_check_keep_n(c, member->u.str.ptr, len - (member->u.str.ptr[len - 1] == '/')) : "";
    if (member && path && !plx_path_is_safe(path)) {
        plx_check_add(c, member, "member \"%s\" is not a plain relative path", member->u.str.ptr);
    }
    file->member = member ? member->u.str.ptr : NULL;
}

static void read_file(plx_checker *c, const plx_value *entry, const plx_manifest *m, bool is_archive,
                      plx_manifest_file *file)
{
    if (entry->kind != PLX_V_OBJ) {
        plx_check_add(c, entry, "a file is a mapping with name, urls, bytes and sha256");
        return;
    }
    /* Archives have all keys of a file but the last three. */
    plx_check_keys(c, entry, file_keys, N_OF(file_keys) - (is_archive ? 3 : 0), is_archive ? "an archive" : "a file");
    file->line = entry->line;
    const plx_value *name = plx_check_text(c, entry, "name", PLX_LINE);
    if (name && !plx_path_is_safe(name->u.str.ptr)) {
        plx_check_add(c, name, "file name \"%s\" is not a plain relative path", name->u.str.ptr);
    }
    file->name = name ? name->u.str.ptr : NULL;
    const plx_value *media = plx_check_text(c, entry, "media", PLX_LINE);
    file->media = media ? media->u.str.ptr : NULL;
    if (media && !strchr(file->media, '/')) {
        plx_check_add(c, media, "a media type is type/subtype, as in text/csv");
    }
    read_urls(c, entry, file);
    read_digests(c, entry, file);
    if (!is_archive) {
        read_unit(c, entry, file);
        read_member(c, entry, m, file);
    }
}

static void unique_name(plx_checker *c, const plx_value *entry, const plx_manifest_file *file,
                        const plx_manifest_file *others, size_t n)
{
    for (size_t i = 0; file->name && i < n; i++) {
        if (others[i].name && strcmp(file->name, others[i].name) == 0) {
            plx_check_add(c, entry, "file name \"%s\" is taken by the file at line %u", file->name, others[i].line);
            return;
        }
    }
}

static void read_list(plx_checker *c, const plx_value *root, const char *key, plx_manifest *m)
{
    const plx_value *list = plx_v_get(root, key);
    bool is_archive = strcmp(key, "archives") == 0;
    if (!list || list->kind != PLX_V_ARR) {
        return;
    }
    if (list->u.arr.n == 0) {
        if (is_archive || (m->ingester && m->n_uses == 0)) {
            plx_check_add(c, list, "%s is empty: %s", key,
                          is_archive ? "leave it out" : "a data set that uses no other needs at least one");
        }
        return;
    }
    plx_manifest_file *files = plx_check_array(c, list->u.arr.n, sizeof *files);
    for (size_t i = 0; files && i < list->u.arr.n; i++) {
        read_file(c, list->u.arr.items[i], m, is_archive, &files[i]);
        unique_name(c, list->u.arr.items[i], &files[i], files, i);
        unique_name(c, list->u.arr.items[i], &files[i], m->archives, m->n_archives);
    }
    size_t n = files ? list->u.arr.n : 0;
    if (is_archive) {
        m->archives = files;
        m->n_archives = n;
    } else {
        m->files = files;
        m->n_files = n;
    }
}

void plx_manifest_read_files(plx_checker *c, const plx_value *root, plx_manifest *m)
{
    read_list(c, root, "archives", m);
    read_list(c, root, "files", m);
}

void plx_manifest_add_file(plx_manifest_size *size, const plx_manifest_file *file)
{
    uint64_t bytes = file->has_bytes ? file->bytes : file->bytes_about;
    size->about |= file->has_bytes_about;
    size->incomplete |= !file->has_bytes && !file->has_bytes_about;
    if (__builtin_add_overflow(size->bytes, bytes, &size->bytes)) {
        size->bytes = UINT64_MAX;
    }
}

void plx_manifest_add_up(const plx_manifest *manifest, plx_manifest_size *out)
{
    *out =
        (plx_manifest_size){.n_files = manifest->n_files, .incomplete = manifest->n_files == 0 && !manifest->ingester};
    for (size_t i = 0; i < manifest->n_archives; i++) {
        plx_manifest_add_file(out, &manifest->archives[i]);
    }
    for (size_t i = 0; i < manifest->n_files; i++) {
        if (!manifest->files[i].archive) {
            plx_manifest_add_file(out, &manifest->files[i]);
        }
    }
}

void plx_manifest_size_text(const plx_manifest_size *size, char out[PLX_SIZE_TEXT])
{
    char bytes[PLX_NUM_TEXT];
    plx_print_bytes(size->bytes, bytes);
    if (size->incomplete && size->bytes == 0) {
        snprintf(out, PLX_SIZE_TEXT, "unknown");
    } else {
        snprintf(out, PLX_SIZE_TEXT, "%s%s%s", size->about ? "~" : "", bytes, size->incomplete ? "+" : "");
    }
}

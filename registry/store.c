/* SPDX-License-Identifier: Apache-2.0
 *
 * The store's tree: making, opening, paths. A folder is a store when it has FORMAT, which init puts in place last.
 * Leftovers of dead processes are in store_partial.c, damaged things in store_quarantine.c.
 */
#include "registry/store.h"

#include "core/buf.h"
#include "core/num.h"
#include "core/str.h"
#include "registry/sealed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char first_line[] = "plexus store ";
static const char *const folders[] = {"blobs/sha256", "records/sha256", "refs", "runs", "partial", "quarantine"};
static const char *const known[] = {"FORMAT",  "blobs",      "records", "refs",      "runs",
                                    "partial", "quarantine", "lock",    "lost+found"};

static bool check_format_text(const char *text, size_t len, plx_err *err)
{
    size_t body;
    plx_digest seal;
    if (!plx_sealed_check("FORMAT", text, len, &body, &seal, err)) {
        return false;
    }
    plx_slice rest = {text, body};
    const char *end = memchr(rest.ptr, '\n', rest.len);
    size_t line = end ? (size_t)(end - rest.ptr) : rest.len;
    uint64_t version = 0;
    size_t prefix = sizeof first_line - 1;
    if (line <= prefix || memcmp(text, first_line, prefix) != 0 ||
        !plx_parse_u64(text + prefix, line - prefix, &version) || version == 0) {
        return plx_fail(err, PLX_E_DIGEST, "FORMAT does not say \"plexus store %d\"", PLX_STORE_FORMAT);
    }
    if (version > PLX_STORE_FORMAT) {
        plx_fail(err, PLX_E_NEWER, "the store was written by a newer plexus");
        return plx_err_why(err, "its format is %llu, this program knows %d", (unsigned long long)version,
                           PLX_STORE_FORMAT);
    }
    if (line + 1 < body) { /* a feature line: this version has none, so all are from later ones */
        plx_fail(err, PLX_E_NEWER, "the store uses features of a newer plexus");
        return plx_err_why(err, "FORMAT lists %.60s", text + line + 1);
    }
    return true;
}

/* A store whose init was cut has nothing in it yet; one that has lost its FORMAT has. */
static bool has_content(const char *root)
{
    static const char *const areas[] = {"refs", "blobs/sha256", "records/sha256"};
    bool any = false;
    for (size_t i = 0; i < sizeof areas / sizeof areas[0] && !any; i++) {
        char dir[PLX_PATH];
        char **names = NULL;
        size_t n = 0;
        any = plx_path_join(dir, root, areas[i], NULL) && plx_fs_names(dir, &names, &n, NULL) && n > 0;
        plx_fs_names_free(names, n);
    }
    return any;
}

bool plx_store_check_format(const char *root, plx_err *err)
{
    char path[PLX_PATH];
    plx_buf text;
    plx_err seen;
    plx_err_clear(&seen);
    if (!plx_path_join(path, root, "FORMAT", err)) {
        return false;
    }
    if (plx_fs_exists(root) && !plx_fs_is_dir(root)) {
        plx_fail(err, PLX_E_POLICY, "%s is a file, and a store is a folder", root);
        return plx_err_next(err, "plexus init --store %s.store", root);
    }
    if (!plx_buf_read_file(path, 4096, &text, &seen)) {
        if (seen.code == PLX_E_LIMIT) {
            return plx_fail(err, PLX_E_DIGEST, "FORMAT is damaged: it is longer than 4096 bytes");
        }
        if (seen.code == PLX_E_NOTFOUND && has_content(root)) {
            return plx_fail(err, PLX_E_DIGEST, "FORMAT is missing, but the store has data in it");
        }
        if (err) {
            *err = seen;
        }
        return false;
    }
    bool ok = check_format_text((const char *)text.ptr, text.len, err);
    plx_buf_free(&text);
    return ok;
}

bool plx_store_format_text(plx_sb *text, plx_err *err)
{
    plx_sb_printf(text, "%s%d\n", first_line, PLX_STORE_FORMAT);
    plx_sealed_add(text);
    return !text->failed || plx_fail_nomem(err, 128);
}

/* A relative path would change its meaning with the working directory, and is useless in messages. */
static bool absolute(const char *dir, char out[PLX_PATH], plx_err *err)
{
    char cwd[PLX_PATH];
    if (dir[0] == '/') {
        return plx_path_join(out, dir, "", err) || plx_note(err, "store folder %.80s", dir);
    }
    if (!getcwd(cwd, sizeof cwd)) {
        return plx_fail_sys(err, errno, "cannot tell the current folder");
    }
    return plx_path_join(out, cwd, strcmp(dir, ".") == 0 ? "" : dir, err);
}

static void trim_slashes(char *path)
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        path[--len] = '\0';
    }
}

static bool only_ours(const char *dir, plx_err *err)
{
    char **names;
    size_t n;
    if (!plx_fs_names(dir, &names, &n, err)) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        bool ours = plx_starts_with(names[i], "catalog.db");
        for (size_t k = 0; k < sizeof known / sizeof known[0] && !ours; k++) {
            ours = strcmp(names[i], known[k]) == 0;
        }
        if (!ours) {
            plx_fail(err, PLX_E_POLICY, "%s has other things in it, so no store is made there", dir);
            plx_err_why(err, "the first is %.80s; a store needs an empty or a new folder", names[i]);
            plx_err_kept(err, "nothing was changed");
            ok = plx_err_next(err, "plexus init --store %s/plexus", dir);
        }
    }
    plx_fs_names_free(names, n);
    return ok;
}

static bool put_format(const plx_store *store, bool *existed, plx_err *err)
{
    char partial[PLX_PATH], temp[PLX_PATH], path[PLX_PATH];
    plx_sb text = {0};
    if (!plx_path_join(path, store->root, "FORMAT", err) || !plx_store_format_text(&text, err)) {
        plx_sb_free(&text);
        return false;
    }
    bool ok = plx_store_partial(store, partial, err);
    if (ok) {
        ok = plx_path_join(temp, partial, "FORMAT", err) && plx_fs_replace(temp, text.ptr, text.len, err) &&
             plx_fs_publish(temp, path, existed, err);
        plx_fs_remove_tree(partial, NULL);
    }
    plx_sb_free(&text);
    return ok;
}

bool plx_store_init(const plx_ctx *ctx, const char *dir, bool *existed, plx_err *err)
{
    (void)ctx;
    plx_store store = {.lock = {-1}, .writable = true};
    *existed = false;
    if (!absolute(dir, store.root, err)) {
        return false;
    }
    trim_slashes(store.root);
    plx_err seen;
    plx_err_clear(&seen);
    if (plx_store_check_format(store.root, &seen)) {
        *existed = true;
        return true;
    }
    if (seen.code != PLX_E_NOTFOUND) {
        if (err) {
            *err = seen;
        }
        plx_note(err, "store %s", store.root);
        return seen.code == PLX_E_DIGEST ? plx_err_next(err, "plexus repair --store %s", store.root) : false;
    }
    if (!plx_fs_mkdirs(store.root, err) || !only_ours(store.root, err)) {
        return false;
    }
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[PLX_PATH];
        if (!plx_path_join(path, store.root, folders[i], err) || !plx_fs_mkdirs(path, err)) {
            return false;
        }
    }
    if (!put_format(&store, existed, err)) {
        return false;
    }
    return !*existed || plx_store_check_format(store.root, err);
}

static bool no_store(const char *root, plx_err *err)
{
    char refs[PLX_PATH], blobs[PLX_PATH];
    plx_fail(err, PLX_E_NOTFOUND, "there is no store at %s", root);
    if (plx_path_join(refs, root, "refs", NULL) && plx_path_join(blobs, root, "blobs", NULL) && plx_fs_is_dir(refs) &&
        plx_fs_is_dir(blobs)) {
        plx_err_why(err, "its folders are there but empty, and FORMAT is not: an init was cut short");
    }
    return plx_err_next(err, "plexus init --store %s", root);
}

static bool check_open(plx_store *store, plx_store_need need, plx_err *err)
{
    plx_err seen;
    plx_err_clear(&seen);
    if (plx_store_check_format(store->root, &seen)) {
        return true;
    }
    if (seen.code == PLX_E_NOTFOUND) {
        return no_store(store->root, err);
    }
    if (seen.code == PLX_E_DIGEST && need != PLX_STORE_WRITE) {
        store->format_damaged = true;
        return true;
    }
    if (err) {
        *err = seen;
    }
    plx_note(err, "store %s", store->root);
    plx_err_kept(err, "the store is unchanged");
    return seen.code == PLX_E_DIGEST ? plx_err_next(err, "plexus repair --store %s", store->root) : false;
}

bool plx_store_open(const plx_ctx *ctx, const char *dir, plx_store_need need, int wait_ms, plx_store *out, plx_err *err)
{
    (void)ctx;
    char root[PLX_PATH]; /* `dir` may be the root of the very store that is opened again */
    if (!absolute(dir, root, err)) {
        return false;
    }
    memset(out, 0, sizeof *out);
    out->lock.fd = -1;
    snprintf(out->root, sizeof out->root, "%s", root);
    trim_slashes(out->root);
    if (!check_open(out, need, err)) {
        return false;
    }
    if (need == PLX_STORE_READ) {
        char partial[PLX_PATH];
        out->writable = plx_path_join(partial, out->root, "partial", NULL) && access(out->root, W_OK) == 0 &&
                        access(partial, W_OK) == 0 && !out->format_damaged;
        return true;
    }
    out->writable = true;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) { /* copies of a store may lack its empty folders */
        char path[PLX_PATH];
        if (!plx_path_join(path, out->root, folders[i], err) || !plx_fs_mkdirs(path, err)) {
            return false;
        }
    }
    char lock[PLX_PATH];
    if (!plx_path_join(lock, out->root, "lock", err) ||
        !plx_lock_take(&out->lock, lock, need == PLX_STORE_EXCLUSIVE, wait_ms, err)) {
        return err && err->code == PLX_E_BUSY ? plx_err_kept(err, "the store is unchanged") : false;
    }
    size_t swept;
    plx_store_sweep_partials(out, PLX_STORE_KEEP_PARTS_S, &swept, NULL);
    return true;
}

void plx_store_close(plx_store *store)
{
    plx_lock_drop(&store->lock);
    store->writable = false;
}

bool plx_store_default_dir(const char *flag, char out[PLX_PATH], plx_err *err)
{
    const char *env = getenv("PLEXUS_STORE"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    const char *given = flag && flag[0] ? flag : env && env[0] ? env : NULL;
    if (given) {
        if (!plx_path_join(out, given, "", err)) {
            return false;
        }
        trim_slashes(out);
        return true;
    }
    if (data && data[0] == '/') { /* the specification tells to ignore relative ones */
        return plx_path_join(out, data, "plexus", err);
    }
    if (home && home[0] == '/') {
        return plx_path_join(out, home, ".local/share/plexus", err);
    }
    plx_fail(err, PLX_E_ARG, "there is no place for a store");
    plx_err_why(err, "none of --store, $PLEXUS_STORE, $XDG_DATA_HOME and $HOME is set");
    return plx_err_next(err, "plexus init --store DIR");
}

bool plx_store_object_path(const plx_store *store, const char *area, const plx_digest *digest, char out[PLX_PATH],
                           plx_err *err)
{
    char hex[PLX_SHA256_HEX + 1];
    plx_digest_hex(digest, hex);
    int n = snprintf(out, PLX_PATH, "%s/%s/sha256/%.2s/%s", store->root, area, hex, hex + 2);
    return (n > 0 && n < PLX_PATH) || plx_fail(err, PLX_E_ARG, "the store's path %.80s... is too long", store->root);
}

const char *plx_store_rel(const plx_store *store, const char *path)
{
    size_t len = strlen(store->root);
    if (strncmp(path, store->root, len) != 0) {
        return path;
    }
    if (store->root[len - 1] == '/') {
        return path + len;
    }
    return path[len] == '/' ? path + len + 1 : path;
}

bool plx_store_replace(const plx_store *store, const char *path, const void *bytes, size_t len, plx_err *err)
{
    char partial[PLX_PATH], temp[PLX_PATH], parent[PLX_PATH];
    if (!plx_store_partial(store, partial, err)) {
        return false;
    }
    snprintf(parent, sizeof parent, "%.*s", (int)(plx_path_base(path) - path), path);
    trim_slashes(parent);
    bool ok = plx_path_join(temp, partial, "file", err) && plx_fs_replace(temp, bytes, len, err) &&
              plx_fs_mkdirs(parent, err);
    if (ok && rename(temp, path) != 0) {
        ok = plx_fail_sys(err, errno, "cannot put %s in place", path);
    }
    ok = ok && plx_fs_sync_dir(parent, err);
    plx_fs_remove_tree(partial, NULL);
    return ok;
}

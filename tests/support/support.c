/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

#include "core/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[PLX_PATH];
static pid_t dir_owner;

static void remove_dir(void)
{
    if (dir[0] && dir_owner == getpid()) {
        plx_fs_remove_tree(dir, NULL);
    }
}

const char *plx_test_dir(void)
{
    if (dir[0] && dir_owner == getpid()) {
        return dir;
    }
    const char *tmp = getenv("TMPDIR");
    if (!tmp) { /* in memory where that is possible: thousands of fsyncs take minutes on a disk */
        tmp = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
    }
    snprintf(dir, sizeof dir, "%s/plexus-test-XXXXXX", tmp);
    if (!mkdtemp(dir)) {
        perror("mkdtemp");
        abort();
    }
    dir_owner = getpid();
    atexit(remove_dir);
    return dir;
}

const char *plx_test_data(const char *rel)
{
    static char path[PLX_PATH];
    const char *root = getenv("PLEXUS_TEST_DATA");
    char fallback[PLX_PATH];
    if (!root) {
        snprintf(fallback, sizeof fallback, "%s/../shared/data", PLX_SOURCE_DIR);
        root = fallback;
    }
    int n = snprintf(path, sizeof path, "%s/%s", root, rel);
    return n > 0 && (size_t)n < sizeof path && plx_fs_exists(path) ? path : NULL;
}

const char *plx_test_golden(const char *name)
{
    static char path[PLX_PATH];
    int n = snprintf(path, sizeof path, "%s/tests/golden/files/%s", PLX_SOURCE_DIR, name);
    return n > 0 && (size_t)n < sizeof path ? path : NULL;
}

const char *plx_test_file(const char *name, const void *bytes, size_t len)
{
    static char path[PLX_PATH];
    int n = snprintf(path, sizeof path, "%s/%s", plx_test_dir(), name);
    FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "wb") : NULL;
    if (!f || fwrite(bytes, 1, len, f) != len || fclose(f) != 0) {
        perror(path);
        abort();
    }
    return path;
}

const char *plx_test_err(const plx_err *err)
{
    static char text[2048];
    int used = snprintf(text, sizeof text, "[%s] %s", plx_code_name(err->code), err->what);
    for (int i = 0; i < err->n_notes && used > 0 && (size_t)used < sizeof text; i++) {
        used += snprintf(text + used, sizeof text - (size_t)used, " | %s", err->note[i]);
    }
    if (err->why[0] && used > 0 && (size_t)used < sizeof text) {
        snprintf(text + used, sizeof text - (size_t)used, " | why: %s", err->why);
    }
    return text;
}

static size_t asked, fail_at;

static bool hook(void *payload, size_t size)
{
    (void)payload;
    (void)size;
    return asked++ != fail_at;
}

void plx_test_alloc_fail_at(size_t k)
{
    asked = 0;
    fail_at = k;
    plx_alloc_set_hook(hook, NULL);
}

size_t plx_test_alloc_ok(void)
{
    plx_alloc_set_hook(NULL, NULL);
    return asked;
}

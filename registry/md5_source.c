/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/md5_source.h"

#include "core/alloc.h"
#include "core/md5.h"

#include <string.h>

typedef struct md5_source {
    plx_source base;
    plx_source *inner;
    plx_md5 md5;
    char want[PLX_MD5_HEX + 1];
} md5_source;

static bool read_some(plx_source *self, void *out, size_t cap, size_t *got, plx_err *err)
{
    md5_source *s = (md5_source *)self;
    char hex[PLX_MD5_HEX + 1];
    if (!s->inner->read(s->inner, out, cap, got, err)) {
        return false;
    }
    if (*got > 0) {
        plx_md5_update(&s->md5, out, *got);
        return true;
    }
    plx_md5 whole = s->md5;
    plx_md5_final(&whole, hex);
    if (strcmp(hex, s->want) == 0) {
        return true;
    }
    plx_fail(err, PLX_E_DIGEST, "%s is not the published file: its MD5 differs", self->name);
    plx_err_why(err, "expected %s, got %s", s->want, hex);
    return plx_err_kept(err, "the store is unchanged");
}

static void close_both(plx_source *self)
{
    md5_source *s = (md5_source *)self;
    plx_source_close(s->inner);
    plx_free(s);
}

bool plx_source_with_md5(plx_source *inner, const char *md5, plx_source **out, plx_err *err)
{
    *out = inner;
    if (!md5) {
        return true;
    }
    md5_source *s = plx_alloc_zero(1, sizeof *s);
    if (!s) {
        plx_source_close(inner);
        *out = NULL;
        return plx_fail_nomem(err, sizeof *s);
    }
    s->base = (plx_source){.name = inner->name, .size = inner->size, .read = read_some, .close = close_both};
    s->inner = inner;
    plx_md5_init(&s->md5);
    memcpy(s->want, md5, sizeof s->want);
    *out = &s->base;
    return true;
}

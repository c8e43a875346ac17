/* SPDX-License-Identifier: Apache-2.0
 *
 * `decode` and below run in the child and call libtiff, the take_* functions run in the parent, which never does.
 */
#define _GNU_SOURCE /* RTLD_NODELETE */
#include "formats/tiff.h"

#include "core/alloc.h"
#include "core/str.h"
#include "core/utf8.h"
#include "formats/isolate.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

static const char LIBRARY[] = "libtiff.so.6";

/* The formatter never agrees with itself on this list. */
/* clang-format off */
#define FUNCTIONS(X) \
    X(TIFFOpen) X(TIFFSetErrorHandler) X(TIFFSetWarningHandler) X(TIFFSetDirectory) X(TIFFReadDirectory) \
    X(TIFFGetField) X(TIFFGetFieldDefaulted) X(TIFFIsTiled) X(TIFFStripSize64) X(TIFFTileSize64) \
    X(TIFFReadEncodedStrip) X(TIFFReadEncodedTile) X(TIFFComputeTile)
/* clang-format on */

typedef struct lib {
/* A member cannot be named in parentheses. */
#define FIELD(name) __typeof__(&(name)) name; /* NOLINT(bugprone-macro-parentheses) */
    FUNCTIONS(FIELD)
#undef FIELD
} lib;

enum { INFO, BLOCK, SEND_BYTES = 1 << 20 };

typedef struct page {
    uint32_t width, height;
    uint16_t bits, format, samples, planar, photometric;
} page;

typedef struct task {
    lib lib;
    const plx_ctx *ctx;
    const char *path;
    bool describe;
    size_t first, n; /* pages */
    plx_tiff_info info;
} task;

static bool load(lib *l, plx_err *err)
{
    void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) {
        plx_fail(err, PLX_E_UNSUPPORTED, "TIFF files cannot be read: the library %s is not there", LIBRARY);
        return plx_err_next(err, "apt-get install libtiff6");
    }
    bool ok = true;
    void *symbol;
#define FIND(name)                                                                                                     \
    symbol = dlsym(handle, #name);                                                                                     \
    ok = ok && symbol;                                                                                                 \
    memcpy(&l->name, &symbol, sizeof symbol); /* ISO C has no cast from void * to a function */
    FUNCTIONS(FIND)
#undef FIND
    dlclose(handle); /* RTLD_NODELETE: it stays */
    return ok || plx_fail(err, PLX_E_UNSUPPORTED, "TIFF files cannot be read: %s lacks functions", LIBRARY);
}

/* --- in the child --- */

static bool damaged(const task *t, size_t page_no, const char *what, plx_err *err)
{
    plx_fail(err, PLX_E_FORMAT, "%s is damaged: %s", t->path, what);
    return plx_note(err, "page %zu, counted from 0", page_no);
}

static page page_of(const lib *l, TIFF *tiff)
{
    page p = {0};
    (void)l->TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &p.width);
    (void)l->TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &p.height);
    (void)l->TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &p.bits);
    (void)l->TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &p.format);
    (void)l->TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &p.samples);
    (void)l->TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &p.planar);
    (void)l->TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &p.photometric);
    return p;
}

static bool same_page(const page *a, const page *b)
{
    return a->width == b->width && a->height == b->height && a->bits == b->bits && a->format == b->format &&
           a->samples == b->samples && a->planar == b->planar;
}

static bool type_of(const page *p, plx_dtype *out)
{
    static const plx_dtype types[3][4] = {
        {PLX_U8, PLX_U16, PLX_U32, PLX_U64}, {PLX_I8, PLX_I16, PLX_I32, PLX_I64}, {PLX_STR, PLX_F16, PLX_F32, PLX_F64}};
    int size = p->bits == 8 ? 0 : p->bits == 16 ? 1 : p->bits == 32 ? 2 : p->bits == 64 ? 3 : -1;
    int sort = p->format == SAMPLEFORMAT_UINT || p->format == SAMPLEFORMAT_VOID ? 0
               : p->format == SAMPLEFORMAT_INT                                  ? 1
               : p->format == SAMPLEFORMAT_IEEEFP                               ? 2
                                                                                : -1;
    *out = size < 0 || sort < 0 ? PLX_STR : types[sort][size];
    return *out != PLX_STR;
}

static bool check_page(const task *t, const page *p, size_t page_no, plx_dtype *dtype, plx_err *err)
{
    const char *what = NULL;
    if (p->width == 0 || p->height == 0 || p->samples == 0) {
        return damaged(t, page_no, "a page without extent", err);
    }
    if (!type_of(p, dtype)) {
        what = "pixels of that many bits or that format";
    } else if (p->samples > 1 && p->planar != PLANARCONFIG_CONTIG) {
        what = "samples in planes of their own";
    } else if (p->photometric == PHOTOMETRIC_YCBCR) {
        what = "YCbCr colours";
    }
    if (what) {
        plx_fail(err, PLX_E_UNSUPPORTED, "%s: %s are not read", t->path, what);
        plx_err_why(err, "%u bits, sample format %u, %u samples", p->bits, p->format, p->samples);
        return plx_note(err, "page %zu, counted from 0", page_no);
    }
    return true;
}

/* "slices=50" of an ImageJ description; 1 when it is not there. */
static size_t imagej_count(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    long n = at ? strtol(at + strlen(key), NULL, 10) : 1;
    return n > 0 ? (size_t)n : 1;
}

static void lay_out(plx_tiff_info *info, const page *p)
{
    size_t channels =
        plx_starts_with(info->description, "ImageJ=") ? imagej_count(info->description, "\nchannels=") : 1;
    int d = 0;
    if (channels > 1 && info->n_pages % channels == 0) {
        if (info->n_pages > channels) {
            info->axes[d] = 'Z';
            info->shape[d++] = info->n_pages / channels;
        }
        info->axes[d] = 'C';
        info->shape[d++] = channels;
    } else if (info->n_pages > 1) {
        info->axes[d] = 'Z';
        info->shape[d++] = info->n_pages;
    }
    info->axes[d] = 'Y';
    info->shape[d++] = p->height;
    info->axes[d] = 'X';
    info->shape[d++] = p->width;
    if (p->samples > 1) {
        info->axes[d] = 'S';
        info->shape[d++] = p->samples;
    }
    info->ndim = d;
}

static bool describe(const task *t, TIFF *tiff, plx_isolate_out *out, plx_err *err)
{
    plx_tiff_info info;
    memset(&info, 0, sizeof info);
    uint32_t most = plx_limits_of(t->ctx).entries;
    page first = page_of(&t->lib, tiff);
    char *text = NULL;
    if (!check_page(t, &first, 0, &info.dtype, err)) {
        return false;
    }
    if (t->lib.TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &text) && text) {
        snprintf(info.description, sizeof info.description, "%s", text);
    }
    do {
        page p = page_of(&t->lib, tiff);
        if (!same_page(&p, &first)) {
            plx_fail(err, PLX_E_UNSUPPORTED, "%s is no stack: its pages differ", t->path);
            return plx_note(err, "page %zu, counted from 0", info.n_pages);
        }
        if (++info.n_pages > most) {
            return plx_fail(err, PLX_E_LIMIT, "%s has more than %u pages", t->path, most);
        }
    } while (t->lib.TIFFReadDirectory(tiff));
    if (__builtin_mul_overflow((size_t)first.width * first.height, (size_t)first.samples * (first.bits / 8),
                               &info.page_bytes)) {
        return damaged(t, 0, "a page of more bytes than can be counted", err);
    }
    lay_out(&info, &first);
    return plx_isolate_send(out, INFO, &info, sizeof info, err);
}

static bool send(plx_isolate_out *out, const uint8_t *bytes, size_t len, plx_err *err)
{
    for (size_t at = 0; at < len; at += SEND_BYTES) {
        if (!plx_isolate_send(out, BLOCK, bytes + at, len - at < SEND_BYTES ? len - at : SEND_BYTES, err)) {
            return false;
        }
    }
    return true;
}

static bool read_strips(const task *t, TIFF *tiff, size_t page_no, uint8_t *bytes, plx_err *err)
{
    size_t done = 0, whole = t->info.page_bytes;
    uint64_t size = t->lib.TIFFStripSize64(tiff);
    for (uint32_t strip = 0; done < whole; strip++) {
        size_t want = whole - done < size ? whole - done : (size_t)size;
        tmsize_t got = want ? t->lib.TIFFReadEncodedStrip(tiff, strip, bytes + done, (tmsize_t)want) : -1;
        if (got <= 0 || (size_t)got != want) {
            return damaged(t, page_no, "a strip cannot be decoded", err);
        }
        done += want;
    }
    return true;
}

static bool read_tiles(const task *t, TIFF *tiff, const page *p, size_t page_no, uint8_t *bytes, plx_err *err)
{
    uint32_t tw = 0, th = 0;
    size_t pixel = (size_t)p->samples * (p->bits / 8);
    (void)t->lib.TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &tw);
    (void)t->lib.TIFFGetField(tiff, TIFFTAG_TILELENGTH, &th);
    uint64_t size = t->lib.TIFFTileSize64(tiff);
    if (tw == 0 || th == 0 || size != (uint64_t)tw * th * pixel || size > plx_limits_of(t->ctx).memory_bytes) {
        return damaged(t, page_no, "tiles of a size that cannot be", err);
    }
    uint8_t *tile = plx_alloc((size_t)size);
    bool ok = tile || plx_fail_nomem(err, (size_t)size);
    for (uint32_t y = 0; ok && y < p->height; y += th) {
        for (uint32_t x = 0; ok && x < p->width; x += tw) {
            uint32_t rows = p->height - y < th ? p->height - y : th, cols = p->width - x < tw ? p->width - x : tw;
            tmsize_t got =
                t->lib.TIFFReadEncodedTile(tiff, t->lib.TIFFComputeTile(tiff, x, y, 0, 0), tile, (tmsize_t)size);
            ok = (got > 0 && (uint64_t)got == size) || damaged(t, page_no, "a tile cannot be decoded", err);
            for (uint32_t r = 0; ok && r < rows; r++) {
                memcpy(bytes + ((size_t)(y + r) * p->width + x) * pixel, tile + (size_t)r * tw * pixel, cols * pixel);
            }
        }
    }
    plx_free(tile);
    return ok;
}

static bool read_pages(const task *t, TIFF *tiff, plx_isolate_out *out, plx_err *err)
{
    const plx_tiff_info *info = &t->info;
    if (info->page_bytes > plx_limits_of(t->ctx).memory_bytes) {
        return plx_fail(err, PLX_E_LIMIT, "one page of %s needs more memory than is allowed", t->path);
    }
    uint8_t *bytes = plx_alloc(info->page_bytes);
    bool ok = bytes || plx_fail_nomem(err, info->page_bytes);
    for (size_t i = t->first; ok && i < t->first + t->n; i++) {
        bool there = i == t->first ? (i == 0 || (i <= UINT32_MAX && t->lib.TIFFSetDirectory(tiff, (tdir_t)i)))
                                   : t->lib.TIFFReadDirectory(tiff);
        page p = page_of(&t->lib, tiff);
        plx_dtype dtype;
        ok = there || damaged(t, i, "the page is not there", err);
        ok = ok && check_page(t, &p, i, &dtype, err);
        if (ok && (dtype != info->dtype ||
                   (uint64_t)p.width * p.height != info->page_bytes / ((uint64_t)p.samples * (p.bits / 8)) ||
                   info->page_bytes % ((uint64_t)p.samples * (p.bits / 8)))) {
            ok = damaged(t, i, "the page differs from the first one", err);
        }
        ok = ok &&
             (t->lib.TIFFIsTiled(tiff) ? read_tiles(t, tiff, &p, i, bytes, err) : read_strips(t, tiff, i, bytes, err));
        ok = ok && send(out, bytes, info->page_bytes, err);
    }
    plx_free(bytes);
    return ok;
}

static bool decode(plx_isolate_out *out, void *arg, plx_err *err)
{
    const task *t = arg;
    (void)t->lib.TIFFSetErrorHandler(NULL);
    (void)t->lib.TIFFSetWarningHandler(NULL);
    TIFF *tiff = t->lib.TIFFOpen(t->path, "rm"); /* m: no mapping, so that a file cut short is no SIGBUS */
    if (!tiff) {
        return plx_fail(err, PLX_E_FORMAT, "%s is no sound TIFF file", t->path);
    }
    return t->describe ? describe(t, tiff, out, err) : read_pages(t, tiff, out, err);
}

/* --- in the parent --- */

typedef struct receiver {
    task *t;
    plx_tiff_info *out;
    bool told;
    plx_tiff_piece piece;
    void *payload;
    uint64_t left;
} receiver;

/* Nothing that comes from the child is taken on trust. */
static bool is_sound(plx_tiff_info *info)
{
    size_t bytes = plx_dtype_size(info->dtype), page_bytes = bytes;
    info->axes[PLX_MAX_DIMS] = info->description[PLX_TIFF_TEXT - 1] = '\0';
    bool ok = info->ndim >= 2 && info->ndim <= 5 && (size_t)info->ndim == strlen(info->axes) && bytes > 0 &&
              info->n_pages > 0;
    for (int d = 0; ok && d < info->ndim; d++) {
        ok = info->shape[d] > 0 && plx_mul_ok(bytes, info->shape[d], &bytes) && strchr("ZCYXS", info->axes[d]);
        if (ok && (info->axes[d] == 'Y' || info->axes[d] == 'X' || info->axes[d] == 'S')) {
            page_bytes *= info->shape[d];
        }
    }
    size_t valid = plx_utf8_valid_prefix(info->description, strlen(info->description));
    info->description[valid] = '\0';
    return ok && page_bytes == info->page_bytes && bytes / page_bytes == info->n_pages;
}

static bool take(void *payload, uint32_t kind, const uint8_t *bytes, size_t len, plx_err *err)
{
    receiver *r = payload;
    if (r->out) {
        if (kind != INFO || len != sizeof *r->out || r->told) {
            return plx_isolate_garbled(r->t->path, err);
        }
        memcpy(r->out, bytes, len);
        r->told = true;
        return is_sound(r->out) || plx_isolate_garbled(r->t->path, err);
    }
    if (kind != BLOCK || len > r->left) {
        return plx_isolate_garbled(r->t->path, err);
    }
    r->left -= len;
    return r->piece(r->payload, bytes, len, err);
}

static bool run(const plx_ctx *ctx, task *t, receiver *r, plx_err *err)
{
    plx_isolate_job job = {.path = t->path, .decode = decode, .arg = t, .take = take, .payload = r};
    r->t = t;
    return load(&t->lib, err) && plx_isolate(ctx, &job, err);
}

bool plx_tiff_describe(const plx_ctx *ctx, const char *path, plx_tiff_info *out, plx_err *err)
{
    task t = {.ctx = ctx, .path = path, .describe = true};
    receiver r = {.out = out};
    memset(out, 0, sizeof *out);
    return run(ctx, &t, &r, err) && (r.told || plx_isolate_garbled(path, err));
}

bool plx_tiff_each(const plx_ctx *ctx, const char *path, const plx_tiff_info *info, size_t first, size_t n,
                   plx_tiff_piece piece, void *payload, plx_err *err)
{
    task t = {.ctx = ctx, .path = path, .first = first, .n = n, .info = *info};
    receiver r = {.piece = piece, .payload = payload, .left = (uint64_t)n * info->page_bytes};
    return n == 0 || (run(ctx, &t, &r, err) && (r.left == 0 || plx_isolate_garbled(path, err)));
}

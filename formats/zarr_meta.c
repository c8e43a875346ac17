/* SPDX-License-Identifier: Apache-2.0
 *
 * .zarray of zarr version 2. source: Zarr storage specification version 2, "Metadata" and "Fill value encoding".
 */
#include "formats/zarr.h"

#include "core/alloc.h"

#include <math.h>
#include <string.h>

enum { MAX_CHUNKS = 1 << 26 };

static bool bad(const char *name, plx_err *err, const char *why)
{
    plx_fail(err, PLX_E_FORMAT, "%s is no sound description of an array", name);
    return plx_err_why(err, "%s", why);
}

static bool unread(const char *name, plx_err *err, const char *what)
{
    return plx_fail(err, PLX_E_UNSUPPORTED, "%s: %s are not read", name, what);
}

static bool parse_extent(const plx_value *list, size_t least, int *n, size_t *out)
{
    if (!list || list->kind != PLX_V_ARR || list->u.arr.n > PLX_MAX_DIMS) {
        return false;
    }
    *n = (int)list->u.arr.n;
    for (int i = 0; i < *n; i++) {
        int64_t v;
        if (!plx_v_as_i64(list->u.arr.items[i], &v) || v < (int64_t)least || v > PTRDIFF_MAX) {
            return false;
        }
        out[i] = (size_t)v;
    }
    return true;
}

/* IEEE half of x, rounded to nearest even. */
static uint16_t half_of(double x)
{
    uint16_t sign = signbit(x) ? 0x8000 : 0;
    double a = fabs(x);
    if (isnan(a)) {
        return sign | 0x7E00;
    }
    if (a >= 65520) {
        return sign | 0x7C00;
    }
    int e = 0;
    (void)frexp(a, &e);
    e = a > 0 && e - 11 > -24 ? e - 11 : -24; /* exponent of the last of 11 bits, or of the smallest half */
    unsigned m = (unsigned)nearbyint(ldexp(a, -e));
    return (uint16_t)(sign | (m + ((unsigned)(e + 24) << 10)));
}

static bool parse_real(const plx_value *v, double *out)
{
    const char *text = plx_v_text(v);
    if (!text) {
        return v && plx_v_as_f64(v, out);
    }
    bool ok = true;
    if (strcmp(text, "NaN") == 0) {
        *out = (double)NAN;
    } else if (strcmp(text, "Infinity") == 0) {
        *out = (double)INFINITY;
    } else if (strcmp(text, "-Infinity") == 0) {
        *out = -(double)INFINITY;
    } else {
        ok = false;
    }
    return ok;
}

static bool put_real(const plx_value *v, plx_dtype dtype, uint8_t *out)
{
    double x;
    if (!parse_real(v, &x)) {
        return false;
    }
    if (dtype == PLX_F16) {
        uint16_t h = half_of(x);
        memcpy(out, &h, sizeof h);
    } else if (dtype == PLX_F32 || dtype == PLX_C64) {
        float f = (float)x;
        memcpy(out, &f, sizeof f);
    } else {
        memcpy(out, &x, sizeof x);
    }
    return true;
}

/* JSON has no integer type: 0.0 is the integer 0 too. */
static bool put_int(const plx_value *v, plx_dtype dtype, uint8_t *out)
{
    size_t size = plx_dtype_size(dtype);
    bool is_signed = dtype >= PLX_I8 && dtype <= PLX_I64;
    if (v->kind == PLX_V_U64) {
        memcpy(out, &v->u.u64, sizeof v->u.u64);
        return dtype == PLX_U64;
    }
    int64_t i;
    if (v->kind == PLX_V_BOOL) {
        i = v->u.b;
    } else if (!plx_v_as_i64(v, &i)) {
        double x;
        if (!plx_v_as_f64(v, &x) || !(fabs(x) < 0x1p53) || floor(x) < x) {
            return false;
        }
        i = (int64_t)x;
    }
    bool fits;
    if (dtype == PLX_B1) {
        fits = i == 0 || i == 1;
    } else if (is_signed) {
        int64_t most = size == 8 ? INT64_MAX : ((int64_t)1 << (8 * size - 1)) - 1;
        fits = i <= most && i >= -most - 1;
    } else {
        fits = i >= 0 && (size == 8 || i < (int64_t)1 << (8 * size));
    }
    for (size_t b = 0; b < size; b++) {
        size_t at = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? size - 1 - b : b;
        out[at] = (uint8_t)((uint64_t)i >> (8 * b));
    }
    return fits;
}

static bool parse_fill(const plx_value *v, plx_zarr_meta *m)
{
    memset(m->fill, 0, sizeof m->fill);
    m->fill_is_zero = true;
    if (!v) {
        return false;
    }
    if (v->kind == PLX_V_NULL) {
        return true; /* undefined: zero here */
    }
    bool ok;
    if (m->dtype == PLX_F16 || m->dtype == PLX_F32 || m->dtype == PLX_F64) {
        ok = put_real(v, m->dtype, m->fill);
    } else if (m->dtype != PLX_C64 && m->dtype != PLX_C128) {
        ok = put_int(v, m->dtype, m->fill);
    } else if (v->kind == PLX_V_ARR && v->u.arr.n == 2) {
        ok = put_real(v->u.arr.items[0], m->dtype, m->fill) &&
             put_real(v->u.arr.items[1], m->dtype, m->fill + plx_dtype_size(m->dtype) / 2);
    } else {
        ok = put_real(v, m->dtype, m->fill);
    }
    for (size_t i = 0; i < plx_dtype_size(m->dtype); i++) {
        m->fill_is_zero = m->fill_is_zero && m->fill[i] == 0;
    }
    return ok;
}

static bool parse_dtype(const char *name, const plx_value *v, plx_zarr_meta *m, plx_err *err)
{
    const char *code = plx_v_text(v);
    if (v && v->kind == PLX_V_ARR) {
        return unread(name, err, "structured elements");
    }
    if (!code) {
        return bad(name, err, "it has no dtype");
    }
    if (plx_dtype_from_numpy(code, &m->swap, &m->dtype) && m->dtype != PLX_STR) {
        return true;
    }
    plx_fail(err, PLX_E_UNSUPPORTED, "%s: elements of type \"%.40s\" are not read", name, code);
    return plx_err_why(err, "read are truth values, integers, reals and complex numbers");
}

static bool parse_layout(const char *name, const plx_value *json, plx_zarr_meta *m, plx_err *err)
{
    const char *order = plx_v_get_text(json, "order");
    const plx_value *separator = plx_v_get(json, "dimension_separator");
    const plx_value *filters = plx_v_get(json, "filters");
    if (!order || (strcmp(order, "C") != 0 && strcmp(order, "F") != 0)) {
        return bad(name, err, "its order is neither C nor F");
    }
    m->fortran = order[0] == 'F';
    m->separator = '.';
    if (separator && separator->kind != PLX_V_NULL) {
        const char *text = plx_v_text(separator);
        if (!text || (strcmp(text, ".") != 0 && strcmp(text, "/") != 0)) {
            return bad(name, err, "its dimension_separator is neither . nor /");
        }
        m->separator = text[0];
    }
    if (filters && filters->kind != PLX_V_NULL && (filters->kind != PLX_V_ARR || filters->u.arr.n > 0)) {
        const plx_value *first = filters->kind == PLX_V_ARR ? filters->u.arr.items[0] : NULL;
        const char *id = plx_v_get_text(first, "id");
        plx_fail(err, PLX_E_UNSUPPORTED, "%s: filters are not read", name);
        return plx_err_why(err, "it has the filter \"%.40s\"", id ? id : "?");
    }
    return true;
}

/* Everything that follows from shape and chunks. */
static bool derive(const plx_ctx *ctx, const char *name, plx_zarr_meta *m, plx_err *err)
{
    uint64_t most = plx_limits_of(ctx).memory_bytes;
    size_t bytes = plx_dtype_size(m->dtype), n = 1, all = bytes;
    bool fits = true;
    for (int i = 0; i < m->ndim; i++) {
        m->grid[i] = m->shape[i] / m->chunk[i] + (m->shape[i] % m->chunk[i] != 0);
        fits = plx_mul_ok(bytes, m->chunk[i], &bytes) && fits;
        fits = plx_mul_ok(all, m->shape[i] ? m->shape[i] : 1, &all) && fits;
    }
    for (int i = 0; i < m->ndim && fits; i++) {
        fits = plx_mul_ok(n, m->grid[i], &n);
    }
    m->n_chunks = n;
    m->chunk_bytes = bytes;
    if (!fits || all > PTRDIFF_MAX) {
        return plx_fail(err, PLX_E_LIMIT, "%s: the array has more bytes than can be counted", name);
    }
    if (bytes > most) {
        plx_fail(err, PLX_E_LIMIT, "%s: one chunk is larger than what may be held in memory", name);
        return plx_err_why(err, "it has %zu bytes, and %llu are allowed", bytes, (unsigned long long)most);
    }
    if (n > MAX_CHUNKS) {
        plx_fail(err, PLX_E_LIMIT, "%s: the array has too many chunks", name);
        return plx_err_why(err, "%zu, and %d are allowed", n, MAX_CHUNKS);
    }
    return true;
}

bool plx_zarr_parse(const plx_ctx *ctx, const char *name, const plx_value *json, plx_zarr_meta *out, plx_err *err)
{
    plx_zarr_meta m = {0};
    int64_t format = 0;
    int n_chunk = 0;
    if (!json || json->kind != PLX_V_OBJ) {
        return bad(name, err, "it is no JSON object");
    }
    if (!plx_v_as_i64(plx_v_get(json, "zarr_format"), &format) || format != 2) {
        plx_fail(err, PLX_E_UNSUPPORTED, "%s is of another version than 2 of zarr", name);
        return plx_err_why(err, "its zarr_format is not 2");
    }
    if (!parse_extent(plx_v_get(json, "shape"), 0, &m.ndim, m.shape) ||
        !parse_extent(plx_v_get(json, "chunks"), 1, &n_chunk, m.chunk) || n_chunk != m.ndim) {
        plx_err_clear(err);
        return bad(name, err, "shape and chunks must be lists of as many whole numbers, at most 8, chunks from 1 on");
    }
    if (!parse_dtype(name, plx_v_get(json, "dtype"), &m, err) || !parse_layout(name, json, &m, err)) {
        return false;
    }
    if (!parse_fill(plx_v_get(json, "fill_value"), &m)) {
        return bad(name, err, "its fill_value is no element of its dtype");
    }
    const plx_value *packer = plx_v_get(json, "compressor");
    if (!packer) {
        return bad(name, err, "it names no compressor, not even null");
    }
    if (packer->kind != PLX_V_NULL && !plx_codec_open(packer, plx_dtype_size(m.dtype), &m.codec, &m.state, err)) {
        return plx_note(err, "%s", name);
    }
    if (!derive(ctx, name, &m, err)) {
        return false;
    }
    *out = m;
    return true;
}

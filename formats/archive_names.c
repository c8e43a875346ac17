/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules for member names, and the set that finds two members which a file system could take for one. Folding covers the
 * scripts data sets use in names; it is not full Unicode normalisation.
 */
#include "formats/archive_names.h"

#include "core/alloc.h"
#include "core/hash.h"
#include "core/utf8.h"

#include <ctype.h>

static bool refuse(plx_err *err, plx_slice name, const char *why)
{
    int shown = name.len < 200 ? (int)name.len : 200;
    plx_fail(err, PLX_E_POLICY, "an archive member has an unsafe name: \"%.*s\"", shown, name.ptr ? name.ptr : "");
    return plx_err_why(err, "%s", why);
}

/* The next part between slashes; false at the end. */
static bool next_part(plx_slice name, size_t *at, plx_slice *part)
{
    if (*at > name.len) {
        return false;
    }
    const char *start = name.ptr + *at;
    const char *slash = memchr(start, '/', name.len - *at);
    *part = (plx_slice){start, slash ? (size_t)(slash - start) : name.len - *at};
    *at += part->len + 1;
    return true;
}

static bool has_control(plx_slice name)
{
    size_t n = 0;
    for (size_t i = 0; i < name.len; i += n) {
        uint32_t cp = plx_utf8_decode(name.ptr + i, &n);
        if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x2028 || cp == 0x2029 || (cp >= 0x202A && cp <= 0x202E) ||
            (cp >= 0x2066 && cp <= 0x2069)) {
            return true;
        }
    }
    return false;
}

bool plx_member_name_check(plx_slice name, uint32_t max_depth, plx_err *err)
{
    if (name.len == 0) {
        return refuse(err, name, "the name is empty");
    }
    if (name.len > PLX_MEMBER_NAME_MAX) {
        return refuse(err, name, "the name is longer than 4096 bytes");
    }
    if (plx_utf8_valid_prefix(name.ptr, name.len) != name.len) {
        int shown = name.len < 200 ? (int)name.len : 200;
        return plx_fail(err, PLX_E_UNSUPPORTED, "an archive member's name is not UTF-8: \"%.*s\"", shown, name.ptr);
    }
    if (has_control(name)) {
        return refuse(err, name, "the name holds control characters");
    }
    if (memchr(name.ptr, '\\', name.len)) {
        return refuse(err, name, "the name holds a backslash");
    }
    if (name.ptr[0] == '/' || (name.len > 1 && isalpha((unsigned char)name.ptr[0]) && name.ptr[1] == ':')) {
        return refuse(err, name, "the name is an absolute path");
    }
    plx_slice part;
    uint32_t depth = 0;
    for (size_t at = 0; next_part(name, &at, &part);) {
        if (plx_slice_is(part, "..")) {
            return refuse(err, name, "the name climbs out of the archive");
        }
        if (part.len > PLX_MEMBER_PART_MAX) {
            return refuse(err, name, "a part of the name is longer than 255 bytes");
        }
        depth += part.len > 0 && !plx_slice_is(part, ".");
    }
    if (depth > max_depth) {
        plx_fail(err, PLX_E_LIMIT, "an archive member lies too many folders deep: \"%.*s\"",
                 name.len < 200 ? (int)name.len : 200, name.ptr);
        return plx_err_why(err, "%u levels, %u are allowed", depth, max_depth);
    }
    return true;
}

bool plx_member_link_check(plx_slice name, plx_slice target, bool hard, plx_err *err)
{
    if (target.len == 0 || target.len > PLX_MEMBER_NAME_MAX) {
        return refuse(err, name, "it is a link without a usable target");
    }
    if (plx_utf8_valid_prefix(target.ptr, target.len) != target.len || has_control(target) ||
        memchr(target.ptr, '\\', target.len) || target.ptr[0] == '/' ||
        (target.len > 1 && isalpha((unsigned char)target.ptr[0]) && target.ptr[1] == ':')) {
        return refuse(err, name, "it is a link to an unsafe or absolute path");
    }
    int depth = 0;
    plx_slice part;
    for (size_t at = 0; !hard && next_part(name, &at, &part);) {
        depth += part.len > 0 && !plx_slice_is(part, ".");
    }
    depth -= !hard; /* the link itself is no folder */
    for (size_t at = 0; next_part(target, &at, &part);) {
        if (plx_slice_is(part, "..")) {
            depth = hard ? -1 : depth - 1;
        } else {
            depth += part.len > 0 && !plx_slice_is(part, ".");
        }
        if (depth < 0) {
            return refuse(err, name, "it is a link out of the archive");
        }
    }
    return true;
}

/* U+00C0..U+017F in lower case, as base letter and combining mark (Unicode canonical decomposition; 0: none). */
static const uint16_t LATIN[][2] = {
    {0x61, 0x300}, {0x61, 0x301}, {0x61, 0x302}, {0x61, 0x303}, {0x61, 0x308}, {0x61, 0x30A}, {0xE6, 0x0},
    {0x63, 0x327}, {0x65, 0x300}, {0x65, 0x301}, {0x65, 0x302}, {0x65, 0x308}, {0x69, 0x300}, {0x69, 0x301},
    {0x69, 0x302}, {0x69, 0x308}, {0xF0, 0x0},   {0x6E, 0x303}, {0x6F, 0x300}, {0x6F, 0x301}, {0x6F, 0x302},
    {0x6F, 0x303}, {0x6F, 0x308}, {0xD7, 0x0},   {0xF8, 0x0},   {0x75, 0x300}, {0x75, 0x301}, {0x75, 0x302},
    {0x75, 0x308}, {0x79, 0x301}, {0xFE, 0x0},   {0xDF, 0x0},   {0x61, 0x300}, {0x61, 0x301}, {0x61, 0x302},
    {0x61, 0x303}, {0x61, 0x308}, {0x61, 0x30A}, {0xE6, 0x0},   {0x63, 0x327}, {0x65, 0x300}, {0x65, 0x301},
    {0x65, 0x302}, {0x65, 0x308}, {0x69, 0x300}, {0x69, 0x301}, {0x69, 0x302}, {0x69, 0x308}, {0xF0, 0x0},
    {0x6E, 0x303}, {0x6F, 0x300}, {0x6F, 0x301}, {0x6F, 0x302}, {0x6F, 0x303}, {0x6F, 0x308}, {0xF7, 0x0},
    {0xF8, 0x0},   {0x75, 0x300}, {0x75, 0x301}, {0x75, 0x302}, {0x75, 0x308}, {0x79, 0x301}, {0xFE, 0x0},
    {0x79, 0x308}, {0x61, 0x304}, {0x61, 0x304}, {0x61, 0x306}, {0x61, 0x306}, {0x61, 0x328}, {0x61, 0x328},
    {0x63, 0x301}, {0x63, 0x301}, {0x63, 0x302}, {0x63, 0x302}, {0x63, 0x307}, {0x63, 0x307}, {0x63, 0x30C},
    {0x63, 0x30C}, {0x64, 0x30C}, {0x64, 0x30C}, {0x111, 0x0},  {0x111, 0x0},  {0x65, 0x304}, {0x65, 0x304},
    {0x65, 0x306}, {0x65, 0x306}, {0x65, 0x307}, {0x65, 0x307}, {0x65, 0x328}, {0x65, 0x328}, {0x65, 0x30C},
    {0x65, 0x30C}, {0x67, 0x302}, {0x67, 0x302}, {0x67, 0x306}, {0x67, 0x306}, {0x67, 0x307}, {0x67, 0x307},
    {0x67, 0x327}, {0x67, 0x327}, {0x68, 0x302}, {0x68, 0x302}, {0x127, 0x0},  {0x127, 0x0},  {0x69, 0x303},
    {0x69, 0x303}, {0x69, 0x304}, {0x69, 0x304}, {0x69, 0x306}, {0x69, 0x306}, {0x69, 0x328}, {0x69, 0x328},
    {0x69, 0x307}, {0x131, 0x0},  {0x133, 0x0},  {0x133, 0x0},  {0x6A, 0x302}, {0x6A, 0x302}, {0x6B, 0x327},
    {0x6B, 0x327}, {0x138, 0x0},  {0x6C, 0x301}, {0x6C, 0x301}, {0x6C, 0x327}, {0x6C, 0x327}, {0x6C, 0x30C},
    {0x6C, 0x30C}, {0x140, 0x0},  {0x140, 0x0},  {0x142, 0x0},  {0x142, 0x0},  {0x6E, 0x301}, {0x6E, 0x301},
    {0x6E, 0x327}, {0x6E, 0x327}, {0x6E, 0x30C}, {0x6E, 0x30C}, {0x149, 0x0},  {0x14B, 0x0},  {0x14B, 0x0},
    {0x6F, 0x304}, {0x6F, 0x304}, {0x6F, 0x306}, {0x6F, 0x306}, {0x6F, 0x30B}, {0x6F, 0x30B}, {0x153, 0x0},
    {0x153, 0x0},  {0x72, 0x301}, {0x72, 0x301}, {0x72, 0x327}, {0x72, 0x327}, {0x72, 0x30C}, {0x72, 0x30C},
    {0x73, 0x301}, {0x73, 0x301}, {0x73, 0x302}, {0x73, 0x302}, {0x73, 0x327}, {0x73, 0x327}, {0x73, 0x30C},
    {0x73, 0x30C}, {0x74, 0x327}, {0x74, 0x327}, {0x74, 0x30C}, {0x74, 0x30C}, {0x167, 0x0},  {0x167, 0x0},
    {0x75, 0x303}, {0x75, 0x303}, {0x75, 0x304}, {0x75, 0x304}, {0x75, 0x306}, {0x75, 0x306}, {0x75, 0x30A},
    {0x75, 0x30A}, {0x75, 0x30B}, {0x75, 0x30B}, {0x75, 0x328}, {0x75, 0x328}, {0x77, 0x302}, {0x77, 0x302},
    {0x79, 0x302}, {0x79, 0x302}, {0x79, 0x308}, {0x7A, 0x301}, {0x7A, 0x301}, {0x7A, 0x307}, {0x7A, 0x307},
    {0x7A, 0x30C}, {0x7A, 0x30C}, {0x73, 0x0},
};

static size_t fold(plx_slice part, char *out)
{
    size_t len = 0;
    size_t n = 0;
    for (size_t i = 0; i < part.len; i += n) {
        uint32_t cp = plx_utf8_decode(part.ptr + i, &n);
        uint32_t mark = 0;
        if (cp < 0x80) {
            cp = (uint32_t)tolower((int)cp);
        } else if (cp >= 0xC0 && cp < 0x180) {
            mark = LATIN[cp - 0xC0][1];
            cp = LATIN[cp - 0xC0][0];
        } else if ((cp >= 0x391 && cp <= 0x3A9) || (cp >= 0x410 && cp <= 0x42F)) {
            cp += 0x20;
        } else if (cp >= 0x400 && cp <= 0x40F) {
            cp += 0x50;
        } else if (cp == 0x3C2) {
            cp = 0x3C3; /* final sigma */
        } else if (cp == 0x212A || cp == 0x212B) {
            mark = cp == 0x212B ? 0x30A : 0; /* Kelvin and Angstrom signs */
            cp = cp == 0x212A ? 'k' : 'a';
        }
        len += plx_utf8_encode(cp, out + len);
        if (mark) {
            len += plx_utf8_encode(mark, out + len);
        }
    }
    return len;
}

/* A slot is a hash with its lowest bit saying "not a folder"; 0 is free. Two different names with one 63-bit hash would
 * be refused as equal, which errs on the safe side. */
static uint64_t *find_slot(uint64_t *slots, size_t cap, uint64_t hash)
{
    size_t i = (size_t)(hash >> 1) & (cap - 1);
    while (slots[i] && (slots[i] | 1) != (hash | 1)) {
        i = (i + 1) & (cap - 1);
    }
    return &slots[i];
}

static bool make_room(plx_member_names *names, plx_err *err)
{
    if (names->n * 2 < names->cap) {
        return true;
    }
    size_t cap = names->cap ? names->cap * 2 : 64;
    if (cap > names->max_bytes / sizeof *names->slots) {
        return plx_fail(err, PLX_E_LIMIT, "the archive's names need more memory than allowed");
    }
    uint64_t *slots = plx_alloc_zero(cap, sizeof *slots);
    if (!slots) {
        return plx_fail_nomem(err, cap * sizeof *slots);
    }
    for (size_t i = 0; i < names->cap; i++) {
        if (names->slots[i]) {
            *find_slot(slots, cap, names->slots[i]) = names->slots[i];
        }
    }
    plx_free(names->slots);
    names->slots = slots;
    names->cap = cap;
    return true;
}

bool plx_member_names_add(plx_member_names *names, plx_slice name, bool is_dir, plx_err *err)
{
    char folded[PLX_MEMBER_PART_MAX * 2 + 8];
    uint64_t hash = 0;
    bool named = is_dir;
    plx_slice part;
    while (name.len && name.ptr[name.len - 1] == '/') {
        name.len--;
    }
    for (size_t at = 0; next_part(name, &at, &part);) {
        bool leaf = at > name.len && !is_dir;
        if (part.len == 0 || plx_slice_is(part, ".")) {
            continue;
        }
        if (!make_room(names, err)) {
            return false;
        }
        hash = (plx_hash64(folded, fold(part, folded), hash) & ~(uint64_t)1) | 2;
        uint64_t *slot = find_slot(names->slots, names->cap, hash);
        if (*slot && (leaf || (*slot & 1))) {
            bool below = at <= name.len;
            return refuse(err, name,
                          below               ? "it lies below a member that is not a folder"
                          : leaf && *slot & 1 ? "another member has this name (case and accents aside)"
                                              : "a file and a folder share this name (case and accents aside)");
        }
        names->n += *slot == 0;
        *slot = hash | leaf;
        named = named || leaf;
    }
    return named || refuse(err, name, "the name is that of a folder");
}

void plx_member_names_free(plx_member_names *names)
{
    plx_free(names->slots);
    *names = (plx_member_names){0};
}

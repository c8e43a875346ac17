/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass over the lines of a manifest in block style: top-level keys start a line, entries of lists are indented by
 * two blanks and their keys by four. Anything else is left to the parser.
 */
#include "registry/manifest_scan.h"

#include "core/num.h"

typedef struct scanner {
    plx_slice title, kind, licence, ingester, demo;
    plx_manifest_size size;
    bool in_files, in_archives; /* which list the lines are in */
    bool in_headline;           /* the line before gave a text: a line that goes on with it is not plain */
    bool has_entry;
    bool sized, in_archive; /* of the entry being read */
} scanner;

/* The value as the parser would have it, when it is a plain or simply quoted scalar of one line. */
static bool plain_value(plx_slice value, plx_slice *out)
{
    for (size_t i = 0; i < value.len; i++) {
        if ((unsigned char)value.ptr[i] >= 0x7f) { /* some of these end a line for YAML */
            return false;
        }
    }
    bool quoted = value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"';
    *out = quoted ? (plx_slice){value.ptr + 1, value.len - 2} : value;
    if (quoted) {
        return out->len > 0 && !memchr(out->ptr, '"', out->len) && !memchr(out->ptr, '\\', out->len);
    }
    /* Other quotes, blocks and comments are YAML's business. */
    return value.len > 0 && !strchr("\"'|>&*!#%@`[{", value.ptr[0]) && !memchr(value.ptr, '#', value.len);
}

/* False for what may go on in the next line. */
static bool is_closed(plx_slice value)
{
    static const char opening[] = "\"'[{", closing[] = "\"']}";
    const char *open = value.len ? strchr(opening, value.ptr[0]) : NULL;
    size_t quotes = 0, ticks = 0;
    for (size_t i = 0; i < value.len; i++) {
        quotes += value.ptr[i] == '"';
        ticks += value.ptr[i] == '\'';
    }
    return !open || !*open ||
           (value.len > 1 && value.ptr[value.len - 1] == closing[open - opening] && quotes % 2 == 0 && ticks % 2 == 0);
}

static bool split(plx_slice line, plx_slice *key, plx_slice *value)
{
    const char *colon = memchr(line.ptr, ':', line.len);
    size_t len = colon ? (size_t)(colon - line.ptr) : 0;
    if (len == 0 || *line.ptr < 'a' || *line.ptr > 'z' || (len + 1 < line.len && line.ptr[len + 1] != ' ')) {
        return false;
    }
    *key = (plx_slice){line.ptr, len};
    *value = plx_slice_trim((plx_slice){line.ptr + len + 1, line.len - len - 1});
    return is_closed(*value);
}

static void end_entry(scanner *s)
{
    if (s->has_entry) {
        s->size.incomplete |= !s->sized && !s->in_archive;
        s->size.n_files += s->in_files;
    }
    s->has_entry = s->sized = s->in_archive = false;
}

static bool top_key(scanner *s, plx_slice line)
{
    const struct {
        const char *name;
        plx_slice *to;
    } keys[] = {{"title", &s->title},
                {"kind", &s->kind},
                {"licence", &s->licence},
                {"ingester", &s->ingester},
                {"demo", &s->demo}};
    plx_slice key, value;
    end_entry(s);
    s->in_files = s->in_archives = s->in_headline = false;
    if (!split(line, &key, &value)) {
        return false;
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (plx_slice_is(key, keys[i].name)) {
            s->in_headline = true;
            return !keys[i].to->ptr && plain_value(value, keys[i].to);
        }
    }
    s->in_files = plx_slice_is(key, "files");
    s->in_archives = plx_slice_is(key, "archives");
    return !(s->in_files || s->in_archives) || value.len == 0 || plx_slice_is(value, "[]");
}

static bool entry_key(scanner *s, plx_slice line)
{
    plx_slice key, value;
    uint64_t bytes = 0;
    if (!split(line, &key, &value)) {
        return false;
    }
    bool about = plx_slice_is(key, "bytes_about");
    if (about || plx_slice_is(key, "bytes")) {
        if (s->sized || !plx_parse_u64(value.ptr, value.len, &bytes)) {
            return false;
        }
        s->sized = true;
        s->size.about |= about;
        if (__builtin_add_overflow(s->size.bytes, bytes, &s->size.bytes)) {
            return false;
        }
    }
    s->in_archive |= plx_slice_is(key, "archive");
    return true;
}

static bool is_blank(plx_slice line)
{
    line = plx_slice_trim(line);
    return line.len == 0 || *line.ptr == '#';
}

/* A line of `files` or `archives`. */
static bool list_line(scanner *s, plx_slice line)
{
    size_t indent = 0;
    while (indent < line.len && line.ptr[indent] == ' ') {
        indent++;
    }
    if (indent == line.len || line.ptr[indent] == '#') {
        return true;
    }
    if (indent == 2 && line.len > 4 && line.ptr[2] == '-' && line.ptr[3] == ' ' && line.ptr[4] != ' ') {
        end_entry(s);
        s->has_entry = true;
        return entry_key(s, (plx_slice){line.ptr + 4, line.len - 4});
    }
    if (indent == 4 && s->has_entry && line.ptr[4] != '-') {
        return entry_key(s, (plx_slice){line.ptr + 4, line.len - 4});
    }
    return indent > 4 && s->has_entry;
}

/* A size given with an archive would be that of the member: then the entry is not plain. */
static bool scan(scanner *s, plx_slice text)
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        plx_slice line = {p, (size_t)((stop ? stop : end) - p)};
        bool inside = line.len == 0 || *p == ' ' || *p == '#';
        bool in_list = s->in_files || s->in_archives;
        bool plain = !inside ? top_key(s, line) : in_list ? list_line(s, line) : !s->in_headline || is_blank(line);
        if (!plain || (s->sized && s->in_archive)) {
            return false;
        }
        p += line.len + 1;
    }
    end_entry(s);
    s->size.incomplete |= s->size.n_files == 0 && plx_slice_is(s->ingester, "none");
    return s->title.ptr && s->kind.ptr && s->licence.ptr && s->ingester.ptr;
}

bool plx_manifest_scan(plx_arena *arena, plx_slice text, plx_brief *out, bool *ok, plx_err *err)
{
    scanner s = {0};
    *ok = scan(&s, text);
    if (!*ok) {
        return true;
    }
    *out = (plx_brief){.title = plx_arena_strndup(arena, s.title.ptr, s.title.len),
                       .kind = plx_arena_strndup(arena, s.kind.ptr, s.kind.len),
                       .licence = plx_arena_strndup(arena, s.licence.ptr, s.licence.len),
                       .demo = plx_slice_is(s.demo, "true"),
                       .size = s.size};
    bool none = plx_slice_is(s.ingester, "none");
    out->ingester = none ? NULL : plx_arena_strndup(arena, s.ingester.ptr, s.ingester.len);
    return (out->title && out->kind && out->licence && (none || out->ingester)) || plx_fail_nomem(err, text.len);
}

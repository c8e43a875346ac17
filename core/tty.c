/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of text cells, printed as aligned text, CSV (RFC 4180, LF ends), Markdown (pipe tables) and HTML; and what the
 * terminal can do. Not supported: right-to-left scripts and wrapped cells.
 */
#define _GNU_SOURCE /* TIOCGWINSZ */
#include "core/tty.h"

#include "core/alloc.h"
#include "core/num.h"
#include "core/str.h"
#include "core/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MIN_ROOM = 24 }; /* columns; narrower than this text runs over rather than turning into a pillar */

struct plx_grid {
    size_t n_cols, n_rows;
    const char *const *headers;
    plx_align *align;
    plx_sb text;    /* all cells, NUL after each */
    size_t *starts; /* n_rows * n_cols offsets into text */
    size_t cap;
    size_t *gaps; /* rows with an empty line before them, ascending */
    size_t n_gaps, gaps_cap;
};

plx_grid *plx_grid_new(size_t n_cols, const char *const *headers, const plx_align *align)
{
    plx_grid *grid = plx_alloc_zero(1, sizeof *grid);
    if (!grid) {
        return NULL;
    }
    grid->n_cols = n_cols;
    grid->headers = headers;
    grid->align = plx_alloc_zero(n_cols ? n_cols : 1, sizeof *grid->align);
    if (!grid->align) {
        plx_free(grid);
        return NULL;
    }
    for (size_t i = 0; align && i < n_cols; i++) {
        grid->align[i] = align[i];
    }
    return grid;
}

void plx_grid_free(plx_grid *grid)
{
    if (grid) {
        plx_sb_free(&grid->text);
        plx_free(grid->starts);
        plx_free(grid->gaps);
        plx_free(grid->align);
        plx_free(grid);
    }
}

bool plx_grid_row(plx_grid *grid, const char *const *cells)
{
    size_t need = (grid->n_rows + 1) * grid->n_cols;
    if (!plx_grow(&grid->starts, &grid->cap, need, sizeof *grid->starts)) {
        return false;
    }
    size_t before = grid->text.len;
    for (size_t i = 0; i < grid->n_cols; i++) {
        const char *cell = cells[i] ? cells[i] : "";
        size_t len = strlen(cell), room;
        grid->starts[grid->n_rows * grid->n_cols + i] = grid->text.len;
        char small[256];
        if (!plx_mul_ok(len, 4, &room) || !plx_add_ok(room, 1, &room)) {
            return false;
        }
        char *big = room > sizeof small ? plx_alloc(room) : NULL;
        if (room > sizeof small && !big) {
            grid->text.len = before;
            return false;
        }
        size_t n = plx_escape(big ? big : small, big ? room : sizeof small, cell, len);
        plx_sb_bytes(&grid->text, big ? big : small, n);
        plx_sb_char(&grid->text, '\0');
        plx_free(big);
    }
    if (grid->text.failed) {
        return false;
    }
    grid->n_rows++;
    return true;
}

size_t plx_grid_rows(const plx_grid *grid)
{
    return grid->n_rows;
}

bool plx_grid_gap(plx_grid *grid)
{
    if (grid->n_rows == 0 || (grid->n_gaps && grid->gaps[grid->n_gaps - 1] == grid->n_rows)) {
        return true;
    }
    if (!plx_grow(&grid->gaps, &grid->gaps_cap, grid->n_gaps + 1, sizeof *grid->gaps)) {
        return false;
    }
    grid->gaps[grid->n_gaps++] = grid->n_rows;
    return true;
}

/* Row 0 is the header. */
static const char *cell_at(const plx_grid *grid, size_t row, size_t col)
{
    return row == 0 ? grid->headers[col] : grid->text.ptr + grid->starts[(row - 1) * grid->n_cols + col];
}

static unsigned width_of(const char *text)
{
    return (unsigned)plx_utf8_width(text, strlen(text));
}

/* Bytes of the code point at `text`, which is well-formed. */
static size_t step(const char *text)
{
    unsigned char c = (unsigned char)text[0];
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Bytes of `text` that fit in `width` columns, with what combines with the last of them. */
static size_t fitting(const char *text, unsigned width)
{
    size_t len = 0;
    unsigned used = 0;
    while (text[len]) {
        size_t n = step(text + len);
        used += (unsigned)plx_utf8_width(text + len, n);
        if (used > width) {
            break;
        }
        len += n;
    }
    return len;
}

static void pad(FILE *to, unsigned n)
{
    if (n) {
        fprintf(to, "%*s", (int)n, "");
    }
}

static void put_cell(FILE *to, const char *text, unsigned width, plx_align align, bool last)
{
    unsigned w = width_of(text);
    if (w > width) {
        size_t len = fitting(text, width > 0 ? width - 1 : 0);
        fwrite(text, 1, len, to);
        fputs("…", to);
        w = (unsigned)plx_utf8_width(text, len) + 1;
        pad(to, last || w > width ? 0 : width - w);
    } else if (align == PLX_RIGHT) {
        pad(to, width - w);
        fputs(text, to);
    } else {
        fputs(text, to);
        pad(to, last ? 0 : width - w);
    }
}

/* Narrow the widest left-aligned column by one, over and over, until the line fits or every such column is one wide. */
static void squeeze(const plx_grid *grid, unsigned *widths, unsigned width)
{
    size_t total = 2 * (grid->n_cols - 1);
    for (size_t i = 0; i < grid->n_cols; i++) {
        total += widths[i];
    }
    while (total > width) {
        size_t best = grid->n_cols;
        for (size_t i = 0; i < grid->n_cols; i++) {
            if (grid->align[i] == PLX_LEFT && widths[i] > 1 && (best == grid->n_cols || widths[i] > widths[best])) {
                best = i;
            }
        }
        if (best == grid->n_cols) {
            return;
        }
        widths[best]--;
        total--;
    }
}

static bool written(FILE *to, plx_err *err)
{
    errno = 0;
    if (fflush(to) != 0 || ferror(to)) {
        return plx_fail_sys(err, errno ? errno : EIO, "cannot write the output");
    }
    return true;
}

static bool has_header(const plx_grid *grid)
{
    size_t col = 0;
    while (col < grid->n_cols && !cell_at(grid, 0, col)[0]) {
        col++;
    }
    return col < grid->n_cols;
}

bool plx_grid_print_text(const plx_grid *grid, FILE *to, unsigned width, bool color, plx_err *err)
{
    if (grid->n_cols == 0) {
        return true;
    }
    unsigned *widths = plx_alloc_zero(grid->n_cols, sizeof *widths);
    if (!widths) {
        return plx_fail_nomem(err, grid->n_cols * sizeof *widths);
    }
    for (size_t row = 0; row <= grid->n_rows; row++) {
        for (size_t col = 0; col < grid->n_cols; col++) {
            unsigned w = width_of(cell_at(grid, row, col));
            widths[col] = w > widths[col] ? w : widths[col];
        }
    }
    if (width) {
        squeeze(grid, widths, width);
    }
    for (size_t row = has_header(grid) ? 0 : 1, gap = 0; row <= grid->n_rows; row++) {
        if (gap < grid->n_gaps && row == grid->gaps[gap] + 1) {
            fputc('\n', to);
            gap++;
        }
        fputs(color && row == 0 ? "\033[1m" : "", to);
        /* Empty cells at the end of a line leave no blanks behind. */
        size_t last = grid->n_cols - 1;
        while (last > 0 && !cell_at(grid, row, last)[0]) {
            last--;
        }
        for (size_t col = 0; col <= last; col++) {
            put_cell(to, cell_at(grid, row, col), widths[col], grid->align[col], col == last);
            fputs(col == last ? "" : "  ", to);
        }
        fputs(color && row == 0 ? "\033[0m\n" : "\n", to);
    }
    plx_free(widths);
    return written(to, err);
}

static void put_csv(FILE *to, const char *text)
{
    if (!text[0] || (!strpbrk(text, ",\"\n\r") && text[0] != ' ' && text[strlen(text) - 1] != ' ')) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (const char *p = text; *p; p++) {
        if (*p == '"') {
            fputc('"', to);
        }
        fputc(*p, to);
    }
    fputc('"', to);
}

bool plx_grid_print_csv(const plx_grid *grid, FILE *to, plx_err *err)
{
    for (size_t row = 0; row <= grid->n_rows; row++) {
        for (size_t col = 0; col < grid->n_cols; col++) {
            const char *text = cell_at(grid, row, col);
            fputs(col ? "," : "", to);
            if (grid->n_cols == 1 && !text[0]) {
                fputs("\"\"", to); /* an empty line would read as no row */
            }
            put_csv(to, text);
        }
        fputc('\n', to);
    }
    return written(to, err);
}

static void put_markdown(FILE *to, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (strchr("|\\`*_<>[]", *p)) {
            fputc('\\', to);
        }
        fputc(*p, to);
    }
}

bool plx_grid_print_markdown(const plx_grid *grid, FILE *to, plx_err *err)
{
    for (size_t row = 0; row <= grid->n_rows; row++) {
        for (size_t col = 0; col < grid->n_cols; col++) {
            fputs(col ? " | " : "| ", to);
            put_markdown(to, cell_at(grid, row, col));
        }
        fputs(" |\n", to);
        for (size_t col = 0; row == 0 && col < grid->n_cols; col++) {
            fputs(col ? " | " : "| ", to);
            fputs(grid->align[col] == PLX_RIGHT ? "---:" : "---", to);
        }
        fputs(row == 0 ? " |\n" : "", to);
    }
    return written(to, err);
}

static void put_html(FILE *to, const char *text)
{
    for (const char *p = text; *p; p++) {
        const char *entity = plx_xml_entity(*p);
        if (entity) {
            fputs(entity, to);
        } else {
            fputc(*p, to);
        }
    }
}

bool plx_grid_print_html(const plx_grid *grid, FILE *to, plx_err *err)
{
    fputs("<table>\n", to);
    for (size_t row = 0; row <= grid->n_rows; row++) {
        const char *tag = row == 0 ? "th" : "td", *attribute = row == 0 ? " scope=\"col\"" : "";
        fputs(row == 0 ? "<thead>\n<tr>" : "<tr>", to);
        for (size_t col = 0; col < grid->n_cols; col++) {
            fprintf(to, "<%s%s%s>", tag, attribute, grid->align[col] == PLX_RIGHT ? " style=\"text-align:right\"" : "");
            put_html(to, cell_at(grid, row, col));
            fprintf(to, "</%s>", tag);
        }
        fputs(row == 0 ? "</tr>\n</thead>\n<tbody>\n" : "</tr>\n", to);
    }
    fputs("</tbody>\n</table>\n", to);
    return written(to, err);
}

void plx_tty_wrap(const char *text, unsigned column, unsigned width, FILE *to)
{
    unsigned room = width > column + MIN_ROOM ? width - column : MIN_ROOM;
    unsigned used = 0;
    for (const char *p = text; *p;) {
        size_t len = strcspn(p, " ");
        unsigned w = (unsigned)plx_utf8_width(p, len);
        if (used && width && used + 1 + w > room) {
            fprintf(to, "\n%*s", (int)column, "");
            used = 0;
        }
        fprintf(to, "%s%.*s", used ? " " : "", (int)len, p);
        used += (used ? 1 : 0) + w;
        p += len;
        p += strspn(p, " ");
    }
    fputc('\n', to);
}

bool plx_tty_is_terminal(FILE *f)
{
    int fd = fileno(f);
    return fd >= 0 && isatty(fd) == 1;
}

unsigned plx_tty_width(FILE *f)
{
    const char *columns = getenv("COLUMNS");
    uint64_t n;
    if (columns && plx_parse_u64(columns, strlen(columns), &n) && n > 0 && n <= 10000) {
        return (unsigned)n;
    }
    struct winsize size;
    int fd = fileno(f);
    return fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool plx_tty_wants_color(FILE *f, const char *mode)
{
    if (mode && strcmp(mode, "always") == 0) {
        return true;
    }
    if (mode && strcmp(mode, "never") == 0) {
        return false;
    }
    const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE"), *term = getenv("TERM");
    if (no && no[0]) {
        return false;
    }
    if (force && force[0] && strcmp(force, "0") != 0) {
        return true;
    }
    return plx_tty_is_terminal(f) && term && strcmp(term, "dumb") != 0;
}

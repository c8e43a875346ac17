/* SPDX-License-Identifier: Apache-2.0
 *
 * Counting is one atomic addition; the clock decides who draws, and drawing is behind a mutex that stepping never waits
 * for.
 */
#include "core/progress.h"

#include "core/alloc.h"
#include "core/num.h"
#include "core/tty.h"
#include "core/utf8.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum {
    MAX_PHASES = 4,
    DRAW_MS = 100,
    FIRST_LINE_MS = 1000,
    LINE_MS = 10000,
    DEFAULT_WIDTH = 80,
    LINE_BYTES = 1024,
    MAX_ITEMS = 8,
};

typedef struct phase {
    char label[96], unit[16];
    uint64_t total, done; /* `done` is kept here only while an inner phase runs */
    int64_t start_ms;
    bool line_written; /* off a terminal */
} phase;

struct plx_progress_item {
    char label[64];
    bool used;
    int64_t start_ms;
    _Atomic uint64_t total, done;
};

struct plx_progress {
    FILE *to;
    bool terminal, color;
    pthread_mutex_t mutex; /* everything below but the atomics */
    phase phases[MAX_PHASES];
    int depth; /* may pass MAX_PHASES; deeper phases are not shown */
    char note[128];
    bool drawn; /* a bar stands on the terminal */
    int above;  /* lines of items above it */
    plx_progress_item items[MAX_ITEMS];
    _Atomic uint64_t done;
    _Atomic int64_t next_ms;
    _Atomic bool active;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

plx_progress *plx_progress_new(FILE *to, bool terminal, bool color)
{
    plx_progress *p = plx_alloc_zero(1, sizeof *p);
    if (!p) {
        return NULL;
    }
    if (pthread_mutex_init(&p->mutex, NULL) != 0) {
        plx_free(p);
        return NULL;
    }
    p->to = to;
    p->terminal = terminal;
    p->color = color;
    return p;
}

static void erase(plx_progress *p)
{
    if (p->drawn) {
        fputs("\r\033[K", p->to);
        for (; p->above > 0; p->above--) {
            fputs("\033[1A\033[K", p->to);
        }
        fflush(p->to);
        p->drawn = false;
    }
}

void plx_progress_free(plx_progress *progress)
{
    if (progress) {
        erase(progress);
        pthread_mutex_destroy(&progress->mutex);
        plx_free(progress);
    }
}

static phase *innermost(plx_progress *p)
{
    return p->depth > 0 && p->depth <= MAX_PHASES ? &p->phases[p->depth - 1] : NULL;
}

static void amount(uint64_t n, const char *unit, char out[PLX_NUM_TEXT])
{
    if (strcmp(unit, "B") == 0) {
        plx_print_bytes(n, out);
    } else {
        plx_print_grouped(n, out);
    }
}

static void clock_text(double seconds, char out[32])
{
    unsigned long s = seconds < 0 ? 0 : seconds > 3.6e8 ? 360000000UL : (unsigned long)(seconds + 0.5);
    if (s >= 3600) {
        snprintf(out, 32, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    } else {
        snprintf(out, 32, "%lu:%02lu", s / 60, s % 60);
    }
}

/* "12/40 files  3.2/s  0:12 left", or without a total "12 files  3.2/s  0:04". */
static void figures(const phase *ph, uint64_t done, int64_t elapsed_ms, char *out, size_t cap)
{
    char n[PLX_NUM_TEXT], total[PLX_NUM_TEXT], rate[PLX_NUM_TEXT + 8] = "", left[32];
    bool bytes = strcmp(ph->unit, "B") == 0;
    double seconds = (double)elapsed_ms / 1000.0;
    double per_s = seconds > 0.2 ? (double)done / seconds : 0.0;
    amount(done, ph->unit, n);
    amount(ph->total, ph->unit, total);
    if (per_s >= 10.0 || (bytes && per_s > 0)) {
        amount((uint64_t)per_s, ph->unit, rate);
    } else if (per_s > 0) {
        snprintf(rate, sizeof rate, "%.1f", per_s);
    }
    bool ends = ph->total > 0;
    if (ends && per_s > 0 && done <= ph->total) {
        clock_text((double)(ph->total - done) / per_s, left);
    } else {
        clock_text(seconds, left);
    }
    snprintf(out, cap, "%s%s%s%s%s%s%s%s  %s%s", n, ends ? "/" : "", ends ? total : "", bytes ? "" : " ",
             bytes ? "" : ph->unit, rate[0] ? "  " : "", rate, rate[0] ? "/s" : "", left,
             ends && per_s > 0 && done <= ph->total ? " left" : "");
}

static unsigned text_width(const char *text)
{
    return (unsigned)plx_utf8_width(text, strlen(text));
}

/* Append `text` as far as it fits in `room` columns; ASCII cells only are cut, others are dropped whole. */
static void put_fitting(char *line, size_t cap, const char *text, unsigned room)
{
    size_t used = strlen(line);
    unsigned width = text_width(text);
    if (width <= room) {
        snprintf(line + used, cap - used, "%s", text);
    } else if (width == strlen(text)) {
        snprintf(line + used, cap - used, "%.*s", (int)room, text);
    }
}

/* A line for each item; those of before are written over, and what is left of them cleared. */
static void draw_items(plx_progress *p, const phase *ph, unsigned width, int64_t now)
{
    int lines = 0, n_used = 0;
    for (int i = 0; i < MAX_ITEMS; i++) {
        n_used += p->items[i].used;
    }
    if (n_used == 0 && p->above == 0) {
        return;
    }
    if (p->drawn && p->above > 0) {
        fprintf(p->to, "\r\033[%dA", p->above);
    } else if (p->drawn) {
        fputc('\r', p->to);
    }
    for (int i = 0; i < MAX_ITEMS; i++) {
        const plx_progress_item *item = &p->items[i];
        char line[LINE_BYTES] = "  ", right[256];
        if (!item->used) {
            continue;
        }
        phase own = {.total = atomic_load_explicit(&item->total, memory_order_relaxed), .start_ms = item->start_ms};
        memcpy(own.unit, ph->unit, sizeof own.unit);
        figures(&own, atomic_load_explicit(&item->done, memory_order_relaxed), now - item->start_ms, right,
                sizeof right);
        unsigned need = text_width(right) + 4;
        put_fitting(line, sizeof line, item->label, width > need ? width - need : 0);
        size_t used = strlen(line);
        if (need <= width) {
            snprintf(line + used, sizeof line - used, "  %s", right);
        }
        fprintf(p->to, "%s\033[K\n", line);
        lines++;
    }
    for (int i = lines; i < p->above; i++) { /* fewer than before: the lines below are the bar's old ones */
        fputs("\033[K\n", p->to);
    }
    if (lines < p->above) {
        fprintf(p->to, "\033[K\033[%dA", p->above - lines);
    }
    p->above = lines;
}

static void draw_bar(plx_progress *p, const phase *ph, uint64_t done, int64_t now)
{
    char line[LINE_BYTES] = "", right[256], bar[64];
    unsigned width = plx_tty_width(p->to);
    width = width ? width - 1 : DEFAULT_WIDTH - 1; /* the last column wraps on some terminals */
    draw_items(p, ph, width, now);
    figures(ph, done, now - ph->start_ms, right, sizeof right);
    unsigned need = text_width(ph->label) + 2 + text_width(right);
    put_fitting(line, sizeof line, ph->label, width);
    if (need <= width) {
        unsigned room = width - need;
        unsigned cells = ph->total && room >= 10 ? (room - 4 < 30 ? room - 4 : 30) : 0;
        if (cells) {
            double part = (double)done / (double)ph->total;
            unsigned full = part >= 1 ? cells : (unsigned)(part * cells);
            memset(bar, '#', full);
            memset(bar + full, '-', cells - full);
            bar[cells] = '\0';
            size_t used = strlen(line);
            snprintf(line + used, sizeof line - used, "  [%s]", bar);
        }
        size_t used = strlen(line);
        snprintf(line + used, sizeof line - used, "  %s", right);
        unsigned now_at = text_width(line);
        if (p->note[0] && now_at + 4 < width) {
            used = strlen(line);
            snprintf(line + used, sizeof line - used, "  ");
            put_fitting(line, sizeof line, p->note, width - now_at - 2);
        }
    }
    fprintf(p->to, "\r%s%s%s\033[K", p->color ? "\033[36m" : "", line, p->color ? "\033[0m" : "");
    fflush(p->to);
    p->drawn = true;
}

static void draw(plx_progress *p, int64_t now)
{
    phase *ph = innermost(p);
    if (!ph) {
        return;
    }
    uint64_t done = atomic_load_explicit(&p->done, memory_order_relaxed);
    if (p->terminal) {
        atomic_store(&p->next_ms, now + DRAW_MS);
        draw_bar(p, ph, done, now);
        return;
    }
    atomic_store(&p->next_ms, now + LINE_MS);
    char right[256];
    figures(ph, done, now - ph->start_ms, right, sizeof right);
    fprintf(p->to, "%s: %s%s%s\n", ph->label, right, p->note[0] ? "  " : "", p->note);
    fflush(p->to);
    ph->line_written = true;
}

/* Draw if it is time and nobody else is drawing. */
static void maybe_draw(plx_progress *p)
{
    int64_t now = now_ms();
    if (now < atomic_load_explicit(&p->next_ms, memory_order_relaxed) || pthread_mutex_trylock(&p->mutex) != 0) {
        return;
    }
    if (now >= atomic_load(&p->next_ms)) {
        draw(p, now);
    }
    pthread_mutex_unlock(&p->mutex);
}

void plx_progress_begin(const plx_ctx *ctx, const char *label, uint64_t total, const char *unit)
{
    plx_progress *p = ctx ? ctx->progress : NULL;
    if (!p) {
        return;
    }
    pthread_mutex_lock(&p->mutex);
    phase *outer = innermost(p);
    if (outer) {
        outer->done = atomic_load(&p->done);
    }
    p->depth++;
    phase *ph = innermost(p);
    int64_t now = now_ms();
    if (ph) {
        *ph = (phase){.total = total, .start_ms = now};
        plx_escape(ph->label, sizeof ph->label, label, strlen(label));
        plx_escape(ph->unit, sizeof ph->unit, unit, strlen(unit));
        p->note[0] = '\0';
        atomic_store(&p->done, 0);
        /* A bar may show at once when one is already there; otherwise short work leaves no flicker. */
        atomic_store(&p->next_ms, now + (p->drawn ? 0 : p->terminal ? 2 * DRAW_MS : FIRST_LINE_MS));
        atomic_store(&p->active, true);
    }
    pthread_mutex_unlock(&p->mutex);
}

void plx_progress_step(const plx_ctx *ctx, uint64_t n)
{
    plx_progress *p = ctx ? ctx->progress : NULL;
    if (p && atomic_load_explicit(&p->active, memory_order_relaxed)) {
        atomic_fetch_add_explicit(&p->done, n, memory_order_relaxed);
        maybe_draw(p);
    }
}

void plx_progress_note(const plx_ctx *ctx, const char *item)
{
    plx_progress *p = ctx ? ctx->progress : NULL;
    if (!p || !atomic_load_explicit(&p->active, memory_order_relaxed)) {
        return;
    }
    pthread_mutex_lock(&p->mutex);
    plx_escape(p->note, sizeof p->note, item, strlen(item));
    pthread_mutex_unlock(&p->mutex);
    maybe_draw(p);
}

plx_progress_item *plx_progress_item_begin(const plx_ctx *ctx, const char *label, uint64_t total)
{
    plx_progress *p = ctx ? ctx->progress : NULL;
    plx_progress_item *item = NULL;
    if (!p || !p->terminal) {
        return NULL;
    }
    pthread_mutex_lock(&p->mutex);
    for (int i = 0; i < MAX_ITEMS && !item; i++) {
        item = p->items[i].used ? NULL : &p->items[i];
    }
    if (item) {
        item->used = true;
        item->start_ms = now_ms();
        plx_escape(item->label, sizeof item->label, label, strlen(label));
        atomic_store(&item->total, total);
        atomic_store(&item->done, 0);
    }
    pthread_mutex_unlock(&p->mutex);
    return item;
}

void plx_progress_item_total(plx_progress_item *item, uint64_t total)
{
    if (item) {
        atomic_store_explicit(&item->total, total, memory_order_relaxed);
    }
}

void plx_progress_item_step(const plx_ctx *ctx, plx_progress_item *item, uint64_t n)
{
    if (item) {
        atomic_fetch_add_explicit(&item->done, n, memory_order_relaxed);
    }
    plx_progress_step(ctx, n);
}

void plx_progress_item_end(const plx_ctx *ctx, plx_progress_item *item)
{
    if (item) {
        pthread_mutex_lock(&ctx->progress->mutex);
        item->used = false;
        pthread_mutex_unlock(&ctx->progress->mutex);
    }
}

void plx_progress_end(const plx_ctx *ctx)
{
    plx_progress *p = ctx ? ctx->progress : NULL;
    if (!p) {
        return;
    }
    pthread_mutex_lock(&p->mutex);
    phase *ph = innermost(p);
    if (ph) {
        if (!p->terminal && ph->line_written) {
            char n[PLX_NUM_TEXT], took[32];
            amount(atomic_load(&p->done), ph->unit, n);
            clock_text((double)(now_ms() - ph->start_ms) / 1000.0, took);
            bool bytes = strcmp(ph->unit, "B") == 0;
            fprintf(p->to, "%s: %s%s%s in %s\n", ph->label, n, bytes ? "" : " ", bytes ? "" : ph->unit, took);
            fflush(p->to);
        }
        p->note[0] = '\0';
    }
    p->depth -= p->depth > 0;
    phase *outer = innermost(p);
    if (ph && outer) {
        atomic_store(&p->done, outer->done);
    }
    if (p->depth == 0) {
        atomic_store(&p->active, false);
        erase(p);
    }
    pthread_mutex_unlock(&p->mutex);
}

void plx_progress_hide(const plx_ctx *ctx)
{
    if (ctx && ctx->progress) {
        pthread_mutex_lock(&ctx->progress->mutex);
        erase(ctx->progress);
    }
}

void plx_progress_show(const plx_ctx *ctx)
{
    if (ctx && ctx->progress) {
        if (ctx->progress->terminal) {
            atomic_store(&ctx->progress->next_ms, 0); /* the next step draws the bar again */
        }
        pthread_mutex_unlock(&ctx->progress->mutex);
    }
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * Names -> cells. A name is resolved once; later rows find it in a table of spellings.
 */
#include "ingest/connectome_cells.h"

#include "core/alloc.h"
#include "core/hash.h"
#include "ingest/connectome_builder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

const char *plx_cell_label_problem(plx_slice label)
{
    plx_slice text = plx_slice_trim(label);
    if (text.len == 0) {
        return "is empty";
    }
    if (text.len > PLX_CELL_LABEL) {
        return "is longer than 64 bytes";
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool c1 = c == 0xc2 && i + 1 < text.len && (unsigned char)text.ptr[i + 1] < 0xa0; /* U+0080..U+009F */
        if (c < 0x20 || c == 0x7f || c1) {
            return "holds a control character";
        }
    }
    return NULL;
}

static const char *keep(plx_cells *c, plx_slice text)
{
    return plx_arena_strndup(c->arena, text.ptr, text.len);
}

void plx_cells_free(plx_cells *c)
{
    plx_free(c->items);
    plx_free(c->spellings);
    c->items = NULL;
    c->spellings = NULL;
}

/* Slot in the spelling table where `text` is or belongs. */
static size_t spelling_at(const plx_cells *c, plx_slice text)
{
    size_t at = (size_t)plx_hash64(text.ptr, text.len, 0) & (c->cap_spellings - 1);
    while (c->spellings[at].text.ptr && !plx_slice_eq(c->spellings[at].text, text)) {
        at = (at + 1) & (c->cap_spellings - 1);
    }
    return at;
}

static bool spelling_room(plx_cells *c, plx_err *err)
{
    if (c->n_spellings * 2 < c->cap_spellings) {
        return true;
    }
    size_t old_cap = c->cap_spellings;
    size_t cap = old_cap ? old_cap * 2 : 1024;
    plx_spelling *fresh = plx_alloc_zero(cap, sizeof *fresh);
    if (!fresh) {
        return plx_fail_nomem(err, cap * sizeof *fresh);
    }
    plx_spelling *old = c->spellings;
    c->spellings = fresh;
    c->cap_spellings = cap;
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i].text.ptr) {
            c->spellings[spelling_at(c, old[i].text)] = old[i];
        }
    }
    plx_free(old);
    return true;
}

static bool spelling_add(plx_cells *c, plx_slice text, uint32_t id, plx_err *err)
{
    if (!spelling_room(c, err)) {
        return false;
    }
    size_t at = spelling_at(c, text);
    if (c->spellings[at].text.ptr) {
        return true;
    }
    const char *kept = keep(c, text);
    if (!kept) {
        return plx_fail_nomem(err, text.len);
    }
    c->spellings[at] = (plx_spelling){{kept, text.len}, id};
    c->n_spellings++;
    return true;
}

static bool tell(plx_cells *c, const plx_change *change, plx_err *err)
{
    return c->sink->change(c->sink, change, err);
}

/* Say once per distinct name (blanks aside) what was made of it. */
static bool tell_name(plx_cells *c, plx_slice raw, const plx_neuron_name *name, bool new_text, bool merged,
                      const char *file, uint64_t line, plx_err *err)
{
    char before[PLX_CELL_LABEL * 4 + 1];
    snprintf(before, sizeof before, "%.*s", (int)raw.len, raw.ptr);
    char text[PLX_CELL_LABEL + 1];
    snprintf(text, sizeof text, "%.*s", (int)name->text.len, name->text.ptr);
    plx_change change = {.action = "rename",
                         .rule = name->rule,
                         .subject = text,
                         .before = before,
                         .reason = name->reason,
                         .file = file,
                         .line = line};
    change.after = name->slot >= 0 ? plx_neurons[name->slot] : text;
    bool doubtful = strcmp(name->rule, "unknown") == 0 || strcmp(name->rule, "annotated") == 0 ||
                    strcmp(name->rule, "misprint") == 0;
    if (new_text && name->slot < 0 && doubtful) {
        change.action = "keep";
        return tell(c, &change, err);
    }
    if (new_text && merged) {
        change.action = "merge";
        change.rule = "same-cell";
        change.reason = "the source writes this neuron in another way as well; both are one cell";
        return tell(c, &change, err);
    }
    if ((new_text || name->slot < 0) && name->changed) {
        return tell(c, &change, err);
    }
    if (raw.len != name->text.len) {
        change.rule = "trim";
        change.reason = "blanks around the name were dropped";
        change.after = text;
        return tell(c, &change, err);
    }
    return true;
}

static bool new_cell(plx_cells *c, const plx_neuron_name *name, uint32_t *out, plx_err *err)
{
    if (!plx_grow(&c->items, &c->cap, c->n + 1, sizeof *c->items)) {
        return plx_fail_nomem(err, (c->n + 1) * sizeof *c->items);
    }
    const char *label = keep(c, name->text);
    if (!label) {
        return plx_fail_nomem(err, name->text.len);
    }
    *out = (uint32_t)c->n;
    c->items[c->n++] =
        (plx_worm_cell){.label = {label, name->text.len}, .slot = name->slot, .category = name->category};
    if (name->slot >= 0) {
        c->of_slot[name->slot] = *out + 1;
    }
    return true;
}

static int by_from(const void *key, const void *item)
{
    return plx_slice_cmp(*(const plx_slice *)key, ((const plx_cell_alias *)item)->from);
}

/* What the source means by a name that stands for another. A neuron keeps the source's name as its label. */
static plx_neuron_name resolve(const plx_cells *c, plx_slice raw)
{
    plx_neuron_name name = plx_neuron_name_of(raw, c->rules);
    const plx_cell_alias *alias =
        c->n_aliases && name.slot < 0 ? bsearch(&name.text, c->aliases, c->n_aliases, sizeof *alias, by_from) : NULL;
    if (!alias) {
        return name;
    }
    plx_neuron_name meant = plx_neuron_name_of(alias->to, c->rules);
    meant.text = meant.slot >= 0 ? name.text : meant.text;
    meant.rule = alias->rule;
    meant.reason = alias->reason;
    meant.changed = true;
    return meant;
}

const plx_worm_cell *plx_cells_known(const plx_cells *c, plx_slice raw)
{
    size_t at = c->cap_spellings ? spelling_at(c, raw) : 0;
    return c->cap_spellings && c->spellings[at].text.ptr ? &c->items[c->spellings[at].cell] : NULL;
}

static bool refuse(const plx_neuron_name *name, const char *file, uint64_t line, plx_err *err)
{
    plx_fail(err, PLX_E_FORMAT, "\"%.*s\" is the name of no neuron and of no other cell of the worm",
             (int)name->text.len, name->text.ptr);
    plx_note(err, "%s line %" PRIu64, file, line);
    return plx_err_why(err, "names are not guessed; with option unknown_cells=keep it would be a cell of its own");
}

bool plx_cells_find(plx_cells *c, plx_slice raw, const char *file, uint64_t line, uint32_t *out, plx_err *err)
{
    if (c->cap_spellings) {
        size_t at = spelling_at(c, raw);
        if (c->spellings[at].text.ptr) {
            *out = c->spellings[at].cell;
            return true;
        }
    }
    if (raw.len > PLX_CELL_LABEL * 4) {
        return plx_fail(err, PLX_E_LIMIT, "a cell name is %zu bytes long with its blanks; at most %d are read", raw.len,
                        PLX_CELL_LABEL * 4);
    }
    plx_neuron_name name = resolve(c, raw);
    if (c->refuses_unknown && name.slot < 0 && strcmp(name.rule, "unknown") == 0) {
        return refuse(&name, file, line, err);
    }
    bool new_text = true;
    bool merged = false;
    uint32_t id = 0;
    size_t at = c->cap_spellings ? spelling_at(c, name.text) : 0;
    if (c->cap_spellings && c->spellings[at].text.ptr) {
        id = c->spellings[at].cell;
        new_text = false;
    } else if (name.slot >= 0 && c->of_slot[name.slot]) {
        id = c->of_slot[name.slot] - 1;
        merged = true;
    } else if (!new_cell(c, &name, &id, err)) {
        return false;
    }
    /* Compat drops what it does not know row by row, so only canonical names are worth a word here. */
    bool silent = (c->drops_unknown && name.slot < 0) || (!new_text && c->items[id].blanks_told);
    if (!silent && !tell_name(c, raw, &name, new_text, merged, file, line, err)) {
        return false;
    }
    c->items[id].blanks_told |= raw.len != name.text.len;
    *out = id;
    return spelling_add(c, name.text, id, err) && spelling_add(c, raw, id, err);
}

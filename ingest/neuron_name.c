/* SPDX-License-Identifier: Apache-2.0
 *
 * Cell labels of C. elegans data sets.
 *
 * source: neuron list as in schemas/neurons.h; names of other cells from WormAtlas and from the cell tables of Cook
 * 2019 (doi:10.1038/s41586-019-1352-7) and NemaNode. Not supported on purpose: names with a mark of doubt ("AIA?"),
 * several candidates ("DB1/3") and near misses; they stay what they are.
 */
#include "ingest/neuron_name.h"

#include "schemas/neurons.h"

enum { LONGEST_NAME = 15 };

/* '#' is one or more digits, '?' any number of the position letters A D L P R V in either case; all else stands for
 * itself. */
typedef struct cell_pattern {
    const char *pattern, *category, *reason;
} cell_pattern;

static const cell_pattern cell_patterns[] = {
    {"BWM-?#", "muscle", "a body wall muscle cell"},
    {"dBWM?#", "muscle", "a body wall muscle cell"},
    {"vBWM?#", "muscle", "a body wall muscle cell"},
    {"LegacyBodyWallMuscles", "muscle", "the body wall muscles as one node"},
    {"NMJ", "muscle", "the muscles as one node"},
    {"DefecationMuscles", "muscle", "the defecation muscles as one node"},
    {"pm#?", "muscle", "a pharyngeal muscle cell"},
    {"vm#?", "muscle", "a vulval muscle cell"},
    {"um#?", "muscle", "a uterine muscle cell"},
    {"mu_int?", "muscle", "an intestinal muscle cell"},
    {"intmu?", "muscle", "an intestinal muscle cell"},
    {"intL", "muscle", "an intestinal muscle cell"},
    {"intR", "muscle", "an intestinal muscle cell"},
    {"mu_anal", "muscle", "the anal depressor muscle"},
    {"analdep", "muscle", "the anal depressor muscle"},
    {"anal", "muscle", "the anal depressor muscle"},
    {"mu_sph", "muscle", "the anal sphincter muscle"},
    {"sphmu", "muscle", "the anal sphincter muscle"},
    {"sph", "muscle", "the anal sphincter muscle"},
    {"g#?", "gland", "a pharyngeal gland cell"},
    {"G1", "gland", "a pharyngeal gland cell"},
    {"G2", "gland", "a pharyngeal gland cell"},
    {"exc_gl", "gland", "the excretory gland"},
    {"excgl", "gland", "the excretory gland"},
    {"CEPsh?", "glia", "a sheath cell of the cephalic sensilla"},
    {"GLR?", "glia", "a GLR cell, glia-like and of mesodermal origin"},
    {"AMsh?", "glia", "an amphid sheath cell"},
    {"AMso?", "glia", "an amphid socket cell"},
    {"AMSH?", "glia", "an amphid sheath cell"},
    {"AMSO?", "glia", "an amphid socket cell"},
    {"mc#?", "epithelium", "a marginal cell of the pharynx"},
    {"e#?", "epithelium", "a pharyngeal epithelial cell"},
    {"hyp", "epithelium", "the hypodermis"},
    {"hyp#", "epithelium", "a hypodermal cell"},
    {"CAN?", "end-organ", "a canal-associated cell, an end organ since Cook 2019 and not among the 300 neurons"},
    {"exc_cell", "end-organ", "the excretory cell"},
    {"int", "end-organ", "the intestine"},
    {"intestine", "end-organ", "the intestine"},
    {"hmc", "other", "the head mesodermal cell"},
    {"HMC", "other", "the head mesodermal cell"},
    {"bm", "other", "the basement membrane"},
    {"Fragment", "fragment", "a piece of a cell that could not be traced"},
    {"NR_fragment", "fragment", "a piece of a cell in the nerve ring that could not be traced"},
    {"vncfrag", "fragment", "a piece of a cell in the ventral cord that could not be traced"},
    {"VAn", "fragment", "a VA neuron that was not told apart from the others of its class"},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_position_letter(char c)
{
    return c && strchr("ADLPRVadlprv", c);
}

static bool matches(const char *pattern, plx_slice text)
{
    size_t at = 0;
    for (const char *p = pattern; *p; p++) {
        if (*p == '#') {
            size_t start = at;
            while (at < text.len && is_digit(text.ptr[at])) {
                at++;
            }
            if (at == start) {
                return false;
            }
        } else if (*p == '?') {
            while (at < text.len && is_position_letter(text.ptr[at])) {
                at++;
            }
        } else if (at < text.len && text.ptr[at] == *p) {
            at++;
        } else {
            return false;
        }
    }
    return at == text.len;
}

static const cell_pattern *find_cell(plx_slice text)
{
    for (size_t i = 0; i < sizeof cell_patterns / sizeof *cell_patterns; i++) {
        if (matches(cell_patterns[i].pattern, text)) {
            return &cell_patterns[i];
        }
    }
    return NULL;
}

/* VB02 -> VB2: zeros between the letters and a number that does not start with one; VB10 has none to drop. */
static size_t drop_padding(plx_slice in, char out[LONGEST_NAME + 1])
{
    size_t letters = 0;
    while (letters < in.len && !is_digit(in.ptr[letters])) {
        letters++;
    }
    size_t digits = letters;
    while (digits < in.len && in.ptr[digits] == '0') {
        digits++;
    }
    for (size_t i = digits; i < in.len; i++) {
        if (!is_digit(in.ptr[i])) {
            return 0;
        }
    }
    if (letters == 0 || digits == letters || digits == in.len || letters + in.len - digits > LONGEST_NAME) {
        return 0;
    }
    memcpy(out, in.ptr, letters);
    memcpy(out + letters, in.ptr + digits, in.len - digits);
    return letters + in.len - digits;
}

static plx_slice upper_of(plx_slice in, char out[LONGEST_NAME + 1])
{
    if (in.len > LONGEST_NAME) {
        return (plx_slice){out, 0};
    }
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        out[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return (plx_slice){out, in.len};
}

static plx_neuron_name not_a_neuron(plx_slice text)
{
    const cell_pattern *cell = find_cell(text);
    if (cell) {
        return (plx_neuron_name){-1, cell->category, "non-neuron", cell->reason, text, false};
    }
    if (plx_slice_is(text, "IL2V4")) {
        return (plx_neuron_name){
            -1,
            "other",
            "misprint",
            "no neuron is called so; in the list of Randi et al. (2023) it stands where IL2VR would "
            "stand, which is not there, but nothing else says what was meant: it is not resolved",
            text,
            false};
    }
    if (text.len == 0) {
        return (plx_neuron_name){-1, "other", "empty", "the label is empty", text, false};
    }
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("?*/()", text.ptr[i])) {
            return (plx_neuron_name){
                -1,          "other",
                "annotated", "the label carries a mark of doubt or several candidates, which are never resolved",
                text,        false};
        }
    }
    return (plx_neuron_name){
        -1, "other", "unknown", "the label is neither one of the 300 neurons nor a known other cell", text, false};
}

static plx_neuron_name neuron(int slot, const char *rule, const char *reason, plx_slice text)
{
    return (plx_neuron_name){slot, "neuron", rule, reason, text, strcmp(rule, "exact") != 0};
}

static plx_neuron_name strip_zeros(plx_slice label)
{
    char buffer[LONGEST_NAME + 1];
    size_t len = 0;
    bool ends_in_zero = label.len > 0 && label.ptr[label.len - 1] == '0';
    for (size_t i = 0; i < label.len; i++) {
        if (label.ptr[i] == '0' && !ends_in_zero) {
            continue;
        }
        if (len == LONGEST_NAME) {
            return not_a_neuron(label);
        }
        buffer[len++] = label.ptr[i];
    }
    int slot = plx_neuron_slot((plx_slice){buffer, len});
    if (slot < 0) {
        return not_a_neuron(label);
    }
    return neuron(slot, "strip-zeros", "upstream deletes every 0 of a name that does not end in one", label);
}

static plx_neuron_name strict(plx_slice label)
{
    plx_slice text = plx_slice_trim(label);
    bool trimmed = text.len != label.len;
    int slot = plx_neuron_slot(text);
    if (slot >= 0) {
        return trimmed ? neuron(slot, "trim", "blanks around the name were dropped", text)
                       : neuron(slot, "exact", "the label is the canonical name", text);
    }
    char unpadded[LONGEST_NAME + 1];
    size_t len = drop_padding(text, unpadded);
    slot = len ? plx_neuron_slot((plx_slice){unpadded, len}) : -1;
    if (slot >= 0) {
        return neuron(slot, trimmed ? "trim+pad-zero" : "pad-zero", "the number in the name was padded with zeros",
                      text);
    }
    plx_neuron_name other = not_a_neuron(text);
    if (strcmp(other.rule, "unknown") != 0) {
        return other;
    }
    char upper[LONGEST_NAME + 1];
    plx_slice folded = upper_of(text, upper);
    slot = plx_neuron_slot(folded);
    if (slot >= 0) {
        return neuron(slot, trimmed ? "trim+case" : "case", "the name differs from the canonical one in case alone",
                      text);
    }
    len = drop_padding(folded, unpadded);
    slot = len ? plx_neuron_slot((plx_slice){unpadded, len}) : -1;
    if (slot >= 0) {
        return neuron(slot, trimmed ? "trim+pad-zero+case" : "pad-zero+case",
                      "the name differs in case and its number was padded with zeros", text);
    }
    return other;
}

plx_neuron_name plx_neuron_name_of(plx_slice label, plx_name_rules rules)
{
    if (rules == PLX_NAMES_STRICT) {
        return strict(label);
    }
    int slot = plx_neuron_slot(label);
    if (slot >= 0) {
        return neuron(slot, "exact", "the label is the canonical name", label);
    }
    return rules == PLX_NAMES_STRIP_ZEROS ? strip_zeros(label) : not_a_neuron(label);
}

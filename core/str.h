/* SPDX-License-Identifier: Apache-2.0
 *
 * Text: borrowed slices and a growing builder with a sticky failure flag.
 */
#ifndef PLX_CORE_STR_H
#define PLX_CORE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Borrowed bytes, not NUL-terminated. */
typedef struct plx_slice {
    const char *ptr;
    size_t len;
} plx_slice;

static inline plx_slice plx_slice_of(const char *text)
{
    return (plx_slice){text, text ? strlen(text) : 0};
}
bool plx_slice_eq(plx_slice a, plx_slice b);
bool plx_slice_is(plx_slice a, const char *text);
/* memcmp order, shorter first on a tie. */
int plx_slice_cmp(plx_slice a, plx_slice b);
/* Without ASCII blanks at both ends. */
plx_slice plx_slice_trim(plx_slice a);
bool plx_starts_with(const char *text, const char *prefix);
bool plx_ends_with(const char *text, const char *suffix);

/* Builder. {0} is a valid empty one. After a failed append `failed` stays set and further appends do nothing:
 * check once at the end. owner: the builder until plx_sb_take. */
typedef struct plx_sb {
    char *ptr; /* always NUL-terminated once non-NULL */
    size_t len, cap;
    bool failed;
} plx_sb;

void plx_sb_bytes(plx_sb *sb, const void *bytes, size_t len);
void plx_sb_text(plx_sb *sb, const char *text);
void plx_sb_char(plx_sb *sb, char c);
void plx_sb_printf(plx_sb *sb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The text, or "" when empty. Valid until the next append. */
const char *plx_sb_str(const plx_sb *sb);
/* Hand the memory over (plx_free); NULL if an append failed. The builder is empty afterwards. */
char *plx_sb_take(plx_sb *sb);
void plx_sb_free(plx_sb *sb);

/* What stands for c in XML and HTML, in content and in double-quoted attributes ("&lt;"); NULL when c may stand itself.
 */
const char *plx_xml_entity(char c);

/* Damerau-Levenshtein distance of two short words (both under 64 bytes), case folded. cost: O(|a| |b|). */
unsigned plx_edit_distance(const char *a, const char *b);
/* The nearest of n candidates within a third of the word's length (at least 1), or NULL. */
const char *plx_nearest(const char *word, const char *const *candidates, size_t n);

#endif

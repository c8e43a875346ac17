/* SPDX-License-Identifier: Apache-2.0
 *
 * Is what a server sends a web page in the place of data?
 */
#ifndef PLX_REGISTRY_SNIFF_H
#define PLX_REGISTRY_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

enum { PLX_SNIFF_BYTES = 1024 }; /* so many from the start are enough to tell */

/* Do the first bytes of a file look like an HTML page? Blanks, a byte order mark and comments before it do not hide it.
 */
bool plx_sniff_is_page(const void *bytes, size_t len);
/* Is a media type, or the name of a file, that of a page? Then a page is what was asked for. */
bool plx_sniff_page_is_wanted(const char *media, const char *name);
/* Can a file that starts so be of this media type, or of what its name ends in? Only types with a signature are told
 * apart; all others fit. `media` may be NULL. */
bool plx_sniff_fits(const char *media, const char *name, const void *bytes, size_t len);

#endif

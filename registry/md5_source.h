/* SPDX-License-Identifier: Apache-2.0
 *
 * A source that fails at its end when its bytes have another MD5 than they must have.
 */
#ifndef PLX_REGISTRY_MD5_SOURCE_H
#define PLX_REGISTRY_MD5_SOURCE_H

#include "formats/source.h"

/* `inner` is taken over, also on failure. With `md5` NULL it is *out itself. errors of reading: DIGEST at the end. */
bool plx_source_with_md5(plx_source *inner, const char *md5, plx_source **out, plx_err *err);

#endif

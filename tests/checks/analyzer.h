/* SPDX-License-Identifier: Apache-2.0
 *
 * Included before every file that clang-tidy reads (.ci/run). It sees one file at a time, so it must be told that the
 * functions which set an error return false; without that it follows paths on which a failure counts as success.
 */
#ifndef PLX_TESTS_ANALYZER_H
#define PLX_TESTS_ANALYZER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* before the first system header, for the files that ask for it later */
#endif
#include "core/err.h"

#define plx_fail(...)       (plx_fail(__VA_ARGS__), false)
#define plx_fail_sys(...)   (plx_fail_sys(__VA_ARGS__), false)
#define plx_fail_nomem(...) (plx_fail_nomem(__VA_ARGS__), false)
#define plx_note(...)       (plx_note(__VA_ARGS__), false)
#define plx_err_why(...)    (plx_err_why(__VA_ARGS__), false)
#define plx_err_kept(...)   (plx_err_kept(__VA_ARGS__), false)
#define plx_err_next(...)   (plx_err_next(__VA_ARGS__), false)

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * What tests share: scratch folders, the test data, failing allocations, a printable error.
 */
#ifndef PLX_TESTS_SUPPORT_H
#define PLX_TESTS_SUPPORT_H

#include "core/err.h"
#include "core/fs.h"

/* A fresh folder below $TMPDIR (else in memory, else /tmp), removed at exit of the test process. */
const char *plx_test_dir(void);
/* <PLEXUS_TEST_DATA>/rel, or NULL when there is no test data. A suite that needs it returns NULL from its maker then.
 * Default when unset: ../shared/data beside the source tree, if it exists. */
const char *plx_test_data(const char *rel);
/* tests/golden/files/<name>: small files made by other programs. A static path, valid until the next call. */
const char *plx_test_golden(const char *name);
/* Write a file in the scratch folder; returns its path. */
const char *plx_test_file(const char *name, const void *bytes, size_t len);
/* The error in one line, for assertion messages. */
const char *plx_test_err(const plx_err *err);

/* Fail the k-th allocation (0-based) from now on, once; plx_test_alloc_ok removes the hook. Returns how many were
 * asked. */
void plx_test_alloc_fail_at(size_t k);
size_t plx_test_alloc_ok(void);

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * Instance scores as trees and rows: the reference's nested keys and CSV columns, and a table of instances.
 */
#ifndef PLX_BENCHMARKS_LABEL_REPORT_H
#define PLX_BENCHMARKS_LABEL_REPORT_H

#include "benchmarks/kernels/iscore_pool.h"
#include "core/table.h"
#include "core/value.h"

/* {"general": ..., "confusion_matrix": ...} with the keys of the reference; parts that were not scored are left out.
 * owner: the arena. errors: NULL when it is out of memory. */
plx_value *plx_iscore_metrics(const plx_iscore *score, plx_arena *arena);
/* Everything of one pair: "definition", "mode", "partly", the metrics (or "reference_error"), "reasons" for values that
 * are not defined, "instances", "removed" and "diagnostics". */
plx_value *plx_iscore_report(const plx_iscore *score, const plx_iscore_options *options, plx_arena *arena);
/* A pooled result with the same keys. */
plx_value *plx_ipool_metrics(const plx_ipool *pool, plx_arena *arena);

/* Columns of the reference's summary ("general Num GT", "th_0_5 AP_TP", ...), NULL at the end, and their values: NaN
 * for what is not there. shape: out[PLX_ISCORE_COLUMNS]. */
enum { PLX_ISCORE_COLUMNS = 30 };
extern const char *const plx_iscore_columns[PLX_ISCORE_COLUMNS + 1];
void plx_iscore_row_values(const plx_iscore *score, double *out);
void plx_ipool_row_values(const plx_ipool *pool, double *out);

/* The reference's summary file: a row per sample, their mean and sum, and the pooled result. Separated by ';'. */
bool plx_iscore_summary(const char *const *names, const plx_iscore *const *scores, size_t n, const plx_ipool *pool,
                        plx_sb *out, plx_err *err);

#endif

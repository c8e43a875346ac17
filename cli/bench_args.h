/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs of benchmarks take in common: names of tasks, models and metrics, what built the program.
 */
#ifndef PLX_CLI_BENCH_ARGS_H
#define PLX_CLI_BENCH_ARGS_H

#include "benchmarks/runner.h"
#include "cli/cli.h"

/* By name, with or without "task:", "model:", "metric:" before it. errors: NOTFOUND with the nearest name. */
bool plx_cli_find_task(const char *text, const plx_task **out, plx_err *err);
bool plx_cli_find_model(const char *text, const plx_model **out, plx_err *err);
bool plx_cli_find_metric(const char *text, const plx_metric **out, plx_err *err);

/* Its parameters with what NAME=VALUE list sets. */
bool plx_cli_metric_params(const plx_metric *metric, const plx_opt_list *set, plx_params *out, plx_err *err);

/* What built this program, for result rows. owner: cli->arena. */
bool plx_cli_tool(plx_cli *cli, plx_tool *out, plx_err *err);

/* "0.712 +- 0.013", "0.712" without a spread, "-" when it is not defined. shape: out[48]. */
void plx_cli_score_text(double mean, double std, char out[48]);

#endif

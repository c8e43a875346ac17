/* SPDX-License-Identifier: Apache-2.0
 *
 * Parameters of metrics, models and tasks: each driver lists its own, with default, range and what it means. Values are
 * kept as text and number both, so that a result names exactly what was used.
 */
#ifndef PLX_BENCHMARKS_PARAM_H
#define PLX_BENCHMARKS_PARAM_H

#include "core/err.h"
#include "core/str.h"

#include <stdint.h>

typedef enum plx_param_type { PLX_PARAM_INT, PLX_PARAM_REAL, PLX_PARAM_CHOICE } plx_param_type;

typedef struct plx_param {
    const char *name;
    plx_param_type type;
    const char *fallback; /* default as text */
    double lo, hi;        /* both ends allowed; numbers only */
    const char *choices;  /* "a|b", PLX_PARAM_CHOICE only */
    const char *grid;     /* values tried on validation, between blanks: "0.01 0.1 1"; NULL: not chosen there */
    const char *doc;      /* one sentence */
} plx_param;

enum { PLX_PARAMS_MAX = 16, PLX_PARAM_TEXT = 32 };

/* Values of all parameters of one driver, in the order of its table. */
typedef struct plx_params {
    const plx_param *specs; /* ended by name NULL; may be NULL */
    size_t n;
    bool given[PLX_PARAMS_MAX]; /* not the default: said by the user or a task */
    double number[PLX_PARAMS_MAX];
    char text[PLX_PARAMS_MAX][PLX_PARAM_TEXT];
} plx_params;

/* All defaults. `owner` ("model katz") is for messages. errors: BUG when a default is out of its own range. */
bool plx_params_init(const plx_param *specs, const char *owner, plx_params *out, plx_err *err);
/* "name=value". errors: ARG for an unknown name (with the nearest), one that was set before, a value out of range or of
 * another type. */
bool plx_params_set(plx_params *params, const char *owner, const char *assignment, plx_err *err);
/* Each "name=value" of "k=20 alpha=0.1", as plx_params_print writes them; NULL and "" set nothing. */
bool plx_params_set_all(plx_params *params, const char *owner, const char *assignments, plx_err *err);
/* The same for name and value apart. */
bool plx_params_put(plx_params *params, const char *owner, const char *name, const char *value, plx_err *err);

/* Value by name; asking for one that is not declared gives 0 or "": a test walks all drivers. */
int64_t plx_params_int(const plx_params *params, const char *name);
double plx_params_real(const plx_params *params, const char *name);
const char *plx_params_text(const plx_params *params, const char *name);
/* "k=20 alpha=0.1", every parameter in table order; "" when there are none. */
void plx_params_print(const plx_params *params, plx_sb *out);

/* Combinations of the grids of all parameters that have one and were not given; 1 when there are none. */
size_t plx_params_grid_size(const plx_params *params);
/* Combination i, the last parameter running fastest. shape: out starts as a copy of `params`. */
bool plx_params_grid_at(const plx_params *params, const char *owner, size_t i, plx_params *out, plx_err *err);

#endif

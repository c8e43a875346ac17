/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of tasks.
 */
#include "benchmarks/task.h"

#include <string.h>

#define PLX_TASK(name) extern const plx_task plx_task_##name;
#include "benchmarks/tasks/tasks.def"
#undef PLX_TASK

const plx_task *const plx_tasks[] = {
#define PLX_TASK(name) &plx_task_##name,
#include "benchmarks/tasks/tasks.def"
#undef PLX_TASK
    NULL,
};

plx_direction plx_task_direction(const plx_task *task, const plx_task_metric *m)
{
    const plx_metric *metric = plx_metric_find(m->metric);
    for (const char *const *label = task->lower; label && *label; label++) {
        if (strcmp(*label, m->label) == 0) {
            return PLX_LOWER_IS_BETTER;
        }
    }
    return metric ? metric->direction : PLX_HIGHER_IS_BETTER;
}

const plx_task *plx_task_find(const char *name)
{
    for (size_t i = 0; name && plx_tasks[i]; i++) {
        if (strcmp(plx_tasks[i]->name, name) == 0) {
            return plx_tasks[i];
        }
    }
    return NULL;
}

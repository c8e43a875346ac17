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

const plx_task *plx_task_find(const char *name)
{
    for (size_t i = 0; name && plx_tasks[i]; i++) {
        if (strcmp(plx_tasks[i]->name, name) == 0) {
            return plx_tasks[i];
        }
    }
    return NULL;
}

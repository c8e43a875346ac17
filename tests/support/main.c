/* SPDX-License-Identifier: Apache-2.0
 *
 * Run one suite by name, or all of them. Exit 77 (skipped) when every suite asked for needs PLEXUS_TEST_DATA and there
 * is none.
 */
#include "support/suites.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    SRunner *runner = NULL;
    for (const plx_suite *s = plx_suites; s->name; s++) {
        if (argc > 1 && strcmp(argv[1], s->name) != 0) {
            continue;
        }
        Suite *suite = s->make();
        if (!suite) {
            printf("skipped: %s needs PLEXUS_TEST_DATA\n", s->name);
            continue;
        }
        if (runner) {
            srunner_add_suite(runner, suite);
        } else {
            runner = srunner_create(suite);
        }
    }
    if (!runner) {
        return 77;
    }
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# For scripts that compare with Python packages: sourced, not run.

# python_with MODULES: prints the first python3 that has them all ("scipy, pandas"), or nothing. PLEXUS_PYTHON is asked first; the
# system's one has Debian's packages.
python_with() {
    local candidate
    for candidate in ${PLEXUS_PYTHON:+"$PLEXUS_PYTHON"} python3 /usr/bin/python3; do
        if "$candidate" -c "import $1" 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

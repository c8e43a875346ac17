# shellcheck shell=bash disable=SC2034,SC2154 # campaign.sh sources this: names are shared
# SPDX-License-Identifier: Apache-2.0
#
# What the fault campaigns share: where things are, quiet runs, comparing stores, spreading points over workers, the tally.
set -euo pipefail
export LC_ALL=C

fault_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$(cd "$fault_dir/../.." && pwd)
readonly fault_dir source_dir

: "${program:=$source_dir/build/release/plexus}"
: "${shim:=$(dirname "$program")/tests/fault/fault_shim.so}"
: "${data:=${PLEXUS_TEST_DATA:-$source_dir/../shared/data}}"
: "${points:=24}" # per campaign; 0: every one
: "${workers:=$(nproc 2>/dev/null || echo 2)}"
failed=0
passed=0
skipped=0

die() {
    printf 'campaign: %s\n' "$*" >&2
    exit 2
}

# Set by network.sh while its server runs.
server_pid=''
stop_server() {
    [[ -z $server_pid ]] || {
        exec {server_in}>&-
        wait "$server_pid" 2>/dev/null || true
        server_pid=''
    }
}

# A scratch folder in memory where there is one: thousands of stores are made and thrown away.
make_work() {
    local base=${TMPDIR:-/tmp}
    [[ ! -w /dev/shm || $(df -Pk /dev/shm | awk 'NR == 2 { print $4 }') -lt 262144 ]] || base=/dev/shm
    work=$(mktemp -d "$base/plexus-fault.XXXXXX")
    trap 'stop_server; chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
    mkdir "$work/home"
    export HOME=$work/home
    unset PLEXUS_STORE PLEXUS_REGISTRY XDG_DATA_HOME
}

# plexus STORE VERB...: one undisturbed run; exit code as it is. Only the campaigns over the network are not --offline.
offline=(--offline)
plexus() {
    local store=$1
    shift
    "$program" "$@" --store "$store" "${offline[@]}" --no-progress </dev/null
}

# What is wrong with a store, in words; nothing when it is sound.
unsound() {
    local report status=0
    report=$(plexus "$1" verify 2>&1) || status=$?
    ((status == 0)) || printf 'verify says %d: %s' "$status" "$(head -c 300 <<<"$report")"
}

# The query for all rows of a table, without what was measured of runs and the digest that covers it.
rows_of() {
    case $1 in
    run) echo "SELECT 'run', run, task, model, params, metric_mode, board, status, n_done, n_cells FROM run;" ;;
    source) echo "SELECT 'source', * FROM source WHERE NOT EXISTS (SELECT 1 FROM run);" ;;
    *) printf "SELECT '%s', * FROM \"%s\";\n" "$1" "$1" ;;
    esac
}

# Every row of every table of the catalog, sorted, by the sqlite3 shell where there is one, else through the program. The list of
# tables is asked for once.
catalog_rows() {
    local store=$1 table
    if command -v sqlite3 >/dev/null; then
        [[ -s $work/rows.sql ]] || catalog_tables "$store" |
            while IFS= read -r table; do rows_of "$table"; done >"$work/rows.sql"
        sqlite3 -readonly "$store/catalog.db" <"$work/rows.sql" | sort
    else
        plexus "$store" sql -O csv "SELECT name FROM sqlite_schema WHERE $own_tables ORDER BY name" | tail -n +2 | tr -d '\r' |
            while IFS= read -r table; do
                plexus "$store" sql -O csv "$(rows_of "$table")"
            done | sort
    fi
}

# Tables with content of their own: not SQLite's, nor those that full-text search keeps beside its virtual tables.
own_tables="type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE '%VIRTUAL%' AND name NOT GLOB '*_data'
    AND name NOT GLOB '*_idx' AND name NOT GLOB '*_docsize' AND name NOT GLOB '*_config' AND name NOT GLOB '*_content'"
catalog_tables() {
    sqlite3 -readonly "$1/catalog.db" "SELECT name FROM sqlite_schema WHERE $own_tables ORDER BY name"
}

# Results of runs without what was measured: keys are sorted, so the record comes behind `measured` and before the seal.
run_records() {
    local file
    for file in "$1"/runs/*/result.json; do
        [[ ! -e $file ]] || { echo "${file#"$1"/}" && sed -n '/^  "record": {/,$p' "$file" | sed '$d'; }
    done
}

# How a store differs from the one it should equal, in words; nothing when they are equal: the same files with the same bytes, and the
# same catalog rows. What the other should be is kept beside it: differ EXPECTED STORE.
differ() {
    local files rows
    files=$(
        diff -rq --no-dereference --exclude='catalog.db*' --exclude=partial --exclude=lock --exclude=quarantine --exclude=result.json \
            "$1" "$2" 2>&1 | head -n 3
        diff <(run_records "$1") <(run_records "$2") | head -n 3
    ) || true
    [[ -z $files ]] || {
        printf 'files differ: %s' "$files"
        return
    }
    [[ -e $1/catalog.db || -e $2/catalog.db ]] || return 0
    [[ $1.rows -nt $1/catalog.db ]] || {
        catalog_rows "$1" >"$1.rows.$BASHPID"
        mv "$1.rows.$BASHPID" "$1.rows"
    }
    rows=$(catalog_rows "$2" | diff "$1.rows" - | head -n 3) || true
    [[ -z $rows ]] || printf 'catalogs differ: %s' "$rows"
}

# What gc left behind, in words.
leftovers() {
    local found
    found=$(find "$1/partial" "$1/quarantine" -mindepth 1 2>/dev/null | head -n 3) || true
    [[ -z $found ]] || printf 'left behind: %s' "$found"
}

# sample N: the points 1..N to try, all of them or `points` spread evenly, both ends included.
sample() {
    awk -v n="$1" -v want="$points" 'BEGIN {
        if (want <= 0 || want >= n) { for (k = 1; k <= n; k++) print k; exit }
        for (i = 0; i < want; i++) { k = 1 + int(i * (n - 1) / (want - 1) + 0.5); print k }
    }' | uniq
}

# spread FUNCTION ITEM...: calls FUNCTION WORKER ITEM for each item on several workers. The function prints nothing when all is
# well, else what is wrong; the outcome lands in ok_count and bad_lines.
spread() {
    local function=$1 worker
    shift
    local items=("$@") pids=()
    rm -f "$work"/outcome.*
    for ((worker = 0; worker < workers; worker++)); do
        (
            set +e
            for ((i = worker; i < ${#items[@]}; i += workers)); do
                wrong=$("$function" "$worker" "${items[i]}" 2>&1)
                status=$?
                [[ -n $wrong || $status -eq 0 ]] || wrong="the test itself failed with $status"
                if [[ -z $wrong ]]; then
                    echo ok
                else
                    printf 'bad %s: %s\n' "${items[i]}" "${wrong//$'\n'/ / }"
                fi
            done >"$work/outcome.$worker"
        ) &
        pids+=($!)
    done
    wait "${pids[@]}"
    ok_count=$(cat "$work"/outcome.* | grep -c '^ok$' || true)
    bad_lines=$(cat "$work"/outcome.* | grep '^bad ' || true)
}

# tally NAME WHAT TOTAL: prints the line of one campaign from ok_count and bad_lines.
tally() {
    local bad=0
    [[ -z $bad_lines ]] || bad=$(wc -l <<<"$bad_lines")
    printf '%-42s %6d %s, %d ok' "$1:" "$3" "$2" "$ok_count"
    ((bad == 0)) || printf ', %d WRONG' "$bad"
    printf '\n'
    [[ -z $bad_lines ]] || head -n 10 <<<"$bad_lines" | sed 's/^/    /'
    if ((bad == 0 && ok_count == $3 && ok_count > 0)); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

skip() {
    printf '%-42s skipped: %s\n' "$1:" "$2"
    skipped=$((skipped + 1))
}

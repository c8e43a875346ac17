# shellcheck shell=bash disable=SC2034,SC2154 # campaign.sh sources this: names are shared
# SPDX-License-Identifier: Apache-2.0
#
# Damage by hand: one flipped bit, one byte more or less, a lost or an added file, one changed value of the catalog. verify must
# say so with exit 4 and name the place.

flips_store=''

# worker_store WORKER: this worker's own copy, made once.
worker_store() {
    store=$work/flip.$1
    [[ -d $store ]] || {
        cp -a "$flips_store" "$store"
        chmod -R u+w "$store"
    }
}

# found STORE NAME: verify finds damage and NAME is in what it says. A folder without FORMAT is no store: exit 3 then.
found() {
    local report status=0
    report=$(plexus "$1" verify 2>&1) || status=$?
    if [[ $2 == FORMAT && ! -e $1/FORMAT ]] && ((status == 3)); then
        [[ $report == *FORMAT* ]] || printf 'verify does not say that FORMAT is gone: %s' "$report"
    elif ((status != 4)); then
        printf 'verify exits %d, not 4, for %s: %s' "$status" "$2" "$(head -c 200 <<<"$report")"
    elif [[ $report != *"$2"* ]]; then
        printf 'verify does not name %s: %s' "$2" "$(head -c 300 <<<"$report")"
    fi
}

# Item: file:position.
flip_bit() {
    local store file=${2%:*} at=${2##*:} old new
    worker_store "$1"
    old=$(od -An -tu1 -j "$at" -N 1 "$store/$file")
    new=$((old ^ (1 << (at % 8))))
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\x$(printf %x "$new")" | dd of="$store/$file" bs=1 seek="$at" conv=notrunc status=none
    found "$store" "$file"
    # shellcheck disable=SC2059
    printf "\\x$(printf %x $((old)))" | dd of="$store/$file" bs=1 seek="$at" conv=notrunc status=none
    cmp -s "$store/$file" "$flips_store/$file" || echo "the test did not put $file back"
}

# Item: file:what.
harm_file() {
    local store file=${2%:*} what=${2##*:}
    worker_store "$1"
    case $what in
    shorter) truncate -s -1 "$store/$file" ;;
    longer) printf 'x' >>"$store/$file" ;;
    gone) rm "$store/$file" ;;
    added) : >"$(dirname "$store/$file")/stray.npy" ;;
    esac
    case $what in
    added) found "$store" "$(dirname "$file")/stray.npy" ;;
    *) found "$store" "$file" ;;
    esac
    rm -f "$(dirname "$store/$file")/stray.npy"
    cp -a --remove-destination "$flips_store/$file" "$store/$file"
    chmod u+w "$store/$file"
}

# Item: table|column|condition that picks the row.
change_value() {
    local store table column row value relax='PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;'
    IFS='|' read -r table column row <<<"$2"
    worker_store "$1"
    case $(sqlite3 "$store/catalog.db" "SELECT typeof(\"$column\") FROM \"$table\" WHERE $row") in
    integer) value="-1 - \"$column\"" ;;
    real) value="\"$column\" + 0.5" ;;
    text) value="\"$column\" || 'x'" ;;
    blob) value="CAST(\"$column\" || x'00' AS BLOB)" ;;
    null) value="CASE (SELECT type FROM pragma_table_info('$table') WHERE name = '$column')
        WHEN 'TEXT' THEN 'x' WHEN 'BLOB' THEN x'00' ELSE 1 END" ;;
    *) echo "no such row: $2" ;;
    esac
    sqlite3 "$store/catalog.db" "$relax UPDATE \"$table\" SET \"$column\" = $value WHERE $row" ||
        echo "the value could not be changed"
    if cmp -s "$store/catalog.db" "$flips_store/catalog.db"; then
        echo "the value was not changed"
    fi
    found "$store" "$table"
    plexus "$store" repair >"$work/mend.$1" 2>&1 || printf 'repair exits %d: %s' $? "$(head -c 200 "$work/mend.$1")"
    unsound "$store"
    differ "$flips_store" "$store"
    rm -f "$store/catalog.db"*
    cp -a "$flips_store/catalog.db" "$store/catalog.db"
    chmod u+w "$store/catalog.db"
}

# flips STORE STRIDE: damage of every kind to copies of STORE; every STRIDE-th byte of every file.
flips() {
    local stride=$2 file bytes items=() harms=() values=() at
    flips_store=$1
    rm -rf "$work"/flip.*
    while IFS= read -r file; do
        bytes=$(stat -c %s "$flips_store/$file")
        for ((at = 0; at < bytes; at += stride)); do
            items+=("$file:$at")
        done
        ((bytes == 0)) || {
            items+=("$file:$((bytes - 1))")
            harms+=("$file:shorter")
        }
        harms+=("$file:longer")
        # A ref that is gone is a data set removed: that is all that rm does.
        [[ $file == refs/* ]] || harms+=("$file:gone")
        [[ $file != records/*/record.json ]] || harms+=("$file:added")
    done < <(cd "$flips_store" && find blobs records refs FORMAT -type f | sort)
    spread flip_bit "${items[@]}"
    tally "one flipped bit" "bits" "${#items[@]}"
    spread harm_file "${harms[@]}"
    tally "files harmed" "harms (cut, longer, lost, added)" "${#harms[@]}"
    rm -rf "$work"/flip.*

    if ! command -v sqlite3 >/dev/null; then
        skip "one changed catalog value" "needs the sqlite3 shell"
        return
    fi
    mapfile -t values < <(catalog_values "$flips_store")
    spread change_value "${values[@]}"
    tally "one changed catalog value" "values" "${#values[@]}"
}

# Values of every column of every table, as table|column|condition; of each column at most `points` rows (0: all of them).
catalog_values() {
    local table column key
    catalog_tables "$1" |
        while IFS= read -r table; do
            key=$(sqlite3 -readonly "$1/catalog.db" "SELECT group_concat('''\"' || name || '\" = '' || quote(\"' || name || '\")', ' || '' AND '' || ')
                FROM pragma_table_info('$table') WHERE pk > 0")
            sqlite3 -readonly "$1/catalog.db" "SELECT name FROM pragma_table_info('$table')" | while IFS= read -r column; do
                sqlite3 -readonly "$1/catalog.db" "SELECT '$table|$column|' || $key FROM \"$table\"" | thin
            done
        done
}

# At most `points` of many lines, evenly spread.
thin() {
    awk -v want="$points" '{ line[NR] = $0 } END {
        step = want > 0 && NR > want ? NR / want : 1
        for (i = 0; int(i) < NR; i += step) { print line[int(i) + 1] }
    }'
}

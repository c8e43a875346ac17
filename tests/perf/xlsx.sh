#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every cell of all seven sheets of Cook2019.xlsx is read by openpyxl (read_only, values_only) and by us; by python-calamine too
# where python3 has it. First the counts, the sum of the numbers and the bytes of text of each sheet must be equal; then CPU time,
# wall time and peak memory are printed, best of three alternating runs, the others without their imports. Fails below 20 times
# openpyxl's CPU speed. Skipped (77) without a python3 that has openpyxl, or without the test data.
# usage: tests/perf/xlsx.sh [BUILD_DIR [DATA]]
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$here/build/release}
book=${2:-${PLEXUS_TEST_DATA:-$here/../shared/data}}/celegans/worm-data-preprocess/Cook2019.xlsx
readonly runs=3 want=20

# shellcheck source=tests/support/python.sh
. "$here/tests/support/python.sh"
openpyxl=$(python_with openpyxl)
calamine=$(python_with python_calamine)
[[ -n $openpyxl ]] || {
    echo "skipped: no python3 with openpyxl to compare with" >&2
    exit 77
}
[[ -f $book ]] || {
    echo "skipped: no test data" >&2
    exit 77
}
cmake --build "$build" --target bench_xlsx >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/read.py" <<'EOF'
import resource, sys, time
if sys.argv[1] == "openpyxl":
    import openpyxl
    def sheets(path):
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        for sheet in book.worksheets:
            yield sheet.title, sheet.iter_rows(values_only=True)
else:
    from python_calamine import CalamineWorkbook
    def sheets(path):
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            yield name, book.get_sheet_by_name(name).to_python()
cpu, wall = time.process_time(), time.perf_counter()
for name, rows in sheets(sys.argv[2]):
    cells = numbers = text = 0
    total = 0.0
    for row in rows:
        for value in row:
            if value is None or value == "":
                continue
            cells += 1
            if isinstance(value, str):
                text += len(value.encode())
            elif not isinstance(value, bool):
                numbers += 1
                total += value
    print("sheet", name, cells, numbers, "%.17g" % total, text, sep="\t")
print("cost", f"{time.process_time() - cpu:.4f}", f"{time.perf_counter() - wall:.4f}",
      resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, sep="\t")
EOF
for ((i = 0; i < runs; i++)); do
    "$openpyxl" "$work/read.py" openpyxl "$book" >>"$work/openpyxl.txt"
    [[ -z $calamine ]] || "$calamine" "$work/read.py" calamine "$book" >>"$work/calamine.txt"
    "$build/tests/perf/bench_xlsx" "$book" >>"$work/plexus.txt"
done

for other in "$work"/openpyxl.txt "$work"/calamine.txt; do
    [[ -f $other ]] || continue
    diff <(grep ^sheet "$other") <(grep ^sheet "$work/plexus.txt") >&2 || {
        echo "$(basename "$other" .txt) reads other values" >&2
        exit 1
    }
done
awk -F'\t' '/^sheet/ { n++; cells += $3 } END { printf "equal: %d cells of %d sheets\n", cells, n }' \
    <(grep ^sheet "$work/plexus.txt" | sort -u)

# costs NAME: CPU, wall and peak of its best run.
costs() { grep ^cost "$work/$1.txt" | sort -g -k2,2 | head -n 1 | cut -f 2-; }
read -r our_cpu _ <<<"$(costs plexus)"
printf '%-10s %8s %8s %10s %8s\n' "" "CPU s" "wall s" "peak MiB" "times"
for name in openpyxl calamine plexus; do
    [[ -f $work/$name.txt ]] || continue
    read -r cpu wall rss <<<"$(costs "$name")"
    awk -v name="$name" -v c="$cpu" -v w="$wall" -v r="$rss" -v o="$our_cpu" \
        'BEGIN { printf "%-10s %8.3f %8.3f %10.1f %8.1f\n", name, c, w, r / 1024, c / o }'
done
read -r their_cpu _ <<<"$(costs openpyxl)"
awk -v t="$their_cpu" -v o="$our_cpu" -v want="$want" 'BEGIN { exit t / o < want }'

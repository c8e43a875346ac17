#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Who may include whom: each part sees only the parts below it, and each third-party header is included by its wrappers alone.
# shellcheck source=tests/checks/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

allowed() {
    case $1 in
    core) echo "core" ;;
    kernels) echo "core kernels" ;;
    schemas) echo "core schemas" ;;
    formats) echo "core formats" ;;
    registry) echo "core schemas formats registry" ;;
    ingest) echo "core schemas formats registry ingest" ;;
    pure) echo "core kernels pure" ;;
    benchmarks) echo "core schemas formats registry kernels pure benchmarks" ;;
    cli) echo "core schemas formats registry ingest kernels pure benchmarks cli" ;;
    esac
}

# header -> pattern of the files that may include it
wrapper() {
    case $1 in
    sqlite3.h) echo 'registry/@(catalog|sql)*.c' ;;
    zlib.h) echo 'formats/*.c' ;;
    archive.h | archive_entry.h) echo 'formats/archive*.c' ;;
    expat.h) echo 'formats/xlsx*.[ch]' ;;
    hdf5.h) echo 'formats/h5_lib.h' ;;
    freexl.h) echo 'formats/xls.c' ;;
    libdeflate.h) echo 'formats/@(zip_load|deflate).c' ;;
    blosc.h) echo 'formats/codec_blosc.c' ;;
    zstd.h) echo 'formats/codec_zstd.c' ;;
    tiffio.h) echo 'formats/tiff.c' ;;
    lz4.h) echo 'formats/codec_lz4.c' ;;
    yaml.h) echo 'formats/yaml*.c' ;;
    curl/*) echo 'registry/transport_http_lib.h' ;;
    pthread.h) echo 'core/*.c' ;;
    locale.h) echo 'none' ;;
    *) echo '*' ;;
    esac
}
shopt -s extglob

# benchmarks/kernels is a part of its own: it knows core alone. Metrics, models and split rules, and the headers they are
# written against, see arrays and graphs: no file, record or store, and nothing of the task that asks.
part_of() {
    case $1 in
    benchmarks/kernels/*) echo kernels ;;
    benchmarks/@(metrics|models|splits)/* | benchmarks/@(evidence|graph|metric|model|param|split).[ch]) echo pure ;;
    *) echo "${1%%/*}" ;;
    esac
}

n=0
while IFS=: read -r file line text; do
    n=$((n + 1))
    part=$(part_of "$file")
    header=${text#*[\"<]}
    header=${header%%[\">]*}
    if [[ $text == *\"* ]]; then
        if [[ $header != */* ]]; then
            complain "$file:$line: include \"${file%/*}/$header\", with its folder"
        elif [[ " $(allowed "$part") " != *" $(part_of "$header") "* ]]; then
            complain "$file:$line: $part may not include $header; it may include: $(allowed "$part")"
        fi
    else
        # shellcheck disable=SC2053 # the right side is a pattern
        [[ $file == $(wrapper "$header") ]] ||
            complain "$file:$line: <$header> belongs to $(wrapper "$header") alone"
    fi
done < <(part_files '[ch]' | xargs -r grep -HnE '^[[:space:]]*#[[:space:]]*include')
((n > 0)) || complain "no include was found: the check looks in the wrong place"
finish "$n includes against the order of the parts"

# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# task:fisbe-instances from outside: made-up images through run, predict, score and board; then the benchmark's own names, fetched one
# by one out of a remote zip.

export PLEXUS_STORE=$PWD/store
run get demo/fisbe-like demo/micro-fisbe
is 0
run run fisbe-instances bright_components channel_components --on demo/fisbe-like
is 0
says '^bright_components +S 0\.[0-9]+ +\(1 cells\)'
run run fisbe-instances bright_components --on demo/fisbe-like
says 'all there before'
run board fisbe-instances
is 0
says '^ +1  channel_components'
refuses() { ! grep -qE "$1" "$out"; }
holds "made-up images have no published rows" refuses published
name=$(sed -nE 's/.*(run:[0-9a-f]+)$/\1/p' "$out" | head -1)
run replay "$name"
is 0
says 'the same: 1 of 1'

# A model's labels as files score as the model does, and stand on the same board.
run predict fisbe-instances channel_components --on demo/fisbe-like -o theirs
is 0
run score theirs
is 0
says '^seed-1 +completely +3 '
says 'kept as run:[0-9a-f]+; plexus board'
run score task:fisbe-instances theirs --json
is 0
says '"truth_sha256": "[0-9a-f]{64}"'
cp "$out" earlier.json
run board fisbe-instances
says '^ +1  channel_components \(from files\)'
says '^ +1  channel_components '
run predict fisbe-instances channel_components --on demo/fisbe-like -o theirs
is 9
run predict fisbe-instances --on demo/fisbe-like -o mine
is 0
says 'plexus score mine'
holds "images.csv names the image" grep -q '^seed-1,completely,,demo/fisbe-like@1:strict#seed-1,seed-1.zarr.zip$' mine/images.csv
refused 8 'model.name' score mine

# An earlier result of a folder is of these files, or it is said which changed.
run score theirs --against earlier.json
is 0
run predict fisbe-instances bright_components --on demo/fisbe-like -o others
cp others/seed-1.zarr.zip theirs/
run score theirs --against earlier.json
is 1
tells 'stale: earlier.json, image seed-1 has another prediction_sha256'
run score theirs --against earlier.json --mode strict
is 1
tells 'stale: earlier.json has another mode'
run score theirs --set merges=paper-2024
is 0
run board fisbe-instances
says '^set +merges=paper-2024$'
run board fisbe-instances --metrics strict
says 'strict metrics$'

# A chunk that is gone is an error naming image and array.
record=$("$program" path "demo/fisbe-like#seed-1")
chmod -R u+w "$record" && mv "$record/instances.000.zip" away
run score theirs --mode strict --name again
is 3
tells 'the array instances of demo/fisbe-like@1:strict#seed-1'
run run fisbe-instances traced_paths --on demo/fisbe-like
is 3
mv away "$record/instances.000.zip"

# Too few, too many, none, and settings that go with folders.
mv theirs/seed-1.zarr.zip seed-1.zarr.zip
refused 3 '1 of 1 images have no prediction in theirs, such as seed-1' score theirs
cp seed-1.zarr.zip theirs/ && cp seed-1.zarr.zip theirs/seed-2.zarr.zip
refused 2 'seed-2.zarr.zip is of no image' score theirs
rm theirs/seed-2.zarr.zip
refused 2 'go with --truth' score theirs --partly-images seed-1
refused 2 'go with the truths of the store' score task:fisbe-instances theirs --truth theirs --name x
refused 3 'has no array nothing' score task:fisbe-instances theirs:nothing
refused 2 'there is no split' run fisbe-instances --split nothing
refused 2 'no official splits' run connectome-link random --split test
refused 3 'missing: 23, such as fisbe/completely#' run fisbe-instances
tells 'next: +plexus get fisbe/completely fisbe/partly'
refused 8 'does not answer' run fisbe-instances random

# The benchmark's 23 test images, each a made-up one here, out of zips on the test server.
serve=$(dirname "$program")/tests/plx_serve
[[ -x $serve ]] || serve=$(dirname "$(realpath "$program")")/../tests/plx_serve
if [[ ! -x $serve ]] || ! command -v python3 >/dev/null; then
    printf 'skipped: images out of a remote zip, for want of plx_serve or python3\n'
    return 0
fi
mkfifo to_server from_server
mkdir -p www registry/fisbe
"$serve" www <to_server >from_server &
exec {server}>to_server
read -r port <from_server
trap 'exec {server}>&-; chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
unset http_proxy https_proxy all_proxy no_proxy HTTPS_PROXY ALL_PROXY PLEXUS_MIRRORS
repo=$(dirname "$cases")/../../..
cat >zips.py <<'PYTHON'
import glob, sys, zipfile
repo, port = sys.argv[1:]
source = next(p for p in glob.glob("store/blobs/sha256/*/*") if zipfile.is_zipfile(p) and any("gt_instances" in n for n in zipfile.ZipFile(p).namelist()))
members = zipfile.ZipFile(source)
top = next(n for n in members.namelist() if n.endswith("volumes/raw/.zarray")).split("volumes/")[0]
open("www/sample_list_per_split.txt", "w").write("x\n")
open("www/dim_neurons_val_and_test_sets.json", "w").write('{"R14A02-20180905_65_A6": [1]}\n')
for kind in "completely", "partly":
    text = open(f"{repo}/registry/datasets/fisbe/{kind}.yaml").read()
    wanted = [l.split()[1] for l in text.splitlines() if l.strip().startswith("member:")]
    with zipfile.ZipFile(f"www/fisbe_v1.0_{kind}.zip", "w", zipfile.ZIP_DEFLATED) as z:
        for folder in wanted:
            for n in members.namelist():
                if "/test/" in folder and n.startswith(top) and not n.endswith("/"):
                    z.writestr(folder + n[len(top):], members.read(n))
    text = text.replace('version: "1"', 'version: "2"').replace("zenodo:10875063/", f"http://127.0.0.1:{port}/files/")
    open(f"registry/fisbe/{kind}.yaml", "w").write("\n".join(l for l in text.splitlines() if "bytes_about" not in l) + "\n")
PYTHON
export PLEXUS_REGISTRY=$PWD/registry
run status
holds "zips of test images" python3 zips.py "$repo" "$port"

# One image by byte range: the rest of the zip stays where it is, and it is said what could be verified.
run get 'fisbe/completely#R14A02-20180905_65_A6'
is 0
run show 'fisbe/completely#R14A02-20180905_65_A6'
says 'crc: verified by the checksum in its archive'
says 'records +1 of 30 are in the store'
says '^dim_instances +1 '
run verify
is 0
says '^clean'
refused 3 'missing: 22, such as fisbe/completely#JRC_SS04989-20160318_24_A2' run fisbe-instances
run run fisbe-instances bright_components --on 'fisbe/completely#R14A02-20180905_65_A6'
is 0
run board fisbe-instances
says 'no rank +bright_components \(run:[0-9a-f]+\): 6 of 7 units of the set "completely" are missing'
says '^ +-  bright_components'

# All 23: published rows stand beside them, of the set that was scored, and have no rank.
mapfile -t refs < <(sed -nE 's/^(.*)\ttest\t(.*)$/fisbe\/\1#\2/p' "$repo/benchmarks/data/fisbe_samples.tsv")
holds "23 test images are listed" test "${#refs[@]}" -eq 23
run get "${refs[@]}"
is 0
run run fisbe-instances bright_components channel_components
is 0
says '^bright_components +S 0\.[0-9]+ +\(23 cells\)'
run board fisbe-instances
is 0
says '^ +1  [a-z_]+ .* 23 '
says '^ +-  PatchPerPix \(published\) +0\.35 +0\.34 +0\.35 +0\.8 +0\.36 +19 +52 .*not run here'
says '^published +leaderboard of 2024-06-04'
holds "only rows of the combined set" test "$(grep -c 'PatchPerPix (published)' "$out")" -eq 2 # with that of completely above
run board fisbe-instances -O md
says '\| - \| Duan et al\. \(published\) \| 0\.3 \| 0\.27 '
run board fisbe-instances -O html
says 'FFN\+partly \(published\)'
run board fisbe-instances -O csv
says 'fisbe-instances,1,reference,[0-9a-f]+,,PatchPerPix,published,S,,0,0\.35,'
run board fisbe-instances --json
says '"method": "PatchPerPix"'
says '"direction": "lower"'

# Predictions of all images: whole, with one missing, and of one set.
run predict fisbe-instances channel_components -o all
is 0
run score all --json
is 0
says '"whole_test_set": true'
says '"combined": '
run board fisbe-instances -O csv
holds "files score as the model did" test "$(awk -F, '$6 == "channel_components" && $8 == "S" && $9 == "" && $14 == 23 { print $11 }' "$out" | sort | uniq -c | awk '{ print $1 }')" = 2
rm all/R14A02-20180905_65_A6.zarr.zip
refused 3 '1 of 23 images have no prediction in all, such as R14A02-20180905_65_A6' score all
run score all --subset --name partial
is 0
says 'kept as part of run:'
run board fisbe-instances
says 'no rank +partial \(run:[0-9a-f]+\): 1 of 23 units of the set "combined" are missing'
says '^ +-  partial \(from files\) .* 22 of 23 '
run verify
is 0
run repair
is 0

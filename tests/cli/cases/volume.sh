# shellcheck shell=bash disable=SC2154 # run.sh gives variables
# SPDX-License-Identifier: Apache-2.0
#
# Volumes from outside: a made-up image in a store, its files checked and shown, a model's labels of it.

run get demo/fisbe-like demo/micro-fisbe
is 0
run show demo/fisbe-like
is 0
says '^  raw +image u16 3 x 32 x 64 x 64 along czyx, voxels of 0\.44 um$'
says '^  instances +labels u8 3 x 32 x 64 x 64 along czyx, .*one instance per channel$'
says '^A demo set: '
run show demo/micro-fisbe
is 0
says '^  raw +image u16 .*, inside its source file$'
says '^  labelled +completely$'
run path 'demo/fisbe-like#seed-1'
is 0
folder=$(cat "$out")
run check "$folder/raw.000.zip"
is 0
says 'sound zarr, 1 array'
run dump "$folder/instances.000.zip"
is 0
says '^  0 +u8 +3 x 32 x 64 x 64 +chunks of 1x32x64x64, blosc$'
run diff demo/fisbe-like demo/fisbe-like
is 0
run predict model:channel_components "$folder/raw.000.zip:0" -o mine.zarr.zip --set small=50
is 0
says '^mine\.zarr\.zip: [1-9][0-9]* labels of '
run check mine.zarr.zip
is 0
run predict model:channel_components "$folder/raw.000.zip:0" -o again.zarr.zip --set small=50 --json
is 0
says '"n_labels": [1-9]'
holds "the same labels twice" cmp mine.zarr.zip again.zarr.zip
refused 9 'there already' predict model:channel_components "$folder/raw.000.zip:0" -o mine.zarr.zip
refused 8 'cannot be segmented' predict model:channel_components mine.zarr.zip:labels -o other.zarr.zip
refused 2 'does not label images' predict model:katz "$folder/raw.000.zip:0" -o other.zarr.zip
refused 2 'must be named' predict model:channel_components -o other.zarr.zip
refused 3 'nothing.zarr' predict model:channel_components nothing.zarr -o other.zarr.zip
holds "nothing is left behind" test ! -e other.zarr.zip
printf 'PK\3\4 cut' >cut.zarr.zip
refused 8 'cut\.zarr\.zip' check cut.zarr.zip
run verify
is 0

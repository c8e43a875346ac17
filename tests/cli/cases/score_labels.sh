# shellcheck shell=bash disable=SC2154 # run.sh gives variables
# SPDX-License-Identifier: Apache-2.0
#
# score: label volumes. Scores that were worked out by hand, formats, folders with images too few or too many, and bad input.

# npy SHAPE BYTES: a NumPy array of bytes, given as octal escapes.
npy() {
    # shellcheck disable=SC2059 # the bytes are escapes
    printf '\223NUMPY\001\000\166\000%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': ($1), }" && printf "$2"
}
one='\001\001\001\001' none='\000\000\000\000' two='\002\002\002\002'
npy '4, 4' "$one$none$two$two" >truth.npy
npy '4, 4' "$one$one$none$two" >pred.npy
npy '4, 4' "$none$none$none$none" >empty.npy
npy '3, 5' "$none$none$none\000\000\000" >other.npy
npy '2, 2, 4' "$one$none$two$two" >volume.npy

run score metric:instance-segmentation --pred pred.npy --truth truth.npy
is 0
says '^PQ 0.0000 = SQ 0.0000 x RQ 0.0000; avF1 0.4444'
says '^truth +1 +0 +1 +4 .*0.5000'
says '^0.40 +2 +0 +0 +1.0000 +1.0000 +1.0000 +1.0000$'
says '^0.55 +0 +2 +2 +0.0000'
run score metric:instance-segmentation --pred truth.npy --truth truth.npy --json
is 0
says '"PQ": 1.0'
says '"definition": "fisbe 1'
says '"Num GT": 2'
run score metric:instance-segmentation --pred truth.npy --truth truth.npy -O toml
is 0
says '^\[confusion_matrix.th_0_5\]$'
says '^AP_TP = 2$'
says '^\[\[instances\]\]$'
run score metric:instance-segmentation --pred pred.npy --truth truth.npy -O csv
is 0
says '^side,id,channel,label,voxels'
run score metric:instance-segmentation --pred pred.npy --truth truth.npy --set localise=cldice --set skeletons=yes
is 0
says '^S [0-9.]+ = \(avF1'
run score metric:instance-segmentation --pred volume.npy --truth volume.npy
is 0
run score metric:fisbe --pred volume.npy --truth volume.npy --set small=0 --partly --dim 2 --mode strict
is 0
says '^dim objects: 1 of 1 matched'

run score metric:fisbe --pred volume.npy --truth volume.npy --set small=0 --set merges=paper-2024
is 1
says 'no score: the reference raises IndexError: index 1 is out of bounds for axis 0 with size 1'
run score metric:fisbe --pred volume.npy --truth volume.npy --set small=0 --set merges=paper-2024 --mode strict
is 0
says '^false splits 0, false merges 0, as counted for the paper of 2024$'
says '^by fisbe 1 .*paper-2024, 73a8124\), strict mode$'

# Dim objects listed in a file, under the name of the image.
printf '{"test": {"volume.zarr": [2], "other": [1]}}' >dim.json
run score metric:fisbe --pred volume.npy --truth volume.npy --set small=0 --mode strict --dim-file dim.json
is 0
says '^dim objects: 1 of 1 matched'
printf '{"volume": ["x"]}' >bad.json
refused 8 'something that is no label' score metric:fisbe --pred volume.npy --truth volume.npy --dim-file bad.json
refused 8 '' score metric:fisbe --pred volume.npy --truth volume.npy --dim-file volume.npy
refused 3 '' score metric:fisbe --pred volume.npy --truth volume.npy --dim-file nothing.json

# An earlier result is stale once a file or a setting is another.
run score metric:instance-segmentation --pred pred.npy --truth truth.npy --json -o earlier.json
is 0
run score metric:instance-segmentation --pred pred.npy --truth truth.npy --against earlier.json
is 0
tells_nothing
run score metric:instance-segmentation --pred truth.npy --truth truth.npy --against earlier.json --mode strict
is 1
tells '^stale: earlier.json has another mode$'
tells '^stale: earlier.json has another prediction_sha256$'
printf '{}' >bare.json
run score metric:instance-segmentation --pred truth.npy --truth truth.npy --against bare.json
is 1
tells 'has no definition'
refused 8 '' score metric:instance-segmentation --pred truth.npy --truth truth.npy --against truth.npy

# The reference raises; strict has a score.
run score metric:instance-segmentation --pred pred.npy --truth empty.npy
is 1
says 'ZeroDivisionError'
tells 'empty-truth'
run score metric:instance-segmentation --pred pred.npy --truth empty.npy --json
is 1
says '"reference_error": "ZeroDivisionError"'
run score metric:instance-segmentation --pred pred.npy --truth empty.npy --mode strict
is 0
run score metric:fisbe --pred volume.npy --truth volume.npy
tells 'size-filter: 2 of 2 predicted instances have 800 voxels or fewer'

refused 8 'cropping cannot bring' score metric:instance-segmentation --pred pred.npy --truth other.npy
refused 8 'not a 3-dimensional image' score metric:fisbe --pred pred.npy --truth truth.npy
refused 2 'nothing' score metric:fisbe --pred volume.npy --truth volume.npy --set nothing=1
refused 2 'must name the true label volume' score metric:fisbe --pred volume.npy
refused 2 'several folders' score p p
refused 2 'text or json' score p -O csv
refused 3 'no metric' score metric:fisb --pred volume.npy --truth volume.npy

mkdir t p q
for i in a2 a10 b; do cp volume.npy "t/$i.npy" && cp volume.npy "p/$i.labels.npy"; done
run score task:fisbe-instances p --truth t --mode strict
is 0
says '^a2 +completely'
says '^PatchPerPix \(published\)'
tells 'not the 23 test images'
holds "a2 stands before a10" test "$(grep -nE '^a2 ' "$out" | cut -d: -f1)" -lt "$(grep -nE '^a10 ' "$out" | cut -d: -f1)"
run score task:fisbe-instances p --truth t --mode strict --partly-images b --json
is 0
says '"combined": '
says '"whole_test_set": false'
run score task:fisbe-instances p --truth t --mode strict -O csv
is 0
says '^sample;general Num GT;general Num Pred'
says '^avg_inst;6;0;'
run score task:fisbe-instances p p p --truth t --mode strict
is 0
says '^all +general.Num GT +6.0000 +0.0000$'
says '^all +gt_covs +0.0000 +0.0000$'
says '^by fisbe 1 .*, strict mode$'
run score task:fisbe-instances p p p --truth t --mode strict --partly-images b -O csv
is 0
says '^Mode,Metric,Mean,StdDev$'
says '^MODE 1: COMPLETE,general.Num GT,4.0,0.0$'
says '^MODE 3: COMBINED,general.Num GT,6.0,0.0$'
run score task:fisbe-instances p p p --truth t --mode strict --set merges=paper-2024 --json
is 0
says '"definition": "fisbe 1 .*; FM and FS paper-2024, 73a8124'
says '"general.avg_f1_cov_score": '
mkdir fewer && cp p/a2.labels.npy fewer
refused 2 'not of the same images' score task:fisbe-instances p p fewer --truth t --mode strict --subset
run score task:fisbe-instances p --truth t --mode strict --set small=0
is 0
says '^a2 +completely +2 +2 +1.0000'
run score task:fisbe-instances p --truth t
is 0

rm p/b.labels.npy
refused 3 '1 of 3 images have no prediction in p, such as b' score task:fisbe-instances p --truth t
run score task:fisbe-instances p --truth t --subset --mode strict
is 0
tells '^missing: b has no prediction'
cp volume.npy p/b.npy && cp volume.npy p/c.npy
refused 2 'p/c.npy is of no image in t' score task:fisbe-instances p --truth t
rm p/c.npy && cp volume.npy p/b.zarr.npy
refused 2 'two files of prediction' score task:fisbe-instances p --truth t
rm p/b.zarr.npy
refused 2 'neither one nor three' score task:fisbe-instances p p --truth t
refused 3 'no store' score task:fisbe-instances p
refused 3 'no folder nothing' score task:fisbe-instances nothing --truth t
refused 3 'no volume in q' score task:fisbe-instances p --truth q
refused 2 'is no image here' score task:fisbe-instances p --truth t --partly-images z
npy '2, 9, 3' "$none$none$none$none$none$none$none$none$none$none$none$none$none\000\000" >p/b.npy
refused 8 'image b' score task:fisbe-instances p --truth t

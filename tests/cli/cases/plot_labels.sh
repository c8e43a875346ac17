# shellcheck shell=bash disable=SC2154 # run.sh gives variables
# SPDX-License-Identifier: Apache-2.0
#
# plot: pairs of label volumes. Which kinds of voxels are drawn, the image beside them, formats, and bad input.

npy() {
    # shellcheck disable=SC2059 # the bytes are escapes
    printf '\223NUMPY\001\000\166\000%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': ($1), }" && printf "$2"
}
# Truth: two bars and one that is missed; prediction: the first bar, half of the second as a piece, something outside.
npy '5, 8' '\001\001\001\001\001\001\001\001\000\000\000\000\000\000\000\000\002\002\002\002\002\002\002\002\000\000\000\000\000\000\000\000\003\003\003\003\003\003\003\003' >truth.npy
npy '5, 8' '\001\001\001\001\001\001\001\001\000\000\000\000\000\000\000\000\002\002\002\000\000\000\000\000\000\000\004\000\000\000\000\000\000\000\000\000\000\000\000\000' >pred.npy
npy '5, 8' '\001\001\001\001\001\001\001\001\000\000\000\000\000\000\000\000\001\001\001\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000' >merged.npy
npy '5, 9' '\001\001\001\001\001\001\001\001\000\000\000\000\000\000\000\000\001\001\001\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000' >wide.npy
npy '2, 2, 4' '\001\001\001\001\000\000\000\000\002\002\002\002\002\002\002\002' >volume.npy

# The colours stand in the legend once, and in the map where there are such voxels.
drawn() { # COLOUR TIMES
    checks=$((checks + 1))
    local n
    n=$(grep -oi "$1" pair.svg | wc -l)
    ((n == $2)) || complain "$1 was to be drawn $2 times, and was $n times"
}
run plot metric:instance-segmentation --pred pred.npy --truth truth.npy -o pair.svg
is 0
tells_nothing
drawn 02991d 2 # found
drawn fff626 3 # missed
drawn bdeffd 2 # false split
drawn cd00d2 1 # false merge: none
drawn 5b5b5b 2 # outside
checks=$((checks + 1))
grep -q 'matched 1 of 3' pair.svg || complain "the scores are not in the picture"
checks=$((checks + 3))
grep -q '>2 voxels<' pair.svg || complain "there is no scale"
grep -q 'missed: no prediction (54.2 % of true voxels)' pair.svg || complain "what was missed is not counted"
grep -q 'metric:instance-segmentation by fisbe 1' pair.svg || complain "the picture does not say what it was scored by"
run plot metric:instance-segmentation --pred pred.npy --truth truth.npy --voxel-um 0.5 -o pair.svg
is 0
checks=$((checks + 1))
grep -q '>1 um<' pair.svg || complain "the scale is not in um"
run plot metric:instance-segmentation --pred merged.npy --truth truth.npy -o pair.svg
is 0
drawn cd00d2 2
run plot metric:instance-segmentation --pred pred.npy --truth truth.npy --raw truth.npy -o pair.png
is 0
checks=$((checks + 1))
[[ $(head -c 4 pair.png | tail -c 3) == PNG ]] || complain "pair.png is no PNG"
run plot metric:fisbe --pred volume.npy --truth volume.npy --set small=0 -o pair.svg
is 0
checks=$((checks + 1))
grep -q 'S 1.0000' pair.svg || complain "the scores are not in the picture"
run plot metric:instance-segmentation --pred volume.npy --truth volume.npy -o again.svg
cp again.svg first.svg
run plot metric:instance-segmentation --pred volume.npy --truth volume.npy -o again.svg
holds "the same picture twice" cmp -s first.svg again.svg

refused 2 'must name the label volumes' plot metric:fisbe --pred volume.npy -o a.png
refused 8 'no picture of metric:roc_auc' plot metric:roc_auc --pred volume.npy --truth volume.npy -o a.png
refused 3 'there is no metric|no such metric|nothing' plot metric:nothing --pred volume.npy --truth volume.npy -o a.png
refused 8 'the image is 1 x 5 x 9' plot metric:instance-segmentation --pred pred.npy --truth truth.npy --raw wide.npy -o a.png
refused 2 'neither in .svg nor in .png' plot metric:fisbe --pred volume.npy --truth volume.npy -o a.gif
refused 2 'no width of a voxel' plot metric:fisbe --pred volume.npy --truth volume.npy --voxel-um -1 -o a.png
refused 3 'nothing.npy' plot metric:fisbe --pred nothing.npy --truth volume.npy -o a.png

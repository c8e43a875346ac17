# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# Data sets that are known but that nothing reads yet: listed, shown, refused by get, and their files kept if that is asked for.
export PLEXUS_STORE=$PWD/store PLEXUS_REGISTRY=$PWD/known
mkdir -p known/lab files
printf 'one\n' >files/a.bin
printf 'two\n' >files/b.bin
digest=$(sha256sum files/a.bin | cut -d ' ' -f 1)
cat >known/lab/unread.yaml <<END
schema: manifest/1
name: lab/unread
version: "1"
title: Brains in a box
description: Two files.
kind: volume
licence: CC-BY-4.0
citations:
  - "@misc{brains, title = {Brains}}"
ingester: none
layout: |
  Both files hold one word.
files:
  - name: a.bin
    urls: [https://host.example/a.bin]
    bytes: 4
    sha256: $digest
  - name: b.bin
    bytes_about: 5
expect:
  strict: {brains: 2}
no_address: |
  The box lies in a cellar:
  ask for it, then plexus get --from DIR.
END

run ls lab
is 0
says '^lab/unread +volume +~9 B +no reader +Brains in a box$'
run ls lab --ingestible
is 0
holds "it is not among the readable" bash -c "! grep -q unread '$out'"
run ls lab --json
says '"ingestible": false'
says '"ingester": null'
says '"bytes": 9'
says '"bytes_are": "about"'
run search brains box
is 0
says '^lab/unread +data set '
run cite lab/unread
is 0
says '^@misc\{brains'

run show lab/unread
is 0
says 'none yet: the files can be fetched and kept, not ingested'
says '^What is in the files$'
says '^  Both files hold one word\.$'
says '^  b.bin  ~5 B$'
says '^    url     none known$'
says '^Why no address is given, and what to do$'
says '^  The box lies in a cellar: ask for it, then plexus get --from DIR\.$'
says '^Published counts$'
says 'Next: plexus get --files-only lab/unread@1:strict$'
run show lab/unread --json
says '"bytes_about": 5'
says '"layout": "Both files'

run get lab/unread -n
is 0
says '^lab/unread +licence CC-BY-4.0$'
says '^ +4 B  a.bin  from https://host.example/a.bin$'
says '^ +~5 B  b.bin  from nowhere known$'
says '^    The box lies in a cellar: ask for it'
refused 5 'file a.bin of lab/unread cannot be had' get lab/unread --files-only --offline
cp known/lab/unread.yaml kept.yaml && sed -i '/a.bin/,+3d' known/lab/unread.yaml # b.bin alone is left, without an address
refused 5 'file b.bin of lab/unread cannot be had' get lab/unread --files-only
tells 'why: .*the store does not hold it; The box lies in a cellar: ask for it, then plexus get --from DIR\.$'
sed -i 's/^files:/files: []/; /b.bin/,+1d' known/lab/unread.yaml
refused 8 'the manifest of lab/unread names no files' get lab/unread --files-only
tells 'why: .*The box lies in a cellar'
run get lab/unread -n
is 0
says 'The box lies in a cellar'
run show lab/unread
says 'none listed: the host has the list'
mv kept.yaml known/lab/unread.yaml
refused 8 'nothing reads lab/unread yet' get lab/unread --from files
tells 'plexus get --files-only lab/unread$'
run get lab/
is 0
says '^lab/unread@1:strict +skipped +nothing reads it yet'
refused 2 'files have no mode' get lab/unread:compat --files-only
refused 2 'it has a reader|can be read' get demo/micro-atlas --files-only
run get demo/ --files-only --from files
is 0
says '^demo/micro-atlas@1:strict +skipped +it can be read'

run get lab/unread --files-only --from files
is 0
says '^lab/unread@1:strict +fetched +2 files kept, none read; 2 files fetched \(8 B\)$'
run get lab/unread --files-only
is 0
says '^lab/unread@1:strict +present +2 files kept, none read$'
run ls lab
says '^lab/unread +volume +~9 B +files +Brains'
run ls lab --json
says '"files_only": true'
says '"present": \[\]'
run show lab/unread
is 0
says '^    sha256  [0-9a-f]{64}  verified: it is the one the manifest pins$'
says '^    sha256  [0-9a-f]{64}  first-use: pinned when it first came in$'
run path lab/unread --sources
is 0
says '/blobs/sha256/'
refused 3 'only its files are in the store' path lab/unread
refused 3 'only its files are in the store' export lab/unread -o exported
run sql "SELECT count(*) FROM file WHERE ref LIKE 'lab/unread%'" -O csv
says '^2$'
run gc --grace 0
is 0
run verify
is 0
says '^clean: 3 blobs, 0 records, 1 ref'

# What first came in is what the name stands for from then on.
printf 'six\n' >files/b.bin
run rm lab/unread
run get lab/unread --files-only --from files
is 0
printf 'ten\n' >files/b.bin
rm store/blobs/sha256/*/* 2>/dev/null
run get lab/unread --files-only --from files
is 4
tells 'b.bin is not the published|first fetch'

run check known/lab/unread.yaml
is 0
says 'sound manifest, lab/unread@1, 2 files, no reader$'
run check known/lab/unread.yaml --from files
is 0
says 'no reader; all found$'
sed 's/^ingester: none/ingester: nobody/; s/^kind: volume/kind: connectome/' known/lab/unread.yaml >bad.yaml
refused 8 'asks for the ingester "nobody"' check bad.yaml

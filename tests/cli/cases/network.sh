# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# get over the network, as seen from outside: the test server on 127.0.0.1, and openssl's for certificates.

serve=$(dirname "$program")/tests/plx_serve
[[ -x $serve ]] || serve=$(dirname "$(realpath "$program")")/../tests/plx_serve
[[ -x $serve ]] || skip "no plx_serve beside the program"
mkfifo to_server from_server
mkdir www
"$serve" www <to_server >from_server &
exec {server}>to_server
read -r port <from_server
trap 'exec {server}>&-; kill $tls 2>/dev/null; chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
tls=''

# manifest NAME FILE...: a data set net/NAME; each file is "name|url|more keys".
manifest() {
    local set=$1 name url more file
    shift
    mkdir -p registry/net
    {
        printf 'schema: manifest/1\nname: net/%s\nversion: "1"\ntitle: "%s"\ndescription: x\nkind: connectome\n' "$set" "$set"
        printf 'licence: CC-BY-4.0\ningester: none\nlayout: x\nfiles:\n'
        for file in "$@"; do
            IFS='|' read -r name url more <<<"$file"
            printf '  - {name: %s, urls: ["%s"]%s}\n' "$name" "$url" "${more:+, $more}"
        done
    } >"registry/net/$set.yaml"
}
at=http://127.0.0.1:$port
zeros=$(printf '0%.0s' {1..64})
export PLEXUS_REGISTRY=$PWD/registry PLEXUS_STORE=$PWD/store
unset http_proxy https_proxy all_proxy no_proxy HTTPS_PROXY ALL_PROXY SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE PLEXUS_MIRRORS
get() {
    run get --files-only "$@" --tries 2 --stall 1s
}

# What would be fetched, from where, how big, under which licence; nobody is asked.
manifest sound "a.bin|$at/ok/3000000/a.bin|bytes: 3000000" "b.bin|$at/chunked/5000/b.bin"
run get -n --files-only net/sound
is 0
says '^net/sound  licence CC-BY-4\.0$'
says "3\\.0 MB  a\\.bin  from $at/ok/3000000/a\\.bin\$"
says "unknown  b\\.bin  from $at/chunked/5000/b\\.bin\$"
holds "no store is made" test ! -e store
get net/sound --offline
is 5
tells 'not asked \(offline\)'
get net/sound
is 0
says 'files? fetched'
run show net/sound
says 'first-use'
run verify
is 0
get net/sound --offline
is 0

# A proxy that is not there does not stand between this machine and itself.
https_proxy=http://127.0.0.1:1 http_proxy=http://127.0.0.1:1 get net/sound --force
is 0

# What goes wrong has its own exit code and says what to do.
fails() { # NAME BEHAVIOUR CODE PATTERN [KEYS]
    manifest "$1" "x.bin|$at/$2/9000/x.bin|${5:-}"
    get "net/$1"
    is "$3"
    tells "$4"
    tells '^  kept: '
    tells "^  next:  plexus get .*net/$1"
}
fails missing not-found 5 'status 404'
fails page html 5 'web page'
fails other other 4 'SHA-256 differs' "sha256: $zeros"
fails longer longer 4 'wrong size' 'bytes: 9000'
fails loop loop 5 'redirects without end'
fails file to-file 9 'another scheme'
fails private to-private 9 'private network'
fails headers headers-endless 7 'headers do not end'
fails packed gzip-bomb 8 'packs what it sends'
fails slow drip 5 'too slowly'
manifest far "x.bin|http://192.0.2.1/x.bin"
get net/far
is 9
tells 'http without TLS is only asked on this machine'
tells 'allow-http'
manifest nobody "x.bin|http://127.0.0.1:1/x.bin"
get net/nobody
is 5
manifest brief "x.bin|$at/silent/9000/x.bin"
run get --files-only net/brief --max-time 1s
is 7
tells 'time for this file was up'
run verify
is 0
run get --files-only net/sound --tries 0
is 2
run get --files-only net/sound --mirror nonsense
is 2
tells 'is no address'

# Another store as a mirror, by flag and by variable; a folder of this machine too.
sha=$(sed -n 's/.*"sha256": "\([0-9a-f]*\)".*/\1/p' store/refs/net/sound/1.strict.json | head -n 1)
mv store www/mirror
manifest mirrored "a.bin|$at/not-found/3000000/a.bin|bytes: 3000000, sha256: $sha"
get net/mirrored
is 5
get net/mirrored --mirror "$at/files/mirror"
is 0
rm -rf store
PLEXUS_MIRRORS="$at/files/nothing $at/files/mirror" get net/mirrored
is 0
rm -rf store
get net/mirrored --mirror "file://$PWD/www/mirror" --offline
is 0
run verify
is 0

# One member of a remote zip, and a folder of it.
if command -v python3 >/dev/null; then
    python3 - <<'PYTHON'
import os, zipfile
with zipfile.ZipFile("www/set.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("set/big.bin", os.urandom(2_000_000))
    z.writestr("set/table.csv", "a,b\n1,2\n")
    z.writestr("set/f/1", "one")
    z.writestr("set/f/0", "nought")
PYTHON
    cat >registry/net/member.yaml <<YAML
schema: manifest/1
name: net/member
version: "1"
title: "member"
description: x
kind: connectome
licence: CC-BY-4.0
ingester: none
layout: x
archives:
  - {name: set.zip, urls: ["$at/files/set.zip"]}
files:
  - {name: table.csv, archive: set.zip, member: set/table.csv}
  - {name: f.zip, archive: set.zip, member: set/f/}
YAML
    get net/member
    is 0
    run show net/member
    says '  crc: verified by the checksum'
says "^    url     $at/files/set\\.zip\$"
    holds "the folder is one zip" python3 - <<'PYTHON'
import glob, zipfile
zips = [p for p in glob.glob("store/blobs/sha256/*/*") if zipfile.is_zipfile(p)]
assert len(zips) == 1, zips
with zipfile.ZipFile(zips[0]) as z:
    assert z.namelist() == ["0", "1"] and z.read("1") == b"one" and z.testzip() is None
PYTHON
fi

# Certificates.
if ! command -v openssl >/dev/null; then
    printf 'skipped: certificates, for want of openssl\n'
    return 0
fi
mkdir tls
{
    openssl req -x509 -newkey rsa:2048 -nodes -keyout tls/ca.key -out tls/ca.pem -subj "/CN=A test's authority" -days 2
    openssl req -newkey rsa:2048 -nodes -keyout tls/key -out tls/csr -subj "/CN=server"
    printf 'subjectAltName=IP:127.0.0.1\n' >tls/here
    printf 'subjectAltName=DNS:elsewhere.example\n' >tls/there
    openssl x509 -req -in tls/csr -CA tls/ca.pem -CAkey tls/ca.key -CAcreateserial -out tls/good.pem -days 2 -extfile tls/here
    openssl x509 -req -in tls/csr -CA tls/ca.pem -CAkey tls/ca.key -CAcreateserial -out tls/wrong.pem -days 2 -extfile tls/there
    openssl x509 -req -in tls/csr -CA tls/ca.pem -CAkey tls/ca.key -CAcreateserial -out tls/expired.pem -days -1 -extfile tls/here
    openssl x509 -req -in tls/csr -signkey tls/key -out tls/own.pem -days 2 -extfile tls/here
} >"$scratch/talk/openssl" 2>&1
printf 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndata' >tls/x.bin
for certificate in good wrong expired own; do
    (cd tls && exec openssl s_server -accept 127.0.0.1:0 -cert $certificate.pem -key key -HTTP) >"tls/said.$certificate" 2>&1 </dev/null &
    tls=$!
    tls_port=''
    for ((i = 0; i < 100 && ${#tls_port} == 0; i++)); do
        tls_port=$(sed -n 's/^ACCEPT.*:\([0-9]*\)$/\1/p' "tls/said.$certificate" 2>/dev/null | head -n 1)
        [[ -n $tls_port ]] || sleep 0.05
    done
    manifest "tls-$certificate" "x.bin|https://127.0.0.1:$tls_port/x.bin"
    get "net/tls-$certificate"
    is 9
    tells 'the certificate of 127\.0\.0\.1 does not prove'
    SSL_CERT_FILE=$PWD/tls/ca.pem get "net/tls-$certificate"
    case $certificate in
    good) is 0 ;;
    *) is 9 ;;
    esac
    kill "$tls"
    wait "$tls" 2>/dev/null
    tls=''
done
manifest no-tls "x.bin|https://127.0.0.1:$port/ok/9000/x.bin"
get net/no-tls
is 5
run verify
is 0

# shellcheck shell=bash disable=SC2154,SC2034 # run.sh gives and takes variables
# SPDX-License-Identifier: Apache-2.0
#
# Asked to stop while waiting for a busy store: an orderly end with 128 + the signal. Busy for too long: 6.
command -v flock >/dev/null || skip "no flock"

export PLEXUS_STORE=$PWD/store
run init
is 0
exec {lock}>>store/lock
flock -x "$lock"
refused 6 'another process holds' gc --wait 0
refused 6 'another process holds' gc --wait 100ms

for signal in INT TERM; do
    ran="plexus gc --wait forever, then SIG$signal"
    # A shell has its background jobs ignore SIGINT; the program respects that, so it is put back.
    env --default-signal=INT "$program" gc --wait forever >"$out" 2>"$err" {lock}>&- &
    pid=$!
    sleep 0.4
    kill -"$signal" "$pid"
    wait "$pid"
    code=$?
    if [[ $signal == INT ]]; then is 130; else is 143; fi
    tells '^plexus: interrupted'
    says_nothing
done
ran="plexus gc, with SIGINT ignored"
(
    trap '' INT
    exec "$program" gc --wait 600ms
) >"$out" 2>"$err" {lock}>&- &
pid=$!
sleep 0.2
kill -INT "$pid"
wait "$pid"
code=$?
is 6
flock -u "$lock"
run gc
is 0

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Downloads from 127.0.0.1: one file of 1 GB, hashed while it is written, into a store in memory (/dev/shm) and into
# one on disk (no slower than dd with a final fsync of the same bytes), in turns with curl, which checks nothing, and dd; the best of
# three of each counts, and the server works on the same processors. Then 10,000 files of 4 kB, against pooch and huggingface_hub in
# their own ways: pooch one by one against its registry of digests, huggingface_hub with 8 threads; there CPU time of the client
# and wall time count, each at most half of theirs. What came in is compared with what was served before any time is printed.
# The first claim needs two idle processors. Skipped (77) without a python3 that has pooch and huggingface_hub, or 5 GB of /dev/shm.
# usage: tests/perf/download.sh [BUILD_DIR [FOLDER]]
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${1:-$here/build/release}
# shellcheck source=tests/support/python.sh
. "$here/tests/support/python.sh"
python=$(python_with pooch,huggingface_hub)
[[ -n $python ]] || {
    echo "skipped: no python3 with pooch and huggingface_hub to compare with" >&2
    exit 77
}
cmake --build "$build" --target plexus plx_serve >/dev/null
plexus=$(find "$build" -name plexus -type f -perm -u+x | head -n 1)
(($(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1 || echo 0) > 5000000)) || {
    echo "skipped: /dev/shm has no room for 5 GB" >&2
    exit 77
}
work=$(mktemp -d "${2:-${TMPDIR:-/tmp}}/plexus-download.XXXXXX")
memory=$(mktemp -d /dev/shm/plexus-download.XXXXXX)
trap '[[ -z ${server:-} ]] || exec {server}>&-; chmod -R u+w "$work" "$memory"; rm -rf "$work" "$memory"' EXIT
mkdir "$memory/www" && ln -s "$memory/www" "$work/www"
mkfifo "$work/in" "$work/out"
"$build/tests/plx_serve" "$work/www" <"$work/in" >"$work/out" &
exec {server}>"$work/in"
read -r port <"$work/out"
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY PLEXUS_STORE PLEXUS_MIRRORS
"$python" - "$plexus" "$work" "$port" "$memory" <<'PYTHON'
import concurrent.futures, hashlib, os, pathlib, random, resource, subprocess, sys, time
plexus, work, port, memory = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
at = f"http://127.0.0.1:{port}"
N, BIG = 10_000, 1_000_000_000
os.environ.update(HF_ENDPOINT=at, HF_HOME=str(work / "hf"), HF_HUB_DISABLE_PROGRESS_BARS="1", HF_HUB_DISABLE_XET="1",
                  HF_HUB_DISABLE_TELEMETRY="1", PLEXUS_REGISTRY=str(work / "registry"))
random.seed(1)
(work / "registry/p").mkdir(parents=True)

def manifest(name, files):
    text = f'schema: manifest/1\nname: p/{name}\nversion: "1"\ntitle: x\ndescription: x\nkind: connectome\nlicence: MIT\n' \
           "ingester: none\nlayout: x\nfiles:\n"
    for file, size, digest in files:
        text += f'  - {{name: {file}, urls: ["{at}/files/{file}"], bytes: {size}, sha256: {digest}}}\n'
    (work / f"registry/p/{name}.yaml").write_text(text)

def cpu_of(who):
    r = resource.getrusage(who)
    return r.ru_utime + r.ru_stime

def child(*argv, **more):
    wall, cpu = time.time(), cpu_of(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, **more)
    return time.time() - wall, cpu_of(resource.RUSAGE_CHILDREN) - cpu

def here(call):
    wall, cpu = time.time(), cpu_of(resource.RUSAGE_SELF)
    call()
    return time.time() - wall, cpu_of(resource.RUSAGE_SELF) - cpu

def say(what, took, note=""):
    print(f"{what:<58} {took[0]:8.2f} s wall {took[1]:8.2f} s CPU  {note}", flush=True)

with open(work / "www/big", "wb") as f:
    digest = hashlib.sha256()
    for _ in range(BIG // 1_000_000):
        block = random.randbytes(1_000_000)
        digest.update(block)
        f.write(block)
manifest("big", [("big", BIG, digest.hexdigest())])
def best_of_three(folder):
    """Plexus, dd and curl in turns, so that each has the same luck with the machine."""
    best = {}
    for _ in range(3):
        subprocess.run(["chmod", "-R", "u+w", folder / "big-store"], stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", folder / "big-store", folder / "by_dd", folder / "by_curl"], check=True)
        for name, argv in (
            ("plexus", [plexus, "get", "--files-only", "p/big", "--store", folder / "big-store", "--no-progress", "-q"]),
            ("dd", ["dd", f"if={work}/www/big", f"of={folder}/by_dd", "bs=1M", "conv=fsync", "status=none"]),
            ("curl", ["curl", "-s", "-o", folder / "by_curl", f"{at}/files/big"]),
        ):
            best[name] = min(best.get(name, (1e9, 0)), child(*argv))
            if name == "plexus":
                blob = folder / "big-store/blobs/sha256" / digest.hexdigest()[:2] / digest.hexdigest()[2:]
                assert blob.stat().st_size == BIG and subprocess.run(["cmp", blob, work / "www/big"]).returncode == 0
            for made in (folder / "by_dd", folder / "by_curl"):
                made.unlink(missing_ok=True)
    subprocess.run(["rm", "-rf", folder / "big-store"], check=True)
    return best

def rate(took):
    return f"{BIG / took[0] / 1e9:.2f} GB/s wall, {BIG / took[1] / 1e9:.2f} GB per CPU s"

wrong = []
for where, folder in (("memory", memory), ("disk", work)):
    best = best_of_three(folder)
    say(f"plexus: 1 GB to {where}, hashed, synced, published", best["plexus"], rate(best["plexus"]))
    say(f"dd to {where}, synced: what {where} gives", best["dd"], rate(best["dd"]))
    say(f"curl -o to {where}: nothing checked or synced", best["curl"], rate(best["curl"]))
    if where == "disk" and best["plexus"][0] > max(best["dd"][0], BIG / 1e9):
        wrong.append("1 GB to disk took more than 1 s and longer than dd")
say("sha256sum of it", child("sha256sum", work / "www/big"))
os.remove(work / "www/big")

store = str(work / "store")
rows = []
for i in range(N):
    data = random.randbytes(4000 + i % 500)
    (work / f"www/f{i:05d}.bin").write_bytes(data)
    rows.append((f"f{i:05d}.bin", len(data), hashlib.sha256(data).hexdigest()))
manifest("small0", rows[: N // 2])
manifest("small1", rows[N // 2:])
ours = child(plexus, "get", "--files-only", "p/small0", "p/small1", "--store", store, "--no-progress")
for name, size, digest in rows:
    data = (work / "store/blobs/sha256" / digest[:2] / digest[2:]).read_bytes()
    assert len(data) == size and hashlib.sha256(data).hexdigest() == digest, name
say(f"plexus: {N} files, hashed, each synced, published", ours)

import pooch
pooch.get_logger().setLevel("ERROR")
def by_pooch():
    p = pooch.create(path=work / "pooch", base_url=f"{at}/files/", registry={n: "sha256:" + d for n, _, d in rows})
    for name, _, _ in rows:
        p.fetch(name)
theirs = here(by_pooch)
assert all(hashlib.sha256((work / "pooch" / n).read_bytes()).hexdigest() == d for n, _, d in rows)
say(f"pooch {pooch.__version__}: {N} files, hashed", theirs, f"{theirs[1] / ours[1]:.1f} times our CPU, {theirs[0] / ours[0]:.1f} times our wall")

import huggingface_hub
from huggingface_hub import hf_hub_download
def by_hub():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda row: hf_hub_download("o/n", row[0], endpoint=at), rows))
hub = here(by_hub)
got = {p.name: p for p in (work / "hf/hub").rglob("snapshots/*/*")}
assert all(hashlib.sha256(got[n].read_bytes()).hexdigest() == d for n, _, d in rows)
say(f"huggingface_hub {huggingface_hub.__version__}: {N} files, sizes checked", hub, f"{hub[1] / ours[1]:.1f} times our CPU, {hub[0] / ours[0]:.1f} times our wall")
for name, took in (("pooch", theirs), ("huggingface_hub", hub)):
    if took[1] < 2 * ours[1] or took[0] < 2 * ours[0]:
        wrong.append(f"10,000 files are not fetched twice as fast as by {name}")
sys.exit("\n".join(wrong) or 0)
PYTHON

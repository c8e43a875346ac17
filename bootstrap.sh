#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# From a bare Debian 12 to a built, tested or installed plexus. What is missing is installed with apt-get; on other systems
# nothing is installed: the packages are named, and the build goes on only when everything it needs is already there.
set -euo pipefail

readonly PACKAGES=(gcc libc6-dev cmake ninja-build pkg-config libsqlite3-dev libarchive-dev zlib1g-dev libyaml-dev
    libexpat1-dev libdeflate-dev libfreexl-dev libhdf5-dev libblosc-dev libzstd-dev liblz4-dev libtiff-dev check
    libcurl4-openssl-dev)
readonly CMAKE_NEEDED=3.25
readonly TEST_SECONDS=480

usage() {
    cat <<'TEXT'
usage: ./bootstrap.sh demo                    build plexus and run its offline demonstration
       ./bootstrap.sh test                    build plexus and run its tests (at most 8 minutes)
       ./bootstrap.sh install [--prefix DIR]  build plexus and install it (default: /usr/local for root, else ~/.local)
       ./bootstrap.sh build                   build only: the program is build/release/plexus
TEXT
}

say() {
    printf '%s\n' "bootstrap: $*" >&2
}

die() {
    say "$@"
    exit 1
}

misused() {
    say "$@"
    usage >&2
    exit 2
}

# True when the package's content is usable, wherever it came from.
is_there() {
    if command -v dpkg >/dev/null && dpkg -s "$1" 2>/dev/null | grep -q '^Status: install ok installed'; then
        return 0
    fi
    case $1 in
    gcc) command -v cc >/dev/null ;;
    libc6-dev) command -v cc >/dev/null && echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1 ;;
    ninja-build) command -v ninja >/dev/null ;;
    cmake | pkg-config) command -v "$1" >/dev/null ;;
    libsqlite3-dev) has_library sqlite3 ;;
    libarchive-dev) has_library libarchive ;;
    zlib1g-dev) has_library zlib ;;
    libexpat1-dev) has_library expat ;;
    libdeflate-dev) has_library libdeflate ;;
    libfreexl-dev) has_library freexl ;;
    libblosc-dev) has_library blosc ;;
    libzstd-dev) has_library libzstd ;;
    liblz4-dev) has_library liblz4 ;;
    libtiff-dev) has_library libtiff-4 ;;
    libhdf5-dev) has_library hdf5 || has_library hdf5-serial ;;
    libcurl4-openssl-dev) has_library libcurl ;;
    libyaml-dev) has_library yaml-0.1 ;;
    check) has_library check ;;
    *) return 1 ;;
    esac
}

has_library() {
    command -v pkg-config >/dev/null && pkg-config --exists "$1"
}

is_debian_like() {
    [[ -r /etc/os-release ]] && command -v apt-get >/dev/null || return 1
    grep -qE '^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b' /etc/os-release
}

apt_install() {
    local as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        command -v sudo >/dev/null ||
            die "missing packages, and neither root nor sudo to install them. Run as root: apt-get install $*"
        as_root=(sudo)
    fi
    say "installing: $*"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq ||
        say "apt-get update failed; trying with the package lists that are there"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
        die "apt-get could not install: $*. Is there a network? Install them by hand, then run this again."
}

prepare() {
    local package missing=()
    for package in "${PACKAGES[@]}"; do
        is_there "$package" || missing+=("$package")
    done
    if ((${#missing[@]})); then
        if is_debian_like; then
            apt_install "${missing[@]}"
        else
            say "this is not Debian or Ubuntu, so nothing is installed for you. Still missing, by their Debian names:"
            printf '    %s\n' "${missing[@]}" >&2
            die "install what they hold (a C compiler, CMake $CMAKE_NEEDED, Ninja, and the libraries with headers), then run this again"
        fi
    fi
    local version
    version=$(cmake --version | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p')
    [[ $(printf '%s\n' "$CMAKE_NEEDED" "$version" | sort -V | head -n 1) == "$CMAKE_NEEDED" ]] ||
        die "CMake $CMAKE_NEEDED or newer is needed, but $(command -v cmake) is $version"
}

build() {
    local log=build/release/bootstrap.log
    mkdir -p build/release
    say "building (log: $log)"
    if ! { cmake --preset release && cmake --build --preset release -- "-j$(jobs_here)"; } >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        die "the build failed; the whole log is in $log"
    fi
    [[ -x build/release/plexus ]] || die "the build made no build/release/plexus; see $log"
}

jobs_here() {
    nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2
}

run_tests() {
    local log=build/release/test.log status=0
    timeout "$TEST_SECONDS" ctest --preset release -j2 --timeout 300 2>&1 | tee "$log" || status=${PIPESTATUS[0]}
    local skipped
    skipped=$(grep -cE '^ *[0-9]+/[0-9]+ Test.*\*\*\*Skipped' "$log" || true)
    local total
    total=$(grep -cE '^ *[0-9]+/[0-9]+ Test ' "$log" || true)
    ((total > 0)) || die "no test ran"
    ((status != 124)) || die "the tests took longer than $TEST_SECONDS s and were stopped"
    local failed
    failed=$(grep -cE '^ *[0-9]+/[0-9]+ Test.*\*\*\*(Failed|Timeout|Exception|Not Run)' "$log" || true)
    say "tests: $((total - failed - skipped)) passed, $failed failed, $skipped skipped"
    if ((skipped)); then
        say "skipped tests need data or tools that are not here; docs/testing.md says which"
    fi
    return "$status"
}

install_it() {
    local prefix=$HOME/.local
    [[ $(id -u) -ne 0 ]] || prefix=/usr/local
    while (($#)); do
        case $1 in
        --prefix)
            (($# > 1)) || misused "--prefix needs a folder"
            prefix=$2
            shift 2
            ;;
        --prefix=*)
            prefix=${1#--prefix=}
            shift
            ;;
        *) misused "install does not know '$1'; it takes --prefix DIR" ;;
        esac
    done
    [[ $prefix == /* ]] || prefix=$here/$prefix
    prepare
    build
    cmake --install build/release --prefix "$prefix" --strip >/dev/null || die "could not install below $prefix"
    say "installed $prefix/bin/plexus"
    case :$PATH: in
    *":$prefix/bin:"*) ;;
    *) say "note: $prefix/bin is not on PATH" ;;
    esac
}

here=$(pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"
verb=${1:-}
case $verb in
demo | test | build)
    (($# == 1)) || misused "$verb takes nothing else"
    prepare
    build
    case $verb in
    demo) build/release/plexus demo build/demo ;;
    test) run_tests ;;
    build) say "built build/release/plexus" ;;
    esac
    ;;
install)
    shift
    install_it "$@"
    ;;
-h | --help | help) usage ;;
'') misused "what shall be done?" ;;
*) misused "there is no '$verb'" ;;
esac

#!/usr/bin/env bash
# Checks for Swift and installs the Debian packages that are missing. Prints nothing when nothing is.
set -euo pipefail

# Every package that the project needs: "name: why".
packages=(
    "git: fetches the packages that Package.swift names"
    "ca-certificates: lets git check the servers that it fetches from"
    "libdnnl-dev: oneDNN, convolutions and matrix products"
    "libncurses-dev: the screen"
    "libsqlite3-dev: the record of training runs"
    "zlib1g-dev: reads compressed data sets"
    "libpng-dev: reads PNG images"
    "libturbojpeg0-dev: reads JPEG images"
)
oldest_swift=6.2

fail() {
    printf 'setup: %s\n' "$1" >&2
    exit 1
}

check_swift() {
    local advice="install Swift 6.3 as swift.org/install describes, and put its usr/bin into PATH"
    command -v swift >/dev/null || fail "Swift is missing: $advice"
    [[ "$(swift --version 2>/dev/null)" =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] \
        || fail "swift --version does not answer: $advice"
    local major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
    ((major > ${oldest_swift%.*} || (major == ${oldest_swift%.*} && minor >= ${oldest_swift#*.}))) \
        || fail "Swift $major.$minor is older than $oldest_swift: $advice"
}

# Fills `missing` with the entries of `packages` that are not installed.
find_missing() {
    local installed entry
    # dpkg-query fails as soon as it knows nothing of one name, and still lists the others.
    installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "${packages[@]%%:*}" 2>/dev/null) || true
    missing=()
    for entry in "${packages[@]}"; do
        [[ $'\n'$installed$'\n' == *$'\n'"installed ${entry%%:*}"$'\n'* ]] || missing+=("$entry")
    done
}

install_missing() {
    local names=("${missing[@]%%:*}") as_root=()
    if [[ $EUID -ne 0 ]]; then
        command -v sudo >/dev/null || fail "needs root or sudo to install: ${names[*]}"
        as_root=(sudo)
    fi
    printf 'setup: installing with apt-get:\n' >&2
    printf '  %s\n' "${missing[@]}" >&2
    # sudo clears the environment, so the setting travels on the command line; the timeout waits for
    # another apt-get to finish.
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
    "${as_root[@]}" "${apt[@]}" update >/dev/null || fail "apt-get update failed (its message is above)"
    "${as_root[@]}" "${apt[@]}" install --yes --no-install-recommends "${names[@]}" >/dev/null \
        || fail "apt-get could not install ${names[*]} (its message is above)"
}

check_swift
if ! command -v dpkg-query >/dev/null; then
    printf 'setup: not a Debian system, nothing checked; needed are: %s\n' "${packages[*]%%:*}" >&2
    exit 0
fi
find_missing
if ((${#missing[@]})); then install_missing; fi

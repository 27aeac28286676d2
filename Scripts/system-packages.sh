#!/usr/bin/env bash
# Installs what building needs, and the Debian packages named, where they are missing:
# system-packages.sh [PACKAGE...]
set -euo pipefail

# The Debian packages that Sources/C* link, each with the name pkg-config knows it by, for systems
# where it came from elsewhere.
declare -A modules=(
  [libarchive-dev]=libarchive
  [zlib1g-dev]=zlib
  [libzstd-dev]=libzstd
  [libssl-dev]=libcrypto
)

is_installed() {
  command -v "$1" >/dev/null && return 0
  if dpkg-query --show --showformat='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; then
    return 0
  fi
  [[ -n ${modules[$1]:-} ]] && pkg-config --exists "${modules[$1]}" 2>/dev/null
}

give_up() {
  echo "error: missing: ${missing[*]}" >&2
  echo "$1" >&2
  exit 1
}

if ! command -v swift >/dev/null; then
  echo 'error: no swift command found; Swift 6.2 or newer is needed: https://www.swift.org/install' >&2
  exit 1
fi

missing=()
for package in pkg-config libarchive-dev zlib1g-dev libzstd-dev libssl-dev "$@"; do
  is_installed "$package" || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

command -v apt-get >/dev/null ||
  give_up 'There is no apt-get here: install what your system calls these, then run this again.'

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null ||
    give_up "Installing them takes root: apt-get install ${missing[*]}"
  as_root=(sudo)
fi

echo "Installing ${missing[*]}"
apt_get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq)
# Package lists may be old or absent; a failed update need not stop an installation from a cache.
"${apt_get[@]}" update || true
"${apt_get[@]}" install --yes --no-install-recommends "${missing[@]}" >/dev/null ||
  give_up "apt-get could not install them; try yourself: apt-get install ${missing[*]}"

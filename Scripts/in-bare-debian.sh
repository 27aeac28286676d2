#!/usr/bin/env bash
# Runs a command beside a bare Debian 12, as a fresh machine has it: in-bare-debian.sh COMMAND...
#
# The command finds the Debian's root in $DEBIAN_ROOT, to chroot into. All that is mounted or started
# goes away with the command.
#
# Ends with status 77, and one line that says why, where there can be no such root. What was
# downloaded is kept in ~/.cache/conda-channel, the root for a week, since making it takes a minute.
set -euo pipefail

give_up() {
  echo "skipped: no bare Debian can be had: $*" >&2
  exit 77
}

if [[ -z ${DEBIAN_ROOT:-} ]]; then
  [[ $(id -u) -eq 0 ]] || give_up 'it takes the rights of root'
  command -v debootstrap >/dev/null || give_up 'debootstrap is not installed'
  alone=(unshare --mount --pid --fork --kill-child --mount-proc)
  "${alone[@]}" mount -t tmpfs tmpfs /mnt 2>/dev/null || give_up 'nothing can be mounted here'
  DEBIAN_ROOT=/mnt exec "${alone[@]}" "$0" "$@"
fi

cache=${XDG_CACHE_HOME:-$HOME/.cache}/conda-channel
archive=$cache/bookworm-$(dpkg --print-architecture).tar
mkdir -p "$cache/archives"
mount -t tmpfs tmpfs "$DEBIAN_ROOT"
if [[ -n $(find "$archive" -mtime -7 2>/dev/null) ]]; then
  tar --directory "$DEBIAN_ROOT" --extract --file "$archive"
else
  debootstrap --variant=minbase bookworm "$DEBIAN_ROOT" >"$cache/debootstrap.log" 2>&1 ||
    give_up "debootstrap failed: $(tail -n 1 "$cache/debootstrap.log")"
  chroot "$DEBIAN_ROOT" apt-get clean
  tar --directory "$DEBIAN_ROOT" --create --file "$archive.$$" .
  mv "$archive.$$" "$archive"
fi
mount --bind "$cache/archives" "$DEBIAN_ROOT/var/cache/apt/archives"
# As in every container; programs read their arguments there.
mount -t proc proc "$DEBIAN_ROOT/proc"
# What was removed from the archive since then cannot be installed. Without a network that cannot be
# known, and what is kept will do.
chroot "$DEBIAN_ROOT" apt-get update >/dev/null 2>&1 || true

"$@"

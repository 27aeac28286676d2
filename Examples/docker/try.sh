#!/usr/bin/env bash
# Follows the Dockerfile step by step without a container engine: a fresh Debian root, the same
# packages, the same user, the same commands. Takes root's rights and debootstrap.
set -euo pipefail
cd "$(dirname "$0")/../.."

dockerfile=Examples/docker/Dockerfile
work=$(mktemp -d)
server=
finish() {
  [[ -z $server ]] || kill -KILL "$server" 2>/dev/null || true
  ! mountpoint --quiet "$work/root/proc" || umount "$work/root/proc"
  rm -rf "$work"
}
trap finish EXIT

step() { echo "== $*"; }
give_up() {
  echo "error: $*" >&2
  [[ ! -e $work/log ]] || sed 's/^/  /' "$work/log" >&2
  exit 1
}

step 'Build and install, as the first stage does'
make --silent install DESTDIR="$work/stage" PREFIX=/usr

step 'A fresh Debian with the packages of the second stage'
packages=$(grep -oE '\<z?lib[a-z0-9+]+' "$dockerfile" | sort -u | paste -sd,)
debootstrap --variant=minbase --include="$packages" bookworm "$work/root" >"$work/log" 2>&1 ||
  give_up 'debootstrap failed'
cp -a "$work/stage/usr/." "$work/root/usr"
# As in every container; the commands read their arguments there.
mount -t proc proc "$work/root/proc"
! chroot "$work/root" sh -c 'command -v swift' >/dev/null || give_up 'Swift is in the image'

step 'A channel, indexed there'
swift build --product sample-channel 2>&1 | tail -n 1
"$(swift build --show-bin-path)/sample-channel" "$work/root/srv/condapkg" >/dev/null
chroot "$work/root" channel-index /srv/condapkg

step 'The server, as its user'
user=$(sed -n 's/^USER //p' "$dockerfile")
chroot --userspec="$user" "$work/root" channel-server /srv/condapkg --mount /condapkg --port 0 \
  >"$work/access" 2>"$work/log" &
server=$!
for _ in {1..100}; do
  port=$(sed -n 's/.*serving .* at http:.*:\([0-9]*\)\/.*/\1/p' "$work/log")
  [[ -z $port ]] || break
  kill -0 "$server" || give_up 'the server did not start'
  sleep 0.05
done
[[ -n $port ]] || give_up 'the server named no port'

step 'Its health, by the image'\''s own check'
check=$(sed -n 's/^  \["bash", "-c", "\(.*\)"\]$/\1/p' "$dockerfile" | sed 's/\\\\/\\/g')
[[ -n $check ]] || give_up 'the Dockerfile has no check that is understood here'
chroot --userspec="$user" "$work/root" bash -c "${check//8080/$port}" || give_up 'not healthy'

step 'What clients ask for'
url=http://127.0.0.1:$port/condapkg
curl --fail --silent --output /dev/null "$url/noarch/repodata.json"
package=$(curl --fail --silent "$url/noarch/?format=json" | grep -oE '[^"]+\.conda' | head -n 1)
curl --fail --silent --output "$work/package" "$url/noarch/$package"
cmp "$work/package" "$work/root/srv/condapkg/noarch/$package" || give_up 'wrong bytes'

step 'The end, in order'
kill -TERM "$server"
wait "$server" || give_up "the server ended with status $?"
server=
grep -q "$package" "$work/access" || give_up 'the request is not in the log'
echo 'The image would work.'

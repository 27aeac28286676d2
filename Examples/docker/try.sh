#!/usr/bin/env bash
# Follows the Dockerfile step by step without a container engine: a fresh Debian root, the same
# packages, the same user, the same commands. Takes root's rights and debootstrap; ends with status
# 77 and one line where they are missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

[[ -n ${DEBIAN_ROOT:-} ]] || exec Scripts/in-bare-debian.sh "$0"

dockerfile=Examples/docker/Dockerfile
root=$DEBIAN_ROOT
work=$root/tmp
step() { echo "== $*"; }
give_up() {
  echo "error: $*" >&2
  [[ ! -e $work/log ]] || sed 's/^/  /' "$work/log" >&2
  exit 1
}

step 'Build and install, as the first stage does'
make --silent install DESTDIR="$work/stage" PREFIX=/usr

step 'The packages of the second stage'
mapfile -t packages < <(grep -oE '\<z?lib[a-z0-9+]+' "$dockerfile" | sort -u)
chroot "$root" apt-get install --yes --no-install-recommends "${packages[@]}" \
  >"$work/log" 2>&1 || give_up 'the packages cannot be installed'
cp -a "$work/stage/usr/." "$root/usr"
! chroot "$root" sh -c 'command -v swift' >/dev/null || give_up 'Swift is in the image'

step 'A channel, indexed there'
swift build --product sample-channel 2>&1 | tail -n 1
"$(swift build --show-bin-path)/sample-channel" "$root/srv/condapkg" >/dev/null
chroot "$root" channel-index /srv/condapkg

step 'The server, as its user'
user=$(sed -n 's/^USER //p' "$dockerfile")
chroot --userspec="$user" "$root" channel-server /srv/condapkg --mount /condapkg --port 0 \
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
chroot --userspec="$user" "$root" bash -c "${check//8080/$port}" || give_up 'not healthy'

step 'What clients ask for'
url=http://127.0.0.1:$port/condapkg
curl --fail --silent --output /dev/null "$url/noarch/repodata.json"
package=$(curl --fail --silent "$url/noarch/?format=json" | grep -oE '[^"]+\.conda' | head -n 1)
curl --fail --silent --output "$work/package" "$url/noarch/$package"
cmp "$work/package" "$root/srv/condapkg/noarch/$package" || give_up 'wrong bytes'

step 'The end, in order'
kill -TERM "$server"
wait "$server" || give_up "the server ended with status $?"
grep -q "$package" "$work/access" || give_up 'the request is not in the log'
echo 'The image would work.'

#!/usr/bin/env bash
# Makes the Debian package, installs it on a bare Debian 12, runs what is in it, and purges it.
# Takes root's rights and debootstrap; ends with status 77 and one line where they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."

[[ -n ${DEBIAN_ROOT:-} ]] || exec Scripts/in-bare-debian.sh "$0"

root=$DEBIAN_ROOT
step() { echo "== $*"; }
give_up() {
  echo "error: $*" >&2
  [[ ! -e $root/tmp/log ]] || sed 's/^/  /' "$root/tmp/log" >&2
  exit 1
}
inside() { chroot "$root" env DEBIAN_FRONTEND=noninteractive "$@"; }
# All but what the system's own tools keep for themselves.
files() {
  (cd "$root" && find . -xdev -regex './\(tmp\|run\|var/log\)' -prune -o -print |
    grep -v '^./etc/.*-$' | sort)
}

step 'make deb'
make --silent deb
package=$(echo .build/deb/conda-channel_"$(Scripts/version.sh)"-*.deb)
if command -v lintian >/dev/null; then
  lintian --allow-root --fail-on error "$package" >"$root/tmp/log" ||
    give_up 'lintian finds errors'
fi

step 'The libraries that it depends on'
install --mode 644 "$package" "$root/tmp/package.deb"
inside apt-get satisfy --yes --no-install-recommends \
  "$(dpkg-deb --field "$package" Depends)" >"$root/tmp/log" 2>&1 || give_up 'no libraries'
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
before=$(files)

step 'The package'
inside dpkg --install /tmp/package.deb >"$root/tmp/log" 2>&1 || give_up 'it does not install'
[[ -z $(find "$root/etc/systemd/system" -name 'channel-*') ]] || give_up 'it enables a unit unasked'
[[ ! -e $root/srv/condapkg ]] || give_up 'it makes a folder unasked'
account=$(inside getent passwd channel)
[[ $account == *:/srv/condapkg:/usr/sbin/nologin ]] || give_up "who may log in? $account"
for command in channel-index channel-server; do
  [[ $(inside "$command" --version) == "$command $(Scripts/version.sh)" ]] ||
    give_up "$command has another version"
  gzip --test "$root/usr/share/man/man1/$command.1.gz"
done
for unit in "$root"/usr/lib/systemd/system/channel-*.service; do
  program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$unit")
  [[ -x $root$program ]] || give_up "$unit runs $program, which is not there"
done

step 'A channel, as its README says'
inside install --directory --owner channel --group channel /srv/condapkg
inside runuser --user channel -- channel-index init /srv/condapkg >"$root/tmp/log"
swift build --product sample-channel 2>&1 | tail -n 1
"$(swift build --show-bin-path)/sample-channel" "$root/srv/condapkg" >/dev/null
inside runuser --user channel -- channel-index /srv/condapkg >"$root/tmp/log"

step 'The server, with the options of its unit'
options=$(sed -n 's/^Environment="OPTIONS=\(.*\)"/\1/p' "$root/usr/lib/systemd/system/channel-server.service")
read -ra options <<<"$options"
chroot --userspec=nobody:nogroup "$root" channel-server /srv/condapkg "${options[@]}" --port 0 \
  >/dev/null 2>"$root/tmp/log" &
for _ in {1..100}; do
  url=$(grep -oE 'http://[^ ]*' "$root/tmp/log") && break
  sleep 0.05
done
[[ -n $url ]] || give_up 'the server names no address'
curl --fail --silent "${url/localhost/127.0.0.1}noarch/repodata.json" |
  cmp - "$root/srv/condapkg/noarch/repodata.json" || give_up 'wrong bytes'
kill %1
wait %1 || give_up "the server ended with status $?"

step 'The same package again, then none'
echo 'OPTIONS=--port 9000' >"$root/etc/default/channel-server"
inside dpkg --install /tmp/package.deb >"$root/tmp/log" 2>&1 || give_up 'it does not install twice'
grep -q 9000 "$root/etc/default/channel-server" || give_up 'it takes back what was configured'
# What `systemctl enable` does.
ln -s /usr/lib/systemd/system/channel-server.service "$root/etc/systemd/system/multi-user.target.wants"
inside dpkg --purge conda-channel >"$root/tmp/log" 2>&1 || give_up 'it does not go'
[[ -e $root/srv/condapkg/noarch/repodata.json ]] || give_up 'the channel was deleted'
inside getent passwd channel >/dev/null || give_up 'the channel belongs to nobody'

step 'Without a channel'
rm -r "$root/srv/condapkg"
inside dpkg --install /tmp/package.deb >"$root/tmp/log" 2>&1 || give_up 'it does not come back'
inside dpkg --purge conda-channel >"$root/tmp/log" 2>&1 || give_up 'it does not go'
! inside getent passwd channel >/dev/null || give_up 'its user is still there'
left=$(comm -13 <(echo "$before") <(files))
[[ -z $left ]] || give_up "left behind: $left"
echo 'The package would do.'

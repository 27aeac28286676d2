#!/usr/bin/env bash
# Makes a Debian package of what `make install` installs, for the Debian or Ubuntu that this runs on,
# in .build/deb: the commands, units for systemd, manual pages and completions.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/system-packages.sh dpkg-dev
source=Scripts/deb
work=$(mktemp --directory)
trap 'rm -rf "$work"' EXIT
root=$work/root
version=$(Scripts/version.sh)-1
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-conda-channel} <${DEBEMAIL:-conda-channel@users.noreply.github.com}>"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

DESTDIR=$root PREFIX=/usr Scripts/install.sh

# Where Debian's zsh looks for what packages bring.
mkdir -p "$root/usr/share/zsh/vendor-completions"
mv "$root"/usr/share/zsh/site-functions/* "$root/usr/share/zsh/vendor-completions"
rmdir "$root/usr/share/zsh/site-functions"

documents=$root/usr/share/doc/conda-channel
install -D --mode 644 -t "$documents" "$source/copyright" "$source/README.Debian" README.md docs/*.md
install --mode 644 Examples/systemd/README.md "$documents/README.systemd"
install --mode 644 CHANGELOG.md "$documents/changelog"
printf '%s\n' "conda-channel ($version) unstable; urgency=medium" '' '  * See changelog.gz.' '' \
  " -- $maintainer  $(date --utc --rfc-email --date "@$SOURCE_DATE_EPOCH")" \
  >"$documents/changelog.Debian"
# Without the time of day, so that the same sources make the same package.
gzip --best --no-name "$documents"/changelog* "$root"/usr/share/man/man1/*.1

for file in "$source"/*.default; do
  name=${file##*/}
  install -D --mode 644 "$file" "$root/etc/default/${name%.default}"
done

mkdir "$root/DEBIAN" "$work/debian"
(cd "$root" && find etc -type f -printf '/%p\n' | sort) >"$root/DEBIAN/conffiles"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"

# dpkg-shlibdeps wants to be where a source package is.
echo 'Source: conda-channel' >"$work/debian/control"
libraries=$(cd "$work" && dpkg-shlibdeps -O root/usr/bin/channel-* | sed -n 's/^shlibs:Depends=//p')
units=$(cd "$root/usr/lib/systemd/system" && echo *)
for file in control postinst prerm postrm; do
  sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" \
    -e "s/@MAINTAINER@/$maintainer/" -e "s/@DEPENDS@/$libraries/" -e "s/@UNITS@/$units/" \
    -e "s/@SIZE@/$(du --summarize --apparent-size --block-size=1K "$root" | cut -f 1)/" \
    "$source/$file" >"$root/DEBIAN/$file"
done
chmod 755 "$root"/DEBIAN/{postinst,prerm,postrm}

package=.build/deb/conda-channel_${version}_$architecture.deb
mkdir -p .build/deb
# A better compression takes four times as long for a tenth of the size.
dpkg-deb --root-owner-group -Zxz -z1 --build "$root" "$package" >/dev/null
echo "Made $package"

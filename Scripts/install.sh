#!/usr/bin/env bash
# Installs the commands, their manual pages, their completions and the units that run them below
# $DESTDIR$PREFIX.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/system-packages.sh
# Linked with Swift's libraries, so that the machine they run on needs no Swift; by lld, since the
# default linker warns of functions in them that nobody here calls.
flags=(--configuration release --static-swift-stdlib -Xswiftc -use-ld=lld -Xlinker --gc-sections)
# Addresses to be filled in at the start take a tenth of the room.
flags+=(-Xlinker -z -Xlinker pack-relative-relocs)
flags+=(--scratch-path .build/install)
commands=(channel-index channel-server)
# The argument parser brings the program that makes manual pages.
for product in "${commands[@]}" generate-manual; do
  swift build "${flags[@]}" --product "$product"
done
binaries=$(swift build "${flags[@]}" --show-bin-path)
root=${DESTDIR:-}${PREFIX:-/usr/local}
for command in "${commands[@]}"; do
  install -D --strip --mode 755 "$binaries/$command" "$root/bin/$command"
done

pages=$(mktemp --directory)
trap 'rm -rf "$pages"' EXIT
# The day of the sources, so that the same sources make the same pages.
day=$(git log -1 --format=%cs 2>/dev/null || date --utc +%F)
for command in "${commands[@]}"; do
  "$binaries/generate-manual" "$binaries/$command" --multi-page --date "$day" \
    --output-directory "$pages"
done
rm -f "$pages"/*.help.1
for page in "$pages"/*.1; do
  install -D --mode 644 "$page" "$root/share/man/man1/${page##*/}"
done

for command in "${commands[@]}"; do
  for completion in \
    "bash share/bash-completion/completions/$command" \
    "zsh share/zsh/site-functions/_$command" \
    "fish share/fish/vendor_completions.d/$command.fish"; do
    read -r shell path <<<"$completion"
    # They are read by the shell, not run.
    "$binaries/$command" --generate-completion-script "$shell" | sed '1{/^#!/d}' >"$pages/completion"
    install -D --mode 644 "$pages/completion" "$root/$path"
  done
done

for unit in Examples/systemd/channel-*; do
  sed "s,=/usr/bin/,=${PREFIX:-/usr/local}/bin/," "$unit" >"$pages/unit"
  install -D --mode 644 "$pages/unit" "$root/lib/systemd/system/${unit##*/}"
done
echo "Installed ${commands[*]}, their manual pages, completions and units in $root"

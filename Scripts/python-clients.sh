#!/usr/bin/env bash
# Installs the clients that the end-to-end tests run, in a virtual environment in .build/venv.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=Tests/EndToEnd/Clients/requirements.txt
environment=.build/venv
stamp=$environment/requirements.txt

cmp -s "$requirements" "$stamp" && exit 0

# Without the clients their tests are skipped, which is no way to pass in continuous integration.
do_without() {
  if [[ -n ${CI:-} ]]; then
    echo "error: $1" >&2
    exit 1
  fi
  echo "warning: $1; the tests that need py-rattler will be skipped" >&2
  rm -rf "$environment"
  exit 0
}

# Debian packages the module without what it takes to make an environment.
if ! python3 -c 'import ensurepip' 2>/dev/null; then
  Scripts/system-packages.sh python3-venv || do_without 'python3-venv could not be installed'
fi

rm -rf "$environment"
python3 -m venv "$environment" || do_without 'no Python environment could be made'
"$environment/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" ||
  do_without 'PyPI could not be reached'
cp "$requirements" "$stamp"

#!/usr/bin/env bash
# Install the packages of a lock, with their hashes, and the project itself into .venv.
#
#     tools/setup_venv.sh [test|train]
#
# Without an argument it installs what `facet` needs; `test` adds the checkers and TFLite Micro's
# wheel, `train` adds TensorFlow. If that is installed already, it does nothing and needs no network.
set -euo pipefail

cd "$(dirname "$0")/.."
readonly VENV=.venv
readonly OLDEST="3.11" # requires-python in pyproject.toml

fail() {
  echo "error: $*" >&2
  exit 1
}

new_enough() {
  "$1" -c "import sys; sys.exit(sys.version_info < (${OLDEST/./, }))" 2>/dev/null
}

find_python() {
  local candidate
  for candidate in python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null && new_enough "$candidate"; then
      echo "$candidate"
      return
    fi
  done
}

make_venv() {
  local python
  python=$(find_python)
  [ -n "$python" ] || fail "Python $OLDEST or later is needed: install it (Debian and Ubuntu:" \
    "apt-get install python3-venv), then run make again"
  rm -rf "$VENV"
  "$python" -m venv "$VENV" ||
    fail "$python -m venv failed: see above (Debian and Ubuntu: apt-get install python3-venv)"
}

# Identifies an installation: its folder, its lock and the project's metadata.
fingerprint() {
  pwd
  cat "$@" pyproject.toml | sha256sum
}

install() {
  local stamp="$VENV/facet-$1.stamp" lock="$2"
  local wanted
  wanted=$(fingerprint "$lock")
  if [ -x "$VENV/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  [ -w . ] || fail "$(pwd) cannot be written, and packages are installed in its .venv: make it" \
    "writable, or copy it"
  # A venv contains absolute paths: if the folder was moved, make a new one.
  if [ ! -x "$VENV/bin/python" ] || [ "$(head -n1 "$stamp" 2>/dev/null || pwd)" != "$(pwd)" ]; then
    echo "Making $VENV"
    make_venv
  fi
  echo "Installing $lock"
  # No build isolation: the lock also contains the build backend (hatchling).
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
    --require-hashes --no-build-isolation -r "$lock" ||
    fail "pip could not install $lock: check the network, then run make again"
  PYTHONWARNINGS=ignore "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check \
    --no-input --no-deps --no-build-isolation --editable . || fail "pip could not install the project itself"
  echo "$wanted" >"$stamp"
}

case "${1-}" in
  "") install run requirements.lock ;;
  test | train)
    install run requirements.lock
    install "$1" "requirements-$1.lock"
    ;;
  *) fail "usage: tools/setup_venv.sh [test|train]" ;;
esac

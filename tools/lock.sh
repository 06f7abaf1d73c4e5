#!/usr/bin/env bash
# Write the requirements*.lock from pyproject.toml, for all platforms, with hashes. Needs uv.
# Locked versions stay unless UPGRADE=1.
set -euo pipefail

cd "$(dirname "$0")/.."
command -v uv >/dev/null || {
  echo "error: uv is missing: pip install uv" >&2
  exit 1
}

lock() { # FILE [OPTIONS ...]
  local file=$1
  shift
  uv pip compile pyproject.toml --quiet --no-header --universal --generate-hashes \
    --python-version 3.11 --group build ${UPGRADE:+--upgrade} --output-file "$file" "$@"
}

lock requirements.lock
lock requirements-test.lock --extra test --constraint requirements.lock
lock requirements-train.lock --extra train --constraint requirements-test.lock

#!/bin/sh
# The source of the crate esp32c3, against which a test holds the register addresses of the
# ESP32-C3's models: cargo downloads it (2 MB) into its own registry. Without cargo that test is
# skipped.
#
#     tools/setup_esp32c3_crate.sh
set -eu

VERSION=0.34.0 # as in tests/chip/esp32c3/crate.py

for crate in "${CARGO_HOME:-${HOME:-.cache}/.cargo}"/registry/src/*/esp32c3-$VERSION; do
    [ -d "$crate" ] && exit 0
done
command -v cargo >/dev/null || exit 0
cargo info --quiet "esp32c3@$VERSION" >/dev/null 2>&1 || # cargo before 1.82 has no `info`
    echo "cargo could not bring the crate esp32c3: its test will be skipped" >&2

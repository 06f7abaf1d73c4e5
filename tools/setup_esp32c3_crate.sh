#!/bin/sh
# Download the source of the crate esp32c3 (2 MB) into cargo's registry. A test compares the register
# addresses of the ESP32-C3's models with it; without cargo that test is skipped.
#
#     tools/setup_esp32c3_crate.sh
set -eu

VERSION=0.34.0 # as in tests/chip/esp32c3/crate.py

home=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
for crate in "${CARGO_HOME:-$home/.cargo}"/registry/src/*/esp32c3-$VERSION; do
    [ -d "$crate" ] && exit 0
done
command -v cargo >/dev/null || exit 0
cargo info --quiet "esp32c3@$VERSION" >/dev/null 2>&1 || # cargo before 1.82 has no `info`
    echo "cargo could not download the crate esp32c3: its test is skipped" >&2

#!/usr/bin/env bash
# Build the firmware and put it on the real board that hangs on USB.
#
#     tools/flash.sh BOARD MODEL
set -euo pipefail

cd "$(dirname "$0")/.."
fail() {
  echo "error: $*" >&2
  exit 1
}

[ "$1" = nucleo_l476rg ] || fail "no way to flash $1 is known: put its .elf there by hand"
command -v openocd >/dev/null ||
  fail "openocd writes to the board's ST-LINK: apt-get install openocd, then run make flash again"
lsusb 2>/dev/null | grep -qi 'ID 0483:374' ||
  fail "no ST-LINK on USB: connect the NUCLEO-L476RG's USB socket (CN1), then run make flash again"
FACET_MODEL=$2 .venv/bin/python -m platformio run -e "$1"
openocd -f board/st_nucleo_l4.cfg -c "program .pio/build/$1/firmware.elf verify reset exit"

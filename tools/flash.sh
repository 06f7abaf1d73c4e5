#!/usr/bin/env bash
# Build the firmware and write it to the real board that is connected by USB.
#
#     tools/flash.sh BOARD MODEL
set -euo pipefail

cd "$(dirname "$0")/.."
fail() {
  echo "error: $*" >&2
  exit 1
}

build() { FACET_MODEL=$2 .venv/bin/python -m platformio run -e "$1"; }
image=.pio/build/$1/firmware

case $1 in
nucleo_l476rg | nucleo_l432kc)
  command -v openocd >/dev/null ||
    fail "openocd, which writes the flash, is missing: apt-get install openocd, then run make flash again"
  lsusb 2>/dev/null | grep -qi 'ID 0483:374' ||
    fail "no ST-LINK on USB: connect the board's USB socket (CN1), then run make flash again"
  build "$@"
  openocd -f board/st_nucleo_l4.cfg -c "program $image.elf verify reset exit"
  ;;
esp32c3_devkitm)
  command -v esptool >/dev/null ||
    fail "esptool, which writes the flash, is missing: pipx install 'esptool>=5', then run make flash again"
  lsusb 2>/dev/null | grep -qi 'ID 10c4:ea60' ||
    fail "no CP2102N on USB: connect the DevKitM-1's USB socket, then run make flash again"
  build "$@"
  esptool --chip esp32c3 write-flash 0x0 "$image.bin"
  ;;
*)
  fail "make flash does not support the board $1: write its firmware with your own tool"
  ;;
esac

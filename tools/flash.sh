#!/usr/bin/env bash
# Build the firmware and write it to a real board on USB.
#
#     tools/flash.sh BOARD MODEL
#
# BOARD is a board of platforms/, or the path of a board file.
set -euo pipefail

fail() {
  echo "error: $*" >&2
  exit 1
}
[ $# = 2 ] || fail "usage: tools/flash.sh BOARD MODEL"

# A name, or a path that stays right in another folder.
absolute() {
  if [ -f "$1" ]; then realpath "$1"; else echo "$1"; fi
}
board=$(absolute "$1")
model=$(absolute "$2")
cd "$(dirname "$0")/.."

readonly ENVIRONMENT_OF='
import sys
from facet.board.board import load
from facet.errors import FacetError
try:
    print(load(sys.argv[1]).environment)
except FacetError as error:
    sys.exit(f"error: {error}")'

environment=$(.venv/bin/python -c "$ENVIRONMENT_OF" "$board")
image=.pio/build/$environment/firmware
build() {
  FACET_BOARD=$board FACET_MODEL=$model .venv/bin/python -m platformio run -e "$environment"
}

case $environment in
nucleo_l476rg | nucleo_l432kc)
  command -v openocd >/dev/null ||
    fail "openocd, which writes the flash, is missing: apt-get install openocd, then run make flash again"
  lsusb 2>/dev/null | grep -qi 'ID 0483:374' ||
    fail "no ST-LINK on USB: connect the board's USB socket (CN1), then run make flash again"
  build
  openocd -f board/st_nucleo_l4.cfg -c "program $image.elf verify reset exit"
  ;;
esp32c3_devkitm)
  command -v esptool >/dev/null ||
    fail "esptool, which writes the flash, is missing: pipx install 'esptool>=5', then run make flash again"
  lsusb 2>/dev/null | grep -qi 'ID 10c4:ea60' ||
    fail "no CP2102N on USB: connect the DevKitM-1's USB socket, then run make flash again"
  build
  esptool --chip esp32c3 write-flash 0x0 "$image.bin"
  ;;
*)
  fail "flashing $board is not supported: write $image.elf to it with its own tool"
  ;;
esac

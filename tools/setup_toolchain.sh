#!/bin/sh
# Install the system packages: the cross compilers, the host's compiler, cargo (which downloads
# TFLite Micro's source) and what the tests need. Does nothing if all are installed.
#
#     tools/setup_toolchain.sh
set -eu

# Each line: a command that must succeed, and the Debian or Ubuntu package that provides it.
missing_packages() {
    need() { eval "$1" >/dev/null 2>&1 || echo "$2"; }
    have() { command -v "$1"; }
    need 'have g++' g++
    need 'have arm-none-eabi-g++' gcc-arm-none-eabi
    need 'echo "#include <stdint.h>" | arm-none-eabi-gcc -E -' libnewlib-arm-none-eabi
    need 'echo "#include <algorithm>" | arm-none-eabi-g++ -x c++ -E -' \
        libstdc++-arm-none-eabi-newlib
    need 'have riscv64-unknown-elf-g++' gcc-riscv64-unknown-elf
    need 'echo "#include <stdint.h>" | riscv64-unknown-elf-gcc --specs=picolibc.specs -E -' \
        picolibc-riscv64-unknown-elf
    need 'echo "#include <gtest/gtest.h>" | g++ -x c++ -E -' libgtest-dev
    need 'python3 -c "import venv, ensurepip"' python3-venv
    # Only until TFLite Micro's source has been downloaded.
    test -d .cache/tflm || test -n "${TFLM_DIR:-}" || have cargo >/dev/null || cargo_package
}

# Debian 12's cargo (0.66) has no `cargo info`; its package cargo-web contains a newer one.
cargo_package() {
    if apt-cache show cargo-web 2>/dev/null | grep -q '^Version: 1\.'; then
        echo cargo-web
    else
        echo cargo
    fi
}

cd "$(dirname "$0")/.."
packages=$(missing_packages)
[ -n "$packages" ] || exit 0
packages=$(echo "$packages" | tr '\n' ' ')

if ! command -v apt-get >/dev/null; then
    echo "error: missing packages (Debian names): $packages- install them with this system's" \
        "package manager, then run make again" >&2
    exit 1
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "error: missing packages: run as root: apt-get install $packages" >&2
        exit 1
    fi
    as_root=sudo
fi

echo "installing $packages"
# shellcheck disable=SC2086  # a list of words
install() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends $packages >/dev/null; }
# The package lists may be old or empty: update them if the first attempt fails.
if ! install 2>/dev/null; then
    $as_root apt-get update -qq
    install || {
        echo "error: apt-get install $packages failed, see above" >&2
        exit 1
    }
fi
packages=$(missing_packages)
if [ -n "$packages" ]; then
    echo "error: installed, but still missing:" $packages >&2
    exit 1
fi

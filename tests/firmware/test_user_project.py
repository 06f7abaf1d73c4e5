"""A PlatformIO project of a user's own names Facet's platform by its path."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from facet.cli import main
from facet.resources import BOARDS, PROJECT

pytestmark = pytest.mark.slow

ENVIRONMENT = """
[env:mine]
platform = symlink://{platform}
board = {board}
"""

GREETING = """
#include "greeting.h"
#include "hal/board.h"
#include "hal/console.h"
#include "twice.h"

int main() {
  hal::StartBoard();
  Twice([] { hal::ConsoleWrite(kGreeting); });
  hal::ConsoleFlush();
  for (;;) asm volatile("wfi");
}
"""

# STM32L476 reference manual (RM0351), 6.4.17 RCC_AHB2ENR and 8.5 GPIO registers.
BARE = """
#include <stdint.h>
#define REGISTER(address) (*(volatile uint32_t *)(address))

void Reset_Handler(void) {
  REGISTER(0x4002104C) |= 1u << 2;                                        /* GPIOC's clock */
  REGISTER(0x48000800) = (REGISTER(0x48000800) & ~(3u << 12)) | 1u << 12; /* PC6: output */
  for (;;) {
    REGISTER(0x48000814) ^= 1u << 6;
    for (volatile int i = 0; i < 2000; ++i) {
    }
  }
}

__attribute__((section(".vectors"), used)) static void *const vectors[] = {(void *)0x20018000,
                                                                           Reset_Handler};
"""


@dataclass(frozen=True)
class OwnProject:
    """A PlatformIO project in a folder with a blank in its name."""

    folder: Path

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def configure(self, board: str, more: str = "") -> None:
        platform = PROJECT / "platforms" / "platformio"
        self.write("platformio.ini", ENVIRONMENT.format(platform=platform, board=board) + more)

    def build(self) -> subprocess.CompletedProcess[str]:
        variables = os.environ | {"PLATFORMIO_CORE_DIR": str(self.folder / "core")}
        subprocess.run(
            [sys.executable, str(PROJECT / "tools" / "setup_platformio.py")],
            env=variables,
            check=True,
        )
        return subprocess.run(
            [sys.executable, "-m", "platformio", "run"],
            cwd=self.folder,
            env=variables,
            capture_output=True,
            text=True,
        )

    def run(self, board: str, *options: str) -> str:
        """Builds the project's program; returns the output of `facet run`."""
        done = self.build()
        assert done.returncode == 0, done.stdout + done.stderr
        elf = self.folder / ".pio" / "build" / "mine" / "firmware.elf"
        result = CliRunner().invoke(
            main, ["run", str(elf), "--board", board, "--for", "200ms", *options]
        )
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def project(tmp_path: Path) -> OwnProject:
    return OwnProject(tmp_path / "my project")


def greeting(project: OwnProject) -> None:
    """A program on the HAL, with a header and a library of the project."""
    project.write("src/main.cc", GREETING)
    project.write("include/greeting.h", 'inline constexpr char kGreeting[] = "grin\\r\\n";\n')
    project.write("lib/twice/twice.h", "#pragma once\nvoid Twice(void (*call)());\n")
    project.write(
        "lib/twice/twice.cc", '#include "twice.h"\nvoid Twice(void (*call)()) { call(), call(); }\n'
    )


@pytest.mark.parametrize("board", ["nucleo_l476rg", "nucleo_l432kc", "esp32c3_devkitm"])
def test_a_program_on_the_hal_runs(board: str, project: OwnProject) -> None:
    project.configure(board)
    greeting(project)
    assert project.run(board).count("grin\n") == 2


def test_a_program_takes_the_pins_of_the_projects_board_file(project: OwnProject) -> None:
    text = (BOARDS / "nucleo_l476rg.toml").read_text()
    faster = text.replace("baud = 115200", "baud = 460800")
    assert faster != text
    project.write("fast.toml", faster)
    project.configure("nucleo_l476rg", "custom_board_file = fast.toml\n")
    greeting(project)
    assert project.run(str(project.folder / "fast.toml")).count("grin\n") == 2


def test_a_program_without_the_hal_runs(project: OwnProject) -> None:
    project.configure("nucleo_l476rg")
    project.write("src/main.c", BARE)
    output = project.run("nucleo_l476rg", "--show-pins", "--without", "camera")
    assert output.count("PC6 = 1") > 5


def test_a_board_file_with_faults_is_refused_with_one_line(project: OwnProject) -> None:
    text = (BOARDS / "nucleo_l476rg.toml").read_text()
    project.write("wrong.toml", text.replace('tx = "PA2"', 'tx = "PZ99"'))
    project.configure("nucleo_l476rg", "custom_board_file = wrong.toml\n")
    greeting(project)
    done = project.build()
    assert done.returncode != 0
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "PZ99" in error

"""What does not fit onto a board is not built, and the message says by how much."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sim.board import load
from sim.errors import FacetError
from sim.firmware_build import FirmwareCache
from sim.model_bundle import find

MODELS = Path(__file__).parent / "models"
L432_FLASH_BYTES = 256 << 10


@pytest.mark.slow
def test_a_model_too_large_for_the_flash_says_by_how_much(tmp_path: Path) -> None:
    """A model with room to spare behind its last table, which TensorFlow allows."""
    model = tmp_path / "long.tflite"
    model.write_bytes((MODELS / "gap.tflite").read_bytes().ljust(L432_FLASH_BYTES, b"\0"))
    shutil.copy(MODELS / "gap.json", tmp_path / "long.json")
    with pytest.raises(FacetError) as raised:
        FirmwareCache().get(load("nucleo_l432kc"), find(str(model)))
    said = re.search(r"FLASH is ([\d,]+) bytes too small; .*model_bundle_data", str(raised.value))
    assert said is not None, raised.value
    # The program alone takes some 60 KB.
    assert 40_000 < int(said[1].replace(",", "")) < 100_000

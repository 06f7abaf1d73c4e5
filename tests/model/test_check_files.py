"""The model check on whole files: models of the project, cut files, files of other formats."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from facet.model.checked import read_checked
from facet.model.operators import CURES, OPERATORS
from facet.model.tflite import ModelError, parse_model, read_model
from tests.model.surgeon import GAP, INPUTS, MODELS, ZERO_POINT, Surgeon


def test_a_model_cut_anywhere_is_refused(tmp_path: Path) -> None:
    content = GAP.read_bytes()
    path = tmp_path / "cut.tflite"
    shutil.copy(GAP.with_suffix(".json"), path.with_suffix(".json"))
    for length in [*range(64), *range(64, len(content) - 1, 97), len(content) - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(ModelError, match=r"cut short|not a TensorFlow Lite model|bytes where"):
            read_checked(path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "give the .tflite"),
        (b"\x7fELF" + bytes(100), "it is an ELF file"),
        (b"PK\x03\x04" + bytes(100), "looks like a .keras archive"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "looks like a Keras .h5 file"),
        (b"x" * 4 + b"TFL3" + b"\xff" * 64, "damaged or cut short"),
    ],
)
def test_a_file_of_another_format_is_refused(
    content: bytes, complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / "other.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=complaint):
        read_model(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_model(tmp_path)


def test_names_from_a_file_cannot_break_a_message(tmp_path: Path) -> None:
    surgeon = Surgeon()
    name = next(t for t in parse_model(bytes(surgeon.content)).tensors if t.name).name
    start = surgeon.content.index(name.encode())
    surgeon.content[start : start + 4] = b"\n\x1b[2"
    surgeon.put_element(surgeon.quantization("CONV_2D", INPUTS, 1), ZERO_POINT, "q", 1, 3)
    with pytest.raises(ModelError) as refusal:
        read_checked(surgeon.save(tmp_path))
    assert str(refusal.value).isprintable()


def test_cures_are_for_operators_that_the_firmware_does_not_have() -> None:
    assert set(CURES) & set(OPERATORS) == set()


def test_one_model_or_another_has_each_operator() -> None:
    """Without one the tests would not hold an operator's kernel against the wheel."""
    used = {o.name for path in MODELS.glob("*.tflite") for o in read_model(path).operators}
    assert used == set(OPERATORS)

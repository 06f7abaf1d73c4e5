"""The source that the build generates for a model agrees with the model and its card."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from facet.firmware.model_source import write_input, write_model_source, write_operators
from facet.model.checked import read_checked
from facet.model.input_range import KNOWN, PixelRange
from facet.model.operators import OPERATORS
from facet.resources import PROJECT

GAP = PROJECT / "tests" / "firmware" / "models" / "gap.tflite"
QUANTIZE = """
#include "app/preprocess.h"
#include "model_input.h"
#include <cstdio>
#include <cstdlib>

int main(int, char** arguments) {
  const app::Quantization input{std::strtof(arguments[1], nullptr), std::atoi(arguments[2])};
  for (int luma = 0; luma < 256; ++luma) {
    std::printf("%d\\n", app::QuantizeLuma(luma, model_bundle::kPixels, input));
  }
}
"""


def output_of(source: str, folder: Path, *arguments: str) -> list[str]:
    """The output of a program that includes the generated headers of the folder."""
    program = folder / "program.cc"
    program.write_text(source)
    built = folder / "program"
    includes = (f"-I{folder}", f"-I{PROJECT / 'firmware'}")
    subprocess.run(["g++", "-std=c++17", *includes, program, "-o", built], check=True)
    output = subprocess.run([built, *arguments], capture_output=True, check=True).stdout
    return output.decode().splitlines()


def test_labels_may_be_in_any_language(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    shutil.copy(GAP, path)
    labels = ["glücklich", 'a "quoted" one', "back\\slash", "что??/", "7"]
    path.with_suffix(".json").write_text(json.dumps({"labels": labels}))
    write_model_source(read_checked(path), tmp_path)
    header = (tmp_path / "model_bundle.h").read_text()
    names = header[header.index("inline constexpr char kName") : header.index("/// The .tflite")]
    source = (
        "#include <cstddef>\n#include <cstdio>\n"
        f"{names}\nint main() {{ for (auto label : kLabels) std::puts(label); }}\n"
    )
    assert output_of(source, tmp_path) == labels


@pytest.mark.parametrize("pixels", [*KNOWN, PixelRange(-0.5, 0.5, 0.1, 0.7)], ids=str)
@pytest.mark.parametrize(("share", "zero_point"), [(1.0, -128), (0.871, -3), (0.5, 0), (2.3, 77)])
def test_the_firmware_quantizes_pixels_as_the_host_does(
    pixels: PixelRange, share: float, zero_point: int, tmp_path: Path
) -> None:
    scale = PixelRange(0, share * (pixels.high - pixels.low)).real(1)  # a 32-bit float
    write_input(tmp_path, pixels)
    output = output_of(QUANTIZE, tmp_path, f"{scale:.9e}", str(zero_point))
    assert tuple(map(int, output)) == pixels.quantized(scale, zero_point)


def test_each_operator_of_the_table_is_registered_once(tmp_path: Path) -> None:
    write_operators(tmp_path)
    header = (tmp_path / "operators.h").read_text()
    for name, operator in OPERATORS.items():
        assert header.count(f"BuiltinOperator_{name}, {operator.registration}, 0)") == 1
        if operator.own:
            assert (PROJECT / "firmware" / operator.own[0]).is_file()
            assert header.count(f'#include "{operator.own[0]}"') == 1
    assert f"kOperatorCount = {len(OPERATORS)};" in header


def test_a_firmware_has_only_the_operators_of_its_model(tmp_path: Path) -> None:
    write_model_source(read_checked(GAP.with_name("wide.tflite")), tmp_path)
    header = (tmp_path / "operators.h").read_text()
    assert "kOperatorCount = 4;" in header
    assert "LEAKY_RELU" not in header


def test_files_that_do_not_change_are_not_touched(tmp_path: Path) -> None:
    checked = read_checked(GAP)
    write_model_source(checked, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    write_model_source(checked, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert sorted(path.name for path in before) == [
        "model.tflite",
        "model_bundle.S",
        "model_bundle.h",
        "model_input.h",
        "operators.h",
    ]

"""int8 inference with the firmware's kernels on the host equals TFLite Micro, bit for bit.

tests/firmware/test_kernels_equal_wheel.py does the same for every network and operator.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from facet.dataset.faces import draw_face
from facet.dataset.frame import GrayImage
from facet.dataset.resample import resize_area
from facet.errors import FacetError
from facet.firmware.host import host_program
from models.evaluation import inference
from models.evaluation.inference import predict_int8
from models.evaluation.tflm import HostModel
from models.quantization import slim

TRAINED = Path(__file__).parents[2] / "models" / "trained"
FACET_SMALL = (TRAINED / "facet-small.tflite").read_bytes()


def images(count: int) -> GrayImage:
    """Noise of several contrasts, gradients, drawn faces, black and white."""
    random = np.random.default_rng(5)
    noise = random.integers(0, 256, (count, 48, 48)).astype(np.uint8)
    noise[::2] //= 4
    noise[1::3] = np.arange(48) * 5
    faces = [
        resize_area(draw_face(emotion, seed, 144).gray, 48, 48)
        for seed, emotion in enumerate(("happy", "sad", "angry", "surprised", "neutral"))
    ]
    flat = [np.full((48, 48), level, np.uint8) for level in (0, 255)]
    return np.concatenate([noise, np.stack([*faces, *flat])])


@pytest.mark.parametrize("path", sorted(TRAINED.glob("*.tflite")), ids=lambda path: path.stem)
def test_each_trained_model_gives_the_outputs_of_tflite_micro(path: Path) -> None:
    some = images(9)
    expected = HostModel(path).scores_of(some)
    assert len(np.unique(expected, axis=0)) > 5
    assert np.array_equal(predict_int8(path.read_bytes(), some), expected)


def test_the_outputs_do_not_depend_on_the_number_of_processes() -> None:
    some = images(1200)
    one, two = (predict_int8(FACET_SMALL, some, jobs) for jobs in (1, 2))
    assert one.shape == (1207, 5)
    assert np.array_equal(one, two)
    assert predict_int8(FACET_SMALL, some[:0]).shape == (0, 5)


def test_outputs_that_differ_from_tflite_micro_are_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = inference._run

    def wrong(program: Path, model: Path, inputs: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
        return right(program, model, inputs) ^ np.int8(1)

    monkeypatch.setattr(inference, "_run", wrong)
    with pytest.raises(FacetError, match=r"kernels give .*, TFLite Micro gives"):
        predict_int8(FACET_SMALL, images(1))


def test_an_operator_that_the_firmware_lacks_is_an_error() -> None:
    model = slim._unpack(FACET_SMALL)
    softmax = schema.BuiltinOperator.SOFTMAX
    logistic = schema.BuiltinOperator.LOGISTIC
    for code in model.operatorCodes:
        if code.deprecatedBuiltinCode == softmax:
            code.builtinCode = code.deprecatedBuiltinCode = logistic
    for op in model.subgraphs[0].operators:
        if model.operatorCodes[op.opcodeIndex].builtinCode == logistic:
            op.builtinOptions, op.builtinOptionsType = None, 0
    with pytest.raises(FacetError, match=r"cannot run the model: .*LOGISTIC"):
        predict_int8(slim._pack(model), images(1))


def test_a_build_that_fails_is_an_error_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFLM_DIR", str(tmp_path))
    host_program.cache_clear()
    with pytest.raises(FacetError, match=r"cannot be built .*: TFLite Micro's source is") as error:
        predict_int8(FACET_SMALL, images(1))
    assert "\n" not in str(error.value)
    host_program.cache_clear()

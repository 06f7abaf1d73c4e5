"""The check proves what the kernels rely on, and names operator, tensor and cure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from facet.model.check import problems_of
from facet.model.checked import read_checked
from facet.model.tflite import ModelError, parse_model
from facet.resources import MODELS as TRAINED
from tests.model.surgeon import (
    BUFFER,
    CODE,
    CODE_INDEX,
    GRAPH_INPUTS,
    GRAPH_OUTPUTS,
    INPUTS,
    IS_VARIABLE,
    MODELS,
    OLD_CODE,
    OPTIONS_TYPE,
    OUTPUTS,
    QUANTIZED_DIMENSION,
    SCALE,
    SHAPE,
    TYPE,
    VERSION,
    ZERO_POINT,
    Surgeon,
)

LOGISTIC, MAX_POOL_2D, CONV_2D, INT16, UINT8, TANH = 14, 17, 3, 7, 3, 4
LEAKY, FLAT = MODELS / "leaky.tflite", MODELS / "flat.tflite"
AGAIN = "convert the model again"

Change = Callable[[Surgeon], None]


def change_code(s: Surgeon) -> None:
    s.put(s.code("MAX_POOL_2D"), OLD_CODE, "b", LOGISTIC)
    s.put(s.code("MAX_POOL_2D"), CODE, "i", LOGISTIC)


def change_new_code_only(s: Surgeon) -> None:
    s.put(s.code("AVERAGE_POOL_2D"), CODE, "i", MAX_POOL_2D)


def raise_version(s: Surgeon) -> None:
    s.put(s.code("MAX_POOL_2D"), VERSION, "i", 99)


def point_to_no_code(s: Surgeon) -> None:
    s.put(s.operator("MAX_POOL_2D"), CODE_INDEX, "I", 99)


def give_options_of_another(s: Surgeon) -> None:
    s.put(s.operator("CONV_2D"), OPTIONS_TYPE, "B", 3)


def make_weights_asymmetric(s: Surgeon) -> None:
    s.put_element(s.quantization("CONV_2D", INPUTS, 1), ZERO_POINT, "q", 1, 3)


def quantize_weights_along_another_dimension(s: Surgeon) -> None:
    s.put(s.quantization("DEPTHWISE_CONV_2D", INPUTS, 1), QUANTIZED_DIMENSION, "i", 1)


def drop_a_scale(s: Surgeon) -> None:
    s.put_length(s.quantization("CONV_2D", INPUTS, 1), SCALE, 7)


def drop_scales_and_zero_points(s: Surgeon) -> None:
    s.put_length(s.quantization("CONV_2D", INPUTS, 1), SCALE, 3)
    s.put_length(s.quantization("CONV_2D", INPUTS, 1), ZERO_POINT, 3)


def make_a_scale_negative(s: Surgeon) -> None:
    s.put_element(s.quantization("CONV_2D", OUTPUTS), SCALE, "f", 0, -0.1)


def make_a_scale_infinite(s: Surgeon) -> None:
    s.put_element(s.quantization("ADD", OUTPUTS), SCALE, "f", 0, float("inf"))


def move_a_zero_point(s: Surgeon) -> None:
    s.put_element(s.quantization("ADD", OUTPUTS), ZERO_POINT, "q", 0, 200)


def make_a_scale_tiny(s: Surgeon) -> None:
    s.put_element(s.quantization("CONV_2D", OUTPUTS), SCALE, "f", 0, 1e-30)


def make_a_bias_overflow(s: Surgeon) -> None:
    start, _ = s.constant("FULLY_CONNECTED", 2)
    s.content[start : start + 4] = (2**31 - 1).to_bytes(4, "little")


def make_an_addition_coarse(s: Surgeon) -> None:
    s.put_element(s.quantization("ADD", OUTPUTS), SCALE, "f", 0, 1e-9)


def make_a_leaky_relu_coarse(s: Surgeon) -> None:
    s.put_element(s.quantization("LEAKY_RELU", OUTPUTS), SCALE, "f", 0, 1e-12)


def make_a_mean_coarse(s: Surgeon) -> None:
    s.put_element(s.quantization("MEAN", OUTPUTS), SCALE, "f", 0, 1e-12)


def make_softmax_steep(s: Surgeon) -> None:
    s.put(s.options("SOFTMAX"), 0, "f", 1e30)


def make_softmax_flat(s: Surgeon) -> None:
    s.put(s.options("SOFTMAX"), 0, "f", 1e-30)


def change_softmax_scale(s: Surgeon) -> None:
    s.put_element(s.quantization("SOFTMAX", OUTPUTS), SCALE, "f", 0, 0.01)


def make_shape_dynamic(s: Surgeon) -> None:
    s.put_element(s.tensor("MAX_POOL_2D", OUTPUTS), SHAPE, "i", 1, -1)


def make_a_shape_huge(s: Surgeon) -> None:
    for dimension in range(4):
        s.put_element(s.tensor("MAX_POOL_2D", OUTPUTS), SHAPE, "i", dimension, 65_536)


def make_constant_longer(s: Surgeon) -> None:
    s.put_element(s.tensor("FULLY_CONNECTED", INPUTS, 2), SHAPE, "i", 0, 5000)


def change_an_output_size(s: Surgeon) -> None:
    s.put_element(s.tensor("CONV_2D", OUTPUTS), SHAPE, "i", 1, 23)


def change_a_pool_size(s: Surgeon) -> None:
    s.put(s.options("MAX_POOL_2D"), 3, "i", 7)


def make_a_stride_zero(s: Surgeon) -> None:
    s.put(s.options("CONV_2D"), 1, "i", 0)


def make_a_stride_huge(s: Surgeon) -> None:
    s.put(s.options("CONV_2D"), 2, "i", 2**31 - 1)


def change_padding(s: Surgeon) -> None:
    s.put(s.options("AVERAGE_POOL_2D"), 0, "b", 7)


def fuse_tanh(s: Surgeon) -> None:
    s.put(s.options("CONV_2D"), 3, "b", TANH)


def change_the_depth_multiplier(s: Surgeon) -> None:
    s.put(s.options("DEPTHWISE_CONV_2D"), 3, "i", 3)


def change_an_axis(s: Surgeon) -> None:
    start, _ = s.constant("MEAN", 1)
    s.content[start : start + 4] = (5).to_bytes(4, "little")  # 5 is 1 modulo 4


def read_before_it_is_written(s: Surgeon) -> None:
    late = s.tensor_number("MEAN", OUTPUTS)
    s.put_element(s.operator("DEPTHWISE_CONV_2D"), INPUTS, "i", 0, late)


def write_twice(s: Surgeon) -> None:
    first = s.tensor_number("CONV_2D", OUTPUTS)
    s.put_element(s.operator("DEPTHWISE_CONV_2D"), OUTPUTS, "i", 0, first)


def write_a_constant(s: Surgeon) -> None:
    weights = s.tensor_number("CONV_2D", INPUTS, 1)
    s.put_element(s.operator("DEPTHWISE_CONV_2D"), OUTPUTS, "i", 0, weights)


def use_no_tensor(s: Surgeon) -> None:
    s.put_element(s.operator("ADD"), INPUTS, "i", 1, 999)


def leave_an_output_unread(s: Surgeon) -> None:
    first = s.tensor_number("ADD", INPUTS, 0)
    s.put_element(s.operator("ADD"), INPUTS, "i", 1, first)


def keep_state(s: Surgeon) -> None:
    # The converter leaves the field out where it is false: let it lie where the type does.
    s.put_place(s.tensor("CONV_2D", INPUTS, 0), IS_VARIABLE, TYPE)


def use_no_buffer(s: Surgeon) -> None:
    s.put(s.tensor("CONV_2D", INPUTS, 1), BUFFER, "I", 999)


def make_a_tensor_uint8(s: Surgeon) -> None:
    s.put(s.tensor("ADD", OUTPUTS), TYPE, "b", UINT8)


@pytest.mark.parametrize(
    ("change", "complaint", "cure"),
    [
        (change_code, "operator LOGISTIC (operator 4) is not in the firmware", "use ReLU inside"),
        (change_new_code_only, "MAX_POOL_2D (operator 6): the old field of its code has", AGAIN),
        (raise_version, "MAX_POOL_2D (operator 4) is of version 99", "convert with TensorFlow"),
        (point_to_no_code, "operator 4 has the code 99 of 8", AGAIN),
        (give_options_of_another, "CONV_2D (operator 0) has options of another operator", AGAIN),
        (make_weights_asymmetric, "has zero points other than 0", "symmetric weights"),
        (quantize_weights_along_another_dimension, "along dimension 1, not 3", AGAIN),
        (drop_a_scale, "has 7 scales and 8 zero points", AGAIN),
        (drop_scales_and_zero_points, "has 3 scales for 8 channels", AGAIN),
        (make_a_scale_negative, "has the quantization scale -0.1", AGAIN),
        (make_a_scale_infinite, "has the quantization scale inf", AGAIN),
        (move_a_zero_point, "has the zero point 200, and int8 takes -128 to 127", AGAIN),
        (make_a_scale_tiny, "CONV_2D (operator 0): channel 0: its sums reach", AGAIN),
        (make_a_bias_overflow, "FULLY_CONNECTED (operator 8): channel 0: its sums reach", AGAIN),
        (make_an_addition_coarse, "ADD (operator 3): an input's scale", "full int8"),
        (make_a_mean_coarse, "MEAN (operator 7): the input's scale", "full int8"),
        (make_softmax_steep, "SOFTMAX (operator 10): beta 1e+30", AGAIN),
        (make_softmax_flat, "SOFTMAX (operator 10): beta 1e-30", AGAIN),
        (change_softmax_scale, "SOFTMAX (operator 10): its output has scale 0.01", "full int8"),
        (make_shape_dynamic, "which is not fixed", "batch_size=1"),
        (make_a_shape_huge, "more than any board can hold", AGAIN),
        (make_constant_longer, "bytes where 5000 int32 takes 20000", AGAIN),
        (change_an_output_size, "CONV_2D (operator 0): a height of 48, filter 3", AGAIN),
        (change_a_pool_size, "MAX_POOL_2D (operator 4): a width of 24, filter 7", AGAIN),
        (make_a_stride_zero, "CONV_2D (operator 0): a stride of 0 along the width", AGAIN),
        (make_a_stride_huge, "CONV_2D (operator 0): a stride of 2147483647", AGAIN),
        (change_padding, "AVERAGE_POOL_2D (operator 6): its padding 7", AGAIN),
        (fuse_tanh, "CONV_2D (operator 0): it has the fused activation 4", "RELU6"),
        (change_the_depth_multiplier, "and a depth multiplier of 3", AGAIN),
        (change_an_axis, "MEAN (operator 7): it averages the axes 5, 2", "GlobalAveragePooling2D"),
        (read_before_it_is_written, "DEPTHWISE_CONV_2D (operator 1) reads", AGAIN),
        (write_twice, "DEPTHWISE_CONV_2D (operator 1) writes", AGAIN),
        (write_a_constant, "which is a constant", AGAIN),
        (use_no_tensor, "ADD (operator 3): no tensor 999, there are 25", AGAIN),
        (leave_an_output_unread, "no operator reads tensor", AGAIN),
        (keep_state, "keeps state between runs", "recurrent"),
        (use_no_buffer, "tensor 13 has the buffer 999", AGAIN),
        (make_a_tensor_uint8, "and uint8 takes 0 to 255", AGAIN),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_damaged_model_is_refused_by_operator_and_tensor_with_a_cure(
    change: Change, complaint: str, cure: str, tmp_path: Path
) -> None:
    assert_refused(Surgeon(), change, complaint, cure, tmp_path)


@pytest.mark.parametrize("slope", [-0.1, 1.5, float("nan")])
def test_a_slope_outside_of_its_range_is_refused(slope: float, tmp_path: Path) -> None:
    def set_slope(s: Surgeon) -> None:
        s.put(s.options("LEAKY_RELU"), 0, "f", slope)

    complaint = f"LEAKY_RELU (operator 2): it has a slope of {slope:g}"
    assert_refused(Surgeon(LEAKY), set_slope, complaint, "0 to 1", tmp_path)


def test_a_leaky_relu_that_would_overflow_is_refused(tmp_path: Path) -> None:
    assert_refused(
        Surgeon(LEAKY), make_a_leaky_relu_coarse, "LEAKY_RELU (operator 2)", "int8", tmp_path
    )


def test_a_reshape_to_another_number_of_values_is_refused(tmp_path: Path) -> None:
    def reshape(s: Surgeon) -> None:
        s.put_element(s.tensor("RESHAPE", OUTPUTS), SHAPE, "i", 1, 5)

    assert_refused(Surgeon(FLAT), reshape, "RESHAPE (operator 2)", AGAIN, tmp_path)


@pytest.mark.parametrize(
    ("change", "complaint", "cure"),
    [
        (
            lambda s: s.put(s.tensor("CONV_2D", INPUTS, 0), TYPE, "b", INT16),
            "its activations are int16",
            "representative_dataset",
        ),
        (
            lambda s: s.put_element(s.tensor("CONV_2D", INPUTS, 0), SHAPE, "i", 2, 64),
            "its input is 1 x 48 x 64 x 1; the firmware makes 1 x 48 x 48 x 1",
            "train it on pictures of that size",
        ),
        (
            lambda s: s.put_element(s.tensor("CONV_2D", INPUTS, 0), SHAPE, "i", 3, 3),
            "its input is 1 x 48 x 48 x 3",
            "train on gray",
        ),
        (
            lambda s: s.put_element(s.tensor("CONV_2D", INPUTS, 0), SHAPE, "i", 0, 4),
            "its input is 4 x 48 x 48 x 1",
            "it takes 4 pictures at once",
        ),
        (
            lambda s: s.put_element(s.tensor("SOFTMAX", OUTPUTS), SHAPE, "i", 0, 2),
            "its output is 2 x 5; the firmware reads 1 x labels",
            "fix the batch at 1",
        ),
        (
            lambda s: s.put_length(s.graph, GRAPH_INPUTS, 0),
            "it has 0 inputs and 1 outputs",
            "one of each",
        ),
        (
            lambda s: s.put_element(
                s.graph, GRAPH_OUTPUTS, "i", 0, s.tensor_number("SOFTMAX", INPUTS)
            ),
            "it ends in SOFTMAX instead of SOFTMAX",
            "softmax",
        ),
    ],
)
def test_ends_that_the_firmware_cannot_serve_are_refused_with_a_cure(
    change: Change, complaint: str, cure: str, tmp_path: Path
) -> None:
    assert_refused(Surgeon(), change, complaint, cure, tmp_path)


def assert_refused(
    surgeon: Surgeon, change: Change, complaint: str, cure: str, folder: Path
) -> None:
    change(surgeon)
    path = surgeon.save(folder)
    with pytest.raises(ModelError) as refusal:
        read_checked(path)
    message = str(refusal.value)
    assert message.startswith(f"{path}: ")
    assert complaint in message
    assert cure in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "path", [*sorted(TRAINED.glob("*.tflite")), *sorted(MODELS.glob("*.tflite"))], ids=str
)
def test_every_model_of_the_project_is_taken(path: Path) -> None:
    checked = read_checked(path)
    assert problems_of(checked.model) == []
    assert str(checked.pixels) == "0 to 1"


def test_all_problems_are_found_at_once() -> None:
    surgeon = Surgeon()
    for change in (make_weights_asymmetric, change_padding, change_an_axis):
        change(surgeon)
    problems = [str(problem) for problem in problems_of(parse_model(bytes(surgeon.content)))]
    assert len(problems) == 3
    assert [p.split()[0] for p in problems] == ["CONV_2D", "AVERAGE_POOL_2D", "MEAN"]


def test_the_build_names_the_first_problem_and_how_many_there_are(tmp_path: Path) -> None:
    surgeon = Surgeon()
    make_weights_asymmetric(surgeon)
    change_padding(surgeon)
    with pytest.raises(ModelError, match=r"CONV_2D .* \(and 1 more: facet check lists them\)$"):
        read_checked(surgeon.save(tmp_path))

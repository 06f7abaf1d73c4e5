"""The operators of the firmware: the one place that declares them.

To add an operator: its kernel in `firmware/kernel`, its check in `operator_checks.py`, one line
here, and a test model that has it (`tests/firmware/models/make.py`). From this table come the
check of a model, the registration in the firmware and in the host's test program, the sources of
TFLite Micro that are compiled, and the list in `facet check`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from facet.model import operator_checks as checks
from facet.model.tflite import Model, Operator


@dataclass(frozen=True)
class FirmwareOperator:
    """An operator that the firmware has.

    Attributes:
        name: as in TensorFlow Lite's schema.
        options_type: the number of its options' table in the schema (`BuiltinOptions`).
        newest_version: a newer version may have a meaning that the kernel does not implement.
        check: raises RefusedError where the kernel would compute something wrong.
        own: the header of the firmware's own kernel and the function that registers it; None for a
            kernel of TFLite Micro.
        source: the source of TFLite Micro's kernel, in tensorflow/lite/micro/kernels.
        needs_options: the kernel reads its options.
    """

    name: str
    options_type: int
    newest_version: int
    check: Callable[[Operator], None]
    own: tuple[str, str] | None = None
    source: str | None = None
    needs_options: bool = True

    @property
    def registration(self) -> str:
        """The C++ expression that gives TFLite Micro the kernel."""
        return f"{self.own[1]}()" if self.own else f"tflite::ops::micro::Register_{self.name}()"

    @property
    def kernel(self) -> str:
        """The origin of the kernel, for messages."""
        return "Facet's own" if self.own else "TFLite Micro's"


_OPERATORS: Final = (
    FirmwareOperator("ADD", 11, 3, checks.check_add, source="add"),
    FirmwareOperator("AVERAGE_POOL_2D", 5, 3, checks.check_pool, source="pooling"),
    FirmwareOperator(
        "CONV_2D", 1, 6, checks.check_conv, own=("kernel/conv_2d.h", "kernel::RegisterConv2D")
    ),
    FirmwareOperator(
        "DEPTHWISE_CONV_2D",
        2,
        6,
        checks.check_depthwise_conv,
        own=("kernel/depthwise_conv_2d.h", "kernel::RegisterDepthwiseConv2D"),
    ),
    FirmwareOperator(
        "FULLY_CONNECTED",
        8,
        12,
        checks.check_fully_connected,
        own=("kernel/fully_connected.h", "kernel::RegisterFullyConnected"),
    ),
    FirmwareOperator(
        "LEAKY_RELU",
        75,
        2,
        checks.check_leaky_relu,
        own=("kernel/leaky_relu.h", "kernel::RegisterLeakyRelu"),
    ),
    FirmwareOperator("MAX_POOL_2D", 5, 3, checks.check_pool, source="pooling"),
    FirmwareOperator(
        "MEAN", 27, 3, checks.check_mean, own=("kernel/mean.h", "kernel::RegisterMean")
    ),
    FirmwareOperator("RESHAPE", 17, 1, checks.check_reshape, source="reshape", needs_options=False),
    FirmwareOperator("SOFTMAX", 9, 3, checks.check_softmax, source="softmax"),
)

OPERATORS: Final = {operator.name: operator for operator in _OPERATORS}
"""The operators by name."""

TFLM_KERNELS: Final = tuple(sorted({o.source for o in _OPERATORS if o.source is not None}))
"""Sources of TFLite Micro's kernels that the firmware uses."""

_NO_RESIZING: Final = "leave the resizing out: the firmware makes 48 x 48 pixels"
_NO_ATTENTION: Final = "leave the attention or recurrent layer out"
_DILATION: Final = "set the dilation in the convolution, and convert with a fixed batch of 1"
_STATIC_BATCH: Final = "fix the batch at 1: keras.Input((48, 48, 1), batch_size=1)"

CURES: Final = {
    "BATCH_MATMUL": _NO_ATTENTION,
    "BATCH_TO_SPACE_ND": _DILATION,
    "BROADCAST_TO": _NO_RESIZING,
    "CAST": "convert with inference_input_type tf.int8, and leave tf.cast out of the model",
    "CONCATENATION": "join branches with ADD",
    "DEPTH_TO_SPACE": "leave the layer out",
    "ELU": "use ReLU or LeakyReLU",
    "GELU": "use ReLU",
    "HARD_SWISH": "use ReLU",
    "L2_NORMALIZATION": "use BatchNormalization, which the converter folds into a convolution",
    "L2_POOL_2D": "use average pooling",
    "LOGISTIC": "use ReLU inside, and softmax at the end (two outputs for two classes)",
    "LOG_SOFTMAX": "use softmax",
    "MAXIMUM": "use ReLU",
    "MINIMUM": "use ReLU(6.0)",
    "MIRROR_PAD": 'use padding="same" in the convolution',
    "MUL": "leave out what multiplies: a Rescaling or Normalization layer with an offset (give its"
    " range in the card instead), an attention block, or a BatchNormalization that does not follow"
    " a convolution",
    "PACK": _STATIC_BATCH,
    "PAD": 'use padding="same" in the convolution instead of ZeroPadding2D',
    "PADV2": 'use padding="same" in the convolution instead of ZeroPadding2D',
    "PRELU": "use LeakyReLU, whose slope is fixed",
    "QUANTIZE": "convert with inference_input_type and inference_output_type tf.int8, and let"
    " branches join with ADD",
    "DEQUANTIZE": "convert with inference_input_type and inference_output_type tf.int8",
    "RELU": "put the ReLU right behind a convolution, a dense layer or an ADD, so that the"
    " converter fuses it",
    "RELU6": "put the ReLU right behind a convolution, a dense layer or an ADD, so that the"
    " converter fuses it",
    "RELU_N1_TO_1": "use ReLU right behind a convolution",
    "REDUCE_MAX": "use GlobalAveragePooling2D, or MaxPooling2D over the whole picture",
    "RESIZE_BILINEAR": _NO_RESIZING,
    "RESIZE_NEAREST_NEIGHBOR": _NO_RESIZING,
    "SHAPE": _STATIC_BATCH,
    "SPACE_TO_BATCH_ND": _DILATION,
    "SPLIT": "use convolutions with groups=1, or DepthwiseConv2D",
    "SQUEEZE": "use Flatten, or GlobalAveragePooling2D",
    "STRIDED_SLICE": _STATIC_BATCH,
    "SUB": "leave the Normalization layer out and give mean and std in the card",
    "DIV": "leave the Normalization layer out and give mean and std in the card",
    "SUM": "use GlobalAveragePooling2D",
    "TANH": "use ReLU",
    "TILE": _NO_RESIZING,
    "TRANSPOSE": "keep the channels last",
    "TRANSPOSE_CONV": "leave the layer out",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _NO_ATTENTION,
    "WHILE": _NO_ATTENTION,
}
"""What to use in place of an operator that the firmware does not have."""


def used_by(model: Model) -> list[str]:
    """The operators that a model needs, each once, in the order of their first use."""
    return list(dict.fromkeys(operator.name for operator in model.operators))


def cure_of(name: str) -> str:
    """The cure for an operator that the firmware does not have."""
    there = f"the firmware has {', '.join(OPERATORS)}"
    return f"{CURES.get(name, 'leave out the layer that becomes it')} ({there})"

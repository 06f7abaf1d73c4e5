"""Make a .tflite smaller without changing its outputs.

    python -m models.quantization.slim IN.tflite [-o OUT.tflite]

The converter writes much that inference does not read: names, descriptions, metadata, calibration
ranges, an empty buffer for each activation, a list of zeros for the zero points of each layer.
Weights, biases, shapes, scales and the graph do not change.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import click
import flatbuffers
import numpy as np
import numpy.typing as npt
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from facet.errors import FacetError
from facet.files import write_file
from facet.model.tflite import parse_model
from models.evaluation.tflm import HostModel

_IDENTIFIER: Final = b"TFL3"
_DATA_ALIGNMENT: Final = 16
"""Alignment of tensor data (``force_align: 16`` in TFLite's schema)."""

_WEIGHTED: Final = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_TRIALS: Final = 16
_SEED: Final = 1


def slim(data: bytes, trials: int = _TRIALS) -> bytes:
    """Remove and share whatever inference does not read; the outputs are checked to be the same.

    The result keeps everything that TFLM of July 2020 (crate tfmicro) and today's TFLM read; both
    accept tensors without names. There must be as many zero points as scales (2020's
    micro_allocator.cc copies all of them). Neither reads the quantization of a bias whose weights
    are quantized per channel (kernel_util.cc, PopulateConvolutionQuantizationParams). TFLM of 2020
    copies it into the arena, so that its removal saves 8 bytes of RAM for each channel too: 9,232
    of 48,064 bytes in a former facet-base. TFLite's XNNPACK delegate needs it, and leaves such
    layers to TFLite's own kernels, which are closer to TFLM's.

    Args:
        data: a .tflite with int8 input and output.
        trials: number of random images on which both files are compared, besides black and white.

    Returns:
        The smaller file; ``data`` if it is not smaller.

    Raises:
        FacetError: not a .tflite, or TFLite Micro cannot run it, or (a bug here) the outputs
            changed.
    """
    model = _unpack(data)
    before = HostModel(data)
    smaller = _pack(_remove_unread(model))
    if constants_sha256(smaller) != constants_sha256(data):
        raise FacetError("slimming changed a weight; keep the file as it is and report this")
    after = HostModel(smaller)
    for image in _inputs(before.input_shape, trials):
        if not np.array_equal(before.scores(image), after.scores(image)):
            raise FacetError("slimming changed the outputs; keep the file and report this")
    return min(smaller, data, key=len)


def constants_sha256(data: bytes) -> str:
    """SHA-256 of type, shape and values of all constant tensors in their order, in hex."""
    model = _unpack(data)
    digest = hashlib.sha256()
    for graph in model.subgraphs:
        for number, tensor in enumerate(graph.tensors):
            values = model.buffers[tensor.buffer].data
            if values is not None and len(values):
                digest.update(f"{number} {tensor.type} {_ints(tensor.shape)};".encode())
                digest.update(np.asarray(values, np.uint8).tobytes())
    return digest.hexdigest()


class _SharingBuilder(flatbuffers.Builder):  # type: ignore[misc]  # flatbuffers is untyped
    """A FlatBuffers builder that writes equal vectors once: several offsets may point to one."""

    def __init__(self) -> None:
        super().__init__(1 << 16)
        self._known: dict[tuple[str, bytes], int] = {}

    def CreateNumpyVector(self, x: npt.NDArray[Any]) -> int:
        key = (x.dtype.str, x.tobytes())
        if key not in self._known:
            if x.dtype == np.uint8:
                self.StartVector(1, x.size, _DATA_ALIGNMENT)
                self.head -= x.size
                self.Bytes[self.head : self.head + x.size] = x.tobytes()
                self._known[key] = self.EndVector()
            else:
                self._known[key] = super().CreateNumpyVector(x)
        return self._known[key]


def _unpack(data: bytes) -> Any:
    parse_model(data)  # refuses a damaged file with the reason
    return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))


def _pack(model: Any) -> bytes:
    builder = _SharingBuilder()
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


def _remove_unread(model: Any) -> Any:
    """Remove from the model, in place, whatever inference does not read, and duplicates."""
    if any(buffer.offset > 1 for buffer in model.buffers):
        raise FacetError("its weights are stored after the tables, as in files above 2 GB")
    model.description = None
    model.metadata = None
    model.metadataBuffer = None
    model.signatureDefs = None
    for graph in model.subgraphs:
        biases = _biases(model, graph)
        graph.name = None
        for number, tensor in enumerate(graph.tensors):
            tensor.name = None
            tensor.shapeSignature = None
            # Without a shape, hasRank distinguishes a scalar from a tensor of unknown rank.
            tensor.hasRank = tensor.hasRank and not _ints(tensor.shape)
            tensor.quantization = None if number in biases else _quantization(tensor.quantization)
    _share_buffers(model)
    return model


def _quantization(quantization: Any) -> Any:
    """Scales and zero points without the calibration ranges."""
    if quantization is None or quantization.scale is None or not len(quantization.scale):
        return None
    quantization.min = None
    quantization.max = None
    return quantization


def _biases(model: Any, graph: Any) -> set[int]:
    """Tensors that are only used as biases of layers with weights quantized per channel.

    Where the weights have a single scale, TFLite compares the bias's scale with it.
    """
    biases, other = set(), {int(i) for i in (*graph.inputs, *graph.outputs)}
    names = {value: name for name, value in vars(schema.BuiltinOperator).items()}
    for op in graph.operators:
        code = model.operatorCodes[op.opcodeIndex]
        inputs = _ints(op.inputs)
        other.update(_ints(op.outputs))
        name = names.get(max(code.builtinCode, code.deprecatedBuiltinCode))
        if name in _WEIGHTED and len(inputs) == 3 and _is_per_channel(graph.tensors[inputs[1]]):
            biases.add(inputs[2])
            inputs = inputs[:2]
        other.update(inputs)
    return biases - other


def _is_per_channel(tensor: Any) -> bool:
    scales = tensor.quantization.scale if tensor.quantization is not None else None
    return scales is not None and len(scales) > 1


def _share_buffers(model: Any) -> None:
    """Keep one buffer for each content; TFLite's schema demands that number 0 is empty."""
    kept = [schema.BufferT()]
    number_of = {b"": 0}
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            data = model.buffers[tensor.buffer].data
            content = b"" if data is None else np.asarray(data, np.uint8).tobytes()
            if content not in number_of:
                number_of[content] = len(kept)
                kept.append(model.buffers[tensor.buffer])
            tensor.buffer = number_of[content]
    model.buffers = kept


def _ints(values: Any) -> list[int]:
    return [] if values is None else [int(value) for value in values]


def _inputs(shape: tuple[int, ...], trials: int) -> list[npt.NDArray[np.uint8]]:
    """Black, white, and random squares of several sizes: noise averages out in a network."""
    rng = np.random.default_rng(_SEED)
    images = [np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)]
    for trial in range(trials):
        squares = [min(2 + trial, side) for side in shape]  # along each dimension
        coarse = rng.integers(0, 256, squares, np.uint8)
        where = [np.arange(side) * n // side for side, n in zip(shape, squares, strict=True)]
        images.append(coarse[np.ix_(*where)])
    return images


@click.command()
@click.argument("source", metavar="IN.tflite", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Default: overwrite IN.")
def main(source: Path, out: Path | None) -> None:
    """Make a .tflite smaller and check that its outputs do not change."""
    try:
        data = source.read_bytes()
        smaller = slim(data)
        write_file(out or source, smaller)
    except OSError as error:
        raise click.ClickException(f"{source} cannot be read: {error.strerror}") from None
    except FacetError as error:
        raise click.ClickException(f"{source}: {error}") from None
    click.echo(f"{len(data):,} bytes -> {len(smaller):,}")
    card = (out or source).with_suffix(".json")
    if card.exists() and smaller != data:
        click.echo(f"{card} describes the larger file: update it by python -m models.evaluate")


if __name__ == "__main__":
    main()

"""A smaller .tflite that says the same.

    python -m models.slim IN.tflite [-o OUT.tflite]

A converter writes much that no inference reads: names, descriptions, metadata, ranges from the
calibration, an empty buffer for each activation, the same list of zeros for each layer's zero
points. Weights, biases, shapes, scales and the graph stay as they are.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import numpy.typing as npt

from facet.errors import FacetError
from facet.files import write_file
from models.flatbuffer import SharingBuilder
from models.tflm import HostModel

_IDENTIFIER: Final = b"TFL3"
_WEIGHTED: Final = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_TRIALS: Final = 16
_SEED: Final = 1


def slim(data: bytes, trials: int = _TRIALS) -> bytes:
    """The model without what its inference does not read; outputs are those of `data`.

    What stays is what TFLM of July 2020 (crate tfmicro) and TFLM of today read: both take tensors
    without names. Zero points must be as many as scales (2020's micro_allocator.cc copies all of
    them). The bias's quantization is read by neither where the weights' is per channel
    (kernel_util.cc, PopulateConvolutionQuantizationParams); 2020 copies it into the arena, so that
    leaving it out spares 8 bytes of RAM a channel as well: a former facet-base's arena
    shrinks from 48,064 to 38,832 bytes. TFLite's XNNPACK delegate, which wants it, leaves such
    layers to TFLite's own kernels, which are nearer to TFLM's.

    Args:
        data: a .tflite with int8 input and output.
        trials: random pictures, beside a black and a white one, on which both are compared.

    Raises:
        FacetError: no .tflite, none that TFLite Micro runs, or, which would be a mistake here,
            other outputs than before.
    """
    model = _model(data)
    before = HostModel(data)
    smaller = _packed(_without_the_unread(model))
    if constants_sha256(smaller) != constants_sha256(data):
        raise FacetError("slimming changed a weight: keep the model as it is, and report this")
    after = HostModel(smaller)
    for image in _inputs(before.input_shape, trials):
        if not np.array_equal(before.scores(image), after.scores(image)):
            raise FacetError("slimming changed the outputs: keep the model as it is, and report it")
    return smaller


def constants_sha256(data: bytes) -> str:
    """SHA-256 of all constant tensors in their order: type, shape, values, in hex."""
    model = _model(data)
    digest = hashlib.sha256()
    for graph in model.subgraphs:
        for number, tensor in enumerate(graph.tensors):
            values = model.buffers[tensor.buffer].data
            if values is not None and len(values):
                digest.update(f"{number} {tensor.type} {_ints(tensor.shape)};".encode())
                digest.update(np.asarray(values, np.uint8).tobytes())
    return digest.hexdigest()


def parts(data: bytes) -> dict[str, int]:
    """Bytes of a .tflite by what they are for; what stands once and is used often counts once."""
    schema = _schema()
    model, objects = schema.Model.GetRootAsModel(data, 0), _model(data)
    found: dict[str, set[tuple[int, int]]] = {what: set() for what in _PARTS}
    for number in range(model.BuffersLength()):
        found["constants"] |= _vector(model.Buffers(number), 0, 1)
    for graph_number, graph_objects in enumerate(objects.subgraphs):
        biases = _biases(objects, graph_objects)
        graph = model.Subgraphs(graph_number)
        for number in range(graph.TensorsLength()):
            tensor = graph.Tensors(number)
            found["names"] |= _vector(tensor, 3, 1)
            quantization = tensor.Quantization()
            if quantization is not None:
                whose = "biases" if number in biases else "tensors"
                found[f"scales of {whose}"] |= _vector(quantization, 2, 4)
                found[f"zero points of {whose}"] |= _vector(quantization, 3, 8)
    sizes = {what: sum(size for _, size in places) for what, places in found.items()}
    return sizes | {"tables, padding, the rest": len(data) - sum(sizes.values())}


_PARTS: Final = (
    "constants",
    "scales of tensors",
    "zero points of tensors",
    "scales of biases",
    "zero points of biases",
    "names",
)


def _vector(table: Any, slot: int, element_bytes: int) -> set[tuple[int, int]]:
    """Where a table's vector stands and how many bytes it has; an empty set if it has none."""
    field = table._tab.Offset(4 + 2 * slot)
    if not field:
        return set()
    return {(table._tab.Vector(field), table._tab.VectorLen(field) * element_bytes)}


def _schema() -> Any:
    from tflite_micro.tensorflow.lite.micro.python import schema_py_generated

    return schema_py_generated


def _model(data: bytes) -> Any:
    if data[4:8] != _IDENTIFIER:
        raise FacetError("not a TFLite model (no 'TFL3' at byte 4)")
    schema = _schema()
    try:
        return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
    except (struct.error, ValueError, IndexError, TypeError) as error:
        raise FacetError(f"damaged or cut short ({error}); convert it again") from None


def _packed(model: Any) -> bytes:
    builder = SharingBuilder()
    return builder.file(model.Pack(builder), _IDENTIFIER)


def _without_the_unread(model: Any) -> Any:
    """Takes away from the model what inference does not read, and what it has twice."""
    if any(buffer.offset > 1 for buffer in model.buffers):
        raise FacetError("its weights lie after the file's tables: only models below 2 GB can do")
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
            # Tells a scalar from a tensor of unknown rank, where there is no shape.
            tensor.hasRank = tensor.hasRank and not _ints(tensor.shape)
            tensor.quantization = None if number in biases else _quantization(tensor.quantization)
    _share_buffers(model)
    _share_operator_codes(model)
    return model


def _quantization(quantization: Any) -> Any:
    """Scales and zero points without the ranges that they were computed from."""
    if quantization is None or quantization.scale is None or not len(quantization.scale):
        return None
    quantization.min = None
    quantization.max = None
    return quantization


def _biases(model: Any, graph: Any) -> set[int]:
    """Tensors that are only biases of layers whose weights are quantized per channel.

    Where the weights have one scale for all, TFLite compares the bias's scale with it.
    """
    biases, other = set(), {int(i) for i in (*graph.inputs, *graph.outputs)}
    names = {value: name for name, value in vars(_schema().BuiltinOperator).items()}
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
    """One buffer for each content; number 0 is empty, by TFLite's schema."""
    schema = _schema()
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


def _share_operator_codes(model: Any) -> None:
    """One entry for each operator and version, in the order of first use."""
    kept: list[Any] = []
    number_of: dict[tuple[Any, ...], int] = {}
    for graph in model.subgraphs:
        for op in graph.operators:
            code = model.operatorCodes[op.opcodeIndex]
            key = (code.builtinCode, code.deprecatedBuiltinCode, code.version, code.customCode)
            if key not in number_of:
                number_of[key] = len(kept)
                kept.append(code)
            op.opcodeIndex = number_of[key]
    model.operatorCodes = kept


def _ints(values: Any) -> list[int]:
    return [] if values is None else [int(value) for value in values]


def _inputs(shape: tuple[int, ...], trials: int) -> list[npt.NDArray[np.uint8]]:
    """Black, white, then chequered pictures: noise alone averages out in a network."""
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
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Where to write; over IN by default."
)
def main(source: Path, out: Path | None) -> None:
    """Make a .tflite smaller; its outputs stay the same, which is checked."""
    try:
        try:
            data = source.read_bytes()
        except OSError as error:
            raise FacetError(f"{source} cannot be read: {error.strerror}") from None
        try:
            smaller = slim(data)
        except FacetError as error:
            raise FacetError(f"{source}: {error}") from None
        write_file(out or source, smaller)
    except FacetError as error:
        raise click.ClickException(str(error)) from None
    _report(data, smaller)
    card = (out or source).with_suffix(".json")
    if card.exists() and smaller != data:
        click.echo(f"{card} may speak of the larger file: python -m models.measure writes it anew")


def _report(data: bytes, smaller: bytes) -> None:
    before, after = parts(data), parts(smaller)
    click.echo(f"{len(data):,} bytes -> {len(smaller):,}")
    for what in before:
        click.echo(f"  {what}: {before[what]:,} -> {after[what]:,}")


if __name__ == "__main__":
    main()

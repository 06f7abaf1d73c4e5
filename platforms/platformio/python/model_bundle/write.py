"""From a model and its card to the two files that the firmware compiles."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from model_bundle.check import INPUT_SHAPE, check_model, operator_names
from model_bundle.error import ModelError
from model_bundle.model import Model, read_model

DEFAULT_MODEL = "facet-small"

# Where each operator's registration comes from: TFLite Micro's own, or the firmware's kernels.
_OWN_KERNELS = {
    "CONV_2D": ("kernel/conv_2d.h", "kernel::RegisterConv2D()"),
    "DEPTHWISE_CONV_2D": ("kernel/depthwise_conv_2d.h", "kernel::RegisterDepthwiseConv2D()"),
    "FULLY_CONNECTED": ("kernel/fully_connected.h", "kernel::RegisterFullyConnected()"),
    "LEAKY_RELU": ("kernel/leaky_relu.h", "kernel::RegisterLeakyRelu()"),
    "MEAN": ("kernel/mean.h", "kernel::RegisterMean()"),
}


@dataclass(frozen=True)
class Bundle:
    """A checked model with its card."""

    path: Path
    name: str
    sha256: str
    labels: tuple[str, ...]
    model: Model


def find_model(project: Path, selection: str | None) -> Path:
    """The .tflite that `selection` means: a path, or a name in models/trained.

    Raises ModelError if there is none.
    """
    trained = project / "models" / "trained"
    if not selection:
        selection = DEFAULT_MODEL
    path = Path(selection).expanduser()
    if path.suffix != ".tflite":
        path = trained / f"{selection}.tflite"
        if not path.is_file():
            names = ", ".join(sorted(p.stem for p in trained.glob("*.tflite"))) or "none yet"
            raise ModelError(f"no model named {selection} in models/trained (there are: {names})")
    if not path.is_absolute():
        path = project / path
    if not path.is_file():
        raise ModelError(f"{path}: no such file")
    return path


def read_bundle(path: Path) -> Bundle:
    """Read and check a model and the card beside it.

    Raises ModelError, its path in front, for anything that the firmware would get wrong.
    """
    model = read_model(path)
    try:
        check_model(model)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None
    labels = _read_labels(path.with_suffix(".json"))
    outputs = model.outputs[0].shape[-1]
    if len(labels) != outputs:
        raise ModelError(
            f"{path.with_suffix('.json')}: {len(labels)} labels for a model with {outputs} outputs"
        )
    digest = hashlib.sha256(model.content).hexdigest()
    return Bundle(path=path, name=path.stem, sha256=digest, labels=labels, model=model)


def _read_labels(card: Path) -> tuple[str, ...]:
    try:
        content = json.loads(card.read_text())
    except OSError as error:
        raise ModelError(
            f"{card}: the model's card is missing ({error.strerror}); write one with at least"
            ' {"labels": ["happy", ...]} in the order of the outputs'
        ) from error
    except ValueError as error:
        raise ModelError(f"{card}: not JSON ({error})") from error
    labels = content.get("labels") if isinstance(content, dict) else None
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise ModelError(f'{card}: no "labels", a list of names in the order of the outputs')
    size = content.get("input", {})
    for key, want in (("height", INPUT_SHAPE[1]), ("width", INPUT_SHAPE[2])):
        if size.get(key, want) != want:
            raise ModelError(f'{card}: input "{key}" is {size[key]}; the firmware makes {want}')
    if size.get("real", "pixel/255") != "pixel/255":
        raise ModelError(f"{card}: input real is {size['real']!r}; the firmware feeds pixel/255")
    return tuple(labels)


def write_bundle(bundle: Bundle, folder: Path) -> None:
    """Write model_bundle.h, model_bundle.S and model.tflite into `folder`.

    Files that would not change are not touched, so that nothing is compiled again in vain.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / "model.tflite", bundle.model.content)
    _replace(folder / "model_bundle.h", _header(bundle).encode())
    # The hash stands in the source so that a new model makes a new source: nobody sees .incbin.
    _replace(folder / "model_bundle.S", _assembly(bundle).encode())


def _header(bundle: Bundle) -> str:
    operators = operator_names(bundle.model)
    includes = sorted({_OWN_KERNELS[o][0] for o in operators if o in _OWN_KERNELS})
    includes += ["tensorflow/lite/micro/kernels/micro_ops.h"]
    includes += ["tensorflow/lite/micro/micro_mutable_op_resolver.h"]
    adds = []
    for operator in operators:
        own = _OWN_KERNELS.get(operator)
        register = own[1] if own else f"tflite::ops::micro::Register_{operator}()"
        adds.append(f"  resolver->AddBuiltin(tflite::BuiltinOperator_{operator}, {register}, 0);")
    lines = [
        f"// Made from {bundle.path.name} by platforms/platformio/python/model_bundle.",
        "#pragma once",
        "",
        "#include <cstddef>",
        "#include <cstdint>",
        "",
        *(f'#include "{include}"' for include in includes),
        "",
        "namespace model_bundle {",
        "",
        f"inline constexpr char kName[] = {_literal(bundle.name)};",
        f"inline constexpr char kSha256[] = {_literal(bundle.sha256)};",
        f"inline constexpr std::size_t kModelBytes = {len(bundle.model.content)};",
        f"inline constexpr std::size_t kLabelCount = {len(bundle.labels)};",
        "inline constexpr const char* kLabels[kLabelCount] = {",
        *(f"    {_literal(label)}," for label in bundle.labels),
        "};",
        "",
        "/// The .tflite itself, 16 bytes aligned, in flash.",
        'extern "C" const std::uint8_t kModel[] __asm__("model_bundle_data");',
        "",
        f"inline constexpr unsigned kOperatorCount = {len(operators)};",
        "",
        "/// Registers just the operators that the model needs, in any version (0).",
        "inline void AddOperators(tflite::MicroMutableOpResolver<kOperatorCount>* resolver) {",
        *adds,
        "}",
        "",
        "}  // namespace model_bundle",
        "",
    ]
    return "\n".join(lines)


def _assembly(bundle: Bundle) -> str:
    return (
        f"/* {bundle.path.name}, sha256 {bundle.sha256} */\n"
        '    .section .model, "a", %progbits\n'
        "    .balign 16\n"
        "    .global model_bundle_data\n"
        "    .type model_bundle_data, %object\n"
        "model_bundle_data:\n"
        '    .incbin "model.tflite"\n'
        "    .size model_bundle_data, . - model_bundle_data\n"
    )


def _literal(text: str) -> str:
    """A C string; anything but plain ASCII is an octal escape, which no next digit can extend."""
    plain = (c if 32 <= c < 127 and c not in b'"\\?' else None for c in text.encode())
    body = "".join(
        chr(c) if c is not None else f"\\{byte:03o}"
        for c, byte in zip(plain, text.encode(), strict=True)
    )
    return f'"{body}"'


def _replace(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)

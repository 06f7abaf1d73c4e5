"""Finds the model's input in the RAM of a firmware with TensorFlow Lite Micro."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from elftools.dwarf.die import DIE

from facet.firmware.elf import Firmware

ReadMemory = Callable[[int, int], bytes]
"""The bytes at an address: (address, size). Raises LookupError where there is no memory."""

_INTERPRETER: Final = "_ZN3app10classifier12_GLOBAL__N_111interpreterE"
"""``app::classifier::(anonymous)::interpreter``, a pointer (firmware/app/classifier.cc)."""

_SOURCE_FILE: Final = "classifier.cc"

_MEMBERS: Final = {
    "MicroInterpreter": ("context_", "subgraph_"),
    "TfLiteContext": ("tensors",),
    "TfLiteTensor": ("type", "data", "dims", "bytes"),
}
"""Members whose places are looked up (tensorflow/lite/micro/micro_interpreter.h, c/common.h)."""

_INT8: Final = 9
"""``kTfLiteInt8`` (tensorflow/lite/c/common.h)."""

_INPUTS_FIELD: Final = 1
"""``SubGraph.inputs`` is the second field of its table (tensorflow/lite/schema/schema.fbs)."""

_LARGEST_INPUT_bytes: Final = 1 << 20
_MOST_DIMENSIONS: Final = 8

_SIZE: Final = "sizeof"
"""Stands beside the members for the size of the whole."""


@dataclass(frozen=True)
class ModelInput:
    """The input tensor in the chip's memory.

    Args:
        data: its int8 values, one byte each.
        shape: of the tensor, such as (1, 48, 48, 1).
    """

    data: bytes
    shape: tuple[int, ...]


class ModelInputReader:
    """Finds the input by the firmware's symbols and debugging information, as a debugger does.

    Args:
        firmware: an ELF file.

    Raises:
        LookupError: it is not Facet's firmware, or it lacks symbols or debugging information.
    """

    def __init__(self, firmware: Firmware) -> None:
        self._interpreter = firmware.symbols[_INTERPRETER].address
        offsets = _offsets(firmware)
        for name, members in _MEMBERS.items():
            if not set(members) <= offsets.get(name, {}).keys():
                raise LookupError(f"no debugging information about {name}")
        self._interpreter_has = offsets["MicroInterpreter"]
        self._context_has = offsets["TfLiteContext"]
        self._tensor_has = offsets["TfLiteTensor"]
        self._tensor_bytes = offsets["TfLiteTensor"][_SIZE]

    def read(self, memory: ReadMemory) -> ModelInput | None:
        """The input as it is now; None before the firmware has started its interpreter.

        Args:
            memory: reads the chip's memory, as the core would.
        """
        try:
            return self._read(memory)
        except LookupError:  # memory holds anything until the firmware has set it
            return None

    def _read(self, memory: ReadMemory) -> ModelInput | None:
        def word(address: int) -> int:
            return int.from_bytes(memory(address, 4), "little")

        interpreter = word(self._interpreter)
        context = interpreter + self._interpreter_has["context_"]
        subgraph = word(interpreter + self._interpreter_has["subgraph_"])
        number = _first_input(subgraph, memory)
        tensor = word(context + self._context_has["tensors"]) + number * self._tensor_bytes
        dims = word(tensor + self._tensor_has["dims"])
        shape = tuple(word(dims + 4 * i) for i in range(1, 1 + min(word(dims), _MOST_DIMENSIONS)))
        size = word(tensor + self._tensor_has["bytes"])
        is_int8 = memory(tensor + self._tensor_has["type"], 1)[0] == _INT8
        if not is_int8 or size != math.prod(shape) or size > _LARGEST_INPUT_bytes:
            return None
        return ModelInput(memory(word(tensor + self._tensor_has["data"]), size), shape)


def _first_input(subgraph: int, memory: ReadMemory) -> int:
    """The number of the first input's tensor in the model's FlatBuffer."""

    def number(address: int, size: int) -> int:
        return int.from_bytes(memory(address, size), "little", signed=size == 4)

    table = subgraph - number(subgraph, 4)
    field = subgraph + number(table + 4 + 2 * _INPUTS_FIELD, 2)
    vector = field + number(field, 4)
    return number(vector + 4, 4)


def _offsets(firmware: Firmware) -> Mapping[str, dict[str, int]]:
    """Places of the members of the structures in ``_MEMBERS``, and their sizes."""
    found: dict[str, dict[str, int]] = {}
    try:
        for die in _structures(firmware):
            name = _name(die)
            if name in _MEMBERS and name not in found:
                found[name] = {
                    _name(member): int(member.attributes["DW_AT_data_member_location"].value)
                    for member in die.iter_children()
                    if member.tag == "DW_TAG_member"
                    and "DW_AT_data_member_location" in member.attributes
                }
                found[name][_SIZE] = int(die.attributes["DW_AT_byte_size"].value)
    except Exception as error:  # elftools raises a dozen kinds for damaged files
        raise LookupError(f"damaged debugging information: {error}") from None
    return found


def _structures(firmware: Firmware) -> Iterator[DIE]:
    """The structures that the classifier's source file defines in full."""
    if firmware.dwarf is None:
        raise LookupError("no debugging information")
    for unit in firmware.dwarf.iter_CUs():
        if not _name(unit.get_top_DIE()).endswith(_SOURCE_FILE):
            continue
        for die in unit.iter_DIEs():
            is_type = die.tag in ("DW_TAG_structure_type", "DW_TAG_class_type")
            if is_type and "DW_AT_byte_size" in die.attributes:
                yield die


def _name(die: Any) -> str:
    name = die.attributes.get("DW_AT_name")
    return "" if name is None else str(name.value.decode(errors="replace"))

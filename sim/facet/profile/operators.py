"""The operators of the model in a firmware, and what each one costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from facet.firmware.elf import Firmware
from facet.firmware.flat import FlatImage
from facet.model.tflite import IDENTIFIER, Model, ModelError, Operator, parse_model
from facet.profile.counts import Counts, Node, named
from facet.profile.functions import FunctionTable
from facet.profile.phases import INVOKERS

_NOT_KERNELS: Final = ("ResetTempAllocations", "BeginEvent", "EndEvent", "ClearEvents")
"""Virtual functions that today's TensorFlow Lite Micro calls beside the kernels."""


@dataclass(frozen=True)
class OperatorCost:
    """An operator of the model over the run.

    Attributes:
        index: its place in the order of execution, from 0.
        number: as the engine counted it.
        name: as in TensorFlow Lite's schema; None where the model is not known.
        output_shape: of its result, the batch first; empty where it is not known.
        macs: multiply-accumulates in one inference; None where the model is not known.
        kernel: the function that took most of its cycles.
        runs: how often it ran.
        cycles: in all runs.
        causes: its cycles by the name of their cause.
    """

    index: int
    number: int
    name: str | None
    output_shape: tuple[int, ...]
    macs: int | None
    kernel: str
    runs: int
    cycles: int
    causes: dict[str, int]

    @property
    def title(self) -> str:
        """``3 CONV_2D``, or the number alone."""
        return f"{self.index} {self.name}" if self.name else str(self.index)

    @property
    def cycles_per_run(self) -> float:
        """Mean cycles of one run."""
        return self.cycles / self.runs if self.runs else 0.0

    @property
    def cycles_per_mac(self) -> float | None:
        """Cycles for each multiply-accumulate; None for an operator without."""
        return self.cycles_per_run / self.macs if self.macs else None


def macs_of(operator: Operator) -> int:
    """Multiply-accumulates of one run of an operator; 0 for one that only moves or compares."""
    result = operator.outputs[0]
    weights = operator.inputs[1] if len(operator.inputs) > 1 else None
    if weights is None:
        return 0
    if operator.name == "CONV_2D":  # weights [out, height, width, in]
        return result.count * math.prod(weights.shape[1:])
    if operator.name == "DEPTHWISE_CONV_2D":  # weights [1, height, width, out]
        return result.count * math.prod(weights.shape[1:3])
    if operator.name == "FULLY_CONNECTED":  # weights [out, in]
        return result.count * weights.shape[-1]
    if operator.name == "TRANSPOSE_CONV":  # inputs: shape, weights [out, height, width, in], source
        source = operator.inputs[2] if len(operator.inputs) > 2 else None
        return 0 if source is None else source.count * math.prod(weights.shape[:3])
    return 0


def model_in(firmware: Firmware | FlatImage) -> Model | None:
    """The model in a firmware's flash; None where there is none, or several."""
    found: dict[bytes, Model] = {}
    contents = (
        [segment.data for segment in firmware.segments]
        if isinstance(firmware, Firmware)
        else [firmware.data]
    )
    for data in contents:
        place = data.find(IDENTIFIER)
        while place >= 0:
            begin = place - 4
            if begin >= 0 and not begin % 4:
                try:
                    model = parse_model(data[begin:])
                except ModelError:
                    pass
                else:
                    found[data[begin : begin + 64]] = model
            place = data.find(IDENTIFIER, place + 1)
    return next(iter(found.values())) if len(found) == 1 else None


def operator_costs(
    counts: Counts, table: FunctionTable, model: Model | None
) -> tuple[list[OperatorCost], str | None]:
    """What each operator cost.

    Args:
        counts: of the run.
        table: the firmware's functions.
        model: the model that ran, where it is known.

    Returns:
        The operators in their order, and a note where there is something to say about them.
    """
    invokers = {f.begin for name in INVOKERS for f in table.find(name)}
    by_number: dict[int, list[Node]] = {}
    for node in counts.nodes[1:]:
        caller = counts.nodes[node.parent] if node.parent else None
        if node.number and caller is not None and caller.function in invokers:
            name = table.name_of(node.function).rpartition("::")[2]
            if name not in _NOT_KERNELS:
                by_number.setdefault(node.number, []).append(node)
    if not by_number:
        return [], None if model is None else _why_none(invokers)
    groups = sorted(by_number.items())
    known = model.operators if model is not None else ()
    note = None
    if model is not None and len(known) != len(groups):
        note = (
            f"the model has {len(known)} operators, but the interpreter called "
            f"{len(groups)} kernels: their names are left out"
        )
        known = ()
    return [
        _cost(counts, table, index, number, nodes, known[index] if known else None)
        for index, (number, nodes) in enumerate(groups)
    ], note


def _why_none(invokers: set[int]) -> str:
    if not invokers:
        return (
            "there is a model in the flash, but its operators are not counted: the firmware has "
            f"no symbol {' or '.join(INVOKERS)}"
        )
    return "the model did not run"


def _cost(
    counts: Counts,
    table: FunctionTable,
    index: int,
    number: int,
    nodes: list[Node],
    operator: Operator | None,
) -> OperatorCost:
    below = [n for node in nodes for n in _subtree(counts, node)]
    own: dict[int, int] = {}
    for node in below:
        own[node.function] = own.get(node.function, 0) + node.own_cycles
    by_cause = sum((node.own for node in below[1:]), below[0].own)
    return OperatorCost(
        index=index,
        number=number,
        name=operator.name if operator else None,
        output_shape=operator.outputs[0].shape if operator else (),
        macs=macs_of(operator) if operator else None,
        kernel=table.name_of(max(own, key=lambda function: (own[function], -function))),
        runs=sum(node.calls for node in nodes if node.number),
        cycles=sum(node.total for node in nodes),
        causes=named(by_cause),
    )


def _subtree(counts: Counts, top: Node) -> list[Node]:
    found, todo = [], [top]
    while todo:
        node = todo.pop()
        found.append(node)
        todo += [counts.nodes[child] for child in node.children]
    return found

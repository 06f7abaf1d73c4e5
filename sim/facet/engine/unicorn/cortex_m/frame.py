"""Exception frames: what the core pushes on entry and pops on return (ARM DDI 0403E, B1.5.6-8)."""

from __future__ import annotations

import struct

from facet.engine.unicorn.cpu import ArmCpu

_BASIC = ("R0", "R1", "R2", "R3", "R12", "LR")
_SPSEL, _FPCA = 2, 4
_ALIGNED = 1 << 9  # stacked xPSR bit 9: four bytes of padding were added
_IT_BITS = 0x0600_FC00


class NoStackError(Exception):
    """The frame has no memory under it; `address` is where it should have been."""

    def __init__(self, address: int) -> None:
        super().__init__(f"no memory for an exception frame at {address:#010x}")
        self.address = address


def push(cpu: ArmCpu, return_address: int, lazy_fp: bool) -> int:
    """Stacks the interrupted context.

    FIDELITY: floating-point registers are stored at once; silicon keeps room for them and stores
    them at the handler's first use of the FPU; hides a handler that looks at the unused room.

    Args:
        return_address: of the instruction to go on with.
        lazy_fp: whether room for FP registers is kept (FPCCR.ASPEN and FPCA).

    Returns:
        EXC_RETURN for the handler's LR.

    Raises:
        NoStackError: the stack pointer points to where there is no memory.
    """
    xpsr = cpu["XPSR"]
    in_handler = xpsr & 0x1FF
    control = cpu["CONTROL"]
    with_fp = lazy_fp and bool(control & _FPCA)
    use_psp = not in_handler and bool(control & _SPSEL)
    stack = "PSP" if use_psp else "MSP"
    pointer = cpu[stack]
    size = 0x68 if with_fp else 0x20
    padding = pointer & 4
    base = (pointer - size - padding) & ~7 & 0xFFFF_FFFF
    words = [cpu[name] for name in _BASIC]
    words += [return_address, (xpsr & ~_ALIGNED) | (_ALIGNED if padding else 0)]
    if with_fp:
        words += [cpu[f"S{n}"] for n in range(16)] + [cpu["FPSCR"], 0]
    try:
        cpu.memory.write(base, struct.pack(f"<{len(words)}I", *words))
    except IndexError:
        raise NoStackError(base) from None
    cpu[stack] = base
    returns_to = 0x1 if in_handler else 0xD if use_psp else 0x9
    return 0xFFFF_FFE0 | (0 if with_fp else 0x10) | returns_to


def pop(cpu: ArmCpu, exc_return: int) -> int:
    """Takes the context off the stack that EXC_RETURN names.

    Returns:
        The exception number that goes on: 0 for thread mode.

    Raises:
        NoStackError: the stack pointer points to where there is no memory.
    """
    stack = "PSP" if exc_return & 4 else "MSP"
    with_fp = not exc_return & 0x10
    base = cpu[stack]
    count = 26 if with_fp else 8
    try:
        words = struct.unpack(f"<{count}I", cpu.memory.read(base, 4 * count))
    except IndexError:
        raise NoStackError(base) from None
    xpsr = words[7]
    # The mode first: Unicorn keeps SP, MSP and PSP in step by CONTROL and IPSR.
    cpu["XPSR"] = xpsr & ~_ALIGNED
    thread = not xpsr & 0x1FF
    control = cpu["CONTROL"] & ~(_SPSEL | _FPCA)
    if thread and exc_return & 4:
        control |= _SPSEL
    if with_fp:
        control |= _FPCA
    cpu["CONTROL"] = control
    cpu[stack] = (base + 4 * count + (4 if xpsr & _ALIGNED else 0)) & 0xFFFF_FFFF
    for name, value in zip(_BASIC, words, strict=False):
        cpu[name] = value
    if with_fp:
        for n in range(16):
            cpu[f"S{n}"] = words[8 + n]
        cpu["FPSCR"] = words[24]
    cpu["PC"] = words[6] | 1  # Thumb; bit 0 is the state, not the address
    return int(xpsr) & 0x1FF

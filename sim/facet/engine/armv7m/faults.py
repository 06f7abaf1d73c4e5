"""Faults of the ARMv7-M architecture: exception, status bits and the text that names the cause.

Source: ARM DDI 0403E, B1.5.14 (fault behaviour) and B3.2.15 (CFSR).
"""

from __future__ import annotations

from dataclasses import dataclass

from facet.engine.armv7m import exceptions as ex
from facet.engine.armv7m import mpu, scb
from facet.engine.protocol import MemoryRegion

EXECUTE_NEVER = (range(0x4000_0000, 0x6000_0000), range(0xA000_0000, 0x1_0000_0000))
"""PM0214, table 13: peripherals, external devices and the system's own space."""

_STACK_REACH = 1024  # bytes from SP within which an access to nothing is called a stack overflow


@dataclass(frozen=True)
class Fault:
    """A synchronous fault.

    Attributes:
        number: of the exception that the core takes, before escalation.
        status: bits that it sets in CFSR.
        message: the cause, for a person.
    """

    number: int
    status: int
    message: str

    @property
    def text(self) -> str:
        """The exception's name and the cause."""
        return f"{ex.name(self.number)}: {self.message}"


SVC_MASKED = Fault(ex.HARD_FAULT, 0, "SVC where its priority does not allow it")
BKPT = Fault(ex.HARD_FAULT, 0, "BKPT with no debugger connected")
NO_FPU = Fault(
    ex.USAGE_FAULT, scb.NOCP, "floating-point instruction while SCB_CPACR denies the FPU"
)
DIVIDE_BY_ZERO = Fault(ex.USAGE_FAULT, scb.DIVBYZERO, "division by zero while SCB_CCR.DIV_0_TRP=1")
UNALIGNED = Fault(
    ex.USAGE_FAULT,
    scb.UNALIGNED,
    "unaligned access: LDM, STM, LDRD, STRD, VLDR, VSTR and LDREX need aligned addresses, "
    "and with SCB_CCR.UNALIGN_TRP=1 every access",
)
UNDEFINED = Fault(ex.USAGE_FAULT, scb.UNDEFINSTR, "undefined instruction")
NOT_THUMB_HANDLER = Fault(ex.USAGE_FAULT, scb.INVSTATE, "handler address without the Thumb bit")


def not_thumb(pc: int) -> Fault:
    """A branch to `pc` without the Thumb bit."""
    return Fault(
        ex.USAGE_FAULT,
        scb.INVSTATE,
        f"jump to {pc:#010x}, whose bit 0 (Thumb) is clear: no function lies there",
    )


def illegal_return(exc_return: int) -> Fault:
    """An exception return that the state of the core does not allow."""
    return Fault(ex.USAGE_FAULT, scb.INVPC, f"illegal exception return {exc_return:#010x}")


def no_frame(address: int, protected: bool) -> Fault:
    """An exception return whose frame lies outside of memory, or where the MPU forbids it."""
    if protected:
        message = f"the MPU does not allow the exception frame at {address:#010x} to be read"
        return Fault(ex.MEM_MANAGE, scb.MUNSTKERR, message)
    return Fault(ex.BUS_FAULT, scb.UNSTKERR, f"no stack to return from at {address:#010x}")


def fetch(address: int) -> Fault:
    """Code fetched from where there is none."""
    never = any(address in region for region in EXECUTE_NEVER)
    number, status = (ex.MEM_MANAGE, scb.IACCVIOL) if never else (ex.BUS_FAULT, scb.IBUSERR)
    what = "no code (execute never)" if never else "nothing"
    return Fault(number, status, f"code fetched from {address:#010x}, where there is {what}")


def protection(address: int, access: int, what: str) -> Fault:
    """An access that the MPU does not allow.

    Args:
        address: of the access.
        access: READ, WRITE or EXECUTE of `facet.engine.armv7m.mpu`.
        what: the region that covers the address.
    """
    if access == mpu.EXECUTE:
        message = f"code at {address:#010x}, which the MPU does not let run: {what} covers it"
        return Fault(ex.MEM_MANAGE, scb.IACCVIOL, message)
    verb = "write to" if access == mpu.WRITE else "read of"
    message = f"{verb} {address:#010x}, which the MPU does not allow: {what} covers it"
    return Fault(ex.MEM_MANAGE, scb.DACCVIOL | scb.MMARVALID, message)


def unprivileged(address: int, write: bool) -> Fault:
    """An unprivileged access to the private peripheral bus."""
    verb = "write to" if write else "read of"
    return Fault(
        ex.BUS_FAULT,
        scb.PRECISERR | scb.BFARVALID,
        f"unprivileged {verb} {address:#010x}: the system control space is for privileged code",
    )


def data(address: int, write: bool, region: MemoryRegion | None, pointer: int) -> Fault:
    """A data access that the memory does not allow.

    Args:
        address: of the access.
        write: whether it is a store.
        region: the memory at `address`, or None.
        pointer: SP at the access.
    """
    what = f"{region.name} is read-only" if region else "there is nothing"
    message = f"{'write to' if write else 'read of'} {address:#010x}, where {what}"
    if region is None and -_STACK_REACH <= address - pointer < _STACK_REACH:
        message = f"stack overflow: SP is {pointer:#010x}, below its memory ({message})"
    return Fault(ex.BUS_FAULT, scb.PRECISERR | scb.BFARVALID, message)

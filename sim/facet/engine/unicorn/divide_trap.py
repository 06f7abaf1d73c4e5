"""Division by zero as a fault (SCB_CCR.DIV_0_TRP), which Unicorn's QEMU does not know.

Each division in a block that is about to run gets a hook of its own that looks at the divisor, so
that only programs that ask for the trap pay, and only when they divide.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import capstone
import unicorn
from capstone import arm
from unicorn import arm_const

_DIVISIONS = (arm.ARM_INS_SDIV, arm.ARM_INS_UDIV)
_REGISTERS = {
    **{getattr(arm, f"ARM_REG_R{n}"): getattr(arm_const, f"UC_ARM_REG_R{n}") for n in range(13)},
    arm.ARM_REG_LR: arm_const.UC_ARM_REG_LR,
}


class DivideTrap:
    """Finds divisions and watches their divisors.

    Args:
        uc: the core.
        decoder: for its code, with details on.
        divided_by_zero: called before a division by zero; it must stop the core.
    """

    def __init__(
        self, uc: unicorn.Uc, decoder: capstone.Cs, divided_by_zero: Callable[[], None]
    ) -> None:
        self.on = False
        self._uc = uc
        self._decoder = decoder
        self._divided_by_zero = divided_by_zero
        self._armed: set[int] = set()
        self._found: list[capstone.CsInsn] = []

    def found_in(self, code: bytes, address: int) -> bool:
        """Looks through a block; True when it divides and `arm` must be called before it runs."""
        self._found = [
            this
            for this in self._decoder.disasm(code, address)
            if this.id in _DIVISIONS and this.address not in self._armed
        ]
        return bool(self._found)

    def arm(self) -> bool:
        """Watches what `found_in` found, while the core stands still; True when there was any."""
        found, self._found = self._found, []
        for this in found:
            self._armed.add(this.address)
            divisor = _REGISTERS[this.operands[-1].reg]
            self._uc.hook_add(
                unicorn.UC_HOOK_CODE,
                partial(self._divides, divisor, this.cc),
                begin=this.address,
                end=this.address,
            )
            # The block was translated without the hook.
            self._uc.ctl_remove_cache(this.address, this.address + this.size)
        return bool(found)

    def _divides(
        self, divisor: int, condition: int, uc: Any, _address: int, _size: int, _data: Any
    ) -> None:
        if (
            self.on
            and uc.reg_read(divisor) == 0
            and _holds(condition, uc.reg_read(arm_const.UC_ARM_REG_XPSR))
        ):
            self._divided_by_zero()


def _holds(condition: int, xpsr: int) -> bool:
    """Whether an instruction in an IT block is carried out (ARM DDI 0403E, A7.3)."""
    n, z, c, v = (bool(xpsr >> place & 1) for place in (31, 30, 29, 28))
    return {
        arm.ARM_CC_EQ: z,
        arm.ARM_CC_NE: not z,
        arm.ARM_CC_HS: c,
        arm.ARM_CC_LO: not c,
        arm.ARM_CC_MI: n,
        arm.ARM_CC_PL: not n,
        arm.ARM_CC_VS: v,
        arm.ARM_CC_VC: not v,
        arm.ARM_CC_HI: c and not z,
        arm.ARM_CC_LS: not c or z,
        arm.ARM_CC_GE: n == v,
        arm.ARM_CC_LT: n != v,
        arm.ARM_CC_GT: not z and n == v,
        arm.ARM_CC_LE: z or n != v,
    }.get(condition, True)

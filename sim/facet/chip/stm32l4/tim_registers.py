"""Registers of the timers (RM0351, sections 30 to 33).

The tables are those of TIM1, which has the most; `declare` removes what another timer lacks.
"""

from __future__ import annotations

from dataclasses import dataclass

from facet.chip.peripheral import Peripheral
from facet.chip.registers import Field, Register, bit, bits

CHANNELS = (1, 2, 3, 4)
"""The number of channels with a pin; TIM1's channels 5 and 6 have no function here."""


@dataclass(frozen=True)
class TimerKind:
    """The functions of a timer besides its counter.

    Attributes:
        channels: the number of channels.
        counter_bits: 16 or 32.
        complements: channels that have an output CHxN.
        directions: CR1 has DIR and CMS.
        slave: there is SMCR.
        breaks: there are RCR and BDTR, and outputs need BDTR.MOE.
        stored: registers that do nothing: name -> offset.
    """

    channels: int = 0
    counter_bits: int = 16
    complements: tuple[int, ...] = ()
    directions: bool = False
    slave: bool = False
    breaks: bool = False
    stored: tuple[tuple[str, int], ...] = ()


_ADVANCED = TimerKind(
    4,
    complements=(1, 2, 3),
    directions=True,
    slave=True,
    breaks=True,
    stored=(
        *(("OR1", 0x50), ("CCMR3_Output", 0x54), ("CCR5", 0x58), ("CCR6", 0x5C)),
        *(("OR2", 0x60), ("OR3", 0x64)),
    ),
)
_OPTIONS = (("OR", 0x50), ("OR2", 0x60))

KINDS = {
    "TIM1": _ADVANCED,
    "TIM2": TimerKind(4, 32, directions=True, slave=True, stored=_OPTIONS),
    "TIM3": TimerKind(4, directions=True, slave=True, stored=_OPTIONS),
    "TIM4": TimerKind(4, directions=True, slave=True),
    "TIM5": TimerKind(4, 32, directions=True, slave=True),
    "TIM6": TimerKind(),
    "TIM7": TimerKind(),
    "TIM8": _ADVANCED,
    "TIM15": TimerKind(
        2, complements=(1,), slave=True, breaks=True, stored=(("OR1", 0x50), ("OR2", 0x60))
    ),
    "TIM16": TimerKind(1, complements=(1,), breaks=True, stored=(("OR2", 0x60),)),
    "TIM17": TimerKind(1, complements=(1,), breaks=True, stored=(("OR1", 0x50), ("OR2", 0x60))),
}
"""Timer -> its kind. TIM16's OR1 belongs to its model."""


def _each(name: str, low: int, step: int = 1) -> dict[str, Field]:
    return {name.format(n): bit(low + step * n) for n in CHANNELS}


def _modes(first: int) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for low, n in ((0, first), (8, first + 1)):
        fields |= {
            f"CC{n}S": bits(low + 1, low),
            f"OC{n}FE": bit(low + 2),
            f"OC{n}PE": bit(low + 3),
            f"OC{n}M": bits(low + 6, low + 4),
            f"OC{n}CE": bit(low + 7),
            f"OC{n}M_3": bit(16 + low),
        }
    return fields


class CounterRegisters(Peripheral):
    """The registers of all timers."""

    CR1 = Register(
        *(0x00, 0, "rw"),
        CEN=bit(0),
        UDIS=bit(1),
        URS=bit(2),
        OPM=bit(3),
        DIR=bit(4),
        CMS=bits(6, 5),
        ARPE=bit(7),
        CKD=bits(9, 8),
        UIFREMAP=bit(11),
    )
    # FIDELITY:
    #   model: The trigger output (CR2.MMS) reaches nothing.
    #   silicon: The trigger starts the ADC, the DAC and other timers.
    #   hides: Nothing: none of these has a model.
    CR2 = Register(
        *(0x04, 0, "rw"),
        CCPC=bit(0),
        CCUS=bit(2),
        CCDS=bit(3),
        MMS=bits(6, 4),
        TI1S=bit(7),
        **_each("OIS{}", 6, 2),
        **{f"OIS{n}N": bit(7 + 2 * n) for n in (1, 2, 3)},
        OIS5=bit(16),
        OIS6=bit(18),
        MMS2=bits(23, 20),
    )
    DIER = Register(
        *(0x0C, 0, "rw"),
        UIE=bit(0),
        **_each("CC{}IE", 0),
        COMIE=bit(5),
        TIE=bit(6),
        BIE=bit(7),
        UDE=bit(8),
        **_each("CC{}DE", 8),
        COMDE=bit(13),
        TDE=bit(14),
    )
    SR = Register(
        *(0x10, 0, "rc_w0"),
        UIF=bit(0),
        **_each("CC{}IF", 0),
        COMIF=bit(5),
        TIF=bit(6),
        BIF=bit(7),
        B2IF=bit(8),
        **_each("CC{}OF", 8),
        CC5IF=bit(16),
        CC6IF=bit(17),
    )
    EGR = Register(
        *(0x14, 0, "wo"),
        UG=bit(0),
        **_each("CC{}G", 0),
        COMG=bit(5),
        TG=bit(6),
        BG=bit(7),
        B2G=bit(8),
    )
    CNT = Register(0x24)
    PSC = Register(0x28, 0, "rw", PSC=bits(15, 0))
    ARR = Register(0x2C)

    def declare(self, kind: TimerKind) -> None:
        """Makes the fields that a timer of `kind` lacks reserved bits."""
        for name, state in self.registers.items():
            fields = state.declaration.fields
            lacks = [field for field in fields if not _has_field(kind, name, field)]
            self.redeclare(state.declaration.without(lacks))


class ChannelRegisters(CounterRegisters):
    """The registers that timers with channels have in addition."""

    SMCR = Register(
        *(0x08, 0, "rw"),
        SMS=bits(2, 0),
        TS=bits(6, 4),
        MSM=bit(7),
        ETF=bits(11, 8),
        ETPS=bits(13, 12),
        ECE=bit(14),
        ETP=bit(15),
        SMS_3=bit(16),
    )
    CCMR1_Output = Register(0x18, 0, "rw", **_modes(1))
    CCMR2_Output = Register(0x1C, 0, "rw", **_modes(3))
    CCER = Register(
        *(0x20, 0, "rw"),
        **_each("CC{}E", -4, 4),
        **_each("CC{}P", -3, 4),
        **{f"CC{n}NE": bit(4 * n - 2) for n in (1, 2, 3)},
        **_each("CC{}NP", -1, 4),
        CC5E=bit(16),
        CC5P=bit(17),
        CC6E=bit(20),
        CC6P=bit(21),
    )
    RCR = Register(0x30, 0, "rw", REP=bits(15, 0))
    BDTR = Register(
        *(0x44, 0, "rw"),
        DTG=bits(7, 0),
        LOCK=bits(9, 8),
        OSSI=bit(10),
        OSSR=bit(11),
        BKE=bit(12),
        BKP=bit(13),
        AOE=bit(14),
        MOE=bit(15),
        BKF=bits(19, 16),
        BK2F=bits(23, 20),
        BK2E=bit(24),
        BK2P=bit(25),
    )
    DCR = Register(0x48, 0, "rw", DBA=bits(4, 0), DBL=bits(12, 8))
    DMAR = Register(0x4C, 0, "rw", DMAB=bits(15, 0))

    def declare(self, kind: TimerKind) -> None:
        """Adds the numbered registers and removes those that a timer of `kind` lacks."""
        super().declare(kind)
        for number in range(1, kind.channels + 1):
            field = {f"CCR{number}": bits(kind.counter_bits - 1, 0)}
            self.add_numbered(Register(0x30 + 4 * number, 0, "rw", **field), "CCR{}", number)
        for name, offset in kind.stored:
            register = Register(offset)
            register.name = name
            self.add_register(register)
        if kind is not _ADVANCED:
            narrow = Register(0x30, 0, "rw", REP=bits(7, 0))
            narrow.name = "RCR"
            self.redeclare(narrow)
        absent = [] if kind.slave else ["SMCR"]
        absent += [] if kind.breaks else ["RCR", "BDTR"]
        absent += [] if kind.channels > 2 else ["CCMR2_Output"]
        for name in absent:
            self.remove_register(name)


_ALL_CHANNELS = {"DIER", "SR", "EGR", "CCER", "CCMR1_Output", "CCMR2_Output"}


def _has_field(kind: TimerKind, register: str, field: str) -> bool:
    """Whether a timer of `kind` has a field of the full table."""
    number = next((int(letter) for letter in field if letter.isdigit()), 0)
    if field in ("DIR", "CMS"):
        has = kind.directions
    elif field in ("CKD", "CCDS"):
        has = kind.channels > 0
    elif field == "MMS":
        has = kind.slave or kind.channels == 0
    elif field in ("TI1S", "TIE", "TDE", "TIF", "TG"):
        has = kind.slave
    elif field in ("CCPC", "CCUS", "COMIE", "COMDE", "COMIF", "COMG", "BIE", "BIF", "BG"):
        has = kind.breaks
    elif field in ("MMS2", "B2IF", "B2G", "BK2F", "BK2E", "BK2P") or number in (5, 6):
        has = kind.breaks and kind.channels == CHANNELS[-1]
    elif field.startswith("OIS"):
        own = kind.complements if field.endswith("N") else range(1, kind.channels + 1)
        has = kind.breaks and number in own
    elif register == "CCER" and field.endswith("NE"):
        has = number in kind.complements
    elif register in _ALL_CHANNELS:
        has = number <= kind.channels
    else:
        has = True
    return has

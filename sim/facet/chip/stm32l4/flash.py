"""Flash interface (RM0351, section 3): wait states, caches, locks, option bytes."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.registers import Register, bit, bits
from facet.clock import ClockSignal, exceeds

MAX_HCLK_MHZ = {1: (16, 32, 48, 64, 80), 2: (6, 12, 18, 26, 26)}
"""Voltage range -> highest HCLK for 0, 1, 2, 3, 4 wait states (RM0351 table 9)."""

_KEYS = (0x4567_0123, 0xCDEF_89AB)  # RM0351 3.3.5
_OPTION_KEYS = (0x0819_2A3B, 0x4C5D_6E7F)  # RM0351 3.4.2
_OPTR_FACTORY = 0xFFEF_F8AA  # RM0351 3.4.1: option bytes as delivered


class FlashTiming:
    """The settings that the time of a fetch from flash depends on."""

    def __init__(self) -> None:
        self.wait_states = 0
        self.icache = True
        self.dcache = True
        self.prefetch = False
        self.on_cache_reset: Callable[[bool, bool], None] = lambda _code, _data: None
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Calls `listener` after each change."""
        self._listeners.append(listener)

    def reset_caches(self, code: bool, data: bool) -> None:
        """The firmware resets the instruction cache, the data cache or both."""
        if code or data:
            self.on_cache_reset(code, data)

    def set(self, wait_states: int, icache: bool, dcache: bool, prefetch: bool) -> None:
        """Takes over a write of FLASH_ACR."""
        before = (self.wait_states, self.icache, self.dcache, self.prefetch)
        self.wait_states, self.icache = wait_states, icache
        self.dcache, self.prefetch = dcache, prefetch
        if before != (wait_states, icache, dcache, prefetch):
            for listener in self._listeners:
                listener()


def needed_wait_states(hclk_hz: int, voltage_range: int) -> int:
    """The smallest number of wait states for a frequency (RM0351 table 9)."""
    for wait_states, limit in enumerate(MAX_HCLK_MHZ[voltage_range]):
        if not exceeds(hclk_hz, limit * 1_000_000):
            return wait_states
    return 4


class Flash(Peripheral):
    """The flash interface's registers.

    Args:
        hclk: the clock that the wait states count.
        voltage_range: the core's range, 1 or 2.
    """

    ACR = Register(
        0x00,
        0x0000_0600,
        LATENCY=bits(2, 0),
        PRFTEN=bit(8),
        ICEN=bit(9),
        DCEN=bit(10),
        ICRST=bit(11),
        DCRST=bit(12),
        RUN_PD=bit(13),
        SLEEP_PD=bit(14),
    )
    PDKEYR = Register(0x04, 0, "wo", PDKEYR=bits(31, 0))
    KEYR = Register(0x08, 0, "wo", KEYR=bits(31, 0))
    OPTKEYR = Register(0x0C, 0, "wo", OPTKEYR=bits(31, 0))
    SR = Register(
        0x10,
        0,
        "rc_w1",
        EOP=bit(0),
        OPERR=bit(1),
        PROGERR=bit(3),
        WRPERR=bit(4),
        PGAERR=bit(5),
        SIZERR=bit(6),
        PGSERR=bit(7),
        MISERR=bit(8),
        FASTERR=bit(9),
        RDERR=bit(14),
        OPTVERR=bit(15),
        BSY=bit(16, "ro"),
    )
    CR = Register(
        0x14,
        0xC000_0000,
        PG=bit(0),
        PER=bit(1),
        MER1=bit(2),
        PNB=bits(10, 3),
        BKER=bit(11),
        MER2=bit(15),
        STRT=bit(16),
        OPTSTRT=bit(17),
        FSTPG=bit(18),
        EOPIE=bit(24),
        ERRIE=bit(25),
        RDERRIE=bit(26),
        OBL_LAUNCH=bit(27),
        OPTLOCK=bit(30, "rs"),
        LOCK=bit(31, "rs"),
    )
    ECCR = Register(
        0x18,
        0,
        "ro",
        ADDR_ECC=bits(18, 0),
        BK_ECC=bit(19),
        SYSF_ECC=bit(20),
        ECCIE=bit(24, "rw"),
        ECCC=bit(30, "rc_w1"),
        ECCD=bit(31, "rc_w1"),
    )
    # FIDELITY:
    #   model: Option bytes can be written but not programmed.
    #   silicon: OPTSTRT stores them and OBL_LAUNCH loads them again.
    #   hides: A firmware that changes its own options.
    OPTR = Register(
        0x20,
        _OPTR_FACTORY,
        RDP=bits(7, 0),
        BOR_LEV=bits(10, 8),
        nRST_STOP=bit(12),
        nRST_STDBY=bit(13),
        nRST_SHDW=bit(14),
        IWDG_SW=bit(16),
        IWDG_STOP=bit(17),
        IWDG_STDBY=bit(18),
        WWDG_SW=bit(19),
        BFB2=bit(20),
        DUALBANK=bit(21),
        nBOOT1=bit(23),
        SRAM2_PE=bit(24),
        SRAM2_RST=bit(25),
    )
    PCROP1SR = Register(0x24, 0xFFFF_FFFF, PCROP1_STRT=bits(15, 0))
    PCROP1ER = Register(0x28, 0x0FFF_0000, PCROP1_END=bits(15, 0), PCROP_RDP=bit(31))
    WRP1AR = Register(0x2C, 0xFF00_FFFF, WRP1A_STRT=bits(7, 0), WRP1A_END=bits(23, 16))
    WRP1BR = Register(0x30, 0xFF00_FFFF, WRP1B_STRT=bits(7, 0), WRP1B_END=bits(23, 16))
    PCROP2SR = Register(0x44, 0xFFFF_FFFF, PCROP2_STRT=bits(15, 0))
    PCROP2ER = Register(0x48, 0xFFFF_0000, PCROP2_END=bits(15, 0))
    WRP2AR = Register(0x4C, 0xFF00_FFFF, WRP2A_STRT=bits(7, 0), WRP2A_END=bits(23, 16))
    WRP2BR = Register(0x50, 0xFF00_FFFF, WRP2B_STRT=bits(7, 0), WRP2B_END=bits(23, 16))

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        hclk: ClockSignal,
        voltage_range: Callable[[], int],
    ) -> None:
        super().__init__(name, base, chip)
        self.timing = FlashTiming()
        self._hclk = hclk
        self._voltage_range = voltage_range
        self._keys_taken = 0
        self._option_keys_taken = 0
        hclk.subscribe(self.check)

    def reset(self) -> None:
        """Carries out a system reset: the option bytes stay, and the registers are locked."""
        options = {
            name: self.registers[name].value
            for name in ("OPTR", "PCROP1SR", "PCROP1ER", "WRP1AR", "WRP1BR")
        }
        super().reset()
        for name, value in options.items():
            self.registers[name].value = value
        self._keys_taken = self._option_keys_taken = 0
        self._apply()

    def check(self) -> None:
        """Checks the wait states against HCLK and the voltage range."""
        voltage_range = self._voltage_range()
        needed = needed_wait_states(self._hclk.hz, voltage_range)
        if self.timing.wait_states < needed:
            self.violation(
                "flash-latency",
                f"HCLK is {self._hclk.hz / 1e6:g} MHz in range {voltage_range} with "
                f"ACR.LATENCY={self.timing.wait_states}: {needed} wait states are needed",
            )

    def _apply(self) -> None:
        acr = self.ACR
        self.timing.set(acr["LATENCY"], bool(acr["ICEN"]), bool(acr["DCEN"]), bool(acr["PRFTEN"]))

    def write_ACR(self, value: int, old: int) -> None:
        """Changes wait states and caches."""
        if self.ACR["LATENCY"] > 4:
            self.violation("flash-latency", f"ACR.LATENCY={self.ACR['LATENCY']} is reserved")
        fields = self.ACR.declaration.fields
        for reset, enable, cache in (("ICRST", "ICEN", "instruction"), ("DCRST", "DCEN", "data")):
            # RM0351 3.7.1: the bit may only be set while the cache is off; it may stay set later.
            if value & ~old & fields[reset].mask and old & fields[enable].mask:
                self.violation(
                    "flash-cache", f"ACR.{reset} set while the {cache} cache is on ({enable}=1)"
                )
        self.timing.reset_caches(bool(self.ACR["ICRST"]), bool(self.ACR["DCRST"]))
        self._apply()
        self.check()

    def write_KEYR(self, value: int, old: int) -> None:
        """Unlocks CR after both keys; a wrong key locks it until the next reset (RM0351 3.3.5)."""
        if self._keys_taken < len(_KEYS) and value == _KEYS[self._keys_taken]:
            self._keys_taken += 1
            if self._keys_taken == len(_KEYS):
                self.CR["LOCK"] = 0
        else:
            self._keys_taken = len(_KEYS)
            self.CR["LOCK"] = 1
            self.violation(
                "flash-key", f"{value:#010x} in KEYR is not the next key: CR is locked until reset"
            )
        self.KEYR.value = 0

    def write_OPTKEYR(self, value: int, old: int) -> None:
        """Unlocks the option bytes (CR.OPTLOCK) as KEYR unlocks CR."""
        taken = self._option_keys_taken
        if taken < len(_OPTION_KEYS) and value == _OPTION_KEYS[taken]:
            self._option_keys_taken += 1
            if self._option_keys_taken == len(_OPTION_KEYS):
                self.CR["OPTLOCK"] = 0
        else:
            self._option_keys_taken = len(_OPTION_KEYS)
            self.CR["OPTLOCK"] = 1
            self.violation(
                "flash-key", f"{value:#010x} in OPTKEYR is not the next key: locked until reset"
            )
        self.OPTKEYR.value = 0

    def write_CR(self, value: int, old: int) -> None:
        """Refuses the write while CR is locked; programming operations are reported."""
        lock = self.CR.declaration.fields["LOCK"].mask
        if old & lock and (value ^ old):
            self.CR.value = old
            self.violation("flash-locked", "CR written while CR.LOCK=1: it keeps its value")
            return
        if self.CR["LOCK"]:
            self._keys_taken = 0
        if self.CR["OPTLOCK"]:
            self._option_keys_taken = 0
        # FIDELITY:
        #   model: Erasing and programming have no model; the start of either is reported.
        #   silicon: The erasure of a 2 KB page takes 22 ms, the programming of 8 bytes 82 us
        #     (DS10198).
        #   hides: Nothing: a firmware that needs them cannot run.
        for field in ("PG", "STRT", "FSTPG", "OPTSTRT", "OBL_LAUNCH"):
            if self.CR[field]:
                self.CR[field] = 0
                self.violation(
                    "not-modelled", f"CR.{field} set: Facet does not model flash programming"
                )

"""SPI1: commands to the flash (registers as in Espressif's SVD file).

A bit of CMD sends a command that the controller has built in. CMD.USR sends the command whose
phases USER, USER1 and USER2 describe.
"""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.esp32c3.flash_chip import FlashChip
from facet.chip.esp32c3.flash_spi import spi_clock_hz
from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits
from facet.time import ZERO, Time, of_ticks

_BUFFER_WORDS = 16
_COMMANDS = {
    # Field of CMD -> instruction of the flash, whether an address follows.
    "FLASH_READ": (0x03, True),
    "FLASH_WREN": (0x06, False),
    "FLASH_WRDI": (0x04, False),
    "FLASH_RDID": (0x9F, False),
    "FLASH_RDSR": (0x05, False),
    "FLASH_WRSR": (0x01, False),
    "FLASH_PP": (0x02, True),
    "FLASH_SE": (0x20, True),
    "FLASH_BE": (0xD8, True),
    "FLASH_CE": (0xC7, False),
    "FLASH_DP": (0xB9, False),
    "FLASH_RES": (0xAB, False),
}


class Spi1(GatedPeripheral):
    """SPI1.

    FIDELITY:
        model: A command takes the clocks of its phases, with one line each. A read takes those of
            command 03h, whatever CTRL says.
        silicon: The chip uses the lines that CTRL names.
        hides: The time of a read.

    Args:
        name: SPI1.
        base: address of CMD.
        chip: the chip's services.
        source_hz: the crystal's or RC oscillator's frequency, or 0 when the PLL is the source.
    """

    CMD = Register(
        0x00,
        0,
        "rw",
        SPI1_MST_ST=bits(3, 0, "ro"),
        MSPI_ST=bits(7, 4, "ro"),
        FLASH_PE=bit(17),
        USR=bit(18),
        FLASH_HPM=bit(19),
        FLASH_RES=bit(20),
        FLASH_DP=bit(21),
        FLASH_CE=bit(22),
        FLASH_BE=bit(23),
        FLASH_SE=bit(24),
        FLASH_PP=bit(25),
        FLASH_WRSR=bit(26),
        FLASH_RDSR=bit(27),
        FLASH_RDID=bit(28),
        FLASH_WRDI=bit(29),
        FLASH_WREN=bit(30),
        FLASH_READ=bit(31),
    )
    ADDR = Register(0x04)
    CTRL = Register(
        0x08,
        0x002C_A000,
        "rw",
        FDUMMY_OUT=bit(3),
        FCMD_DUAL=bit(7),
        FCMD_QUAD=bit(8),
        FCS_CRC_EN=bit(10),
        TX_CRC_EN=bit(11),
        FASTRD_MODE=bit(13),
        FREAD_DUAL=bit(14),
        RESANDRES=bit(15),
        Q_POL=bit(18),
        D_POL=bit(19),
        FREAD_QUAD=bit(20),
        WP=bit(21),
        WRSR_2B=bit(22),
        FREAD_DIO=bit(23),
        FREAD_QIO=bit(24),
    )
    CLOCK = Register(
        0x14,
        0x0003_0103,
        "rw",
        CLKCNT_L=bits(7, 0),
        CLKCNT_H=bits(15, 8),
        CLKCNT_N=bits(23, 16),
        CLK_EQU_SYSCLK=bit(31),
    )
    USER = Register(
        0x18,
        0x8000_0000,
        "rw",
        CK_OUT_EDGE=bit(9),
        FWRITE_DUAL=bit(12),
        FWRITE_QUAD=bit(13),
        FWRITE_DIO=bit(14),
        FWRITE_QIO=bit(15),
        USR_MISO_HIGHPART=bit(24),
        USR_MOSI_HIGHPART=bit(25),
        USR_DUMMY_IDLE=bit(26),
        USR_MOSI=bit(27),
        USR_MISO=bit(28),
        USR_DUMMY=bit(29),
        USR_ADDR=bit(30),
        USR_COMMAND=bit(31),
    )
    USER1 = Register(
        0x1C, 0x5C00_0007, "rw", USR_DUMMY_CYCLELEN=bits(5, 0), USR_ADDR_BITLEN=bits(31, 26)
    )
    USER2 = Register(
        0x20, 0x7000_0000, "rw", USR_COMMAND_VALUE=bits(15, 0), USR_COMMAND_BITLEN=bits(31, 28)
    )
    MOSI_DLEN = Register(0x24, 0, "rw", USR_MOSI_DBITLEN=bits(9, 0))
    MISO_DLEN = Register(0x28, 0, "rw", USR_MISO_DBITLEN=bits(9, 0))
    RD_STATUS = Register(0x2C, 0, "rw", STATUS=bits(15, 0), WB_MODE=bits(23, 16))

    FLASH_SUS_CTRL = Register(
        0x9C,
        0x0800_2000,
        "rw",
        FLASH_PER=bit(0),
        FLASH_PES=bit(1),
        FLASH_PER_WAIT_EN=bit(2),
        FLASH_PES_WAIT_EN=bit(3),
        PES_PER_EN=bit(4),
        FLASH_PES_EN=bit(5),
        PESR_END_MSK=bits(21, 6),
        RD_SUS_2B=bit(22),
        PER_END_EN=bit(23),
        PES_END_EN=bit(24),
        SUS_TIMEOUT_CNT=bits(31, 25),
    )

    def __init__(
        self, name: str, base: int, chip: ChipServices, *, source_hz: Callable[[], int]
    ) -> None:
        super().__init__(name, base, chip)
        self._source_hz = source_hz
        for number in range(_BUFFER_WORDS):
            self.add_numbered(Register(0x58 + 4 * number), "W{}", number)
        self._buffer = [self.registers[f"W{number}"] for number in range(_BUFFER_WORDS)]
        self.flash = FlashChip(chip, self.report_once)
        self._done_at: Time = ZERO

    def read_CMD(self) -> int:
        """The bits of the running command; 0 when it is done."""
        if self.chip.now >= self._done_at:
            self.CMD.value = 0
        return self.CMD.value

    def write_CMD(self, value: int, old: int) -> None:
        """Sends a command."""
        if self.chip.now < self._done_at:
            self.report_once("spi1-busy", "CMD written during a command, which is cut short")
        named = [field for field in _COMMANDS if self.CMD[field]]
        if self.CMD["FLASH_HPM"]:
            self.not_modelled("CMD.FLASH_HPM=1: high-performance mode of the flash")
        if len(named) + self.CMD["USR"] > 1:
            self.report_once("spi1-commands", f"CMD={value:#010x} starts several commands at once")
        if self.CMD["USR"]:
            clocks = self._send_user_command()
        else:
            clocks = sum(self._send(field) for field in named)
        hz = spi_clock_hz(self._source_hz(), self.CLOCK)
        self._done_at = Time(self.chip.now + of_ticks(clocks, hz))

    def write_FLASH_SUS_CTRL(self, value: int, old: int) -> None:
        """Reports that an erasure is to be suspended, which is not modelled."""
        for field in ("FLASH_PER", "FLASH_PES", "FLASH_PES_EN"):
            if self.FLASH_SUS_CTRL[field]:
                self.not_modelled(f"FLASH_SUS_CTRL.{field}=1: the suspension of an erasure")

    def _send(self, field: str) -> int:
        """Sends a built-in command and returns its number of clocks."""
        code, addressed = _COMMANDS[field]
        address, length = self.ADDR.value & 0xFF_FFFF, self.ADDR.value >> 24
        data, count = b"", 0
        if field == "FLASH_PP":
            data = self._take(length)
        elif field == "FLASH_READ":
            count = length
        elif field == "FLASH_WRSR":
            data = self.RD_STATUS["STATUS"].to_bytes(2, "little")[: 1 + self.CTRL["WRSR_2B"]]
        elif field == "FLASH_RDID":
            count = 3
        elif field in ("FLASH_RDSR", "FLASH_RES"):
            count = 1
        answer = self.flash.command(code, address if addressed else 0, data, count)
        if field in ("FLASH_RDSR", "FLASH_RES"):
            self.RD_STATUS["STATUS"] = answer[0]
        else:
            self._put(answer)
        return 8 + 24 * addressed + 8 * (len(data) + count)

    def _send_user_command(self) -> int:
        """Sends the command that USER describes and returns its number of clocks."""
        clocks = 0
        code = address = dummy = count = 0
        data = b""
        if self.USER["USR_COMMAND"]:
            code = self.USER2["USR_COMMAND_VALUE"] & 0xFF
            clocks += self.USER2["USR_COMMAND_BITLEN"] + 1
        if self.USER["USR_ADDR"]:
            width = self.USER1["USR_ADDR_BITLEN"] + 1
            address = self.ADDR.value & (1 << width) - 1
            address >>= max(0, width - 24)  # mode bits or a dummy byte follow
            clocks += width
        if self.USER["USR_DUMMY"]:
            dummy = self.USER1["USR_DUMMY_CYCLELEN"] + 1
        if self.USER["USR_MOSI"]:
            data = self._take(-(-(self.MOSI_DLEN["USR_MOSI_DBITLEN"] + 1) // 8))
        if self.USER["USR_MISO"]:
            count = -(-(self.MISO_DLEN["USR_MISO_DBITLEN"] + 1) // 8)
        if not self.USER["USR_COMMAND"]:
            self.not_modelled("CMD.USR=1 with USER.USR_COMMAND=0: a transfer without a command")
            return 1
        self._put(self.flash.command(code, address, data, count))
        return clocks + dummy + 8 * (len(data) + count)

    def _take(self, count: int) -> bytes:
        buffer = b"".join(word.value.to_bytes(4, "little") for word in self._buffer)
        return buffer[:count]

    def _put(self, data: bytes) -> None:
        for number in range(-(-len(data) // 4)):
            part = data[4 * number : 4 * number + 4]
            self._buffer[number].value = int.from_bytes(part, "little")

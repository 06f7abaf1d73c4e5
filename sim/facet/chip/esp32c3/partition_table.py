"""The partition table that a flash gets together with an application that came alone.

Source: ESP-IDF Programming Guide, "Partition Tables"; its binary form by gen_esp32part.py.
"""

from __future__ import annotations

import hashlib
import struct

OFFSET = 0x8000
APPLICATION_OFFSET = 0x1_0000

_ENTRY = struct.Struct("<2sBBII16sI")
_MAGIC, _MD5_MAGIC = b"\xaa\x50", b"\xeb\xeb"
_TABLE_BYTES = 0xC00
_USUAL_BYTES, _PAGE = 1 << 20, 64 << 10
_APP, _DATA = 0, 1
_FACTORY, _PHY, _NVS = 0, 1, 2


def single_application(size: int) -> bytes:
    """The table of one application and its data, as ESP-IDF's default has it.

    Args:
        size: of the application's image, in bytes.
    """
    room = max(_USUAL_BYTES, -(-size // _PAGE) * _PAGE)
    table = b"".join(
        _ENTRY.pack(_MAGIC, kind, subtype, offset, size, name, 0)
        for name, kind, subtype, offset, size in (
            (b"nvs", _DATA, _NVS, 0x9000, 0x6000),
            (b"phy_init", _DATA, _PHY, 0xF000, 0x1000),
            (b"factory", _APP, _FACTORY, APPLICATION_OFFSET, room),
        )
    )
    table += _MD5_MAGIC + b"\xff" * 14 + hashlib.md5(table).digest()
    return table + b"\xff" * (_TABLE_BYTES - len(table))

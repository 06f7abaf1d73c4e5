"""Parts around the chip: camera modules and the serial terminal."""

"""Parts around the chip: cameras, displays, batteries, the host at the other end of the UART."""

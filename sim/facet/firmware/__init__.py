"""Firmware files: building them, and reading ELF files and flat images."""

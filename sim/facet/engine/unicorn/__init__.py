"""The default engine: Unicorn (QEMU's CPU cores as a library), from PyPI."""

"""Benchmarks of the simulator: its speed, and the flash waits that it does not count."""

import facet.cli  # noqa: F401  before NumPy: it keeps BLAS to one thread, as for the command itself

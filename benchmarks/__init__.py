"""How fast the simulator is."""

import facet.cli  # noqa: F401  before NumPy: it keeps BLAS to one thread, as for the command itself

"""Facet's simulator: a board that real firmware runs on, and the parts around it."""

__version__ = "0.1.0"

"""Data sets and models to and from other tools: Edge Impulse."""

"""Import and export of data sets and models for other tools: Edge Impulse."""

"""Renode as a CPU engine: its cores and memories, with Facet's peripherals, time and scenes."""

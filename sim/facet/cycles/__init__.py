"""Cycle models: what instructions and memories cost."""

"""Cycle models of the cores and their flash caches."""

"""Predicted cycles against published ones: `make accuracy` writes docs/accuracy.md."""

"""Tests of the parts around the chip."""

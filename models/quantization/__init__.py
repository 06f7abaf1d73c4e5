"""Conversion to int8: quantization-aware training, channel equalization, the converter."""

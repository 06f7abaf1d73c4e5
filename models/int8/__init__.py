"""int8 inference of many images at once in NumPy, bit for bit what TFLite Micro computes."""

from models.int8.model import BatchModel

__all__ = ["BatchModel"]

"""Check a .tflite model against what the firmware computes right, and turn it into source."""

from model_bundle.check import check_model
from model_bundle.error import ModelError
from model_bundle.model import Model, read_model
from model_bundle.write import Bundle, find_model, write_bundle

__all__ = [
    "Bundle",
    "Model",
    "ModelError",
    "check_model",
    "find_model",
    "read_model",
    "write_bundle",
]

"""The source files of the firmware."""

from pathlib import Path

_MICRO = "tensorflow/lite/micro/"
_DOWNLOADS = _MICRO + "tools/make/downloads/"

# TFLite Micro itself. Its error reporter, its clock and its log are for hosts and left out; the
# linker drops each kernel that the model does not use.
_TFLM_CORE = (
    "tensorflow/lite/c/common.c",
    "tensorflow/lite/core/api/error_reporter.cc",
    "tensorflow/lite/core/api/flatbuffer_conversions.cc",
    "tensorflow/lite/core/api/op_resolver.cc",
    "tensorflow/lite/core/api/tensor_utils.cc",
    "tensorflow/lite/kernels/internal/quantization_util.cc",
    "tensorflow/lite/kernels/kernel_util.cc",
    _MICRO + "memory_helpers.cc",
    _MICRO + "memory_planner/greedy_memory_planner.cc",
    _MICRO + "memory_planner/linear_memory_planner.cc",
    _MICRO + "micro_allocator.cc",
    _MICRO + "micro_interpreter.cc",
    _MICRO + "micro_string.cc",
    _MICRO + "micro_utils.cc",
    _MICRO + "simple_memory_allocator.cc",
)

# The part that the project's own kernels call, which is all that the unit tests need.
_TFLM_HELPERS = (
    "tensorflow/lite/c/common.c",
    "tensorflow/lite/kernels/internal/quantization_util.cc",
    "tensorflow/lite/kernels/kernel_util.cc",
)


def has_tflm(tflm: Path) -> bool:
    """Whether all of TFLite Micro that the firmware needs is in this folder."""
    return all((tflm / name).is_file() for name in tflm_sources())


def tflm_sources(helpers_only: bool = False) -> list[str]:
    """Sources of TFLite Micro, relative to its root."""
    if helpers_only:
        return list(_TFLM_HELPERS)
    from facet.model.operators import TFLM_KERNELS

    return [*_TFLM_CORE, *(f"{_MICRO}kernels/{name}.cc" for name in TFLM_KERNELS)]


def tflm_includes(tflm: Path) -> list[Path]:
    """Folders in which TFLite Micro finds its headers."""
    return [
        tflm,
        tflm / _DOWNLOADS / "flatbuffers/include",
        tflm / _DOWNLOADS / "gemmlowp",
        tflm / _DOWNLOADS / "ruy",
    ]


def app_sources(firmware: Path) -> list[Path]:
    """Sources of Facet's program: all but the HAL, in a fixed order."""
    return _in_folders(firmware, "app", "driver", "kernel")


def hal_sources(firmware: Path, hal: str) -> list[Path]:
    """Sources of one chip's HAL, in a fixed order."""
    return _in_folders(firmware, "hal/common", f"hal/{hal}")


def driver_sources(firmware: Path) -> list[Path]:
    """Sources of the camera's driver, in a fixed order."""
    return _in_folders(firmware, "driver")


def portable_sources(firmware: Path) -> list[Path]:
    """Sources that need neither a chip nor a model."""
    app = ("command", "json_line", "preprocess")
    return [firmware / "app" / f"{name}.cc" for name in app] + sorted(
        (firmware / "kernel").glob("*.cc")
    )


def _in_folders(firmware: Path, *folders: str) -> list[Path]:
    return [
        path
        for folder in folders
        for pattern in ("*.cc", "*.S")
        for path in sorted((firmware / folder).glob(pattern))
    ]

"""Exports a model for Edge Impulse's "bring your own model"."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from facet.dataset.frame import Frame
from facet.dataset.resample import middle_square, resize_area
from facet.errors import FacetError
from facet.files import read_file
from facet.interchange import edge_impulse_deploy
from facet.interchange.new_folder import new_folder
from facet.model.bundle import ModelBundle
from facet.model.checked import read_checked
from facet.model.input_range import UNIT

SIDE_px: Final = 48
"""Height and width of every model's input here; gray, pixel/255."""

_README: Final = """\
# {name} for Edge Impulse

An int8 TensorFlow Lite model that names the emotion on a face, for Edge Impulse's
["bring your own model"](https://docs.edgeimpulse.com/studio/projects/dashboard/byom).

| | |
|---|---|
| file | `{file}`, {size:,} bytes, SHA-256 `{sha256}` |
| input | image, {side} x {side}, grayscale (1 channel) |
| input scaling | pixels ranging 0..1 (`"0..1"`); in int8 that is pixel - 128 |
| output | classification, {count} labels in this order: {labels} |
| quantized | yes, int8 in and out: no representative features are needed |

## From Python

```
pip install edgeimpulse
export EI_API_KEY=ei_...        # a key of your project: Dashboard, Keys
python deploy.py --profile-only --device cortex-m4f-80mhz
python deploy.py                # a C++ library, as a .zip beside this file
```

`deploy.py` calls

```python
ei.model.deploy(
    model="{file}",
    model_output_type=Classification(labels={label_list}),
    model_input_type=ImageInput(scaling_range="0..1"),
    deploy_model_type="int8",
    engine="tflite",            # or "tflite-eon", the EON compiler
    deploy_target="zip",
)
```

## In Studio

Dashboard, *Upload your model*: choose `{file}`; model input *Image*, scaling *Pixels ranging 0..1
(not normalized)*; model output *Classification*, with the labels of `labels.txt` in that order.
{features}
## Differences between an Edge Impulse library and Facet's firmware

An Edge Impulse library has its own version of TensorFlow Lite Micro (or its own compiler) and
resizes the camera's picture itself, so that scores may differ: compare a few pictures first.
"""

_FEATURES: Final = """
`representative_features.npy` holds {count} pictures as float32 [{count}, {side}, {side}, 1], 0..1.
An int8 model does not need them. They serve where you bring the same network as a float model
(`representative_data_for_quantization`).
"""


def export_model(model: ModelBundle, out: Path, frames: Sequence[Frame] = ()) -> None:
    """Writes the .tflite with all files that Edge Impulse needs.

    Args:
        model: from ``facet.model.bundle.find``.
        out: a folder that does not exist yet, or is empty.
        frames: pictures for ``representative_features.npy``; none: there will be no such file.

    Raises:
        FacetError: the card describes another input, the model cannot be read, or `out` cannot be
            written.
    """
    _check_input(model.tflite)
    data = read_file(model.tflite)
    about = {
        "file": model.tflite.name,
        "sha256": model.sha256,
        "width": SIDE_px,
        "height": SIDE_px,
        "channels": 1,
        # as of the Studio API's SavePretrainedModelRequest
        "input": {"inputType": "image", "inputScaling": "0..1"},
        "model": {"modelType": "classification", "labels": list(model.labels)},
    }
    features = _FEATURES.format(count=len(frames), side=SIDE_px) if frames else ""
    readme = _README.format(
        name=model.name,
        file=model.tflite.name,
        size=len(data),
        sha256=model.sha256,
        side=SIDE_px,
        count=len(model.labels),
        labels=", ".join(model.labels),
        label_list=json.dumps(list(model.labels), ensure_ascii=False),
        features=features,
    )
    with new_folder(out) as folder:
        (folder / model.tflite.name).write_bytes(data)
        _write(folder / "model.json", json.dumps(about, indent=2, ensure_ascii=False) + "\n")
        _write(folder / "labels.txt", "".join(f"{label}\n" for label in model.labels))
        _write(folder / "README.md", readme)
        _write(folder / "deploy.py", Path(edge_impulse_deploy.__file__).read_text("utf-8"))
        if frames:
            (folder / "representative_features.npy").write_bytes(_npy(frames))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _npy(frames: Sequence[Frame]) -> bytes:
    """Pictures as the network sees them, float32 [frames, height, width, 1] of 0..1."""
    pixels = np.stack(
        [resize_area(middle_square(frame.image), SIDE_px, SIDE_px) for frame in frames]
    )
    file = io.BytesIO()
    np.save(file, (pixels[..., None] / np.float32(255)).astype(np.float32))
    return file.getvalue()


def _check_input(tflite: Path) -> None:
    """Refuses a model that does not take pixels of 0 to 1, which the written files promise."""
    pixels = read_checked(tflite).pixels
    if pixels != UNIT:
        raise FacetError(
            f"{tflite}: it takes pixels of {pixels}; an export for Edge Impulse supports 0 to 1"
        )

"""Profile this model on Edge Impulse, then build a library of it there.

    pip install edgeimpulse
    export EI_API_KEY=ei_...   # of your project: Dashboard, Keys
    python deploy.py

Comes from `facet export edge-impulse --model`; model.json beside it describes the model.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Parses the command line and runs the steps."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", help="profile for this device, such as cortex-m4f-80mhz")
    parser.add_argument("--target", default="zip", help="what to build; zip: a C++ library")
    parser.add_argument("--engine", default="tflite", help="tflite, or tflite-eon: compiled")
    parser.add_argument("--profile-only", action="store_true", help="build nothing")
    options = parser.parse_args()

    import edgeimpulse as ei
    from edgeimpulse.model.input_type import ImageInput
    from edgeimpulse.model.output_type import Classification

    about = json.loads((HERE / "model.json").read_text(encoding="utf-8"))
    model = str(HERE / about["file"])
    ei.model.profile(model=model, device=options.device).summary()
    if not options.profile_only:
        ei.model.deploy(
            model=model,
            model_output_type=Classification(labels=about["model"]["labels"]),
            model_input_type=ImageInput(scaling_range=about["input"]["inputScaling"]),
            deploy_model_type="int8",  # the model is quantized already
            engine=options.engine,
            deploy_target=options.target,
            output_directory=str(HERE),
        )


if __name__ == "__main__":
    main()

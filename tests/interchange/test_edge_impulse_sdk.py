"""Edge Impulse's own Python SDK takes what Facet exports; its service is the tests' own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from facet.dataset import open_dataset
from facet.dataset.labels import LABEL_SETS
from facet.interchange.edge_impulse_export import export_dataset
from facet.interchange.edge_impulse_model import export_model
from facet.model.bundle import find
from tests.interchange.studio import LIBRARY, Studio, studio

pytest.importorskip("edgeimpulse", reason="Edge Impulse's SDK is not here: pip install edgeimpulse")


def run(service: Studio, *arguments: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=service.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_sdk_uploads_every_picture_with_its_label(faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "ei"
    export_dataset(open_dataset(faces, LABEL_SETS["five"]), out)
    program = (
        "import sys; from edgeimpulse.experimental.data import upload_directory\n"
        "answer = upload_directory(sys.argv[1]); print(len(answer.successes), len(answer.fails))"
    )
    with studio(outputs=5) as service:
        assert run(service, "-c", program, out).split() == ["61", "0"]
    sent = {
        (
            request.path,
            request.headers["x-label"],
            request.headers["x-metadata"],
            request.body.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0],
        )
        for request in service.requests
    }
    files = json.loads((out / "info.labels").read_text())["files"]
    assert sent == {
        (
            f"/api/{entry['category']}/files",
            entry["label"]["label"],
            json.dumps(entry["metadata"]),
            (out / entry["path"]).read_bytes(),
        )
        for entry in files
    }


def test_the_bundle_s_script_profiles_and_deploys(tmp_path: Path) -> None:
    model = find("facet-small")
    export_model(model, tmp_path / "byom")
    with studio(outputs=len(model.labels)) as service:
        run(service, tmp_path / "byom" / "deploy.py")
    uploads = service.asked("/pretrained-model/upload")
    assert len(uploads) == 2  # to profile, to deploy
    for upload in uploads:
        assert model.tflite.read_bytes() in upload.body
        assert b'name="modelFileType"\r\n\r\ntflite' in upload.body
    (saved,) = service.asked("/pretrained-model/save")
    about = json.loads((tmp_path / "byom" / "model.json").read_text())
    assert json.loads(saved.body) == {"input": about["input"], "model": about["model"]}
    (build,) = service.asked("/jobs/build-ondevice-model")
    assert json.loads(build.body) == {"engine": "tflite", "modelType": "int8"}
    assert (tmp_path / "byom" / "library.zip").read_bytes() == LIBRARY


def test_a_model_with_other_outputs_than_labels_is_refused_by_the_sdk(tmp_path: Path) -> None:
    export_model(find("facet-small"), tmp_path / "byom")
    with studio(outputs=7) as service, pytest.raises(AssertionError, match="with 5 labels"):
        run(service, tmp_path / "byom" / "deploy.py")


def test_the_types_of_the_sdk_agree_with_model_json(tmp_path: Path) -> None:
    from edgeimpulse.model import list_engines, list_model_types
    from edgeimpulse.model.input_type import ImageInput
    from edgeimpulse.model.output_type import Classification
    from edgeimpulse_api import SavePretrainedModelRequest

    model = find("facet-small")
    export_model(model, tmp_path / "byom")
    about = json.loads((tmp_path / "byom" / "model.json").read_text())
    assert Classification(labels=list(model.labels)) == about["model"]
    assert ImageInput(scaling_range="0..1") == about["input"]
    assert {"tflite", "tflite-eon"} <= set(list_engines())
    assert "int8" in list_model_types()
    request = {"input": about["input"], "model": about["model"]}
    assert SavePretrainedModelRequest.from_dict(request).to_dict() == request

"""The robustness test gives the network the images of the camera and the firmware."""

from __future__ import annotations

import numpy as np
import pytest

from facet.dataset import EMOTIONS, Scene, draw_face
from models.data.examples import Examples
from models.evaluation.card import TRAINED
from models.evaluation.robustness import CONDITIONS, network_view, robustness
from models.evaluation.sets import EvaluationSet

MODEL = (TRAINED / "facet-small.tflite").read_bytes()


def noise_image(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (48, 48), dtype=np.uint8)


def test_the_neutral_scene_does_not_change_the_face() -> None:
    assert np.array_equal(network_view(noise_image(), Scene()), noise_image())


def test_each_condition_changes_the_view() -> None:
    face = draw_face("happy", 3, 144).gray[::3, ::3]
    views = [network_view(face, Scene(**c.scene, seed=1)).tobytes() for c in CONDITIONS]
    assert views[0] == face.tobytes()
    assert len(set(views)) == len(CONDITIONS)


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [("4 px right", 0, 4), ("4 px left", 0, -4), ("4 px down", 4, 0), ("4 px up", -4, 0)],
)
def test_shift_is_in_pixels_of_the_network(name: str, rows: int, columns: int) -> None:
    scene = next(c.scene for c in CONDITIONS if c.name == name)
    view = network_view(noise_image(), Scene(**scene))
    moved = np.roll(noise_image(), (rows, columns), (0, 1))
    assert np.array_equal(view[4:-4, 4:-4], moved[4:-4, 4:-4])


@pytest.mark.parametrize("level", [5, 10])
def test_noise_is_in_gray_levels_of_the_network(level: int) -> None:
    scene = next(c.scene for c in CONDITIONS if c.name == f"noise {level}")
    gray = np.full((48, 48), 128, np.uint8)
    view = network_view(gray, Scene(**scene)).astype(float)
    assert view.std() == pytest.approx(level, rel=0.1)


def test_the_accuracies_are_those_of_the_chosen_frames() -> None:
    faces = [draw_face(EMOTIONS[i % 5], i, 48).gray for i in range(20)]
    right = Examples(np.stack(faces), np.eye(5, dtype=np.float32)[[i % 5 for i in range(20)]])
    wrong = Examples(right.images, np.roll(right.targets, 1, axis=1))
    good = robustness([EvaluationSet(right, MODEL)], "drawn", frames=10)
    bad = robustness([EvaluationSet(wrong, MODEL)], "drawn", frames=10)
    assert good["frames"] == bad["frames"] == 10
    assert good["unchanged"] >= 0.9
    assert good["unchanged"] + bad["unchanged"] <= 1
    changed = [entry["accuracy"] for entry in good["conditions"][1:]]
    assert good["mean_of_changed"] == pytest.approx(np.mean(changed), abs=1e-4)

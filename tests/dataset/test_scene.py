"""The scene: the neutral one changes nothing, others change what their settings name."""

import numpy as np
import pytest

from facet.dataset import Scene, draw_face
from facet.dataset.resample import resize_area
from facet.errors import FacetError

WINDOW = (slice(4, 292), slice(56, 344))
"""The camera's window of 288 x 288 in its view of 400 x 296."""


def as_camera_and_firmware_see(view: np.ndarray) -> np.ndarray:
    """Area average by 3, as the OV2640's DSP, then box filter by 2, as the firmware: 48 x 48."""
    window = view[WINDOW].astype(int)
    dsp = (window.reshape(96, 3, 96, 3).sum(axis=(1, 3)) * 2 + 9) // 18
    filtered: np.ndarray = (dsp.reshape(48, 2, 48, 2).sum(axis=(1, 3)) + 2) >> 2
    return filtered


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    return draw_face("happy", 3, 48).gray


def test_neutral_scene_gives_a_48_pixel_image_back_unchanged(face: np.ndarray) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)
    for image in (face, noise):
        view = Scene().render(image)
        assert view.shape == (296, 400)
        assert view.dtype == np.uint8
        assert np.array_equal(view[WINDOW], image.repeat(6, axis=0).repeat(6, axis=1))
        assert np.array_equal(as_camera_and_firmware_see(view), image)


def test_neutral_scene_shows_a_288_pixel_face_as_it_is() -> None:
    face = draw_face("sad", 1).gray
    assert np.array_equal(Scene().render(face)[WINDOW], face)


def test_a_wide_picture_shows_its_middle_square(face: np.ndarray) -> None:
    wide = np.pad(face, ((0, 0), (20, 20)))
    assert np.array_equal(Scene().render(wide), Scene().render(face))


def test_place_moves_the_face_and_cuts_it_at_the_edge(face: np.ndarray) -> None:
    neutral = Scene().render(face)
    moved = Scene(x_px=10, y_px=-3).render(face)
    assert np.array_equal(moved[1:289, 66:354], neutral[WINDOW])
    assert (moved[289:, :] == 112).all()
    beyond = Scene(x_px=-300).render(face)
    assert np.array_equal(beyond[4:292, :44], neutral[4:292, 300:344])
    assert (Scene(x_px=1000).render(face) == 112).all()


def test_smaller_face_stands_in_the_middle(face: np.ndarray) -> None:
    view = Scene(size_px=144, background=7).render(face)
    assert np.array_equal(view[76:220, 128:272], face.repeat(3, axis=0).repeat(3, axis=1))
    assert (view[:76] == 7).all()


def test_light_and_contrast() -> None:
    gray = np.full((48, 48), 200, np.uint8)
    assert Scene(light_percent=50).render(gray)[100, 200] == 100
    assert Scene(light_percent=200).render(gray)[100, 200] == 255
    assert Scene(contrast_percent=50).render(gray)[100, 200] == 164  # 128 + 72 / 2
    assert Scene(contrast_percent=0).render(gray)[100, 200] == 128


def test_blur_softens_and_keeps_the_mean(face: np.ndarray) -> None:
    sharp, soft = Scene().render(face).astype(int), Scene(blur_px=4).render(face).astype(int)
    assert np.abs(np.diff(soft, axis=1)).max() < np.abs(np.diff(sharp, axis=1)).max() / 3
    assert soft.mean() == pytest.approx(sharp.mean(), abs=0.5)


def test_noise_has_its_strength_and_its_seed() -> None:
    gray = np.full((48, 48), 128, np.uint8)
    noisy = Scene(noise=10, background=128, seed=4).render(gray)
    assert noisy.std() == pytest.approx(10, rel=0.02)
    assert noisy.mean() == pytest.approx(128, abs=0.2)
    assert np.array_equal(noisy, Scene(noise=10, background=128, seed=4).render(gray))
    assert not np.array_equal(noisy, Scene(noise=10, background=128, seed=5).render(gray))


def test_clutter_changes_only_the_background(face: np.ndarray) -> None:
    view = Scene(clutter=30, seed=1).render(face)
    assert np.array_equal(view[WINDOW], Scene().render(face)[WINDOW])
    assert len(np.unique(view[:, :56])) > 3


@pytest.mark.parametrize("field", ["size_px", "light_percent", "blur_px", "noise", "background"])
def test_senseless_scene_is_refused_by_name(field: str) -> None:
    with pytest.raises(FacetError, match=f"scene: {field} is -1"):
        Scene(**{field: -1})


def test_colour_image_is_refused() -> None:
    with pytest.raises(FacetError, match=r"must be uint8 \[height, width\]"):
        Scene().render(np.zeros((48, 48, 3), np.uint8))


def test_resizing_averages_areas_exactly() -> None:
    image = np.array([[0, 10], [20, 31]], np.uint8)
    assert resize_area(image, 1, 1).tolist() == [[15]]  # 61 / 4 = 15.25
    assert resize_area(image, 3, 3)[1, 1] == 15
    assert resize_area(image, 4, 4).tolist()[0] == [0, 0, 10, 10]

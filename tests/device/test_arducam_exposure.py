"""The camera controls its exposure: time, gain, noise and targets."""

from __future__ import annotations

import numpy as np
import pytest

from facet.device.arducam_ov2640.exposure import decode_gain, encode_gain
from facet.device.camera_view import StillView
from tests.device.bench import SENSOR, Bench
from tests.device.scenes import FRAME


class TestExposure:
    def means(self, bench: Bench, frames: int) -> list[float]:
        """Mean luma of each of the next frames."""
        bench.chip_write(0x01, 0)
        return [float(bench.capture_luma().mean()) for _ in range(frames)]

    def test_first_frames_have_a_wrong_exposure(self) -> None:
        bench = Bench()
        bench.set_up()
        first, *_, last = self.means(bench, 6)
        assert first > 110
        assert last == 100

    def test_dim_scene_is_amplified_with_noise(self) -> None:
        bench = Bench(StillView(np.full((296, 400), 100, np.uint8), illumination=0.1))
        bench.set_up()
        assert self.means(bench, 1)[0] < 40
        bench.settle()
        luma = bench.capture_luma()
        assert luma.mean() == pytest.approx(100, abs=1)
        assert 2 < luma.std() < 20

    def test_noise_is_the_same_in_every_run(self) -> None:
        def run() -> bytes:
            bench = Bench(StillView(np.full((296, 400), 100, np.uint8), illumination=0.1))
            bench.set_up()
            bench.settle()
            return bench.capture()

        assert run() == run()

    def test_gain_ceiling_leaves_a_dark_scene_dark(self) -> None:
        bench = Bench(StillView(np.full((296, 400), 100, np.uint8), illumination=0.01))
        bench.set_up((SENSOR, 0x14, 0x08))  # at most 2x: 2 x 16.66 ms / 8 ms x 0.01 = 0.042
        bench.settle()
        assert bench.capture_luma().mean() == pytest.approx(4.2, abs=1)

    def test_light_that_changes_is_followed(self) -> None:
        view = StillView(np.full((296, 400), 100, np.uint8))
        bench = Bench(view)
        bench.set_up()
        bench.settle()
        view.illumination = 3.0
        assert self.means(bench, 1)[0] > 120
        bench.settle()
        assert bench.capture_luma().mean() == 100

    def test_target_follows_aew_and_aeb(self) -> None:
        bench = Bench()
        bench.set_up((SENSOR, 0x24, 0x58), (SENSOR, 0x25, 0x50))  # esp32-camera's level +2
        bench.settle()
        assert bench.capture_luma().mean() == pytest.approx(100 * 0x54 / 0x3C, abs=1)

    def test_manual_exposure_stays(self) -> None:
        view = StillView(np.full((296, 400), 100, np.uint8))
        bench = Bench(view)
        bench.set_up((SENSOR, 0x13, 0xE0), (SENSOR, 0x10, 20), (SENSOR, 0x04, 0x28))
        bench.settle()  # 80 lines of 49.58 us are 3.97 ms of the reference 8 ms
        assert bench.capture_luma().mean() == pytest.approx(50, abs=1)

    def test_yavg_shows_a_settled_exposure(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.bank(SENSOR)
        bench.board.run(FRAME)
        unsettled = bench.sccb_read(0x2F)
        bench.settle()
        settled = bench.sccb_read(0x2F)
        assert unsettled is not None
        assert settled is not None
        assert unsettled > 0x40
        assert 0x38 <= settled <= 0x40

    def test_gain_register_code(self) -> None:
        assert [decode_gain(code) for code in (0x00, 0x08, 0x10, 0x30, 0xFF)] == [
            16,
            24,
            32,
            64,
            31 * 16,
        ]
        for sixteenths in (16, 24, 32, 48, 100, 128):
            assert decode_gain(encode_gain(sixteenths)) == pytest.approx(sixteenths, rel=0.07)

"""The camera captures: frames, formats, timing, and register settings that give garbage."""

from __future__ import annotations

import numpy as np
import pytest

from facet.device.arducam_ov2640.geometry import Span, sample
from facet.device.camera_view import StillView
from facet.time import ms, us
from tests.device.bench import DSP, SENSOR, Bench
from tests.device.scenes import FRAME, faces, in_window


class TestCapture:
    def test_neutral_scene_arrives_unchanged(self) -> None:
        face = faces(48)
        bench = Bench(in_window(face.repeat(6, 0).repeat(6, 1)))
        bench.set_up()
        bench.settle()
        luma = bench.capture_luma().astype(int)
        box = (luma[::2, ::2] + luma[::2, 1::2] + luma[1::2, ::2] + luma[1::2, 1::2] + 2) >> 2
        assert np.array_equal(box, face)
        assert bench.board.violations == []

    def test_scaler_averages_three_by_three(self) -> None:
        picture = faces(288)
        bench = Bench(in_window(picture))
        bench.set_up()
        bench.settle()
        mean = picture.reshape(96, 3, 96, 3).astype(int).sum(axis=(1, 3))
        assert np.array_equal(bench.capture_luma(), (2 * mean + 9) // 18)

    def test_frame_is_yuyv_and_available_to_the_host(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.settle()
        frame = bench.capture()
        assert frame == bytes((100, 128)) * (96 * 96)
        assert bench.camera.last_frame is not None
        assert bench.camera.last_frame.data == frame
        assert (bench.camera.last_frame.width, bench.camera.last_frame.height) == (96, 96)

    @pytest.mark.parametrize(
        ("image_mode", "pixel"),
        [
            (0x01, bytes((128, 100))),  # UYVY
            (0x08, bytes((0x63, 0x2C))),  # RGB565 of (100, 100, 100): 01100 011001 01100
            (0x09, bytes((0x2C, 0x63))),
            (0x40, bytes((100,))),  # Y8
        ],
    )
    def test_image_modes(self, image_mode: int, pixel: bytes) -> None:
        bench = Bench()
        bench.set_up((DSP, 0xDA, image_mode))
        bench.settle()
        assert bench.capture() == pixel * (96 * 96)

    def test_mirror_and_flip(self) -> None:
        picture = faces(96).repeat(3, 0).repeat(3, 1)
        bench = Bench(in_window(picture))
        bench.set_up((SENSOR, 0x04, 0x28 | 0xC0))
        bench.settle()
        assert np.array_equal(bench.capture_luma(), faces(96)[::-1, ::-1])

    def test_captures_the_next_whole_frame(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.board.run(ms(5))  # the present frame ends 11.66 ms from here
        bench.start_capture()
        bench.board.run(FRAME * 2 - ms(5) - us(1))
        assert not bench.done
        bench.board.run(us(1))
        assert bench.done
        assert bench.length == 96 * 96 * 2

    def test_next_frame_shows_the_new_view(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.settle()
        bench.camera.view = StillView(np.full((296, 400), 33, np.uint8))
        assert (bench.capture_luma() == 33).all()

    @pytest.mark.parametrize(
        ("registers", "fps"),
        [
            ([(SENSOR, 0x11, 0x01)], 30.01),
            ([(SENSOR, 0x11, 0x83)], 30.01),  # doubled, then divided by 4
            ([(SENSOR, 0x46, 0x22)], 54.5),  # 34 lines more
            ([(SENSOR, 0x12, 0x40)], 30.01),  # SVGA
            ([(SENSOR, 0x12, 0x00), (SENSOR, 0x3D, 0x34)], 15.01),  # UXGA
        ],
    )
    def test_frame_rates(self, registers: list[tuple[int, int, int]], fps: float) -> None:
        bench = Bench()
        bench.set_up(*registers)
        assert 1 / bench.camera.frame_time.in_s == pytest.approx(fps, abs=0.01)

    def test_vsync_can_be_polled(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.settle()
        seen = []
        for _ in range(1666):
            seen.append(bench.chip_read(0x41) & 1)
            bench.board.run(us(10))
        assert 18 <= sum(seen) <= 21  # 4 lines of 49.6 us in each frame

    def test_several_frames_in_one_capture(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.settle()
        bench.chip_write(0x01, 2)
        assert len(bench.capture()) == 3 * 96 * 96 * 2

    def test_no_frame_while_the_port_is_in_reset(self) -> None:
        bench = Bench()
        bench.set_up((DSP, 0xE0, 0x04))
        bench.start_capture()
        bench.board.run(ms(200))
        assert not bench.done

    def test_read_continues_where_the_last_burst_ended(self) -> None:
        bench = Bench(in_window(faces(288)))
        bench.set_up()
        bench.settle()
        bench.start_capture()
        bench.board.run(ms(40))
        parts = b"".join(bench.burst(192) for _ in range(96))
        assert bench.camera.last_frame is not None
        assert parts == bench.camera.last_frame.data
        bench.chip_write(0x04, 0x10)
        assert bench.spi((0x3D, 0))[1:] == parts[:1]
        assert bench.burst(4) == parts[1:5]
        assert bench.board.violations == []

    def test_reading_past_the_end(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.settle()
        frame = bench.capture()
        assert len(bench.burst(10)) == 10
        assert bench.board.rules == ["fifo-underrun"]
        assert len(frame) == 18432

    def test_start_before_clear(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.capture()
        bench.chip_write(0x04, 0x02)
        assert bench.board.rules == ["fifo-not-cleared"]
        assert bench.done  # still the old flag: the driver would read too early

    def test_polarity_must_agree(self) -> None:
        bench = Bench()
        bench.set_up((SENSOR, 0x15, 0x02))
        assert bench.capture() == b""
        assert "camera-polarity" in bench.board.rules
        bench.chip_write(0x03, 0x02)
        assert len(bench.capture()) == 18432

    def test_jpeg_is_not_modelled(self) -> None:
        bench = Bench()
        bench.set_up((DSP, 0xDA, 0x10))
        assert bench.capture() == b""
        assert bench.board.rules == ["not-modelled"]
        assert "JPEG" in bench.board.violations[0][1]

    @pytest.mark.parametrize(
        ("register", "value", "named"),
        [
            (0x53, 0x80, "XOFFL"),  # 128 + 288 > 400
            (0x5A, 0x60, "ZMOW"),  # 384 from 288
            (0xC0, 0x64, "HSIZE8"),  # 800 from CIF
            (0x86, 0x1D, "CTRL2"),  # scaler off
            (0x50, 0x93, "CTRLI"),  # divided by 8 first: 36 columns left
        ],
    )
    def test_impossible_geometry_gives_garbage(self, register: int, value: int, named: str) -> None:
        bench = Bench()
        bench.set_up((DSP, register, value))
        bench.settle()
        frame = bench.capture()
        bench.capture()
        assert len(set(frame)) > 200
        assert bench.board.rules == ["camera-misprogrammed"]
        assert named in bench.board.violations[0][1]

    def test_sensor_window_must_fit_the_mode(self) -> None:
        bench = Bench()
        bench.set_up((SENSOR, 0x18, 0x75))
        bench.capture()
        assert bench.board.rules == ["camera-misprogrammed"]
        assert "HREFEND" in bench.board.violations[0][1]

    def test_bypassed_dsp_is_reported(self) -> None:
        bench = Bench()
        bench.set_up((DSP, 0x05, 0x01))
        bench.settle()
        assert bench.capture() == bytes((100,)) * (400 * 296)
        assert "R_BYPASS" in bench.board.violations[0][1]

    def test_too_fast_a_sensor_clock(self) -> None:
        bench = Bench()
        bench.set_up((SENSOR, 0x11, 0x80))
        bench.board.run(ms(20))
        assert bench.board.rules == ["camera-overclocked"]

    def test_uxga_gives_the_same_scene(self) -> None:
        view = StillView(faces(296)[:, :200].repeat(2, 1))
        bench = Bench(view)
        uxga = [
            (SENSOR, 0x12, 0x00), (SENSOR, 0x18, 0x75), (SENSOR, 0x19, 0x01), (SENSOR, 0x1A, 0x97),
            (SENSOR, 0x3D, 0x34), (DSP, 0xC0, 0xC8), (DSP, 0xC1, 0x96), (DSP, 0x51, 0x90),
            (DSP, 0x52, 0x2C), (DSP, 0x53, 0), (DSP, 0x54, 0), (DSP, 0x55, 0x88),
            (DSP, 0x5A, 0x64), (DSP, 0x5B, 0x4B), (DSP, 0x50, 0x92),
        ]  # fmt: skip
        bench.set_up(*uxga)
        bench.board.run(ms(2000))
        luma = bench.capture_luma(400, 300)
        assert bench.board.violations == []
        assert luma.mean() == pytest.approx(view.image.mean(), abs=0.5)


class TestSampling:
    def test_whole_field_at_its_own_size_is_the_view(self) -> None:
        view = faces(40)
        assert np.array_equal(sample(view, Span(40, 0, 40, 40), Span(40, 0, 40, 40)), view)

    def test_uneven_ratio_weighs_by_area(self) -> None:
        row = np.array([[0, 90, 240]], np.uint8)
        # Two output pixels of 1.5: (0 + 90 / 2) / 1.5 and (90 / 2 + 240) / 1.5.
        assert sample(row, Span(3, 0, 3, 2), Span(1, 0, 1, 1)).tolist() == [[30, 190]]

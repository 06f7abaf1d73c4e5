"""The camera module as a driver meets it at its pins."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from facet.board.ports import SpiMode
from facet.device.arducam_ov2640.exposure import decode_gain, encode_gain
from facet.device.arducam_ov2640.geometry import Span, sample
from facet.device.camera_view import StillView
from facet.time import Time, ms, us
from tests.device.bench import DSP, SENSOR, Bench

WINDOW = (slice(4, 292), slice(56, 344))  # the 288x288 that the register list cuts out
FRAME = Time(16_660_000_000)  # 1190 clocks x 336 lines / 24 MHz


def faces(blocks: int = 48) -> npt.NDArray[np.uint8]:
    """Random pixels, [blocks, blocks]."""
    return np.random.default_rng(7).integers(0, 256, (blocks, blocks), dtype=np.uint8)


def in_window(picture: npt.NDArray[np.uint8]) -> StillView:
    """A view whose window shows `picture` (288x288) on gray."""
    field = np.full((296, 400), 90, np.uint8)
    field[WINDOW] = picture
    return StillView(field)


class TestSupply:
    def test_silent_without_power(self) -> None:
        bench = Bench()
        bench.board.run(ms(50))
        assert not bench.bus.pulled_up
        assert not bench.bus.start(0x30, False, 100_000)
        bench.drive("PB6", 0)
        assert bench.wiring.spi_exchange(bench.pins, b"\x40\x00", bench.mode) == b"\xff\xff"

    def test_answers_ten_milliseconds_after_power(self) -> None:
        bench = Bench()
        bench.power(True)
        assert bench.bus.pulled_up
        bench.board.run(ms(9.9))
        assert bench.sccb_read(0x0A) is None
        assert bench.chip_read(0x40) == 0xFF
        bench.board.run(ms(0.1))
        assert bench.sccb_read(0x0A) == 0x26
        assert bench.chip_read(0x40) == 0x73
        assert bench.board.violations == []

    def test_power_cycle_resets_registers(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.chip_write(0x00, 0x55)
        bench.power(False)
        bench.board.run(ms(1))
        bench.power(True)
        bench.board.run(ms(10))
        bench.bank(SENSOR)
        assert bench.sccb_read(0x12) == 0x00
        assert bench.chip_read(0x00) == 0x00
        assert bench.board.violations == []

    def test_state_trace(self) -> None:
        bench = Bench()
        bench.power(True)
        bench.board.run(ms(20))
        bench.bank(SENSOR)
        bench.sccb_write(0x09, 0x12)  # COM2: standby
        bench.board.run(ms(5))
        bench.sccb_write(0x09, 0x02)
        bench.power(False)
        assert bench.board.state_texts == [
            (0, "camera", "off"),
            (0, "camera", "starting"),
            (ms(10), "camera", "streaming"),
            (ms(20), "camera", "standby"),
            (ms(25), "camera", "streaming"),
            (ms(25), "camera", "off"),
        ]

    @pytest.mark.parametrize("pin", ["PA5", "PA7", "PB6", "PB8", "PB9"])
    def test_pin_high_into_unpowered_module(self, pin: str) -> None:
        bench = Bench()
        bench.drive(pin, 1)
        bench.board.run(ms(0.9))
        assert bench.board.violations == []
        bench.board.run(ms(5))
        assert bench.board.rules == ["back-powered"]
        assert pin in bench.board.violations[0][1]

    def test_switching_order_within_a_millisecond_is_allowed(self) -> None:
        bench = Bench()
        bench.drive("PB6", 1)
        bench.board.run(us(500))
        bench.drive("PC7", 1)
        bench.board.run(ms(30))
        bench.drive("PC7", 0)
        bench.board.run(us(500))
        bench.drive("PB6", None)
        bench.board.run(ms(30))
        assert bench.board.violations == []


class TestSccb:
    def test_identifies_itself(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.bank(SENSOR)
        assert [bench.sccb_read(register) for register in (0x0A, 0x0B, 0x1C, 0x1D)] == [
            0x26,
            0x42,
            0x7F,
            0xA2,
        ]
        bench.sccb_write(0x0A, 0x00)
        assert bench.sccb_read(0x0A, repeated_start=True) == 0x26

    def test_banks_are_separate(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.bank(DSP)
        bench.sccb_write(0x24, 0x99)
        assert bench.sccb_read(0x24) == 0x99
        bench.bank(SENSOR)
        assert bench.sccb_read(0x24) == 0x40
        assert bench.sccb_read(0xFF) == SENSOR

    def test_other_address_is_not_acknowledged(self) -> None:
        bench = Bench()
        bench.set_up()
        assert not bench.bus.start(0x3C, False, 100_000)

    def test_soft_reset_restores_and_takes_a_millisecond(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.bank(SENSOR)
        assert bench.sccb_write(0x12, 0x80)
        bench.board.run(us(900))
        assert not bench.bus.start(0x30, False, 100_000)
        bench.board.run(us(100))
        assert bench.sccb_read(0x12) == 0x00
        assert bench.sccb_read(0x24) == 0x78

    def test_clock_over_400_khz(self) -> None:
        bench = Bench()
        bench.set_up()
        assert not bench.sccb_write(0xFF, 0, scl_hz=1_000_000)
        assert bench.board.rules == ["sccb-too-fast"]
        assert bench.sccb_write(0xFF, 0, scl_hz=400_000)

    def test_second_value_is_refused(self) -> None:
        bench = Bench()
        bench.set_up()
        assert bench.bus.start(0x30, False, 100_000)
        assert bench.bus.write(0x24)
        assert bench.bus.write(0x41)
        assert not bench.bus.write(0x39)
        bench.bus.stop()
        assert bench.board.rules == ["sccb-length"]


class TestArduChip:
    def test_test_register(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.chip_write(0x00, 0x55)
        assert bench.chip_read(0x00) == 0x55

    @pytest.mark.parametrize(
        ("mode", "rule"),
        [
            (SpiMode(10_000_000, 0, 0), "spi-too-fast"),
            (SpiMode(5_000_000, 1, 1), "spi-mode"),
            (SpiMode(5_000_000, 0, 1), "spi-mode"),
            (SpiMode(5_000_000, 0, 0, lsb_first=True), "spi-mode"),
        ],
    )
    def test_wrong_clocking_corrupts(self, mode: SpiMode, rule: str) -> None:
        bench = Bench()
        bench.set_up()
        bench.mode = mode
        assert bench.chip_read(0x40) != 0x73
        assert bench.board.rules == [rule]

    def test_eight_megahertz_is_allowed(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.mode = SpiMode(8_000_000, 0, 0)
        assert bench.chip_read(0x40) == 0x73

    def test_byte_by_byte_gives_the_same_data(self) -> None:
        bench = Bench(in_window(faces(48).repeat(6, 0).repeat(6, 1)))
        bench.set_up()
        whole = bench.capture()
        bench.chip_write(0x04, 0x10)
        bench.drive("PB6", 0)
        read = [bench.wiring.spi_exchange(bench.pins, b"\x3c", bench.mode)]
        read += [bench.wiring.spi_exchange(bench.pins, b"\0", bench.mode) for _ in range(300)]
        bench.drive("PB6", 1)
        assert b"".join(read[1:]) == whole[:300]

    def test_reset_by_register_seven(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.chip_write(0x00, 0x55)
        bench.chip_write(0x07, 0x80)
        bench.chip_write(0x00, 0x66)
        assert bench.chip_read(0x00) == 0x00
        bench.chip_write(0x07, 0x00)
        bench.chip_write(0x00, 0x66)
        assert bench.chip_read(0x00) == 0x66

    def test_gpio_powers_the_sensor_down_and_keeps_its_registers(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.chip_write(0x06, bench.chip_read(0x06) | 0x02)
        assert bench.board.state_texts[-1][2] == "standby"
        assert bench.sccb_read(0x0A) is None
        bench.chip_write(0x06, bench.chip_read(0x06) & ~0x02)
        bench.bank(SENSOR)
        assert bench.sccb_read(0x24) == 0x40
        assert bench.board.state_texts[-1][2] == "streaming"

    def test_gpio_reset_line_restores_registers(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.chip_write(0x06, 0x04)
        bench.chip_write(0x06, 0x05)
        bench.board.run(ms(1))
        assert bench.sccb_read(0x24) == 0x78

    def test_a_register_takes_one_byte(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.spi([0x80, 0x55, 0x66])
        assert bench.board.rules == ["spi-length"]
        assert bench.chip_read(0x00) == 0x55

    def test_unknown_register_is_reported(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.chip_read(0x46)
        assert bench.board.rules == ["not-modelled"]
        assert "0x46" in bench.board.violations[0][1]


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


class TestFailures:
    def test_no_ack(self) -> None:
        bench = Bench()
        bench.camera.fail("no-ack")
        bench.power(True)
        bench.board.run(ms(20))
        assert bench.sccb_read(0x0A) is None
        assert bench.chip_read(0x40) == 0x73

    def test_no_frame(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.camera.fail("no-frame")
        bench.start_capture()
        bench.board.run(ms(500))
        assert not bench.done
        bench.camera.repair()
        bench.board.run(ms(50))
        assert bench.done

    def test_removed_and_connected_again(self) -> None:
        bench = Bench()
        bench.set_up()
        bench.camera.fail("removed")
        bench.board.run(ms(20))
        assert not bench.bus.pulled_up
        assert bench.chip_read(0x40) == 0xFF
        assert bench.board.violations == []
        bench.camera.repair()
        bench.board.run(ms(10))
        assert bench.sccb_read(0x0A) == 0x26

    def test_unknown_failure(self) -> None:
        with pytest.raises(ValueError, match="on-fire"):
            Bench().camera.fail("on-fire")


class TestSampling:
    def test_whole_field_at_its_own_size_is_the_view(self) -> None:
        view = faces(40)
        assert np.array_equal(sample(view, Span(40, 0, 40, 40), Span(40, 0, 40, 40)), view)

    def test_uneven_ratio_weighs_by_area(self) -> None:
        row = np.array([[0, 90, 240]], np.uint8)
        # Two output pixels of 1.5: (0 + 90 / 2) / 1.5 and (90 / 2 + 240) / 1.5.
        assert sample(row, Span(3, 0, 3, 2), Span(1, 0, 1, 1)).tolist() == [[30, 190]]

"""The camera module as a driver meets it at its pins."""

from __future__ import annotations

import pytest

from facet.board.ports import SpiMode
from facet.time import ms, us
from tests.device.bench import DSP, SENSOR, Bench
from tests.device.scenes import faces, in_window


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

"""UART0 on its pins, GPIO levels and interrupts, the matrix and the IO MUX."""

from __future__ import annotations

from facet.time import ms, us
from tests.chip.esp32c3.mcu import Mcu
from tests.chip.esp32c3.parts import listen

CLKDIV_115200 = 3 << 20 | 347  # 40 MHz / (347 + 3/16)


def send(mcu: Mcu, text: bytes) -> None:
    for byte in text:
        mcu.write("UART0_FIFO", byte)


def test_text_is_sent_at_gpio21_with_the_roms_settings(mcu: Mcu) -> None:
    received = listen(mcu)
    send(mcu, b"hello\r\n")
    assert mcu.field("UART0_STATUS", 16, 10) == 6
    assert mcu.field("UART0_FSM_STATUS", 4, 4) != 0
    mcu.run(ms(1))
    assert received.data == b"hello\r\n"
    assert all(abs(baud - 115_200) < 200 for baud in received.bauds)
    assert mcu.field("UART0_FSM_STATUS", 4, 4) == 0
    assert mcu.rules == []


def test_the_baud_rate_from_the_crystal_does_not_follow_the_cpu(mcu: Mcu) -> None:
    received = listen(mcu)
    mcu.write("UART0_CLKDIV", CLKDIV_115200)
    mcu.run_at_160_mhz()
    send(mcu, b"x")
    mcu.run(ms(1))
    assert received.bauds == {115_211}


def test_the_fifo_holds_128_bytes(mcu: Mcu) -> None:
    received = listen(mcu)
    send(mcu, bytes(129))  # one is in the shift register
    assert mcu.rules == []
    send(mcu, b"!")
    assert mcu.rules == ["uart-tx-overrun"]
    mcu.run(ms(20))
    assert len(received.data) == 129


def test_sending_through_the_matrix(mcu: Mcu) -> None:
    received = listen(mcu, "GPIO1")
    mcu.write("IO_MUX_GPIO21", 1 << 12)  # no longer U0TXD
    mcu.write("GPIO_FUNC1_OUT_SEL_CFG", 6)
    send(mcu, b"ok")
    mcu.run(ms(1))
    assert received.data == b"ok"
    assert mcu.rules == []


def test_sending_without_a_pin_is_reported(mcu: Mcu) -> None:
    mcu.write("IO_MUX_GPIO21", 1 << 12)
    send(mcu, b"x")
    assert mcu.rules == ["wrong-pin-function"]


def test_received_bytes_interrupt_at_the_threshold(mcu: Mcu) -> None:
    mcu.write("UART0_CONF1", 2)
    mcu.write("UART0_INT_ENA", 1)
    mcu.route_interrupt("UART0", 6)
    mcu.wiring.serial_arrive("GPIO20", ord("a"), 115_200)
    assert mcu.taken == 0
    mcu.wiring.serial_arrive("GPIO20", ord("b"), 115_200)
    assert mcu.taken == 6
    assert bytes((mcu.read("UART0_FIFO"), mcu.read("UART0_FIFO"))) == b"ab"
    mcu.write("UART0_INT_CLR", 1)
    assert mcu.taken == 0


def test_the_receiver_is_busy_from_the_start_bit_to_the_end_of_the_frame(mcu: Mcu) -> None:
    assert mcu.field("UART0_FSM_STATUS", 0, 4) == 0
    mcu.wiring.serial_start("GPIO20")
    assert mcu.field("UART0_FSM_STATUS", 0, 4) != 0
    mcu.wiring.serial_arrive("GPIO20", ord("a"), 115_200)
    assert mcu.field("UART0_FSM_STATUS", 0, 4) == 0


def test_a_frame_that_a_light_sleep_cuts_is_lost(mcu: Mcu) -> None:
    mcu.wiring.serial_start("GPIO20")
    mcu.chip.uart0.sleep()
    mcu.chip.uart0.wake()
    mcu.wiring.serial_arrive("GPIO20", ord("a"), 115_200)
    assert mcu.field("UART0_STATUS", 0, 10) == 0
    mcu.wiring.serial_start("GPIO20")
    mcu.wiring.serial_arrive("GPIO20", ord("b"), 115_200)
    assert mcu.read("UART0_FIFO") == ord("b")


def test_the_receive_timeout_follows_the_last_byte(mcu: Mcu) -> None:
    mcu.write("UART0_CONF1", 0xC060 | 1 << 21)
    mcu.write("UART0_INT_CLR", 0xFFFF_FFFF)
    mcu.wiring.serial_arrive("GPIO20", ord("a"), 115_200)
    mcu.run(us(50))
    assert not mcu.field("UART0_INT_RAW", 8)
    mcu.run(ms(2))
    assert mcu.field("UART0_INT_RAW", 8)


def test_a_byte_at_the_wrong_baud_rate_is_reported(mcu: Mcu) -> None:
    mcu.wiring.serial_arrive("GPIO20", ord("a"), 9_600)
    assert mcu.rules == ["baud-rate"]


def test_the_loss_of_unread_bytes_is_reported(mcu: Mcu) -> None:
    for _ in range(129):
        mcu.wiring.serial_arrive("GPIO20", 0, 115_200)
    assert mcu.rules == ["uart-rx-overrun"]
    assert mcu.field("UART0_STATUS", 0, 10) == 128
    assert mcu.field("UART0_INT_RAW", 4)


def test_a_pin_with_its_input_off_receives_nothing(mcu: Mcu) -> None:
    mcu.clear("IO_MUX_GPIO20", 1 << 9)
    mcu.wiring.serial_arrive("GPIO20", ord("a"), 115_200)
    assert mcu.field("UART0_STATUS", 0, 10) == 0


# -- GPIO
def test_an_output_drives_its_net(mcu: Mcu) -> None:
    net = mcu.wiring.net("GPIO3")
    assert net.level is None
    mcu.write("GPIO_ENABLE_W1TS", 1 << 3)
    assert net.level == 0
    mcu.write("GPIO_OUT_W1TS", 1 << 3)
    assert net.level == 1
    assert mcu.read("GPIO_IN") >> 3 & 1  # its input is enabled after reset
    mcu.write("GPIO_OUT_W1TC", 1 << 3)
    assert net.level == 0


def test_a_jtag_pin_drives_only_as_gpio(mcu: Mcu) -> None:
    net = mcu.wiring.net("GPIO5")
    mcu.write("GPIO_OUT_W1TS", 1 << 5)
    mcu.write("GPIO_ENABLE_W1TS", 1 << 5)
    assert net.level is None
    mcu.write("IO_MUX_GPIO5", 1 << 12 | 1 << 9)
    assert net.level == 1


def test_open_drain_releases_the_net(mcu: Mcu) -> None:
    net = mcu.wiring.net("GPIO3")
    net.pull("resistor", 1)
    mcu.write("GPIO_PIN3", 1 << 2)
    mcu.write("GPIO_ENABLE_W1TS", 1 << 3)
    assert net.level == 0
    mcu.write("GPIO_OUT_W1TS", 1 << 3)
    assert net.level == 1


def test_pins_that_the_chip_does_not_have_are_reported(mcu: Mcu) -> None:
    mcu.write("GPIO_OUT_W1TS", 1 << 22)
    mcu.write("GPIO_FUNC6_IN_SEL_CFG", 1 << 6 | 25)
    assert mcu.rules == ["no-such-pin", "no-such-pin"]
    assert "GPIO22" in mcu.host.violations[0][1]


def test_a_pin_of_the_flash_keeps_its_function(mcu: Mcu) -> None:
    """Boot loaders set the drive strength of these pins; the GPIO registers do not reach them."""
    mcu.write("IO_MUX_GPIO12", 3 << 10 | 1 << 9)
    mcu.write("GPIO_ENABLE_W1TS", 1 << 15)
    assert mcu.rules == []
    mcu.write("IO_MUX_GPIO12", 1 << 12)
    assert mcu.rules == ["flash-pin"]


def test_a_function_that_a_pin_does_not_have_is_reported(mcu: Mcu) -> None:
    mcu.write("IO_MUX_GPIO3", 2 << 12)
    assert mcu.rules == ["no-such-function"]


def test_a_falling_edge_interrupts(mcu: Mcu) -> None:
    net = mcu.wiring.net("GPIO9")
    mcu.write("GPIO_PIN9", 1 << 13 | 2 << 7)
    mcu.route_interrupt("GPIO", 8)
    assert mcu.taken == 0  # the pull-up of the pin keeps it high
    net.drive("button", 0)
    assert mcu.taken == 8
    net.drive("button", None)
    mcu.write("GPIO_STATUS_W1TC", 1 << 9)
    assert mcu.taken == 0


def test_two_outputs_on_a_net_are_a_short_circuit(mcu: Mcu) -> None:
    mcu.wiring.net("GPIO3").drive("part", 1)
    mcu.write("GPIO_ENABLE_W1TS", 1 << 3)
    assert mcu.rules == ["short-circuit"]


def test_a_transmitter_without_a_clock_is_reported(mcu: Mcu) -> None:
    mcu.clear("UART0_CLK_CONF", 1 << 24)
    send(mcu, b"x")
    assert mcu.rules == ["uart-no-clock"]


def test_the_divider_stays_while_a_frame_is_on_the_wire(mcu: Mcu) -> None:
    listen(mcu)
    send(mcu, b"x")
    mcu.write("UART0_CLKDIV", 100)
    assert mcu.rules == ["uart-changed-while-sending"]


def test_an_empty_fifo_gives_nothing(mcu: Mcu) -> None:
    assert mcu.read("UART0_FIFO") == 0
    assert mcu.rules == ["uart-rx-empty"]

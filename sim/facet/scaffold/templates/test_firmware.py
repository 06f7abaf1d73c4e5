"""Tests of the firmware on the simulated board. Run them with `python -m pytest`.

The fixture `bench` is the board of pytest.ini with its firmware, just powered on. A test fails when
the firmware breaks a rule of the board or locks up.
"""

from facet.target.bench import Bench
from facet.time import s


def test_the_firmware_runs_for_a_second_and_breaks_no_rule_of_the_board(bench: Bench) -> None:
    """Runs it from power-on; the fixture does the checks."""
    bench.run_for(s(1))


# Example: add the output of your firmware:
#
# def test_the_firmware_says_hello(bench: Bench) -> None:
#     bench.wait_for_line(lambda line: "hello" in line.text, s(1), "a greeting")

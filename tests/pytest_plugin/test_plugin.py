"""The pytest plugin as a user's project sees it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import facet.target.bench  # noqa: F401  NumPy cannot be loaded twice; pytester forgets imports
from facet.resources import BOARDS
from tests.cli import programs

pytest_plugins = ["pytester"]

HEARS_HELLO = """
    from facet.time import ms

    def test_hello(bench):
        bench.wait_for_line(lambda line: line.text == "hello", ms(5))
"""

RUNS = """
    from facet.time import ms

    def test_it_runs(bench):
        bench.run_for(ms(5))
"""


@pytest.fixture(scope="module")
def elves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the programs as hello.elf, forgot_a_clock.elf and so on."""
    folder = tmp_path_factory.mktemp("elves")
    for name in ("hello", "forgot_a_clock", "deinitializes", "lamp", "locks_up"):
        programs.build(getattr(programs, name.upper()), folder).rename(folder / f"{name}.elf")
    return folder


@pytest.fixture
def project(pytester: pytest.Pytester, elves: Path) -> pytest.Pytester:
    """A user's project with built firmware in build/."""
    (pytester.path / "build").symlink_to(elves)
    return pytester


def test_the_command_line_names_the_firmware(project: pytest.Pytester) -> None:
    project.makepyfile(HEARS_HELLO)
    project.runpytest("--facet-firmware=build/hello.elf").assert_outcomes(passed=1)


def test_paths_of_the_configuration_file_are_relative_to_it(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(BOARDS / "nucleo_l476rg.toml", project.path / "mine.toml")
    project.makeini("[pytest]\nfacet_firmware = build/hello.elf\nfacet_board = mine.toml")
    tests = project.mkdir("tests")
    project.makepyfile(HEARS_HELLO).rename(tests / "test_hello.py")
    monkeypatch.chdir(tests)
    project.runpytest().assert_outcomes(passed=1)


def test_the_command_line_precedes_the_configuration_file(
    project: pytest.Pytester, elves: Path
) -> None:
    project.makeini("[pytest]\nfacet_firmware = build/lamp.elf")
    project.makepyfile(HEARS_HELLO)
    project.runpytest(f"--facet-firmware={elves / 'hello.elf'}").assert_outcomes(passed=1)


def test_the_closest_marker_precedes_all_else(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from facet.time import ms

        pytestmark = pytest.mark.facet(board="nucleo_l432kc", firmware="build/lamp.elf")

        @pytest.mark.facet(firmware="build/hello.elf", absent=["camera"])
        def test_hello(bench):
            bench.wait_for_line(lambda line: line.text == "hello", ms(5))
            assert bench.board.name == "nucleo_l432kc"
            assert bench.board.parts == ()
        """
    )
    project.runpytest("--facet-board=esp32c3_devkitm").assert_outcomes(passed=1)


def test_each_test_has_a_board_of_its_own(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from facet.time import ms

        @pytest.mark.parametrize("number", [1, 2])
        def test_fresh(bench, number):
            assert bench.now < ms(1)
            bench.run_for(ms(1))
        """
    )
    project.runpytest("--facet-firmware=build/hello.elf").assert_outcomes(passed=2)


def test_the_report_of_a_failed_test_holds_the_serial_transcript(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from facet.time import ms

        def test_fails(bench):
            bench.run_for(ms(2))
            bench.send(b"A")
            bench.wait_for_line(lambda line: line.text == "bye", ms(5))
        """
    )
    result = project.runpytest("--facet-firmware=build/hello.elf")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*UART (nucleo_l476rg, 7.* ms after power-on)*", "*] hello"])
    result.stdout.re_match_lines([r"\[ +\.\.\] B$"])  # a line that has not ended yet


def test_the_report_of_a_test_that_passed_has_no_transcript(project: pytest.Pytester) -> None:
    project.makepyfile(HEARS_HELLO)
    project.runpytest("--facet-firmware=build/hello.elf", "-rA").stdout.no_fnmatch_line("*UART*")


def test_a_broken_rule_of_the_board_fails_a_test_that_passed(project: pytest.Pytester) -> None:
    project.makepyfile(RUNS)
    result = project.runpytest("--facet-firmware=build/forgot_a_clock.elf")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "the firmware did what would not work on the real board:",
            "*USART2*USART2EN=0, at program.c:* in reset",
            "*UART*",
            "(the device sent nothing)",
            "*violations*",
            "*USART2*",
        ]
    )


@pytest.mark.parametrize("where", ["option", "ini", "marker"])
def test_a_broken_rule_passes_where_it_is_allowed(project: pytest.Pytester, where: str) -> None:
    options = ["--facet-firmware=build/forgot_a_clock.elf"]
    if where == "option":
        options.append("--facet-violations=report")
    if where == "ini":
        project.makeini("[pytest]\nfacet_violations = report")
    marker = '@pytest.mark.facet(violations="report")' if where == "marker" else ""
    project.makepyfile(
        f"""
        import pytest
        from facet.time import ms

        {marker}
        def test_the_clock_is_off(bench):
            bench.run_for(ms(1))
            assert "USART2EN" in str(bench.violations[0])
        """
    )
    project.runpytest(*options).assert_outcomes(passed=1)


@pytest.mark.parametrize(("violations", "outcome"), [("fail", "passed"), ("strict", "failed")])
def test_a_warning_fails_only_a_strict_test(
    project: pytest.Pytester, violations: str, outcome: str
) -> None:
    project.makepyfile(RUNS)
    result = project.runpytest(
        "--facet-firmware=build/deinitializes.elf", f"--facet-violations={violations}"
    )
    result.assert_outcomes(**{outcome: 1})


def test_an_allowed_rule_fails_no_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from facet.time import ms

        def test_the_clock_is_off(bench):
            bench.rules.allow("unclocked-peripheral")
            bench.run_for(ms(1))
        """
    )
    project.runpytest("--facet-firmware=build/forgot_a_clock.elf").assert_outcomes(passed=1)


def test_a_broken_rule_does_not_hide_the_failure_of_the_test(project: pytest.Pytester) -> None:
    project.makepyfile(RUNS + '        assert 0, "the reason"\n')
    result = project.runpytest("--facet-firmware=build/forgot_a_clock.elf")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *the reason*", "*violations*", "*USART2EN=0*"])


def test_a_core_that_locked_up_fails_the_test(project: pytest.Pytester) -> None:
    project.makepyfile(RUNS)
    result = project.runpytest("--facet-firmware=build/locks_up.elf")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the core locked up at *"])


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--facet-board=nucleo"], "no board 'nucleo': there are *nucleo_l476rg*"),
        (["--facet-firmware=build/none.elf"], "*build/none.elf*"),
        (["--facet-firmware=build/hello.elf", "--facet-board=esp32c3_devkitm"], "*EM_ARM*"),
        (
            ["--facet-firmware=build/hello.elf", "--facet-absent=display"],
            "NUCLEO-L476RG has no part 'display' to leave out; it has camera",
        ),
    ],
)
def test_what_cannot_be_tested_is_one_clear_line(
    project: pytest.Pytester, options: list[str], line: str
) -> None:
    project.makepyfile(RUNS)
    result = project.runpytest(*options)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([line])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*During handling*")


@pytest.mark.parametrize(
    ("marker", "line"),
    [
        ('bord="nucleo_l432kc"', "the marker facet does not take bord: *board*firmware*"),
        ('"nucleo_l432kc"', "the marker facet does not take 'nucleo_l432kc': *"),
        ('violations="ignore"', "*violations='ignore': choose fail, strict or report"),
    ],
)
def test_a_wrong_marker_is_one_clear_line(project: pytest.Pytester, marker: str, line: str) -> None:
    project.makepyfile(
        f"""
        import pytest

        @pytest.mark.facet({marker})
        def test_it(bench): ...
        """
    )
    result = project.runpytest("--facet-firmware=build/hello.elf")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([line])


def test_a_wrong_word_in_the_configuration_file_is_refused(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nfacet_violations = ignore")
    result = project.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*facet_violations is 'ignore': choose fail, strict or report"])


def test_the_junit_report_names_board_and_firmware(project: pytest.Pytester) -> None:
    project.makepyfile(HEARS_HELLO)
    project.runpytest("--facet-firmware=build/hello.elf", "--junit-xml=junit.xml")
    report = (project.path / "junit.xml").read_text()
    assert '<property name="facet_board" value="nucleo_l476rg"' in report
    assert '<property name="facet_firmware" value="hello.elf"' in report
    assert 'name="facet_firmware_sha256" value="' in report


def test_a_run_without_boards_imports_no_simulator(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import sys

        def test_nothing():
            assert "facet.pytest_plugin" in sys.modules
            assert not {"facet.target", "facet.machine", "numpy", "unicorn"} & set(sys.modules)
        """
    )
    project.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_test_sets_limits_of_cycles(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from facet.time import ms

        def test_fast_enough(bench):
            bench.profiler.start()
            bench.run_for(ms(5))
            profile = bench.profiler.profile()
            assert profile.call_cycles("reset") <= 21_000
            assert profile.stack_bytes("main") <= 64

        def test_too_slow(bench):
            bench.profiler.start()
            bench.run_for(ms(5))
            assert bench.profiler.profile().call_cycles("reset") <= 1_000
        """
    )
    result = project.runpytest("--facet-firmware=build/hello.elf")
    result.assert_outcomes(passed=1, failed=1)

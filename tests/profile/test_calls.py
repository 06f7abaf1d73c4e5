"""Calls are found as they were made: calls, returns, recursion, tail calls and long jumps."""

from __future__ import annotations

import pytest

from facet.profile.phases import Phase
from facet.time import ms
from tests.engine.conftest import Runner
from tests.profile.bare import Profiled, calls_of, cycles_of

_NESTED = """
__attribute__((noinline)) uint32_t leaf(uint32_t n) { uint32_t s = 1; while (n--) s = s * 3 + n;
  return s; }
__attribute__((noinline)) uint32_t middle(uint32_t n) { return leaf(n) + leaf(2 * n) + 1; }
void start(void) {
  out[0] = middle(10);
  out[1] = leaf(100) + 1;
  for (;;) __asm volatile("wfi");
}
"""


def test_cycles_of_a_function_include_those_of_what_it_called(program: Runner) -> None:
    profile = Profiled(program(_NESTED)).run(ms(1))
    cycles = cycles_of(profile)
    assert calls_of(profile) == {
        ("(reset)", "start"): 1,
        ("start", "middle"): 1,
        ("start", "leaf"): 1,
        ("middle", "leaf"): 2,
    }
    assert cycles["start"][1] == profile.cycles == sum(own for own, _ in cycles.values())
    below = {(c.caller, c.callee): c.cycles for c in profile.calls}
    assert cycles["middle"][1] == cycles["middle"][0] + below["middle", "leaf"]
    assert cycles["leaf"] == (below["middle", "leaf"] + below["start", "leaf"],) * 2
    assert below["start", "leaf"] > 3 * below["middle", "leaf"] / 1.5  # 100 rounds against 30


def test_a_recursive_function_counts_its_cycles_once(program: Runner) -> None:
    profile = Profiled(
        program(
            """
            __attribute__((noinline, optimize("no-optimize-sibling-calls")))
            uint32_t fib(uint32_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
            void start(void) { out[0] = fib(8) + 1; for (;;) __asm volatile("wfi"); }
            """
        )
    ).run(ms(2))
    calls = calls_of(profile)
    assert calls["start", "fib"] + calls["fib", "fib"] == 67  # calls that fib(8) makes
    own, inclusive = cycles_of(profile)["fib"]
    assert own == inclusive < profile.cycles


def test_a_tail_call_returns_to_the_callers_caller(program: Runner) -> None:
    profile = Profiled(
        program(
            """
            __attribute__((noinline)) void last(void) { out[1]++; }
            __attribute__((noinline, optimize("O2"))) void first(void) { out[0]++; last(); }
            void start(void) { first(); out[2]++; first(); for (;;) __asm volatile("wfi"); }
            """
        )
    ).run(ms(1))
    calls = calls_of(profile)
    assert calls == {("(reset)", "start"): 1, ("start", "first"): 2, ("start", "last"): 2}


def test_a_function_called_through_a_pointer_is_found(program: Runner) -> None:
    profile = Profiled(
        program(
            """
            __attribute__((noinline)) void one(void) { out[0]++; }
            __attribute__((noinline)) void two(void) { out[1]++; }
            void (*volatile table[2])(void);
            void start(void) {
              table[0] = one; table[1] = two;
              for (uint32_t n = 0; n < 6; n++) table[n & 1]();
              for (;;) __asm volatile("wfi");
            }
            """
        )
    ).run(ms(1))
    calls = calls_of(profile)
    assert (calls["start", "one"], calls["start", "two"]) == (3, 3)


def test_a_long_jump_leaves_all_calls_in_between(program: Runner) -> None:
    profile = Profiled(
        program(
            """
            static void *buffer[5];
            __attribute__((noinline)) void deep(void) { out[0]++; __builtin_longjmp(buffer, 1); }
            __attribute__((noinline)) void shallow(void) { deep(); out[1]++; }
            __attribute__((noinline)) void after(void) { out[2]++; }
            void start(void) {
              if (!__builtin_setjmp(buffer)) shallow();
              after();
              for (;;) __asm volatile("wfi");
            }
            """
        )
    ).run(ms(1))
    assert calls_of(profile)["start", "after"] == 1
    assert profile.functions[0].calls <= 1


def test_phases_last_while_their_functions_are_on_the_stack(program: Runner) -> None:
    phases = [Phase("outer", ("middle",)), Phase("inner", ("leaf",))]
    profile = Profiled(program(_NESTED), phases).run(ms(1))
    cycles = {phase.name: phase.cycles for phase in profile.phases}
    own = cycles_of(profile)
    assert cycles == {
        "outer": own["middle"][0],
        "inner": own["leaf"][0],
        "other": own["start"][0],
    }


def test_a_division_costs_what_its_operands_demand(program: Runner) -> None:
    source = """
    __attribute__((noinline)) uint32_t divide(uint32_t a, uint32_t b) { return a / b; }
    void start(void) { out[0] = divide(%s, 1); for (;;) __asm volatile("wfi"); }
    """
    short, long = (
        {f.name: f for f in Profiled(program(source % n)).run(ms(1)).functions}["divide"].causes
        for n in ("3", "0xFFFFFFFFu")
    )
    assert long["divide"] - short["divide"] == 7  # 12 cycles against 5: four bits a cycle
    assert {k: v for k, v in long.items() if k != "divide"} == {
        k: v for k, v in short.items() if k != "divide"
    }


@pytest.mark.parametrize(
    "loop",
    [
        "while (!out[0]) {}",
        "while (!polled()) {}",
        "do { for (volatile int n = 0; n < 3; n++) {} } while (!out[0]);",
    ],
)
def test_skipped_rounds_of_a_waiting_loop_count_as_if_they_had_run(
    program: Runner, loop: str
) -> None:
    source = f"""
    __attribute__((noinline)) uint32_t polled(void) {{ return out[0]; }}
    void irq0(void) {{ out[0] = 1; }}
    void start(void) {{
      (void)polled; REG(0xE000E100) = 1; {loop} for (;;) __asm volatile("wfi");
    }}
    """
    results = []
    for skip in (True, False):
        profiled = Profiled(program(source))
        profiled.board.core.skip_waiting_loops(skip)
        profiled.board.pulse(0, ms(7.3))  # type: ignore[union-attr]
        results.append(profiled.run(ms(20)))
        was_skipped = profiled.board.core.skipped_instructions
        assert (was_skipped > 1000) is skip
    assert results[0] == results[1]

"""Programs for a bare Cortex-M4, compiled on the spot."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.bare_core import BareCore, build
from tests.engines_under_test import COUNTING, ENGINES, EngineUnderTest

_HEAD = """
#include <stdint.h>
#define REG(a) (*(volatile uint32_t *)(a))
#define SYST_CSR REG(0xE000E010)
#define SYST_RVR REG(0xE000E014)
#define SYST_CVR REG(0xE000E018)
#define ICSR REG(0xE000ED04)
#define CFSR REG(0xE000ED28)
#define HFSR REG(0xE000ED2C)
#define BFAR REG(0xE000ED38)
#define SHCSR REG(0xE000ED24)
#define CPACR REG(0xE000ED88)
volatile uint32_t out[16];
void start(void); void nmi(void); void hard(void); void mem(void); void bus(void);
void usage(void); void svc(void); void pendsv(void); void tick(void); void irq0(void);
void irq1(void);
void unexpected(void) { out[15] = ICSR & 0x1FF; for (;;) {} }
__attribute__((section(".vectors"), used)) const void *const vectors[] = {
    (void *)0x20001000, start, nmi, hard, mem, bus, usage, 0, 0, 0, 0, svc, 0, 0, pendsv, tick,
    irq0, irq1};
"""

Runner = Callable[[str], BareCore]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> EngineUnderTest:
    """A CPU engine."""
    found: EngineUnderTest = request.param
    return found


@pytest.fixture(params=COUNTING)
def counting_engine(request: pytest.FixtureRequest) -> EngineUnderTest:
    """A CPU engine that counts cycles by the cycle model."""
    found: EngineUnderTest = request.param
    return found


@pytest.fixture
def program(engine: EngineUnderTest, tmp_path: Path) -> Runner:
    """Compiles C for a Cortex-M4F and puts it into a core of each engine at 4 MHz."""
    return runner(engine, tmp_path)


@pytest.fixture
def counted_program(counting_engine: EngineUnderTest, tmp_path: Path) -> Runner:
    """As `program`, in a core that counts cycles by the cycle model."""
    return runner(counting_engine, tmp_path)


def runner(engine: EngineUnderTest, folder: Path) -> Runner:
    """Compiles C for a Cortex-M4F and puts it into a core of an engine at 4 MHz."""
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("needs arm-none-eabi-gcc (make setup)")
    return lambda source: BareCore(build(_HEAD + source, folder), engine)

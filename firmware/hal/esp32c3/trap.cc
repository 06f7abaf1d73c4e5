// The handler for exceptions of the core: it sends one line to the host, then resets the chip.

#include <cstddef>
#include <cstdint>

#include "hal/board.h"
#include "hal/common/spin.h"
#include "hal/esp32c3/memory_map.h"
#include "hal/esp32c3/registers/system.h"
#include "hal/esp32c3/registers/uart.h"

namespace esp32c3 {
namespace {

// The frame that TrapEntry (vectors.S) leaves on the report's stack.
struct TrapFrame {
  std::uint32_t mcause, mepc, mtval, sp, ra, gp, a[6];
};
static_assert(offsetof(TrapFrame, ra) == 16 && offsetof(TrapFrame, a) == 24);
static_assert(sizeof(TrapFrame) <= 64);

constexpr std::uint32_t kInterrupt = 1U << 31;

// A byte takes 87 µs, 13,900 cycles at 160 MHz; a turn of the spin is some 10.
constexpr std::uint32_t kByteSpins = 10'000;

bool reporting;

void Put(const char* text) {
  for (; *text != '\0'; ++text) {
    hal::SpinUntil(
        [] {
          return (Uart0().STATUS & UART_STATUS::TXFIFO_CNT_Msk) <
                 kUartFifoBytes << UART_STATUS::TXFIFO_CNT_Pos;
        },
        kByteSpins);
    Uart0().FIFO = static_cast<std::uint8_t>(*text);
  }
}

void PutHex(std::uint32_t value) {
  char text[] = "0x00000000";
  for (int digit = 9; digit >= 2; --digit, value >>= 4)
    text[digit] = "0123456789abcdef"[value & 15];
  Put(text);
}

void PutField(const char* name, std::uint32_t value) {
  Put(",\"");
  Put(name);
  Put("\":\"");
  PutHex(value);
  Put("\"");
}

// TRM, chapter "ESP-RISC-V CPU", register mcause.
const char* CauseName(std::uint32_t mcause) {
  if ((mcause & kInterrupt) != 0) return "unexpected interrupt";
  switch (mcause) {
    case 1:
      return "instruction access fault";
    case 2:
      return "illegal instruction";
    case 3:
      return "breakpoint";
    case 4:
      return "load address misaligned";
    case 5:
      return "load access fault";
    case 6:
      return "store address misaligned";
    case 7:
      return "store access fault";
    case 11:
      return "environment call";
    default:
      return "unexpected exception";
  }
}

bool StackOverflowed(std::uint32_t sp) {
  return sp < reinterpret_cast<std::uintptr_t>(__stack_bottom) ||
         sp > reinterpret_cast<std::uintptr_t>(__stack_top);
}

bool ConsoleRuns() {
  const std::uint32_t clocks = System().PERIP_CLK_EN0;
  return (clocks & SYSTEM_PERIP0::UART) != 0 && (Uart0().CLK_CONF & UART_CLK_CONF::TX_SCLK_EN) != 0;
}

}  // namespace
}  // namespace esp32c3

extern "C" {

alignas(16) std::uint32_t trap_stack[128];
__asm(".global trap_stack_top\n\t.set trap_stack_top, trap_stack + 512");
static_assert(sizeof trap_stack == 512);

[[noreturn]] __attribute__((used)) void ReportTrap(const esp32c3::TrapFrame* frame) {
  using namespace esp32c3;
  if (reporting || !ConsoleRuns()) hal::Reset();
  reporting = true;  // a trap in here must not report itself for ever

  // "\r\n" first: it may break into a line that was being sent.
  Put("\r\n{\"event\":\"error\",\"code\":\"fault\",\"detail\":\"");
  Put(CauseName(frame->mcause));
  if (StackOverflowed(frame->sp)) Put(", stack overflow");
  Put("\"");
  PutField("mcause", frame->mcause);
  PutField("pc", frame->mepc);
  PutField("mtval", frame->mtval);
  PutField("sp", frame->sp);
  PutField("ra", frame->ra);
  PutField("gp", frame->gp);
  for (std::uint32_t i = 0; i < 6; ++i) {
    const char name[] = {'a', static_cast<char>('0' + i), '\0'};
    PutField(name, frame->a[i]);
  }
  Put("}\r\n");
  // The FIFO holds 128 bytes, and the last one is on the wire when the transmitter rests.
  hal::SpinUntil(
      [] {
        return (Uart0().STATUS & UART_STATUS::TXFIFO_CNT_Msk) == 0 &&
               (Uart0().FSM_STATUS & UART_FSM_STATUS::ST_UTX_OUT_Msk) == 0;
      },
      kUartFifoBytes * kByteSpins);
  hal::Reset();
}

}  // extern "C"

// The handler for faults of the core: it sends one line to the host, then resets the chip.

#include "hal/stm32l4/fault.h"

#include <cstdint>
#include <iterator>

#include "hal/board.h"
#include "hal/common/spin.h"
#include "hal/stm32l4/memory_map.h"
#include "hal/stm32l4/registers/core.h"
#include "hal/stm32l4/registers/rcc.h"
#include "hal/stm32l4/registers/usart.h"

namespace stm32l4 {
namespace {

// Armv7-M ARM, B1.5.6: the frame that the core stacks on exception entry.
struct ExceptionFrame {
  std::uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

// The program's stack may be what broke; the report runs on its own.
constexpr std::uint32_t kFaultStackWords = 128;

// A byte takes 87 µs; at 80 MHz a turn of the spin is some 10 cycles.
constexpr std::uint32_t kByteSpins = 10'000;

void Put(const char* text) {
  for (; *text != '\0'; ++text) {
    hal::SpinUntil([] { return (Usart2().ISR & USART_ISR::TXE) != 0; }, kByteSpins);
    Usart2().TDR = static_cast<std::uint8_t>(*text);
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

const char* ExceptionName(std::uint32_t number) {
  switch (number) {
    case 2:
      return "NMI";
    case 3:
      return "HardFault";
    case 4:
      return "MemManage";
    case 5:
      return "BusFault";
    case 6:
      return "UsageFault";
    default:
      return number < 16 ? "unexpected exception" : "unexpected interrupt";
  }
}

bool InStack(std::uint32_t address, std::uint32_t size) {
  const auto bottom = reinterpret_cast<std::uint32_t>(__stack_bottom);
  const auto top = reinterpret_cast<std::uint32_t>(__stack_top);
  return address >= bottom && address <= top - size && address % 4 == 0;
}

}  // namespace

void EnableFaults() {
  Scb().SHCSR |= SCB_SHCSR::MEMFAULTENA | SCB_SHCSR::BUSFAULTENA | SCB_SHCSR::USGFAULTENA;
  Scb().CCR |= SCB_CCR::DIV_0_TRP;
}

}  // namespace stm32l4

extern "C" {

std::uint32_t fault_stack[stm32l4::kFaultStackWords];

[[noreturn]] __attribute__((used)) void ReportFault(std::uint32_t sp) {
  using namespace stm32l4;
  const auto& scb = Scb();
  const std::uint32_t number = scb.ICSR & SCB_ICSR::VECTACTIVE_Msk;
  const std::uint32_t cfsr = scb.CFSR;

  const bool console_runs =
      (Rcc().APB1ENR1 & RCC_APB1ENR1::USART2EN) != 0 && (Usart2().CR1 & USART_CR1::TE) != 0;
  if (!console_runs) hal::Reset();

  const bool has_frame = InStack(sp, sizeof(ExceptionFrame));
  // "\r\n" first: it may break into a line that was being sent.
  Put("\r\n{\"event\":\"error\",\"code\":\"fault\",\"detail\":\"");
  Put(ExceptionName(number));
  if (!has_frame) Put(", stack overflow");
  Put("\"");
  PutField("exception", number);
  PutField("cfsr", cfsr);
  PutField("hfsr", scb.HFSR);
  if ((cfsr & SCB_CFSR::MMARVALID) != 0) PutField("address", scb.MMFAR);
  if ((cfsr & SCB_CFSR::BFARVALID) != 0) PutField("address", scb.BFAR);
  PutField("sp", sp);
  if (has_frame) {
    const auto& frame = *reinterpret_cast<const ExceptionFrame*>(sp);
    PutField("pc", frame.pc);
    PutField("lr", frame.lr);
    PutField("xpsr", frame.xpsr);
    PutField("r0", frame.r0);
    PutField("r1", frame.r1);
    PutField("r2", frame.r2);
    PutField("r3", frame.r3);
    PutField("r12", frame.r12);
  }
  Put("}\r\n");
  hal::SpinUntil([] { return (Usart2().ISR & USART_ISR::TC) != 0; }, kByteSpins);
  hal::Reset();
}

__attribute__((naked)) void Fault_Handler() {
  // Only MSP is in use. Its value goes to ReportFault; nothing is pushed on the way there.
  __asm volatile(
      "cpsid i\n\t"
      "mrs r0, msp\n\t"
      "ldr r1, =fault_stack + %c0\n\t"
      "mov sp, r1\n\t"
      "b ReportFault"
      :
      : "i"(sizeof fault_stack));
}

}  // extern "C"

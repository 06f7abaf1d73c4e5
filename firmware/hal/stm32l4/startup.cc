// Start-up, from the reset vector to main().

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "hal/common/stack_paint.h"
#include "hal/stm32l4/memory_map.h"
#include "hal/stm32l4/registers/core.h"
#include "this_board.h"

int main();

extern "C" {

[[noreturn]] void Reset_Handler();
void Fault_Handler();
void SysTick_Handler();
void RTC_WKUP_IRQHandler();
void ConsoleEdge_IRQHandler();
void DMA1_CH2_IRQHandler();
void I2C1_EV_IRQHandler();
void I2C1_ER_IRQHandler();
void USART2_IRQHandler();

}  // extern "C"

namespace {

using Vector = void (*)();

constexpr std::size_t kExceptions = 16;
constexpr std::size_t kInterrupts = 82;  // RM0351, table 57; RM0394 has one more, CRS

struct VectorTable {
  const std::uint32_t* initial_stack;
  Vector exceptions[kExceptions - 1];
  Vector interrupts[kInterrupts];
};

constexpr VectorTable MakeVectorTable() {
  VectorTable table{__stack_top, {}, {}};
  // An unexpected interrupt is reported like a fault; its number is in IPSR.
  for (auto& vector : table.exceptions) vector = Fault_Handler;
  for (auto& vector : table.interrupts) vector = Fault_Handler;
  table.exceptions[0] = Reset_Handler;
  table.exceptions[14] = SysTick_Handler;
  table.interrupts[3] = RTC_WKUP_IRQHandler;
  table.interrupts[12] = DMA1_CH2_IRQHandler;
  table.interrupts[31] = I2C1_EV_IRQHandler;
  table.interrupts[32] = I2C1_ER_IRQHandler;
  table.interrupts[38] = USART2_IRQHandler;
  constexpr auto kConsoleEdge = stm32l4::ExtiIrq(stm32l4::pins::kConsoleRxExtiLine);
  table.interrupts[static_cast<int>(kConsoleEdge)] = ConsoleEdge_IRQHandler;
  return table;
}

}  // namespace

extern "C" {

__attribute__((section(".vectors"), used)) constexpr VectorTable kVectorTable = MakeVectorTable();

void Reset_Handler() {
  using namespace stm32l4;
  // The FPU first: the compiler may use its registers anywhere. Full access for CP10 and CP11.
  Scb().CPACR |= 0xFU << 20;
  DataSyncBarrier();
  InstructionSyncBarrier();
  Scb().VTOR = reinterpret_cast<std::uintptr_t>(&kVectorTable);

  // Paint the stack as far as it is not in use, to see later how deep it went.
  std::uint32_t* sp;
  __asm volatile("mov %0, sp" : "=r"(sp));
  for (std::uint32_t* word = __stack_bottom; word < sp; ++word) *word = hal::kStackPaint;

  std::copy(__data_load, __data_load + (__data_end - __data_start), __data_start);
  std::fill(__bss_start, __bss_end, 0);
  std::fill(__sram2_bss_start, __sram2_bss_end, 0);
  std::for_each(__init_array_start, __init_array_end, [](Vector construct) { construct(); });

  main();
  for (;;) WaitForInterrupt();  // main() has no end
}

}  // extern "C"

// USART2 as the console; the part that only the chip's own code needs.
#pragma once

#include <cstdint>

namespace stm32l4 {

/// Sets pins and USART2 to 115200 8N1 and enables its interrupt.
void StartConsole();

/// Records a wake-up by the host, whose byte was lost in sleep.
void NoteConsoleActivity();

}  // namespace stm32l4

// USART2 as the console; the part that only the chip's own code needs.
#pragma once

#include <cstdint>

namespace stm32l4 {

/// Sets pins and USART2 to 115200 8N1 and enables its interrupt.
void StartConsole();

/// Notes that the host is there, though its byte was lost to sleep.
void NoteConsoleActivity();

}  // namespace stm32l4

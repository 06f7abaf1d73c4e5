// UART0 as the console; the part that only the chip's own code needs.
#pragma once

namespace esp32c3 {

/// Sets pins and UART0 to 115200 8N1 and enables its interrupt.
void StartConsole();

/// Returns whether a byte is on the wire, or in the FIFO while its interrupt waits.
bool ConsoleIsReceiving();

/// Records a wake-up by the host, whose byte was lost in sleep.
void NoteConsoleActivity();

}  // namespace esp32c3

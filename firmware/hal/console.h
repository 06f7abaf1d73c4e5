// The line to the host: 115200 baud, 8N1, interrupt-driven both ways.
#pragma once

#include <cstdint>
#include <string_view>

namespace hal {

/// Queues `text` for sending; waits (asleep) while the queue is full.
void ConsoleWrite(std::string_view text);

/// Sleeps until the last bit of all that was queued is on the wire.
void ConsoleFlush();

/// Takes one received byte; false if there is none.
bool ConsoleRead(char* byte);

/// Whether a received byte waits to be read.
bool ConsoleHasInput();

/// Time of the last byte or wake-up edge from the host, µs of UptimeUs(); 0 before the first.
std::uint64_t ConsoleLastActivityUs();

}  // namespace hal

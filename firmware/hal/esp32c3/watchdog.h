#pragma once

namespace esp32c3 {

/// Silences the watchdogs that the ROM started: they guard its own work.
void StopRomWatchdogs();

}  // namespace esp32c3

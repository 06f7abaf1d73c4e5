#pragma once

namespace esp32c3 {

/// Stops the watchdogs that the ROM started.
void StopRomWatchdogs();

}  // namespace esp32c3

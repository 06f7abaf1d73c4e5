#pragma once

namespace esp32c3 {

/// Reads the cause of the reset, for hal::ResetCause().
void NoteResetCause();

/// Whether the start was the end of a deep sleep.
bool WokeFromDeepSleep();

}  // namespace esp32c3

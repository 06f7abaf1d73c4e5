#pragma once

namespace esp32c3 {

/// Reads why the chip started, for hal::ResetCause().
void NoteResetCause();

}  // namespace esp32c3

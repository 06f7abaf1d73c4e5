#pragma once

namespace stm32l4 {

/// Reads the reset flags, keeps what they say for hal::ResetCause(), clears them.
void NoteResetCause();

}  // namespace stm32l4

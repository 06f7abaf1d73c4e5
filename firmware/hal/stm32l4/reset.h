#pragma once

namespace stm32l4 {

/// Reads the reset flags, stores the cause for hal::ResetCause(), clears the flags.
void NoteResetCause();

}  // namespace stm32l4

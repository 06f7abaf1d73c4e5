#pragma once

namespace stm32l4 {

/// Lets each kind of fault have its own handler, and makes a division by zero one of them.
void EnableFaults();

}  // namespace stm32l4

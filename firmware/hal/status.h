// The result of a bus transfer.
#pragma once

namespace hal {

enum class Status {
  kOk,
  kNack,      ///< the address or a byte was not acknowledged
  kBusError,  ///< misplaced start or stop, lost arbitration, overrun, DMA error
  kTimeout,   ///< the transfer did not end in its time
};

}  // namespace hal

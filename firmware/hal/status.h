// How a bus transfer ended.
#pragma once

namespace hal {

enum class Status {
  kOk,
  kNack,      ///< nobody acknowledged the address or a byte
  kBusError,  ///< misplaced start or stop, lost arbitration, overrun, DMA error
  kTimeout,   ///< the transfer did not end in its time
};

}  // namespace hal

// One decision: the label, the confidence and the cost of each phase.
#pragma once

#include <cstddef>
#include <cstdint>

#include "app/stopwatch.h"

namespace app {

struct DecisionCost {
  PhaseCost capture;     ///< camera on, set up, exposed, one frame in the FIFO
  PhaseCost readout;     ///< FIFO to RAM
  PhaseCost preprocess;  ///< luma, box filter, quantization
  PhaseCost inference;
};

struct Decision {
  std::uint32_t number = 0;  ///< counted from 1 since reset
  std::size_t label = 0;     ///< index of the highest score; the first one of equal scores
  int confidence_percent = 0;
  const std::int8_t* scores = nullptr;  ///< the model's raw outputs, in label order
};

}  // namespace app

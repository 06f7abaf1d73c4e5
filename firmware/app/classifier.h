// The model and its interpreter.
#pragma once

#include <cstddef>
#include <cstdint>

#include "app/decision.h"
#include "app/preprocess.h"

namespace app {

/// Why there is no answer from the model.
struct ModelError {
  const char* code;    ///< "arena_too_small", "model_rejected", "inference_failed"
  const char* detail;  ///< TFLite Micro's own words
};

namespace classifier {

/// Prepares the model in the arena; null if all is well. To be called once, before the rest.
const ModelError* Start();

/// How the model's input is quantized; one step a unit if there is no model.
Quantization InputQuantization();

/// The model's input, kImagePixels bytes, row by row. Overwritten by Run().
std::int8_t* Input();

/// Runs the model on its input and says what it is; null if all is well.
const ModelError* Run(Decision* decision);

/// Bytes of the arena in use, and bytes there are.
std::size_t ArenaUsedBytes();
std::size_t ArenaSizeBytes();

}  // namespace classifier
}  // namespace app

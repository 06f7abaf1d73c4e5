// The model and its interpreter.
#pragma once

#include <cstddef>
#include <cstdint>

#include "app/decision.h"
#include "app/preprocess.h"

namespace app {

/// The reason why the model gave no result.
struct ModelError {
  const char* code;    ///< "arena_too_small", "model_rejected", "inference_failed"
  const char* detail;  ///< TFLite Micro's message
};

namespace classifier {

/// Prepares the model in the arena; null on success. Call it once, before the other functions.
const ModelError* Start();

/// The quantization of the model's input; scale 1 if there is no model.
Quantization InputQuantization();

/// The model's input, kImagePixels bytes, row by row. Overwritten by Run().
std::int8_t* Input();

/// Runs the model on its input and fills in the decision; null on success.
const ModelError* Run(Decision* decision);

/// Bytes of the arena in use, and bytes in total.
std::size_t ArenaUsedBytes();
std::size_t ArenaSizeBytes();

}  // namespace classifier
}  // namespace app

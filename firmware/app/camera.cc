#include "app/camera.h"

#include <utility>

#include "driver/arducam.h"
#include "driver/ov2640.h"
#include "hal/camera_port.h"
#include "hal/memory.h"
#include "hal/time.h"

namespace app {
namespace {

using driver::CameraError;

// A frame takes 33 ms, and the capture waits for the start of one: 67 ms. In the dark the sensor
// may make its frames longer, by a few times.
constexpr std::uint32_t kCaptureTimeoutMs = 500;

// Frames arrive whole; what the FIFO counts beyond the frame is the sensor's blanking, a few bytes.
constexpr std::uint32_t kFifoSlackBytes = 64;

// While one chunk arrives by DMA, the one before is filtered. 8 rows: 1,536 bytes, 2.5 ms on the
// wire at 5 MHz.
constexpr std::uint32_t kRowPairsPerChunk = 4;
constexpr std::uint32_t kChunkBytes = kRowPairsPerChunk * kRowPairBytes;
constexpr std::uint32_t kChunks = kImageSide / kRowPairsPerChunk;
static_assert(kChunks * kChunkBytes == driver::ov2640::kFrameBytes);

HAL_SRAM2 std::uint8_t chunk_buffers[2][kChunkBytes];

void FilterChunk(const std::uint8_t* chunk, const QuantizationTable& table, std::int8_t* image) {
  for (std::uint32_t pair = 0; pair < kRowPairsPerChunk; ++pair) {
    FilterRowPair(chunk + pair * kRowPairBytes, table, image + pair * kImageSide);
  }
}

}  // namespace

PoweredCamera::PoweredCamera(PhaseCost* cost) {
  const Stopwatch switching(cost);
  hal::CameraPowerOn();
}

PoweredCamera::~PoweredCamera() { hal::CameraPowerOff(); }

CameraError PoweredCamera::Capture() {
  if (const auto error = driver::arducam::Probe(); error != CameraError::kNone) return error;
  if (const auto error = driver::ov2640::Start(); error != CameraError::kNone) return error;
  hal::SleepMs(driver::ov2640::kExposureSettleMs);
  if (const auto error = driver::arducam::StartCapture(); error != CameraError::kNone) return error;
  if (!hal::SleepUntil(driver::arducam::CaptureDone, kCaptureTimeoutMs)) {
    return CameraError::kTimeout;
  }
  const std::uint32_t length = driver::arducam::FifoLength();
  const bool whole = length >= driver::ov2640::kFrameBytes &&
                     length <= driver::ov2640::kFrameBytes + kFifoSlackBytes;
  return whole ? CameraError::kNone : CameraError::kFrame;
}

CameraError PoweredCamera::ReadOut(const QuantizationTable& table, std::int8_t* image,
                                   DecisionCost* cost) {
  std::uint8_t* arriving = chunk_buffers[0];
  std::uint8_t* arrived = chunk_buffers[1];
  driver::arducam::Burst burst;
  burst.StartRead(arriving, kChunkBytes);
  for (std::uint32_t chunk = 0; chunk < kChunks; ++chunk) {
    {
      const Stopwatch readout(&cost->readout);
      if (const auto error = burst.Finish(); error != CameraError::kNone) return error;
      std::swap(arriving, arrived);
      if (chunk + 1 < kChunks) burst.StartRead(arriving, kChunkBytes);
    }
    const Stopwatch preprocess(&cost->preprocess);
    FilterChunk(arrived, table, image + chunk * kRowPairsPerChunk * kImageSide);
  }
  return CameraError::kNone;
}

}  // namespace app

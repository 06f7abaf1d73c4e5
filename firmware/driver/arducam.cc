#include "driver/arducam.h"

#include <initializer_list>

#include "hal/spi.h"

namespace driver::arducam {
namespace {

enum Register : std::uint8_t {
  kTest = 0x00,
  kFifoControl = 0x04,
  kBurstRead = 0x3C,
  kTrigger = 0x41,
  kFifoSize0 = 0x42,  // bits 7..0
  kFifoSize1 = 0x43,  // bits 15..8
  kFifoSize2 = 0x44,  // bits 22..16
};

constexpr std::uint8_t kWrite = 0x80;
constexpr std::uint8_t kFifoClear = 0x01;  // clears the done flag and the pointers
constexpr std::uint8_t kFifoStart = 0x02;
constexpr std::uint8_t kTriggerCaptureDone = 0x08;

hal::Status WriteRegister(Register address, std::uint8_t value) {
  const hal::CameraSelect select;
  std::uint8_t ignored;
  const auto command = static_cast<std::uint8_t>(address | kWrite);
  const hal::Status status = hal::SpiExchange(command, &ignored);
  return status == hal::Status::kOk ? hal::SpiExchange(value, &ignored) : status;
}

hal::Status ReadRegister(Register address, std::uint8_t* value) {
  const hal::CameraSelect select;
  std::uint8_t ignored;
  const hal::Status status = hal::SpiExchange(address, &ignored);
  return status == hal::Status::kOk ? hal::SpiExchange(0, value) : status;
}

}  // namespace

CameraError Probe() {
  // Two patterns, each bit both ways: a line that is stuck or floats cannot answer both.
  for (const std::uint8_t pattern : {0x55, 0xAA}) {
    std::uint8_t answer = 0;
    if (WriteRegister(kTest, pattern) != hal::Status::kOk ||
        ReadRegister(kTest, &answer) != hal::Status::kOk || answer != pattern) {
      return CameraError::kAbsent;
    }
  }
  return CameraError::kNone;
}

CameraError StartCapture() {
  const bool started = WriteRegister(kFifoControl, kFifoClear) == hal::Status::kOk &&
                       WriteRegister(kFifoControl, kFifoStart) == hal::Status::kOk;
  return started ? CameraError::kNone : CameraError::kBus;
}

bool CaptureDone() {
  std::uint8_t trigger = 0;
  return ReadRegister(kTrigger, &trigger) == hal::Status::kOk &&
         (trigger & kTriggerCaptureDone) != 0;
}

std::uint32_t FifoLength() {
  std::uint8_t size[3];
  if (ReadRegister(kFifoSize0, &size[0]) != hal::Status::kOk ||
      ReadRegister(kFifoSize1, &size[1]) != hal::Status::kOk ||
      ReadRegister(kFifoSize2, &size[2]) != hal::Status::kOk) {
    return 0;
  }
  return size[0] | (std::uint32_t{size[1]} << 8) | (std::uint32_t{size[2] & 0x7FU} << 16);
}

Burst::Burst() {
  std::uint8_t ignored;
  failed_ = hal::SpiExchange(kBurstRead, &ignored) != hal::Status::kOk;
}

void Burst::StartRead(std::uint8_t* buffer, std::size_t size) { hal::SpiStartRead(buffer, size); }

CameraError Burst::Finish() {
  if (hal::SpiFinishRead() != hal::Status::kOk) failed_ = true;
  return failed_ ? CameraError::kBus : CameraError::kNone;
}

}  // namespace driver::arducam

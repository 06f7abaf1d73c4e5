#include "hal/camera_port.h"

#include "hal/esp32c3/i2c0.h"
#include "hal/esp32c3/spi2.h"
#include "hal/time.h"
#include "this_board.h"

namespace hal {

using namespace esp32c3;

namespace {

// The module's regulators, its oscillator and its CPLD are up 10 ms after the supply.
constexpr std::uint32_t kModuleStartMs = 10;

}  // namespace

void CameraPowerOn() {
  pins::CameraPower::MakeOutput(true);
  SleepMs(kModuleStartMs);

  pins::CameraChipSelect::MakeOutput(true);
  pins::CameraSck::MakeOutputOf<kFspiClk>();
  pins::CameraMosi::MakeOutputOf<kFspiD>();
  pins::CameraMiso::MakeInputOf<kFspiQ>();
  I2c0Bus::Open(I2cDevice::kCamera);
  StartSpi2();
}

void CameraPowerOff() {
  StopSpi2();
  I2c0Bus::Close(I2cDevice::kCamera);
  pins::CameraSck::Disconnect();
  pins::CameraMiso::Disconnect();
  pins::CameraMosi::Disconnect();
  pins::CameraChipSelect::Disconnect();
  pins::CameraPower::MakeOutput(false);
}

CameraSelect::CameraSelect() { pins::CameraChipSelect::Clear(); }
CameraSelect::~CameraSelect() { pins::CameraChipSelect::Set(); }

}  // namespace hal

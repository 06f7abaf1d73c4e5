#include "hal/camera_port.h"

#include "hal/stm32l4/i2c1.h"
#include "hal/stm32l4/spi1.h"
#include "hal/time.h"
#include "this_board.h"

namespace hal {

using namespace stm32l4;

namespace {

// The module's regulators, its oscillator and its CPLD are up 10 ms after the supply.
constexpr std::uint32_t kModuleStartMs = 10;

}  // namespace

void CameraPowerOn() {
  pins::CameraPower::MakeOutput(true);
  SleepMs(kModuleStartMs);

  pins::CameraChipSelect::MakeOutput(true);
  pins::CameraSck::MakeAlternate(pins::kCameraSckFunction, PinDrive::kPushPull, PinPull::kNone,
                                 PinSpeed::kMedium);
  pins::CameraMosi::MakeAlternate(pins::kCameraMosiFunction, PinDrive::kPushPull, PinPull::kNone,
                                  PinSpeed::kMedium);
  pins::CameraMiso::MakeAlternate(pins::kCameraMisoFunction);
  I2c1Bus::Open(I2cDevice::kCamera);
  StartSpi1();
}

void CameraPowerOff() {
  StopSpi1();
  I2c1Bus::Close(I2cDevice::kCamera);
  pins::CameraSck::MakeAnalog();
  pins::CameraMiso::MakeAnalog();
  pins::CameraMosi::MakeAnalog();
  pins::CameraChipSelect::MakeAnalog();
  pins::CameraPower::MakeOutput(false);
}

CameraSelect::CameraSelect() { pins::CameraChipSelect::Clear(); }
CameraSelect::~CameraSelect() { pins::CameraChipSelect::Set(); }

}  // namespace hal

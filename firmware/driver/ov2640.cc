#include "driver/ov2640.h"

#include "driver/ov2640_registers.h"
#include "hal/i2c.h"
#include "hal/time.h"

namespace driver::ov2640 {
namespace {

// The datasheet gives no time from SRST to the first write; the public drivers wait 5 to 10 ms.
constexpr std::uint32_t kResetMs = 10;

struct Setting {
  std::uint8_t address;
  std::uint8_t value;
};

// The picture. The sensor reads its array binned 4 x 4 (CIF, 400 x 296); the DSP cuts a square out
// of the middle and scales it down by three.
constexpr std::uint32_t kArrayWidth = 400;
constexpr std::uint32_t kArrayHeight = 296;
constexpr std::uint32_t kWindow = 288;
constexpr std::uint32_t kOffsetX = (kArrayWidth - kWindow) / 2;
constexpr std::uint32_t kOffsetY = (kArrayHeight - kWindow) / 2;
static_assert(kWindow == 3 * kFrameWidth && kWindow == 3 * kFrameHeight);
static_assert(kWindow / 4 < 256 && kOffsetX < 256 && kOffsetY < 256, "VHYX, TEST stay 0");

constexpr Setting kSetup[] = {
    // --- Sensor bank: clock, exposure, gain ----------------------------------------------------
    {BANK_SEL, BANK_SENSOR},
    {CLKRC, 0x01},  // XVCLK / 2: 30 frames a second in CIF mode from 24 MHz
    {COM7, COM7_RES_CIF},
    {COM2, COM2_DRIVE_3X},
    {REG04, REG04_DEFAULT},  // no mirror, no flip
    {COM8, COM8_DEFAULT | COM8_BANDING | COM8_AGC | COM8_AEC},
    {COM9, COM9_DEFAULT | COM9_GAIN_8X},
    {AEW, 0x40},        // exposure is left alone while the average luma lies
    {AEB, 0x38},        // between these two,
    {VV, 0x82},         // and moves fast outside of these
    {HISTO_LOW, 0x70},  // histogram-based exposure: share of dark and of bright pixels
    {HISTO_HIGH, 0x80},
    {BD50, 0xCA},  // banding: a period of 50 Hz and of 60 Hz light, in CIF line times
    {BD60, 0xA8},

    // --- Sensor bank: the array's window in CIF mode -------------------------------------------
    {HSTART, 0x11},
    {HSTOP, 0x43},  // (0x43 - 0x11) * 8 = 400 columns
    {VSTART, 0x00},
    {VSTOP, 0x25},  // 0x25 * 8 = 296 lines
    {REG32, 0x89},  // low bits of the columns; CIF pixel clock divider
    {COM1, 0x0A},   // low bits of the lines
    {COM4, 0x87},
    {ARCOM2, 0xC0},  // zoom window start

    // --- Sensor bank, reserved: analog path, references, black level ---------------------------
    {0x3C, 0x32},
    {0x2C, 0x0C},
    {0x33, 0x78},
    {0x3A, 0x33},
    {0x3B, 0xFB},
    {0x3E, 0x00},
    {0x43, 0x11},
    {0x16, 0x10},
    {0x39, 0x92},
    {0x35, 0xDA},
    {0x22, 0x1A},
    {0x37, 0xC3},
    {0x23, 0x00},
    {0x06, 0x88},
    {0x07, 0xC0},
    {0x0E, 0x41},
    {0x4C, 0x00},
    {0x4A, 0x81},
    {0x21, 0x99},
    {0x5C, 0x00},
    {0x63, 0x00},
    {0x7C, 0x05},
    {0x20, 0x80},
    {0x28, 0x30},
    {0x6C, 0x00},
    {0x6D, 0x00},
    {0x6E, 0x00},
    {0x70, 0x02},
    {0x71, 0x94},
    {0x73, 0xC1},
    {0x3D, 0x38},
    {0x5A, 0x23},

    // --- DSP bank, held in reset and bypassed while it changes ---------------------------------
    {BANK_SEL, BANK_DSP},
    {R_BYPASS, R_BYPASS_ON},
    {RESET, RESET_JPEG | RESET_DVP},
    {MC_BIST, MC_BIST_RESET | MC_BIST_BOOT_ROM},  // the chip's own microcontroller stays off
    {0x2C, 0xFF},
    {0x2E, 0xDF},
    {0xE5, 0x7F},
    {0x41, 0x24},
    {0x76, 0xFF},
    {0x33, 0xA0},
    {0x42, 0x20},
    {0x43, 0x18},
    {0x4C, 0x00},
    {CTRL3, CTRL3_WHITE_PIXEL | 0x10},  // white pixel correction
    {0x88, 0x3F},
    {0xD9, 0x10},
    {0xC8, 0x08},
    {0xC9, 0x80},

    // --- DSP bank: gamma, 15 points of the curve and its slope ---------------------------------
    {0x90, 0x00},
    {0x91, 0x0E},
    {0x91, 0x1A},
    {0x91, 0x31},
    {0x91, 0x5A},
    {0x91, 0x69},
    {0x91, 0x75},
    {0x91, 0x7E},
    {0x91, 0x88},
    {0x91, 0x8F},
    {0x91, 0x96},
    {0x91, 0xA3},
    {0x91, 0xAF},
    {0x91, 0xC4},
    {0x91, 0xD7},
    {0x91, 0xE8},
    {0x91, 0x20},

    // --- DSP bank: edges and noise -------------------------------------------------------------
    {0x92, 0x00},
    {0x93, 0x06},
    {0x93, 0xE3},
    {0x93, 0x05},
    {0x93, 0x05},
    {0x93, 0x00},
    {0x93, 0x04},

    // --- DSP bank: white balance. Luma is a sum of the colours, so it depends on them ----------
    {0x96, 0x00},
    {0x97, 0x08},
    {0x97, 0x19},
    {0x97, 0x02},
    {0x97, 0x0C},
    {0x97, 0x24},
    {0x97, 0x30},
    {0x97, 0x28},
    {0x97, 0x26},
    {0x97, 0x02},
    {0x97, 0x98},
    {0x97, 0x80},
    {0x97, 0x00},
    {0x97, 0x00},
    {0xA4, 0x00},
    {0xA8, 0x00},
    {0xC5, 0x11},
    {0xC6, 0x51},
    {0xBF, 0x80},
    {0xC7, 0x10},
    {0xB6, 0x66},
    {0xB8, 0xA5},
    {0xB7, 0x64},
    {0xB9, 0x7C},
    {0xB3, 0xAF},
    {0xB4, 0x97},
    {0xB5, 0xFF},
    {0xB0, 0xC5},
    {0xB1, 0x94},
    {0xB2, 0x0F},
    {0xC4, 0x5C},
    {CTRL1, CTRL1_ALL & ~CTRL1_DMY},

    // --- DSP bank: the picture -----------------------------------------------------------------
    {HSIZE8, kArrayWidth / 8},
    {VSIZE8, kArrayHeight / 8},
    {SIZEL, 0x00},
    {CTRL2, CTRL2_DCW | CTRL2_UV_ADJUST | CTRL2_UV_AVERAGE | CTRL2_COLOR_MATRIX | 0x10},
    {CTRLI, CTRLI_LP_DP},
    {HSIZE, kWindow / 4},
    {VSIZE, kWindow / 4},
    {XOFFL, kOffsetX},
    {YOFFL, kOffsetY},
    {VHYX, 0x00},
    {TEST, 0x00},
    {ZMOW, kFrameWidth / 4},
    {ZMOH, kFrameHeight / 4},
    {ZMHH, 0x00},
    {R_DVP_SP, R_DVP_SP_AUTO | 0x02},
    {IMAGE_MODE, IMAGE_MODE_YUV422},  // bytes Y0 U Y1 V
    {0xD7, 0x01},
    {0xE5, 0x1F},
    {0xE1, 0x67},
    {0xDD, 0x7F},
    {RESET, 0x00},
    {R_BYPASS, 0x00},
};

hal::Status Write(Setting setting) {
  const std::uint8_t bytes[] = {setting.address, setting.value};
  return hal::I2cWrite(hal::I2cDevice::kCamera, bytes, sizeof bytes);
}

hal::Status Read(std::uint8_t address, std::uint8_t* value) {
  // SCCB ends the address phase with a stop; it has no repeated start.
  const hal::Status status = hal::I2cWrite(hal::I2cDevice::kCamera, &address, 1);
  return status == hal::Status::kOk ? hal::I2cRead(hal::I2cDevice::kCamera, value, 1) : status;
}

}  // namespace

CameraError Start() {
  std::uint8_t product = 0;
  if (Write({BANK_SEL, BANK_SENSOR}) != hal::Status::kOk ||
      Read(PID, &product) != hal::Status::kOk || product != kPidOv2640 ||
      Write({COM7, COM7_SRST}) != hal::Status::kOk) {
    return CameraError::kAbsent;
  }
  hal::SleepMs(kResetMs);
  for (const Setting& setting : kSetup) {
    if (Write(setting) != hal::Status::kOk) return CameraError::kBus;
  }
  return CameraError::kNone;
}

}  // namespace driver::ov2640

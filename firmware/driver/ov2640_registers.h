// Registers of the OV2640 that its datasheet names. Two banks share the addresses.
#pragma once

#include <cstdint>

namespace driver::ov2640 {

enum : std::uint8_t {
  BANK_SEL = 0xFF,
  BANK_DSP = 0x00,
  BANK_SENSOR = 0x01,
};

// Sensor bank, datasheet table 13.
enum : std::uint8_t {
  COM1 = 0x03,
  REG04 = 0x04,
  REG04_DEFAULT = 0x28,
  COM2 = 0x09,
  COM2_DRIVE_3X = 0x02,
  PID = 0x0A,
  kPidOv2640 = 0x26,
  COM4 = 0x0D,
  CLKRC = 0x11,
  COM7 = 0x12,
  COM7_SRST = 0x80,
  COM7_RES_CIF = 0x20,
  COM8 = 0x13,
  COM8_DEFAULT = 0xC0,
  COM8_BANDING = 0x20,
  COM8_AGC = 0x04,
  COM8_AEC = 0x01,
  COM9 = 0x14,
  COM9_DEFAULT = 0x08,
  COM9_GAIN_8X = 0x40,
  HSTART = 0x17,
  HSTOP = 0x18,
  VSTART = 0x19,
  VSTOP = 0x1A,
  AEW = 0x24,
  AEB = 0x25,
  VV = 0x26,
  REG32 = 0x32,
  ARCOM2 = 0x34,
  BD50 = 0x4F,
  BD60 = 0x50,
  HISTO_LOW = 0x61,
  HISTO_HIGH = 0x62,
};

// DSP bank, datasheet table 12. Sizes are in units of 4 pixels, HSIZE8 and VSIZE8 of 8.
enum : std::uint8_t {
  R_BYPASS = 0x05,
  R_BYPASS_ON = 0x01,
  CTRLI = 0x50,
  CTRLI_LP_DP = 0x80,
  HSIZE = 0x51,
  VSIZE = 0x52,
  XOFFL = 0x53,
  YOFFL = 0x54,
  VHYX = 0x55,
  TEST = 0x57,
  ZMOW = 0x5A,
  ZMOH = 0x5B,
  ZMHH = 0x5C,
  CTRL2 = 0x86,
  CTRL2_DCW = 0x20,
  CTRL2_UV_ADJUST = 0x08,
  CTRL2_UV_AVERAGE = 0x04,
  CTRL2_COLOR_MATRIX = 0x01,
  CTRL3 = 0x87,
  CTRL3_WHITE_PIXEL = 0x40,
  SIZEL = 0x8C,
  HSIZE8 = 0xC0,
  VSIZE8 = 0xC1,
  CTRL1 = 0xC3,
  CTRL1_ALL = 0xFF,
  CTRL1_DMY = 0x02,
  R_DVP_SP = 0xD3,
  R_DVP_SP_AUTO = 0x80,
  IMAGE_MODE = 0xDA,
  IMAGE_MODE_YUV422 = 0x00,
  RESET = 0xE0,
  RESET_JPEG = 0x10,
  RESET_DVP = 0x04,
  MC_BIST = 0xF9,
  MC_BIST_RESET = 0x80,
  MC_BIST_BOOT_ROM = 0x40,
};

}  // namespace driver::ov2640

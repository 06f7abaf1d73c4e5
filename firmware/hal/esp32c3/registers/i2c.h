// I2C. ESP32-C3 TRM, chapter "I2C Controller (I2C)".
#pragma once

#include <cstddef>
#include <cstdint>

namespace esp32c3 {

inline constexpr std::uintptr_t kI2c0Base = 0x60013000;
inline constexpr std::uint32_t kI2cFifoBytes = 32;

struct I2cRegisters {
  volatile std::uint32_t SCL_LOW_PERIOD;    // 0x00
  volatile std::uint32_t CTR;               // 0x04
  volatile std::uint32_t SR;                // 0x08
  volatile std::uint32_t TO;                // 0x0C
  volatile std::uint32_t SLAVE_ADDR;        // 0x10
  volatile std::uint32_t FIFO_ST;           // 0x14
  volatile std::uint32_t FIFO_CONF;         // 0x18
  volatile std::uint32_t DATA;              // 0x1C
  volatile std::uint32_t INT_RAW;           // 0x20
  volatile std::uint32_t INT_CLR;           // 0x24
  volatile std::uint32_t INT_ENA;           // 0x28
  volatile std::uint32_t INT_STATUS;        // 0x2C
  volatile std::uint32_t SDA_HOLD;          // 0x30
  volatile std::uint32_t SDA_SAMPLE;        // 0x34
  volatile std::uint32_t SCL_HIGH_PERIOD;   // 0x38
  std::uint32_t reserved_3c;                // 0x3C
  volatile std::uint32_t SCL_START_HOLD;    // 0x40
  volatile std::uint32_t SCL_RSTART_SETUP;  // 0x44
  volatile std::uint32_t SCL_STOP_HOLD;     // 0x48
  volatile std::uint32_t SCL_STOP_SETUP;    // 0x4C
  volatile std::uint32_t FILTER_CFG;        // 0x50
  volatile std::uint32_t CLK_CONF;          // 0x54
  volatile std::uint32_t COMD[8];           // 0x58
};
static_assert(offsetof(I2cRegisters, SCL_START_HOLD) == 0x40);
static_assert(offsetof(I2cRegisters, COMD) == 0x58);

inline I2cRegisters& I2c0() { return *reinterpret_cast<I2cRegisters*>(kI2c0Base); }

namespace I2C_CTR {
inline constexpr std::uint32_t SDA_FORCE_OUT = 1U << 0;  // open drain, both
inline constexpr std::uint32_t SCL_FORCE_OUT = 1U << 1;
inline constexpr std::uint32_t MS_MODE = 1U << 4;  // master
inline constexpr std::uint32_t TRANS_START = 1U << 5;
inline constexpr std::uint32_t CLK_EN = 1U << 8;
inline constexpr std::uint32_t FSM_RST = 1U << 10;
inline constexpr std::uint32_t CONF_UPGATE = 1U << 11;  // registers to the I2C's own clock
}  // namespace I2C_CTR

namespace I2C_SR {
inline constexpr std::uint32_t BUS_BUSY = 1U << 4;
}

namespace I2C_TO {
inline constexpr std::uint32_t TIME_OUT_EN = 1U << 5;  // after 2^TIME_OUT_VALUE cycles
}

namespace I2C_FIFO_CONF {
inline constexpr std::uint32_t RX_FIFO_RST = 1U << 12;
inline constexpr std::uint32_t TX_FIFO_RST = 1U << 13;
inline constexpr std::uint32_t FIFO_PRT_EN = 1U << 14;
}  // namespace I2C_FIFO_CONF

// Bits of INT_RAW, INT_CLR, INT_ENA, INT_STATUS.
namespace I2C_INT {
inline constexpr std::uint32_t ARBITRATION_LOST = 1U << 5;
inline constexpr std::uint32_t TRANS_COMPLETE = 1U << 7;
inline constexpr std::uint32_t TIME_OUT = 1U << 8;
inline constexpr std::uint32_t NACK = 1U << 10;
}  // namespace I2C_INT

namespace I2C_SCL_HIGH_PERIOD {
inline constexpr std::uint32_t SCL_WAIT_HIGH_PERIOD_Pos = 9;
}

namespace I2C_CLK_CONF {
inline constexpr std::uint32_t SCLK_ACTIVE = 1U << 21;  // source XTAL, undivided
}

namespace I2C_COMD {
inline constexpr std::uint32_t ACK_CHECK_EN = 1U << 8;
inline constexpr std::uint32_t ACK_VALUE_NACK = 1U << 10;
inline constexpr std::uint32_t READ = 3U << 11;
inline constexpr std::uint32_t WRITE = 1U << 11;
inline constexpr std::uint32_t STOP = 2U << 11;
inline constexpr std::uint32_t RSTART = 6U << 11;
}  // namespace I2C_COMD

}  // namespace esp32c3

#include "hal/esp32c3/i2c0.h"

#include "hal/common/spin.h"
#include "hal/esp32c3/clock.h"
#include "hal/esp32c3/interrupt.h"
#include "hal/esp32c3/memory_map.h"
#include "hal/esp32c3/registers/i2c.h"
#include "hal/esp32c3/registers/system.h"
#include "hal/i2c.h"
#include "hal/time.h"

namespace esp32c3 {
namespace {

// Times of a clock period in steps of the crystal, undivided: 25 ns. `rise` is the part of `high`
// in which the line rises.
struct Period {
  std::uint32_t low;
  std::uint32_t high;
  std::uint32_t rise;
};

// UM10204, table 10. Standard mode, 100 kHz: SCL low 5.0 µs (>= 4.7); high 5.0 µs (>= 4.0), the
// first 2.45 µs of it for the rise. Fast mode, 400 kHz: low 1.4 µs (>= 1.3); high 1.1 µs (>= 0.6),
// the first 0.3 µs for the rise. Data changes after a quarter of the low time and is sampled after
// half of the high one. Start and stop are held and set up for the low time (standard mode >= 4.7,
// fast mode >= 0.6 µs).
constexpr std::uint32_t kStepsPerUs = kXtalHz / 1'000'000;
template <hal::I2cSpeed kSpeed>
constexpr Period kPeriod = {5 * kStepsPerUs, 5 * kStepsPerUs, 5 * kStepsPerUs / 2 - 2};
template <>
constexpr Period kPeriod<hal::I2cSpeed::kFast> = {14 * kStepsPerUs / 10, 11 * kStepsPerUs / 10,
                                                  3 * kStepsPerUs / 10};

// A line held low ends the transfer after 2^15 steps, 0.8 ms.
constexpr std::uint32_t kLineTimeout = 15;

constexpr std::uint32_t kInterrupts =
    I2C_INT::TRANS_COMPLETE | I2C_INT::NACK | I2C_INT::ARBITRATION_LOST | I2C_INT::TIME_OUT;

// The longest transfer, 32 bytes with the address, takes 2.9 ms at 100 kHz.
constexpr std::uint32_t kTransferTimeoutMs = 10;

// After a NACK the controller sends a stop, 10 µs.
constexpr std::uint32_t kStopSpins = 10'000;

volatile bool ended;
volatile hal::Status outcome;

static_assert(hal::kI2cMaxBytes == kI2cFifoBytes - 1, "the address takes one byte");

// These two are inlined into I2c0Controller::ChangeSpeed() too, which the linker drops where the
// devices on the bus have one speed.
template <hal::I2cSpeed kSpeed>
[[gnu::always_inline]] inline void Configure() {
  constexpr Period kTimes = kPeriod<kSpeed>;
  auto& i2c = I2c0();
  i2c.CLK_CONF = I2C_CLK_CONF::SCLK_ACTIVE;
  i2c.CTR = I2C_CTR::SDA_FORCE_OUT | I2C_CTR::SCL_FORCE_OUT | I2C_CTR::MS_MODE | I2C_CTR::CLK_EN;
  i2c.SCL_LOW_PERIOD = kTimes.low - 1;
  i2c.SCL_HIGH_PERIOD =
      (kTimes.high - kTimes.rise) | (kTimes.rise << I2C_SCL_HIGH_PERIOD::SCL_WAIT_HIGH_PERIOD_Pos);
  i2c.SDA_HOLD = kTimes.low / 4 - 1;
  i2c.SDA_SAMPLE = kTimes.high / 2 - 1;
  i2c.SCL_START_HOLD = kTimes.low - 1;
  i2c.SCL_RSTART_SETUP = kTimes.low - 1;
  i2c.SCL_STOP_HOLD = kTimes.low - 1;
  i2c.SCL_STOP_SETUP = kTimes.low - 1;
  i2c.TO = kLineTimeout | I2C_TO::TIME_OUT_EN;
  i2c.FIFO_CONF = I2C_FIFO_CONF::FIFO_PRT_EN;
  i2c.INT_ENA = 0;
  i2c.INT_CLR = ~0U;
  i2c.CTR |= I2C_CTR::CONF_UPGATE;
}

[[gnu::always_inline]] inline void SetTiming() {
  const bool standard = hal::I2cUsers::Speed() == hal::I2cSpeed::kStandard;
  standard ? Configure<hal::I2cSpeed::kStandard>() : Configure<hal::I2cSpeed::kFast>();
}

void Recover() {
  auto& i2c = I2c0();
  if (hal::SpinUntil([&] { return (i2c.SR & I2C_SR::BUS_BUSY) == 0; }, kStopSpins)) return;
  // The bus hangs, or has no pull-ups because they are on a device without power.
  I2c0Controller::Stop();
  I2c0Controller::Start();
}

// Clears both FIFOs and loads the address for the command list's first byte.
void Begin(std::uint8_t address, bool read) {
  auto& i2c = I2c0();
  i2c.FIFO_CONF =
      I2C_FIFO_CONF::FIFO_PRT_EN | I2C_FIFO_CONF::RX_FIFO_RST | I2C_FIFO_CONF::TX_FIFO_RST;
  i2c.FIFO_CONF = I2C_FIFO_CONF::FIFO_PRT_EN;
  i2c.DATA = (std::uint32_t{address} << 1) | (read ? 1U : 0U);
}

// Runs the command list that is in COMD.
hal::Status Run() {
  auto& i2c = I2c0();
  ended = false;
  outcome = hal::Status::kOk;
  i2c.INT_CLR = ~0U;
  i2c.INT_ENA = kInterrupts;
  i2c.CTR |= I2C_CTR::CONF_UPGATE;
  i2c.CTR |= I2C_CTR::TRANS_START;
  if (!hal::SleepUntil([] { return ended; }, kTransferTimeoutMs)) outcome = hal::Status::kTimeout;
  i2c.INT_ENA = 0;
  if (outcome != hal::Status::kOk) Recover();
  return outcome;
}

}  // namespace

void I2c0Controller::Start() {
  auto& system = System();
  system.PERIP_CLK_EN0 |= SYSTEM_PERIP0::I2C_EXT0;
  system.PERIP_RST_EN0 |= SYSTEM_PERIP0::I2C_EXT0;
  system.PERIP_RST_EN0 &= ~SYSTEM_PERIP0::I2C_EXT0;
  SetTiming();
  ConnectInterrupt(InterruptSource::kI2cExt0, CpuInterrupt::kI2c);
}

void I2c0Controller::Stop() {
  I2c0().INT_ENA = 0;
  System().PERIP_CLK_EN0 &= ~SYSTEM_PERIP0::I2C_EXT0;
}

void I2c0Controller::ChangeSpeed() { SetTiming(); }

}  // namespace esp32c3

extern "C" __attribute__((interrupt)) ESP32C3_IRAM void I2cInterrupt() {
  using namespace esp32c3;
  auto& i2c = I2c0();
  const std::uint32_t pending = i2c.INT_STATUS;
  i2c.INT_CLR = pending;
  if ((pending & I2C_INT::NACK) != 0) {
    outcome = hal::Status::kNack;
  } else if ((pending & (I2C_INT::ARBITRATION_LOST | I2C_INT::TIME_OUT)) != 0) {
    outcome = hal::Status::kBusError;
  }
  i2c.INT_ENA = 0;
  ended = true;
}

namespace hal {

void I2cOpen(I2cDevice device) { esp32c3::I2c0Bus::Open(device); }
void I2cClose(I2cDevice device) { esp32c3::I2c0Bus::Close(device); }

namespace i2c {

Status Write(std::uint8_t address, const std::uint8_t* data, std::size_t size) {
  using namespace esp32c3;
  if (size >= kI2cFifoBytes) return Status::kBusError;  // the address takes one byte
  auto& i2c = I2c0();
  Begin(address, false);
  for (std::size_t i = 0; i < size; ++i) i2c.DATA = data[i];
  i2c.COMD[0] = I2C_COMD::RSTART;
  i2c.COMD[1] = I2C_COMD::WRITE | I2C_COMD::ACK_CHECK_EN | static_cast<std::uint32_t>(size + 1);
  i2c.COMD[2] = I2C_COMD::STOP;
  return Run();
}

Status Read(std::uint8_t address, std::uint8_t* data, std::size_t size) {
  using namespace esp32c3;
  if (size == 0 || size > kI2cFifoBytes) return Status::kBusError;
  auto& i2c = I2c0();
  Begin(address, true);
  int command = 0;
  i2c.COMD[command++] = I2C_COMD::RSTART;
  i2c.COMD[command++] = I2C_COMD::WRITE | I2C_COMD::ACK_CHECK_EN | 1;
  if (size > 1) i2c.COMD[command++] = I2C_COMD::READ | static_cast<std::uint32_t>(size - 1);
  i2c.COMD[command++] = I2C_COMD::READ | I2C_COMD::ACK_VALUE_NACK | 1;
  i2c.COMD[command] = I2C_COMD::STOP;
  const Status status = Run();
  if (status != Status::kOk) return status;
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i2c.DATA);
  return Status::kOk;
}

}  // namespace i2c
}  // namespace hal

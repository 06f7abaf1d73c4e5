#include "hal/stm32l4/i2c1.h"

#include "hal/i2c.h"
#include "hal/stm32l4/clock.h"
#include "hal/stm32l4/registers/core.h"
#include "hal/stm32l4/registers/i2c.h"
#include "hal/stm32l4/registers/rcc.h"
#include "hal/time.h"

namespace stm32l4 {
namespace {

// I2C1 is clocked by PCLK1 = 80 MHz (CCIPR's reset value). Standard mode, 100 kHz (RM0351, 39.4.10;
// UM10204 table 10): a step of 100 ns; SCL low 5.0 µs (>= 4.7), high 4.5 µs (>= 4.0); the edges
// and the two synchronizers add about 0.5 µs. Data set up 1.3 µs before SCL rises (>= 0.25 plus
// 1.0 of rise time), held 0.2 µs.
constexpr std::uint32_t kStepNs = 100;
constexpr std::uint32_t kPrescaler = kSysclkHz / 1'000'000 * kStepNs / 1000;  // 8
constexpr std::uint32_t kTiming = ((kPrescaler - 1) << I2C_TIMINGR::PRESC_Pos) |
                                  ((1300 / kStepNs - 1) << I2C_TIMINGR::SCLDEL_Pos) |
                                  ((200 / kStepNs) << I2C_TIMINGR::SDADEL_Pos) |
                                  ((4500 / kStepNs - 1) << I2C_TIMINGR::SCLH_Pos) |
                                  ((5000 / kStepNs - 1) << I2C_TIMINGR::SCLL_Pos);
static_assert(kTiming == 0x7'0C2'2C31);

constexpr std::uint32_t kInterrupts =
    I2C_CR1::TXIE | I2C_CR1::RXIE | I2C_CR1::NACKIE | I2C_CR1::STOPIE | I2C_CR1::ERRIE;

// The longest transfer here, 3 bytes with the address, takes 0.3 ms.
constexpr std::uint32_t kTransferTimeoutMs = 10;

// The transfer under way: set up by the program, moved on by the interrupt.
const std::uint8_t* send_next;
std::uint8_t* receive_next;
volatile bool ended;
volatile hal::Status outcome;

void End(hal::Status status) {
  I2c1().CR1 &= ~kInterrupts;
  outcome = status;
  ended = true;
}

hal::Status Transfer(std::uint8_t address, std::size_t size, std::uint32_t direction) {
  auto& i2c = I2c1();
  ended = false;
  outcome = hal::Status::kOk;
  i2c.CR1 |= kInterrupts;
  i2c.CR2 = (std::uint32_t{address} << (I2C_CR2::SADD_Pos + 1)) | direction |
            (static_cast<std::uint32_t>(size) << I2C_CR2::NBYTES_Pos) | I2C_CR2::AUTOEND |
            I2C_CR2::START;
  if (!hal::SleepUntil([] { return ended; }, kTransferTimeoutMs)) {
    // The bus hangs, or has no pull-ups because the module has no power. Clearing PE for three
    // APB cycles resets the state machine (RM0351, 39.4.6); the read-back takes that long.
    i2c.CR1 = 0;
    (void)i2c.CR1;
    (void)i2c.CR1;
    i2c.CR1 = I2C_CR1::PE;
    return hal::Status::kTimeout;
  }
  return outcome;
}

}  // namespace

void StartI2c1() {
  auto& rcc = Rcc();
  rcc.APB1ENR1 |= RCC_APB1ENR1::I2C1EN;
  (void)rcc.APB1ENR1;
  rcc.APB1RSTR1 |= RCC_APB1RSTR1::I2C1RST;
  rcc.APB1RSTR1 &= ~RCC_APB1RSTR1::I2C1RST;
  I2c1().TIMINGR = kTiming;
  I2c1().CR1 = I2C_CR1::PE;
  EnableIrq(Irq::kI2c1Event);
  EnableIrq(Irq::kI2c1Error);
}

void StopI2c1() {
  I2c1().CR1 = 0;
  Rcc().APB1ENR1 &= ~RCC_APB1ENR1::I2C1EN;
}

}  // namespace stm32l4

extern "C" void I2C1_EV_IRQHandler() {
  using namespace stm32l4;
  auto& i2c = I2c1();
  const std::uint32_t status = i2c.ISR;
  if ((status & I2C_ISR::TXIS) != 0) i2c.TXDR = *send_next++;
  if ((status & I2C_ISR::RXNE) != 0) *receive_next++ = static_cast<std::uint8_t>(i2c.RXDR);
  if ((status & I2C_ISR::NACKF) != 0) {
    i2c.ICR = I2C_ICR::NACKCF;
    outcome = hal::Status::kNack;  // AUTOEND sends the stop that ends it
  }
  if ((status & I2C_ISR::STOPF) != 0) {
    i2c.ICR = I2C_ICR::STOPCF;
    End(outcome);
  }
}

extern "C" void I2C1_ER_IRQHandler() {
  using namespace stm32l4;
  I2c1().ICR = I2C_ICR::BERRCF | I2C_ICR::ARLOCF | I2C_ICR::OVRCF;
  End(hal::Status::kBusError);
}

namespace hal {

Status I2cWrite(std::uint8_t address, const std::uint8_t* data, std::size_t size) {
  stm32l4::send_next = data;
  return stm32l4::Transfer(address, size, 0);
}

Status I2cRead(std::uint8_t address, std::uint8_t* data, std::size_t size) {
  stm32l4::receive_next = data;
  return stm32l4::Transfer(address, size, stm32l4::I2C_CR2::RD_WRN);
}

}  // namespace hal

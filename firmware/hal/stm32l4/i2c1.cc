#include "hal/stm32l4/i2c1.h"

#include "hal/i2c.h"
#include "hal/stm32l4/clock.h"
#include "hal/stm32l4/registers/core.h"
#include "hal/stm32l4/registers/i2c.h"
#include "hal/stm32l4/registers/rcc.h"
#include "hal/time.h"

namespace stm32l4 {
namespace {

// Times in ns, all whole multiples of `step`.
struct Times {
  std::uint32_t step;   ///< of the counters
  std::uint32_t setup;  ///< data before SCL rises
  std::uint32_t hold;   ///< data after SCL falls
  std::uint32_t high;   ///< SCL
  std::uint32_t low;
};

constexpr std::uint32_t TimingOf(const Times& times) {
  // I2C1 is clocked by PCLK1 = SYSCLK (CCIPR's reset value).
  const std::uint32_t prescaler = kSysclkHz / 1'000'000 * times.step / 1000;
  return ((prescaler - 1) << I2C_TIMINGR::PRESC_Pos) |
         ((times.setup / times.step - 1) << I2C_TIMINGR::SCLDEL_Pos) |
         ((times.hold / times.step) << I2C_TIMINGR::SDADEL_Pos) |
         ((times.high / times.step - 1) << I2C_TIMINGR::SCLH_Pos) |
         ((times.low / times.step - 1) << I2C_TIMINGR::SCLL_Pos);
}

// RM0351, 39.4.10; UM10204 table 10. The edges and the two synchronizers add about 0.5 µs to a
// period in standard mode and 0.25 µs in fast mode. The data's set-up time has the rise time in it,
// 1.0 and 0.3 µs at most.
constexpr std::uint32_t kStandardTiming =
    TimingOf({100, 1300, 200, 4500, 5000});  // >= 0.25 + 1.0, high >= 4.0, low >= 4.7 µs
constexpr std::uint32_t kFastTiming =
    TimingOf({50, 400, 250, 850, 1400});  // >= 0.1 + 0.3, high >= 0.6, low >= 1.3 µs
static_assert(kStandardTiming == 0x7'0C2'2C31);
static_assert(kFastTiming == 0x3'075'101B);

constexpr std::uint32_t kInterrupts =
    I2C_CR1::TXIE | I2C_CR1::RXIE | I2C_CR1::NACKIE | I2C_CR1::STOPIE | I2C_CR1::ERRIE;

// The longest transfer, 32 bytes with the address, takes 2.9 ms at 100 kHz.
constexpr std::uint32_t kTransferTimeoutMs = 10;

// The transfer under way: the program sets it up, the interrupt handler advances it.
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
    // The bus hangs, or has no pull-ups because they are on a device without power. Clearing PE
    // for three APB cycles resets the state machine (RM0351, 39.4.6); the read-back takes that
    // long.
    i2c.CR1 = 0;
    (void)i2c.CR1;
    (void)i2c.CR1;
    i2c.CR1 = I2C_CR1::PE;
    return hal::Status::kTimeout;
  }
  return outcome;
}

void SetTiming() {
  const bool standard = hal::I2cUsers::Speed() == hal::I2cSpeed::kStandard;
  I2c1().TIMINGR = standard ? kStandardTiming : kFastTiming;
}

}  // namespace

void I2c1Controller::Start() {
  auto& rcc = Rcc();
  rcc.APB1ENR1 |= RCC_APB1ENR1::I2C1EN;
  (void)rcc.APB1ENR1;
  rcc.APB1RSTR1 |= RCC_APB1RSTR1::I2C1RST;
  rcc.APB1RSTR1 &= ~RCC_APB1RSTR1::I2C1RST;
  SetTiming();
  I2c1().CR1 = I2C_CR1::PE;
  EnableIrq(Irq::kI2c1Event);
  EnableIrq(Irq::kI2c1Error);
}

void I2c1Controller::Stop() {
  I2c1().CR1 = 0;
  Rcc().APB1ENR1 &= ~RCC_APB1ENR1::I2C1EN;
}

void I2c1Controller::ChangeSpeed() {
  auto& i2c = I2c1();
  i2c.CR1 = 0;  // TIMINGR is fixed while PE is set (RM0351, 39.7.5)
  (void)i2c.CR1;
  (void)i2c.CR1;  // PE stays 0 for three APB cycles (39.4.6)
  SetTiming();
  i2c.CR1 = I2C_CR1::PE;
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

void I2cOpen(I2cDevice device) { stm32l4::I2c1Bus::Open(device); }
void I2cClose(I2cDevice device) { stm32l4::I2c1Bus::Close(device); }

namespace i2c {

Status Write(std::uint8_t address, const std::uint8_t* data, std::size_t size) {
  stm32l4::send_next = data;
  return stm32l4::Transfer(address, size, 0);
}

Status Read(std::uint8_t address, std::uint8_t* data, std::size_t size) {
  stm32l4::receive_next = data;
  return stm32l4::Transfer(address, size, stm32l4::I2C_CR2::RD_WRN);
}

}  // namespace i2c
}  // namespace hal

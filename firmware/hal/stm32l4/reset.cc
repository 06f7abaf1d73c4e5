#include "hal/stm32l4/reset.h"

#include <algorithm>
#include <iterator>

#include "hal/board.h"
#include "hal/stm32l4/registers/core.h"
#include "hal/stm32l4/registers/pwr.h"
#include "hal/stm32l4/registers/rcc.h"

namespace stm32l4 {
namespace {

const char* cause = "unknown";

struct Flag {
  std::uint32_t mask;
  const char* name;
};

// In this order, because every internal reset pulls NRST and so sets PINRSTF too (RM0351, 6.1.2),
// and BORRSTF comes with power-on.
constexpr Flag kFlags[] = {
    {RCC_CSR::LPWRRSTF, "low-power"},   {RCC_CSR::WWDGRSTF, "window-watchdog"},
    {RCC_CSR::IWDGRSTF, "watchdog"},    {RCC_CSR::SFTRSTF, "software"},
    {RCC_CSR::OBLRSTF, "option-bytes"}, {RCC_CSR::FWRSTF, "firewall"},
    {RCC_CSR::BORRSTF, "power-on"},     {RCC_CSR::PINRSTF, "pin"},
};

}  // namespace

void NoteResetCause() {
  const std::uint32_t csr = Rcc().CSR;
  Rcc().CSR = csr | RCC_CSR::RMVF;  // else the flags would add up over resets
  if ((Pwr().SR1 & PWR_SR1::SBF) != 0) {
    Pwr().SCR = PWR_SCR::CSBF;
    cause = "standby";
    return;
  }
  const auto* flag = std::find_if(std::begin(kFlags), std::end(kFlags),
                                  [csr](const Flag& f) { return (csr & f.mask) != 0; });
  if (flag != std::end(kFlags)) cause = flag->name;
}

}  // namespace stm32l4

namespace hal {

const char* ResetCause() { return stm32l4::cause; }

void Reset() {
  stm32l4::DataSyncBarrier();
  stm32l4::Scb().AIRCR = stm32l4::SCB_AIRCR::VECTKEY | stm32l4::SCB_AIRCR::SYSRESETREQ;
  stm32l4::DataSyncBarrier();
  for (;;) {
  }
}

}  // namespace hal

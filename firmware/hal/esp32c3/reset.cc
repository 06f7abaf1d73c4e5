#include "hal/esp32c3/reset.h"

#include <cstdint>

#include "hal/board.h"
#include "hal/esp32c3/registers/rtc_cntl.h"

namespace esp32c3 {
namespace {

constexpr std::uint32_t kDeepSleep = 0x05;

std::uint32_t cause_code;

// TRM, chapter "Reset and Clock", table "Reset Sources".
const char* NameOf(std::uint32_t code) {
  switch (code) {
    case 0x01:  // the EN pin looks the same: it cuts the supply
      return "power-on";
    case 0x03:
    case 0x0C:
      return "software";
    case kDeepSleep:
      return "deep-sleep";
    case 0x07:  // timer group 0
    case 0x0B:
      return "watchdog";
    case 0x08:  // timer group 1
    case 0x11:
      return "watchdog-1";
    case 0x09:
    case 0x0D:
    case 0x10:
      return "rtc-watchdog";
    case 0x0F:
      return "brown-out";
    case 0x12:
      return "super-watchdog";
    case 0x13:
      return "clock-glitch";
    case 0x14:
      return "efuse-error";
    case 0x15:
    case 0x16:
      return "usb";
    case 0x17:
      return "power-glitch";
    default:
      return "unknown";
  }
}

}  // namespace

void NoteResetCause() {
  cause_code = RtcCntl().RESET_STATE & RTC_CNTL_RESET_STATE::RESET_CAUSE_PROCPU_Msk;
}

bool WokeFromDeepSleep() { return cause_code == kDeepSleep; }

}  // namespace esp32c3

namespace hal {

const char* ResetCause() { return esp32c3::NameOf(esp32c3::cause_code); }

void Reset() {
  esp32c3::RtcCntl().OPTIONS0 |= esp32c3::RTC_CNTL_OPTIONS0::SW_SYS_RST;
  for (;;) {
  }
}

}  // namespace hal

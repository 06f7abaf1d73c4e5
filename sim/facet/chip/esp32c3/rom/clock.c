// The frequencies that the ROM knows of, and waiting; ets_sys.h says what each function does.
#include "rom.h"

#define SYSTEM_SYSCLK_CONF REG(SYSTEM + 0x58)
#define PRE_DIV_CNT 0x3FFu
#define XTAL_HZ 40000000  // the only crystal that the chip may have (datasheet, 2.3.1)

static uint32_t ticks_per_us;

void delay_turns(uint32_t turns);  // start.S

void ets_update_cpu_frequency(uint32_t ticks) { ticks_per_us = ticks; }

uint32_t ets_get_cpu_frequency(void) { return ticks_per_us; }

// FIDELITY:
//   model: ets_delay_us counts the cycles of its own loop.
//   silicon: Espressif's function reads the CPU's counter, so that interrupts do not lengthen the
//     wait.
//   hides: A wait that is longer here by the time of the interrupts.
void ets_delay_us(uint32_t us) { delay_turns(us * ticks_per_us / 4); }

uint32_t ets_get_xtal_freq(void) { return XTAL_HZ; }

// RTC_CNTL_STORE5 keeps it in units of 4,096 Hz, twice over.
uint32_t ets_get_apb_freq(void) {
  uint32_t stored = RTC_CNTL_STORE(5);
  if (!stored || stored >> 16 != (stored & 0xFFFF)) {
    stored = XTAL_HZ >> 12;
    RTC_CNTL_STORE(5) = stored << 16 | stored;
  }
  return (stored & 0xFFFF) << 12;
}

uint32_t ets_get_xtal_div(void) { return (SYSTEM_SYSCLK_CONF & PRE_DIV_CNT) + 1; }

void ets_set_xtal_div(uint32_t divider) {
  SYSTEM_SYSCLK_CONF = (SYSTEM_SYSCLK_CONF & ~PRE_DIV_CNT) | ((divider - 1) & PRE_DIV_CNT);
}

// Pins and the GPIO matrix (TRM, chapter 5); gpio.h of ESP-IDF says what each function does.
#include "rom.h"

#define OUT_W1TS REG(GPIO + 0x08)
#define OUT_W1TC REG(GPIO + 0x0C)
#define ENABLE_W1TS REG(GPIO + 0x24)
#define ENABLE_W1TC REG(GPIO + 0x28)
#define IN REG(GPIO + 0x3C)
#define PIN(n) REG(GPIO + 0x74 + 4 * (n))
#define FUNC_IN_SEL_CFG(signal) REG(GPIO + 0x154 + 4 * (signal))
#define FUNC_OUT_SEL_CFG(n) REG(GPIO + 0x554 + 4 * (n))
#define IO_MUX_GPIO(n) REG(IO_MUX + 0x04 + 4 * (n))
#define PAD_HOLD REG(RTC_CNTL + 0xD0)      // GPIO0 to GPIO5
#define DIG_PAD_HOLD REG(RTC_CNTL + 0xD4)  // the others

#define PIN_COUNT 22
#define RTC_PINS 6
#define INT_TYPE (7u << 7)        // of PIN
#define WAKEUP_ENABLE (1u << 10)  // of PIN
#define SIG_IN_SEL (1u << 6)      // of FUNC_IN_SEL_CFG
#define FUN_WPD (1u << 7)         // of IO_MUX_GPIO
#define FUN_WPU (1u << 8)
#define FUN_IE (1u << 9)
#define FUN_DRV_SHIFT 10
#define MCU_SEL_SHIFT 12
#define MCU_SEL_GPIO 1u

void rom_gpio_output_set(uint32_t set, uint32_t clear, uint32_t enable, uint32_t disable) {
  OUT_W1TS = set;
  OUT_W1TC = clear;
  ENABLE_W1TS = enable;
  ENABLE_W1TC = disable;
}

uint32_t rom_gpio_input_get(void) { return IN; }

void rom_gpio_output_enable(uint32_t pin) { ENABLE_W1TS = 1u << pin; }

void rom_gpio_output_disable(uint32_t pin) { ENABLE_W1TC = 1u << pin; }

// pin: 0x1E and 0x1F stand for a constant 1 and 0
void rom_gpio_matrix_in(uint32_t pin, uint32_t signal, bool inverted) {
  FUNC_IN_SEL_CFG(signal) = SIG_IN_SEL | (uint32_t)inverted << 5 | pin;
}

// signal: 128 stands for GPIO_OUT
void rom_gpio_matrix_out(uint32_t pin, uint32_t signal, bool inverted, bool enable_inverted) {
  FUNC_OUT_SEL_CFG(pin) = (uint32_t)enable_inverted << 10 | (uint32_t)inverted << 8 | signal;
  ENABLE_W1TS = 1u << pin;
}

void rom_gpio_pad_select_gpio(uint32_t pin) {
  IO_MUX_GPIO(pin) = (IO_MUX_GPIO(pin) & ~(7u << MCU_SEL_SHIFT)) | MCU_SEL_GPIO << MCU_SEL_SHIFT;
}

void rom_gpio_pad_set_drv(uint32_t pin, uint32_t strength) {
  IO_MUX_GPIO(pin) = (IO_MUX_GPIO(pin) & ~(3u << FUN_DRV_SHIFT)) | (strength & 3) << FUN_DRV_SHIFT;
}

void rom_gpio_pad_pullup(uint32_t pin) {
  IO_MUX_GPIO(pin) = (IO_MUX_GPIO(pin) & ~FUN_WPD) | FUN_WPU;
}

void rom_gpio_pad_pulldown(uint32_t pin) {
  IO_MUX_GPIO(pin) = (IO_MUX_GPIO(pin) & ~FUN_WPU) | FUN_WPD;
}

void rom_gpio_pad_input_enable(uint32_t pin) { IO_MUX_GPIO(pin) |= FUN_IE; }

void rom_gpio_pad_input_disable(uint32_t pin) { IO_MUX_GPIO(pin) &= ~FUN_IE; }

void rom_gpio_pad_hold(uint32_t pin) {
  if (pin < RTC_PINS) {
    PAD_HOLD |= 1u << pin;
  } else {
    DIG_PAD_HOLD |= 1u << pin;
  }
}

void rom_gpio_pad_unhold(uint32_t pin) {
  if (pin < RTC_PINS) {
    PAD_HOLD &= ~(1u << pin);
  } else {
    DIG_PAD_HOLD &= ~(1u << pin);
  }
}

// type: 4 low level, 5 high level
void rom_gpio_pin_wakeup_enable(uint32_t pin, uint32_t type) {
  PIN(pin) = (PIN(pin) & ~INT_TYPE) | WAKEUP_ENABLE | type << 7;
}

void rom_gpio_pin_wakeup_disable(void) {
  for (uint32_t pin = 0; pin < PIN_COUNT; pin++) PIN(pin) &= ~WAKEUP_ENABLE;
}

// Numbers from text. picolibc's write errno to thread-local memory, which the ROM has none of.
#include "rom.h"

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static uint32_t digit_of(char c) {
  if (c >= '0' && c <= '9') return (uint32_t)(c - '0');
  c |= 0x20;
  return c >= 'a' && c <= 'z' ? (uint32_t)(c - 'a' + 10) : 99;
}

// The magnitude, at most `limit` and one more below zero where `signed_`.
static uint32_t parse(const char* text, char** end, uint32_t base, bool signed_) {
  const char* at = text;
  while (is_space(*at)) at++;
  bool negative = *at == '-';
  if (*at == '-' || *at == '+') at++;
  if ((base == 0 || base == 16) && at[0] == '0' && (at[1] | 0x20) == 'x' && digit_of(at[2]) < 16) {
    at += 2, base = 16;
  }
  if (base == 0) base = *at == '0' ? 8 : 10;
  uint32_t limit = !signed_ ? UINT32_MAX : (uint32_t)INT32_MAX + negative, value = 0;
  bool any = false, over = false;
  for (uint32_t digit; (digit = digit_of(*at)) < base; at++) {
    any = true;
    over = over || value > (limit - digit) / base;
    value = value * base + digit;
  }
  if (end) *end = (char*)(any ? at : text);
  if (over) return !signed_ ? UINT32_MAX : negative ? (uint32_t)INT32_MIN : (uint32_t)INT32_MAX;
  return negative ? -value : value;
}

long strtol(const char* text, char** end, int base) {
  return (long)parse(text, end, (uint32_t)base, true);
}

unsigned long strtoul(const char* text, char** end, int base) {
  return parse(text, end, (uint32_t)base, false);
}

// atol is the same.
int atoi(const char* text) { return (int)strtol(text, NULL, 10); }

// The locks of the C library in the application, which no function here takes.
void esp_rom_newlib_init_common_mutexes(void* recursive, void* plain) {
  (void)recursive, (void)plain;
}

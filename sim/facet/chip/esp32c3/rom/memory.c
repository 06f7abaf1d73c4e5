// Copying memory. Instruction memory takes aligned words only, so that aligned copies move words;
// picolibc's move bytes.
#include "rom.h"

static bool aligned(uintptr_t a, uintptr_t b) { return ((a | b) & 3) == 0; }

void* memset(void* to, int byte, size_t size) {
  uint8_t *at = to, *end = at + size;
  if (aligned((uintptr_t)to, size)) {
    uint32_t word = (uint8_t)byte * 0x01010101u;
    for (; at != end; at += 4) *(uint32_t*)at = word;
  }
  while (at != end) *at++ = (uint8_t)byte;
  return to;
}

void* memcpy(void* to, const void* from, size_t size) {
  uint8_t* at = to;
  const uint8_t* source = from;
  if (aligned((uintptr_t)to, (uintptr_t)from)) {
    for (; size >= 4; size -= 4, at += 4, source += 4) {
      *(uint32_t*)at = *(const uint32_t*)source;
    }
  }
  while (size--) *at++ = *source++;
  return to;
}

void* memmove(void* to, const void* from, size_t size) {
  if ((uintptr_t)to - (uintptr_t)from >= size) return memcpy(to, from, size);
  uint8_t* at = (uint8_t*)to + size;
  const uint8_t* source = (const uint8_t*)from + size;
  while (at != to) *--at = *--source;
  return to;
}

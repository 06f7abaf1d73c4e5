// Start-up, from the ROM to main().

#include <algorithm>
#include <cstdint>

#include "hal/common/stack_paint.h"
#include "hal/esp32c3/csr.h"
#include "hal/esp32c3/flash.h"
#include "hal/esp32c3/memory_map.h"

int main();

extern "C" {

extern const std::uint32_t trap_vectors[];

[[noreturn]] void StartProgram();

void StartProgram() {
  // Paint the stack as far as it is not in use, to see later how deep it went.
  std::uint32_t* sp;
  __asm volatile("mv %0, sp" : "=r"(sp));
  for (std::uint32_t* word = __stack_bottom; word < sp; ++word) *word = hal::kStackPaint;

  const auto iram_words = reinterpret_cast<std::uintptr_t>(__iram_size) / sizeof(std::uint32_t);
  std::copy(__iram_load, __iram_load + iram_words, __iram_as_data);
  __asm volatile("fence" ::: "memory");  // the code is in memory before it is fetched
  esp32c3::StartFlash();
  std::copy(__data_load, __data_load + (__data_end - __data_start), __data_start);
  std::fill(__bss_start, __bss_end, 0);

  esp32c3::SetTrapVectors(reinterpret_cast<std::uintptr_t>(trap_vectors));
  std::for_each(__init_array_start, __init_array_end, [](void (*construct)()) { construct(); });
  esp32c3::EnableInterrupts();  // all are off in the matrix until someone connects them

  main();
  for (;;) __asm volatile("wfi");  // main() has no end
}

}  // extern "C"

// What of SRAM the ROM keeps to itself, as ESP-IDF's heap asks for it (rom_layout.h).
#include "rom.h"

#define POINTERS 36

extern char rom_stack[], rom_bss_start[];

// ets_rom_layout_t: the ROM holds no data of Bluetooth, Wi-Fi or the radio, whose places are 0.
const struct {
  void *dram0_stack_shared_mem_start, *dram0_rtos_reserved_start;
  void *stack_sentry, *stack, *stack_sentry_app, *stack_app;
  void* others[POINTERS - 6];
} rom_layout = {
    .dram0_stack_shared_mem_start = rom_stack,
    .dram0_rtos_reserved_start = rom_bss_start,
    .stack = rom_stack,
};

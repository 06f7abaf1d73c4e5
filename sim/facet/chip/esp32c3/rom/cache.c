// The flash cache and its MMU; cache.h of ESP-IDF says what each function does.
#include "rom.h"

#define ICACHE_CTRL REG(EXTMEM + 0x00)
#define ICACHE_CTRL1 REG(EXTMEM + 0x04)
#define ICACHE_LOCK_CTRL REG(EXTMEM + 0x1C)
#define ICACHE_LOCK_ADDR REG(EXTMEM + 0x20)
#define ICACHE_LOCK_SIZE REG(EXTMEM + 0x24)
#define ICACHE_SYNC_CTRL REG(EXTMEM + 0x28)
#define ICACHE_SYNC_ADDR REG(EXTMEM + 0x2C)
#define ICACHE_SYNC_SIZE REG(EXTMEM + 0x30)
#define ICACHE_PRELOAD_CTRL REG(EXTMEM + 0x34)
#define ICACHE_PRELOAD_ADDR REG(EXTMEM + 0x38)
#define ICACHE_PRELOAD_SIZE REG(EXTMEM + 0x3C)
#define ICACHE_AUTOLOAD_CTRL REG(EXTMEM + 0x40)
#define ICACHE_FREEZE REG(EXTMEM + 0xCC)

#define ICACHE_ENABLE 1u  // of ICACHE_CTRL
#define SHUT_IBUS 1u      // of ICACHE_CTRL1
#define SHUT_DBUS 2u
#define INVALIDATE_ENA 1u  // of ICACHE_SYNC_CTRL
#define SYNC_DONE 2u
#define PRELOAD_ENA 1u  // of ICACHE_PRELOAD_CTRL
#define PRELOAD_DONE 2u
#define PRELOAD_ORDER_SHIFT 2
#define AUTOLOAD_ENA 4u  // of ICACHE_AUTOLOAD_CTRL
#define LOCK_ENA 1u      // of ICACHE_LOCK_CTRL
#define UNLOCK_ENA 2u
#define LOCK_DONE 4u
#define FREEZE_ENA 1u  // of ICACHE_FREEZE
#define FREEZE_MODE_SHIFT 1
#define FREEZE_DONE 4u

#define LINE_BYTES 32u
#define CACHE_BYTES 0x4000u
#define WAYS 8
#define TABLE_BYTES (4 * MMU_ENTRIES)

enum { INVALID_ARGUMENT = 1, NOT_ALIGNED = 2, PAGE_SIZE_WRONG = 3, OUT_OF_RANGE = 4 };

typedef struct {
  uint32_t cache_size;
  uint16_t cache_line_size;
  uint8_t cache_ways, ibus;
} cache_mode_t;

// How the table of the MMU is shared out: bytes of entries for code, then for data.
static uint32_t irom_end, drom_end;

uint32_t Cache_Address_Through_IBus(uint32_t address) { return address - IROM < FLASH_WINDOW; }

uint32_t Cache_Address_Through_DBus(uint32_t address) { return address - DROM < FLASH_WINDOW; }

static bool is_cached(uint32_t address) {
  return Cache_Address_Through_IBus(address) || Cache_Address_Through_DBus(address);
}

uint32_t Cache_Get_ICache_Line_Size(void) { return LINE_BYTES; }

void Cache_Get_Mode(cache_mode_t* mode) {
  mode->cache_size = CACHE_BYTES;
  mode->cache_line_size = LINE_BYTES;
  mode->cache_ways = WAYS;
}

// -- which lines are held
static void invalidate(uint32_t address, uint32_t size) {
  ICACHE_SYNC_ADDR = address;
  ICACHE_SYNC_SIZE = size;
  ICACHE_SYNC_CTRL |= INVALIDATE_ENA;
  while (!(ICACHE_SYNC_CTRL & SYNC_DONE)) {
  }
}

void Cache_Invalidate_ICache_All(void) { invalidate(0, 0); }

void Cache_Invalidate_ICache_Items(uint32_t address, uint32_t lines) {
  if (is_cached(address) && lines) invalidate(address & ~(LINE_BYTES - 1), lines * LINE_BYTES);
}

int Cache_Invalidate_Addr(uint32_t address, uint32_t size) {
  if (!size) return 0;
  if (!is_cached(address) || !is_cached(address + size - 1)) return INVALID_ARGUMENT;
  uint32_t first = address & ~(LINE_BYTES - 1);
  invalidate(first, (address + size - first + LINE_BYTES - 1) & ~(LINE_BYTES - 1));
  return 0;
}

static void lock(uint32_t address, uint32_t lines, uint32_t action) {
  if (!is_cached(address)) return;
  ICACHE_LOCK_ADDR = address & ~(LINE_BYTES - 1);
  ICACHE_LOCK_SIZE = lines * LINE_BYTES;
  ICACHE_LOCK_CTRL |= action;
  while (!(ICACHE_LOCK_CTRL & LOCK_DONE)) {
  }
}

void Cache_Lock_ICache_Items(uint32_t address, uint32_t lines) { lock(address, lines, LOCK_ENA); }

void Cache_Unlock_ICache_Items(uint32_t address, uint32_t lines) {
  lock(address, lines, UNLOCK_ENA);
}

// 0 done, 1 not an address of the cache.
int Cache_Lock_Addr(uint32_t address, uint32_t size) {
  if (!is_cached(address)) return INVALID_ARGUMENT;
  lock(address, (address % LINE_BYTES + size + LINE_BYTES - 1) / LINE_BYTES, LOCK_ENA);
  return 0;
}

int Cache_Unlock_Addr(uint32_t address, uint32_t size) {
  if (!is_cached(address)) return INVALID_ARGUMENT;
  lock(address, (address % LINE_BYTES + size + LINE_BYTES - 1) / LINE_BYTES, UNLOCK_ENA);
  return 0;
}

// -- loading ahead
uint32_t Cache_Suspend_ICache_Autoload(void) {
  uint32_t autoload = ICACHE_AUTOLOAD_CTRL & AUTOLOAD_ENA;
  ICACHE_AUTOLOAD_CTRL &= ~AUTOLOAD_ENA;
  return autoload;
}

void Cache_Resume_ICache_Autoload(uint32_t autoload) {
  if (autoload) ICACHE_AUTOLOAD_CTRL |= AUTOLOAD_ENA;
}

void Cache_Enable_ICache_Autoload(void) { ICACHE_AUTOLOAD_CTRL |= AUTOLOAD_ENA; }

void Cache_Disable_ICache_Autoload(void) { ICACHE_AUTOLOAD_CTRL &= ~AUTOLOAD_ENA; }

uint32_t Cache_Start_ICache_Preload(uint32_t address, uint32_t size, uint32_t order) {
  uint32_t autoload = Cache_Suspend_ICache_Autoload();
  ICACHE_PRELOAD_ADDR = address;
  ICACHE_PRELOAD_SIZE = size;
  ICACHE_PRELOAD_CTRL = (order != 0) << PRELOAD_ORDER_SHIFT | PRELOAD_ENA;
  return autoload;
}

uint32_t Cache_ICache_Preload_Done(void) { return ICACHE_PRELOAD_CTRL & PRELOAD_DONE; }

void Cache_End_ICache_Preload(uint32_t autoload) {
  while (!Cache_ICache_Preload_Done()) {
  }
  Cache_Resume_ICache_Autoload(autoload);
}

// -- on, off, and frozen
uint32_t Cache_Suspend_ICache(void) {
  uint32_t autoload = Cache_Suspend_ICache_Autoload();
  ICACHE_CTRL &= ~ICACHE_ENABLE;
  return autoload;
}

void Cache_Resume_ICache(uint32_t autoload) {
  ICACHE_CTRL |= ICACHE_ENABLE;
  Cache_Resume_ICache_Autoload(autoload);
}

uint32_t Cache_Disable_ICache(void) {
  uint32_t autoload = Cache_Suspend_ICache();
  Cache_Invalidate_ICache_All();
  return autoload;
}

void Cache_Enable_ICache(uint32_t autoload) {
  Cache_Invalidate_ICache_All();
  Cache_Resume_ICache(autoload);
}

void Cache_Freeze_ICache_Enable(uint32_t mode) {
  ICACHE_FREEZE = mode << FREEZE_MODE_SHIFT | FREEZE_ENA;
  while (!(ICACHE_FREEZE & FREEZE_DONE)) {
  }
}

void Cache_Freeze_ICache_Disable(void) {
  ICACHE_FREEZE = 0;
  while (ICACHE_FREEZE & FREEZE_DONE) {
  }
}

void Cache_Mask_All(void) { ICACHE_CTRL1 |= SHUT_IBUS | SHUT_DBUS; }

void Cache_UnMask_Dram0(void) { ICACHE_CTRL1 &= ~SHUT_DBUS; }

// -- what lies where
void Cache_MMU_Init(void) {
  for (uint32_t entry = 0; entry < MMU_ENTRIES; entry++) REG(MMU_TABLE + 4 * entry) = MMU_INVALID;
}

// target: 0 the flash, MMU_INVALID nothing. fixed: every page shows the same piece of flash.
static int map(uint32_t target, uint32_t offset, uint32_t physical, uint32_t page_kb,
               uint32_t count, uint32_t fixed) {
  if (page_kb != MMU_PAGE >> 10) return PAGE_SIZE_WRONG;
  if ((offset | physical) % MMU_PAGE) return NOT_ALIGNED;
  uint32_t entry = offset / MMU_PAGE, page = physical / MMU_PAGE;
  if (offset >= FLASH_WINDOW || count > MMU_ENTRIES - entry) return OUT_OF_RANGE;
  for (; count--; entry++) {
    REG(MMU_TABLE + 4 * entry) = target ? MMU_INVALID : page;
    if (!fixed) page++;
  }
  return 0;
}

int Cache_Ibus_MMU_Set(uint32_t target, uint32_t address, uint32_t physical, uint32_t page_kb,
                       uint32_t count, uint32_t fixed) {
  return map(target, address - IROM, physical, page_kb, count, fixed);
}

int Cache_Dbus_MMU_Set(uint32_t target, uint32_t address, uint32_t physical, uint32_t page_kb,
                       uint32_t count, uint32_t fixed) {
  return map(target, address - DROM, physical, page_kb, count, fixed);
}

void Cache_Set_IDROM_MMU_Size(uint32_t irom_bytes, uint32_t drom_bytes) {
  irom_end = irom_bytes;
  drom_end = irom_bytes + drom_bytes;
}

uint32_t Cache_Get_IROM_MMU_End(void) { return irom_end; }

uint32_t Cache_Get_DROM_MMU_End(void) { return drom_end; }

void ROM_Boot_Cache_Init(void) {
  Cache_Disable_ICache();
  Cache_MMU_Init();
  Cache_Set_IDROM_MMU_Size(TABLE_BYTES / 2, TABLE_BYTES / 2);
  ICACHE_CTRL1 &= ~(SHUT_IBUS | SHUT_DBUS);
  Cache_Enable_ICache(0);
}

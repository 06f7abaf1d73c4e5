// The analog registers of the PLL, the ADC and the supplies, behind a bus inside of the chip.
//
// FIDELITY:
//   model: The analog registers read 0 at first, keep what rom_i2c_writeReg writes, and do nothing.
//   silicon: They tune the PLL, the brown-out detector and the supplies.
//   hides: A wrong tuning, and a value that a program expects there from the factory.
#include "rom.h"

#define BLOCKS 16
#define REGISTERS 32

static uint8_t values[BLOCKS][REGISTERS];

static uint8_t* at(uint8_t block, uint8_t number) {
  return &values[block % BLOCKS][number % REGISTERS];
}

uint8_t rom_i2c_readReg(uint8_t block, uint8_t host, uint8_t number) {
  (void)host;
  return *at(block, number);
}

void rom_i2c_writeReg(uint8_t block, uint8_t host, uint8_t number, uint8_t value) {
  (void)host;
  *at(block, number) = value;
}

static uint8_t mask(uint8_t high, uint8_t low) { return (uint8_t)((2u << (high - low)) - 1); }

uint8_t rom_i2c_readReg_Mask(uint8_t block, uint8_t host, uint8_t number, uint8_t high,
                             uint8_t low) {
  return rom_i2c_readReg(block, host, number) >> low & mask(high, low);
}

void rom_i2c_writeReg_Mask(uint8_t block, uint8_t host, uint8_t number, uint8_t high, uint8_t low,
                           uint8_t value) {
  uint8_t field = mask(high, low), old = rom_i2c_readReg(block, host, number);
  uint8_t kept = old & (uint8_t) ~(field << low);
  rom_i2c_writeReg(block, host, number, (uint8_t)(kept | (value & field) << low));
}

"""The ESP32-C3's RV32IMC core: traps, control registers and a bus for code and one for data."""

"""The ESP32-C3's RV32IMC core in Renode."""

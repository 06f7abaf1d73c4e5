"""The RISC-V privileged architecture around the instructions, as the ESP32-C3 has it."""

"""The STM32L476 peripherals, by RM0351: one file each, registers named as in the manual."""

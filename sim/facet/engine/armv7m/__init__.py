"""The ARMv7-M architecture around the instructions: exceptions, NVIC, SCB, SysTick, DWT."""

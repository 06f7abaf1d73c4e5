"""What ARMv7-M adds around the instructions: exceptions, NVIC, SysTick, SCB and DWT."""

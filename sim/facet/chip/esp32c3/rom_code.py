"""A ROM of our own for the ESP32-C3: functions at the public addresses of Espressif's.

Addresses, and so the functions' meaning: esp32c3.rom.ld, esp32c3.rom.libgcc.ld and
esp32c3.rom.newlib.ld of ESP-IDF (components/esp_rom). At each address stands a jump, as on silicon.

FIDELITY:
    model: The ROM's functions are Facet's own, written from their published meaning.
    silicon: Espressif's code has other cycle counts, another use of the stack and other answers to
        wrong arguments.
    hides: Whatever depends on those, such as the time of a large memcpy.

FIDELITY:
    model: ets_delay_us counts the cycles of its own loop.
    silicon: Espressif's function reads the CPU's counter, so that interrupts do not lengthen the
        wait.
    hides: A wait that is longer here by the time of the interrupts.
"""

from __future__ import annotations

from functools import cache

from facet.chip.esp32c3.assembler import assemble, jump

ROM_BASE, ROM_SIZE = 0x4000_0000, 384 << 10
"""ROM 0 and ROM 1 on the instruction bus (TRM, table 3.3-1)."""

TICKS_PER_US = 0x3FCD_FFA0
"""The ROM's word in SRAM that ets_update_cpu_frequency sets and ets_delay_us goes by.

Espressif's ROM keeps it elsewhere in the data that it has at the end of SRAM (ESP-IDF,
soc.h: from SOC_ROM_STACK_START, 0x3FCDE710, on).
"""

_CODE_BASE = ROM_BASE + 0x1_0000  # behind the last slot of the linker scripts
_ABSENT = b"\xff" * 4  # not an instruction

SLOTS = {
    "rtc_get_reset_reason": 0x4000_0018,
    "ets_printf": 0x4000_0040,
    "ets_delay_us": 0x4000_0050,
    "uart_tx_one_char": 0x4000_0068,
    "uart_rx_one_char": 0x4000_0070,
    "uart_rx_one_char_block": 0x4000_0074,
    "uart_tx_flush": 0x4000_0080,
    "uart_tx_wait_idle": 0x4000_0084,
    "software_reset": 0x4000_0090,
    "software_reset_cpu": 0x4000_0094,
    "memset": 0x4000_0354,
    "memcpy": 0x4000_0358,
    "memmove": 0x4000_035C,
    "memcmp": 0x4000_0360,
    "strcpy": 0x4000_0364,
    "strncpy": 0x4000_0368,
    "strcmp": 0x4000_036C,
    "strncmp": 0x4000_0370,
    "strlen": 0x4000_0374,
    "bzero": 0x4000_037C,
    "isdigit": 0x4000_039C,
    "memchr": 0x4000_03C8,
    "strcat": 0x4000_03D8,
    "strchr": 0x4000_03E0,
    "strnlen": 0x4000_0404,
    "strrchr": 0x4000_0408,
    "abs": 0x4000_0424,
    "labs": 0x4000_042C,
    "atoi": 0x4000_044C,
    "ets_get_cpu_frequency": 0x4000_0584,
    "ets_update_cpu_frequency": 0x4000_0588,
    "gpio_pad_select_gpio": 0x4000_05C8,
    "esprv_intc_int_set_priority": 0x4000_05E0,
    "esprv_intc_int_set_threshold": 0x4000_05E4,
    "esprv_intc_int_enable": 0x4000_05E8,
    "esprv_intc_int_disable": 0x4000_05EC,
    "intr_matrix_set": 0x4000_05F4,
    "ets_isr_mask": 0x4000_0608,
    "ets_isr_unmask": 0x4000_060C,
    "__ashldi3": 0x4000_077C,
    "__ashrdi3": 0x4000_0780,
    "__bswapsi2": 0x4000_0788,
    "__clzsi2": 0x4000_079C,
    "__ctzsi2": 0x4000_07A8,
    "__divdi3": 0x4000_07B4,
    "__divsi3": 0x4000_07C0,
    "__lshrdi3": 0x4000_0830,
    "__moddi3": 0x4000_083C,
    "__modsi3": 0x4000_0840,
    "__muldi3": 0x4000_084C,
    "__mulsi3": 0x4000_0858,
    "__popcountsi2": 0x4000_0888,
    "__udivdi3": 0x4000_08AC,
    "__udivsi3": 0x4000_08B4,
    "__umoddi3": 0x4000_08BC,
    "__umodsi3": 0x4000_08C0,
}
"""Function -> where programs call it."""

_MEMORY = """
memset:                         # a0: to, a1: byte, a2: how many
    mv    t0, a0
    add   t1, a0, a2
    andi  a1, a1, 0xFF
    or    t2, t0, t1
    andi  t2, t2, 3
    bnez  t2, memset_byte
    slli  t2, a1, 8             # whole words: four copies of the byte
    or    a1, a1, t2
    slli  t2, a1, 16
    or    a1, a1, t2
memset_word:
    beq   t0, t1, memset_end
    sw    a1, 0(t0)
    addi  t0, t0, 4
    j     memset_word
memset_byte:
    beq   t0, t1, memset_end
    sb    a1, 0(t0)
    addi  t0, t0, 1
    j     memset_byte
memset_end:
    ret

bzero:                          # a0: to, a1: how many
    mv    a2, a1
    li    a1, 0
    j     memset

memcpy:                         # a0: to, a1: from, a2: how many
    mv    t0, a0
    or    t1, a0, a1
    andi  t1, t1, 3
    bnez  t1, memcpy_byte
    li    t2, 4
memcpy_word:                    # instruction memory takes nothing but words
    bltu  a2, t2, memcpy_byte
    lw    t1, 0(a1)
    sw    t1, 0(t0)
    addi  a1, a1, 4
    addi  t0, t0, 4
    addi  a2, a2, -4
    j     memcpy_word
memcpy_byte:
    beqz  a2, memcpy_end
    lbu   t1, 0(a1)
    sb    t1, 0(t0)
    addi  a1, a1, 1
    addi  t0, t0, 1
    addi  a2, a2, -1
    j     memcpy_byte
memcpy_end:
    ret

memmove:                        # a0: to, a1: from, a2: how many
    sub   t1, a0, a1
    bgeu  t1, a2, memcpy        # the end of `from` does not lie in `to`
    add   t0, a0, a2
    add   a1, a1, a2
memmove_byte:
    beq   t0, a0, memcpy_end
    addi  t0, t0, -1
    addi  a1, a1, -1
    lbu   t1, 0(a1)
    sb    t1, 0(t0)
    j     memmove_byte

memcmp:                         # a0, a1: what, a2: how many
    beqz  a2, memcmp_equal
    lbu   t0, 0(a0)
    lbu   t1, 0(a1)
    bne   t0, t1, differ
    addi  a0, a0, 1
    addi  a1, a1, 1
    addi  a2, a2, -1
    j     memcmp
memcmp_equal:
    li    a0, 0
    ret
differ:                         # t0, t1: the bytes
    sub   a0, t0, t1
    ret

memchr:                         # a0: where, a1: byte, a2: how many
    andi  a1, a1, 0xFF
memchr_next:
    beqz  a2, not_found
    lbu   t0, 0(a0)
    beq   t0, a1, found
    addi  a0, a0, 1
    addi  a2, a2, -1
    j     memchr_next
not_found:
    li    a0, 0
found:
    ret
"""

_STRINGS = """
strlen:                         # a0: string
    li    a1, -1
strnlen:                        # a0: string, a1: at most
    mv    t0, a0
strnlen_next:
    beqz  a1, strnlen_end
    lbu   t1, 0(t0)
    beqz  t1, strnlen_end
    addi  t0, t0, 1
    addi  a1, a1, -1
    j     strnlen_next
strnlen_end:
    sub   a0, t0, a0
    ret

strcmp:                         # a0, a1: strings
    li    a2, -1
strncmp:                        # a0, a1: strings, a2: at most
    beqz  a2, memcmp_equal
    lbu   t0, 0(a0)
    lbu   t1, 0(a1)
    bne   t0, t1, differ
    beqz  t0, memcmp_equal
    addi  a0, a0, 1
    addi  a1, a1, 1
    addi  a2, a2, -1
    j     strncmp

strcat:                         # a0: to, a1: string
    mv    t0, a0
strcat_end:
    lbu   t1, 0(t0)
    beqz  t1, strcpy_next
    addi  t0, t0, 1
    j     strcat_end

strcpy:                         # a0: to, a1: string
    mv    t0, a0
strcpy_next:
    lbu   t1, 0(a1)
    sb    t1, 0(t0)
    addi  a1, a1, 1
    addi  t0, t0, 1
    bnez  t1, strcpy_next
    ret

strncpy:                        # a0: to, a1: string, a2: bytes at `to`, filled up with zeros
    mv    t0, a0
strncpy_next:
    beqz  a2, strncpy_end
    lbu   t1, 0(a1)
    sb    t1, 0(t0)
    snez  t1, t1                # stay on the zero
    add   a1, a1, t1
    addi  t0, t0, 1
    addi  a2, a2, -1
    j     strncpy_next
strncpy_end:
    ret

strchr:                         # a0: string, a1: byte, which may be the zero
    andi  a1, a1, 0xFF
strchr_next:
    lbu   t0, 0(a0)
    beq   t0, a1, found
    beqz  t0, not_found
    addi  a0, a0, 1
    j     strchr_next

strrchr:                        # a0: string, a1: byte
    andi  a1, a1, 0xFF
    mv    t1, a0
    li    a0, 0
strrchr_next:
    lbu   t0, 0(t1)
    bne   t0, a1, strrchr_other
    mv    a0, t1
strrchr_other:
    addi  t1, t1, 1
    bnez  t0, strrchr_next
    ret

isdigit:                        # a0: character
    addi  a0, a0, -48
    sltiu a0, a0, 10
    ret

atoi:                           # a0: string
    mv    t0, a0
    li    a0, 0
    li    t2, 0                 # 1: negative
atoi_blank:
    lbu   t1, 0(t0)
    addi  t0, t0, 1
    li    t3, 32                # a blank
    beq   t1, t3, atoi_blank
    addi  t3, t1, -9            # \\t \\n \\v \\f \\r
    sltiu t3, t3, 5
    bnez  t3, atoi_blank
    li    t3, '+'
    beq   t1, t3, atoi_next
    li    t3, '-'
    bne   t1, t3, atoi_digit
    li    t2, 1
atoi_next:
    lbu   t1, 0(t0)
    addi  t0, t0, 1
atoi_digit:
    addi  t1, t1, -48
    sltiu t3, t1, 10
    beqz  t3, atoi_end
    li    t3, 10
    mul   a0, a0, t3
    add   a0, a0, t1
    j     atoi_next
atoi_end:
    beqz  t2, atoi_positive
    neg   a0, a0
atoi_positive:
    ret

abs:                            # a0: number
labs:
    srai  t0, a0, 31
    xor   a0, a0, t0
    sub   a0, a0, t0
    ret
"""

_ARITHMETIC = """
__mulsi3:                       # a0, a1: factors
    mul   a0, a0, a1
    ret
__divsi3:                       # a0: dividend, a1: divisor
    div   a0, a0, a1
    ret
__udivsi3:
    divu  a0, a0, a1
    ret
__modsi3:
    rem   a0, a0, a1
    ret
__umodsi3:
    remu  a0, a0, a1
    ret

__muldi3:                       # a1:a0, a3:a2: factors
    mulhu t0, a0, a2
    mul   t1, a0, a3
    add   t0, t0, t1
    mul   t1, a1, a2
    add   a1, t0, t1
    mul   a0, a0, a2
    ret

__ashldi3:                      # a1:a0: number, a2: bits, 0 to 63
    beqz  a2, shifted
    li    t0, 32
    bgeu  a2, t0, ashldi3_word
    sub   t0, t0, a2
    sll   a1, a1, a2
    srl   t0, a0, t0
    or    a1, a1, t0
    sll   a0, a0, a2
    ret
ashldi3_word:
    sll   a1, a0, a2            # by the lower five bits of a2
    li    a0, 0
shifted:
    ret

__lshrdi3:
    beqz  a2, shifted
    li    t0, 32
    bgeu  a2, t0, lshrdi3_word
    sub   t0, t0, a2
    srl   a0, a0, a2
    sll   t0, a1, t0
    or    a0, a0, t0
    srl   a1, a1, a2
    ret
lshrdi3_word:
    srl   a0, a1, a2
    li    a1, 0
    ret

__ashrdi3:
    beqz  a2, shifted
    li    t0, 32
    bgeu  a2, t0, ashrdi3_word
    sub   t0, t0, a2
    srl   a0, a0, a2
    sll   t0, a1, t0
    or    a0, a0, t0
    sra   a1, a1, a2
    ret
ashrdi3_word:
    sra   a0, a1, a2
    srai  a1, a1, 31
    ret

divide:                         # a1:a0 / a3:a2 -> quotient a1:a0, remainder a5:a4; back to t3
    li    a4, 0
    li    a5, 0
    li    t0, 64                # bits to go
divide_bit:
    srli  t2, a5, 31            # the remainder's 65th bit
    slli  a5, a5, 1
    srli  t1, a4, 31
    or    a5, a5, t1
    slli  a4, a4, 1
    srli  t1, a1, 31
    or    a4, a4, t1
    slli  a1, a1, 1
    srli  t1, a0, 31
    or    a1, a1, t1
    slli  a0, a0, 1
    bnez  t2, divide_fits
    bltu  a5, a3, divide_next
    bne   a5, a3, divide_fits
    bltu  a4, a2, divide_next
divide_fits:
    sltu  t1, a4, a2
    sub   a4, a4, a2
    sub   a5, a5, a3
    sub   a5, a5, t1
    ori   a0, a0, 1
divide_next:
    addi  t0, t0, -1
    bnez  t0, divide_bit
    jr    t3

__udivdi3:                      # a1:a0: dividend, a3:a2: divisor
    jal   t3, divide
    ret

__umoddi3:
    jal   t3, divide
    mv    a0, a4
    mv    a1, a5
    ret

__divdi3:
    xor   t4, a1, a3            # the quotient's sign
    jal   t5, magnitudes
    jal   t3, divide
    bltz  t4, negative
    ret

__moddi3:
    mv    t4, a1                # the remainder's sign is the dividend's
    jal   t5, magnitudes
    jal   t3, divide
    mv    a0, a4
    mv    a1, a5
    bltz  t4, negative
    ret

negative:                       # a1:a0
    snez  t0, a0
    neg   a0, a0
    neg   a1, a1
    sub   a1, a1, t0
    ret

magnitudes:                     # of a1:a0 and a3:a2; back to t5
    bge   a1, zero, magnitudes_divisor
    snez  t0, a0
    neg   a0, a0
    neg   a1, a1
    sub   a1, a1, t0
magnitudes_divisor:
    bge   a3, zero, magnitudes_end
    snez  t0, a2
    neg   a2, a2
    neg   a3, a3
    sub   a3, a3, t0
magnitudes_end:
    jr    t5

__clzsi2:                       # a0: not 0
    li    t0, 0
clzsi2_next:
    bltz  a0, counted
    slli  a0, a0, 1
    addi  t0, t0, 1
    j     clzsi2_next
counted:
    mv    a0, t0
    ret

__ctzsi2:                       # a0: not 0
    li    t0, 0
ctzsi2_next:
    andi  t1, a0, 1
    bnez  t1, counted
    srli  a0, a0, 1
    addi  t0, t0, 1
    j     ctzsi2_next

__popcountsi2:                  # a0: bits
    li    t0, 0
popcountsi2_next:
    andi  t1, a0, 1
    add   t0, t0, t1
    srli  a0, a0, 1
    bnez  a0, popcountsi2_next
    j     counted

__bswapsi2:                     # a0: word
    slli  t0, a0, 24
    srli  t1, a0, 24
    or    t0, t0, t1
    srli  t1, a0, 8
    andi  t1, t1, 0xFF
    slli  t1, t1, 16
    or    t0, t0, t1
    slli  a0, a0, 8
    srli  a0, a0, 24
    slli  a0, a0, 8
    or    a0, a0, t0
    ret
"""

_SERIAL = """
transmit:                       # a0: byte for UART0; back to t3
    li    t0, 0x60000000        # UART0_FIFO
    andi  a0, a0, 0xFF
transmit_full:
    lw    t1, 0x1C(t0)          # STATUS
    srli  t1, t1, 16
    andi  t1, t1, 0x3FF         # TXFIFO_CNT, of 128
    sltiu t1, t1, 127
    beqz  t1, transmit_full
    sw    a0, 0(t0)
    jr    t3

uart_tx_one_char:               # a0: byte
    jal   t3, transmit
    li    a0, 0                 # done
    ret

uart_rx_one_char:               # a0: where to put the byte
    li    t0, 0x60000000
    lw    t1, 0x1C(t0)
    andi  t1, t1, 0x3FF         # RXFIFO_CNT
    beqz  t1, uart_rx_none
    lw    t1, 0(t0)
    sb    t1, 0(a0)
    li    a0, 0                 # done
    ret
uart_rx_none:
    li    a0, 1                 # nothing has come
    ret

uart_rx_one_char_block:
    li    t0, 0x60000000
uart_rx_wait:
    lw    t1, 0x1C(t0)
    andi  t1, t1, 0x3FF
    beqz  t1, uart_rx_wait
    lw    a0, 0(t0)
    ret

uart_tx_flush:                  # a0: 0 or 1
uart_tx_wait_idle:
    slli  a0, a0, 16            # UART1 is 0x10000 on
    li    t0, 0x60000000
    add   t0, t0, a0
    li    t2, 0x3FF0000         # STATUS.TXFIFO_CNT
uart_tx_busy:
    lw    t1, 0x1C(t0)
    and   t1, t1, t2
    bnez  t1, uart_tx_busy
    lw    t1, 0x6C(t0)          # FSM_STATUS
    andi  t1, t1, 0xF0          # ST_UTX_OUT
    bnez  t1, uart_tx_busy
    ret

put:                            # a0: character of ets_printf, counted in s8
    addi  s8, s8, 1
    li    t0, 13                # a line ends by \\n alone: \\r is added, and none taken
    beq   a0, t0, put_end
    li    t0, 10
    bne   a0, t0, put_plain
    li    a0, 13
    jal   t3, transmit
    li    a0, 10
put_plain:
    jal   t3, transmit
put_end:
    ret

# %[-0][width][l](d i u x X p c s %); 64-bit and floating-point numbers are none of its matter.
# s0: format, s1: next argument, s2: what fills up, '-' for blanks behind, s3: fill-ups to go,
# s4: 10 less than the letter for ten, s5 to s7: the text and its end, s6: 1 for a minus, s8: count
ets_printf:                     # a0: format, a1 and on: arguments
    addi  sp, sp, -96
    sw    ra, 0(sp)
    sw    s0, 4(sp)
    sw    s1, 8(sp)
    sw    s2, 12(sp)
    sw    s3, 16(sp)
    sw    s4, 20(sp)
    sw    s5, 24(sp)
    sw    s6, 28(sp)
    sw    s7, 32(sp)
    sw    s8, 36(sp)            # from 40 to 55: digits
    sw    a1, 68(sp)            # right below the arguments that the caller put on the stack
    sw    a2, 72(sp)
    sw    a3, 76(sp)
    sw    a4, 80(sp)
    sw    a5, 84(sp)
    sw    a6, 88(sp)
    sw    a7, 92(sp)
    mv    s0, a0
    addi  s1, sp, 68
    li    s8, 0
printf_next:
    lbu   a0, 0(s0)
    addi  s0, s0, 1
    beqz  a0, printf_end
    li    t0, '%'
    beq   a0, t0, printf_conversion
printf_plain:
    jal   put
    j     printf_next
printf_conversion:
    li    s2, 32
    li    s3, 0
    li    s6, 0
printf_flag:
    lbu   a0, 0(s0)
    addi  s0, s0, 1
    beqz  a0, printf_end
    li    t0, 'l'
    beq   a0, t0, printf_flag
    li    t0, '-'
    beq   a0, t0, printf_fill
    addi  t0, a0, -48
    sltiu t1, t0, 10
    beqz  t1, printf_kind
    or    t1, t0, s3
    beqz  t1, printf_zero       # a 0 before the width
    li    t1, 10
    mul   s3, s3, t1
    add   s3, s3, t0
    j     printf_flag
printf_zero:
    li    t0, '-'
    beq   s2, t0, printf_flag   # zeros behind would be another number
printf_fill:
    mv    s2, a0
    j     printf_flag
printf_kind:
    li    t0, '%'
    beq   a0, t0, printf_plain
    lw    a1, 0(s1)
    addi  s1, s1, 4
    addi  s7, sp, 56
    li    t0, 's'
    beq   a0, t0, printf_string
    li    t0, 'c'
    beq   a0, t0, printf_character
    li    s4, 55                # 'A' - 10
    li    t1, 16
    li    t0, 'X'
    beq   a0, t0, printf_number
    li    s4, 87                # 'a' - 10
    li    t0, 'x'
    beq   a0, t0, printf_number
    li    t0, 'p'
    beq   a0, t0, printf_number
    li    t1, 10
    li    t0, 'u'
    beq   a0, t0, printf_number
    bge   a1, zero, printf_number
    li    s6, 1
    neg   a1, a1
printf_number:                  # a1: value, t1: base
    mv    s5, s7
printf_digit:
    remu  t0, a1, t1
    divu  a1, a1, t1
    sltiu t2, t0, 10
    beqz  t2, printf_letter
    addi  t0, t0, 48
    j     printf_store
printf_letter:
    add   t0, t0, s4
printf_store:
    addi  s5, s5, -1
    sb    t0, 0(s5)
    bnez  a1, printf_digit
    beqz  s6, printf_text
    li    t0, '0'
    li    a0, '-'
    beq   s2, t0, printf_sign
    addi  s5, s5, -1
    sb    a0, 0(s5)
    j     printf_text
printf_sign:                    # before the zeros
    addi  s3, s3, -1
    jal   put
    j     printf_text
printf_character:
    addi  s5, s7, -1
    sb    a1, 0(s5)
    j     printf_text
printf_string:
    mv    s5, a1
    mv    a0, a1
    jal   strlen
    add   s7, s5, a0
printf_text:                    # from s5 to s7
    add   s3, s3, s5
    sub   s3, s3, s7
    li    t0, '-'
    beq   s2, t0, printf_out
printf_before:
    blez  s3, printf_out
    mv    a0, s2
    jal   put
    addi  s3, s3, -1
    j     printf_before
printf_out:
    beq   s5, s7, printf_behind
    lbu   a0, 0(s5)
    addi  s5, s5, 1
    jal   put
    j     printf_out
printf_behind:
    blez  s3, printf_next
    li    a0, 32
    jal   put
    addi  s3, s3, -1
    j     printf_behind
printf_end:
    mv    a0, s8
    lw    ra, 0(sp)
    lw    s0, 4(sp)
    lw    s1, 8(sp)
    lw    s2, 12(sp)
    lw    s3, 16(sp)
    lw    s4, 20(sp)
    lw    s5, 24(sp)
    lw    s6, 28(sp)
    lw    s7, 32(sp)
    lw    s8, 36(sp)
    addi  sp, sp, 96
    ret
"""

_CHIP = f"""
ets_update_cpu_frequency:       # a0: CPU cycles a microsecond
    li    t0, {TICKS_PER_US:#x}
    sw    a0, 0(t0)
    ret

ets_get_cpu_frequency:
    li    t0, {TICKS_PER_US:#x}
    lw    a0, 0(t0)
    ret

ets_delay_us:                   # a0: microseconds
    li    t0, {TICKS_PER_US:#x}
    lw    t0, 0(t0)
    mul   a0, a0, t0
    srli  a0, a0, 2             # a turn takes 4 cycles: 1, and 3 of the branch
    beqz  a0, delay_end
delay:
    addi  a0, a0, -1
    bnez  a0, delay
delay_end:
    ret

rtc_get_reset_reason:           # a0: the CPU, of which there is one
    li    t0, 0x60008038        # RTC_CNTL_RESET_STATE
    lw    a0, 0(t0)
    andi  a0, a0, 0x3F          # RESET_CAUSE_PROCPU
    ret

software_reset:
    li    t1, 0x80000000        # RTC_CNTL_OPTIONS0.SW_SYS_RST
    j     reset
software_reset_cpu:
    li    t1, 0x20              # SW_PROCPU_RST
reset:
    li    t0, 0x60008000
    lw    t2, 0(t0)
    or    t2, t2, t1
    sw    t2, 0(t0)
reset_wait:
    j     reset_wait

gpio_pad_select_gpio:           # a0: pin
    slli  a0, a0, 2
    li    t0, 0x60009004        # IO_MUX_GPIO0
    add   t0, t0, a0
    lw    t1, 0(t0)
    li    t2, 0xFFFF8FFF
    and   t1, t1, t2            # MCU_SEL, bits 14:12
    li    t2, 0x1000            # function 1: GPIO
    or    t1, t1, t2
    sw    t1, 0(t0)
    ret

intr_matrix_set:                # a0: the CPU, a1: source, a2: CPU interrupt
    slli  a1, a1, 2
    li    t0, 0x600C2000        # CORE_0_INTR_MAP0
    add   t0, t0, a1
    sw    a2, 0(t0)
    ret

ets_isr_unmask:                 # a0: CPU interrupts, a bit for each
esprv_intc_int_enable:
    li    t0, 0x600C2104        # CPU_INT_ENABLE
    lw    t1, 0(t0)
    or    t1, t1, a0
    sw    t1, 0(t0)
    ret

ets_isr_mask:
esprv_intc_int_disable:
    li    t0, 0x600C2104
    lw    t1, 0(t0)
    not   a0, a0
    and   t1, t1, a0
    sw    t1, 0(t0)
    ret

esprv_intc_int_set_priority:    # a0: CPU interrupt, a1: priority
    slli  a0, a0, 2
    li    t0, 0x600C2114        # CPU_INT_PRI0
    add   t0, t0, a0
    sw    a1, 0(t0)
    ret

esprv_intc_int_set_threshold:   # a0: lowest priority that is taken
    li    t0, 0x600C2194        # CPU_INT_THRESH
    sw    a0, 0(t0)
    ret
"""

SOURCE = _MEMORY + _STRINGS + _ARITHMETIC + _SERIAL + _CHIP
"""The functions, for `assembler.assemble` as for GNU as."""


@cache
def code() -> bytes:
    """`SOURCE` assembled."""
    return assemble(SOURCE, _CODE_BASE)[0]


@cache
def image() -> bytes:
    """The ROM from ROM_BASE to the end of its code; what it has not is no instruction."""
    _, labels = assemble(SOURCE, _CODE_BASE)
    rom = bytearray(_ABSENT * ((_CODE_BASE - ROM_BASE) // len(_ABSENT)) + code())
    for name, address in SLOTS.items():
        offset = address - ROM_BASE
        rom[offset : offset + 4] = jump(address, labels[name])
    return bytes(rom)


def why_absent(address: int) -> str | None:
    """What a message says of code at `address` that is ROM without a function; None elsewhere."""
    if not ROM_BASE <= address < ROM_BASE + ROM_SIZE:
        return None
    offset = address - ROM_BASE
    if image()[offset : offset + 4] not in (b"", _ABSENT):
        return None
    return (
        f"a call of the ROM at {address:#010x}, of whose functions Facet has {len(SLOTS)}, and not "
        "the one that esp32c3.rom.ld names there: link one of the C library or your own in its "
        "place"
    )

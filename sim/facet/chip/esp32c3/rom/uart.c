// UART0, the ROM's terminal; uart.h of ESP-IDF says what each function does.
#include "rom.h"

#define FIFO(uart) REG((uart))
#define CLKDIV(uart) REG((uart) + 0x14)
#define STATUS(uart) REG((uart) + 0x1C)
#define CONF0(uart) REG((uart) + 0x20)
#define FSM_STATUS(uart) REG((uart) + 0x6C)

#define RXFIFO_CNT 0x3FFu          // of STATUS
#define TXFIFO_CNT (0x3FFu << 16)  // of STATUS
#define ST_UTX_OUT (0xFu << 4)     // of FSM_STATUS
#define FIFO_RESETS (3u << 17)     // RXFIFO_RST and TXFIFO_RST of CONF0
#define FIFO_FULL 127              // bytes

typedef struct {
  uint32_t settings[6];
  uint8_t buff_uart_no;
  struct {
    uint8_t *buffer, *write_pos, *read_pos;
    uint8_t trigger_level;
    uint32_t state;
  } received;
  uint32_t receive_state;
  int count;
} UartDevice;

static UartDevice device;

static uint32_t base(uint8_t uart) { return UART0 + uart * UART_STRIDE; }

ETS_STATUS uart_tx_one_char(uint8_t byte) {
  while ((STATUS(UART0) & TXFIFO_CNT) >> 16 >= FIFO_FULL) {
  }
  FIFO(UART0) = byte;
  return ETS_OK;
}

ETS_STATUS uart_rx_one_char(uint8_t* byte) {
  if (!(STATUS(UART0) & RXFIFO_CNT)) return ETS_FAILED;
  *byte = (uint8_t)FIFO(UART0);
  return ETS_OK;
}

char uart_rx_one_char_block(void) {
  uint8_t byte;
  while (uart_rx_one_char(&byte)) {
  }
  return (char)byte;
}

ETS_STATUS UartRxString(uint8_t* text, uint8_t size) {
  uint8_t length = 0;
  for (;;) {
    char byte = uart_rx_one_char_block();
    if (byte == '\r' || byte == '\n') break;
    if (length + 1 < size) text[length++] = (uint8_t)byte;
  }
  if (size) text[length] = 0;
  return ETS_OK;
}

// FIFO empty and the last stop bit sent; uart_tx_flush is the same.
void uart_tx_wait_idle(uint8_t uart) {
  while (STATUS(base(uart)) & TXFIFO_CNT || FSM_STATUS(base(uart)) & ST_UTX_OUT) {
  }
}

// divider: in sixteenths of the UART's clock.
void uart_div_modify(uint8_t uart, uint32_t divider) {
  CLKDIV(base(uart)) = (divider & 0xF) << 20 | divider >> 4;
  CONF0(base(uart)) |= FIFO_RESETS;
  CONF0(base(uart)) &= ~FIFO_RESETS;
}

// 115,200 baud, eight data bits, one stop bit; clock: of the UART, in hertz.
void Uart_Init(uint8_t uart, uint32_t clock) { uart_div_modify(uart, (clock << 4) / 115200); }

// FIDELITY:
//   model: The structure of uartAttach has the settings, and its buffer stays empty.
//   silicon: The ROM's interrupt handler fills the buffer.
//   hides: A program that reads from that buffer.
void uartAttach(void* buffer) {
  device = (UartDevice){.settings = {115200, 3, 0, 0, 1, 0}};
  device.received.buffer = device.received.write_pos = device.received.read_pos = buffer;
}

UartDevice* GetUartDevice(void) { return &device; }

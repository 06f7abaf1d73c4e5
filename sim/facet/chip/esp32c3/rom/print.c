// ets_printf and where its characters go; ets_sys.h of ESP-IDF says what each function does.
#include "rom.h"

typedef void (*putc_t)(char);

static putc_t putc1, putc2;

// A line ends by \n alone: \r goes before it, and no other \r is sent.
static void write_uart(char c) {
  if (c == '\r') return;
  if (c == '\n') uart_tx_one_char('\r');
  uart_tx_one_char((uint8_t)c);
}

void ets_install_putc1(putc_t put) { putc1 = put; }

void ets_install_putc2(putc_t put) { putc2 = put; }

void ets_install_uart_printf(void) { putc1 = write_uart; }

uint8_t ets_get_printf_channel(void) { return 0; }

static int put(char c) {
  if (putc1) putc1(c);
  if (putc2) putc2(c);
  return 1;
}

static int fill(char c, int count) {
  int length = 0;
  while (length < count) length += put(c);
  return length;
}

typedef struct {
  bool left, zeros;
  int width, precision;
  int longs;  // how many 'l'
} Format;

static const char* number(const char* from, int* value) {
  for (*value = 0; *from >= '0' && *from <= '9'; from++) *value = 10 * *value + *from - '0';
  return from;
}

// Reads what stands between '%' and the conversion's letter; gives where the letter is.
static const char* read_format(const char* from, Format* format) {
  *format = (Format){0};
  if ((format->left = *from == '-')) from++;
  if ((format->zeros = *from == '0')) from++;
  from = number(from, &format->width);
  if (*from == '.') {
    format->zeros = false;
    from = number(from + 1, &format->precision);
  }
  for (; *from == 'l'; from++) format->longs++;
  return from;
}

// Sign, zeros of the precision and text, filled up to the width.
static int put_text(const char* text, int size, int zeros, bool minus, const Format* format) {
  int pad = format->width - size - zeros - minus, length = 0;
  if (!format->left && !format->zeros) length += fill(' ', pad);
  if (minus) length += put('-');
  if (!format->left && format->zeros) length += fill('0', pad);
  length += fill('0', zeros);
  for (int i = 0; i < size; i++) length += put(text[i]);
  if (format->left) length += fill(' ', pad);
  return length;
}

static int put_number(uint64_t value, char kind, const Format* format) {
  char digits[20], *first = digits + sizeof digits;
  bool decimal = kind == 'd' || kind == 'u';
  bool minus = kind == 'd' && (int64_t)value < 0;
  if (minus) value = -value;
  do {
    uint32_t digit = (uint32_t)(decimal ? value % 10 : value % 16);
    *--first = (char)(digit < 10 ? '0' + digit : (kind == 'X' ? 'A' : 'a') + digit - 10);
    value = decimal ? value / 10 : value / 16;
  } while (value);
  int size = (int)(digits + sizeof digits - first);
  int zeros = format->precision > size ? format->precision - size : 0;
  return put_text(first, size, zeros, minus, format);
}

static int put_string(const char* text, const Format* format) {
  int size = 0;
  if (!text) text = "<null>";
  while (text[size] && !(format->precision && size == format->precision)) size++;
  return put_text(text, size, 0, false, format);
}

// %[-][0][width][.precision][l|ll](d u x X p c s %). Other conversions are printed as they stand.
static int ets_vprintf(const char* format, va_list arguments) {
  int length = 0;
  for (; *format; format++) {
    if (*format != '%') {
      length += put(*format);
      continue;
    }
    Format how;
    format = read_format(format + 1, &how);
    switch (*format) {
      case 'd':
        length += put_number(how.longs > 1 ? va_arg(arguments, uint64_t)
                                           : (uint64_t)(int64_t)va_arg(arguments, int32_t),
                             'd', &how);
        break;
      case 'u':
      case 'x':
      case 'X':
        length +=
            put_number(how.longs > 1 ? va_arg(arguments, uint64_t) : va_arg(arguments, uint32_t),
                       *format, &how);
        break;
      case 'p':
        length += put('0') + put('x');
        how.zeros = true, how.width = 8;
        length += put_number(va_arg(arguments, uint32_t), 'x', &how);
        break;
      case 'c':
        length += put((char)va_arg(arguments, int));
        break;
      case 's':
        length += put_string(va_arg(arguments, const char*), &how);
        break;
      case 0:
        return length;
      case '%':
        length += put('%');
        break;
      default:
        length += put('%') + put(*format);
    }
  }
  return length;
}

int ets_printf(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = ets_vprintf(format, arguments);
  va_end(arguments);
  return length;
}

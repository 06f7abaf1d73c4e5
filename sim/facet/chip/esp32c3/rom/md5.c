// MD5 (RFC 1321), with the context of ESP-IDF's md5_hash.h.
#include "rom.h"

#define BLOCK 64

typedef struct {
  uint32_t buf[4];
  uint32_t bits[2];
  uint8_t in[BLOCK];
} MD5Context;

// 2^32 times the sine of 1 to 64 radians.
static const uint32_t kSines[64] = {
    0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
    0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
    0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
    0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
    0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
    0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
    0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
    0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391};

static const uint8_t kTurns[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static void transform(uint32_t state[4], const uint8_t block[BLOCK]) {
  uint32_t words[16], a = state[0], b = state[1], c = state[2], d = state[3];
  memcpy(words, block, BLOCK);
  for (uint32_t i = 0; i < 64; i++) {
    uint32_t mix, word;
    switch (i / 16) {
      case 0:
        mix = (b & c) | (~b & d), word = i;
        break;
      case 1:
        mix = (b & d) | (c & ~d), word = 5 * i + 1;
        break;
      case 2:
        mix = b ^ c ^ d, word = 3 * i + 5;
        break;
      default:
        mix = c ^ (b | ~d), word = 7 * i;
    }
    uint32_t sum = a + mix + kSines[i] + words[word % 16], turn = kTurns[i / 16][i % 4];
    a = d, d = c, c = b;
    b += sum << turn | sum >> (32 - turn);
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
}

void MD5Init(MD5Context* md5) {
  *md5 = (MD5Context){.buf = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476}};
}

void MD5Update(MD5Context* md5, const uint8_t* data, uint32_t size) {
  uint32_t held = md5->bits[0] / 8 % BLOCK, low = md5->bits[0] + (size << 3);
  md5->bits[1] += (size >> 29) + (low < md5->bits[0]);
  md5->bits[0] = low;
  while (size) {
    uint32_t part = BLOCK - held < size ? BLOCK - held : size;
    memcpy(md5->in + held, data, part);
    data += part, size -= part, held += part;
    if (held == BLOCK) {
      transform(md5->buf, md5->in);
      held = 0;
    }
  }
}

void MD5Final(uint8_t digest[16], MD5Context* md5) {
  static const uint8_t kPadding[BLOCK] = {0x80};
  uint32_t bits[2] = {md5->bits[0], md5->bits[1]}, held = bits[0] / 8 % BLOCK;
  MD5Update(md5, kPadding, (held < 56 ? 56 : 120) - held);
  MD5Update(md5, (const uint8_t*)bits, sizeof bits);
  memcpy(digest, md5->buf, 16);
  memset(md5, 0, sizeof *md5);
}

// The digest of `count` pieces.
int md5_vector(size_t count, const uint8_t* pieces[], const size_t* sizes, uint8_t* digest) {
  MD5Context md5;
  MD5Init(&md5);
  for (size_t i = 0; i < count; i++) MD5Update(&md5, pieces[i], sizes[i]);
  MD5Final(digest, &md5);
  return 0;
}

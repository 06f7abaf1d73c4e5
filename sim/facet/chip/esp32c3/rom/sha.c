// SHA-1, SHA-224 and SHA-256 (FIPS 180-4), with the context of ESP-IDF's sha.h.
//
// FIDELITY:
//   model: The CPU computes digests.
//   silicon: Espressif's ROM uses the SHA unit, which has no model here.
//   hides: The time of a digest, and a program that leaves that peripheral without its clock.
#include "rom.h"

#define BLOCK 64

enum { SHA1, SHA2_224, SHA2_256 };

static const uint32_t kStart[3][8] = {{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0},
                                      {0xC1059ED8, 0x367CD507, 0x3070DD17, 0xF70E5939, 0xFFC00B31,
                                       0x68581511, 0x64F98FA7, 0xBEFA4FA4},
                                      {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F,
                                       0x9B05688C, 0x1F83D9AB, 0x5BE0CD19}};

static const uint32_t kSha1Terms[4] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};

// Fractions of the cube roots of the first 64 primes.
static const uint32_t kSha2Terms[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2};

static uint32_t rotate(uint32_t word, int bits) { return word >> bits | word << (32 - bits); }

static uint32_t big_endian(uint32_t word) { return __builtin_bswap32(word); }

static void sha1_block(uint32_t state[5], const uint32_t block[16]) {
  uint32_t words[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int i = 0; i < 16; i++) words[i] = big_endian(block[i]);
  for (int i = 16; i < 80; i++) {
    words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 31);
  }
  for (int i = 0; i < 80; i++) {
    uint32_t mix = i < 20   ? (b & c) | (~b & d)
                   : i < 40 ? b ^ c ^ d
                   : i < 60 ? (b & c) | (b & d) | (c & d)
                            : b ^ c ^ d;
    uint32_t next = rotate(a, 27) + mix + e + kSha1Terms[i / 20] + words[i];
    e = d, d = c, c = rotate(b, 2), b = a, a = next;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

static void sha256_block(uint32_t state[8], const uint32_t block[16]) {
  uint32_t words[64], v[8];
  memcpy(v, state, sizeof v);
  for (int i = 0; i < 16; i++) words[i] = big_endian(block[i]);
  for (int i = 16; i < 64; i++) {
    uint32_t x = words[i - 15], y = words[i - 2];
    words[i] = words[i - 16] + (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + words[i - 7] +
               (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
  }
  for (int i = 0; i < 64; i += 8) {
#pragma GCC unroll 8
    for (int n = 0; n < 8; n++) {  // a to h, which take turns
      uint32_t a = v[-n & 7], b = v[(1 - n) & 7], c = v[(2 - n) & 7], d = v[(3 - n) & 7];
      uint32_t e = v[(4 - n) & 7], f = v[(5 - n) & 7], g = v[(6 - n) & 7], h = v[(7 - n) & 7];
      h += (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) +
           kSha2Terms[i + n] + words[i + n];
      v[(3 - n) & 7] = d + h;
      v[(7 - n) & 7] =
          h + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    }
  }
  for (int n = 0; n < 8; n++) state[n] += v[n];
}

static void process(SHA_CTX* sha) {
  const uint32_t* block = (const uint32_t*)sha->buffer;
  if (sha->type == SHA1) {
    sha1_block(sha->state, block);
  } else {
    sha256_block(sha->state, block);
  }
}

// The peripheral's clock, which software needs none of; ets_sha_disable is the same.
void ets_sha_enable(void) {}

ETS_STATUS ets_sha_init(SHA_CTX* sha, uint32_t type) {
  if (type > SHA2_256) return ETS_FAILED;
  memset(sha, 0, sizeof *sha);
  sha->type = type;
  memcpy(sha->state, kStart[type], sizeof kStart[type]);
  return ETS_OK;
}

// update: bring the context up to date, which it always is here.
void ets_sha_update(SHA_CTX* sha, const uint8_t* data, uint32_t size, bool update) {
  (void)update;
  uint32_t held = sha->total_bits[0] / 8 % BLOCK, low = sha->total_bits[0] + (size << 3);
  sha->total_bits[1] += (size >> 29) + (low < sha->total_bits[0]);
  sha->total_bits[0] = low;
  while (size) {
    uint32_t part = BLOCK - held < size ? BLOCK - held : size;
    memcpy(sha->buffer + held, data, part);
    data += part, size -= part, held += part;
    if (held == BLOCK) {
      process(sha);
      held = 0;
    }
  }
}

ETS_STATUS ets_sha_finish(SHA_CTX* sha, uint8_t* digest) {
  static const uint8_t kPadding[BLOCK] = {0x80};
  uint32_t bits[2] = {big_endian(sha->total_bits[1]), big_endian(sha->total_bits[0])};
  uint32_t held = sha->total_bits[0] / 8 % BLOCK;
  ets_sha_update(sha, kPadding, (held < 56 ? 56 : 120) - held, false);
  ets_sha_update(sha, (const uint8_t*)bits, sizeof bits, false);
  uint32_t words = sha->type == SHA1 ? 5 : sha->type == SHA2_224 ? 7 : 8;
  for (uint32_t n = 0; n < words; n++) {
    uint32_t word = big_endian(sha->state[n]);
    memcpy(digest + 4 * n, &word, 4);
  }
  return ETS_OK;
}

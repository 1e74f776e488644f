/* SHA-256 (FIPS 180-4), fed piece by piece: for downloaded files that are never in memory as a whole, and for pages
 * without crypto.subtle. Scalar: hashing keeps ahead of any network. */
#include "simd.h"

enum { BLOCK = 64, LENGTH_AT = BLOCK - 8 };

typedef struct {
    uint32_t h[8];
    uint32_t filled; /* bytes of `block` */
    uint64_t nbytes;
    uint8_t block[BLOCK];
} Sha256;

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

INLINE uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }
INLINE uint32_t big_endian(const uint8_t *p) {
    uint32_t x;
    __builtin_memcpy(&x, p, 4);
    return __builtin_bswap32(x);
}

KERNEL static void hash_blocks(uint32_t h[8], const uint8_t *data, uint32_t blocks) {
    uint32_t w[64];
    for (; blocks; blocks--, data += BLOCK) {
        for (int i = 0; i < 16; i++) w[i] = big_endian(data + 4 * i);
        for (int i = 16; i < 64; i++) {
            uint32_t s0 = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
            uint32_t s1 = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }
        uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], last = h[7];
        for (int i = 0; i < 64; i++) {
            uint32_t s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
            uint32_t t1 = last + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i];
            uint32_t s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
            uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            last = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e, h[5] += f, h[6] += g, h[7] += last;
    }
}

/* Bytes that one running hash takes. */
EXPORT(sha256_state_size) uint32_t sha256_state_size(void) { return sizeof(Sha256); }

EXPORT(sha256_start)
void sha256_start(Sha256 *s) {
    *s =
        (Sha256){.h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

EXPORT(sha256_update)
void sha256_update(Sha256 *s, const uint8_t *data, uint32_t nbytes) {
    s->nbytes += nbytes;
    if (s->filled) {
        uint32_t taken = BLOCK - s->filled < nbytes ? BLOCK - s->filled : nbytes;
        __builtin_memcpy(s->block + s->filled, data, taken);
        s->filled += taken, data += taken, nbytes -= taken;
        if (s->filled < BLOCK) return;
        hash_blocks(s->h, s->block, 1);
    }
    hash_blocks(s->h, data, nbytes / BLOCK);
    s->filled = nbytes % BLOCK;
    __builtin_memcpy(s->block, data + nbytes - s->filled, s->filled);
}

/* Writes the 32 bytes of the hash; the state has to be started anew after it. */
EXPORT(sha256_finish)
void sha256_finish(Sha256 *s, uint8_t *hash) {
    uint64_t bits = __builtin_bswap64(s->nbytes * 8);
    s->block[s->filled++] = 0x80;
    if (s->filled > LENGTH_AT) {
        __builtin_memset(s->block + s->filled, 0, BLOCK - s->filled);
        hash_blocks(s->h, s->block, 1);
        s->filled = 0;
    }
    __builtin_memset(s->block + s->filled, 0, LENGTH_AT - s->filled);
    __builtin_memcpy(s->block + LENGTH_AT, &bits, 8);
    hash_blocks(s->h, s->block, 1);
    for (int i = 0; i < 8; i++) {
        uint32_t word = __builtin_bswap32(s->h[i]);
        __builtin_memcpy(hash + 4 * i, &word, 4);
    }
}

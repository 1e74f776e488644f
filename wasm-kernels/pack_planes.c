/* q8 weights that come as two planes of nibbles, w = 16 h + l, into the layout of pack_q8 (pack.c). A plane is
 * (n, ceil(k/2)) bytes, even k in the lower nibbles, h as two's complement. Until the low plane is there, l counts as 8
 * and 7 in turn: 7.5 on average, without which all-positive activations would see every sum shifted. */
#include "engine.h"

enum { MIDDLE = 0x07080708 };

/* Four neighbours' nibbles, from k on, a byte each; zeros behind the row's end. */
INLINE uint32_t spread_nibbles(const uint8_t *row, int k, int columns) {
    uint32_t x = row[k / 2] | (k + 2 < columns ? (uint32_t)row[k / 2 + 1] << 16 : 0);
    return (x | x << 4) & 0x0F0F0F0F;
}
/* Ones in the bytes of a word's weights, zeros in those behind the row's end. */
INLINE uint32_t used_bytes(int k, int columns) { return columns - k < 4 ? (1u << 8 * (columns - k)) - 1 : 0xFFFFFFFF; }
INLINE int32_t sum_bytes(uint32_t w) { return (int8_t)w + (int8_t)(w >> 8) + (int8_t)(w >> 16) + (int8_t)(w >> 24); }

INLINE void pack_plane(const uint8_t *plane, uint32_t *packed, int32_t *sums, int n, int k, const int is_high) {
    int groups = ceil_div(k, 4);
    for (int j = 0; j < ceil_div(n, 8) * 8; j++) {
        const uint8_t *row = plane + (int64_t)j * ceil_div(k, 2);
        uint32_t *out = packed + (int64_t)(j >> 3) * groups * 8 + (j & 7);
        int32_t sum = 0;
        for (int g = 0; g < groups; g++, out += 8) {
            uint32_t x = j < n ? spread_nibbles(row, 4 * g, k) : 0;
            uint32_t w = is_high ? x << 4 | MIDDLE : (*out & 0xF0F0F0F0) | x;
            *out = j < n ? w & used_bytes(4 * g, k) : 0;
            sum += sum_bytes(*out);
        }
        sums[j] = sum;
    }
}

/* The first plane to come: all weights, to four bits. */
EXPORT(pack_high_plane)
void pack_high_plane(const uint8_t *plane, uint32_t *packed, int32_t *sums, int n, int k) {
    pack_plane(plane, packed, sums, n, k, 1);
}
/* The second: the same weights, exact, and exactly as pack_q8 packs them. */
EXPORT(add_low_plane)
void add_low_plane(const uint8_t *plane, uint32_t *packed, int32_t *sums, int n, int k) {
    pack_plane(plane, packed, sums, n, k, 0);
}

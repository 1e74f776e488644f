/* Rows of weights as published files store them -> float32. A matrix is loaded fill by fill: these rows, then
 * quantize_weights.c, then pack.c, so that it never lies in memory as float32 as a whole. Layouts of GGUF's blocks:
 * ggml-common.h of llama.cpp. Values are, to the last bit, those of tinyvlm/weights/gguf_types.py. */
#include "engine.h"

/* ggml's numbers of types; gguf_types.py holds the same. */
enum { F32 = 0, F16 = 1, BF16 = 30, Q4_0 = 2, Q4_1 = 3, Q5_0 = 6, Q5_1 = 7, Q8_0 = 8 };
enum { Q2_K = 10, Q3_K = 11, Q4_K = 12, Q5_K = 13, Q6_K = 14, IQ4_NL = 20, IQ4_XS = 23 };

/* Half-precision floats in the lower halves of the lanes. Subnormal ones are numbers from 2^-14 less 2^-14: no
 * subnormal floats come up, which engines compute slowly. */
INLINE v128 widen_f16(v128 half) {
    const v128 rebias = wasm_i32x4_const_splat(112 << 23), least = wasm_i32x4_const_splat(113 << 23);
    v128 exponent = wasm_v128_and(half, wasm_i32x4_const_splat(0x7C00));
    v128 bits = wasm_i32x4_shl(wasm_v128_and(half, wasm_i32x4_const_splat(0x7FFF)), 13);
    v128 normal = wasm_i32x4_add(bits, rebias), special = wasm_i32x4_add(normal, rebias);
    v128 subnormal = wasm_f32x4_sub(wasm_i32x4_add(bits, least), least);
    v128 value = wasm_v128_bitselect(subnormal, normal, wasm_i32x4_eq(exponent, zero4()));
    value = wasm_v128_bitselect(special, value, wasm_i32x4_eq(exponent, wasm_i32x4_const_splat(0x7C00)));
    return wasm_v128_or(value, wasm_i32x4_shl(wasm_v128_and(half, wasm_i32x4_const_splat(0x8000)), 16));
}
INLINE v128 widen_bf16_4(v128 half) { return wasm_i32x4_shl(half, 16); }

/* A block's scale, in all lanes. */
INLINE v128 load_scale(const uint8_t *p) { return widen_f16(wasm_i32x4_splat(p[0] | p[1] << 8)); }

/* 16 codes: y = scale * code - least. */
INLINE void store_codes(float *y, v128 codes, v128 scale, v128 least) {
    v128 low = wasm_i16x8_extend_low_i8x16(codes), high = wasm_i16x8_extend_high_i8x16(codes);
    v128 wide[4] = {wasm_i32x4_extend_low_i16x8(low), wasm_i32x4_extend_high_i16x8(low),
                    wasm_i32x4_extend_low_i16x8(high), wasm_i32x4_extend_high_i16x8(high)};
    for (int i = 0; i < 4; i++)
        store4(y + 4 * i, wasm_f32x4_sub(wasm_f32x4_mul(scale, wasm_f32x4_convert_i32x4(wide[i])), least));
}
INLINE v128 low_nibbles(v128 bytes) { return wasm_v128_and(bytes, wasm_i8x16_const_splat(15)); }
INLINE v128 high_nibbles(v128 bytes) { return wasm_u8x16_shr(bytes, 4); }

static void block_q8_0(const uint8_t *x, float *y) {
    v128 scale = load_scale(x);
    for (int i = 0; i < 32; i += 16) store_codes(y + i, load4(x + 2 + i), scale, zero4());
}

static void block_q4_0(const uint8_t *x, float *y) {
    v128 scale = load_scale(x), codes = load4(x + 2), middle = wasm_i8x16_const_splat(8);
    store_codes(y, wasm_i8x16_sub(low_nibbles(codes), middle), scale, zero4());
    store_codes(y + 16, wasm_i8x16_sub(high_nibbles(codes), middle), scale, zero4());
}

static void block_q4_1(const uint8_t *x, float *y) {
    v128 scale = load_scale(x), least = wasm_f32x4_neg(load_scale(x + 2)), codes = load4(x + 4);
    store_codes(y, low_nibbles(codes), scale, least);
    store_codes(y + 16, high_nibbles(codes), scale, least);
}

/* The bits of two bytes, one a lane, each worth 16: the fifth bits of 16 codes. */
INLINE v128 fifth_bits(const uint8_t *p) {
    v128 bytes = wasm_i8x16_shuffle(wasm_i8x16_splat((int8_t)p[0]), wasm_i8x16_splat((int8_t)p[1]), 0, 1, 2, 3, 4, 5, 6,
                                    7, 16, 17, 18, 19, 20, 21, 22, 23);
    v128 own = wasm_u8x16_const(1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128);
    return wasm_v128_and(wasm_i8x16_eq(wasm_v128_and(bytes, own), own), wasm_i8x16_const_splat(16));
}

static void block_q5_0(const uint8_t *x, float *y) {
    v128 scale = load_scale(x), codes = load4(x + 6), middle = wasm_i8x16_const_splat(16);
    v128 low = wasm_v128_or(low_nibbles(codes), fifth_bits(x + 2));
    v128 high = wasm_v128_or(high_nibbles(codes), fifth_bits(x + 4));
    store_codes(y, wasm_i8x16_sub(low, middle), scale, zero4());
    store_codes(y + 16, wasm_i8x16_sub(high, middle), scale, zero4());
}

static void block_q5_1(const uint8_t *x, float *y) {
    v128 scale = load_scale(x), least = wasm_f32x4_neg(load_scale(x + 2)), codes = load4(x + 8);
    store_codes(y, wasm_v128_or(low_nibbles(codes), fifth_bits(x + 4)), scale, least);
    store_codes(y + 16, wasm_v128_or(high_nibbles(codes), fifth_bits(x + 6)), scale, least);
}

/* What the codes of the IQ4 types stand for: 16 levels that lie closer together around zero. */
INLINE v128 level_of(v128 nibbles) {
    v128 levels = wasm_i8x16_const(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
    return wasm_i8x16_swizzle(levels, nibbles);
}

static void block_iq4_nl(const uint8_t *x, float *y) {
    v128 scale = load_scale(x), codes = load4(x + 2);
    store_codes(y, level_of(low_nibbles(codes)), scale, zero4());
    store_codes(y + 16, level_of(high_nibbles(codes)), scale, zero4());
}

/* Eight parts of 32, whose scales have 6 bits: four in a nibble, two in the two bytes before. */
static void block_iq4_xs(const uint8_t *x, float *y) {
    v128 scale = load_scale(x);
    int high = x[2] | x[3] << 8;
    for (int part = 0; part < 8; part++, y += 32) {
        int s = (x[4 + part / 2] >> part % 2 * 4 & 15) | (high >> 2 * part & 3) << 4;
        v128 scale4 = wasm_f32x4_mul(scale, splat4((float)(s - 32))), codes = load4(x + 8 + 16 * part);
        store_codes(y, level_of(low_nibbles(codes)), scale4, zero4());
        store_codes(y + 16, level_of(high_nibbles(codes)), scale4, zero4());
    }
}

/* The two bits of codes i to i + 15 of 256: four of 32 codes lie in each 32 bytes, the first in the lowest bits. */
INLINE v128 two_bits(const uint8_t *codes, int i) {
    v128 bytes = load4(codes + i / 128 * 32 + i % 32);
    return wasm_v128_and(wasm_u8x16_shr(bytes, i / 32 % 4 * 2), wasm_i8x16_const_splat(3));
}

/* 16 scales and minima in a nibble each, 64 bytes of codes, and the scale of either. */
static void block_q2_k(const uint8_t *x, float *y) {
    v128 scale = load_scale(x + 80), least = load_scale(x + 82);
    for (int i = 0; i < 256; i += 16) {
        int part = x[i / 16];
        v128 scale4 = wasm_f32x4_mul(scale, splat4((float)(part & 15)));
        store_codes(y + i, two_bits(x + 16, i), scale4, wasm_f32x4_mul(least, splat4((float)(part >> 4))));
    }
}

/* 32 bytes of third bits, without which 4 is taken off; 64 of the lower two; 16 scales of 6 bits, whose high bits are
 * the last four bytes; and their scale. */
static void block_q3_k(const uint8_t *x, float *y) {
    const uint8_t *parts = x + 96;
    v128 scale = load_scale(x + 108), four = wasm_i8x16_const_splat(4);
    for (int i = 0; i < 256; i += 16) {
        int part = i / 16;
        int s = (parts[part % 8] >> part / 8 * 4 & 15) | (parts[8 + part % 4] >> part / 4 * 2 & 3) << 4;
        v128 third = wasm_v128_and(wasm_u8x16_shr(load4(x + i % 32), i / 32), wasm_i8x16_const_splat(1));
        v128 q = wasm_i8x16_sub(wasm_v128_or(two_bits(x + 32, i), wasm_i8x16_shl(third, 2)), four);
        store_codes(y + i, q, wasm_f32x4_mul(scale, splat4((float)(s - 32))), zero4());
    }
}

/* Eight parts of 32, each with a scale and a minimum of 6 bits: the first four of each lie in the low bits of their
 * bytes, whose high bits belong to the last four. `high` holds a fifth bit of every code, or is null. */
INLINE void block_k(const uint8_t *x, const uint8_t *high, const uint8_t *codes, float *y) {
    v128 scale = load_scale(x), least = load_scale(x + 2);
    const uint8_t *parts = x + 4;
    for (int part = 0; part < 8; part++, y += 32) {
        int s = parts[part] & 63, m = parts[part + 4] & 63;
        if (part >= 4) {
            s = (parts[part + 4] & 15) | parts[part - 4] >> 6 << 4;
            m = parts[part + 4] >> 4 | parts[part] >> 6 << 4;
        }
        v128 scale4 = wasm_f32x4_mul(scale, splat4((float)s)), least4 = wasm_f32x4_mul(least, splat4((float)m));
        for (int i = 0; i < 32; i += 16) {
            v128 bytes = load4(codes + part / 2 * 32 + i), q = part & 1 ? high_nibbles(bytes) : low_nibbles(bytes);
            if (high) {
                v128 bit = wasm_v128_and(wasm_u8x16_shr(load4(high + i), part), wasm_i8x16_const_splat(1));
                q = wasm_v128_or(q, wasm_i8x16_shl(bit, 4));
            }
            store_codes(y + i, q, scale4, least4);
        }
    }
}
static void block_q4_k(const uint8_t *x, float *y) { block_k(x, 0, x + 16, y); }
static void block_q5_k(const uint8_t *x, float *y) { block_k(x, x + 16, x + 48, y); }

/* 128 bytes of low nibbles, 64 of two higher bits, 16 scales of 16 codes each, and their scale. */
static void block_q6_k(const uint8_t *x, float *y) {
    const int8_t *scales = (const int8_t *)x + 192;
    v128 scale = load_scale(x + 208);
    for (int i = 0; i < 256; i += 16) {
        int half = i / 128, part = i / 32 % 4;
        v128 bytes = load4(x + half * 64 + i % 64), high = load4(x + 128 + half * 32 + i % 32);
        v128 q = part < 2 ? low_nibbles(bytes) : high_nibbles(bytes);
        high = wasm_v128_and(wasm_u8x16_shr(high, 2 * part), wasm_i8x16_const_splat(3));
        q = wasm_i8x16_sub(wasm_v128_or(q, wasm_i8x16_shl(high, 4)), wasm_i8x16_const_splat(32));
        store_codes(y + i, q, wasm_f32x4_mul(scale, splat4((float)scales[i / 16])), zero4());
    }
}

/* One row; returns where the next begins, or null for a type that is not known. */
static KERNEL const uint8_t *dequantize_row(const uint8_t *x, int type, float *y, int k) {
#define HALVES(name, widen)                                                                                            \
    case name: {                                                                                                       \
        int i = 0;                                                                                                     \
        for (; i + 4 <= k; i += 4) store4(y + i, widen(wasm_u32x4_load16x4(x + 2 * i)));                               \
        for (; i < k; i++) y[i] = wasm_f32x4_extract_lane(widen(wasm_i32x4_splat(x[2 * i] | x[2 * i + 1] << 8)), 0);   \
        return x + 2 * k;                                                                                              \
    }
#define BLOCKS(name, values, bytes, block)                                                                             \
    case name:                                                                                                         \
        for (int i = 0; i < k; i += values, x += bytes) block(x, y + i);                                               \
        return x;
    switch (type) {
    case F32:
        __builtin_memcpy(y, x, (uint32_t)k * 4);
        return x + 4 * k;
        HALVES(F16, widen_f16)
        HALVES(BF16, widen_bf16_4)
        BLOCKS(Q8_0, 32, 34, block_q8_0)
        BLOCKS(Q4_0, 32, 18, block_q4_0)
        BLOCKS(Q4_1, 32, 20, block_q4_1)
        BLOCKS(Q5_0, 32, 22, block_q5_0)
        BLOCKS(Q5_1, 32, 24, block_q5_1)
        BLOCKS(Q2_K, 256, 84, block_q2_k)
        BLOCKS(Q3_K, 256, 110, block_q3_k)
        BLOCKS(Q4_K, 256, 144, block_q4_k)
        BLOCKS(Q5_K, 256, 176, block_q5_k)
        BLOCKS(Q6_K, 256, 210, block_q6_k)
        BLOCKS(IQ4_NL, 32, 18, block_iq4_nl)
        BLOCKS(IQ4_XS, 256, 136, block_iq4_xs)
    }
    return 0;
}

/* n stored rows of k values, whole blocks -> float32 (n, k). Where `head_rows` is not 0, n are whole heads of so many
 * rows as llama.cpp orders them, in which those that rope turns together are neighbours: they are put half a head
 * apart. Returns 0, or 1 for a type that is not known. */
EXPORT(dequantize_rows)
int dequantize_rows(const uint8_t *source, int type, float *rows, int n, int k, int head_rows) {
    for (int row = 0; row < n; row++) {
        int inside = head_rows ? row % head_rows : 0;
        int to = row - inside + (inside & 1) * (head_rows / 2) + inside / 2;
        source = dequantize_row(source, type, rows + (int64_t)to * k, k);
        if (!source) return 1;
    }
    return 0;
}

/* A convolution's rows (n, channels, positions) -> (n, positions, channels), as patches come. */
EXPORT(channels_last)
void channels_last(const float *rows, float *out, int n, int channels, int positions) {
    for (int row = 0; row < n; row++, rows += channels * positions)
        for (int p = 0; p < positions; p++)
            for (int c = 0; c < channels; c++) *out++ = rows[c * positions + p];
}

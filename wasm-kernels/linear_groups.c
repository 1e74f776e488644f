/* y = activation(x W^T + bias) + residual, with weights of 4 or 2 bits in groups of 32 along k that share a scale, and
 * 8-bit activations (one scale and zero point a row). A group's integer sums are exact; float32 adds the groups.
 *
 * Packed (pack_formats.c): for each panel of 8 columns, its groups one after the other, each 16-byte vectors of codes
 * and then 8 scales: one stream from memory, 4.5 or 2.5 bits a weight. A byte holds the codes that are in the same
 * place of several vectors: of columns 0-3 and of columns 4-7, and with 2 bits of the same for the next 4 k.
 *
 * Codes are two's complement; a 2-bit weight is its code + 1/2, so that the levels are even on both sides of zero.
 * What the dot product sees is a weight divided by UNIT: a code is brought to the top of its byte (16-bit lane) and not
 * back; with 2 bits and byte shuffles, a table turns every four bits, two codes, into one of the two weights. */
#include "linear.h"

enum { GROUP = 32 };

/* `hold` reads the constants of `unpack` from memory, where engines cannot see that they are constant: V8 would build
 * them anew at each use. */
#ifdef TINYVLM_RELAXED
#define UNIT(BITS) ((BITS) == 4 ? 1.0f / 16 : 1.0f / 2)
typedef struct {
    v128 mask, table0, table1;
} Held;
INLINE Held hold(const int BITS) {
    static const volatile uint64_t masks[] = {0xF0F0F0F0F0F0F0F0, 0x0F0F0F0F0F0F0F0F};
    static const volatile uint64_t tables[] = {0xFFFD0301FFFD0301, 0x0303030301010101,
                                               0xFFFFFFFFFDFDFDFD}; /* 1, 3, -3, -1 */
    return (Held){wasm_i64x2_splat((int64_t)masks[BITS == 2]), wasm_i64x2_splat((int64_t)tables[0]),
                  wasm_i64x2_make((int64_t)tables[1], (int64_t)tables[2])};
}
/* Field `f` of every byte. */
INLINE Weights4 unpack(v128 w, Held held, const int BITS, const int f) {
    if (BITS == 4) return wasm_v128_and(f == 0 ? wasm_i16x8_shl(w, 4) : w, held.mask);
    w = wasm_v128_and(f < 2 ? w : wasm_u16x8_shr(w, 4), held.mask);
    return wasm_i8x16_relaxed_swizzle(f % 2 ? held.table1 : held.table0, w);
}
#else
#define UNIT(BITS) (1.0f / (1 << (16 - (BITS))))
typedef struct {
    v128 mask, half;
} Held;
INLINE Held hold(const int BITS) {
    static const volatile uint64_t masks[] = {0xF000F000F000F000, 0xC000C000C000C000, 0x2000200020002000};
    return (Held){wasm_i64x2_splat((int64_t)masks[BITS == 2]), wasm_i64x2_splat((int64_t)masks[2])};
}
INLINE Weights4 unpack(v128 w, Held held, const int BITS, const int f) {
    const int up = 8 - BITS - BITS * f;
    Weights4 r = {wasm_i16x8_shl(w, up + 8), wasm_v128_and(wasm_i16x8_shl(w, up), held.mask)};
    if (f > 0) r.first = wasm_v128_and(r.first, held.mask); /* the lowest field leaves nothing below it */
    if (BITS == 2) r.first = wasm_v128_or(r.first, held.half), r.last = wasm_v128_or(r.last, held.half);
    return r;
}
#endif

INLINE void finish(const LinearGroups *op, v128 total, int row, int j, const int BITS) {
    RowQuantization q = op->rows_q[row];
    v128 offset = wasm_f32x4_mul(splat4((float)q.zero), load4(op->weight_sum + j));
    v128 y = wasm_f32x4_sub(wasm_f32x4_mul(total, splat4(UNIT(BITS))), offset);
    y = MADD(y, splat4(q.scale), op->bias ? load4(op->bias + j) : zero4());
    store_columns(op->y + (int64_t)row * op->y_stride + j, op->n - j, y);
}

/* Rows row..row+MR of the panel at column j. */
INLINE void tile(const LinearGroups *op, int row, int j, const int BITS, const int MR) {
    const int VECTORS = MR == 1 && BITS == 4 ? 2 : 1; /* a turn of the inner loop */
    int groups = op->k_groups;
    const uint8_t *w = op->weight + (int64_t)(j >> 3) * groups * (GROUP * BITS + 16);
    const Activation *x[8];
    for (int r = 0; r < MR; r++) x[r] = op->x + (int64_t)(row + r) * groups * GROUP;
    v128 total[8][2];
    for (int r = 0; r < MR; r++) total[r][0] = total[r][1] = zero4();
    Held held = hold(BITS);
    for (int g = 0; g < groups; g++) {
        v128 sums[8][2];
        for (int r = 0; r < MR; r++) sums[r][0] = sums[r][1] = zero4();
        const uint8_t *next = w + GROUP * BITS;
        ROLLED for (; w < next; w += 16 * VECTORS) {
            UNROLLED for (int v = 0; v < VECTORS; v++) {
                v128 codes = load4(w + 16 * v);
                UNROLLED for (int f = 0; f < 8 / BITS; f += 2) {
                    Weights4 w0 = unpack(codes, held, BITS, f), w1 = unpack(codes, held, BITS, f + 1);
                    UNROLLED for (int r = 0; r < MR; r++) {
                        X4 a = load_x(x[r] + v * (16 / BITS) + 2 * f);
                        sums[r][0] = dot4(sums[r][0], w0, a);
                        sums[r][1] = dot4(sums[r][1], w1, a);
                    }
                }
            }
            UNROLLED for (int r = 0; r < MR; r++) x[r] += VECTORS * (16 / BITS);
        }
        v128 scales = load4(w), scale0 = wasm_i32x4_shl(scales, 16),
             scale1 = wasm_v128_and(scales, wasm_i32x4_const_splat((int)0xFFFF0000));
        w += 16;
        for (int r = 0; r < MR; r++) {
            total[r][0] = MADD(wasm_f32x4_convert_i32x4(sums[r][0]), scale0, total[r][0]);
            total[r][1] = MADD(wasm_f32x4_convert_i32x4(sums[r][1]), scale1, total[r][1]);
        }
    }
    v128 results[8][2];
    UNROLLED for (int r = 0; r < MR; r++) results[r][0] = total[r][0], results[r][1] = total[r][1];
    ROLLED for (int i = 0; i < 2 * MR; i++) finish(op, results[i >> 1][i & 1], row + (i >> 1), j + 4 * (i & 1), BITS);
    int64_t at = (int64_t)row * op->y_stride + j;
    finish_block(op->y, op->residual, at, MR, min_int(8, op->n - j), op->y_stride, op->activation);
}

enum { ROWS = 4 };

#define FORMAT(BITS)                                                                                                   \
    static KERNEL void tile4_q##BITS(const LinearGroups *op, int row, int j) { tile(op, row, j, BITS, ROWS); }         \
    static KERNEL void tile2_q##BITS(const LinearGroups *op, int row, int j) { tile(op, row, j, BITS, 2); }            \
    static KERNEL void tile1_q##BITS(const LinearGroups *op, int row, int j) { tile(op, row, j, BITS, 1); }            \
    static void panel_q##BITS(const void *op, int row, int end, int j) {                                               \
        for (; row + ROWS <= end; row += ROWS) tile4_q##BITS(op, row, j);                                              \
        for (; row + 2 <= end; row += 2) tile2_q##BITS(op, row, j);                                                    \
        if (row < end) tile1_q##BITS(op, row, j);                                                                      \
    }                                                                                                                  \
    void linear_q##BITS(const LinearGroups *op, Thread t) {                                                            \
        share_panels(op, op->rows, op->n, op->k_groups * GROUP, ROWS, t, panel_q##BITS);                               \
    }
FORMAT(4)
FORMAT(2)

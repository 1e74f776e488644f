/* y = activation(x W^T + bias) + residual, with int8 weights (one scale an output column) and 8-bit
 * activations (one scale and zero point a row). Integer sums are exact; float32 begins at the store.
 *
 * A tile is MR rows x NP half-panels of 4 columns, kept in registers over all of k. Both builds read the same
 * packed weights (pack.c): 16 bytes hold 4 columns x 4 k. */
#include "engine.h"

INLINE v128 load_splat(const uint8_t *p) { return wasm_v128_load32_splat(p); }

/* Rows of int32 sums to floats, 4 columns at j. */
INLINE void finish(const LinearQ8 *op, v128 sums, int row, int j) {
    RowQuantization q = op->rows_q[row];
    v128 offset = wasm_i32x4_mul(wasm_i32x4_splat(q.zero), load4(op->weight_sum + j));
    v128 y = wasm_f32x4_convert_i32x4(wasm_i32x4_sub(sums, offset));
    v128 scale = wasm_f32x4_mul(splat4(q.scale), load4(op->weight_scale + j));
    v128 bias = op->bias ? load4(op->bias + j) : zero4();
    y = activate4(MADD(y, scale, bias), op->activation);
    int64_t at = (int64_t)row * op->y_stride + j;
    if (j + 4 <= op->n) {
        if (op->residual) y = wasm_f32x4_add(y, load4(op->residual + at));
        store4(op->y + at, y);
    } else {
        if (op->residual) y = wasm_f32x4_add(y, load_part(op->residual + at, op->n - j));
        store_part(op->y + at, y, op->n - j);
    }
}

/* Rows row..row+MR, half-panels at columns j, j+4, ... */
INLINE void tile(const LinearQ8 *op, int row, int j, const int MR, const int NP) {
    int groups = op->k_groups;
    const uint8_t *x[6];
    for (int r = 0; r < MR; r++) x[r] = op->x + (int64_t)(row + r) * groups * 4;
    const int8_t *w[8]; /* half-panels of one panel are 16 bytes apart */
    for (int p = 0; p < NP; p++) w[p] = op->weight + (int64_t)((j + 4 * p) & ~7) * groups * 4 + ((j + 4 * p) & 4) * 4;
#ifdef TINYVLM_RELAXED
    v128 acc[6][8];
    for (int r = 0; r < MR; r++)
        for (int p = 0; p < NP; p++) acc[r][p] = zero4();
    for (int g = 0; g < groups; g++) {
        v128 b[8];
        for (int p = 0; p < NP; p++) b[p] = load4(w[p] + 32 * g);
        for (int r = 0; r < MR; r++) {
            v128 a = load_splat(x[r] + 4 * g);
            for (int p = 0; p < NP; p++) acc[r][p] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(b[p], a, acc[r][p]);
        }
    }
    for (int r = 0; r < MR; r++)
        for (int p = 0; p < NP; p++) finish(op, acc[r][p], row + r, j + 4 * p);
#else
    /* Widened to 16 bits; each 32-bit lane holds the sum of one pair of k, the pairs are added at the end. */
    v128 lo[6][8], hi[6][8];
    for (int r = 0; r < MR; r++)
        for (int p = 0; p < NP; p++) lo[r][p] = hi[r][p] = zero4();
    for (int g = 0; g < groups; g++) {
        v128 b_lo[8], b_hi[8];
        for (int p = 0; p < NP; p++) {
            v128 b = load4(w[p] + 32 * g);
            b_lo[p] = wasm_i16x8_extend_low_i8x16(b);
            b_hi[p] = wasm_i16x8_extend_high_i8x16(b);
        }
        for (int r = 0; r < MR; r++) {
            v128 a = wasm_u16x8_extend_low_u8x16(load_splat(x[r] + 4 * g));
            for (int p = 0; p < NP; p++) {
                lo[r][p] = wasm_i32x4_add(lo[r][p], wasm_i32x4_dot_i16x8(b_lo[p], a));
                hi[r][p] = wasm_i32x4_add(hi[r][p], wasm_i32x4_dot_i16x8(b_hi[p], a));
            }
        }
    }
    for (int r = 0; r < MR; r++)
        for (int p = 0; p < NP; p++) {
            v128 even = wasm_i32x4_shuffle(lo[r][p], hi[r][p], 0, 2, 4, 6);
            v128 odd = wasm_i32x4_shuffle(lo[r][p], hi[r][p], 1, 3, 5, 7);
            finish(op, wasm_i32x4_add(even, odd), row + r, j + 4 * p);
        }
#endif
}

#define TILE(MR, NP)                                                                                                   \
    static KERNEL void tile_##MR##x##NP(const LinearQ8 *op, int row, int j) { tile(op, row, j, MR, NP); }
/* TILE_ROWS rows of one panel: at once with the dot instruction, in halves where sums of pairs take twice the room. */
static KERNEL void full_tile(const LinearQ8 *op, int row, int j) {
#ifdef TINYVLM_RELAXED
    tile(op, row, j, TILE_ROWS, 2);
#else
    tile(op, row, j, TILE_ROWS, 1);
    tile(op, row, j + 4, TILE_ROWS, 1);
#endif
}
TILE(1, 8) /* one row: eight chains hide the dot product's latency */
TILE(1, 2)
TILE(2, 2)
TILE(4, 2)

/* Rows that fill no whole tile. */
static void few_rows(const LinearQ8 *op, int row, int rows, int j) {
    for (; rows >= 4; row += 4, rows -= 4) tile_4x2(op, row, j);
    for (; rows >= 2; row += 2, rows -= 2) tile_2x2(op, row, j);
    if (rows) tile_1x2(op, row, j);
}

void linear_q8(const LinearQ8 *op, Thread t) {
    int columns = ceil_div(op->n, 8) * 8; /* packed arrays are padded to whole panels */
    if (op->rows < 12 * t.count) {        /* few rows: threads share the weights instead */
        Range share_j = share(columns, 32, t);
        if (columns < 32 * t.count) share_j = share(columns, 8, t);
        int j = share_j.begin;
        if (op->rows == 1)
            for (; j + 32 <= share_j.end; j += 32) tile_1x8(op, 0, j);
        for (; j < share_j.end; j += 8) {
            int row = 0;
            for (; row + TILE_ROWS <= op->rows; row += TILE_ROWS) full_tile(op, row, j);
            few_rows(op, row, op->rows - row, j);
        }
        return;
    }
    Range rows = share(op->rows, TILE_ROWS, t);
    int block = max_int(32768 / (op->k_groups * 4) / TILE_ROWS, 1) *
                TILE_ROWS; /* rows of x that stay in the first-level cache */
    for (int r0 = rows.begin; r0 < rows.end; r0 += block) {
        int r1 = min_int(r0 + block, rows.end);
        for (int j = 0; j < columns; j += 8) {
            int row = r0;
            for (; row + TILE_ROWS <= r1; row += TILE_ROWS) full_tile(op, row, j);
            few_rows(op, row, r1 - row, j);
        }
    }
}

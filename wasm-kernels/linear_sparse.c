/* linear_q8 for weights of which whole blocks, 8 columns x 32 k, are zero: only the other blocks are stored and
 * multiplied. Packed by pack_sparse (pack_formats.c): for each panel of 8 columns its blocks one after the other, and
 * for each block the k at which it starts. */
#include "linear.h"

INLINE void finish(const LinearSparse *op, v128 sums, int row, int j) {
    RowQuantization q = op->rows_q[row];
    v128 offset = wasm_i32x4_mul(wasm_i32x4_splat(q.zero), load4(op->weight_sum + j));
    v128 y = wasm_f32x4_convert_i32x4(wasm_i32x4_sub(sums, offset));
    v128 scale = wasm_f32x4_mul(splat4(q.scale), load4(op->weight_scale + j));
    y = MADD(y, scale, op->bias ? load4(op->bias + j) : zero4());
    store_columns(op->y + (int64_t)row * op->y_stride + j, op->n - j, y);
}

/* Rows row..row+MR of the panel at column j; CHAINS independent sums hide the dot product's latency. */
INLINE void tile(const LinearSparse *op, int row, int j, const int MR, const int CHAINS) {
    const Activation *x[8];
    UNROLLED for (int r = 0; r < MR; r++) x[r] = op->x + (int64_t)(row + r) * op->k_blocks * BLOCK_K;
    v128 sums[8][8];
    UNROLLED for (int r = 0; r < MR; r++) UNROLLED for (int c = 0; c < 2 * CHAINS; c++) sums[r][c] = zero4();
    int block = op->starts[j >> 3], end = op->starts[(j >> 3) + 1];
    const int8_t *w = op->weight + (int64_t)block * BLOCK_BYTES;
    for (; block < end; block++) {
        int k = op->blocks[block], k_end = k + BLOCK_K;
        ROLLED for (; k < k_end; k += 4 * CHAINS, w += 32 * CHAINS) {
            UNROLLED for (int c = 0; c < CHAINS; c++) {
                Weights4 w0 = widen(load4(w + 32 * c)), w1 = widen(load4(w + 32 * c + 16));
                UNROLLED for (int r = 0; r < MR; r++) {
                    X4 a = load_x(x[r] + k + 4 * c);
                    sums[r][2 * c] = dot4(sums[r][2 * c], w0, a);
                    sums[r][2 * c + 1] = dot4(sums[r][2 * c + 1], w1, a);
                }
            }
        }
    }
    v128 results[8][2];
    UNROLLED for (int r = 0; r < MR; r++) {
        UNROLLED for (int c = 1; c < CHAINS; c++) {
            sums[r][0] = wasm_i32x4_add(sums[r][0], sums[r][2 * c]);
            sums[r][1] = wasm_i32x4_add(sums[r][1], sums[r][2 * c + 1]);
        }
        results[r][0] = sums[r][0], results[r][1] = sums[r][1];
    }
    ROLLED for (int i = 0; i < 2 * MR; i++) finish(op, results[i >> 1][i & 1], row + (i >> 1), j + 4 * (i & 1));
    int64_t at = (int64_t)row * op->y_stride + j;
    finish_block(op->y, op->residual, at, MR, min_int(8, op->n - j), op->y_stride, op->activation);
}

static KERNEL void full_tile(const LinearSparse *op, int row, int j) { tile(op, row, j, TILE_ROWS, 1); }
static KERNEL void tile_4(const LinearSparse *op, int row, int j) { tile(op, row, j, 4, 1); }
static KERNEL void tile_2(const LinearSparse *op, int row, int j) { tile(op, row, j, 2, 2); }
static KERNEL void tile_1(const LinearSparse *op, int row, int j) { tile(op, row, j, 1, 4); }

static void panel(const void *op, int row, int end, int j) {
    for (; row + TILE_ROWS <= end; row += TILE_ROWS) full_tile(op, row, j);
    for (; row + 4 <= end; row += 4) tile_4(op, row, j);
    for (; row + 2 <= end; row += 2) tile_2(op, row, j);
    if (row < end) tile_1(op, row, j);
}

void linear_sparse(const LinearSparse *op, Thread t) {
    share_panels(op, op->rows, op->n, op->k_blocks * BLOCK_K, TILE_ROWS, t, panel);
}

/* Step 5: a register tile of 6 rows x 8 columns. Two weights are loaded for twelve products, and twelve independent
 * sums hide the instruction's latency. 12 sums, 2 weights and an activation fill x86's 16 vector registers. */
#include "finish.h"

enum { ROWS = 6 };

static void tile(const LinearQ8 *op, int row, int column) {
    const uint8_t *x = op->x + row * op->k;
    const int8_t *w = op->weight + column * op->k;
    v128_t sums[ROWS][2];
    for (int r = 0; r < ROWS; r++) sums[r][0] = sums[r][1] = wasm_i32x4_const_splat(0);
    for (int i = 0; i < op->k; i += 4, w += 32) {
        v128_t left = wasm_v128_load(w), right = wasm_v128_load(w + 16);
        for (int r = 0; r < ROWS; r++) {
            v128_t a = wasm_v128_load32_splat(x + r * op->k + i);
            sums[r][0] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(left, a, sums[r][0]);
            sums[r][1] = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(right, a, sums[r][1]);
        }
    }
    for (int r = 0; r < ROWS; r++)
        for (int p = 0; p < 2; p++) finish(op, sums[r][p], row + r, column + 4 * p);
}

void linear(const LinearQ8 *op) {
    for (int column = 0; column < op->n; column += 8)
        for (int row = 0; row < op->rows; row += ROWS) tile(op, row, column);
}

/* Step 4: relaxed SIMD has the whole of it in one instruction: 16 products of bytes, added by fours to 4 columns' sums.
 * Engines may read an activation's top bit as they like; at most 127, all of them agree. */
#include "finish.h"

void linear(const LinearQ8 *op) {
    for (int row = 0; row < op->rows; row++)
        for (int column = 0; column < op->n; column += 8) {
            const uint8_t *x = op->x + row * op->k;
            const int8_t *w = op->weight + column * op->k;
            v128_t left = wasm_i32x4_const_splat(0), right = left;
            for (int i = 0; i < op->k; i += 4, w += 32) {
                v128_t a = wasm_v128_load32_splat(x + i);
                left = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(wasm_v128_load(w), a, left);
                right = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(wasm_v128_load(w + 16), a, right);
            }
            finish(op, left, row, column);
            finish(op, right, row, column + 4);
        }
}

/* Step 3: weights in panels of 8 columns, so that a vector's lanes are columns and no sum runs across lanes. A group of
 * 4 k of a column is 4 bytes; 16-bit products of neighbours are added in pairs, and the pairs meet once, at the end. */
#include "finish.h"

void linear(const LinearQ8 *op) {
    for (int row = 0; row < op->rows; row++)
        for (int column = 0; column < op->n; column += 8) {
            const uint8_t *x = op->x + row * op->k;
            const int8_t *w = op->weight + column * op->k;
            v128_t pairs[4];
            for (int i = 0; i < 4; i++) pairs[i] = wasm_i32x4_const_splat(0);
            for (int i = 0; i < op->k; i += 4, w += 32) {
                v128_t a = wasm_u16x8_extend_low_u8x16(wasm_v128_load32_splat(x + i));
                for (int p = 0; p < 4; p++) /* 2 columns x 4 k */
                    pairs[p] = wasm_i32x4_add(pairs[p], wasm_i32x4_dot_i16x8(wasm_i16x8_load8x8(w + 8 * p), a));
            }
            finish(op, add_pairs(pairs[0], pairs[1]), row, column);
            finish(op, add_pairs(pairs[2], pairs[3]), row, column + 4);
        }
}

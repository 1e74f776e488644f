/* From int32 sums to float32, four columns at a time. */
#pragma once
#include "step.h"
#include <wasm_simd128.h>

/* Sums of pairs of k, two columns a vector, to sums of 4 columns. */
static inline v128_t add_pairs(v128_t left, v128_t right) {
    v128_t even = wasm_i32x4_shuffle(left, right, 0, 2, 4, 6), odd = wasm_i32x4_shuffle(left, right, 1, 3, 5, 7);
    return wasm_i32x4_add(even, odd);
}

static inline void finish(const LinearQ8 *op, v128_t sums, int row, int column) {
    RowQuantization q = op->rows_q[row];
    v128_t offset = wasm_i32x4_mul(wasm_i32x4_splat(q.zero), wasm_v128_load(op->weight_sum + column));
    v128_t scale = wasm_f32x4_mul(wasm_f32x4_splat(q.scale), wasm_v128_load(op->weight_scale + column));
    v128_t y = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_sub(sums, offset)), scale);
    wasm_v128_store(op->y + row * op->n + column, wasm_f32x4_add(y, wasm_v128_load(op->bias + column)));
}

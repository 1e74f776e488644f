/* What the linear kernels share: how they read quantized rows, how they write results, how threads share the work. */
#pragma once
#include "engine.h"

/* Weights of 4 columns x 4 k, and 4 activations for all 4 columns. With the dot instruction: bytes, those of a column
 * in its 32-bit lane. Without: 16 bits, a lane holding k 0 and 1 (`first`), or 2 and 3 (`last`), of its column. */
#ifdef TINYVLM_RELAXED
typedef v128 Weights4, X4;
INLINE X4 load_x(const Activation *p) { return wasm_v128_load32_splat(p); }
INLINE v128 dot4(v128 sums, Weights4 w, X4 x) { return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(w, x, sums); }
INLINE Weights4 widen(v128 bytes) { return bytes; }
#else
typedef struct {
    v128 first, last;
} Weights4, X4;
INLINE X4 load_x(const Activation *p) { return (X4){wasm_v128_load32_splat(p), wasm_v128_load32_splat(p + 2)}; }
INLINE v128 dot4(v128 sums, Weights4 w, X4 x) {
    sums = wasm_i32x4_add(sums, wasm_i32x4_dot_i16x8(w.first, x.first));
    return wasm_i32x4_add(sums, wasm_i32x4_dot_i16x8(w.last, x.last));
}
INLINE Weights4 widen(v128 bytes) {
    return (Weights4){wasm_i16x8_shr(wasm_i16x8_shl(bytes, 8), 8), wasm_i16x8_shr(bytes, 8)};
}
#endif

/* Where the k-th of 4 weights of a column lies in its 32 bits. Lower bytes of 16 bits widen to `first`. */
INLINE int byte_of(int k) {
#ifdef TINYVLM_RELAXED
    return k;
#else
    return (k & 1) * 2 + (k >> 1);
#endif
}

#define UNROLLED _Pragma("unroll")
#define ROLLED _Pragma("clang loop unroll(disable)")

/* Stores 4 columns at y, or the `rest` < 4 that the matrix has there. */
INLINE void store_columns(float *y, int rest, v128 v) {
    if (rest >= 4)
        store4(y, v);
    else
        store_part(y, v, rest);
}

/* Rows of a panel whose activation is computed at once, whole tiles: few enough to be in the first-level cache still,
 * and enough to pay for the constants that it needs. */
enum { FINISHED_ROWS = 48 };

/* What comes after the product, for `rows` rows of `columns` columns, the first at `at`. */
INLINE void finish_block(float *y, const float *residual, int64_t at, int rows, int columns, int stride,
                         int activation) {
    if (activation || residual)
        activate_block(y + at, residual ? residual + at : 0, y + at, rows, columns, stride, activation);
}

/* Hands out the tasks of rows x columns and calls panel(op, row, end, j) for each of their panels of 8 columns. `k` is
 * a row's padded length. */
INLINE void share_panels(const void *op, int rows, int n, int k, int tile_rows, Thread t,
                         void (*panel)(const void *op, int row, int end, int j)) {
    int columns = ceil_div(n, 8) * 8;
    Tasks tasks = split_product(rows, columns, k * (int)sizeof(Activation), tile_rows, t);
    for (int i; (i = next_task(&t)) < tasks.row_blocks * tasks.column_blocks;) {
        Task task = find_task(tasks, i, rows, columns);
        for (int j = task.columns.begin; j < task.columns.end; j += 8) panel(op, task.rows.begin, task.rows.end, j);
    }
}

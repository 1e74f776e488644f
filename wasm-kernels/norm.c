/* Layer norm (Ba et al. 2016) and RMS norm (Zhang & Sennrich 2019) over the columns of each row. */
#include "engine.h"

/* sum (x - mean)^2 over the row */
INLINE float squares(const float *x, int n, float mean) {
    v128 total4 = zero4(), mean4 = splat4(mean);
    int i = 0;
    for (; i + 4 <= n; i += 4) {
        v128 d = wasm_f32x4_sub(load4(x + i), mean4);
        total4 = MADD(d, d, total4);
    }
    float sum = sum4(total4);
    for (; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
    return sum;
}

INLINE void scale_row(const Norm *op, int row, float mean, float inverse) {
    const float *x = op->x + (int64_t)row * op->columns;
    float *y = op->y + (int64_t)row * op->columns;
    v128 mean4 = splat4(mean), inverse4 = splat4(inverse);
    int i = 0;
    for (; i + 4 <= op->columns; i += 4) {
        v128 v = wasm_f32x4_mul(wasm_f32x4_sub(load4(x + i), mean4), inverse4);
        store4(y + i, MADD(v, load4(op->weight + i), op->bias ? load4(op->bias + i) : zero4()));
    }
    for (; i < op->columns; i++) y[i] = (x[i] - mean) * inverse * op->weight[i] + (op->bias ? op->bias[i] : 0);
}

void layer_norm(const Norm *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    for (int row = rows.begin; row < rows.end; row++) {
        const float *x = op->x + (int64_t)row * op->columns;
        v128 total4 = zero4();
        int i = 0;
        for (; i + 4 <= op->columns; i += 4) total4 = wasm_f32x4_add(total4, load4(x + i));
        float total = sum4(total4);
        for (; i < op->columns; i++) total += x[i];
        float mean = total / op->columns;
        scale_row(op, row, mean, 1.0f / __builtin_sqrtf(squares(x, op->columns, mean) / op->columns + op->epsilon));
    }
}

void rms_norm(const Norm *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    for (int row = rows.begin; row < rows.end; row++) {
        const float *x = op->x + (int64_t)row * op->columns;
        scale_row(op, row, 0, 1.0f / __builtin_sqrtf(squares(x, op->columns, 0) / op->columns + op->epsilon));
    }
}

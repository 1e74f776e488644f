/* float32 rows -> 8-bit values with one scale and zero point a row. The range always holds 0, so padding is exact. */
#include "engine.h"

EXPORT(activation_bytes) int activation_bytes(void) { return sizeof(Activation); }

void quantize_row(const float *x, Activation *y, RowQuantization *q, int k, int padded) {
    v128 lo4 = zero4(), hi4 = zero4();
    int i = 0;
    for (; i + 4 <= k; i += 4) {
        v128 v = load4(x + i);
        lo4 = wasm_f32x4_pmin(lo4, v);
        hi4 = wasm_f32x4_pmax(hi4, v);
    }
    float lo = min4(lo4), hi = max4(hi4);
    for (; i < k; i++) {
        lo = x[i] < lo ? x[i] : lo;
        hi = x[i] > hi ? x[i] : hi;
    }
    float steps = activation_mode == ACTIVATION_U7 ? 127.0f : 255.0f;
    float lowest = activation_mode == ACTIVATION_S8 ? -128.0f : 0.0f;
    float scale = hi > lo ? (hi - lo) / steps : 1.0f;
    float inverse = 1.0f / scale;
    float zero = lowest + __builtin_nearbyintf(-lo * inverse);
    q->scale = scale;
    q->zero = (int32_t)zero;
    v128 inverse4 = splat4(inverse), zero4_ = splat4(zero), lowest4 = splat4(lowest), highest4 = splat4(lowest + steps);
    for (i = 0; i < k; i += 4) {
        v128 v = i + 4 <= k ? load4(x + i) : load_part(x + i, k - i);
        v = wasm_f32x4_add(wasm_f32x4_nearest(wasm_f32x4_mul(v, inverse4)), zero4_);
        v = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_pmin(wasm_f32x4_pmax(v, lowest4), highest4));
        store_activations(y + i, v);
    }
    for (i = ceil_div(k, 4) * 4; i < padded; i++) y[i] = 0;
}

void quantize_rows(const QuantizeRows *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    for (int row = rows.begin; row < rows.end; row++)
        quantize_row(op->x + (int64_t)row * op->x_stride, op->y + (int64_t)row * op->y_stride, op->rows_q + row, op->k,
                     op->y_stride);
}

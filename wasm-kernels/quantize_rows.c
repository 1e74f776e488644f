/* float32 rows -> 8-bit values with one scale and zero point a row, rotated before where the layer's weights are. The
 * range always holds 0, and padding is the zero point: it adds nothing, whatever the weights there. */
#include "tile_q8.h"

enum { MAX_QUANTIZED_WINDOW = 4096 }; /* as in tinyvlm/backends */

EXPORT(activation_bytes) int activation_bytes(void) { return sizeof(Activation); }

static KERNEL void quantize_row(const float *x, Activation *y, RowQuantization *q, int k, int padded) {
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
    float scale = hi > lo ? (hi - lo) / steps : 1.0f;
    float inverse = 1.0f / scale;
    int zero = (int)__builtin_nearbyintf(-lo * inverse);
    /* Signed modes store the same steps, 128 lower. */
    int flip = activation_mode == ACTIVATION_S8 ? 128 : 0;
    q->scale = scale;
    q->zero = zero - flip;
    v128 inverse4 = splat4(inverse), zero4_ = wasm_i32x4_splat(zero - ROUND_BITS), values[4];
    v128 highest = wasm_i32x4_splat((int)steps), flip4 = wasm_i8x16_splat((int8_t)flip);
#define QUANTIZE(x)                                                                                                    \
    wasm_i32x4_min(wasm_i32x4_add(wasm_f32x4_add(wasm_f32x4_mul(x, inverse4), splat4(ROUND_MAGIC)), zero4_), highest)
    for (i = 0; i + 16 <= k; i += 16) {
        for (int n = 0; n < 4; n++) values[n] = QUANTIZE(load4(x + i + 4 * n));
        store_activations(y + i, values, flip4);
    }
    for (; i < k; i += 4) {
        Activation last[16];
        for (int n = 0; n < 4; n++) values[n] = QUANTIZE(i + 4 <= k ? load4(x + i) : load_part(x + i, k - i));
        store_activations(last, values, flip4);
        __builtin_memcpy(y + i, last, 4 * sizeof(Activation));
    }
    for (; i < padded; i++) y[i] = (Activation)q->zero;
}

/* A convolution's windows, each cut out and quantized as a row while it is in the first-level cache. */
void quantize_patches(const QuantizePatches *op, Thread t) {
    Range rows = share(op->out_height, 1, t);
    int k = op->kernel * op->kernel * op->channels;
    float window[MAX_QUANTIZED_WINDOW + 4] __attribute__((aligned(16)));
    for (int out_y = rows.begin; out_y < rows.end; out_y++)
        for (int out_x = 0; out_x < op->out_width; out_x++) {
            int64_t row = (int64_t)out_y * op->out_width + out_x;
            RowQuantization *q = op->rows_q + row;
            cut_window(op->x, window, op->height, op->width, op->channels, op->kernel, out_y * op->stride - op->pad_top,
                       out_x * op->stride - op->pad_left);
            if (op->rotation > 1) hadamard(window, window, k, op->rotation);
            quantize_row(window, op->y + row * op->y_stride, q, k, op->y_stride);
            if (op->rotation > 1) q->scale *= 1.0f / __builtin_sqrtf((float)op->rotation);
        }
}

void quantize_rows(const QuantizeRows *op, Thread t) {
    Range rows = share(op->rows, 1, t);
    float rotated[MAX_ROTATED_COLUMNS] __attribute__((aligned(16)));
    for (int row = rows.begin; row < rows.end; row++) {
        const float *x = op->x + (int64_t)row * op->x_stride;
        RowQuantization *q = op->rows_q + row;
        if (op->rotation > 1) {
            hadamard(x, rotated, op->k, op->rotation);
            x = rotated;
        }
        quantize_row(x, op->y + (int64_t)row * op->y_stride, q, op->k, op->y_stride);
        if (op->rotation > 1) q->scale *= 1.0f / __builtin_sqrtf((float)op->rotation);
    }
}

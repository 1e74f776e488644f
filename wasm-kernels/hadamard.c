/* The Walsh-Hadamard transform of blocks of a row: spreads what one column holds over all of its block, so that a few
 * large columns no longer set the scale at which a whole row is quantized (Ashkboos et al. 2024, QuaRot). Products do
 * not change when weights are transformed alike. */
#include "engine.h"

/* One block of 4 * V floats, not normalized. Strides go from large to small, as in tinyvlm/weights/quantize.py. */
INLINE void transform(const float *x, float *y, const int V) {
    v128 v[16];
    for (int i = 0; i < V; i++) v[i] = load4(x + 4 * i);
    for (int stride = V / 2; stride > 0; stride /= 2)
        for (int i = 0; i < V; i++) {
            if (i & stride) continue;
            v128 a = v[i], b = v[i + stride];
            v[i] = wasm_f32x4_add(a, b), v[i + stride] = wasm_f32x4_sub(a, b);
        }
    const v128 high = wasm_i32x4_const(0, 0, (int)0x80000000, (int)0x80000000);
    const v128 odd = wasm_i32x4_const(0, (int)0x80000000, 0, (int)0x80000000);
    for (int i = 0; i < V; i++) {
        v128 a = v[i];
        a = wasm_f32x4_add(wasm_i32x4_shuffle(a, a, 2, 3, 0, 1), wasm_v128_xor(a, high));
        a = wasm_f32x4_add(wasm_i32x4_shuffle(a, a, 1, 0, 3, 2), wasm_v128_xor(a, odd));
        store4(y + 4 * i, a);
    }
}

static KERNEL void scale_row(float *y, int columns, float scale) {
    for (int i = 0; i < columns; i += 4) store4(y + i, wasm_f32x4_mul(load4(y + i), splat4(scale)));
}

void rotate_back(float *y, int columns, int rotation) {
    if (rotation == 1) return;
    hadamard(y, y, columns, rotation);
    scale_row(y, columns, 1.0f / __builtin_sqrtf((float)rotation));
}

void hadamard(const float *x, float *y, int columns, int block) {
#define BLOCKS(V)                                                                                                      \
    case 4 * V:                                                                                                        \
        for (int i = 0; i < columns; i += 4 * V) transform(x + i, y + i, V);                                           \
        break;
    switch (block) {
        BLOCKS(1)
        BLOCKS(2)
        BLOCKS(4)
        BLOCKS(8)
        BLOCKS(16)
    }
}

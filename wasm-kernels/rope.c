/* Rotary position embedding (Su et al. 2021), in the half-split layout of Llama: element i of a head turns with element
 * i + head_dim / 2 by the angle position * frequency[i]. */
#include "engine.h"
#include "trigonometry.h"

/* table[position] = cosines, then sines, of half = head_dim / 2 angles. */
EXPORT(rope_table) void rope_table(const double *frequencies, float *table, int positions, int half) {
    const double pi = 3.14159265358979323846;
    for (int p = 0; p < positions; p++, table += 2 * half)
        for (int i = 0; i < half; i++) {
            double turns = p * frequencies[i] / pi;
            table[i] = (float)sin_pi(turns + 0.5);
            table[half + i] = (float)sin_pi(turns);
        }
}

void rope(const Rope *op, Thread t) {
    int dim = op->head_dim, half = dim / 2;
    Range rows = share(op->rows, 1, t);
    for (int row = rows.begin; row < rows.end; row++) {
        const float *cosines = op->table + (int64_t)(op->position + row) * dim, *sines = cosines + half;
        for (int head = 0; head < op->heads; head++) {
            const float *x = op->x + (int64_t)row * op->x_stride + head * dim;
            float *y = op->y + ((int64_t)row * op->heads + head) * dim;
            int i = 0;
            for (; i + 4 <= half; i += 4) {
                v128 a = load4(x + i), b = load4(x + half + i), c = load4(cosines + i), s = load4(sines + i);
                store4(y + i, wasm_f32x4_sub(wasm_f32x4_mul(a, c), wasm_f32x4_mul(b, s)));
                store4(y + half + i, wasm_f32x4_add(wasm_f32x4_mul(b, c), wasm_f32x4_mul(a, s)));
            }
            for (; i < half; i++) {
                float a = x[i], b = x[half + i];
                y[i] = a * cosines[i] - b * sines[i];
                y[half + i] = b * cosines[i] + a * sines[i];
            }
        }
    }
}

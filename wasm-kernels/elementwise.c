/* One output from one place of the inputs. Buffers are padded to 64 bytes, so the last vector may run over.
 */
#include "engine.h"

void activate(const Activate *op, Thread t) {
    Range part = share(op->rows * op->columns, 16, t);
    for (int i = part.begin; i < part.end; i += 4) store4(op->y + i, activate4(load4(op->x + i), op->activation));
}

void add(const Add *op, Thread t) {
    Range part = share(op->rows * op->columns, 16, t);
    for (int i = part.begin; i < part.end; i += 4)
        store4(op->y + i, wasm_f32x4_add(load4(op->a + i), load4(op->b + i)));
}

void multiply(const Add *op, Thread t) {
    Range part = share(op->rows * op->columns, 16, t);
    for (int i = part.begin; i < part.end; i += 4)
        store4(op->y + i, wasm_f32x4_mul(load4(op->a + i), load4(op->b + i)));
}

/* y[row] = x[row] + table[position + row] */
void add_positions(const AddPositions *op, Thread t) {
    const float *table = op->table + (int64_t)op->position * op->columns;
    Range part = share(op->rows * op->columns, 16, t);
    for (int i = part.begin; i < part.end; i++) op->y[i] = op->x[i] + table[i];
}

/* Pixels (uint8 RGB) through one table of 256 floats a channel: (x - mean) / std for every byte there is. */
void normalize(const Normalize *op, Thread t) {
    Range part = share(op->pixels, 1, t);
    for (int i = part.begin * 3; i < part.end * 3; i += 3)
        for (int c = 0; c < 3; c++) op->y[i + c] = op->table[256 * c + op->x[i + c]];
}
